/* Who saw what, and why: reads, refusals and what made things readable, a page of the journal
 * at a time. The audit part of entries is sealed under the month's key: once that is destroyed,
 * an entry is counted, month by month, and says nothing. */
#include "domain/share.h"
#include "domain/trail.h"
#include "engine/engine_private.h"

enum {
    WHO_DEFAULT = 100,
    WHO_MAX = 500,
    WHO_SCAN_MAX = 4096, /* entries looked at for one page: requests wait meanwhile */
    WHO_LINES_MAX = ACT_EVENTS_MAX + 1, /* of one entry */
    WHO_GAPS_MAX = 64,                  /* of one page; what is more joins the last */
    WHO_MERGES_MAX = 64,                /* one after the other */
};

struct who {
    struct engine *engine;
    const Ctps__AuditWho *in;
    Ctps__AuditAnswer *answer;
    size_t limit;
    unsigned scanned;
    struct trail_scope scope;
    uint64_t gap_slot;  /* whose key is gone, of the last gap */
    struct arena arena; /* of one entry */
    enum ctps_code failed;
};

/* A line outlives the entry it was made from: packed, and opened again in the batch's memory.
 */
static void view_add(struct who *who, uint64_t seq, int64_t time_us, Ctps__AuditView *view)
{
    struct bytes packed;
    Ctps__AuditView *kept = NULL;

    SET(view, seq, seq);
    SET(view, time_us, time_us);
    if (wire_pack(&who->arena, &view->base, &packed) == CTPS_OK)
        kept = (Ctps__AuditView *)record_unpack(&who->engine->arena,
                                                &ctps__audit_view__descriptor, packed);
    if (kept)
        who->answer->entries[who->answer->n_entries++] = kept;
    else
        who->failed = CTPS_NOMEM;
}

static void record_tell(const Ctps__AuditRecord *record, Ctps__AuditView *view)
{
    ctps__audit_view__init(view);
    view->principal = record->principal;
    view->peer = record->peer;
    view->action = record->action;
    view->result = record->result;
    view->purpose = record->purpose;
    view->purpose_text = record->purpose_text;
    view->legal_base = record->legal_base;
    view->n_objects = record->n_objects;
    view->objects = record->objects;
}

static Ctps__AuditGap *gap_of(struct who *who, uint64_t slot)
{
    Ctps__AuditAnswer *answer = who->answer;
    Ctps__AuditGap *gap;

    if (answer->n_gaps && (who->gap_slot == slot || answer->n_gaps == WHO_GAPS_MAX))
        return answer->gaps[answer->n_gaps - 1];
    gap = arena_alloc(&who->engine->arena, sizeof(*gap));
    if (!gap)
        return NULL;
    ctps__audit_gap__init(gap);
    who->gap_slot = slot;
    return answer->gaps[answer->n_gaps++] = gap;
}

static void gap_add(struct who *who, uint64_t seq, const Ctps__Entry *entry)
{
    Ctps__AuditGap *gap = gap_of(who, entry->audit->slot);

    SET(who->answer, unreadable, who->answer->unreadable + 1);
    if (!gap) {
        who->failed = CTPS_NOMEM;
        return;
    }
    if (!gap->count) {
        SET(gap, first_seq, seq);
        SET(gap, first_us, entry->time_us);
    }
    SET(gap, last_seq, seq);
    SET(gap, last_us, entry->time_us);
    SET(gap, count, gap->count + 1);
}

static void audit_look(struct who *who, uint64_t seq, const Ctps__Entry *entry)
{
    const Ctps__AuditRecord *record;
    Ctps__AuditView view;
    struct bytes packed;

    /* The daemon's own entries are sessions: nothing was looked at. */
    if (!entry->audit || !entry->audit->has_box ||
        entry->kind == CTPS__ENTRY_KIND__ENTRY_SYSTEM)
        return;
    if (engine_audit_open(who->engine, &who->arena, entry, &packed) != CTPS_OK) {
        gap_add(who, seq, entry);
        return;
    }
    record = (const Ctps__AuditRecord *)record_unpack(&who->arena,
                                                      &ctps__audit_record__descriptor, packed);
    if (!record || !trail_is_about(&who->scope, record))
        return;
    record_tell(record, &view);
    view_add(who, seq, entry->time_us, &view);
}

static void entry_look(struct who *who, uint64_t seq, const Ctps__Entry *entry)
{
    Ctps__AuditView view;

    for (size_t i = 0; i < entry->n_events; i++)
        if (trail_of_event(&who->scope, view_tables(who->engine->view), &who->arena,
                           entry->principal, entry->events[i], &view))
            view_add(who, seq, entry->time_us, &view);
    audit_look(who, seq, entry);
}

static enum ctps_code frame_look(void *arg, const struct journal_frame *frame)
{
    struct who *who = arg;
    const Ctps__Entry *entry;
    int32_t day;

    if (frame->seq < who->in->after)
        return CTPS_OK; /* of the page before */
    if (who->scanned == WHO_SCAN_MAX || who->answer->n_entries >= who->limit) {
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

struct day_look {
    struct engine *engine;
    int32_t found;
};

static enum ctps_code day_take(void *arg, const struct journal_frame *frame)
{
    struct day_look *look = arg;
    struct arena arena;
    const Ctps__Entry *entry;

    arena_init_within(&arena, ENGINE_REPLAY_ARENA, &look->engine->arena);
    entry = (const Ctps__Entry *)record_unpack(&arena, &ctps__entry__descriptor, frame->body);
    if (entry)
        look->found = zone_day_of(entry->time_us);
    arena_done(&arena);
    return CTPS_LIMIT;
}

static bool is_before(struct engine *engine, uint64_t seq, int32_t day)
{
    struct journal_place place;
    struct ctps_err err = {0};
    struct day_look look = {.engine = engine, .found = INT32_MAX};

    if (engine_place_find(engine, seq, &place))
        journal_scan_at(engine->journal, seq, &place, day_take, &look, &err);
    return look.found < day;
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

    if (from > view_head(engine->view)->seq)
        return CTPS_OK;
    arena_init_within(&who->arena, ENGINE_REPLAY_ARENA, &engine->arena);
    code = journal_scan_at(engine->journal, known ? at : 1, known ? &place : NULL, frame_look,
                           who, err);
    arena_done(&who->arena);
    return code == CTPS_LIMIT ? CTPS_OK : code;
}

/* --- what is looked for --- */

struct owner {
    uint64_t person, seq;
    uint64_t saisine, situation;
    struct arena arena;
};

static bool has_person(Ctps__StoredPerson *const *persons, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (persons[i]->id == id)
            return true;
    return false;
}

static enum ctps_code owner_look(void *arg, const struct journal_frame *frame)
{
    struct owner *owner = arg;
    const Ctps__Entry *entry;

    if (frame->seq < owner->seq)
        return CTPS_OK;
    entry = (const Ctps__Entry *)record_unpack(&owner->arena, &ctps__entry__descriptor,
                                               frame->body);
    for (size_t i = 0; entry && i < entry->n_events; i++) {
        const Ctps__Event *event = entry->events[i];

        if (event->body_case == CTPS__EVENT__BODY_SAISINE_RECEIVED &&
            has_person(event->saisine_received->persons, event->saisine_received->n_persons,
                       owner->person))
            owner->saisine = event->saisine_received->id;
        if (event->body_case == CTPS__EVENT__BODY_SITUATION_PERSON_ADDED &&
            has_person(&event->situation_person_added->person, 1, owner->person))
            owner->situation = event->situation_person_added->situation;
    }
    return CTPS_LIMIT;
}

/* A person's number says in which entry it was made: that one says of what. */
static bool owner_find(struct engine *engine, uint64_t person, struct owner *owner)
{
    uint64_t seq = person >> 8, at = seq - seq % ENGINE_PLACE_EVERY;
    const Ctps__SaisineRecord *saisine;
    struct journal_place place;
    struct ctps_err err = {0};
    enum ctps_code code;
    bool known = at > 0 && engine_place_find(engine, at, &place);

    *owner = (struct owner){.person = person, .seq = seq};
    if (seq > view_head(engine->view)->seq)
        return false; /* no number of ours: the whole journal would be looked through */
    arena_init_within(&owner->arena, ENGINE_REPLAY_ARENA, &engine->arena);
    code = journal_scan_at(engine->journal, known ? at : 1, known ? &place : NULL, owner_look,
                           owner, &err);
    engine->failed |= code != CTPS_OK && code != CTPS_LIMIT; /* not absent: unread */
    arena_done(&owner->arena);
    saisine = record_saisine(view_tables(engine->view), &engine->arena, owner->saisine);
    if (saisine && saisine->situation)
        owner->situation = saisine->situation;
    return owner->saisine || owner->situation;
}

static uint64_t situation_asked(struct engine *engine, const Ctps__AuditWho *in)
{
    return in->situation ? in->situation
                         : record_reference_find(view_tables(engine->view), &engine->arena,
                                                 or_empty(in->reference));
}

/* The one it ended in, which takes along all that ended in it. */
static const Ctps__SituationRecord *situation_last(struct act *act, uint64_t id)
{
    const Ctps__SituationRecord *record = record_situation(act->tables, act->arena, id);

    for (unsigned i = 0; record && record->merged_into && i < WHO_MERGES_MAX; i++)
        record = record_situation(act->tables, act->arena, record->merged_into);
    return record;
}

static bool scope_fill(struct who *who, struct act *act)
{
    const Ctps__AuditWho *in = who->in;
    struct trail_scope *scope = &who->scope;
    uint64_t situation = situation_asked(who->engine, in);
    const Ctps__SituationRecord *record;
    struct owner owner;
    bool added = true;

    *scope =
        (struct trail_scope){.person = in->person, .agent = in->agent, .contact = in->contact};
    if (in->person) {
        if (!owner_find(who->engine, in->person, &owner))
            return false;
        situation = owner.situation;
        scope->by_object = true;
        added = !owner.saisine || trail_scope_add_id(act, owner.saisine, scope);
    }
    record = in->person ? situation_last(act, situation)
                        : record_situation(act->tables, act->arena, situation);
    if (record)
        added = added && trail_scope_add(act, record, scope);
    if (record && !in->after)
        share_trail(act, record, in->from_day, in->to_day, who->answer);
    trail_scope_sort(scope);
    return added && !act->exhausted;
}

/* NULL without memory. */
static struct who *who_new(struct engine *engine, struct pending *pending, struct act *act)
{
    struct who *who = arena_alloc(&engine->arena, sizeof(*who));
    Ctps__AuditAnswer *answer = arena_alloc(&engine->arena, sizeof(*answer));

    if (!who || !answer)
        return NULL;
    *who =
        (struct who){.engine = engine, .in = pending->request->audit_who, .limit = WHO_DEFAULT};
    if (who->in->limit)
        who->limit = who->in->limit < WHO_MAX ? who->in->limit : WHO_MAX;
    who->answer = answer;
    ctps__audit_answer__init(answer);
    answer->entries =
        arena_alloc(&engine->arena, (who->limit + WHO_LINES_MAX) * sizeof(Ctps__AuditView *));
    answer->gaps = arena_alloc(&engine->arena, WHO_GAPS_MAX * sizeof(Ctps__AuditGap *));
    return answer->entries && answer->gaps && act ? who : NULL;
}

void engine_trail_answer(struct engine *engine, struct pending *pending)
{
    Ctps__Reply *reply =
        engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    struct act *act = engine_act_new(engine, pending->who, pending->request);
    struct who *who = who_new(engine, pending, act);
    struct ctps_err err = {0};

    if (!reply || !who) {
        engine_reply_refuse(engine, pending, REFUSAL_LIMIT, "memory of one request");
        return;
    }
    if (!scope_fill(who, act)) {
        engine_reply_refuse(engine, pending, who->in->person ? REFUSAL_ABSENT : REFUSAL_LIMIT,
                            who->in->person ? "person" : "what belongs to the situation");
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
