/* The domain's tables over the store, each write carried into the sum. */
#include "view/view_private.h"

/* Rows written once and hardly read again would only push others out. */
static bool is_cached(enum table table)
{
    return table != TABLE_REQUEST && table != TABLE_ENTRY && table != TABLE_BY_TERRITORY &&
           table != TABLE_PLACE && table != TABLE_DUE && table != TABLE_IMPORT_ROWS &&
           table != TABLE_OPEN;
}

_Static_assert(TABLE_COUNT <= 64, "a bit for each table");

void view_reads_begin(struct view *view)
{
    view->tables_read = 0;
}

uint64_t view_reads_end(struct view *view)
{
    return view->tables_read;
}

uint64_t view_changes(const struct view *view, uint64_t tables)
{
    uint64_t last = 0;

    for (unsigned table = 0; table < TABLE_COUNT; table++)
        if ((tables >> table & 1) && view->changed_at[table] > last)
            last = view->changed_at[table];
    return last;
}

void view_all_changed(struct view *view)
{
    view->changes++;
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        view->changed_at[table] = view->changes;
}

static void note_read(struct view *view, enum table table)
{
    view->tables_read |= UINT64_C(1) << table;
}

static void note_change(struct view *view, enum table table)
{
    view->changed_at[table] = ++view->changes;
}

static struct view_name name_of(enum table table, struct bytes key)
{
    return (struct view_name){table, view_row_hash(table, key), key};
}

/* CTPS_UNSUPPORTED: neither held nor being written. */
static enum ctps_code held_get(const struct view *view, const struct view_name *name,
                               struct bytes *ret_value)
{
    enum ctps_code code = view_bulk_get(view->held, name, ret_value);

    return code == CTPS_UNSUPPORTED ? view_bulk_get(view->writer.bulk, name, ret_value) : code;
}

static enum ctps_code port_get(void *ctx, enum table table, struct bytes key,
                               struct bytes *ret_value)
{
    struct view *view = ctx;
    struct view_name name;
    struct bytes value;
    enum ctps_code code;

    note_read(view, table);
    /* A key may come from a request: what cannot be a key names nothing. */
    if (key.len == 0 || key.len > STORE_KEY_MAX)
        return CTPS_ABSENT;
    name = name_of(table, key);
    code = store_txn_error(view->txn, NULL);
    if (code == CTPS_OK)
        code = held_get(view, &name, ret_value);
    if (code != CTPS_UNSUPPORTED)
        return code;
    if (is_cached(table) && view_cache_get(view->cache, &name, &value))
        return store_txn_dup(view->txn, value, ret_value);
    code = store_get(view->txn, table, key, ret_value);
    if (code == CTPS_OK && is_cached(table))
        view_cache_put(view->cache, &name, *ret_value);
    return code;
}

enum ctps_code view_row_put(const struct view_sink *sink, unsigned table, struct bytes key,
                            struct bytes value)
{
    struct store_marks marks;
    enum ctps_code code = store_put_marked(sink->txn, table, key, value, &marks);

    if (code != CTPS_OK)
        return code;
    if (marks.had_old)
        view_sum_subtract(sink->view, sink->sum, marks.old);
    view_sum_add(sink->view, sink->sum, marks.now);
    return CTPS_OK;
}

enum ctps_code view_row_remove(const struct view_sink *sink, unsigned table, struct bytes key)
{
    uint8_t mark[STORE_MARK_LEN];
    enum ctps_code code = store_remove(sink->txn, table, key, mark);

    if (code == CTPS_OK)
        view_sum_subtract(sink->view, sink->sum, mark);
    return code;
}

/* `value` NULL: the row is removed. Errors are sticky, as the store's. */
static enum ctps_code hold(struct view *view, enum table table, struct bytes key,
                           const struct bytes *value)
{
    struct view_name name = name_of(table, key);

    note_change(view, table);
    if (is_cached(table))
        view_cache_remove(view->cache, &name);
    return view_bulk_put(view->held, &name, value) ? CTPS_OK
                                                   : store_txn_exhaust(view->txn, table);
}

static enum ctps_code port_put(void *ctx, enum table table, struct bytes key,
                               struct bytes value)
{
    struct view *view = ctx;
    enum ctps_code code;

    if (!view->writing)
        return store_txn_refuse(view->txn, table);
    if (key.len == 0) /* record_put without memory */
        return store_txn_starve(view->txn, table);
    code = store_row_check(view->txn, table, key, value.len);
    return code == CTPS_OK ? hold(view, table, key, &value) : code;
}

static enum ctps_code port_remove(void *ctx, enum table table, struct bytes key)
{
    struct view *view = ctx;
    struct bytes found;
    enum ctps_code code;

    if (!view->writing)
        return store_txn_refuse(view->txn, table);
    code = store_row_check(view->txn, table, key, 0);
    if (code == CTPS_OK)
        code = port_get(ctx, table, key, &found);
    return code == CTPS_OK ? hold(view, table, key, NULL) : code;
}

static enum ctps_code port_walk(void *ctx, enum table table, struct bytes prefix,
                                struct bytes after, bool backwards, tables_each *each,
                                void *arg)
{
    struct view *view = ctx;

    note_read(view, table);
    return view_walk(view, table, prefix, after, backwards, each, arg);
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
