/* Days of a series: weeks, months, nth weekdays, holidays, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/recurrence.h"

enum { MAX = 60 };

static const struct civil_holidays alsace = {.alsace_moselle = true, .good_friday = true};

static int32_t day_of(const char *iso)
{
    int32_t day;

    assert_true(civil_parse_iso(iso, &day));
    return day;
}

static void expect(const struct recurrence *rule, const char *const *days, size_t count)
{
    int32_t got[MAX];
    char text[CIVIL_TEXT_LEN];

    assert_int_equal(recurrence_days(rule, got, MAX), count);
    for (size_t i = 0; i < count; i++) {
        civil_format_iso(text, got[i]);
        assert_string_equal(text, days[i]);
    }
}

#define EXPECT(rule, ...)                                                                      \
    do {                                                                                       \
        const char *const days[] = {__VA_ARGS__};                                              \
        expect(&(rule), days, sizeof(days) / sizeof(days[0]));                                 \
    } while (0)

static void recurrence_weeks_until_a_day_included(void **state)
{
    struct recurrence rule = {.first_day = day_of("2026-11-04"),
                              .every_weeks = 2,
                              .has_until = true,
                              .until_day = day_of("2026-12-02"),
                              .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2026-11-04", "2026-11-18", "2026-12-02");
}

/* Civil days know nothing of the hour that goes or comes back. */
static void recurrence_weeks_cross_both_changes_of_the_clock(void **state)
{
    struct recurrence spring = {
        .first_day = day_of("2026-03-22"), .every_weeks = 1, .count = 3, .holidays = &alsace};
    struct recurrence autumn = spring;

    (void)state;
    autumn.first_day = day_of("2026-10-18");
    EXPECT(spring, "2026-03-22", "2026-03-29", "2026-04-05");
    EXPECT(autumn, "2026-10-18", "2026-10-25", "2026-11-02"); /* All Saints */
}

static void recurrence_on_26_december_moves_to_the_next_working_day(void **state)
{
    struct recurrence rule = {
        .first_day = day_of("2025-12-12"), .every_weeks = 2, .count = 3, .holidays = &alsace};
    const struct civil_holidays metropole = {0};

    (void)state;
    EXPECT(rule, "2025-12-12", "2025-12-29", "2026-01-09");
    rule.holidays = &metropole;
    EXPECT(rule, "2025-12-12", "2025-12-26", "2026-01-09");
}

static void recurrence_on_good_friday_moves_past_easter(void **state)
{
    struct recurrence rule = {
        .first_day = day_of("2026-03-06"), .every_weeks = 4, .count = 2, .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2026-03-06", "2026-04-07");
}

static void recurrence_month_clamps_without_drifting(void **state)
{
    struct recurrence rule = {
        .first_day = day_of("2027-12-31"), .every_months = 1, .count = 5, .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30");
}

static void recurrence_of_29_february_falls_on_the_28th_in_other_years(void **state)
{
    struct recurrence rule = {
        .first_day = day_of("2028-02-29"), .every_months = 12, .count = 5, .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29");
}

static void recurrence_fifth_weekday_skips_months_without_one(void **state)
{
    struct recurrence rule = {.first_day = day_of("2026-01-01"),
                              .every_months = 1,
                              .nth = 5,
                              .weekday = 2,
                              .count = 3,
                              .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2026-04-29", "2026-07-29", "2026-09-30");
}

static void recurrence_last_weekday_of_each_month(void **state)
{
    struct recurrence rule = {.first_day = day_of("2026-01-10"),
                              .every_months = 1,
                              .nth = RECURRENCE_LAST,
                              .weekday = 4,
                              .count = 3,
                              .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2026-01-30", "2026-02-27", "2026-03-27");
}

static void recurrence_first_weekday_before_the_first_day_waits_a_month(void **state)
{
    struct recurrence rule = {.first_day = day_of("2026-01-10"),
                              .every_months = 2,
                              .nth = 1,
                              .weekday = 0,
                              .count = 2,
                              .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2026-03-02", "2026-05-04");
}

static void recurrence_skips_the_month_it_is_told_to(void **state)
{
    struct recurrence rule = {.first_day = day_of("2026-07-24"),
                              .every_months = 1,
                              .count = 3,
                              .month_skipped = 8,
                              .holidays = &alsace};

    (void)state;
    EXPECT(rule, "2026-07-24", "2026-09-24", "2026-10-24");
}

static void recurrence_longer_than_asked_for_says_so(void **state)
{
    struct recurrence rule = {
        .first_day = day_of("2026-01-05"), .every_weeks = 1, .count = MAX, .holidays = &alsace};
    int32_t days[MAX];

    (void)state;
    assert_int_equal(recurrence_days(&rule, days, MAX), MAX);
    rule.count = MAX + 1;
    assert_int_equal(recurrence_days(&rule, days, MAX), MAX + 1);
    rule.count = 0;
    rule.has_until = true;
    rule.until_day = CIVIL_DAY_MAX;
    assert_int_equal(recurrence_days(&rule, days, MAX), MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recurrence_weeks_until_a_day_included),
        cmocka_unit_test(recurrence_weeks_cross_both_changes_of_the_clock),
        cmocka_unit_test(recurrence_on_26_december_moves_to_the_next_working_day),
        cmocka_unit_test(recurrence_on_good_friday_moves_past_easter),
        cmocka_unit_test(recurrence_month_clamps_without_drifting),
        cmocka_unit_test(recurrence_of_29_february_falls_on_the_28th_in_other_years),
        cmocka_unit_test(recurrence_fifth_weekday_skips_months_without_one),
        cmocka_unit_test(recurrence_last_weekday_of_each_month),
        cmocka_unit_test(recurrence_first_weekday_before_the_first_day_waits_a_month),
        cmocka_unit_test(recurrence_skips_the_month_it_is_told_to),
        cmocka_unit_test(recurrence_longer_than_asked_for_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
