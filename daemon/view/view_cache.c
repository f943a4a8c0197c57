/* Rows of the file opened lately: reading one again costs a look-up, not an authentication. */
#include <stdlib.h>

#include "view/view_private.h"

enum {
    CACHE_SLOTS = 2048, /* one row each: a newer one takes the place */
    CACHE_ROW_MAX = 2048,
};

struct cached {
    unsigned table;
    uint32_t key_len;
    uint32_t value_len;
    uint8_t bytes[]; /* key, value */
};

struct view_cache {
    struct cached *slots[CACHE_SLOTS];
};

struct view_cache *view_cache_new(void)
{
    return calloc(1, sizeof(struct view_cache));
}

void view_cache_clear(struct view_cache *cache)
{
    for (size_t i = 0; i < CACHE_SLOTS; i++) {
        free(cache->slots[i]);
        cache->slots[i] = NULL;
    }
}

void view_cache_free(struct view_cache **cache)
{
    if (*cache)
        view_cache_clear(*cache);
    free(*cache);
    *cache = NULL;
}

/* Eight bytes at a time, else as FNV-1a. */
uint64_t view_row_hash(unsigned table, struct bytes key)
{
    uint64_t hash = 0xcbf29ce484222325ULL ^ table;
    size_t at = 0;

    for (; at + 8 <= key.len; at += 8) {
        hash = (hash ^ be64_get(key.data + at)) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    for (; at < key.len; at++)
        hash = (hash ^ key.data[at]) * 0x100000001b3ULL;
    return hash ^ hash >> 32;
}

static struct cached **slot_of(struct view_cache *cache, const struct view_name *name)
{
    return &cache->slots[name->hash % CACHE_SLOTS];
}

static bool is_row(const struct cached *row, const struct view_name *name)
{
    return row && row->table == name->table && row->key_len == name->key.len &&
           memcmp(row->bytes, name->key.data, name->key.len) == 0;
}

bool view_cache_get(struct view_cache *cache, const struct view_name *name,
                    struct bytes *ret_value)
{
    const struct cached *row = *slot_of(cache, name);

    if (!is_row(row, name))
        return false;
    *ret_value = bytes_of(row->bytes + row->key_len, row->value_len);
    return true;
}

void view_cache_put(struct view_cache *cache, const struct view_name *name, struct bytes value)
{
    struct cached **at = slot_of(cache, name);
    struct bytes key = name->key;
    struct cached *row = NULL;

    if (key.len + value.len <= CACHE_ROW_MAX)
        row = malloc(sizeof(*row) + key.len + value.len);
    if (!row)
        return;
    *row = (struct cached){.table = name->table, .key_len = (uint32_t)key.len};
    row->value_len = (uint32_t)value.len;
    memcpy(row->bytes, key.data, key.len);
    if (value.len)
        memcpy(row->bytes + key.len, value.data, value.len);
    free(*at);
    *at = row;
}

void view_cache_remove(struct view_cache *cache, const struct view_name *name)
{
    struct cached **at = slot_of(cache, name);

    if (!is_row(*at, name))
        return;
    free(*at);
    *at = NULL;
}
