/*
 * duplicate_pool: the texts of the duplicate index, written one behind the other into chunks
 * that never move, so that no copy of a name is left behind. Internal to domain/duplicate.
 */
#ifndef CTPS_DOMAIN_DUPLICATE_POOL_H
#define CTPS_DOMAIN_DUPLICATE_POOL_H

#include "base/bytes.h"

enum { DUPLICATE_POOL_CHUNK = 1 << 16 /* bytes; no text is longer */ };

/* All zeros is an empty pool. The owner of the texts keeps `live` and `dead` true when it wipes
 * one. */
struct duplicate_pool {
    uint8_t **chunks;
    uint32_t chunk_count;
    uint32_t used; /* of the last chunk */
    size_t live;   /* bytes */
    size_t dead;   /* bytes, wiped */
};

/* Wipes and releases everything. */
void duplicate_pool_done(struct duplicate_pool *pool);
/* Room for `len` bytes, its place into *ret_place; false without memory. */
bool duplicate_pool_add(struct duplicate_pool *pool, size_t len, uint32_t *ret_place);
/* The bytes at a place: a borrow until duplicate_pool_done. */
uint8_t *duplicate_pool_at(const struct duplicate_pool *pool, uint32_t place);

#endif
