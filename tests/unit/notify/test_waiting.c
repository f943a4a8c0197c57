/* Against a list that is searched: found by what they share, in order of age, whatever the
 * order in which they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/queue.h"

enum { ITEMS = 500, STEPS = 4000, RECIPIENTS = 7, OBJECTS = 5 };

struct bench {
    struct waiting waiting;
    struct delivery items[ITEMS]; /* by age */
    bool in[ITEMS];
};

static bool shares(enum waiting_by by, const struct delivery *one, const struct delivery *other)
{
    bool to = one->contact == other->contact && one->agent == other->agent;

    return by == WAITING_BY_AGE || (by == WAITING_BY_KEY && one->id == other->id) ||
           (by == WAITING_BY_RECIPIENT && to) ||
           (by == WAITING_BY_ABOUT && to && one->object == other->object &&
            one->object_kind == other->object_kind);
}

static void expect(struct bench *bench, enum waiting_by by, const struct delivery *like)
{
    struct delivery *at = waiting_oldest(&bench->waiting, by, like), *last = NULL;

    for (unsigned i = 0; i < ITEMS; i++) {
        if (!bench->in[i] || !shares(by, &bench->items[i], like))
            continue;
        assert_ptr_equal(at, &bench->items[i]);
        assert_ptr_equal(waiting_older(at, by), last);
        last = at;
        at = waiting_newer(at, by);
    }
    assert_null(at);
}

static void found_by_what_they_share_in_order_of_age(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    uint32_t random = 11;
    size_t count = 0;

    (void)state;
    assert_non_null(bench);
    assert_true(waiting_init(&bench->waiting));
    for (unsigned i = 0; i < ITEMS; i++) {
        struct delivery *item = &bench->items[i];

        item->id = i + 1;
        snprintf(item->key, sizeof(item->key), "key:%u", i);
        *(i % 2 ? &item->agent : &item->contact) = i % RECIPIENTS;
        item->object = i % OBJECTS;
        item->object_kind = i % 3;
    }
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned i = (random = random * 1664525U + 1013904223U) / 256 % ITEMS;

        (bench->in[i] ? waiting_remove : waiting_add)(&bench->waiting, &bench->items[i]);
        bench->in[i] = !bench->in[i];
        count += bench->in[i] ? 1 : SIZE_MAX;
        assert_int_equal(bench->waiting.count, count);
        for (enum waiting_by by = WAITING_BY_AGE; step % 50 == 0 && by < WAITING_BY_COUNT; by++)
            expect(bench, by, &bench->items[i]);
    }
    waiting_done(&bench->waiting);
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_what_they_share_in_order_of_age),
    };

    return cmocka_run_group_tests_name("notify_waiting", tests, NULL, NULL);
}
