/* One request: who asks, is it allowed, was it already done, what comes of it. */
#include "domain/check.h"
#include "engine/engine_private.h"

enum { REQUEST_ID_LEN = 16, PEEK_ARENA_CAP = 1 << 20 };

Ctps__Reply *engine_reply_new(struct engine *engine, const Ctps__Request *request,
                              Ctps__ReplyStatus status)
{
    Ctps__Reply *reply = arena_alloc(&engine->arena, sizeof(*reply));

    if (!reply)
        return NULL;
    ctps__reply__init(reply);
    SET(reply, status, status);
    if (request && request->has_id) {
        reply->has_id = 1;
        reply->id = request->id;
    }
    return reply;
}

void engine_reply_set(struct engine *engine, struct pending *pending, const Ctps__Reply *reply)
{
    struct bytes packed;

    if (reply && wire_pack(&engine->arena, &reply->base, &packed) == CTPS_OK)
        pending->reply = packed;
}

/* "%s" of a refusal's sentence, filled. */
static char *sentence(struct arena *arena, const char *text, const char *detail)
{
    const char *at = strstr(text, "%s");

    if (!at)
        return arena_strdup(arena, text);
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, or_empty(detail), at + 2);
}

static Ctps__Refusal *refusal_make(struct arena *arena, enum refusal refusal,
                                   const char *detail)
{
    const struct refusal_row *row = refusal_row(refusal);
    Ctps__Refusal *out = arena_alloc(arena, sizeof(*out));

    if (!out)
        return NULL;
    ctps__refusal__init(out);
    out->name = arena_strdup(arena, row->name);
    out->rule = arena_strdup(arena, row->rule);
    out->field = arena_strdup(arena, or_empty(detail));
    out->text_fr = sentence(arena, row->text_fr, detail);
    out->text_en = sentence(arena, row->text_en, detail);
    return out;
}

void engine_reply_refuse(struct engine *engine, struct pending *pending, enum refusal refusal,
                         const char *detail)
{
    bool starved = engine->arena.starved;
    Ctps__Reply *reply;

    /* A refusal leans on nothing made before: it is whole, or there is none. */
    engine->arena.starved = false;
    reply = engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_REFUSED);
    if (reply)
        reply->refusal = refusal_make(&engine->arena, refusal, detail);
    engine_reply_set(engine, pending, reply);
    engine->arena.starved |= starved;
}

void engine_refusal_make(struct bytes body, const char *refusal_name, struct buf *out)
{
    struct arena arena;
    Ctps__Reply reply = CTPS__REPLY__INIT;
    Ctps__Request *request;

    arena_init(&arena, 1 << 20);
    request = (Ctps__Request *)record_unpack(&arena, &ctps__request__descriptor, body);
    SET(&reply, status,
        strcmp(refusal_name, refusal_row(REFUSAL_TOO_MANY)->name) == 0
            ? CTPS__REPLY_STATUS__REPLY_BUSY
            : CTPS__REPLY_STATUS__REPLY_REFUSED);
    if (request && request->has_id) {
        reply.has_id = 1;
        reply.id = request->id;
    }
    reply.refusal = refusal_make(&arena, refusal_find(refusal_name), "");
    wire_pack_buf(out, &reply.base);
    arena_done(&arena);
}

/* Refuses and journals that it was; within what one key may cost. */
static void refuse(struct engine *engine, struct pending *pending, const struct act *act,
                   enum refusal refusal, const char *detail)
{
    struct ctps_err err = {0};

    engine_reply_refuse(engine, pending, refusal, detail);
    if (!engine_refusal_is_affordable(engine, pending->from->peer.public_key)) {
        engine->refusals_counted_only++;
        return;
    }
    if (engine_audit_append(engine, pending, act, CTPS__ENTRY_KIND__ENTRY_REFUSAL,
                            refusal_row(refusal)->name, &err) != CTPS_OK) {
        log_error(engine->log, "a refusal cannot be journalled: %s", err.text);
        pending->reply = bytes_of(NULL, 0); /* not journalled, not served */
    }
}

/* Whoever has several requests on the way must know which one this is: the id is taken from
 * bytes that are otherwise not believed, in memory of their own, so that they cannot use up the
 * batch's. */
static void malformed_refuse(struct engine *engine, struct pending *pending, const char *detail)
{
    struct bytes body = bytes_of(pending->from->body, pending->from->len);
    Ctps__Request known = CTPS__REQUEST__INIT;
    const Ctps__Request *peeked;
    uint8_t id[REQUEST_ID_LEN];
    struct arena arena;

    arena_init(&arena, PEEK_ARENA_CAP);
    peeked = (const Ctps__Request *)record_unpack(&arena, &ctps__request__descriptor, body);
    if (peeked && peeked->has_id && peeked->id.len == sizeof(id)) {
        memcpy(id, peeked->id.data, sizeof(id));
        known.has_id = 1;
        known.id = (ProtobufCBinaryData){sizeof(id), id};
        pending->request = &known;
    }
    engine_reply_refuse(engine, pending, REFUSAL_MALFORMED, detail);
    pending->request = NULL;
    arena_done(&arena);
}

void engine_request_parse(struct engine *engine, struct pending *pending)
{
    struct ctps_err err = {0};
    ProtobufCMessage *message;

    pending->request = NULL;
    pending->command = NULL;
    if (wire_unpack(&engine->arena, &ctps__request__descriptor,
                    bytes_of(pending->from->body, pending->from->len), WIRE_STRICT, &message,
                    &err) != CTPS_OK) {
        malformed_refuse(engine, pending, err.text);
        return;
    }
    pending->request = (const Ctps__Request *)message;
    pending->command = request_row_find(pending->request);
    if (!pending->command)
        engine_reply_refuse(engine, pending, REFUSAL_MALFORMED, "no command");
    else if (!pending->request->has_id || pending->request->id.len != 16)
        engine_reply_refuse(engine, pending, REFUSAL_MALFORMED, "id: 16 bytes expected");
    if (pending->reply.len)
        pending->command = NULL;
}

bool engine_request_writes(struct engine *engine, const struct pending *pending)
{
    (void)engine;
    return pending->command && (pending->command->kind == REQUEST_WRITE ||
                                pending->command->kind == REQUEST_NOMINATIVE ||
                                pending->command->kind == REQUEST_TRAIL);
}

/* NULL and refused when the key stands for nobody now. */
static struct principal *who_asks(struct engine *engine, struct pending *pending)
{
    struct principal *who = arena_alloc(&engine->arena, sizeof(*who));

    if (who && engine_who_find(engine, pending->from->peer.public_key, who) == CTPS_OK)
        return who;
    refuse(engine, pending, NULL, REFUSAL_KEY_UNKNOWN, "");
    return NULL;
}

static Ctps__Made **made_of(struct arena *arena, Ctps__StoredMade *const *stored, size_t count)
{
    Ctps__Made **out = arena_alloc(arena, (count + 1) * sizeof(Ctps__Made *));

    for (size_t i = 0; out && i < count; i++) {
        Ctps__Made *made = arena_alloc(arena, sizeof(*made));

        if (!made)
            return NULL;
        ctps__made__init(made);
        SET_FROM(made, stored[i], kind);
        SET_FROM(made, stored[i], id);
        made->reference = stored[i]->reference;
        out[i] = made;
    }
    return out;
}

static void outcome_set(struct engine *engine, Ctps__Reply *reply, const char *outcome,
                        char **warnings, size_t warning_count)
{
    Ctps__ImportAnswer *answer;

    if (!outcome) {
        reply->warnings = warnings;
        reply->n_warnings = warning_count;
        return;
    }
    answer = arena_alloc(&engine->arena, sizeof(*answer));
    if (!answer)
        return;
    ctps__import_answer__init(answer);
    answer->outcome = arena_strdup(&engine->arena, outcome);
    answer->warnings = warnings;
    answer->n_warnings = warning_count;
    reply->answer_case = CTPS__REPLY__ANSWER_IMPORT_ANSWER;
    reply->import_answer = answer;
}

static void reply_stored(struct engine *engine, struct pending *pending,
                         const Ctps__RequestRecord *row)
{
    Ctps__Reply *reply =
        engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_DONE);

    if (!reply)
        return;
    SET_FROM(reply, row, seq);
    SET(reply, repeated_answer, 1);
    reply->made = made_of(&engine->arena, row->made, row->n_made);
    reply->n_made = reply->made ? row->n_made : 0;
    outcome_set(engine, reply, row->import_outcome, row->import_warnings,
                row->n_import_warnings);
    engine_reply_set(engine, pending, reply);
}

static Ctps__RequestRecord *stored_find(struct engine *engine, const struct pending *pending,
                                        const Ctps__Principal *principal)
{
    const struct apply_state *state = view_state(engine->view);
    const int32_t windows[] = {state->digest_window, state->digest_window_before};
    const size_t window_count = state->digest_slot_before ? 2 : 1; /* a town's first has none */
    const ProtobufCBinaryData *id = &pending->request->id;
    Ctps__RequestRecord *row = NULL;

    for (size_t i = 0; !row && i < window_count; i++)
        row = (Ctps__RequestRecord *)record_get(
            view_tables(engine->view), TABLE_REQUEST,
            apply_request_key(windows[i], principal, bytes_of(id->data, id->len)),
            &engine->arena, &ctps__request_record__descriptor);
    return row;
}

/* Whether the request was dealt with before; its stored answer, or a refusal, is then set. */
static bool was_done(struct engine *engine, struct pending *pending, const struct act *act)
{
    Ctps__Principal principal = CTPS__PRINCIPAL__INIT;
    struct bytes body = bytes_of(pending->from->body, pending->from->len);
    uint8_t digest[SEAL_SHORT_LEN];
    char name[PRINCIPAL_NAME_LEN];
    Ctps__RequestRecord *row;
    enum ctps_code code;

    principal.kind = (Ctps__PrincipalKind)act->who->kind;
    principal.id = act->who->id;
    memcpy(name, act->who->name, sizeof(name));
    principal.name = *name ? name : NULL;
    row = stored_find(engine, pending, &principal);
    if (!row)
        return false;
    code = engine_request_digest(engine, row->digest_slot, body, digest);
    if (engine->failed)
        return true;
    if (code == CTPS_OK && row->digest.len == sizeof(digest) &&
        memcmp(row->digest.data, digest, sizeof(digest)) == 0)
        reply_stored(engine, pending, row);
    else
        refuse(engine, pending, act, REFUSAL_ID_REUSED, "");
    return true;
}

static bool is_refused(struct engine *engine, struct pending *pending, struct act *act)
{
    if (act->exhausted)
        act_refuse(act, REFUSAL_LIMIT, "memory of one request");
    if (act->refusal == REFUSAL_NONE)
        return false;
    refuse(engine, pending, act, act->refusal, act->detail);
    return true;
}

static void reply_done(struct engine *engine, struct pending *pending, struct act *act,
                       uint64_t seq)
{
    bool dry = pending->request->dry_run;
    Ctps__Reply *reply = engine_reply_new(engine, pending->request,
                                          dry ? CTPS__REPLY_STATUS__REPLY_CHECKED
                                              : CTPS__REPLY_STATUS__REPLY_DONE);

    if (!reply)
        return;
    if (seq)
        SET(reply, seq, seq);
    if (!dry) {
        reply->made = made_of(&engine->arena, act->made, act->made_count);
        reply->n_made = reply->made ? act->made_count : 0;
    }
    outcome_set(engine, reply, act->import_outcome, act->warnings, act->warning_count);
    engine_reply_set(engine, pending, reply);
}

static void subjects_index(struct engine *engine, const struct act *act)
{
    Ctps__SaisineReceived received = CTPS__SAISINE_RECEIVED__INIT;
    const Ctps__SaisineReceive *in;

    if (!act->indexed_saisine || act->event_count)
        return;
    /* A row already taken over past its term: known by name again until the import ends. */
    in = act->request->import_row->saisine;
    received.id = act->indexed_saisine;
    received.motives = in->motives;
    received.n_motives = in->n_motives;
    received.received_day = in->received_day;
    engine_names_add_request(engine, &received, in);
    engine_names_lend(engine, received.id);
}

static void write_run(struct engine *engine, struct pending *pending, struct act *act)
{
    struct ctps_err err = {0};
    uint64_t seq = 0;

    if (!pending->request->dry_run && was_done(engine, pending, act))
        return;
    pending->command->run(act);
    if (is_refused(engine, pending, act))
        return;
    if (act->event_count && !pending->request->dry_run) {
        seq = act->seq;
        if (engine_act_append(engine, act, CTPS__ENTRY_KIND__ENTRY_COMMAND, pending->from,
                              &err) != CTPS_OK) {
            log_error(engine->log, "a command cannot be journalled: %s", err.text);
            engine->failed = true;
            return;
        }
    }
    subjects_index(engine, act);
    reply_done(engine, pending, act, seq);
}

static void read_run(struct engine *engine, struct pending *pending, struct act *act)
{
    struct ctps_err err = {0};

    act->reply = engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    if (!act->reply)
        return;
    pending->command->run(act);
    if (act->refusal == REFUSAL_NONE)
        check_audit_near(act);
    if (is_refused(engine, pending, act))
        return;
    if (act->nominative) {
        SET(act->reply, seq, act->seq);
        if (engine_audit_append(engine, pending, act, CTPS__ENTRY_KIND__ENTRY_READ, "answered",
                                &err) != CTPS_OK) {
            log_error(engine->log, "a read cannot be journalled: %s", err.text);
            engine->failed = true;
            return;
        }
    }
    engine_reply_set(engine, pending, act->reply);
}

/* Who reads the trail leaves one; the journal itself is read once that is flushed. */
static void trail_run(struct engine *engine, struct pending *pending, struct act *act)
{
    struct ctps_err err = {0};

    if (engine_audit_append(engine, pending, act, CTPS__ENTRY_KIND__ENTRY_READ, "answered",
                            &err) == CTPS_OK) {
        pending->late = true;
        return;
    }
    log_error(engine->log, "a read of the audit trail cannot be journalled: %s", err.text);
    engine->failed = true;
}

/* A purpose is a value of the closed list, or it is none. */
static void purpose_check(struct act *act)
{
    check_list_optional(act, "finalite", act->request->purpose, "purpose");
}

bool engine_request_needs_names(const struct pending *pending)
{
    return pending->command &&
           (pending->command->which == CTPS__REQUEST__COMMAND_SAISINE_RECEIVE ||
            pending->command->which == CTPS__REQUEST__COMMAND_IMPORT_ROW ||
            pending->request->command_case == CTPS__REQUEST__COMMAND_SITUATION_PERSON_ADD);
}

void engine_request_run(struct engine *engine, struct pending *pending)
{
    struct act *act;

    if (!pending->command)
        return; /* malformed: already answered */
    pending->who = who_asks(engine, pending);
    if (!pending->who)
        return;
    act = engine_act_new(engine, pending->who, pending->request);
    if (!act)
        return;
    purpose_check(act);
    if (act->refusal == REFUSAL_NONE)
        pending->command->authorise(act);
    if (act->refusal == REFUSAL_NONE && !act->judged)
        act_refuse(act, REFUSAL_NOT_ALLOWED, pending->command->name);
    if (is_refused(engine, pending, act))
        return;
    if (pending->command->kind == REQUEST_CONTROL)
        pending->late = true;
    else if (pending->command->kind == REQUEST_TRAIL)
        trail_run(engine, pending, act);
    else if (pending->command->kind == REQUEST_WRITE)
        write_run(engine, pending, act);
    else
        read_run(engine, pending, act);
    if (!engine->failed)
        engine_session_note(engine, pending);
}

void engine_request_late(struct engine *engine, struct pending *pending)
{
    switch (pending->request->command_case) {
    case CTPS__REQUEST__COMMAND_READ_EVENTS:
        engine_events_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_WEBHOOK_TAKE:
        engine_webhook_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_STATUS_GET:
        engine_status_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_AUDIT_WHO:
        engine_trail_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_ENTRY_HASHES:
        engine_hashes_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_BACKUP:
        engine_backup_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_PLUGIN_LIST:
        engine_plugins_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_PLUGIN_RELOAD:
        engine_plugin_reload_answer(engine, pending);
        break;
    case CTPS__REQUEST__COMMAND_RELOAD:
        engine->reload_wanted = true;
        engine_reply_set(
            engine, pending,
            engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_DONE));
        break;
    default:
        break;
    }
}
