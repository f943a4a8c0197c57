/* Who saw or was refused what: sealed under the month's audit key. */
#include "engine/engine_private.h"

bool engine_refusal_is_affordable(struct engine *engine, const uint8_t *public_key)
{
    int64_t now = sys_mono_us(engine->sys);
    struct refusal_budget *oldest = &engine->budgets[0];
    struct refusal_budget *found = NULL;
    int64_t earned;

    for (unsigned i = 0; i < ENGINE_REFUSAL_KEYS && !found; i++) {
        struct refusal_budget *budget = &engine->budgets[i];

        if (budget->at_us && memcmp(budget->public_key, public_key, ENGINE_KEY_LEN) == 0)
            found = budget;
        else if (budget->at_us < oldest->at_us)
            oldest = budget;
    }
    if (!found) {
        found = oldest;
        *found = (struct refusal_budget){.at_us = now, .tokens = ENGINE_REFUSALS_BURST};
        memcpy(found->public_key, public_key, ENGINE_KEY_LEN);
    }
    earned = (now - found->at_us) / 1000000 * ENGINE_REFUSALS_PER_S;
    if (earned > 0) {
        found->at_us = now;
        found->tokens = found->tokens + earned > ENGINE_REFUSALS_BURST
                            ? ENGINE_REFUSALS_BURST
                            : found->tokens + (int32_t)earned;
    }
    if (found->tokens <= 0)
        return false;
    found->tokens--;
    return true;
}

static void record_fill(struct engine *engine, const struct pending *pending,
                        const struct act *act, const char *result, Ctps__AuditRecord *record)
{
    const struct principal *who = pending->who;
    Ctps__Principal *principal = arena_alloc(&engine->arena, sizeof(*principal));

    if (principal && who) {
        ctps__principal__init(principal);
        SET(principal, kind, (Ctps__PrincipalKind)who->kind);
        SET(principal, id, who->id);
        principal->name = arena_strdup(&engine->arena, who->name);
        record->principal = principal;
    }
    record->peer = arena_strdup(&engine->arena, pending->from->peer.address);
    record->action =
        arena_strdup(&engine->arena, pending->command ? pending->command->name : "unknown");
    record->result = arena_strdup(&engine->arena, result);
    if (pending->request) {
        record->purpose = pending->request->purpose;
        record->purpose_text = pending->request->purpose_text;
    }
    if (!act)
        return;
    record->legal_base = act->basis ? arena_strdup(&engine->arena, act->basis) : NULL;
    if (act->object_count == 0 && act->situation && act->situation->opened) {
        record->n_objects = 1; /* refused: what was asked for */
        record->objects = &act->situation->opened->id;
        return;
    }
    record->objects =
        arena_copy(&engine->arena, act->objects, act->object_count * sizeof(act->objects[0]));
    record->n_objects = record->objects ? act->object_count : 0;
    engine->failed |= !record->objects;
}

/* A name searched is kept only as a digest under the month's key. */
static void query_note(struct engine *engine, const struct act *act, uint64_t slot,
                       Ctps__AuditRecord *record)
{
    if (!act || !act->query_digest_of.len)
        return;
    record->query_digest.data = arena_alloc(&engine->arena, SEALER_MAC_LEN);
    if (!record->query_digest.data)
        return;
    if (engine->sealer.mac(engine, slot, act->query_digest_of, record->query_digest.data) !=
        CTPS_OK)
        return;
    record->query_digest.len = SEALER_MAC_LEN;
    record->has_query_digest = 1;
}

static Ctps__Sealed *record_seal(struct engine *engine, const Ctps__AuditRecord *record,
                                 uint64_t slot, struct ctps_err *err)
{
    Ctps__Sealed *sealed = arena_alloc(&engine->arena, sizeof(*sealed));
    struct bytes packed;
    struct bytes box;

    if (!sealed || wire_pack(&engine->arena, &record->base, &packed) != CTPS_OK ||
        keyring_seal(engine->keyring, &engine->arena, slot, SEALED_AUDIT, packed, &box) !=
            CTPS_OK) {
        err_set(err, CTPS_NOMEM, "audit entry cannot be sealed");
        return NULL;
    }
    ctps__sealed__init(sealed);
    SET(sealed, slot, slot);
    sealed->has_box = 1;
    record_bytes_set(&sealed->box, box);
    return sealed;
}

enum ctps_code engine_audit_put(struct engine *engine, const Ctps__AuditRecord *record,
                                const struct act *act, Ctps__EntryKind kind,
                                struct ctps_err *err)
{
    Ctps__Entry *entry = arena_alloc(&engine->arena, sizeof(*entry));

    if (!entry)
        return err_set(err, CTPS_NOMEM, "audit entry");
    ctps__entry__init(entry);
    SET(entry, kind, kind);
    SET(entry, time_us, engine->entry_us);
    if (act && kind == CTPS__ENTRY_KIND__ENTRY_READ) {
        entry->n_events = act->event_count; /* what the read itself did: an export */
        entry->events = (Ctps__Event **)(uintptr_t)act->events;
    }
    entry->audit = record_seal(engine, record, view_state(engine->view)->audit_slot, err);
    if (!entry->audit)
        return CTPS_NOMEM;
    if (view_is_writing(engine->view))
        return engine_entry_append(engine, entry, err);
    engine->stashed[engine->stashed_count++] = entry;
    return CTPS_OK;
}

enum ctps_code engine_audit_append(struct engine *engine, const struct pending *pending,
                                   const struct act *act, Ctps__EntryKind kind,
                                   const char *result, struct ctps_err *err)
{
    Ctps__AuditRecord record = CTPS__AUDIT_RECORD__INIT;

    record_fill(engine, pending, act, result, &record);
    query_note(engine, act, view_state(engine->view)->audit_slot, &record);
    return engine_audit_put(engine, &record, act, kind, err);
}

enum ctps_code engine_audit_open(struct engine *engine, struct arena *arena,
                                 const Ctps__Entry *entry, struct bytes *ret_packed)
{
    const Ctps__Sealed *audit = entry->audit;

    if (!audit || !audit->has_box)
        return CTPS_ABSENT;
    return engine->sealer.unseal(engine, arena, audit->slot, SEALED_AUDIT,
                                 bytes_of(audit->box.data, audit->box.len), ret_packed);
}
