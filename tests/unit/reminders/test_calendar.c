#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reminders/calendar.h"

enum {
    MARCH_1 = 23800,  /* 2035-03-01, a Thursday */
    MARCH_25 = 23824, /* the clocks go forward at 01:00 UTC */
    OCTOBER_28 = 24041,
    HOUR = 60,
};

static const int64_t DAY_US = INT64_C(86400) * 1000000;
static const int64_t HOUR_US = INT64_C(3600) * 1000000;

/* Paris in 2035; Saturdays and Sundays of March off, and Monday the 26th. */
static struct calendar paris(void)
{
    struct calendar calendar = {.from_day = MARCH_1, .to_day = MARCH_1 + 1000};
    Ctps__ReminderCalendar told = CTPS__REMINDER_CALENDAR__INIT;
    Ctps__ZoneOffset offsets[3], *pointers[3];
    int32_t off[] = {MARCH_1 + 2, MARCH_1 + 3, MARCH_25 - 1, MARCH_25, MARCH_25 + 1};
    int64_t from[] = {(int64_t)MARCH_1 * DAY_US, (int64_t)MARCH_25 * DAY_US + HOUR_US,
                      (int64_t)OCTOBER_28 * DAY_US + HOUR_US};

    for (int i = 0; i < 3; i++) {
        ctps__zone_offset__init(&offsets[i]);
        offsets[i].from_us = from[i];
        offsets[i].seconds = i == 1 ? 7200 : 3600;
        pointers[i] = &offsets[i];
    }
    told.has_from_day = told.has_to_day = 1;
    told.from_day = MARCH_1;
    told.to_day = MARCH_1 + 300;
    told.n_days_off = sizeof(off) / sizeof(off[0]);
    told.days_off = off;
    told.n_offsets = 3;
    told.offsets = pointers;
    assert_true(calendar_set(&calendar, &told));
    return calendar;
}

static void instant_of_a_plain_hour_is_local(void **state)
{
    struct calendar calendar = paris();

    (void)state;
    assert_int_equal(calendar_instant(&calendar, MARCH_1, 8 * HOUR),
                     (int64_t)MARCH_1 * DAY_US + 7 * HOUR_US);
    assert_int_equal(calendar_instant(&calendar, MARCH_25, 8 * HOUR),
                     (int64_t)MARCH_25 * DAY_US + 6 * HOUR_US);
}

static void instant_of_a_skipped_hour_is_the_first_after(void **state)
{
    struct calendar calendar = paris();
    int64_t end = (int64_t)MARCH_25 * DAY_US + HOUR_US;

    (void)state;
    assert_int_equal(calendar_instant(&calendar, MARCH_25, 2 * HOUR - 1), end - 60000000);
    assert_int_equal(calendar_instant(&calendar, MARCH_25, 2 * HOUR), end);
    assert_int_equal(calendar_instant(&calendar, MARCH_25, 2 * HOUR + 59), end);
    assert_int_equal(calendar_instant(&calendar, MARCH_25, 3 * HOUR), end);
}

static void instant_of_an_hour_that_comes_twice_is_the_first(void **state)
{
    struct calendar calendar = paris();
    int64_t change = (int64_t)OCTOBER_28 * DAY_US + HOUR_US;

    (void)state;
    assert_int_equal(calendar_instant(&calendar, OCTOBER_28, 2 * HOUR), change - HOUR_US);
    assert_int_equal(calendar_instant(&calendar, OCTOBER_28, 3 * HOUR), change + HOUR_US);
}

static void day_of_an_instant_is_the_wall_s(void **state)
{
    struct calendar calendar = paris();
    uint32_t minute;

    (void)state;
    assert_int_equal(
        calendar_day(&calendar, (int64_t)MARCH_1 * DAY_US - 30 * 60000000, &minute), MARCH_1);
    assert_int_equal(minute, 30);
    assert_int_equal(
        calendar_day(&calendar, (int64_t)(MARCH_25 + 1) * DAY_US - 2 * HOUR_US, &minute),
        MARCH_25 + 1);
    assert_int_equal(minute, 0);
}

static void working_days_go_round_those_off(void **state)
{
    struct calendar calendar = paris();

    (void)state;
    assert_int_equal(calendar_working_day(&calendar, MARCH_25 + 1), MARCH_25 - 2);
    assert_int_equal(calendar_working_day(&calendar, MARCH_25 + 2), MARCH_25 + 2);
    assert_int_equal(calendar_add_working(&calendar, MARCH_25 + 2, -1), MARCH_25 - 2);
    assert_int_equal(calendar_add_working(&calendar, MARCH_1 + 1, 1), MARCH_1 + 4);
    assert_int_equal(calendar_add_working(&calendar, MARCH_25, 0), MARCH_25);
}

static void calendar_that_makes_no_sense_is_not_taken(void **state)
{
    struct calendar calendar = paris();
    Ctps__ReminderCalendar told = CTPS__REMINDER_CALENDAR__INIT;

    (void)state;
    assert_false(calendar_set(&calendar, &told));
    told.has_from_day = told.has_to_day = 1;
    told.to_day = CALENDAR_DAYS_MAX;
    assert_false(calendar_set(&calendar, &told));
    assert_true(calendar_is_told(&calendar, MARCH_1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instant_of_a_plain_hour_is_local),
        cmocka_unit_test(instant_of_a_skipped_hour_is_the_first_after),
        cmocka_unit_test(instant_of_an_hour_that_comes_twice_is_the_first),
        cmocka_unit_test(day_of_an_instant_is_the_wall_s),
        cmocka_unit_test(working_days_go_round_those_off),
        cmocka_unit_test(calendar_that_makes_no_sense_is_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
