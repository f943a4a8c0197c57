/* From what an act decided to an entry. */
#include "engine/engine_private.h"

struct act *engine_act_new(struct engine *engine, const struct principal *who,
                           const Ctps__Request *request)
{
    struct act *act = arena_alloc(&engine->arena, sizeof(*act));

    if (!act)
        return NULL;
    act->arena = &engine->arena;
    act_reserve_clear(&engine->reserve);
    act->reserve = &engine->reserve;
    act->tables = view_tables(engine->view);
    act->sealer = &engine->sealer;
    act->names = &engine->names;
    act->judge = &engine->judge;
    act->settings = &engine->settings;
    act->who = who;
    act->request = request;
    act->now_us = engine->now.us;
    act->today = engine->now.today;
    act->clock_alarm = view_state(engine->view)->clock_alarm;
    if (engine->settings.audit_reads_refused_us)
        act->audit_behind_us = engine_signed_behind_us(engine);
    if (request->command_case == CTPS__REQUEST__COMMAND_TODAY_GET)
        engine_signed_alarms(engine, act);
    act->seq = journal_next_seq(engine->journal);
    engine->tentative_slot = view_state(engine->view)->next_slot;
    return act;
}

Ctps__Principal *engine_principal_stored(struct engine *engine, const struct principal *who)
{
    Ctps__Principal *out = arena_alloc(&engine->arena, sizeof(*out));

    if (!out)
        return NULL;
    ctps__principal__init(out);
    SET(out, kind, (Ctps__PrincipalKind)who->kind);
    if (who->id)
        SET(out, id, who->id);
    if (*who->name)
        out->name = arena_strdup(&engine->arena, who->name);
    return out;
}

/* The digest tells the same body sent again from another one under the same id. */
static void request_note(struct engine *engine, Ctps__Entry *entry, const struct act *act,
                         const struct queued *from)
{
    struct bytes body = bytes_of(from->body, from->len);

    entry->has_request_id = act->request->has_id;
    entry->request_id = act->request->id;
    entry->request_digest.data = arena_alloc(&engine->arena, SEAL_SHORT_LEN);
    if (!entry->request_digest.data)
        return;
    entry->request_digest.len = SEAL_SHORT_LEN;
    entry->has_request_digest = 1;
    seal_short(entry->request_digest.data, engine->digest_key, body);
}

/* Persons of a situation, added, corrected or gone over to another: the views hold them by now.
 */
static void persons_note(struct engine *engine, const Ctps__Event *event)
{
    uint64_t ids[2] = {0};

    if (event->body_case == CTPS__EVENT__BODY_SITUATION_PERSON_ADDED) {
        ids[0] = event->situation_person_added->situation;
    } else if (event->body_case == CTPS__EVENT__BODY_SITUATION_PERSON_CORRECTED) {
        ids[0] = event->situation_person_corrected->situation;
        ids[1] = event->situation_person_corrected->saisine;
    } else if (event->body_case == CTPS__EVENT__BODY_SITUATION_MERGED) {
        ids[0] = event->situation_merged->id;
        ids[1] = event->situation_merged->into;
    } else if (event->body_case == CTPS__EVENT__BODY_SITUATION_UNMERGED) {
        ids[0] = event->situation_unmerged->id;
        ids[1] = event->situation_unmerged->from;
    }
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]) && ids[i]; i++) {
        engine->reindexed = true;
        engine_names_renew(engine, ids[i]);
    }
}

static void names_note(struct engine *engine, const struct act *act)
{
    const Ctps__SaisineReceive *in = NULL;
    const unsigned room = sizeof(engine->indexed) / sizeof(engine->indexed[0]);

    for (unsigned i = 0; i < act->event_count; i++)
        persons_note(engine, act->events[i]);
    if (!act->request)
        return;
    if (act->request->command_case == CTPS__REQUEST__COMMAND_SAISINE_RECEIVE)
        in = act->request->saisine_receive;
    if (act->request->command_case == CTPS__REQUEST__COMMAND_IMPORT_ROW)
        in = act->request->import_row->saisine;
    for (unsigned i = 0; in && i < act->event_count; i++) {
        if (act->events[i]->body_case != CTPS__EVENT__BODY_SAISINE_RECEIVED)
            continue;
        engine_names_add_request(engine, act->events[i]->saisine_received, in);
        if (engine->indexed_count < room)
            engine->indexed[engine->indexed_count++] = act->events[i]->saisine_received->id;
        if (act->events[i]->saisine_received->facts_only)
            engine_names_lend(engine, act->events[i]->saisine_received->id);
    }
}

enum ctps_code engine_act_append(struct engine *engine, struct act *act, Ctps__EntryKind kind,
                                 const struct queued *from, struct ctps_err *err)
{
    Ctps__Entry *entry = arena_alloc(&engine->arena, sizeof(*entry));
    enum ctps_code code;

    if (!entry)
        return err_set(err, CTPS_NOMEM, "batch");
    ctps__entry__init(entry);
    SET(entry, kind, kind);
    SET(entry, time_us, engine->entry_us);
    entry->principal = engine_principal_stored(engine, act->who);
    entry->n_events = act->event_count;
    entry->events = act->events;
    entry->n_made = act->made_count;
    entry->made = act->made;
    if (act->import_outcome)
        entry->import_outcome = act_text(act, act->import_outcome);
    entry->n_import_warnings = act->warning_count;
    entry->import_warnings = act->warnings;
    if (from)
        request_note(engine, entry, act, from);
    code = engine_entry_append(engine, entry, err);
    if (code == CTPS_OK)
        names_note(engine, act);
    return code;
}

enum ctps_code engine_system(struct engine *engine,
                             void (*fill)(struct engine *engine, struct act *act, void *arg),
                             void *arg, struct ctps_err *err)
{
    static const struct principal system = {.kind = PRINCIPAL_KIND_SYSTEM};
    Ctps__Request nothing = CTPS__REQUEST__INIT;
    enum ctps_code code = engine_batch_begin(engine, true, err);
    struct act *act;

    if (code != CTPS_OK)
        return code;
    engine->failed = false;
    act = engine_act_new(engine, &system, &nothing);
    if (!act)
        return err_set(err, CTPS_NOMEM, "batch");
    fill(engine, act, arg);
    /* Nothing to do may be nothing seen: it would be taken for done. */
    code = view_error(engine->view, err);
    if (code == CTPS_OK && (engine->failed || engine->arena.starved))
        code = err_set(err, CTPS_NOMEM, "no memory for daily work");
    if (code != CTPS_OK)
        return code;
    if (act->exhausted || act->refusal != REFUSAL_NONE) {
        engine_batch_drop(engine);
        arena_reset(&engine->arena);
        return err_set(err, CTPS_LIMIT, "daily work refused: %s",
                       refusal_row(act->refusal)->name);
    }
    if (act->event_count)
        code = engine_act_append(engine, act, CTPS__ENTRY_KIND__ENTRY_SYSTEM, NULL, err);
    if (code == CTPS_OK && act->event_count)
        code = engine_batch_commit(engine, err);
    if (code == CTPS_OK) {
        view_abort(engine->view);
        engine_batch_finish(engine);
    }
    return code;
}
