#include "heap.h"

#include <assert.h>
#include <stdlib.h>

#include "queue.h"

bool heap_reserve(struct heap *heap, size_t count)
{
    size_t room = heap->room ? heap->room : 16;
    struct delivery **grown;

    if (count <= heap->room)
        return true;
    while (room < count)
        room *= 2;
    grown = realloc(heap->items, room * sizeof(struct delivery *));
    if (!grown)
        return false;
    heap->items = grown;
    heap->room = room;
    return true;
}

static void put(struct heap *heap, size_t at, struct delivery *delivery)
{
    struct heap_place *place = (struct heap_place *)(void *)((char *)delivery + heap->place);

    heap->items[at] = delivery;
    *place = (struct heap_place){heap, at};
}

static bool is_before(const struct heap *heap, const struct delivery *one,
                      const struct delivery *other)
{
    int64_t one_key = heap->key(one), other_key = heap->key(other);

    return one_key < other_key || (one_key == other_key && one->id < other->id);
}

/* `delivery` takes the hole at `at`, or one above it. */
static void rise(struct heap *heap, size_t at, struct delivery *delivery)
{
    for (; at && is_before(heap, delivery, heap->items[(at - 1) / 2]); at = (at - 1) / 2)
        put(heap, at, heap->items[(at - 1) / 2]);
    put(heap, at, delivery);
}

/* The hole at `at` goes down to where nothing is below it; where that is. */
static size_t sink(struct heap *heap, size_t at)
{
    size_t child;

    while ((child = 2 * at + 1) < heap->count) {
        if (child + 1 < heap->count &&
            is_before(heap, heap->items[child + 1], heap->items[child]))
            child++;
        put(heap, at, heap->items[child]);
        at = child;
    }
    return at;
}

void heap_add(struct heap *heap, struct delivery *delivery)
{
    assert(heap->count < heap->room);
    rise(heap, heap->count++, delivery);
}

void heap_remove(struct heap_place *place)
{
    struct heap *heap = place->heap;
    struct delivery *last;
    size_t hole = place->at;

    if (!heap)
        return;
    *place = (struct heap_place){0};
    last = heap->items[--heap->count];
    if (hole < heap->count)
        rise(heap, sink(heap, hole), last);
}

struct delivery *heap_first(const struct heap *heap)
{
    return heap->count ? heap->items[0] : NULL;
}

void heap_done(struct heap *heap)
{
    free(heap->items);
    heap->items = NULL;
    heap->count = heap->room = 0;
}
