/*
 * heap: deliveries by a number, the least first; by age where it is the same. Adding, removing
 * from anywhere and the first cost what the depth is.
 */
#ifndef NOTIFY_HEAP_H
#define NOTIFY_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery;
struct heap;

/* Where a delivery stands; it may be in one heap for each place it has. Zero: in none. */
struct heap_place {
    struct heap *heap;
    size_t at;
};

struct heap {
    int64_t (*key)(const struct delivery *delivery); /* does not change while it is in */
    size_t place; /* offset of the heap_place in struct delivery */
    struct delivery **items;
    size_t count, room;
};

/* Room for so many: what is added up to that needs no memory. False: none. */
bool heap_reserve(struct heap *heap, size_t count);
/* heap_reserve came before. */
void heap_add(struct heap *heap, struct delivery *delivery);
/* From the heap it is in at that place; nothing when it is in none. */
void heap_remove(struct heap_place *place);
/* NULL when it is empty. */
struct delivery *heap_first(const struct heap *heap);
void heap_done(struct heap *heap);

#endif
