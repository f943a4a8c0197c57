#include "domain/duplicate_pool.h"

#include <stdlib.h>

enum { CHUNKS_MAX = 1 << 16 /* so that a place fits a uint32 */ };

uint8_t *duplicate_pool_at(const struct duplicate_pool *pool, uint32_t place)
{
    return pool->chunks[place / DUPLICATE_POOL_CHUNK] + place % DUPLICATE_POOL_CHUNK;
}

static bool pool_grow(struct duplicate_pool *pool)
{
    uint8_t **grown;

    if (pool->chunk_count == CHUNKS_MAX)
        return false;
    grown = realloc(pool->chunks, (pool->chunk_count + 1) * sizeof(uint8_t *));
    if (!grown)
        return false;
    pool->chunks = grown;
    grown[pool->chunk_count] = malloc(DUPLICATE_POOL_CHUNK);
    if (!grown[pool->chunk_count])
        return false;
    pool->chunk_count++;
    pool->used = 0;
    return true;
}

void duplicate_pool_done(struct duplicate_pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++) {
        explicit_bzero(pool->chunks[i], DUPLICATE_POOL_CHUNK);
        free(pool->chunks[i]);
    }
    free(pool->chunks);
    *pool = (struct duplicate_pool){0};
}

bool duplicate_pool_add(struct duplicate_pool *pool, size_t len, uint32_t *ret_place)
{
    if (!pool->chunk_count || len > DUPLICATE_POOL_CHUNK - pool->used)
        if (!pool_grow(pool))
            return false;
    *ret_place = (pool->chunk_count - 1) * DUPLICATE_POOL_CHUNK + pool->used;
    /* A place must name its chunk even when empty at the very end of one. */
    if (pool->used == DUPLICATE_POOL_CHUNK)
        *ret_place -= 1;
    pool->used += (uint32_t)len;
    pool->live += len;
    return true;
}
