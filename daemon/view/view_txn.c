#include <assert.h>

#include "domain/record.h"
#include "view/view_private.h"

enum {
    META_ARENA_CAP = 64 << 10,
    HELD_LEN_MAX = 16 << 20, /* bytes of rows */
};

static enum ctps_code begin(struct view *view, bool write, struct ctps_err *err)
{
    enum ctps_code code = write ? store_write_check(view->store, err) : CTPS_OK;

    if (code != CTPS_OK)
        return code;
    if (!view->txn || store_txn_error(view->txn, NULL) != CTPS_OK)
        return view_snapshot(view, err);
    store_txn_forget(view->txn);
    return CTPS_OK;
}

enum ctps_code view_begin(struct view *view, bool write, struct ctps_err *err)
{
    enum ctps_code code;

    view_abort(view);
    code = begin(view, write, err);
    if (code != CTPS_OK)
        return code;
    view->begun = true;
    view->writing = write;
    view->before = view->now;
    return CTPS_OK;
}

static void ended(struct view *view)
{
    view->begun = false;
    view->writing = false;
}

/* Back to what is in the file. */
static void drop_all(struct view *view)
{
    view_bulk_clear(view->held);
    view_bulk_clear(view->writer.bulk);
    view->now = view->stored;
    view_cache_clear(view->cache);
    view_all_changed(view);
}

enum ctps_code view_spill(struct view *view, struct ctps_err *err)
{
    enum ctps_code code;

    assert(!view->begun);
    code = view_hand_over(view, err);
    if (code != CTPS_OK)
        drop_all(view);
    return code;
}

enum ctps_code view_flush(struct view *view, struct ctps_err *err)
{
    enum ctps_code code = view_spill(view, err);

    if (code == CTPS_OK)
        code = view_settle(view, err);
    if (code != CTPS_OK)
        drop_all(view);
    return code;
}

static bool is_enough(const struct view *view)
{
    return view_bulk_count(view->held) >= view->held_max ||
           view_bulk_bytes(view->held) >= HELD_LEN_MAX;
}

enum ctps_code view_keep(struct view *view, struct ctps_err *err)
{
    enum ctps_code code;

    if (!view->writing) {
        view_abort(view);
        return CTPS_OK;
    }
    code = store_txn_error(view->txn, err);
    view_bulk_keep(view->held);
    ended(view);
    if (code != CTPS_OK)
        view_drop(view);
    return code == CTPS_OK && is_enough(view) ? view_spill(view, err) : code;
}

enum ctps_code view_commit(struct view *view, struct ctps_err *err)
{
    bool wrote = view->writing;
    enum ctps_code code = view_keep(view, err);

    return code == CTPS_OK && wrote ? view_flush(view, err) : code;
}

void view_abort(struct view *view)
{
    if (!view->begun)
        return;
    if (view->writing) {
        view->now = view->before;
        if (view_bulk_undo(view->held)) {
            view_cache_clear(view->cache);
            view_all_changed(view);
        }
    }
    ended(view);
}

void view_drop(struct view *view)
{
    view_abort(view);
    view_settle(view, NULL);
    drop_all(view);
}

void view_hold(struct view *view, size_t rows)
{
    view->held_max = rows;
}

bool view_is_begun(const struct view *view)
{
    return view->begun;
}

bool view_is_writing(const struct view *view)
{
    return view->writing;
}

enum ctps_code view_error(const struct view *view, struct ctps_err *err)
{
    return store_txn_error(view->txn, err);
}

const struct tables *view_tables(struct view *view)
{
    return &view->tables;
}

struct apply_state *view_state(struct view *view)
{
    return &view->now.state;
}

const struct view_head *view_head(const struct view *view)
{
    return &view->now.head;
}

void view_head_set(struct view *view, const struct view_head *head)
{
    view->now.head = *head;
}

/* --- the head row: it holds the sum and is not under it --- */

static struct bytes meta_key(void)
{
    return bytes_of_str("head");
}

static void moment_of(struct view_moment *moment, const Ctps__MetaRecord *row)
{
    struct apply_state *state = &moment->state;

    memcpy(moment->head.incarnation, row->incarnation.data, VIEW_INCARNATION_LEN);
    memcpy(moment->head.hash, row->hash.data, SEAL_HASH_LEN);
    memcpy(moment->sum, row->sum.data, VIEW_SUM_LEN);
    moment->head.seq = row->seq;
    moment->head.batch = row->batch;
    state->next_slot = row->next_slot;
    state->last_time_us = row->last_time_us;
    state->last_clock_us = row->last_clock_us;
    state->clock_alarm = row->clock_alarm;
    state->audit_slot = row->audit_slot;
    state->audit_month = row->audit_month;
    state->digest_slot = row->digest_slot;
    state->digest_slot_before = row->digest_slot_before;
    state->digest_window_before = row->digest_window_before;
    state->digest_window = row->digest_window;
    state->last_run_day = row->last_run_day;
    state->entry_count = row->entry_count;
    state->read_count = row->read_count;
    state->refusal_count = row->refusal_count;
    state->last_published = row->last_published;
    state->last_audited = row->last_audited;
    state->feed_count = row->feed_count;
}

#define META(row, field, value)                                                                \
    do {                                                                                       \
        (row)->has_##field = 1;                                                                \
        (row)->field = (value);                                                                \
    } while (0)

static void row_of(Ctps__MetaRecord *row, struct view_moment *moment)
{
    const struct apply_state *state = &moment->state;

    META(row, incarnation,
         ((ProtobufCBinaryData){VIEW_INCARNATION_LEN, moment->head.incarnation}));
    META(row, hash, ((ProtobufCBinaryData){SEAL_HASH_LEN, moment->head.hash}));
    META(row, sum, ((ProtobufCBinaryData){VIEW_SUM_LEN, moment->sum}));
    META(row, seq, moment->head.seq);
    META(row, batch, moment->head.batch);
    META(row, next_slot, state->next_slot);
    META(row, last_time_us, state->last_time_us);
    META(row, last_clock_us, state->last_clock_us);
    META(row, clock_alarm, state->clock_alarm);
    META(row, audit_slot, state->audit_slot);
    META(row, audit_month, state->audit_month);
    META(row, digest_slot, state->digest_slot);
    META(row, digest_slot_before, state->digest_slot_before);
    META(row, digest_window_before, state->digest_window_before);
    META(row, digest_window, state->digest_window);
    META(row, last_run_day, state->last_run_day);
    META(row, entry_count, state->entry_count);
    META(row, read_count, state->read_count);
    META(row, refusal_count, state->refusal_count);
    META(row, last_published, state->last_published);
    META(row, last_audited, state->last_audited);
    META(row, feed_count, state->feed_count);
}

static enum ctps_code meta_unpack(struct view *view, struct bytes packed, struct ctps_err *err)
{
    struct arena arena;
    Ctps__MetaRecord *row;
    enum ctps_code code = CTPS_OK;

    arena_init(&arena, META_ARENA_CAP);
    row = (Ctps__MetaRecord *)record_unpack(&arena, &ctps__meta_record__descriptor, packed);
    if (!row || row->incarnation.len != VIEW_INCARNATION_LEN ||
        row->hash.len != SEAL_HASH_LEN || row->sum.len != VIEW_SUM_LEN)
        code = err_set(err, arena.starved ? CTPS_NOMEM : CTPS_DAMAGED,
                       "head row of the views is malformed");
    else
        moment_of(&view->now, row);
    view->stored = view->now;
    arena_done(&arena);
    return code;
}

enum ctps_code view_meta_read(struct view *view, struct ctps_err *err)
{
    struct store_txn *txn;
    struct bytes packed;
    enum ctps_code code = store_txn_begin(&txn, view->store, false, err);

    if (code != CTPS_OK)
        return code;
    code = store_get(txn, TABLE_META, meta_key(), &packed);
    if (code == CTPS_OK)
        code = meta_unpack(view, packed, err);
    else if (code == CTPS_ABSENT)
        err_set(err, code, "the views hold nothing");
    else
        store_txn_error(txn, err);
    store_txn_abort(&txn);
    return code;
}

void view_meta_write(struct store_txn *txn, struct view_moment *moment)
{
    struct arena arena;
    Ctps__MetaRecord row = CTPS__META_RECORD__INIT;
    struct bytes packed = {0};

    arena_init(&arena, META_ARENA_CAP);
    row_of(&row, moment);
    if (wire_pack(&arena, &row.base, &packed) == CTPS_OK)
        store_put(txn, TABLE_META, meta_key(), packed);
    else
        store_txn_starve(txn, TABLE_META);
    arena_done(&arena);
}
