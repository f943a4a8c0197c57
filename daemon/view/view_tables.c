/* The domain's tables over the store, each write carried into the digest. */
#include "view/view_private.h"

static enum ctps_code port_get(void *ctx, enum table table, struct bytes key,
                               struct bytes *ret_value)
{
    struct view *view = ctx;

    /* A key may come from a request: what cannot be a key names nothing. */
    if (key.len == 0 || key.len > STORE_KEY_MAX)
        return CTPS_ABSENT;
    return store_get(view->txn, table, key, ret_value);
}

static void old_row_subtract(struct view *view, enum table table, struct bytes key)
{
    struct bytes old;

    if (store_get(view->txn, table, key, &old) == CTPS_OK)
        view_digest_subtract(view->now.digest, table, key, old);
}

static enum ctps_code port_put(void *ctx, enum table table, struct bytes key,
                               struct bytes value)
{
    struct view *view = ctx;

    old_row_subtract(view, table, key);
    view_digest_add(view->now.digest, table, key, value);
    return store_put(view->txn, table, key, value);
}

static enum ctps_code port_remove(void *ctx, enum table table, struct bytes key)
{
    struct view *view = ctx;

    old_row_subtract(view, table, key);
    return store_remove(view->txn, table, key);
}

static enum ctps_code port_walk(void *ctx, enum table table, struct bytes prefix,
                                struct bytes after, bool backwards, tables_each *each,
                                void *arg)
{
    struct view *view = ctx;
    struct store_cursor *cursor;
    struct bytes key;
    struct bytes value;
    enum ctps_code code =
        store_cursor_open(&cursor, view->txn, table, prefix, after, backwards);

    if (code != CTPS_OK)
        return code;
    while ((code = store_cursor_next(cursor, &key, &value)) == CTPS_OK) {
        if (after.len && bytes_equal(key, after))
            continue;
        if (!each(arg, key, value))
            break;
    }
    store_cursor_close(&cursor);
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

void view_tables_init(struct view *view)
{
    view->tables = (struct tables){
        .ctx = view,
        .get = port_get,
        .put = port_put,
        .remove = port_remove,
        .walk = port_walk,
    };
}
