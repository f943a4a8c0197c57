/* Who saw what about a situation, and why: reads and refusals of the journal, a page at a time.
 * Their part for the audit is sealed under the month's key: once that is destroyed, an entry is
 * counted and says nothing. */
#include "domain/share.h"
#include "engine/engine_private.h"

enum {
    WHO_DEFAULT = 100,
    WHO_MAX = 500,
    WHO_SCAN_MAX = 4096, /* entries looked at for one page: requests wait meanwhile */
    WHO_IDS_MAX = 256,
};

struct who {
    struct engine *engine;
    const Ctps__AuditWho *in;
    Ctps__AuditAnswer *answer;
    size_t limit;
    unsigned scanned;
    size_t id_count;
    uint64_t ids[WHO_IDS_MAX]; /* the situation and its saisines */
    struct arena arena;        /* of one entry */
    enum ctps_code failed;
};

static bool is_about(const struct who *who, const Ctps__AuditRecord *record)
{
    for (size_t i = 0; i < record->n_objects; i++)
        for (size_t j = 0; j < who->id_count; j++)
            if (record->objects[i] == who->ids[j])
                return true;
    return false;
}

static void view_add(struct who *who, uint64_t seq, int64_t time_us, struct bytes packed)
{
    struct arena *arena = &who->engine->arena;
    /* Unpacked again where it outlives the entry. */
    const Ctps__AuditRecord *record = (const Ctps__AuditRecord *)record_unpack(
        arena, &ctps__audit_record__descriptor, packed);
    Ctps__AuditView *view = arena_alloc(arena, sizeof(*view));

    if (!record || !view) {
        who->failed = CTPS_NOMEM;
        return;
    }
    ctps__audit_view__init(view);
    SET(view, seq, seq);
    SET(view, time_us, time_us);
    view->principal = record->principal;
    view->peer = record->peer;
    view->action = record->action;
    view->result = record->result;
    view->purpose = record->purpose;
    view->purpose_text = record->purpose_text;
    view->legal_base = record->legal_base;
    view->n_objects = record->n_objects;
    view->objects = record->objects;
    who->answer->entries[who->answer->n_entries++] = view;
}

static void entry_look(struct who *who, uint64_t seq, const Ctps__Entry *entry)
{
    const Ctps__AuditRecord *record;
    struct bytes packed;

    if (!entry->audit || !entry->audit->has_box)
        return;
    if (engine_audit_open(who->engine, &who->arena, entry, &packed) != CTPS_OK) {
        SET(who->answer, unreadable, who->answer->unreadable + 1);
        return;
    }
    record = (const Ctps__AuditRecord *)record_unpack(&who->arena,
                                                      &ctps__audit_record__descriptor, packed);
    if (record && is_about(who, record))
        view_add(who, seq, entry->time_us, packed);
}

static enum ctps_code frame_look(void *arg, const struct journal_frame *frame)
{
    struct who *who = arg;
    const Ctps__Entry *entry;
    int32_t day;

    if (frame->seq < who->in->after)
        return CTPS_OK; /* of the page before */
    if (who->scanned == WHO_SCAN_MAX || who->answer->n_entries == who->limit) {
        SET(who->answer, next, frame->seq);
        return CTPS_LIMIT;
    }
    arena_reset(&who->arena);
    entry =
        (const Ctps__Entry *)record_unpack(&who->arena, &ctps__entry__descriptor, frame->body);
    if (!entry)
        return CTPS_DAMAGED;
    who->scanned++;
    day = zone_day_of(entry->time_us);
    if (day > who->in->to_day)
        return CTPS_LIMIT;
    if (day >= who->in->from_day)
        entry_look(who, frame->seq, entry);
    return who->failed;
}

bool engine_place_find(struct engine *engine, uint64_t seq, struct journal_place *ret_place)
{
    const Ctps__PlaceRecord *row = (const Ctps__PlaceRecord *)record_get(
        view_tables(engine->view), TABLE_PLACE, table_key_of_u64(seq), &engine->arena,
        &ctps__place_record__descriptor);

    if (!row)
        return false;
    ret_place->segment = row->segment;
    ret_place->offset = row->offset;
    return true;
}

static enum ctps_code day_take(void *arg, const struct journal_frame *frame)
{
    int32_t *day = arg;
    struct arena arena;
    const Ctps__Entry *entry;

    arena_init(&arena, ENGINE_REPLAY_ARENA);
    entry = (const Ctps__Entry *)record_unpack(&arena, &ctps__entry__descriptor, frame->body);
    if (entry)
        *day = zone_day_of(entry->time_us);
    arena_done(&arena);
    return CTPS_LIMIT;
}

static bool is_before(struct engine *engine, uint64_t seq, int32_t day)
{
    struct journal_place place;
    struct ctps_err err = {0};
    int32_t found = INT32_MAX;

    if (engine_place_find(engine, seq, &place))
        journal_scan_at(engine->journal, seq, &place, day_take, &found, &err);
    return found < day;
}

/* Times of entries never go back: the last known place before the first day, by halves. */
static uint64_t start_find(struct engine *engine, int32_t day)
{
    uint64_t low = 0;
    uint64_t high = view_head(engine->view)->seq / ENGINE_PLACE_EVERY + 1;

    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;

        if (is_before(engine, middle * ENGINE_PLACE_EVERY, day))
            low = middle;
        else
            high = middle;
    }
    return low * ENGINE_PLACE_EVERY;
}

static enum ctps_code journal_look(struct who *who, struct ctps_err *err)
{
    struct engine *engine = who->engine;
    uint64_t from = who->in->after ? who->in->after : start_find(engine, who->in->from_day);
    uint64_t at = from - from % ENGINE_PLACE_EVERY;
    struct journal_place place;
    bool known = at > 0 && engine_place_find(engine, at, &place);
    enum ctps_code code;

    arena_init(&who->arena, ENGINE_REPLAY_ARENA);
    code = journal_scan_at(engine->journal, known ? at : 1, known ? &place : NULL, frame_look,
                           who, err);
    arena_done(&who->arena);
    return code == CTPS_LIMIT ? CTPS_OK : code;
}

static void ids_take(struct who *who, const Ctps__SituationRecord *situation)
{
    who->ids[who->id_count++] = situation->opened->id;
    for (size_t i = 0; i < situation->n_saisines && who->id_count < WHO_IDS_MAX; i++)
        who->ids[who->id_count++] = situation->saisines[i];
}

static uint64_t situation_asked(struct engine *engine, const Ctps__AuditWho *in)
{
    return in->situation ? in->situation
                         : record_reference_find(view_tables(engine->view), &engine->arena,
                                                 or_empty(in->reference));
}

/* NULL without memory. */
static struct who *who_new(struct engine *engine, struct pending *pending)
{
    const Ctps__AuditWho *in = pending->request->audit_who;
    Ctps__SituationRecord *situation = record_situation(
        view_tables(engine->view), &engine->arena, situation_asked(engine, in));
    struct act *act = engine_act_new(engine, pending->who, pending->request);
    struct who *who = arena_alloc(&engine->arena, sizeof(*who));

    if (!situation || !act || !who)
        return NULL;
    *who = (struct who){.engine = engine, .in = in, .limit = WHO_DEFAULT};
    if (in->limit)
        who->limit = in->limit < WHO_MAX ? in->limit : WHO_MAX;
    who->answer = arena_alloc(&engine->arena, sizeof(*who->answer));
    if (!who->answer)
        return NULL;
    ctps__audit_answer__init(who->answer);
    who->answer->entries = arena_alloc(&engine->arena, who->limit * sizeof(Ctps__AuditView *));
    ids_take(who, situation);
    if (!in->after)
        share_trail(act, situation, in->from_day, in->to_day, who->answer);
    return who->answer->entries && !act->exhausted ? who : NULL;
}

void engine_trail_answer(struct engine *engine, struct pending *pending)
{
    Ctps__Reply *reply =
        engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    struct who *who = who_new(engine, pending);
    struct ctps_err err = {0};

    if (!reply || !who) {
        engine_reply_refuse(engine, pending, REFUSAL_LIMIT, "memory of one request");
        return;
    }
    if (journal_look(who, &err) != CTPS_OK) {
        log_error(engine->log, "the audit trail cannot be read: %s", err.text);
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE, "journal");
        return;
    }
    reply->answer_case = CTPS__REPLY__ANSWER_AUDIT_ANSWER;
    reply->audit_answer = who->answer;
    engine_reply_set(engine, pending, reply);
}
