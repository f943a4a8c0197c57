/* Wall clocks of the process' zone, and the two nights a year they lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/zone.h"

static int zone_set(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Paris", 1);
    tzset();
    return 0;
}

static int64_t instant(const char *iso, int hour, int minute, enum zone_fit *ret_fit)
{
    int32_t day;

    assert_true(civil_parse_iso(iso, &day));
    return zone_instant_of(day, (hour * 60 + minute) * 60, ret_fit) / 1000000;
}

static void zone_instant_of_ordinary_days_is_an_hour_or_two_early(void **state)
{
    enum zone_fit fit;

    (void)state;
    assert_int_equal(instant("2026-01-12", 9, 0, &fit), 1768204800); /* 08:00 UTC */
    assert_int_equal(fit, ZONE_ONCE);
    assert_int_equal(instant("2026-07-14", 9, 0, &fit), 1784012400); /* 07:00 UTC */
    assert_int_equal(fit, ZONE_ONCE);
}

static void zone_instant_of_an_hour_that_does_not_exist_is_the_first_after(void **state)
{
    enum zone_fit fit;

    (void)state;
    assert_int_equal(instant("2026-03-29", 2, 30, &fit), 1774746000); /* 01:00 UTC, 03:00 */
    assert_int_equal(fit, ZONE_MISSING);
    assert_int_equal(instant("2026-03-29", 1, 59, &fit), 1774746000 - 60);
    assert_int_equal(fit, ZONE_ONCE);
    assert_int_equal(instant("2026-03-29", 3, 0, &fit), 1774746000);
    assert_int_equal(fit, ZONE_ONCE);
}

static void zone_instant_of_an_hour_that_comes_twice_is_the_first(void **state)
{
    enum zone_fit fit;

    (void)state;
    assert_int_equal(instant("2026-10-25", 2, 30, &fit), 1792888200); /* 00:30 UTC */
    assert_int_equal(fit, ZONE_TWICE);
    assert_int_equal(instant("2026-10-25", 3, 0, &fit), 1792893600); /* 02:00 UTC */
    assert_int_equal(fit, ZONE_ONCE);
}

static void zone_instant_of_a_wall_clock_reads_back(void **state)
{
    (void)state;
    for (int32_t day = 20454; day < 20454 + 365; day++)
        for (int32_t hour = 0; hour < 24; hour++) {
            enum zone_fit fit;
            int64_t us = zone_instant_of(day, hour * 3600, &fit);

            if (fit == ZONE_MISSING)
                continue;
            assert_int_equal(zone_day_of(us), day);
            assert_int_equal(zone_second_of_day(us), hour * 3600);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zone_instant_of_ordinary_days_is_an_hour_or_two_early),
        cmocka_unit_test(zone_instant_of_an_hour_that_does_not_exist_is_the_first_after),
        cmocka_unit_test(zone_instant_of_an_hour_that_comes_twice_is_the_first),
        cmocka_unit_test(zone_instant_of_a_wall_clock_reads_back),
    };

    return cmocka_run_group_tests(tests, zone_set, NULL);
}
