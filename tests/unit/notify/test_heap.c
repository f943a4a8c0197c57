/* Against a list that is searched: the first is always the least, the oldest of equals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "notify/queue.h"

enum { ITEMS = 200, STEPS = 20000, KEYS = 20 };

static int64_t key_of(const struct delivery *delivery)
{
    return delivery->due_us;
}

static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525U + 1013904223U;
    return (*state >> 8) % below;
}

static const struct delivery *least(const struct delivery *items)
{
    const struct delivery *found = NULL;

    for (const struct delivery *at = items; at < items + ITEMS; at++)
        if (at->place.heap && (!found || at->due_us < found->due_us))
            found = at; /* the first of equals is the oldest: ids grow */
    return found;
}

static void first_is_the_least_whatever_was_added_and_removed(void **state)
{
    static struct delivery items[ITEMS];
    struct heap heap = {.key = key_of, .place = offsetof(struct delivery, place)};
    uint32_t random = 7;
    size_t count = 0;

    (void)state;
    assert_true(heap_reserve(&heap, ITEMS));
    for (unsigned i = 0; i < ITEMS; i++)
        items[i].id = i + 1;
    for (unsigned step = 0; step < STEPS; step++) {
        struct delivery *item = &items[draw(&random, ITEMS)];

        if (item->place.heap) {
            heap_remove(&item->place);
            assert_null(item->place.heap);
            count--;
        } else {
            item->due_us = draw(&random, KEYS);
            heap_add(&heap, item);
            count++;
        }
        assert_int_equal(heap.count, count);
        assert_ptr_equal(heap_first(&heap), least(items));
    }
    heap_done(&heap);
    assert_null(heap_first(&heap));
}

static void removing_what_is_in_none_does_nothing(void **state)
{
    struct heap_place nowhere = {0};

    (void)state;
    heap_remove(&nowhere);
    assert_null(nowhere.heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_is_the_least_whatever_was_added_and_removed),
        cmocka_unit_test(removing_what_is_in_none_does_nothing),
    };

    return cmocka_run_group_tests_name("notify_heap", tests, NULL, NULL);
}
