#include "base/civil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int32_t day(int year, int month, int of_month)
{
    return civil_day_of((struct civil_date){year, month, of_month});
}

static void day_of_known_dates(void **state)
{
    (void)state;
    assert_int_equal(day(1970, 1, 1), 0);
    assert_int_equal(day(1969, 12, 31), -1);
    assert_int_equal(day(2000, 3, 1), 11017);
    assert_int_equal(day(2026, 11, 20), 20777);
    assert_int_equal(civil_weekday(day(2026, 11, 20)), 4);
    assert_int_equal(day(1870, 1, 1), CIVIL_DAY_MIN);
    assert_int_equal(day(2199, 12, 31), CIVIL_DAY_MAX);
}

/* Every day in range follows the one before, by the calendar's own rules. */
static void date_of_every_day_round_trips(void **state)
{
    struct civil_date before = civil_date_of(CIVIL_DAY_MIN - 1);

    (void)state;
    for (int32_t d = CIVIL_DAY_MIN; d <= CIVIL_DAY_MAX; d++) {
        struct civil_date date = civil_date_of(d);

        assert_int_equal(civil_day_of(date), d);
        assert_true(civil_is_valid(date));
        if (date.day == 1)
            assert_true(date.month == before.month + 1 ||
                        (date.month == 1 && date.year == before.year + 1));
        else
            assert_true(date.day == before.day + 1 && date.month == before.month);
        assert_int_equal(civil_weekday(d), (civil_weekday(d - 1) + 1) % 7);
        before = date;
    }
}

static void date_of_any_int32_is_defined(void **state)
{
    (void)state;
    assert_int_equal(civil_day_of(civil_date_of(INT32_MAX - 719468)), INT32_MAX - 719468);
    assert_true(civil_date_of(INT32_MAX).year > 5000000);
    assert_true(civil_date_of(INT32_MIN).year < -5000000);
    assert_in_range(civil_weekday(INT32_MAX), 0, 6);
    assert_in_range(civil_weekday(INT32_MIN), 0, 6);
    assert_int_equal(civil_weekday(-3), 0);
    assert_int_equal(civil_weekday(-4), 6);
}

static void is_valid_knows_months_leap_years_and_limits(void **state)
{
    static const struct {
        struct civil_date date;
        bool valid;
    } dates[] = {
        {{2024, 2, 29}, true},      {{2023, 2, 29}, false},  {{1900, 2, 29}, false},
        {{2000, 2, 29}, true},      {{2100, 2, 29}, false},  {{2026, 2, 31}, false},
        {{2026, 4, 31}, false},     {{2026, 13, 12}, false}, {{2026, 0, 1}, false},
        {{2026, 1, 0}, false},      {{2026, 1, 32}, false},  {{2026, -1, -1}, false},
        {{1869, 12, 31}, false},    {{1870, 1, 1}, true},    {{2199, 12, 31}, true},
        {{2200, 1, 1}, false},      {{0, 1, 1}, false},      {{99999, 1, 1}, false},
        {{INT32_MAX, 1, 1}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
        assert_int_equal(civil_is_valid(dates[i].date), dates[i].valid);
}

static void add_months_clamps_to_the_end_of_month(void **state)
{
    (void)state;
    assert_int_equal(civil_add_months(day(2026, 1, 31), 1), day(2026, 2, 28));
    assert_int_equal(civil_add_months(day(2024, 1, 31), 1), day(2024, 2, 29));
    assert_int_equal(civil_add_months(day(2026, 11, 30), 3), day(2027, 2, 28));
    assert_int_equal(civil_add_months(day(2026, 3, 31), -1), day(2026, 2, 28));
    assert_int_equal(civil_add_months(day(2026, 1, 15), -13), day(2024, 12, 15));
    assert_int_equal(civil_add_months(day(2026, 6, 15), 0), day(2026, 6, 15));
    assert_int_equal(civil_add_months(day(2026, 12, 31), 12), day(2027, 12, 31));
}

static void age_changes_on_the_birthday(void **state)
{
    (void)state;
    assert_int_equal(civil_age_years(day(2008, 11, 20), day(2026, 11, 19)), 17);
    assert_int_equal(civil_age_years(day(2008, 11, 20), day(2026, 11, 20)), 18);
    assert_int_equal(civil_age_years(day(2008, 2, 29), day(2026, 2, 28)), 17);
    assert_int_equal(civil_age_years(day(2008, 2, 29), day(2026, 3, 1)), 18);
    assert_int_equal(civil_age_years(day(2008, 2, 29), day(2028, 2, 29)), 20);
    assert_int_equal(civil_age_years(day(2026, 11, 20), day(2026, 11, 20)), 0);
}

static void parse_iso_takes_only_the_whole_form(void **state)
{
    static const char *const bad[] = {
        "",           "2026-11-2",  "2026-1-20",  "26-11-20",    "2026-11-20 ", " 2026-11-20",
        "2026-02-31", "2026-13-12", "2026/11/20", "2026-11-200", "2026-11-20T", "-026-11-20",
        "1869-12-31", "2200-01-01", "0000-00-00", "2026-11"};
    int32_t got = 77;

    (void)state;
    assert_true(civil_parse_iso("2026-11-20", &got));
    assert_int_equal(got, day(2026, 11, 20));
    got = 77;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(civil_parse_iso(bad[i], &got));
        assert_int_equal(got, 77);
    }
}

static void parse_french_takes_only_the_whole_form(void **state)
{
    static const char *const bad[] = {"",           "31/02/2026",  "12/13/2026", "00/01/2026",
                                      "1/0/2026",   "001/01/2026", "20/11/26",   "20/11/20266",
                                      "20-11-2026", "20/11/2026 ", "20//2026",   "/11/2026",
                                      "20/11",      "29/02/2025",  "x/11/2026"};
    int32_t got = 77;

    (void)state;
    assert_true(civil_parse_french("20/11/2026", &got));
    assert_int_equal(got, day(2026, 11, 20));
    assert_true(civil_parse_french("1/2/2026", &got));
    assert_int_equal(got, day(2026, 2, 1));
    assert_true(civil_parse_french("29/02/2024", &got));
    got = 77;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(civil_parse_french(bad[i], &got));
        assert_int_equal(got, 77);
    }
}

static void format_iso_reads_back(void **state)
{
    char text[CIVIL_TEXT_LEN];
    int32_t got;

    (void)state;
    civil_format_iso(text, day(2026, 3, 7));
    assert_string_equal(text, "2026-03-07");
    civil_format_iso(text, CIVIL_DAY_MIN);
    assert_true(civil_parse_iso(text, &got));
    assert_int_equal(got, CIVIL_DAY_MIN);
}

/* domain.md, section 4: Haut-Rhin, Good Friday observed. */
static void holidays_and_working_days_match_the_vectors(void **state)
{
    static const struct {
        int year, holidays, working;
    } years[] = {{2007, 13, 250}, {2008, 12, 251}, {2016, 13, 251},
                 {2024, 13, 250}, {2025, 13, 249}, {2026, 13, 251},
                 {2027, 13, 253}, {2028, 13, 249}, {2035, 13, 250}};
    static const struct civil_holidays haut_rhin = {.alsace_moselle = true,
                                                    .good_friday = true};

    (void)state;
    for (size_t i = 0; i < sizeof(years) / sizeof(years[0]); i++) {
        int holidays = 0;
        int working = 0;

        for (int32_t d = day(years[i].year, 1, 1); d <= day(years[i].year, 12, 31); d++) {
            holidays += civil_is_holiday(&haut_rhin, d);
            working += civil_is_working_day(&haut_rhin, d);
        }
        assert_int_equal(holidays, years[i].holidays);
        assert_int_equal(working, years[i].working);
    }
}

static void holidays_depend_on_the_regime(void **state)
{
    static const struct civil_holidays metropole = {0};
    static const struct civil_holidays alsace = {.alsace_moselle = true};
    static const struct civil_holidays friday = {.good_friday = true};

    (void)state;
    assert_false(civil_is_holiday(&metropole, day(2026, 12, 26)));
    assert_true(civil_is_holiday(&alsace, day(2026, 12, 26)));
    assert_false(civil_is_holiday(&alsace, day(2026, 4, 3)));
    assert_true(civil_is_holiday(&friday, day(2026, 4, 3)));
    assert_true(civil_is_holiday(&metropole, day(2026, 4, 6)));  /* Easter Monday */
    assert_true(civil_is_holiday(&metropole, day(2026, 5, 14))); /* Ascension */
    assert_true(civil_is_holiday(&metropole, day(2026, 5, 25))); /* Whit Monday */
    assert_true(civil_is_holiday(&metropole, day(2038, 4, 26))); /* latest Easter: 25 April */
    assert_true(civil_is_holiday(&metropole, day(2285, 3, 23))); /* earliest: 22 March */
    assert_false(civil_is_holiday(&metropole, day(2026, 4, 5))); /* a Sunday like others */
}

static void add_working_days_skips_weekends_and_holidays(void **state)
{
    static const struct civil_holidays haut_rhin = {.alsace_moselle = true,
                                                    .good_friday = true};

    (void)state;
    assert_int_equal(civil_add_working_days(&haut_rhin, day(2026, 11, 20), 0),
                     day(2026, 11, 20));
    assert_int_equal(civil_add_working_days(&haut_rhin, day(2026, 11, 20), 1),
                     day(2026, 11, 23));
    assert_int_equal(civil_add_working_days(&haut_rhin, day(2026, 11, 22), 1),
                     day(2026, 11, 23));
    assert_int_equal(civil_add_working_days(&haut_rhin, day(2026, 4, 2), 1), day(2026, 4, 7));
    assert_int_equal(civil_add_working_days(&haut_rhin, day(2026, 12, 24), 5), day(2027, 1, 4));
    assert_int_equal(civil_add_working_days(&haut_rhin, day(2026, 1, 1), INT32_MAX),
                     CIVIL_DAY_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day_of_known_dates),
        cmocka_unit_test(date_of_every_day_round_trips),
        cmocka_unit_test(date_of_any_int32_is_defined),
        cmocka_unit_test(is_valid_knows_months_leap_years_and_limits),
        cmocka_unit_test(add_months_clamps_to_the_end_of_month),
        cmocka_unit_test(age_changes_on_the_birthday),
        cmocka_unit_test(parse_iso_takes_only_the_whole_form),
        cmocka_unit_test(parse_french_takes_only_the_whole_form),
        cmocka_unit_test(format_iso_reads_back),
        cmocka_unit_test(holidays_and_working_days_match_the_vectors),
        cmocka_unit_test(holidays_depend_on_the_regime),
        cmocka_unit_test(add_working_days_skips_weekends_and_holidays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
