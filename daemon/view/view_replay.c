/* Many entries at once. Rows of the entries being applied are held back; those of the entries
 * before are written meanwhile by a second thread, which alone uses the store's write
 * transaction. What is read while that goes on: held back, else being written, else in the file
 * as it was before, which the reading transaction of this thread still shows. */
#include <pthread.h>
#include <stdlib.h>

#include "view/view_private.h"

/* What the second thread works on: nobody else touches it until it has ended. */
struct writer {
    pthread_t thread;
    bool running;
    struct view *view; /* its store, keys: not changed meanwhile */
    struct view_bulk *bulk;
    struct view_moment moment; /* to be stored with the rows */
    enum ctps_code code;
    struct ctps_err err;
};

struct view_replay {
    struct view_bulk *held; /* rows not handed over yet */
    struct writer writer;   /* its bulk is empty when nothing is being written */
    /* view->txn writes: what was held is in it already, and rows are no longer held back until
     * the next step. */
    bool direct;
};

static enum ctps_code write_all(struct writer *writer)
{
    struct store_txn *txn;
    struct view_sink sink = {.view = writer->view, .sum = writer->moment.sum};
    enum ctps_code code = store_txn_begin(&txn, writer->view->store, true, &writer->err);

    if (code != CTPS_OK)
        return code;
    sink.txn = txn;
    view_bulk_write(writer->bulk, &sink);
    view_meta_write(txn, &writer->moment);
    return store_txn_commit(&txn, &writer->err);
}

static void *writer_main(void *arg)
{
    struct writer *writer = arg;

    writer->code = write_all(writer);
    return NULL;
}

/* What was written is what is stored. */
static enum ctps_code writer_ended(struct view *view, struct ctps_err *err)
{
    struct writer *writer = &view->replay->writer;

    view_bulk_clear(writer->bulk);
    if (writer->code != CTPS_OK) {
        if (err)
            *err = writer->err;
        return writer->code;
    }
    view->stored = writer->moment;
    memcpy(view->now.sum, view->stored.sum, VIEW_SUM_LEN);
    return CTPS_OK;
}

/* Until what was handed over is in the file. */
static enum ctps_code writer_wait(struct view *view, struct ctps_err *err)
{
    struct writer *writer = &view->replay->writer;

    if (!writer->running)
        return CTPS_OK;
    pthread_join(writer->thread, NULL);
    writer->running = false;
    return writer_ended(view, err);
}

/* What is held is written from now on, while this thread reads what was there before. Without a
 * second thread it is written at once. */
static enum ctps_code writer_start(struct view *view, struct ctps_err *err)
{
    struct view_replay *replay = view->replay;
    struct writer *writer = &replay->writer;
    struct view_bulk *written = writer->bulk;
    enum ctps_code code = store_txn_begin(&view->txn, view->store, false, err);

    if (code != CTPS_OK)
        return code;
    writer->bulk = replay->held;
    replay->held = written;
    writer->moment = view->now;
    writer->running = pthread_create(&writer->thread, NULL, writer_main, writer) == 0;
    if (writer->running)
        return CTPS_OK;
    store_txn_abort(&view->txn);
    writer_main(writer);
    code = writer_ended(view, err);
    return code == CTPS_OK ? store_txn_begin(&view->txn, view->store, false, err) : code;
}

static void replay_free(struct view *view)
{
    struct view_replay *replay = view->replay;

    view_bulk_free(&replay->held);
    view_bulk_free(&replay->writer.bulk);
    free(replay);
    view->replay = NULL;
    view->begun = false;
    view->writing = false;
}

static struct view_replay *replay_new(struct view *view)
{
    struct view_replay *replay = calloc(1, sizeof(*replay));

    if (!replay)
        return NULL;
    replay->writer.view = view;
    replay->held = view_bulk_new();
    replay->writer.bulk = view_bulk_new();
    if (replay->held && replay->writer.bulk)
        return replay;
    view_bulk_free(&replay->held);
    view_bulk_free(&replay->writer.bulk);
    free(replay);
    return NULL;
}

enum ctps_code view_begin_replay(struct view *view, struct ctps_err *err)
{
    enum ctps_code code;

    view_abort(view);
    code = view_flush(view, err);
    if (code == CTPS_OK)
        code = store_txn_begin(&view->txn, view->store, false, err);
    if (code != CTPS_OK)
        return code;
    /* What is read meanwhile is not what is written: nothing opened before may be used after.
     */
    view_cache_clear(view->cache);
    view->replay = replay_new(view);
    if (!view->replay) {
        store_txn_abort(&view->txn);
        return err_set(err, CTPS_NOMEM, "views: no memory to replay entries");
    }
    view->begun = view->writing = true;
    view->before = view->now;
    return CTPS_OK;
}

enum ctps_code view_replay_get(struct view *view, unsigned table, struct bytes key,
                               struct bytes *ret_value)
{
    struct view_replay *replay = view->replay;
    enum ctps_code code;

    if (!replay || replay->direct)
        return CTPS_UNSUPPORTED;
    code = view_bulk_get(replay->held, table, key, ret_value);
    if (code == CTPS_UNSUPPORTED && replay->writer.running)
        code = view_bulk_get(replay->writer.bulk, table, key, ret_value);
    return code;
}

void view_replay_settle(struct view *view)
{
    struct view_replay *replay = view->replay;
    struct view_sink sink = {.view = view, .sum = view->now.sum};
    enum ctps_code code;

    if (!replay || replay->direct)
        return;
    replay->direct = true;
    code = writer_wait(view, &replay->writer.err);
    /* Without a transaction that writes, the one that reads goes on: it refuses the next row.
     */
    if (code == CTPS_OK)
        code = store_txn_begin(&sink.txn, view->store, true, &replay->writer.err);
    if (code != CTPS_OK) {
        store_txn_refuse(view->txn, TABLE_META);
        return;
    }
    store_txn_abort(&view->txn);
    view->txn = sink.txn;
    view_bulk_write(replay->held, &sink);
    view_bulk_clear(replay->held);
}

bool view_replay_put(struct view *view, unsigned table, struct bytes key,
                     const struct bytes *value)
{
    struct view_replay *replay = view->replay;

    if (!replay || replay->direct || key.len == 0 || key.len > STORE_KEY_MAX)
        return false;
    if (view_bulk_put(replay->held, table, key, value))
        return true;
    /* One entry that alone fills the memory. */
    view_replay_settle(view);
    return false;
}

/* What was written directly goes to the file. */
static enum ctps_code direct_commit(struct view *view, struct ctps_err *err)
{
    enum ctps_code code;

    view_meta_write(view->txn, &view->now);
    code = store_txn_commit(&view->txn, err);
    if (code == CTPS_OK)
        view->stored = view->now;
    return code;
}

bool view_replay_is_filling(const struct view *view)
{
    return view_bulk_is_filling(view->replay->held);
}

enum ctps_code view_replay_step(struct view *view, struct ctps_err *err)
{
    struct view_replay *replay = view->replay;
    enum ctps_code code = store_txn_error(view->txn, err);

    if (code == CTPS_OK)
        code = replay->direct ? direct_commit(view, err) : writer_wait(view, err);
    if (code != CTPS_OK)
        return code;
    store_txn_abort(&view->txn);
    if (!replay->direct)
        return writer_start(view, err);
    replay->direct = false;
    return store_txn_begin(&view->txn, view->store, false, err);
}

enum ctps_code view_replay_finish(struct view *view, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    /* At an ordinary start there is nothing to replay. */
    if (view->now.head.seq != view->stored.head.seq || view->replay->direct ||
        !view_bulk_is_empty(view->replay->held))
        code = view_replay_step(view, err);
    if (code == CTPS_OK)
        code = writer_wait(view, err);
    view_replay_drop(view);
    return code;
}

/* The last writing may still be under way: it ends first. */
void view_replay_drop(struct view *view)
{
    writer_wait(view, NULL);
    store_txn_abort(&view->txn);
    view->now = view->stored;
    view_cache_clear(view->cache);
    view_all_changed(view);
    replay_free(view);
}
