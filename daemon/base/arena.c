#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BLOCK_LEN = 16384,
    ALIGN = 16,
    SPARE_MAX = 64, /* blocks kept over a reset: what a batch takes is seldom more */
};

struct arena_block {
    struct arena_block *next;
    size_t cap;
    size_t used;
    size_t pad;
    uint8_t data[];
};

_Static_assert(offsetof(struct arena_block, data) % ALIGN == 0, "blocks keep the alignment");

void arena_init(struct arena *arena, size_t cap)
{
    *arena = (struct arena){.cap = cap};
}

void arena_init_within(struct arena *arena, size_t cap, struct arena *outer)
{
    *arena = (struct arena){.cap = cap, .outer = outer};
}

static void blocks_free(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;

        explicit_bzero(block->data, block->used);
        free(block);
        block = next;
    }
}

void arena_done(struct arena *arena)
{
    blocks_free(arena->blocks);
    blocks_free(arena->spare);
    *arena = (struct arena){.cap = arena->cap, .outer = arena->outer};
}

/* Every block holds zeros behind what is used of it, and a spare one nothing else. */
static void block_retire(struct arena *arena, struct arena_block *block)
{
    explicit_bzero(block->data, block->used);
    block->used = 0;
    if (block->cap != BLOCK_LEN || arena->spare_count == SPARE_MAX) {
        free(block);
        return;
    }
    block->next = arena->spare;
    arena->spare = block;
    arena->spare_count++;
}

void arena_reset(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->next;
        block_retire(arena, block);
    }
    arena->used = 0;
    arena->starved = false;
}

static void *starve(struct arena *arena)
{
    for (; arena; arena = arena->outer)
        arena->starved = true;
    return NULL;
}

static struct arena_block *block_take(struct arena *arena, size_t len)
{
    size_t cap = len > BLOCK_LEN ? len : BLOCK_LEN;
    struct arena_block *block = arena->spare;

    if (block && cap == BLOCK_LEN) {
        arena->spare = block->next;
        arena->spare_count--;
    } else {
        block = calloc(1, sizeof(*block) + cap);
        if (!block)
            return starve(arena);
        block->cap = cap;
    }
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t len)
{
    struct arena_block *block = arena->blocks;
    size_t need;
    void *room;

    if (len > arena->cap || len > SIZE_MAX - ALIGN)
        return NULL;
    need = (len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (need > arena->cap - arena->used)
        return NULL;
    if (!block || need > block->cap - block->used)
        block = block_take(arena, need);
    if (!block)
        return NULL;
    room = block->data + block->used;
    block->used += need;
    arena->used += need;
    return room;
}

enum ctps_code arena_shortage(const struct arena *arena)
{
    return arena->starved ? CTPS_NOMEM : CTPS_LIMIT;
}

void *arena_copy(struct arena *arena, const void *data, size_t len)
{
    void *room = arena_alloc(arena, len ? len : 1);

    if (room && len)
        memcpy(room, data, len);
    return room;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args;
    int len;
    char *room;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        return NULL;
    room = arena_alloc(arena, (size_t)len + 1);
    if (!room)
        return NULL;
    va_start(args, fmt);
    vsnprintf(room, (size_t)len + 1, fmt, args);
    va_end(args);
    return room;
}
