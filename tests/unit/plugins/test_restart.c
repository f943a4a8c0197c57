/* When a plugin that failed is started again, by a clock that is moved. */
#include "plugins/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t minute_us = INT64_C(60000000);

static void restart_failing_in_a_row_doubles_up_to_the_cap(void **state)
{
    static const int64_t expected_s[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
    struct restart restart = {0};
    int64_t now_ms = 0, due_ms = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(expected_s) / sizeof(expected_s[0]); i++) {
        now_ms = due_ms; /* it is started when due, and fails at once */
        due_ms = now_ms + restart_failed(&restart, 0);
        assert_int_equal(due_ms - now_ms, 1000 * expected_s[i]);
        assert_int_equal(restart_is_throttled(&restart), i + 1 >= RESTART_THROTTLED_AFTER);
    }
    assert_int_equal(due_ms, 1000 * (511 + 3 * 300));
}

static void restart_after_ever_so_many_failures_stays_at_the_cap(void **state)
{
    struct restart restart = {.failures = 4000000000U};

    (void)state;
    assert_int_equal(restart_failed(&restart, 0), RESTART_MAX_MS);
}

static void restart_after_a_short_time_ready_goes_on_doubling(void **state)
{
    struct restart restart = {0};

    (void)state;
    assert_int_equal(restart_failed(&restart, 0), 1000);
    assert_int_equal(restart_failed(&restart, 9 * minute_us), 2000);
    assert_int_equal(restart_failed(&restart, 10 * minute_us), 4000);
}

static void restart_after_a_long_time_ready_begins_anew(void **state)
{
    struct restart restart = {.failures = 8};

    (void)state;
    assert_true(restart_is_throttled(&restart));
    assert_int_equal(restart_failed(&restart, 10 * minute_us + 1), 1000);
    assert_false(restart_is_throttled(&restart));
}

static void restart_ready_for_less_than_no_time_is_no_reason_to_begin_anew(void **state)
{
    struct restart restart = {.failures = 2};

    (void)state;
    assert_int_equal(restart_failed(&restart, -10 * minute_us), 4000); /* the clock went back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restart_failing_in_a_row_doubles_up_to_the_cap),
        cmocka_unit_test(restart_after_ever_so_many_failures_stays_at_the_cap),
        cmocka_unit_test(restart_after_a_short_time_ready_goes_on_doubling),
        cmocka_unit_test(restart_after_a_long_time_ready_begins_anew),
        cmocka_unit_test(restart_ready_for_less_than_no_time_is_no_reason_to_begin_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
