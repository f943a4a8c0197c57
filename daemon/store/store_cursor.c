#include "store/inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct store_cursor {
    struct store_txn *txn;
    MDB_cursor *cursor;
    unsigned table;
    bool backwards;
    bool started;
    bool ended;
    uint64_t change_count; /* of the transaction, when `cursor` was last placed */
    size_t prefix_len;
    size_t key_len;
    uint8_t mark[STORE_MARK_LEN];
    uint8_t prefix[STORE_KEY_MAX];
    uint8_t key[STORE_KEY_MAX]; /* the first bound, then the last key answered */
};

static int compare(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int diff = len ? memcmp(a.data, b.data, len) : 0;

    if (diff)
        return diff;
    return a.len < b.len ? -1 : a.len > b.len;
}

static bool has_prefix(const struct store_cursor *cursor, struct bytes key)
{
    return key.len >= cursor->prefix_len &&
           memcmp(key.data, cursor->prefix, cursor->prefix_len) == 0;
}

static int seek(struct store_cursor *cursor, struct bytes key, MDB_val *ret_key,
                MDB_val *ret_box)
{
    *ret_key = store_val_of(key);
    return mdb_cursor_get(cursor->cursor, ret_key, ret_box, MDB_SET_RANGE);
}

/* The row before the first one >= key: the last of the table when there is none. */
static int seek_before(struct store_cursor *cursor, struct bytes key, MDB_val *ret_key,
                       MDB_val *ret_box)
{
    int rc = seek(cursor, key, ret_key, ret_box);

    if (rc == MDB_NOTFOUND)
        return mdb_cursor_get(cursor->cursor, ret_key, ret_box, MDB_LAST);
    if (rc)
        return rc;
    return mdb_cursor_get(cursor->cursor, ret_key, ret_box, MDB_PREV);
}

/* The last row with the prefix, or one before them all. */
static int seek_prefix_end(struct store_cursor *cursor, MDB_val *ret_key, MDB_val *ret_box)
{
    uint8_t next[STORE_KEY_MAX];
    size_t len = cursor->prefix_len;

    memcpy(next, cursor->prefix, len);
    while (len && next[len - 1] == 0xff)
        len--;
    if (len == 0)
        return mdb_cursor_get(cursor->cursor, ret_key, ret_box, MDB_LAST);
    next[len - 1]++;
    return seek_before(cursor, bytes_of(next, len), ret_key, ret_box);
}

static int seek_first(struct store_cursor *cursor, MDB_val *ret_key, MDB_val *ret_box)
{
    struct bytes from = bytes_of(cursor->key, cursor->key_len);
    struct bytes prefix = bytes_of(cursor->prefix, cursor->prefix_len);

    if (compare(from, prefix) < 0)
        from = prefix;
    if (from.len == 0)
        return mdb_cursor_get(cursor->cursor, ret_key, ret_box, MDB_FIRST);
    return seek(cursor, from, ret_key, ret_box);
}

static int seek_last(struct store_cursor *cursor, MDB_val *ret_key, MDB_val *ret_box)
{
    struct bytes from = bytes_of(cursor->key, cursor->key_len);
    struct bytes prefix = bytes_of(cursor->prefix, cursor->prefix_len);
    int rc;

    if (from.len == 0 || (compare(from, prefix) > 0 && !has_prefix(cursor, from)))
        return seek_prefix_end(cursor, ret_key, ret_box);
    rc = seek(cursor, from, ret_key, ret_box);
    if (rc == 0 && compare(bytes_of(ret_key->mv_data, ret_key->mv_size), from) == 0)
        return 0;
    return seek_before(cursor, from, ret_key, ret_box);
}

/* Rows put or removed since the last step may have moved what LMDB's cursor stands on. */
static int step_anew(struct store_cursor *cursor, MDB_val *ret_key, MDB_val *ret_box)
{
    struct bytes last = bytes_of(cursor->key, cursor->key_len);
    int rc;

    if (cursor->backwards)
        return seek_before(cursor, last, ret_key, ret_box);
    rc = seek(cursor, last, ret_key, ret_box);
    if (rc == 0 && compare(bytes_of(ret_key->mv_data, ret_key->mv_size), last) == 0)
        rc = mdb_cursor_get(cursor->cursor, ret_key, ret_box, MDB_NEXT);
    return rc;
}

static int step(struct store_cursor *cursor, MDB_val *ret_key, MDB_val *ret_box)
{
    if (!cursor->started)
        return cursor->backwards ? seek_last(cursor, ret_key, ret_box)
                                 : seek_first(cursor, ret_key, ret_box);
    if (cursor->change_count != cursor->txn->change_count)
        return step_anew(cursor, ret_key, ret_box);
    return mdb_cursor_get(cursor->cursor, ret_key, ret_box,
                          cursor->backwards ? MDB_PREV : MDB_NEXT);
}

enum ctps_code store_cursor_open(struct store_cursor **ret_cursor, struct store_txn *txn,
                                 unsigned table, struct bytes prefix, struct bytes from,
                                 bool backwards)
{
    struct store_cursor *cursor;
    int rc;

    if (txn->err.code != CTPS_OK)
        return txn->err.code;
    assert(table < txn->store->table_count);
    if (prefix.len > STORE_KEY_MAX || from.len > STORE_KEY_MAX)
        return store_txn_fail(txn, MDB_BAD_VALSIZE, table, "cursor");
    cursor = calloc(1, sizeof(*cursor));
    rc =
        cursor ? mdb_cursor_open(txn->txn, txn->store->tables[table], &cursor->cursor) : ENOMEM;
    if (rc) {
        free(cursor);
        return store_txn_fail(txn, rc, table, "cursor");
    }
    cursor->txn = txn;
    cursor->table = table;
    cursor->backwards = backwards;
    cursor->prefix_len = prefix.len;
    cursor->key_len = from.len;
    if (prefix.len)
        memcpy(cursor->prefix, prefix.data, prefix.len);
    if (from.len)
        memcpy(cursor->key, from.data, from.len);
    txn->cursor_count++;
    *ret_cursor = cursor;
    return CTPS_OK;
}

enum ctps_code store_cursor_next(struct store_cursor *cursor, struct bytes *ret_key,
                                 struct bytes *ret_value)
{
    struct store_txn *txn = cursor->txn;
    MDB_val key;
    MDB_val box;
    enum ctps_code code;
    int rc;

    if (txn->err.code != CTPS_OK)
        return txn->err.code;
    rc = cursor->ended ? MDB_NOTFOUND : step(cursor, &key, &box);
    if (rc == MDB_NOTFOUND ||
        (rc == 0 && !has_prefix(cursor, bytes_of(key.mv_data, key.mv_size)))) {
        cursor->ended = true;
        return CTPS_ABSENT;
    }
    if (rc)
        return store_txn_fail(txn, rc, cursor->table, "walk");
    code = store_value_open(txn, cursor->table, &key, &box, ret_value);
    if (code != CTPS_OK)
        return code;
    memcpy(cursor->key, key.mv_data, key.mv_size);
    memcpy(cursor->mark, box.mv_data, STORE_MARK_LEN);
    cursor->key_len = key.mv_size;
    cursor->started = true;
    cursor->change_count = txn->change_count;
    *ret_key = bytes_of(cursor->key, cursor->key_len);
    return CTPS_OK;
}

const uint8_t *store_cursor_mark(const struct store_cursor *cursor)
{
    return cursor->mark;
}

void store_cursor_close(struct store_cursor **cursor)
{
    struct store_cursor *old = *cursor;

    *cursor = NULL;
    if (!old)
        return;
    mdb_cursor_close(old->cursor);
    old->txn->cursor_count--;
    free(old);
}
