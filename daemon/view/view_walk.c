/* Rows in order of their keys, out of three places: held, being written, in the file. What is
 * nearer to us hides what is behind it. */
#include "view/view_private.h"

enum { LAYERS = 2 };

/* A bulk, seen in order. Rows may join the held one during the walk. */
struct layer {
    struct view_bulk *bulk;
    struct view_rows rows;
    size_t at;                  /* of the next row; backwards: one past it */
    const struct view_row *row; /* the next one, NULL at the end */
};

struct walk {
    struct view *view;
    unsigned table;
    bool backwards;
    struct bytes prefix;
    struct layer layers[LAYERS];
    struct store_cursor *cursor;
    bool file_ended;
    bool file_waits; /* the row below is not answered yet */
    struct bytes file_key, file_value;
    bool has_last;
    size_t last_len;
    uint8_t last[STORE_KEY_MAX]; /* the last key answered, or where the walk begins: after it */
};

static struct bytes last_key(const struct walk *walk)
{
    return bytes_of(walk->last, walk->last_len);
}

static bool has_prefix(struct bytes key, struct bytes prefix)
{
    return key.len >= prefix.len &&
           (prefix.len == 0 || memcmp(key.data, prefix.data, prefix.len) == 0);
}

/* How a key stands to all the keys with the prefix: 0 when it is one of them. */
static int compare_to_prefix(struct bytes key, struct bytes prefix)
{
    return key.len > prefix.len ? view_key_compare(bytes_of(key.data, prefix.len), prefix)
                                : view_key_compare(key, prefix);
}

/* Whether a row stands before the first one of a walk forwards, or not after the last one of a
 * walk backwards. */
static bool is_left(const struct walk *walk, struct bytes key)
{
    int order = walk->prefix.len ? compare_to_prefix(key, walk->prefix) : 0;

    if (walk->backwards)
        return order <= 0 && (!walk->has_last || view_key_compare(key, last_key(walk)) < 0);
    return order < 0 || (walk->has_last && view_key_compare(key, last_key(walk)) <= 0);
}

static void layer_seek(const struct walk *walk, struct layer *layer)
{
    size_t low = 0;
    size_t high;

    layer->rows = view_bulk_rows(layer->bulk, walk->table);
    high = layer->rows.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (is_left(walk, layer->rows.at[middle]->key))
            low = middle + 1;
        else
            high = middle;
    }
    layer->at = low;
}

/* The next row that says something. */
static void layer_find(const struct walk *walk, struct layer *layer)
{
    layer->row = NULL;
    if (view_bulk_rows(layer->bulk, walk->table).count != layer->rows.count)
        layer_seek(walk, layer);
    while (walk->backwards ? layer->at > 0 : layer->at < layer->rows.count) {
        const struct view_row *row = layer->rows.at[layer->at - walk->backwards];

        if (!has_prefix(row->key, walk->prefix))
            return;
        if (row->state != VIEW_ROW_NOTHING) {
            layer->row = row;
            return;
        }
        layer->at += walk->backwards ? -1 : 1;
    }
}

static void layer_pass(const struct walk *walk, struct layer *layer, struct bytes key)
{
    if (layer->row && bytes_equal(layer->row->key, key))
        layer->at += walk->backwards ? -1 : 1;
}

static enum ctps_code file_find(struct walk *walk)
{
    enum ctps_code code = CTPS_OK;

    if (walk->file_waits || walk->file_ended)
        return CTPS_OK;
    do
        code = store_cursor_next(walk->cursor, &walk->file_key, &walk->file_value);
    while (code == CTPS_OK && walk->has_last && bytes_equal(walk->file_key, last_key(walk)));
    walk->file_waits = code == CTPS_OK;
    walk->file_ended = code == CTPS_ABSENT;
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

static bool comes_before(const struct walk *walk, struct bytes a, struct bytes b)
{
    int order = view_key_compare(a, b);

    return walk->backwards ? order > 0 : order < 0;
}

/* The nearest row; of equal keys the one of the first place that has it. */
static bool choose(const struct walk *walk, struct bytes *ret_key, struct bytes *ret_value,
                   bool *ret_removed)
{
    bool any = false;

    for (size_t i = 0; i < LAYERS; i++) {
        const struct view_row *row = walk->layers[i].row;

        if (!row || (any && !comes_before(walk, row->key, *ret_key)))
            continue;
        any = true;
        *ret_key = row->key;
        *ret_value = row->value;
        *ret_removed = row->state == VIEW_ROW_REMOVED;
    }
    if (!walk->file_waits || (any && !comes_before(walk, walk->file_key, *ret_key)))
        return any;
    *ret_key = walk->file_key;
    *ret_value = walk->file_value;
    *ret_removed = false;
    return true;
}

static void pass(struct walk *walk, struct bytes key)
{
    for (size_t i = 0; i < LAYERS; i++)
        layer_pass(walk, &walk->layers[i], key);
    if (walk->file_waits && bytes_equal(walk->file_key, key))
        walk->file_waits = false;
    memcpy(walk->last, key.data, key.len);
    walk->last_len = key.len;
    walk->has_last = true;
}

/* CTPS_ABSENT at the end. */
static enum ctps_code walk_next(struct walk *walk, struct bytes *ret_key,
                                struct bytes *ret_value)
{
    bool removed = true;
    enum ctps_code code = CTPS_OK;

    while (removed) {
        for (size_t i = 0; i < LAYERS; i++)
            layer_find(walk, &walk->layers[i]);
        code = file_find(walk);
        if (code != CTPS_OK)
            return code;
        if (!choose(walk, ret_key, ret_value, &removed))
            return CTPS_ABSENT;
        pass(walk, *ret_key);
    }
    *ret_key = last_key(walk);
    return CTPS_OK;
}

static void walk_start(struct walk *walk, struct bytes after)
{
    struct view *view = walk->view;

    walk->has_last = after.len > 0 && after.len <= STORE_KEY_MAX;
    if (walk->has_last) {
        memcpy(walk->last, after.data, after.len);
        walk->last_len = after.len;
    }
    walk->layers[0].bulk = view->held;
    walk->layers[1].bulk = view->writer.bulk;
    for (size_t i = 0; i < LAYERS; i++)
        layer_seek(walk, &walk->layers[i]);
}

enum ctps_code view_walk(struct view *view, unsigned table, struct bytes prefix,
                         struct bytes after, bool backwards, tables_each *each, void *arg)
{
    struct walk walk = {.view = view, .table = table, .backwards = backwards, .prefix = prefix};
    struct bytes key;
    struct bytes value;
    enum ctps_code code =
        store_cursor_open(&walk.cursor, view->txn, table, prefix, after, backwards);

    if (code != CTPS_OK)
        return code;
    walk_start(&walk, after);
    while ((code = walk_next(&walk, &key, &value)) == CTPS_OK)
        if (!each(arg, key, value))
            break;
    store_cursor_close(&walk.cursor);
    return code == CTPS_ABSENT ? CTPS_OK : code;
}
