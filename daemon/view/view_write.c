/* Rows reach the file behind our back: what is held is handed to a second thread, which alone
 * uses the store's write transaction, and this one goes on. What is read meanwhile is held,
 * else being written, else in the file as it was before, which `view->txn` still shows. Until
 * the next handing over nobody looks whether the writing has ended: what is read when does not
 * depend on how quick it was. */
#include <signal.h>
#include <sys/resource.h>

#include "view/view_private.h"

static enum ctps_code write_all(struct view_writer *writer, struct view *view)
{
    struct view_sink sink = {.view = view, .sum = writer->moment.sum};
    enum ctps_code code = store_txn_begin_behind(&sink.txn, view->store, &writer->err);

    if (code != CTPS_OK)
        return code;
    view_bulk_write(writer->bulk, &sink);
    view_meta_write(sink.txn, &writer->moment);
    return store_txn_commit(&sink.txn, &writer->err);
}

enum { WRITER_NICE = 10 };

static void *writer_main(void *arg)
{
    struct view *view = arg;

    view->writer.code = write_all(&view->writer, view);
    return NULL;
}

/* Nobody waits for it: whoever answers goes before. On Linux a thread has a nice of its own. */
static void *thread_main(void *arg)
{
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + WRITER_NICE);
    return writer_main(arg);
}

/* Signals are the loop's. */
static bool thread_start(struct view *view)
{
    sigset_t all;
    sigset_t before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(&view->writer.thread, NULL, thread_main, view) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

enum ctps_code view_snapshot(struct view *view, struct ctps_err *err)
{
    store_txn_abort(&view->txn);
    return store_txn_begin(&view->txn, view->store, false, err);
}

enum ctps_code view_settle(struct view *view, struct ctps_err *err)
{
    struct view_writer *writer = &view->writer;

    if (!writer->busy)
        return CTPS_OK;
    if (writer->threaded)
        pthread_join(writer->thread, NULL);
    writer->busy = writer->threaded = false;
    if (writer->code != CTPS_OK) {
        if (err)
            *err = writer->err;
        return writer->code;
    }
    view->stored = writer->moment;
    view_bulk_clear(writer->bulk);
    return view_snapshot(view, err);
}

static bool has_news(const struct view *view)
{
    return view_bulk_count(view->held) > 0 || view->now.head.seq != view->stored.head.seq;
}

enum ctps_code view_hand_over(struct view *view, struct ctps_err *err)
{
    struct view_writer *writer = &view->writer;
    struct view_bulk *empty;
    enum ctps_code code = view_settle(view, err);

    if (code != CTPS_OK || !has_news(view))
        return code;
    empty = writer->bulk;
    writer->bulk = view->held;
    view->held = empty;
    writer->moment = view->now;
    memcpy(writer->moment.sum, view->stored.sum, VIEW_SUM_LEN);
    writer->err = (struct ctps_err){0};
    store_reseed(view->store);
    writer->busy = true;
    writer->threaded = thread_start(view);
    /* Without a second thread this one writes. */
    if (!writer->threaded)
        writer_main(view);
    return CTPS_OK;
}
