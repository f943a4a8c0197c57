/* Feeds of partners: what they get is published, and given again to whoever missed it. */
#include <stdlib.h>

#include "domain/rows.h"
#include "engine/engine_private.h"

/* Asks for nobody: what may be said is judged in the name of the contacts it is about. */
static struct act *blank_act(struct engine *engine)
{
    static const struct principal daemon_itself = {.kind = PRINCIPAL_KIND_SYSTEM};
    static const Ctps__Request nothing = CTPS__REQUEST__INIT;

    return engine_act_new(engine, &daemon_itself, &nothing);
}

struct engine_feed *engine_feed_find(const struct engine *engine, const char *audience)
{
    uint64_t partner;

    if (!feed_audience_read(audience, &partner))
        return NULL;
    for (size_t i = 0; i < engine->feed_count; i++)
        if (engine->feeds[i].at.partner == partner)
            return &engine->feeds[i];
    return NULL;
}

void engine_feed_told(void *ctx, uint64_t partner, uint64_t number, Ctps__FeedItem *item)
{
    struct engine *engine = ctx;
    struct act *act = blank_act(engine);
    char audience[FEED_AUDIENCE_LEN];
    struct engine_feed *feed;
    struct journal_head head;
    Ctps__EventHeader *header;

    feed_audience_write(partner, audience);
    feed = engine_feed_find(engine, audience);
    if (!act || (!feed && !engine->feeds_changed))
        return; /* no open feed: webhooks only. Without memory its consumers pull */
    if (feed)
        feed->next_number = number;
    feed_item_judge(act, partner, item);
    journal_batch_head(engine->journal, &head);
    header = engine_header_new(&engine->arena, head.incarnation, audience, number,
                               item->previous_number, item->time_us, item->topic);
    engine_outgoing_add(engine, header, item->notice);
}

void engine_feeds_settle(struct engine *engine, bool were_kept)
{
    for (size_t i = 0; i < engine->feed_count; i++) {
        struct engine_feed *feed = &engine->feeds[i];

        if (were_kept)
            feed->last_number = feed->next_number;
        else
            feed->next_number = feed->last_number;
    }
}

static enum ctps_code feeds_take(struct engine *engine, const struct rows *rows,
                                 struct ctps_err *err)
{
    struct engine_feed *feeds = calloc(rows->count + 1, sizeof(*feeds));

    if (rows->failed || !feeds) {
        free(feeds);
        return err_set(err, CTPS_NOMEM, "feeds of partners cannot be read");
    }
    free(engine->feeds);
    engine->feeds = feeds;
    engine->feed_count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const Ctps__FeedRecord *row = (const Ctps__FeedRecord *)rows->list[i];

        if (row->on)
            feeds[engine->feed_count++] = (struct engine_feed){
                .at = {row->partner, row->place},
                .last_number = row->last_number,
                .next_number = row->last_number,
            };
    }
    return CTPS_OK;
}

enum ctps_code engine_feeds_load(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = view_begin(engine->view, false, err);
    struct rows rows;

    if (code != CTPS_OK)
        return code;
    rows = rows_read(view_tables(engine->view), &engine->arena, TABLE_FEED, bytes_of(NULL, 0),
                     &ctps__feed_record__descriptor);
    code = feeds_take(engine, &rows, err);
    view_abort(engine->view);
    engine_scratch_release(engine);
    return code;
}

void engine_feeds_renew(struct engine *engine)
{
    struct ctps_err err = {0};

    engine->feeds_unread = engine_feeds_load(engine, &err) != CTPS_OK;
    if (engine->feeds_unread)
        log_error(engine->log, "feeds of partners: %s", err.text);
    else if (engine->out.feeds_changed)
        engine->out.feeds_changed(engine->out.ctx);
}

size_t engine_feeds(const struct engine *engine, struct engine_feed_place *out, size_t max)
{
    for (size_t i = 0; i < engine->feed_count && i < max; i++)
        out[i] = engine->feeds[i].at;
    return engine->feed_count;
}

/* --- given again --- */

struct collecting {
    struct engine *engine;
    struct act *act;
    uint64_t partner;
    const char *audience;
    uint32_t limit;
    Ctps__EventsAnswer *answer;
};

static bool item_collect(void *arg, struct bytes key, struct bytes value)
{
    struct collecting *in = arg;
    struct engine *engine = in->engine;
    Ctps__EventsAnswer *answer = in->answer;
    Ctps__EventRecord *record;
    Ctps__FeedItem *item;
    struct journal_head head;

    if (answer->n_events == in->limit)
        return false;
    record = arena_alloc(&engine->arena, sizeof(*record));
    item = (Ctps__FeedItem *)record_unpack(&engine->arena, &ctps__feed_item__descriptor, value);
    if (!record || !item || !item->notice)
        return false;
    journal_head_get(engine->journal, &head);
    ctps__event_record__init(record);
    feed_item_judge(in->act, in->partner, item);
    record->header = engine_header_new(&engine->arena, head.incarnation, in->audience,
                                       be64_get(key.data + key.len - 8), item->previous_number,
                                       item->time_us, or_empty(item->topic));
    record->notice = item->notice;
    answer->events[answer->n_events++] = record;
    return true;
}

void engine_feed_collect(struct engine *engine, const char *audience, uint64_t after,
                         uint32_t limit, Ctps__EventsAnswer *answer)
{
    struct collecting collecting = {
        .engine = engine,
        .act = blank_act(engine),
        .audience = audience,
        .limit = limit,
        .answer = answer,
    };
    const struct tables *tables = view_tables(engine->view);
    struct table_key prefix;
    struct table_key from;

    if (!collecting.act || !feed_audience_read(audience, &collecting.partner))
        return;
    prefix = table_key_of_u64(collecting.partner);
    from = table_key_of_two(collecting.partner, after);
    tables->walk(tables->ctx, TABLE_FEED_ITEM, table_key_bytes(&prefix), table_key_bytes(&from),
                 false, item_collect, &collecting);
}
