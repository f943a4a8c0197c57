/*
 * arena: memory of one batch or one request, released in one go, wiped when released because
 * it may have held opened text. Capped: what a foreign message can make us allocate is bounded.
 */
#ifndef CTPS_BASE_ARENA_H
#define CTPS_BASE_ARENA_H

#include "base/bytes.h"
#include "base/err.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
    struct arena_block *spare; /* wiped, for the next use */
    size_t spare_count;
    size_t used;  /* bytes handed out since the last reset */
    size_t cap;   /* most bytes that may be handed out between two resets */
    bool starved; /* the system refused memory since the last reset: what was read or made in
                     it may lack parts, and must not be acted upon */
    struct arena *outer; /* borrowed, may be NULL: starves with this one */
};

/* `cap` in bytes. Nothing is allocated until first use. */
void arena_init(struct arena *arena, size_t cap);
/* For passing use during work that is judged by `outer` (borrowed, outlives it): when this one
 * starves, so does `outer`, and stays so when this one is reset or done. */
void arena_init_within(struct arena *arena, size_t cap, struct arena *outer);
/* Wipes and frees everything. Idempotent. */
void arena_done(struct arena *arena);
/* Wipes; keeps blocks, a megabyte at most, for the next use. */
void arena_reset(struct arena *arena);

/* Zeroed memory aligned to 16, borrowed until reset; NULL past the cap or without memory. */
void *arena_alloc(struct arena *arena, size_t len);
/* Why the last one was NULL: CTPS_NOMEM, else CTPS_LIMIT. */
enum ctps_code arena_shortage(const struct arena *arena);
/* Copies; NULL as arena_alloc. */
void *arena_copy(struct arena *arena, const void *data, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
