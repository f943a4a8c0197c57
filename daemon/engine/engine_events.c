/* Publishing what was flushed, and giving it again to whoever missed it. */
#include "engine/engine_private.h"

enum { EVENTS_DEFAULT = 100, EVENTS_MAX = 500 };

Ctps__EventHeader *engine_header_new(struct arena *arena, const uint8_t *incarnation,
                                     uint64_t number, uint64_t previous, int64_t time_us,
                                     const char *topic)
{
    Ctps__EventHeader *header = arena_alloc(arena, sizeof(*header));

    if (!header)
        return NULL;
    ctps__event_header__init(header);
    header->has_incarnation = 1;
    header->incarnation.len = JOURNAL_INCARNATION_LEN;
    header->incarnation.data = arena_copy(arena, incarnation, JOURNAL_INCARNATION_LEN);
    header->audience = arena_strdup(arena, "plugins");
    header->topic = arena_strdup(arena, topic);
    SET(header, number, number);
    SET(header, previous_number, previous);
    SET(header, time_us, time_us);
    return header->incarnation.data && header->audience && header->topic ? header : NULL;
}

/* Past the limit of one batch nothing is lost: consumers see the gap and pull. */
void engine_publish_queue(struct engine *engine, const Ctps__Entry *entry, uint64_t seq)
{
    uint64_t previous = view_state(engine->view)->last_published;
    struct journal_head head;
    Ctps__Notice notice;
    const char *topic;

    journal_batch_head(engine->journal, &head);
    for (size_t i = 0; i < entry->n_events; i++) {
        struct outgoing *out = &engine->outgoing[engine->outgoing_count];
        uint64_t number = seq << 8 | (i + 1);
        Ctps__EventHeader *header;

        if (!notice_of_event(entry->events[i], &notice, &topic))
            continue;
        header = engine_header_new(&engine->arena, head.incarnation, number, previous,
                                   entry->time_us, topic);
        previous = number;
        if (!header || engine->outgoing_count == ENGINE_BATCH_EVENTS_MAX ||
            wire_pack(&engine->arena, &header->base, &out->header) != CTPS_OK ||
            wire_pack(&engine->arena, &notice.base, &out->notice) != CTPS_OK)
            continue;
        out->topic = topic;
        engine->outgoing_count++;
    }
}

struct collected {
    struct engine *engine;
    Ctps__EventsAnswer *answer;
    uint64_t after;
    uint64_t previous;
    uint32_t limit;
    struct arena arena; /* of one entry */
};

static bool event_collect(struct collected *collected, const struct journal_frame *frame,
                          const Ctps__Entry *entry, size_t i)
{
    struct arena *arena = &collected->engine->arena;
    uint64_t number = frame->seq << 8 | (i + 1);
    Ctps__EventRecord *record;
    Ctps__Notice notice;
    const char *topic;
    struct bytes packed;

    if (!notice_of_event(entry->events[i], &notice, &topic))
        return true;
    if (number <= collected->after) {
        collected->previous = number;
        return true;
    }
    if (collected->answer->n_events == collected->limit)
        return false;
    record = arena_alloc(arena, sizeof(*record));
    /* Packed and opened again: the notice must outlive the frame it points into. */
    if (!record || wire_pack(arena, &notice.base, &packed) != CTPS_OK)
        return false;
    ctps__event_record__init(record);
    record->header = engine_header_new(arena, frame->incarnation, number, collected->previous,
                                       entry->time_us, topic);
    record->notice = (Ctps__Notice *)record_unpack(arena, &ctps__notice__descriptor, packed);
    collected->previous = number;
    collected->answer->events[collected->answer->n_events++] = record;
    return true;
}

static enum ctps_code frame_collect(void *arg, const struct journal_frame *frame)
{
    struct collected *collected = arg;
    Ctps__Entry *entry;
    bool more = true;

    arena_reset(&collected->arena);
    entry =
        (Ctps__Entry *)record_unpack(&collected->arena, &ctps__entry__descriptor, frame->body);
    if (!entry)
        return CTPS_DAMAGED;
    for (size_t i = 0; i < entry->n_events && more; i++)
        more = event_collect(collected, frame, entry, i);
    return more ? CTPS_OK : CTPS_LIMIT;
}

/* Reading starts at the last known place before `after`, never at the start of the journal. */
static uint64_t scan_start(struct engine *engine, struct collected *collected,
                           struct journal_place *ret_place, bool *ret_known)
{
    uint64_t seq = collected->after >> 8;
    uint64_t at = seq - seq % ENGINE_PLACE_EVERY;
    Ctps__PlaceRecord *row = NULL;

    *ret_known = false;
    if (at)
        row = (Ctps__PlaceRecord *)record_get(view_tables(engine->view), TABLE_PLACE,
                                              table_key_of_u64(at), &engine->arena,
                                              &ctps__place_record__descriptor);
    if (!row)
        return 1;
    collected->previous = row->last_published;
    ret_place->segment = row->segment;
    ret_place->offset = row->offset;
    *ret_known = true;
    return at;
}

static Ctps__EventHeader *head_header(struct engine *engine, struct arena *arena)
{
    const struct apply_state *state = view_state(engine->view);
    struct journal_head head;

    journal_head_get(engine->journal, &head);
    return engine_header_new(arena, head.incarnation, state->last_published, 0,
                             state->last_time_us, "heartbeat");
}

static bool is_askable(struct engine *engine, struct pending *pending)
{
    const Ctps__ReadEvents *in = pending->request->read_events;
    struct journal_head head;

    journal_head_get(engine->journal, &head);
    if (strcmp(or_empty(in->audience), "plugins") != 0) {
        engine_reply_refuse(engine, pending, REFUSAL_FIELD_RANGE, "audience");
        return false;
    }
    if (in->has_incarnation &&
        !bytes_equal(bytes_of(in->incarnation.data, in->incarnation.len),
                     bytes_of(head.incarnation, sizeof(head.incarnation)))) {
        engine_reply_refuse(engine, pending, REFUSAL_INCARNATION_WRONG, "incarnation");
        return false;
    }
    return true;
}

void engine_events_answer(struct engine *engine, struct pending *pending)
{
    const Ctps__ReadEvents *in = pending->request->read_events;
    struct collected collected = {.engine = engine, .after = in->after};
    Ctps__Reply *reply;
    struct journal_place place;
    bool known;
    uint64_t from;
    enum ctps_code code;
    struct ctps_err err = {0};

    if (!is_askable(engine, pending))
        return;
    reply = engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    collected.limit = in->has_limit && in->limit ? in->limit : EVENTS_DEFAULT;
    if (collected.limit > EVENTS_MAX)
        collected.limit = EVENTS_MAX;
    collected.answer = arena_alloc(&engine->arena, sizeof(*collected.answer));
    if (!reply || !collected.answer)
        return;
    ctps__events_answer__init(collected.answer);
    collected.answer->events =
        arena_alloc(&engine->arena, collected.limit * sizeof(Ctps__EventRecord *));
    collected.answer->head = head_header(engine, &engine->arena);
    if (!collected.answer->events)
        return;
    arena_init(&collected.arena, ENGINE_REPLAY_ARENA);
    from = scan_start(engine, &collected, &place, &known);
    code = journal_scan_at(engine->journal, from, known ? &place : NULL, frame_collect,
                           &collected, &err);
    arena_done(&collected.arena);
    if (code != CTPS_OK && code != CTPS_LIMIT) {
        log_error(engine->log, "events cannot be read: %s", err.text);
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE, "events");
        return;
    }
    reply->answer_case = CTPS__REPLY__ANSWER_EVENTS_ANSWER;
    reply->events_answer = collected.answer;
    engine_reply_set(engine, pending, reply);
}

void engine_heartbeat(struct engine *engine, struct buf *out)
{
    struct arena arena;
    Ctps__EventHeader *header;

    arena_init(&arena, ENGINE_KEY_LEN << 10);
    header = head_header(engine, &arena);
    if (header)
        wire_pack_buf(out, &header->base);
    arena_done(&arena);
}
