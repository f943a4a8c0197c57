#include "loop/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"

struct probe {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_deferred deferred;
    int calls;
    int turns;
    int stop_after;
    unsigned ready;
};

static int setup(void **state)
{
    static struct probe probe;

    probe = (struct probe){0};
    *state = &probe;
    return loop_open(&probe.loop, NULL) == CTPS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct probe *probe = *state;

    loop_timer_remove(&probe->timer);
    loop_close(&probe->loop);
    return 0;
}

static void count_and_stop(void *ctx)
{
    struct probe *probe = ctx;

    if (++probe->calls >= probe->stop_after)
        loop_stop(probe->loop);
}

static void count_turn(void *ctx)
{
    ((struct probe *)ctx)->turns++;
}

static void repeat(void *ctx)
{
    struct probe *probe = ctx;

    count_and_stop(probe);
    loop_timer_set(probe->timer, 1);
}

static void defer_again(void *ctx)
{
    struct probe *probe = ctx;

    count_and_stop(probe);
    loop_defer(probe->loop, &probe->deferred);
}

static void loop_run_without_source_reports_closed(void **state)
{
    struct probe *probe = *state;

    assert_int_equal(loop_run(probe->loop, NULL), CTPS_CLOSED);
}

static void loop_timer_repeated_is_called_each_time(void **state)
{
    struct probe *probe = *state;

    probe->stop_after = 3;
    assert_int_equal(loop_timer_add(probe->loop, 0, repeat, probe, &probe->timer, NULL),
                     CTPS_OK);
    assert_int_equal(loop_run(probe->loop, NULL), CTPS_OK);
    assert_int_equal(probe->calls, 3);
}

static void loop_turn_callback_follows_events_of_its_turn(void **state)
{
    struct probe *probe = *state;

    probe->stop_after = 1;
    loop_set_turn(probe->loop, count_turn, probe);
    loop_timer_add(probe->loop, 0, count_and_stop, probe, &probe->timer, NULL);
    assert_int_equal(loop_run(probe->loop, NULL), CTPS_OK);
    assert_int_equal(probe->turns, 1);
}

static void loop_deferred_call_does_not_starve_timers(void **state)
{
    struct probe *probe = *state;

    probe->stop_after = 1000000;
    probe->deferred = (struct loop_deferred){.call = defer_again, .ctx = probe};
    loop_defer(probe->loop, &probe->deferred);
    loop_timer_add(probe->loop, 2000, repeat, probe, &probe->timer, NULL);
    while (probe->turns < 1000000 && probe->calls == probe->turns) {
        assert_int_equal(loop_turn(probe->loop, NULL), CTPS_OK);
        probe->turns++;
    }
    assert_true(probe->calls > probe->turns);
    loop_defer_cancel(probe->loop, &probe->deferred);
    assert_false(probe->deferred.pending);
}

static void loop_stop_in_deferred_call_does_not_wait(void **state)
{
    struct probe *probe = *state;

    probe->stop_after = 1;
    probe->deferred = (struct loop_deferred){.call = count_and_stop, .ctx = probe};
    loop_defer(probe->loop, &probe->deferred);
    loop_timer_add(probe->loop, 3600 * INT64_C(1000000), count_turn, probe, &probe->timer,
                   NULL);
    assert_int_equal(loop_run(probe->loop, NULL), CTPS_OK);
    assert_int_equal(probe->calls, 1);
}

static void loop_signal_raised_is_called_in_loop(void **state)
{
    struct probe *probe = *state;
    struct loop_signal *signal = NULL;

    probe->stop_after = 1;
    assert_int_equal(
        loop_signal_add(probe->loop, SIGUSR1, count_and_stop, probe, &signal, NULL), CTPS_OK);
    raise(SIGUSR1);
    assert_int_equal(probe->calls, 0);
    assert_int_equal(loop_run(probe->loop, NULL), CTPS_OK);
    assert_int_equal(probe->calls, 1);
    loop_signal_remove(&signal);
}

static void count_ready(void *ctx, unsigned ready)
{
    struct probe *probe = ctx;

    probe->ready = ready;
    count_and_stop(probe);
}

static void loop_watch_readable_descriptor_is_called(void **state)
{
    struct probe *probe = *state;
    struct loop_watch *watch = NULL;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    probe->stop_after = 2;
    assert_int_equal(
        loop_watch_add(probe->loop, ends[0], LOOP_READABLE, count_ready, probe, &watch, NULL),
        CTPS_OK);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(loop_run(probe->loop, NULL), CTPS_OK);
    assert_int_equal(probe->calls, 2);
    assert_int_equal(probe->ready, LOOP_READABLE);
    loop_watch_remove(&watch);
    close(ends[0]);
    close(ends[1]);
}

static void loop_watch_set_changes_what_is_waited_for(void **state)
{
    struct probe *probe = *state;
    struct loop_watch *watch = NULL;
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    probe->stop_after = 1;
    assert_int_equal(loop_watch_add(probe->loop, ends[0], 0, count_ready, probe, &watch, NULL),
                     CTPS_OK);
    assert_true(loop_watch_set(watch, LOOP_WRITABLE));
    assert_int_equal(loop_run(probe->loop, NULL), CTPS_OK);
    assert_int_equal(probe->ready, LOOP_WRITABLE);
    assert_true(loop_watch_set(watch, LOOP_READABLE | LOOP_WRITABLE));
    assert_int_equal(loop_run(probe->loop, NULL), CTPS_OK);
    assert_int_equal(probe->ready, LOOP_READABLE | LOOP_WRITABLE);
    loop_watch_remove(&watch);
    close(ends[0]);
    close(ends[1]);
}

struct early {
    struct loop *loop;
    struct loop_timer *first;
    struct loop_timer *second;
    int64_t set_us;
    int64_t called_us;
};

static void second_due(void *ctx)
{
    struct early *early = ctx;

    early->called_us = sys_mono_us(sys_real());
    loop_stop(early->loop);
}

/* Sets the second when its turn has lasted a while already. */
static void first_due(void *ctx)
{
    struct early *early = ctx;
    int64_t until_us = sys_mono_us(sys_real()) + 8000;

    while (sys_mono_us(sys_real()) < until_us)
        ;
    early->set_us = sys_mono_us(sys_real());
    loop_timer_set(early->second, 10000);
}

static void loop_timer_set_late_in_a_turn_is_not_early(void **state)
{
    struct early early = {.loop = ((struct probe *)*state)->loop};

    assert_int_equal(
        loop_timer_add(early.loop, 3600000000, second_due, &early, &early.second, NULL),
        CTPS_OK);
    assert_int_equal(loop_timer_add(early.loop, 0, first_due, &early, &early.first, NULL),
                     CTPS_OK);
    assert_int_equal(loop_run(early.loop, NULL), CTPS_OK);
    assert_true(early.called_us - early.set_us >= 10000);
    loop_timer_remove(&early.first);
    loop_timer_remove(&early.second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loop_run_without_source_reports_closed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_timer_repeated_is_called_each_time, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_turn_callback_follows_events_of_its_turn, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_deferred_call_does_not_starve_timers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_stop_in_deferred_call_does_not_wait, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_signal_raised_is_called_in_loop, setup, teardown),
        cmocka_unit_test_setup_teardown(loop_watch_set_changes_what_is_waited_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_watch_readable_descriptor_is_called, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_timer_set_late_in_a_turn_is_not_early, setup,
                                        teardown),
    };

    return cmocka_run_group_tests_name("loop_loop", tests, NULL, NULL);
}
