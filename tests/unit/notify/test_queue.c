/* When a delivery is tried, how often, and what is recorded of it. */
#include "bench.h"

enum { TRIED_MAX = 64 };

struct bench {
    struct ctps_host *host;
    struct asker asker;
    struct queue *queue;
    struct channel channel;
    const struct channel *channels[1];
    struct delivery *tried[TRIED_MAX]; /* under way, oldest first */
    size_t tried_count;
    size_t tries; /* begun altogether */
};

/* --- the channel: the key says lane and group, as "2/b/the rest" --- */

static void channel_send(void *arg, struct delivery *delivery)
{
    struct bench *bench = arg;

    assert_true(bench->tried_count < TRIED_MAX);
    bench->tried[bench->tried_count++] = delivery;
    bench->tries++;
}

static unsigned channel_lane(void *arg, const struct delivery *delivery)
{
    (void)arg;
    return (unsigned)(delivery->key[0] - '0');
}

static bool channel_same_group(void *arg, const struct delivery *one,
                               const struct delivery *other)
{
    (void)arg;
    return one->key[2] == other->key[2] && one->key[2] != '-';
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->host = host_new();
    bench->asker = (struct asker){.host = bench->host, .api = &host_api};
    bench->channel = (struct channel){.code = "webhook",
                                      .at_once = 2,
                                      .send = channel_send,
                                      .lane = channel_lane,
                                      .same_group = channel_same_group,
                                      .arg = bench};
    bench->channels[0] = &bench->channel;
    bench->queue = bench_queue_open(&bench->asker, bench->channels, 1);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    queue_close(&bench->queue);
    queue_close(&bench->queue);
    free(bench->host);
    free(bench);
    return 0;
}

static void on_added(void *arg, bool ok)
{
    *(bool *)arg = ok;
}

static void add(struct bench *bench, const char *key)
{
    struct delivery model = {.channel = &bench->channel, .source = 7};
    bool ok = false;

    snprintf(model.key, sizeof(model.key), "%s", key);
    queue_add(bench->queue, &model, on_added, &ok);
    host_run(bench->host);
    assert_true(ok);
}

/* Ends the oldest that is under way. */
static void end(struct bench *bench, enum outcome outcome, const char *cause)
{
    struct delivery *delivery = bench->tried[0];

    assert_true(bench->tried_count > 0);
    memmove(bench->tried, bench->tried + 1, --bench->tried_count * sizeof(bench->tried[0]));
    queue_end(bench->queue, delivery, outcome, cause);
    host_run(bench->host);
}

static void expect_recorded(struct bench *bench, const char *key, const char *outcome,
                            const char *cause, unsigned tries)
{
    bench_expect_recorded(bench->host, key, outcome, cause, tries);
}

/* Nothing is tried for `ms` milliseconds less one turn, and something then. */
static void expect_pause(struct bench *bench, int64_t ms)
{
    host_pass(bench->host, ms - 1000);
    assert_int_equal(bench->tried_count, 0);
    host_pass(bench->host, 1000);
    assert_int_equal(bench->tried_count, 1);
}

/* --- tests --- */

static void delivery_goes_out_at_once_and_is_recorded(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    expect_recorded(bench, "0/-/a", "waiting", "", 0);
    assert_int_equal(bench->tried_count, 1);
    assert_int_equal(bench->tried[0]->source, 7);
    end(bench, OUTCOME_SENT, "");
    expect_recorded(bench, "0/-/a", "sent", "", 1);
    assert_null(queue_first(bench->queue));
    assert_int_equal(queue_under_way(bench->queue), 0);
}

static void pause_doubles_up_to_the_longest(void **state)
{
    static const int64_t minutes[] = {1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240};
    struct bench *bench = *state;

    add(bench, "0/-/a");
    for (unsigned i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
        end(bench, OUTCOME_RETRY, "http_404");
        expect_recorded(bench, "0/-/a", "waiting", "http_404", i + 1);
        expect_pause(bench, minutes[i] * MINUTE_MS);
    }
}

static void delivery_that_waits_is_given_up_after_its_time(void **state)
{
    struct bench *bench = *state;
    unsigned tries = 0;

    add(bench, "0/-/a");
    while (bench->tried_count) {
        end(bench, OUTCOME_DOWN, "http_503");
        expect_recorded(bench, "0/-/a", "waiting", "http_503", ++tries);
        host_pass(bench->host, LONGEST_MS);
    }
    assert_int_equal(bench->host->now_us - HOST_START_US, GIVE_UP_MS * 1000);
    expect_recorded(bench, "0/-/a", "failed", "given_up", tries);
    assert_null(queue_first(bench->queue));
}

static void try_that_ends_after_its_time_was_the_last(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    host_pass(bench->host, GIVE_UP_MS);
    expect_recorded(bench, "0/-/a", "waiting", "", 0);
    end(bench, OUTCOME_DOWN, "http_503");
    expect_recorded(bench, "0/-/a", "failed", "http_503", 1);
    assert_null(queue_first(bench->queue));
}

/* What waits behind one that is down is tried no more than that one. */
static void lane_that_is_down_is_tried_with_one(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    add(bench, "0/-/b");
    add(bench, "0/-/c");
    assert_int_equal(bench->tried_count, 2); /* at_once */
    end(bench, OUTCOME_DOWN, "timeout");
    end(bench, OUTCOME_DOWN, "timeout");
    assert_int_equal(bench->tried_count, 0);
    expect_pause(bench, 2 * MINUTE_MS); /* two failures in a row */
    assert_string_equal(bench->tried[0]->key, "0/-/a");
    expect_recorded(bench, "0/-/c", "waiting", "", 0);
    end(bench, OUTCOME_SENT, "");
    assert_int_equal(bench->tried_count, 2); /* it is up again */
    end(bench, OUTCOME_SENT, "");
    end(bench, OUTCOME_SENT, "");
    expect_recorded(bench, "0/-/b", "sent", "", 2);
    expect_recorded(bench, "0/-/c", "sent", "", 1);
}

static void lane_that_is_down_holds_up_no_other(void **state)
{
    struct bench *bench = *state;

    add(bench, "1/-/a");
    end(bench, OUTCOME_DOWN, "no_connection");
    add(bench, "1/-/b");
    assert_int_equal(bench->tried_count, 0);
    add(bench, "2/-/c");
    assert_int_equal(bench->tried_count, 1);
    end(bench, OUTCOME_SENT, "");
    expect_recorded(bench, "2/-/c", "sent", "", 1);
    expect_recorded(bench, "1/-/b", "waiting", "", 0);
}

static void delivery_not_liked_holds_up_nothing(void **state)
{
    struct bench *bench = *state;

    add(bench, "1/-/a");
    end(bench, OUTCOME_RETRY, "http_400");
    add(bench, "1/-/b");
    assert_int_equal(bench->tried_count, 1);
    assert_string_equal(bench->tried[0]->key, "1/-/b");
    end(bench, OUTCOME_SENT, "");
}

static void delivery_held_is_no_try(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    end(bench, OUTCOME_HELD, "");
    assert_int_equal(bench->tried_count, 0);
    host_pass(bench->host, 1500);
    assert_int_equal(bench->tried_count, 1);
    end(bench, OUTCOME_SENT, "");
    expect_recorded(bench, "0/-/a", "sent", "", 1);
}

static void delivery_skipped_or_failed_is_gone(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    end(bench, OUTCOME_SKIPPED, "off");
    expect_recorded(bench, "0/-/a", "skipped", "off", 0);
    add(bench, "0/-/b");
    end(bench, OUTCOME_FAILED, "gone");
    expect_recorded(bench, "0/-/b", "failed", "gone", 1);
    host_pass(bench->host, GIVE_UP_MS);
    assert_int_equal(bench->tries, 2);
}

static void key_known_already_is_not_queued_again(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    add(bench, "0/-/a");
    assert_int_equal(bench->tried_count, 1);
    end(bench, OUTCOME_SENT, "");
    add(bench, "0/-/a");
    assert_int_equal(bench->tries, 1);
    assert_null(queue_find(bench->queue, "0/-/a"));
}

static void newer_one_of_a_group_stands_for_those_that_wait(void **state)
{
    struct bench *bench = *state;

    add(bench, "1/-/x");
    end(bench, OUTCOME_DOWN, "timeout");
    add(bench, "1/r/a");
    add(bench, "1/s/b");
    add(bench, "1/r/c");
    expect_recorded(bench, "1/r/a", "skipped", "superseded", 0);
    assert_non_null(queue_find(bench->queue, "1/s/b"));
    assert_non_null(queue_find(bench->queue, "1/r/c"));
}

static void one_under_way_is_superseded_when_it_fails(void **state)
{
    struct bench *bench = *state;

    add(bench, "1/r/a");
    add(bench, "1/r/b");
    end(bench, OUTCOME_RETRY, "http_400");
    expect_recorded(bench, "1/r/a", "skipped", "superseded", 1);
    end(bench, OUTCOME_SENT, "");
    expect_recorded(bench, "1/r/b", "sent", "", 1);
}

static void what_waited_before_a_restart_is_tried(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    end(bench, OUTCOME_RETRY, "http_400");
    add(bench, "0/-/b");
    end(bench, OUTCOME_SENT, "");
    queue_close(&bench->queue);
    bench->queue = bench_queue_open(&bench->asker, bench->channels, 1);
    assert_int_equal(bench->tried_count, 1);
    assert_string_equal(bench->tried[0]->key, "0/-/a");
    assert_int_equal(bench->tried[0]->tries, 1);
    end(bench, OUTCOME_RETRY, "http_400");
    expect_pause(bench, 2 * MINUTE_MS); /* counted on */
}

static void clock_set_back_makes_nothing_wait_for_long(void **state)
{
    struct bench *bench = *state;

    add(bench, "0/-/a");
    end(bench, OUTCOME_RETRY, "http_400");
    bench->host->now_us -= INT64_C(365) * 24 * 3600 * 1000000;
    host_pass(bench->host, 1000);
    assert_int_equal(bench->tried_count, 1);
}

static void nothing_is_begun_once_stopped(void **state)
{
    struct bench *bench = *state;

    queue_stop(bench->queue);
    add(bench, "0/-/a");
    host_pass(bench->host, LONGEST_MS);
    assert_int_equal(bench->tries, 0);
    expect_recorded(bench, "0/-/a", "waiting", "", 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(delivery_goes_out_at_once_and_is_recorded),
        TEST(pause_doubles_up_to_the_longest),
        TEST(delivery_that_waits_is_given_up_after_its_time),
        TEST(try_that_ends_after_its_time_was_the_last),
        TEST(lane_that_is_down_is_tried_with_one),
        TEST(lane_that_is_down_holds_up_no_other),
        TEST(delivery_not_liked_holds_up_nothing),
        TEST(delivery_held_is_no_try),
        TEST(delivery_skipped_or_failed_is_gone),
        TEST(key_known_already_is_not_queued_again),
        TEST(newer_one_of_a_group_stands_for_those_that_wait),
        TEST(one_under_way_is_superseded_when_it_fails),
        TEST(what_waited_before_a_restart_is_tried),
        TEST(clock_set_back_makes_nothing_wait_for_long),
        TEST(nothing_is_begun_once_stopped),
    };

    return cmocka_run_group_tests_name("notify_queue", tests, NULL, NULL);
}
