/* Rows held in memory until they are written, newest writing only. */
#include <stdlib.h>

#include "view/view_private.h"

enum { SLOTS_MIN = 1 << 12, BULK_ARENA_CAP = 512 << 20 };

/* Rows of one table. The first `sorted` stand in order of their keys, which walks want and most
 * bulks never need. */
struct run {
    struct view_row **rows;
    size_t count, cap, sorted;
};

/* A place of the hash table: the hash beside, for most that are not it are known by that. */
struct slot {
    uint64_t hash;
    struct view_row *row; /* NULL: empty */
};

/* What a row was before the batch touched it. */
struct undo {
    struct view_row *row;
    enum view_row_state state;
    struct bytes value;
};

struct view_bulk {
    struct arena arena;
    size_t bytes_held;
    struct slot *slots; /* half of them stay empty, so a search always ends */
    size_t slot_count;
    struct run all; /* in the order they came, until they are written */
    struct run runs[TABLE_COUNT];
    struct undo *undos;
    size_t undo_count, undo_cap;
};

struct view_bulk *view_bulk_new(void)
{
    struct view_bulk *bulk = calloc(1, sizeof(*bulk));

    if (bulk)
        arena_init(&bulk->arena, BULK_ARENA_CAP);
    return bulk;
}

/* Memory for many rows is not kept for few. */
static void slots_drop(struct view_bulk *bulk)
{
    if (bulk->slot_count > 8 * SLOTS_MIN) {
        free(bulk->slots);
        bulk->slots = NULL;
        bulk->slot_count = 0;
    } else if (bulk->all.count) {
        memset(bulk->slots, 0, bulk->slot_count * sizeof(struct slot));
    }
}

static void run_clear(struct run *run)
{
    if (run->cap > 8 * SLOTS_MIN) {
        free(run->rows);
        run->rows = NULL;
        run->cap = 0;
    }
    run->count = run->sorted = 0;
}

void view_bulk_clear(struct view_bulk *bulk)
{
    slots_drop(bulk);
    run_clear(&bulk->all);
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        run_clear(&bulk->runs[table]);
    bulk->undo_count = 0;
    bulk->bytes_held = 0;
    arena_reset(&bulk->arena);
}

void view_bulk_free(struct view_bulk **bulk)
{
    struct view_bulk *old = *bulk;

    *bulk = NULL;
    if (!old)
        return;
    arena_done(&old->arena);
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        free(old->runs[table].rows);
    free(old->all.rows);
    free(old->undos);
    free(old->slots);
    free(old);
}

size_t view_bulk_count(const struct view_bulk *bulk)
{
    return bulk->all.count;
}

size_t view_bulk_bytes(const struct view_bulk *bulk)
{
    return bulk->bytes_held;
}

static struct slot *slot_of(struct slot *slots, size_t slot_count, const struct view_name *name)
{
    struct slot *slot = &slots[name->hash & (slot_count - 1)];

    while (slot->row && (slot->hash != name->hash || slot->row->table != name->table ||
                         !bytes_equal(slot->row->key, name->key)))
        slot = &slots[(size_t)(slot - slots + 1) & (slot_count - 1)];
    return slot;
}

static struct view_row *row_find(const struct view_bulk *bulk, const struct view_name *name)
{
    return bulk->all.count ? slot_of(bulk->slots, bulk->slot_count, name)->row : NULL;
}

enum ctps_code view_bulk_get(const struct view_bulk *bulk, const struct view_name *name,
                             struct bytes *ret_value)
{
    const struct view_row *row = row_find(bulk, name);

    if (!row || row->state == VIEW_ROW_NOTHING)
        return CTPS_UNSUPPORTED;
    if (row->state == VIEW_ROW_REMOVED)
        return CTPS_ABSENT;
    *ret_value = row->value;
    return CTPS_OK;
}

static bool slots_grow(struct view_bulk *bulk)
{
    size_t count = bulk->slot_count ? 2 * bulk->slot_count : SLOTS_MIN;
    struct slot *slots = calloc(count, sizeof(*slots));

    if (!slots)
        return false;
    for (size_t i = 0; i < bulk->all.count; i++) {
        struct view_row *row = bulk->all.rows[i];
        struct view_name name = {row->table, row->hash, row->key};

        *slot_of(slots, count, &name) = (struct slot){row->hash, row};
    }
    free(bulk->slots);
    bulk->slots = slots;
    bulk->slot_count = count;
    return true;
}

static bool run_has_room(struct run *run)
{
    size_t cap = run->cap ? 2 * run->cap : 64;
    struct view_row **rows;

    if (run->count < run->cap)
        return true;
    rows = reallocarray(run->rows, cap, sizeof(struct view_row *));
    if (!rows)
        return false;
    run->rows = rows;
    run->cap = cap;
    return true;
}

static struct view_row *row_add(struct view_bulk *bulk, const struct view_name *name)
{
    struct run *run = &bulk->runs[name->table];
    struct view_row *row = arena_alloc(&bulk->arena, sizeof(*row));
    void *key = arena_copy(&bulk->arena, name->key.data, name->key.len);

    if (!row || !key || !run_has_room(run) || !run_has_room(&bulk->all) ||
        (bulk->all.count >= bulk->slot_count / 2 && !slots_grow(bulk)))
        return NULL;
    *row = (struct view_row){
        .table = name->table, .hash = name->hash, .key = bytes_of(key, name->key.len)};
    run->rows[run->count++] = row;
    bulk->all.rows[bulk->all.count++] = row;
    *slot_of(bulk->slots, bulk->slot_count, name) = (struct slot){row->hash, row};
    return row;
}

static bool undo_note(struct view_bulk *bulk, struct view_row *row)
{
    if (bulk->undo_count == bulk->undo_cap) {
        size_t cap = bulk->undo_cap ? 2 * bulk->undo_cap : 256;
        struct undo *undos = reallocarray(bulk->undos, cap, sizeof(*undos));

        if (!undos)
            return false;
        bulk->undos = undos;
        bulk->undo_cap = cap;
    }
    bulk->undos[bulk->undo_count++] = (struct undo){row, row->state, row->value};
    return true;
}

bool view_bulk_put(struct view_bulk *bulk, const struct view_name *name,
                   const struct bytes *value)
{
    struct view_row *row = row_find(bulk, name);
    void *copy = NULL;

    if (value && value->len) {
        copy = arena_copy(&bulk->arena, value->data, value->len);
        if (!copy)
            return false;
        bulk->bytes_held += value->len;
    }
    if (!row)
        row = row_add(bulk, name);
    if (!row || !undo_note(bulk, row))
        return false;
    row->state = value ? VIEW_ROW_PUT : VIEW_ROW_REMOVED;
    row->value = bytes_of(copy, value ? value->len : 0);
    return true;
}

void view_bulk_keep(struct view_bulk *bulk)
{
    bulk->undo_count = 0;
}

bool view_bulk_undo(struct view_bulk *bulk)
{
    bool any = bulk->undo_count > 0;

    while (bulk->undo_count) {
        const struct undo *undo = &bulk->undos[--bulk->undo_count];

        undo->row->state = undo->state;
        undo->row->value = undo->value;
    }
    return any;
}

int view_key_compare(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.data, b.data, len) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_rows(const void *a, const void *b)
{
    const struct view_row *x = *(struct view_row *const *)a;
    const struct view_row *y = *(struct view_row *const *)b;

    return view_key_compare(x->key, y->key);
}

/* Both parts are in order; from the end, into the room of the second. */
static void run_merge(struct run *run, struct view_row **tail, size_t tail_count)
{
    size_t left = run->sorted;
    size_t at = run->count;

    while (tail_count && left) {
        if (compare_rows(&run->rows[left - 1], &tail[tail_count - 1]) > 0)
            run->rows[--at] = run->rows[--left];
        else
            run->rows[--at] = tail[--tail_count];
    }
    if (tail_count)
        memcpy(run->rows, tail, tail_count * sizeof(struct view_row *));
}

static void run_sort(struct run *run)
{
    size_t tail_count = run->count - run->sorted;
    size_t len = tail_count * sizeof(struct view_row *);
    struct view_row **tail = run->sorted ? malloc(len) : NULL;

    if (tail) {
        memcpy(tail, run->rows + run->sorted, len);
        qsort(tail, tail_count, sizeof(struct view_row *), compare_rows);
        run_merge(run, tail, tail_count);
        free(tail);
    } else {
        qsort(run->rows, run->count, sizeof(struct view_row *), compare_rows);
    }
    run->sorted = run->count;
}

struct view_rows view_bulk_rows(struct view_bulk *bulk, unsigned table)
{
    struct run *run = &bulk->runs[table];

    if (run->sorted < run->count)
        run_sort(run);
    return (struct view_rows){run->rows, run->count};
}

static int compare_all(const void *a, const void *b)
{
    const struct view_row *x = *(struct view_row *const *)a;
    const struct view_row *y = *(struct view_row *const *)b;

    return x->table != y->table ? (x->table > y->table) - (x->table < y->table)
                                : compare_rows(a, b);
}

/* `all` is the writer's: whoever reads meanwhile has the runs. */
void view_bulk_write(struct view_bulk *bulk, const struct view_sink *sink)
{
    if (bulk->all.count)
        qsort(bulk->all.rows, bulk->all.count, sizeof(struct view_row *), compare_all);
    for (size_t i = 0; i < bulk->all.count; i++) {
        const struct view_row *row = bulk->all.rows[i];

        if (row->state == VIEW_ROW_PUT)
            view_row_put(sink, row->table, row->key, row->value);
        else if (row->state == VIEW_ROW_REMOVED)
            view_row_remove(sink, row->table, row->key);
    }
}
