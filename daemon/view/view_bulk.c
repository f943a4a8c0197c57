/* Rows of a replay, written once each, in key order, when the transaction ends. */
#include <stdlib.h>

#include "view/view_private.h"

enum { BULK_SLOTS = 1 << 17, BULK_ROWS_MAX = BULK_SLOTS / 2, BULK_ARENA_CAP = 64 << 20 };

struct held {
    unsigned table;
    bool removed;
    struct bytes key;
    struct bytes value;
};

struct view_bulk {
    struct arena arena;
    size_t bytes_held;
    struct held *slots[BULK_SLOTS];
    struct held *rows[BULK_ROWS_MAX];
    size_t count;
};

struct view_bulk *view_bulk_new(void)
{
    struct view_bulk *bulk = calloc(1, sizeof(*bulk));

    if (bulk)
        arena_init(&bulk->arena, BULK_ARENA_CAP);
    return bulk;
}

void view_bulk_clear(struct view_bulk *bulk)
{
    if (bulk->count)
        memset(bulk->slots, 0, sizeof(bulk->slots));
    bulk->count = 0;
    bulk->bytes_held = 0;
    arena_reset(&bulk->arena);
}

bool view_bulk_is_empty(const struct view_bulk *bulk)
{
    return bulk->count == 0;
}

bool view_bulk_is_filling(const struct view_bulk *bulk)
{
    return bulk->count > BULK_ROWS_MAX / 2 || bulk->bytes_held > BULK_ARENA_CAP / 2;
}

void view_bulk_free(struct view_bulk **bulk)
{
    if (*bulk)
        arena_done(&(*bulk)->arena);
    free(*bulk);
    *bulk = NULL;
}

/* Half of the slots stay empty, so a search always ends. */
static struct held **slot_of(struct view_bulk *bulk, unsigned table, struct bytes key)
{
    size_t at = view_row_hash(table, key) % BULK_SLOTS;

    while (bulk->slots[at] &&
           (bulk->slots[at]->table != table || !bytes_equal(bulk->slots[at]->key, key)))
        at = (at + 1) % BULK_SLOTS;
    return &bulk->slots[at];
}

enum ctps_code view_bulk_get(struct view_bulk *bulk, unsigned table, struct bytes key,
                             struct bytes *ret_value)
{
    const struct held *row = *slot_of(bulk, table, key);

    if (!row)
        return CTPS_UNSUPPORTED;
    if (row->removed)
        return CTPS_ABSENT;
    *ret_value = row->value;
    return CTPS_OK;
}

static struct held *row_add(struct view_bulk *bulk, unsigned table, struct bytes key)
{
    struct held *row = arena_alloc(&bulk->arena, sizeof(*row));
    void *copy = arena_copy(&bulk->arena, key.data, key.len);

    if (!row || !copy)
        return NULL;
    *row = (struct held){.table = table, .key = bytes_of(copy, key.len)};
    bulk->rows[bulk->count++] = row;
    *slot_of(bulk, table, key) = row;
    return row;
}

bool view_bulk_put(struct view_bulk *bulk, unsigned table, struct bytes key,
                   const struct bytes *value)
{
    struct held *row = *slot_of(bulk, table, key);
    void *copy = NULL;

    if (!row && bulk->count == BULK_ROWS_MAX)
        return false;
    if (value && value->len) {
        copy = arena_copy(&bulk->arena, value->data, value->len);
        if (!copy)
            return false;
        bulk->bytes_held += value->len;
    }
    if (!row)
        row = row_add(bulk, table, key);
    if (!row)
        return false;
    row->removed = value == NULL;
    row->value = bytes_of(copy, value ? value->len : 0);
    return true;
}

static int compare_rows(const void *a, const void *b)
{
    const struct held *x = *(struct held *const *)a;
    const struct held *y = *(struct held *const *)b;
    size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order;

    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    order = memcmp(x->key.data, y->key.data, len);
    return order ? order : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

void view_bulk_write(struct view_bulk *bulk, const struct view_sink *sink)
{
    qsort(bulk->rows, bulk->count, sizeof(bulk->rows[0]), compare_rows);
    for (size_t i = 0; i < bulk->count; i++) {
        const struct held *row = bulk->rows[i];

        if (row->removed)
            view_row_remove(sink, row->table, row->key);
        else
            view_row_put(sink, row->table, row->key, row->value);
    }
}
