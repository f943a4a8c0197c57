/*
 * Sessions, as the audit knows them: a key's first accepted request of a day (and of a life of
 * the daemon) opens one; what is refused at the door is one refused. The bus has no sessions.
 *
 * Whoever knocks in vain must not fill the disk: what a key was refused is written at most once
 * a minute for each reason, with a count; keys nobody registered share one place.
 */
#include <stdlib.h>

#include "engine/engine_private.h"

enum { SESSION_SLOTS = 1024, DOOR_SLOTS = 64 };

static const int64_t DOOR_EVERY_US = INT64_C(60) * 1000000;

struct session {
    uint8_t public_key[ENGINE_KEY_LEN];
    int32_t day; /* 0: none */
};

struct knock {
    uint8_t public_key[ENGINE_KEY_LEN]; /* zeros: of no key ever registered */
    enum refusal refusal;               /* REFUSAL_NONE: a free place */
    uint32_t count;                     /* not written yet */
    int64_t written_us;                 /* monotonic; 0: never */
    char address[ENGINE_PEER_ADDRESS_LEN];
};

struct engine_sessions {
    struct session seen[SESSION_SLOTS];
    unsigned fresh_count; /* of the batch at hand: none if it is dropped */
    struct session *fresh[ENGINE_BATCH_MAX];
    struct knock knocks[DOOR_SLOTS];
};

struct engine_sessions *engine_sessions_new(void)
{
    return calloc(1, sizeof(struct engine_sessions));
}

void engine_sessions_free(struct engine_sessions **sessions)
{
    free(*sessions);
    *sessions = NULL;
}

/* --- opened --- */

static struct session *session_of(struct engine *engine, const uint8_t *public_key)
{
    return &engine->sessions->seen[le64_get(public_key) % SESSION_SLOTS];
}

void engine_session_note(struct engine *engine, const struct pending *pending)
{
    const uint8_t *key = pending->from->peer.public_key;
    struct session *session = session_of(engine, key);
    Ctps__AuditRecord record = CTPS__AUDIT_RECORD__INIT;
    struct ctps_err err = {0};
    char action[] = "session";
    char result[] = "opened";

    if (session->day == engine->now.today &&
        memcmp(session->public_key, key, ENGINE_KEY_LEN) == 0)
        return;
    record.principal = engine_principal_stored(engine, pending->who);
    record.peer = arena_strdup(&engine->arena, pending->from->peer.address);
    record.action = action;
    record.result = result;
    if (engine_audit_put(engine, &record, NULL, CTPS__ENTRY_KIND__ENTRY_SYSTEM, &err) !=
        CTPS_OK) {
        log_error(engine->log, "a session cannot be journalled: %s", err.text);
        engine->failed = true;
        return;
    }
    memcpy(session->public_key, key, ENGINE_KEY_LEN);
    session->day = engine->now.today;
    if (engine->sessions->fresh_count < ENGINE_BATCH_MAX)
        engine->sessions->fresh[engine->sessions->fresh_count++] = session;
}

void engine_sessions_settle(struct engine *engine, bool were_kept)
{
    struct engine_sessions *sessions = engine->sessions;

    for (unsigned i = 0; i < sessions->fresh_count && !were_kept; i++)
        sessions->fresh[i]->day = 0;
    sessions->fresh_count = 0;
}

/* --- refused at the door --- */

static struct knock *knock_of(struct engine *engine, const uint8_t *public_key,
                              enum refusal refusal)
{
    struct knock *free_one = NULL;

    for (unsigned i = 0; i < DOOR_SLOTS; i++) {
        struct knock *knock = &engine->sessions->knocks[i];

        if (knock->refusal == refusal &&
            memcmp(knock->public_key, public_key, ENGINE_KEY_LEN) == 0)
            return knock;
        if (!free_one && knock->refusal == REFUSAL_NONE)
            free_one = knock;
    }
    return free_one;
}

static const Ctps__Key *key_ever(struct engine *engine, const uint8_t *public_key)
{
    struct table_key at = {0};

    table_key_add_bytes(&at, bytes_of(public_key, ENGINE_KEY_LEN));
    return (const Ctps__Key *)record_get(view_tables(engine->view), TABLE_KEY, at,
                                         &engine->arena, &ctps__key__descriptor);
}

void engine_door_refused(struct engine *engine, const uint8_t public_key[ENGINE_KEY_LEN],
                         const char *address, const char *refusal_name)
{
    static const uint8_t nobody[ENGINE_KEY_LEN];
    enum refusal refusal = refusal_find(refusal_name);
    bool own = !view_is_begun(engine->view);
    struct knock *knock;
    struct ctps_err err;
    bool known;
    bool blind;

    if (own && view_begin(engine->view, false, &err) != CTPS_OK)
        return;
    known = key_ever(engine, public_key) != NULL;
    blind = engine_is_blind(engine);
    if (own) {
        view_abort(engine->view);
        engine_scratch_release(engine);
    }
    knock = knock_of(engine, known ? public_key : nobody, refusal);
    if (!knock || refusal == REFUSAL_NONE || blind)
        return; /* every place is taken, or whose key it is unknown: the bus has counted it */
    memcpy(knock->public_key, known ? public_key : nobody, ENGINE_KEY_LEN);
    knock->refusal = refusal;
    if (knock->count < UINT32_MAX)
        knock->count++;
    memcpy(knock->address, address, strnlen(address, sizeof(knock->address) - 1) + 1);
    knock->address[sizeof(knock->address) - 1] = '\0';
}

static enum ctps_code knock_write(struct engine *engine, struct knock *knock,
                                  struct ctps_err *err)
{
    const Ctps__Key *key = key_ever(engine, knock->public_key);
    Ctps__AuditRecord record = CTPS__AUDIT_RECORD__INIT;
    char action[] = "session";

    if (key && key->principal) {
        record.principal = arena_alloc(&engine->arena, sizeof(*record.principal));
        if (!record.principal)
            return err_set(err, CTPS_NOMEM, "audit entry");
        *record.principal = *key->principal;
    }
    record.peer = knock->address;
    record.action = action;
    record.result = arena_strdup(&engine->arena, refusal_row(knock->refusal)->name);
    SET(&record, count, knock->count);
    return engine_audit_put(engine, &record, NULL, CTPS__ENTRY_KIND__ENTRY_REFUSAL, err);
}

static bool is_due(const struct engine *engine, const struct knock *knock)
{
    return knock->count > 0 && (knock->written_us == 0 ||
                                sys_mono_us(engine->sys) - knock->written_us >= DOOR_EVERY_US);
}

/* A place is free again once nothing is to be written and its minute has passed. */
static void knock_settle(struct engine *engine, struct knock *knock, bool was_written)
{
    if (was_written) {
        knock->count = 0;
        knock->written_us = sys_mono_us(engine->sys);
    } else if (knock->count == 0 &&
               sys_mono_us(engine->sys) - knock->written_us >= DOOR_EVERY_US) {
        *knock = (struct knock){.refusal = REFUSAL_NONE};
    }
}

enum ctps_code engine_door_tick(struct engine *engine, struct ctps_err *err)
{
    bool due[DOOR_SLOTS] = {false};
    enum ctps_code code = CTPS_OK;
    bool any = false;

    for (unsigned i = 0; i < DOOR_SLOTS; i++) {
        due[i] = is_due(engine, &engine->sessions->knocks[i]);
        any = any || due[i];
    }
    if (any)
        code = engine_batch_begin(engine, true, err);
    for (unsigned i = 0; i < DOOR_SLOTS && code == CTPS_OK; i++)
        if (due[i])
            code = knock_write(engine, &engine->sessions->knocks[i], err);
    if (any && code == CTPS_OK)
        code = engine_batch_commit(engine, err);
    if (any && code == CTPS_OK) {
        view_abort(engine->view);
        engine_batch_finish(engine);
    }
    for (unsigned i = 0; i < DOOR_SLOTS && code == CTPS_OK; i++)
        knock_settle(engine, &engine->sessions->knocks[i], due[i]);
    return code;
}
