#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

enum {
    VALUES_CAP = 256 << 20, /* bytes of opened values one transaction may hold */
    AD_KEY = 8,             /* the row's key follows table and schema version */
};

static enum ctps_code fail(struct store_txn *txn, enum ctps_code code, unsigned table,
                           const char *what)
{
    if (txn->err.code == CTPS_OK)
        err_set(&txn->err, code, "%s, table %u: %s", txn->store->path, table, what);
    return txn->err.code;
}

static enum ctps_code room_missing(struct store_txn *txn, unsigned table)
{
    return fail(txn, arena_shortage(&txn->arena), table,
                txn->arena.starved ? "no memory" : "too many bytes read in one transaction");
}

enum ctps_code store_txn_fail(struct store_txn *txn, int rc, unsigned table, const char *what)
{
    if (txn->err.code == CTPS_OK)
        err_set(&txn->err, store_code_of(rc), "%s, table %u: %s: %s", txn->store->path, table,
                what, mdb_strerror(rc));
    return txn->err.code;
}

/* A spare one is for reading: whoever writes may be another thread. */
static struct store_txn *txn_take(struct store *store, bool write)
{
    struct store_txn *txn = write ? NULL : store->spare;

    if (txn) {
        store->spare = NULL;
        return txn;
    }
    txn = calloc(1, sizeof(*txn));
    if (!txn)
        return NULL;
    txn->store = store;
    arena_init(&txn->arena, VALUES_CAP);
    return txn;
}

static void txn_give_back(struct store_txn *txn)
{
    struct store *store = txn->store;

    assert(txn->cursor_count == 0);
    txn->txn = NULL;
    txn->err = (struct ctps_err){0};
    txn->change_count = 0;
    if (!txn->write && !store->spare) {
        arena_reset(&txn->arena);
        store->spare = txn;
        return;
    }
    if (txn->write)
        store->writing = false;
    arena_done(&txn->arena);
    free(txn);
}

enum ctps_code store_write_check(const struct store *store, struct ctps_err *err)
{
    if (store->read_only)
        return err_set(err, CTPS_REFUSED, "%s: opened for reading", store->path);
    if (!store_has_room(store))
        return err_set(err, CTPS_NOSPACE, "%s: the map is nearly full", store->path);
    return CTPS_OK;
}

static enum ctps_code writer_check(const struct store *store, struct ctps_err *err)
{
    if (store->failed)
        return err_set(err, CTPS_CLOSED, "%s: an earlier commit failed", store->path);
    if (store->writing)
        return err_set(err, CTPS_BUSY, "%s: a write transaction is open", store->path);
    return CTPS_OK;
}

void store_reseed(struct store *store)
{
    seal_rng_reseed(&store->rng);
}

static enum ctps_code txn_begin(struct store_txn **ret_txn, struct store *store, bool write,
                                struct ctps_err *err)
{
    struct store_txn *txn = txn_take(store, write);
    int rc;

    if (!txn)
        return err_set(err, CTPS_NOMEM, "%s: no memory", store->path);
    txn->write = false;
    rc = mdb_txn_begin(store->env, NULL, write ? 0 : MDB_RDONLY, &txn->txn);
    if (rc) {
        txn_give_back(txn);
        return store_err_set(err, rc, store, "begin");
    }
    txn->write = write;
    if (write)
        store->writing = true;
    *ret_txn = txn;
    return CTPS_OK;
}

enum ctps_code store_txn_begin(struct store_txn **ret_txn, struct store *store, bool write,
                               struct ctps_err *err)
{
    enum ctps_code code = write ? writer_check(store, err) : CTPS_OK;

    if (code == CTPS_OK && write)
        code = store_write_check(store, err);
    if (code != CTPS_OK)
        return code;
    if (write)
        seal_rng_reseed(&store->rng);
    return txn_begin(ret_txn, store, write, err);
}

enum ctps_code store_txn_begin_behind(struct store_txn **ret_txn, struct store *store,
                                      struct ctps_err *err)
{
    enum ctps_code code = writer_check(store, err);

    return code == CTPS_OK ? txn_begin(ret_txn, store, true, err) : code;
}

/* A map too small for the free list is found before anything is written; after any other
 * failure nobody knows what reached the file. */
static enum ctps_code commit_write(struct store_txn *txn, struct ctps_err *err)
{
    struct store *store = txn->store;
    int rc = mdb_txn_commit(txn->txn);

    if (rc == 0)
        return CTPS_OK;
    if (rc != MDB_MAP_FULL)
        store->failed = true;
    return store_err_set(err, rc, store, "commit");
}

enum ctps_code store_txn_commit(struct store_txn **txn, struct ctps_err *err)
{
    struct store_txn *old = *txn;
    enum ctps_code code = store_txn_error(old, err);

    assert(old->cursor_count == 0);
    *txn = NULL;
    if (code == CTPS_OK && old->write)
        code = commit_write(old, err);
    else
        mdb_txn_abort(old->txn);
    txn_give_back(old);
    return code;
}

void store_txn_abort(struct store_txn **txn)
{
    struct store_txn *old = *txn;

    *txn = NULL;
    if (!old)
        return;
    assert(old->cursor_count == 0);
    mdb_txn_abort(old->txn);
    txn_give_back(old);
}

enum ctps_code store_txn_error(const struct store_txn *txn, struct ctps_err *err)
{
    if (err && txn->err.code != CTPS_OK)
        *err = txn->err;
    return txn->err.code;
}

void store_txn_forget(struct store_txn *txn)
{
    arena_reset(&txn->arena);
}

enum ctps_code store_txn_refuse(struct store_txn *txn, unsigned table)
{
    return fail(txn, CTPS_REFUSED, table, "the transaction only reads");
}

enum ctps_code store_txn_exhaust(struct store_txn *txn, unsigned table)
{
    return fail(txn, CTPS_NOMEM, table, "no memory for a row");
}

enum ctps_code store_txn_starve(struct store_txn *txn, unsigned table)
{
    return fail(txn, CTPS_NOMEM, table, "no memory for a row");
}

enum ctps_code store_txn_dup(struct store_txn *txn, struct bytes value, struct bytes *ret_value)
{
    uint8_t *room;

    if (txn->err.code != CTPS_OK)
        return txn->err.code;
    room = arena_alloc(&txn->arena, value.len ? value.len : 1);
    if (!room)
        return room_missing(txn, 0);
    if (value.len)
        memcpy(room, value.data, value.len);
    *ret_value = bytes_of(room, value.len);
    return CTPS_OK;
}

/* Table and schema version, then the key as it stands in the page. */
static struct bytes row_ad(uint8_t out[AD_KEY + STORE_KEY_MAX], const struct store_txn *txn,
                           unsigned table, const void *key, size_t key_len)
{
    be32_put(out, table);
    be32_put(out + 4, txn->store->schema_version);
    memcpy(out + AD_KEY, key, key_len);
    return bytes_of(out, AD_KEY + key_len);
}

enum ctps_code store_value_open(struct store_txn *txn, unsigned table, const MDB_val *key,
                                const MDB_val *box, struct bytes *ret_value)
{
    uint8_t ad[AD_KEY + STORE_KEY_MAX];
    uint8_t *room;
    size_t len;

    if (box->mv_size < SEAL_OVERHEAD || box->mv_size > STORE_VALUE_MAX + SEAL_OVERHEAD ||
        key->mv_size > STORE_KEY_MAX)
        return fail(txn, CTPS_DAMAGED, table, "a row has an impossible length");
    len = box->mv_size - SEAL_OVERHEAD;
    room = arena_alloc(&txn->arena, len ? len : 1);
    if (!room)
        return room_missing(txn, table);
    if (seal_box_open(room, txn->store->key, row_ad(ad, txn, table, key->mv_data, key->mv_size),
                      bytes_of(box->mv_data, box->mv_size)) != CTPS_OK)
        return fail(txn, CTPS_DAMAGED, table, "a row does not authenticate");
    *ret_value = bytes_of(room, len);
    return CTPS_OK;
}

/* Sticky error, then the caller's mistakes: they are sticky too. */
static enum ctps_code row_check(struct store_txn *txn, unsigned table, struct bytes key,
                                bool write)
{
    if (txn->err.code != CTPS_OK)
        return txn->err.code;
    assert(table < txn->store->table_count);
    if (write && !txn->write)
        return store_txn_refuse(txn, table);
    if (key.len == 0 || key.len > STORE_KEY_MAX)
        return fail(txn, CTPS_INVALID, table, "a key is empty or too long");
    return CTPS_OK;
}

enum ctps_code store_row_check(struct store_txn *txn, unsigned table, struct bytes key,
                               size_t value_len)
{
    enum ctps_code code = row_check(txn, table, key, false);

    if (code == CTPS_OK && value_len > STORE_VALUE_MAX)
        code = fail(txn, CTPS_LIMIT, table, "a value is too long");
    return code;
}

enum ctps_code store_get(struct store_txn *txn, unsigned table, struct bytes key,
                         struct bytes *ret_value)
{
    enum ctps_code code = row_check(txn, table, key, false);
    MDB_val at = store_val_of(key);
    MDB_val box;
    int rc;

    if (code != CTPS_OK)
        return code;
    rc = mdb_get(txn->txn, txn->store->tables[table], &at, &box);
    if (rc == MDB_NOTFOUND)
        return CTPS_ABSENT;
    if (rc)
        return store_txn_fail(txn, rc, table, "get");
    return store_value_open(txn, table, &at, &box, ret_value);
}

/* Found again or found missing by one search: room for a box, in the page itself. */
static int box_reserve(MDB_cursor *cursor, MDB_val *key, MDB_val *box,
                       struct store_marks *ret_marks)
{
    MDB_val found = *box;
    int rc = mdb_cursor_put(cursor, key, &found, MDB_NOOVERWRITE | MDB_RESERVE);

    ret_marks->had_old = rc == MDB_KEYEXIST;
    if (rc == MDB_KEYEXIST) {
        if (found.mv_size < SEAL_OVERHEAD)
            return MDB_CORRUPTED;
        memcpy(ret_marks->old, found.mv_data, STORE_MARK_LEN);
        found = *box;
        rc = mdb_cursor_put(cursor, key, &found, MDB_CURRENT | MDB_RESERVE);
    }
    *box = found;
    return rc;
}

enum ctps_code store_put_marked(struct store_txn *txn, unsigned table, struct bytes key,
                                struct bytes value, struct store_marks *ret_marks)
{
    enum ctps_code code = row_check(txn, table, key, true);
    uint8_t ad[AD_KEY + STORE_KEY_MAX];
    MDB_val at = store_val_of(key);
    MDB_val box = {.mv_size = value.len + SEAL_OVERHEAD};
    MDB_cursor *cursor;
    int rc;

    if (code == CTPS_OK)
        code = store_row_check(txn, table, key, value.len);
    if (code != CTPS_OK)
        return code;
    rc = mdb_cursor_open(txn->txn, txn->store->tables[table], &cursor);
    if (rc == 0) {
        rc = box_reserve(cursor, &at, &box, ret_marks);
        mdb_cursor_close(cursor);
    }
    if (rc)
        return store_txn_fail(txn, rc, table, "put");
    seal_box_make(box.mv_data, txn->store->key, seal_rng_sys(&txn->store->rng),
                  row_ad(ad, txn, table, key.data, key.len), value);
    memcpy(ret_marks->now, box.mv_data, STORE_MARK_LEN);
    txn->change_count++;
    return CTPS_OK;
}

enum ctps_code store_put(struct store_txn *txn, unsigned table, struct bytes key,
                         struct bytes value)
{
    struct store_marks marks;

    return store_put_marked(txn, table, key, value, &marks);
}

enum ctps_code store_remove(struct store_txn *txn, unsigned table, struct bytes key,
                            uint8_t ret_old[STORE_MARK_LEN])
{
    enum ctps_code code = row_check(txn, table, key, true);
    MDB_val at = store_val_of(key);
    MDB_val box;
    int rc;

    if (code != CTPS_OK)
        return code;
    rc = mdb_get(txn->txn, txn->store->tables[table], &at, &box);
    if (rc == MDB_NOTFOUND)
        return CTPS_ABSENT;
    if (rc == 0 && box.mv_size < SEAL_OVERHEAD)
        rc = MDB_CORRUPTED;
    if (rc == 0 && ret_old)
        memcpy(ret_old, box.mv_data, STORE_MARK_LEN);
    if (rc == 0)
        rc = mdb_del(txn->txn, txn->store->tables[table], &at, NULL);
    if (rc)
        return store_txn_fail(txn, rc, table, "remove");
    txn->change_count++;
    return CTPS_OK;
}
