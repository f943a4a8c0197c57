/* One batch: entries framed and applied, one flush, one commit, then answers and events. */
#include "engine/engine_private.h"

static void audience_forget(struct engine *engine)
{
    engine->outgoing_count = 0;
    engine->stashed_count = 0;
    engine->indexed_count = 0;
    engine->reindexed = false;
    engine->forgotten_count = 0;
    engine->renewed_count = 0;
    engine->revoked_count = 0;
    engine->reload_wanted = false;
    engine->rights_changed = false;
    engine->feeds_changed = false;
    engine->lent_over = false;
}

int64_t engine_entry_time(struct engine *engine)
{
    int64_t now = sys_wall_us(engine->sys);
    int64_t last = view_state(engine->view)->last_time_us;

    engine->clock_back = now <= last;
    return engine->clock_back ? last + 1 : now;
}

/* A batch that was dropped took with it what earlier ones had only kept. */
static enum ctps_code views_catch_up(struct engine *engine, struct ctps_err *err)
{
    uint64_t replayed = engine->rebuilt_entries;
    struct journal_head head;
    enum ctps_code code;

    journal_head_get(engine->journal, &head);
    view_abort(engine->view);
    if (view_head(engine->view)->seq == head.seq)
        return CTPS_OK;
    code = engine_replay(engine, err);
    engine->rebuilt_entries = replayed;
    return code;
}

enum ctps_code engine_batch_begin(struct engine *engine, bool write, struct ctps_err *err)
{
    enum ctps_code code = views_catch_up(engine, err);

    if (code != CTPS_OK)
        return code;
    audience_forget(engine);
    engine->tentative_slot = view_state(engine->view)->next_slot;
    engine->entry_us = engine_entry_time(engine);
    engine->now.us = sys_wall_us(engine->sys);
    engine->now.today = zone_day_of(engine->now.us);
    return view_begin(engine->view, write, err);
}

bool engine_is_blind(const struct engine *engine)
{
    return engine->arena.starved ||
           (view_is_begun(engine->view) && view_error(engine->view, NULL) != CTPS_OK);
}

void engine_batch_drop(struct engine *engine)
{
    journal_batch_drop(engine->journal);
    engine_sessions_settle(engine, false);
    engine_feeds_settle(engine, false);
    view_abort(engine->view);
    for (unsigned i = 0; i < engine->indexed_count; i++)
        engine_names_forget(engine, engine->indexed[i]);
    /* Who was known before is so again: rare enough to build the whole index anew. */
    if (engine->reindexed)
        engine_names_forget_all(engine);
    audience_forget(engine);
}

static void view_head_of(const struct engine *engine, struct view_head *out)
{
    struct journal_head head;

    journal_batch_head(engine->journal, &head);
    memcpy(out->incarnation, head.incarnation, sizeof(out->incarnation));
    memcpy(out->hash, head.hash, sizeof(out->hash));
    out->seq = head.seq;
    out->batch = head.batch;
}

static int64_t elapsed(const struct engine *engine, int64_t *at)
{
    int64_t now = sys_mono_us(engine->sys);
    int64_t since = now - *at;

    *at = now;
    return since;
}

enum ctps_code engine_batch_commit(struct engine *engine, struct ctps_err *err)
{
    struct view_head head;
    int64_t at = sys_mono_us(engine->sys);
    enum ctps_code code;

    if (engine->arena.starved)
        return err_set(err, CTPS_NOMEM, "no memory for a batch");
    view_head_of(engine, &head);
    view_head_set(engine->view, &head);
    code = journal_batch_flush(engine->journal, err);
    engine->shares.flush_us += elapsed(engine, &at);
    if (code == CTPS_OK)
        code = view_keep(engine->view, err);
    engine->shares.commit_us += elapsed(engine, &at);
    if (code != CTPS_OK)
        view_distrust(engine->view);
    return code;
}

static void revoked_tell(struct engine *engine)
{
    struct ctps_err err = {0};

    for (unsigned i = 0; i < engine->revoked_count; i++) {
        if (engine_revoked_append(engine, engine->revoked[i], &err) != CTPS_OK)
            log_error(engine->log, "list of revoked keys: %s", err.text);
        engine->out.key_revoked(engine->out.ctx, engine->revoked[i]);
    }
}

/* Whoever lost an audience is out of it before it hears more; one just opened can be heard. */
static void audiences_settle(struct engine *engine)
{
    if (engine->feeds_changed)
        engine_feeds_renew(engine);
    if (engine->rights_changed && engine->out.rights_changed)
        engine->out.rights_changed(engine->out.ctx);
}

void engine_scratch_release(struct engine *engine)
{
    if (!engine->is_finishing)
        arena_reset(&engine->arena);
}

void engine_batch_finish(struct engine *engine)
{
    for (unsigned i = 0; i < engine->forgotten_count; i++)
        engine_names_forget(engine, engine->forgotten[i]);
    for (unsigned i = 0; i < engine->renewed_count; i++)
        engine_names_renew(engine, engine->renewed[i]);
    if (engine->lent_over)
        engine_names_give_back(engine);
    engine->is_finishing = true;
    engine_feeds_settle(engine, true);
    revoked_tell(engine);
    audiences_settle(engine);
    engine_sessions_settle(engine, true);
    for (unsigned i = 0; i < engine->outgoing_count; i++) {
        const struct outgoing *out = &engine->outgoing[i];

        engine->out.publish(engine->out.ctx, out->audience, out->topic, out->event);
    }
    if (engine->reload_wanted)
        engine->out.reload(engine->out.ctx);
    audience_forget(engine);
    engine->is_finishing = false;
    arena_reset(&engine->arena);
}

static void forget_later(struct engine *engine, uint64_t saisine)
{
    /* Past the limit the whole index is built again: slower, never wrong. */
    if (engine->forgotten_count < sizeof(engine->forgotten) / sizeof(engine->forgotten[0]))
        engine->forgotten[engine->forgotten_count++] = saisine;
    else
        engine_names_forget_all(engine);
}

static void subject_forget(struct engine *engine, const Ctps__ErasureSubject *subject)
{
    Ctps__SituationRecord *situation;

    if (subject->kind != CTPS__OBJECT_KIND__OBJECT_SITUATION) {
        forget_later(engine, subject->id);
        return;
    }
    situation = record_situation(view_tables(engine->view), &engine->arena, subject->id);
    if (situation && situation->n_persons)
        forget_later(engine, subject->id);
    for (size_t i = 0; situation && i < situation->n_saisines; i++)
        forget_later(engine, situation->saisines[i]);
}

/* An order taken back, or a part destroyed: who is known by what name is read again. */
static void renew_later(struct engine *engine, uint64_t id)
{
    if (engine->renewed_count == sizeof(engine->renewed) / sizeof(engine->renewed[0]))
        engine_names_forget_all(engine);
    else
        engine->renewed[engine->renewed_count++] = id;
}

static void situation_renew(struct engine *engine, uint64_t id)
{
    Ctps__SituationRecord *situation =
        record_situation(view_tables(engine->view), &engine->arena, id);

    if (situation && situation->n_persons)
        renew_later(engine, id);
    for (size_t i = 0; situation && i < situation->n_saisines; i++)
        renew_later(engine, situation->saisines[i]);
}

/* What an event asks of the engine besides the views. */
static void event_note(struct engine *engine, const Ctps__Event *event)
{
    const Ctps__ErasureOrdered *ordered;

    switch (event->body_case) {
    case CTPS__EVENT__BODY_KEY_REVOKED:
        if (engine->revoked_count < ENGINE_BATCH_MAX &&
            event->key_revoked->public_key.len == ENGINE_KEY_LEN)
            memcpy(engine->revoked[engine->revoked_count++],
                   event->key_revoked->public_key.data, ENGINE_KEY_LEN);
        break;
    case CTPS__EVENT__BODY_FEED_SWITCHED:
        engine->feeds_changed = true;
        break;
    case CTPS__EVENT__BODY_CONTACT_SET:
    case CTPS__EVENT__BODY_CHARTER_SIGNED:
    case CTPS__EVENT__BODY_DAY_RUN: /* a charter's last day may have been yesterday */
        engine->rights_changed = true;
        break;
    case CTPS__EVENT__BODY_ERASURE_ORDERED:
        ordered = event->erasure_ordered;
        for (size_t i = 0; i < ordered->n_subjects; i++)
            subject_forget(engine, ordered->subjects[i]);
        break;
    case CTPS__EVENT__BODY_SITUATION_RESTRICTED:
        situation_renew(engine, event->situation_restricted->id);
        break;
    case CTPS__EVENT__BODY_SITUATION_REKEYED:
        situation_renew(engine, event->situation_rekeyed->id);
        break;
    case CTPS__EVENT__BODY_IMPORT_ENDED:
        engine->lent_over = true;
        break;
    case CTPS__EVENT__BODY_IMPORT_UNDO_BEGUN:
        engine_undo_note(engine);
        break;
    case CTPS__EVENT__BODY_IMPORT_UNDONE:
        engine_undo_note(engine);
        engine->lent_over = true;
        for (size_t i = 0; i < event->import_undone->n_saisines; i++)
            forget_later(engine, event->import_undone->saisines[i]);
        break;
    default:
        break;
    }
}

static void place_note(struct engine *engine, uint64_t seq, const struct journal_place *place)
{
    Ctps__PlaceRecord row = CTPS__PLACE_RECORD__INIT;

    if (seq % ENGINE_PLACE_EVERY)
        return;
    SET(&row, segment, place->segment);
    SET(&row, offset, place->offset);
    SET(&row, last_published, view_state(engine->view)->last_published);
    SET(&row, last_audited, view_state(engine->view)->last_audited);
    record_put(view_tables(engine->view), TABLE_PLACE, table_key_of_u64(seq), &engine->arena,
               &row.base);
}

enum ctps_code engine_entry_append(struct engine *engine, Ctps__Entry *entry,
                                   struct ctps_err *err)
{
    struct apply apply = {
        .tables = view_tables(engine->view),
        .arena = &engine->arena,
        .state = view_state(engine->view),
        .entry = entry,
        .on_told = engine_feed_told,
        .told_ctx = engine,
    };
    struct bytes packed;
    struct journal_place place;
    enum ctps_code code;

    if (engine->clock_back)
        SET(entry, clock_us, engine->now.us);
    code = wire_pack(&engine->arena, &entry->base, &packed);

    if (code != CTPS_OK)
        return err_set(err, code, "entry too large for a batch");
    for (size_t i = 0; i < entry->n_events; i++)
        event_note(engine, entry->events[i]);
    code = journal_batch_add(engine->journal, packed, &apply.seq, &place, err);
    if (code != CTPS_OK)
        return code;
    place_note(engine, apply.seq, &place);
    engine_publish_queue(engine, entry, apply.seq);
    code = apply_entry(&apply);
    if (code == CTPS_OK)
        code = view_error(engine->view, err);
    engine->entry_us = entry->time_us + 1;
    return code;
}
