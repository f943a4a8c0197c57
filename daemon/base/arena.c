#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_LEN = 16384, ALIGN = 16 };

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
    arena->blocks = NULL;
    arena->used = 0;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *keep = NULL;
    struct arena_block *block = arena->blocks;

    /* The oldest block has the ordinary size: keep that one. */
    while (block && block->next) {
        struct arena_block *next = block->next;

        block->next = NULL;
        blocks_free(block);
        block = next;
    }
    if (block && block->cap == BLOCK_LEN) {
        explicit_bzero(block->data, block->used);
        block->used = 0;
        keep = block;
    } else {
        blocks_free(block);
    }
    arena->blocks = keep;
    arena->used = 0;
}

static struct arena_block *block_add(struct arena *arena, size_t len)
{
    size_t cap = len > BLOCK_LEN ? len : BLOCK_LEN;
    struct arena_block *block = malloc(sizeof(*block) + cap);

    if (!block)
        return NULL;
    block->next = arena->blocks;
    block->cap = cap;
    block->used = 0;
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
        block = block_add(arena, need);
    if (!block)
        return NULL;
    room = block->data + block->used;
    block->used += need;
    arena->used += need;
    return memset(room, 0, need);
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
