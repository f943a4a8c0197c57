/* Publishing what was flushed, and giving it again to whoever missed it. */
#include "engine/engine_private.h"

enum { EVENTS_DEFAULT = 100, EVENTS_MAX = 500 };

Ctps__EventHeader *engine_header_new(struct arena *arena, const uint8_t *incarnation,
                                     const char *audience, uint64_t number, uint64_t previous,
                                     int64_t time_us, const char *topic)
{
    Ctps__EventHeader *header = arena_alloc(arena, sizeof(*header));

    if (!header)
        return NULL;
    ctps__event_header__init(header);
    header->has_incarnation = 1;
    header->incarnation.len = JOURNAL_INCARNATION_LEN;
    header->incarnation.data = arena_copy(arena, incarnation, JOURNAL_INCARNATION_LEN);
    header->audience = arena_strdup(arena, audience);
    header->topic = arena_strdup(arena, topic);
    SET(header, number, number);
    SET(header, previous_number, previous);
    SET(header, time_us, time_us);
    return header->incarnation.data && header->audience && header->topic ? header : NULL;
}

/* One event of an entry, for one audience. */
struct told {
    uint64_t number;
    const char *topic;
    Ctps__Notice notice;
};

/* What an entry's own audit part says; opened in `arena`. */
static void audit_tell(struct engine *engine, struct arena *arena, const Ctps__Entry *entry,
                       struct told *told)
{
    const Ctps__AuditRecord *record = NULL;
    struct bytes packed;

    if (engine_audit_open(engine, arena, entry, &packed) == CTPS_OK)
        record = (const Ctps__AuditRecord *)record_unpack(
            arena, &ctps__audit_record__descriptor, packed);
    notice_of_audit(entry, record, &told->notice, &told->topic);
}

/* The next event of the entry for the audience, from *at on; false past the last. */
static bool tell_next(struct engine *engine, struct arena *arena, bool is_audit,
                      const Ctps__Entry *entry, uint64_t seq, size_t *at, struct told *told)
{
    while (*at < entry->n_events) {
        const Ctps__Event *event = entry->events[(*at)++];

        told->number = seq << 8 | *at;
        if (is_audit ? notice_of_event_audited(event, &told->notice, &told->topic)
                     : notice_of_event(event, &told->notice, &told->topic))
            return true;
    }
    if (!is_audit || *at > entry->n_events || !notice_is_audited(entry))
        return false;
    *at = entry->n_events + 1;
    told->number = seq << 8 | NOTICE_AUDIT_ORDINAL;
    audit_tell(engine, arena, entry, told);
    return true;
}

static const char *audience_name(bool is_audit)
{
    return is_audit ? AUDIENCE_AUDIT : AUDIENCE_PLUGINS;
}

/* Past the limit of one batch nothing is lost: consumers see the gap and pull. */
void engine_outgoing_add(struct engine *engine, Ctps__EventHeader *header, Ctps__Notice *notice)
{
    struct outgoing *out = &engine->outgoing[engine->outgoing_count];
    Ctps__EventRecord record = CTPS__EVENT_RECORD__INIT;

    record.header = header;
    record.notice = notice;
    if (!header || engine->outgoing_count == ENGINE_BATCH_EVENTS_MAX ||
        wire_pack(&engine->arena, &record.base, &out->event) != CTPS_OK)
        return;
    out->audience = header->audience;
    out->topic = header->topic;
    engine->outgoing_count++;
}

static void publish_to(struct engine *engine, bool is_audit, const Ctps__Entry *entry,
                       uint64_t seq)
{
    const struct apply_state *state = view_state(engine->view);
    uint64_t previous = is_audit ? state->last_audited : state->last_published;
    struct journal_head head;
    struct told told;
    size_t at = 0;

    journal_batch_head(engine->journal, &head);
    while (tell_next(engine, &engine->arena, is_audit, entry, seq, &at, &told)) {
        engine_outgoing_add(engine,
                            engine_header_new(&engine->arena, head.incarnation,
                                              audience_name(is_audit), told.number, previous,
                                              entry->time_us, told.topic),
                            &told.notice);
        previous = told.number;
    }
}

void engine_publish_queue(struct engine *engine, const Ctps__Entry *entry, uint64_t seq)
{
    publish_to(engine, false, entry, seq);
    if (engine->out.audit_is_heard)
        publish_to(engine, true, entry, seq);
}

struct collected {
    struct engine *engine;
    Ctps__EventsAnswer *answer;
    bool is_audit;
    uint64_t after;
    uint64_t previous;
    uint32_t limit;
    struct arena arena; /* of one entry */
};

static bool event_collect(struct collected *collected, const struct journal_frame *frame,
                          const Ctps__Entry *entry, const struct told *told)
{
    struct arena *arena = &collected->engine->arena;
    Ctps__EventRecord *record;
    struct bytes packed;

    if (told->number <= collected->after) {
        collected->previous = told->number;
        return true;
    }
    if (collected->answer->n_events == collected->limit)
        return false;
    record = arena_alloc(arena, sizeof(*record));
    /* Packed and opened again: the notice must outlive the frame it points into. */
    if (!record || wire_pack(arena, &told->notice.base, &packed) != CTPS_OK)
        return false;
    ctps__event_record__init(record);
    record->header =
        engine_header_new(arena, frame->incarnation, audience_name(collected->is_audit),
                          told->number, collected->previous, entry->time_us, told->topic);
    record->notice = (Ctps__Notice *)record_unpack(arena, &ctps__notice__descriptor, packed);
    collected->previous = told->number;
    collected->answer->events[collected->answer->n_events++] = record;
    return true;
}

static enum ctps_code frame_collect(void *arg, const struct journal_frame *frame)
{
    struct collected *collected = arg;
    Ctps__Entry *entry;
    struct told told;
    bool more = true;
    size_t at = 0;

    arena_reset(&collected->arena);
    entry =
        (Ctps__Entry *)record_unpack(&collected->arena, &ctps__entry__descriptor, frame->body);
    if (!entry)
        return CTPS_DAMAGED;
    while (more && tell_next(collected->engine, &collected->arena, collected->is_audit, entry,
                             frame->seq, &at, &told))
        more = event_collect(collected, frame, entry, &told);
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
    collected->previous = collected->is_audit ? row->last_audited : row->last_published;
    ret_place->segment = row->segment;
    ret_place->offset = row->offset;
    *ret_known = true;
    return at;
}

static Ctps__EventHeader *head_header(struct engine *engine, struct arena *arena,
                                      const char *audience)
{
    const struct apply_state *state = view_state(engine->view);
    const struct engine_feed *feed = engine_feed_find(engine, audience);
    struct journal_head head;
    uint64_t number = feed ? feed->last_number : state->last_published;

    if (strcmp(audience, AUDIENCE_AUDIT) == 0)
        number = state->last_audited;
    journal_head_get(engine->journal, &head);
    return engine_header_new(arena, head.incarnation, audience, number, 0, state->last_time_us,
                             "heartbeat");
}

static bool is_askable(struct engine *engine, struct pending *pending)
{
    const Ctps__ReadEvents *in = pending->request->read_events;
    struct journal_head head;

    journal_head_get(engine->journal, &head);
    if (!audience_is_known(in->audience)) {
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

static enum ctps_code journal_collect(struct engine *engine, struct collected *collected)
{
    struct journal_place place;
    bool known;
    uint64_t from = scan_start(engine, collected, &place, &known);
    struct ctps_err err = {0};
    enum ctps_code code;

    arena_init_within(&collected->arena, ENGINE_REPLAY_ARENA, &engine->arena);
    code = journal_scan_at(engine->journal, from, known ? &place : NULL, frame_collect,
                           collected, &err);
    arena_done(&collected->arena);
    if (code == CTPS_OK || code == CTPS_LIMIT)
        return CTPS_OK;
    log_error(engine->log, "events cannot be read: %s", err.text);
    return code;
}

static Ctps__EventsAnswer *events_answer_new(struct engine *engine, const char *audience,
                                             uint32_t limit)
{
    Ctps__EventsAnswer *answer = arena_alloc(&engine->arena, sizeof(*answer));

    if (!answer)
        return NULL;
    ctps__events_answer__init(answer);
    answer->events = arena_alloc(&engine->arena, limit * sizeof(Ctps__EventRecord *));
    answer->head = head_header(engine, &engine->arena, audience);
    return answer->events ? answer : NULL;
}

Ctps__EventsAnswer *engine_events_page(struct engine *engine, const char *audience,
                                       uint64_t after, uint32_t limit)
{
    struct collected collected = {
        .engine = engine,
        .after = after,
        .is_audit = strcmp(audience, AUDIENCE_AUDIT) == 0,
        .limit = limit,
        .answer = events_answer_new(engine, audience, limit),
    };
    uint64_t partner;

    if (!collected.answer)
        return NULL;
    if (feed_audience_read(audience, &partner))
        engine_feed_collect(engine, audience, after, limit, collected.answer);
    else if (journal_collect(engine, &collected) != CTPS_OK)
        return NULL;
    return collected.answer;
}

void engine_events_answer(struct engine *engine, struct pending *pending)
{
    const Ctps__ReadEvents *in = pending->request->read_events;
    uint32_t limit = in->has_limit && in->limit ? in->limit : EVENTS_DEFAULT;
    Ctps__Reply *reply;

    if (!is_askable(engine, pending))
        return;
    reply = engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    if (!reply)
        return;
    reply->answer_case = CTPS__REPLY__ANSWER_EVENTS_ANSWER;
    reply->events_answer = engine_events_page(engine, in->audience, in->after,
                                              limit < EVENTS_MAX ? limit : EVENTS_MAX);
    if (reply->events_answer)
        engine_reply_set(engine, pending, reply);
    else
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE, "events");
}

void engine_heartbeat(struct engine *engine, const char *audience, struct buf *out)
{
    struct arena arena;
    Ctps__EventRecord record = CTPS__EVENT_RECORD__INIT;

    arena_init(&arena, ENGINE_KEY_LEN << 10);
    record.header = head_header(engine, &arena, audience);
    if (record.header)
        wire_pack_buf(out, &record.base);
    arena_done(&arena);
}
