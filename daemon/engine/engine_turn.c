/* The queue, and one batch taken from it. */
#include <stdlib.h>

#include "engine/engine_private.h"

enum { NAMES_AT_ONCE = 4096 };

enum ctps_code engine_request(struct engine *engine, const struct engine_peer *peer,
                              struct bytes body)
{
    struct queued *queued;

    if (engine->queue_count == ENGINE_QUEUE_MAX)
        return CTPS_BUSY;
    queued = malloc(sizeof(*queued) + body.len);
    if (!queued)
        return CTPS_BUSY;
    queued->next = NULL;
    queued->peer = *peer;
    queued->len = body.len;
    if (body.len)
        memcpy(queued->body, body.data, body.len);
    *engine->queue_tail = queued;
    engine->queue_tail = &queued->next;
    engine->queue_count++;
    return CTPS_OK;
}

bool engine_has_work(const struct engine *engine)
{
    return engine->queue_count > 0;
}

/* Requests hold names: wiped before they are given back. */
static void queued_free(const struct queued *queued)
{
    struct queued *own = (struct queued *)(uintptr_t)queued;

    explicit_bzero(own->body, own->len);
    free(own);
}

static struct queued *queue_take(struct engine *engine)
{
    struct queued *first = engine->queue_head;

    engine->queue_head = first->next;
    if (!engine->queue_head)
        engine->queue_tail = &engine->queue_head;
    engine->queue_count--;
    return first;
}

static void batch_take(struct engine *engine)
{
    unsigned max = engine->options.batch_max;

    engine->pending_count = 0;
    while (engine->queue_head && engine->pending_count < max)
        engine->pending[engine->pending_count++] = (struct pending){.from = queue_take(engine)};
}

/* Refusals and sessions met while only reading are journalled before anybody hears of them. */
static enum ctps_code stash_append(struct engine *engine, struct ctps_err *err)
{
    Ctps__Entry *stashed[2 * ENGINE_BATCH_MAX];
    unsigned count = engine->stashed_count;
    enum ctps_code code;

    if (count == 0)
        return CTPS_OK;
    for (unsigned i = 0; i < count; i++)
        stashed[i] = engine->stashed[i];
    view_abort(engine->view);
    code = engine_batch_begin(engine, true, err);
    for (unsigned i = 0; i < count && code == CTPS_OK; i++)
        code = engine_entry_append(engine, stashed[i], err);
    return code;
}

/* Whom a new saisine may double is only known once every name is. */
static enum ctps_code names_complete(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    while (code == CTPS_OK && !engine->names.complete) {
        code = view_begin(engine->view, false, err);
        if (code == CTPS_OK)
            engine_names_build(engine, NAMES_AT_ONCE);
        view_abort(engine->view);
        if (code == CTPS_OK && engine->names_starved)
            code = CTPS_BUSY;
    }
    return code;
}

/* Runs pending[from .. to) in one transaction, up to the commit. */
static enum ctps_code run_range(struct engine *engine, unsigned from, unsigned to,
                                struct ctps_err *err)
{
    bool writes = false;
    bool names = false;
    int64_t at = sys_mono_us(engine->sys);
    enum ctps_code code = CTPS_OK;

    for (unsigned i = from; i < to; i++) {
        engine_request_parse(engine, &engine->pending[i]);
        writes = writes || engine_request_writes(engine, &engine->pending[i]);
        names = names || engine_request_needs_names(&engine->pending[i]);
    }
    engine->failed = false;
    if (names)
        code = names_complete(engine, err);
    if (code == CTPS_OK)
        code = engine_batch_begin(engine, writes, err);
    for (unsigned i = from; i < to && code == CTPS_OK && !engine->failed; i++)
        engine_request_run(engine, &engine->pending[i]);
    /* What was read may have looked absent; asked now, for the stashed begin another
     * transaction.
     */
    engine->failed |= code == CTPS_OK && engine_is_blind(engine);
    if (code == CTPS_OK && !engine->failed)
        code = stash_append(engine, err);
    engine->shares.decide_us += sys_mono_us(engine->sys) - at;
    if (code != CTPS_OK)
        return code;
    if (engine->failed || engine_is_blind(engine))
        return CTPS_BUSY;
    return engine_batch_commit(engine, err);
}

static enum ctps_code late_run(struct engine *engine, unsigned from, unsigned to,
                               struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    for (unsigned i = from; i < to && code == CTPS_OK; i++) {
        if (!engine->pending[i].late)
            continue;
        if (!view_is_begun(engine->view))
            code = view_begin(engine->view, false, err);
        if (code == CTPS_OK)
            engine_request_late(engine, &engine->pending[i]);
        if (code == CTPS_OK && !engine->failed && !engine_is_blind(engine))
            continue;
        engine->pending[i].reply = bytes_of(NULL, 0);
        engine_reply_refuse(engine, &engine->pending[i], REFUSAL_UNAVAILABLE, "store");
    }
    view_abort(engine->view);
    return code;
}

static void replies_send(struct engine *engine, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        struct pending *pending = &engine->pending[i];

        /* Without memory for an answer nothing was done, or the client asks again by its id. */
        if (!pending->held)
            engine->out.reply(engine->out.ctx, &pending->from->peer, pending->reply);
        queued_free(pending->from);
        pending->from = NULL;
    }
}

static enum ctps_code range_turn(struct engine *engine, unsigned from, unsigned to,
                                 struct ctps_err *err)
{
    enum ctps_code code = run_range(engine, from, to, err);

    if (code == CTPS_OK)
        code = late_run(engine, from, to, err);
    if (code != CTPS_OK)
        return code;
    replies_send(engine, from, to);
    engine_batch_finish(engine);
    return CTPS_OK;
}

static void pending_blank(struct engine *engine, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        engine->pending[i] = (struct pending){.from = engine->pending[i].from};
    arena_reset(&engine->arena);
}

/* One request spoils the batch: each gets a batch of its own, and the one at fault a refusal.
 */
static enum ctps_code one_by_one(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    engine_batch_drop(engine);
    pending_blank(engine, 0, engine->pending_count);
    for (unsigned i = 0; i < engine->pending_count && code == CTPS_OK; i++) {
        code = range_turn(engine, i, i + 1, err);
        if (code != CTPS_BUSY)
            continue;
        engine_batch_drop(engine);
        pending_blank(engine, i, i + 1);
        engine_request_parse(engine, &engine->pending[i]);
        engine->pending[i].reply =
            bytes_of(NULL, 0); /* it may call malformed what it had no room for */
        engine_reply_refuse(engine, &engine->pending[i], REFUSAL_UNAVAILABLE, "store");
        replies_send(engine, i, i + 1);
        arena_reset(&engine->arena);
        code = CTPS_OK;
    }
    return code;
}

enum ctps_code engine_turn(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code;

    if (!engine->queue_head)
        return CTPS_OK;
    code = engine_keyring_top_up(engine, ENGINE_SLOTS_BATCH, err);
    if (code != CTPS_OK)
        return code;
    batch_take(engine);
    engine->batches++;
    engine->requests += engine->pending_count;
    if (engine->pending_count > engine->largest_batch)
        engine->largest_batch = engine->pending_count;
    code = range_turn(engine, 0, engine->pending_count, err);
    return code == CTPS_BUSY ? one_by_one(engine, err) : code;
}

void engine_queue_free(struct engine *engine)
{
    for (unsigned i = 0; i < engine->pending_count; i++)
        if (engine->pending[i].from)
            queued_free(engine->pending[i].from);
    engine->pending_count = 0;
    while (engine->queue_head)
        queued_free(queue_take(engine));
}
