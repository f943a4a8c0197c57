/* bench: what the tests of the queue and of its channels share: its times, its opening over a
 * host of the test, and what was recorded of a delivery. */
#ifndef CTPS_TESTS_UNIT_NOTIFY_BENCH_H
#define CTPS_TESTS_UNIT_NOTIFY_BENCH_H

#include "host.h"

enum { MINUTE_MS = 60 * 1000, LONGEST_MS = 240 * MINUTE_MS };

static const int64_t GIVE_UP_MS = INT64_C(5) * 24 * 60 * MINUTE_MS;

static inline void bench_on_ready(void *arg)
{
    *(bool *)arg = true;
}

/* Own: queue_close. The host holds what waited before. */
static inline struct queue *
bench_queue_open(struct asker *asker, const struct channel *const *channels, size_t count)
{
    const struct queue_options options = {MINUTE_MS, LONGEST_MS, GIVE_UP_MS};
    struct queue *queue = queue_open(asker, &options, channels, count);
    bool ready = false;

    assert_non_null(queue);
    queue_load(queue, bench_on_ready, &ready);
    host_run(asker->host);
    assert_true(ready);
    return queue;
}

static inline void bench_expect_recorded(struct ctps_host *host, const char *key,
                                         const char *outcome, const char *cause, unsigned tries)
{
    const struct recorded *row = host_recorded(host, key);

    if (!row) {
        fail_msg("%s was never queued", key);
        return;
    }
    assert_string_equal(row->outcome, outcome);
    assert_string_equal(row->cause, cause);
    assert_int_equal(row->tries, tries);
}

#endif
