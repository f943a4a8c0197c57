/*
 * fake_daemon: a session whose other end is a few tables in memory. It keeps reference data and
 * rows, answers as the schemas say and knows no rule of the domain: what the command line makes
 * of a file is tested, not what the daemon makes of it.
 */
#ifndef CTPS_TEST_FAKE_DAEMON_H
#define CTPS_TEST_FAKE_DAEMON_H

#include "base/uuid.h"
#include "cli.h"
#include "message.h"
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FAKE_THINGS_MAX = 1024, FAKE_QUEUE_MAX = 64 };

struct fake_row {
    char source[65];
    char number[33];
    struct bytes packed; /* own */
};

struct fake_daemon {
    ProtobufCMessage *things[REFERENCE_KINDS][FAKE_THINGS_MAX];
    size_t counts[REFERENCE_KINDS];
    struct fake_row rows[FAKE_THINGS_MAX];
    size_t row_count;
    char source[65]; /* of the import begun last */

    struct buf queue[FAKE_QUEUE_MAX]; /* replies not yet fetched */
    size_t queued;
    size_t most_queued;
    size_t request_count;
    size_t written; /* commands that were no dry run */
    uint64_t next_id;

    bool newest_first;       /* replies overtake each other */
    unsigned busy_every;     /* each so many-th request is first answered busy */
    const char *refuse_name; /* every command is refused under this name */
    ProtobufCMessage *last;  /* own: the last request, unpacked */
    void (*answer)(struct fake_daemon *fake, const Ctps__Request *request,
                   Ctps__Reply *reply); /* NULL: as below */
    struct arena arena;
};

static inline int fake_kind(const Ctps__Request *request, ProtobufCMessage **ret_message)
{
    switch (request->command_case) {
    case CTPS__REQUEST__COMMAND_LIST_VALUE_SET:
        *ret_message = &request->list_value_set->base;
        return REFERENCE_LIST_VALUES;
    case CTPS__REQUEST__COMMAND_TERRITORY_SET:
        *ret_message = &request->territory_set->base;
        return REFERENCE_TERRITORIES;
    case CTPS__REQUEST__COMMAND_AGENT_SET:
        *ret_message = &request->agent_set->base;
        return REFERENCE_AGENTS;
    case CTPS__REQUEST__COMMAND_PARTNER_SET:
        *ret_message = &request->partner_set->base;
        return REFERENCE_PARTNERS;
    case CTPS__REQUEST__COMMAND_CONTACT_SET:
        *ret_message = &request->contact_set->base;
        return REFERENCE_CONTACTS;
    default:
        return -1;
    }
}

static inline Ctps__Made *fake_made(struct fake_daemon *fake, Ctps__Reply *reply)
{
    Ctps__Made *made = arena_alloc(&fake->arena, sizeof *made);

    assert_non_null(made);
    ctps__made__init(made);
    made->has_id = 1;
    made->id = ++fake->next_id << 8;
    reply->n_made = 1;
    reply->made = arena_alloc(&fake->arena, sizeof *reply->made);
    assert_non_null(reply->made);
    reply->made[0] = made;
    return made;
}

static inline void fake_set_id(struct fake_daemon *fake, ProtobufCMessage *thing, uint64_t id)
{
    struct message_slot slot;

    if (protobuf_c_message_descriptor_get_field_by_name(thing->descriptor, "id")) {
        assert_true(message_slot_make(&fake->arena, thing, "id", false, &slot));
        assert_true(message_slot_set_int(&fake->arena, slot, (int64_t)id));
    }
}

static inline size_t fake_find(const struct fake_daemon *fake, int kind,
                               const ProtobufCMessage *message)
{
    uint64_t id = reference_id(message);
    size_t i = 0;

    for (; i < fake->counts[kind]; i++) {
        const ProtobufCMessage *thing = fake->things[kind][i];

        if (kind == REFERENCE_TERRITORIES &&
            strcmp(((const Ctps__Territory *)thing)->code,
                   ((const Ctps__Territory *)message)->code) == 0)
            break;
        if (kind == REFERENCE_LIST_VALUES &&
            strcmp(((const Ctps__ListValue *)thing)->list,
                   ((const Ctps__ListValue *)message)->list) == 0 &&
            strcmp(((const Ctps__ListValue *)thing)->code,
                   ((const Ctps__ListValue *)message)->code) == 0)
            break;
        if (id && reference_id(thing) == id)
            break;
    }
    return i;
}

static inline void fake_set_thing(struct fake_daemon *fake, int kind, ProtobufCMessage *message,
                                  Ctps__Reply *reply)
{
    size_t at = fake_find(fake, kind, message);
    ProtobufCMessage *copy = message_copy(&fake->arena, message);
    uint64_t id = reference_id(message);

    assert_non_null(copy);
    assert_true(at < FAKE_THINGS_MAX);
    if (!id)
        id = fake_made(fake, reply)->id;
    fake_set_id(fake, copy, id);
    fake->things[kind][at] = copy;
    if (at == fake->counts[kind])
        fake->counts[kind]++;
}

static inline void fake_list(struct fake_daemon *fake, const Ctps__ReferenceList *list,
                             Ctps__Reply *reply)
{
    Ctps__ReferenceAnswer *answer = arena_alloc(&fake->arena, sizeof *answer);

    assert_non_null(answer);
    ctps__reference_answer__init(answer);
    switch (list->kind) {
    case CTPS__OBJECT_KIND__OBJECT_LIST_VALUE:
        answer->n_list_values = fake->counts[REFERENCE_LIST_VALUES];
        answer->list_values = (Ctps__ListValue **)fake->things[REFERENCE_LIST_VALUES];
        break;
    case CTPS__OBJECT_KIND__OBJECT_TERRITORY:
        answer->n_territories = fake->counts[REFERENCE_TERRITORIES];
        answer->territories = (Ctps__Territory **)fake->things[REFERENCE_TERRITORIES];
        break;
    case CTPS__OBJECT_KIND__OBJECT_AGENT:
        answer->n_agents = fake->counts[REFERENCE_AGENTS];
        answer->agents = (Ctps__Agent **)fake->things[REFERENCE_AGENTS];
        break;
    case CTPS__OBJECT_KIND__OBJECT_PARTNER:
        answer->n_partners = fake->counts[REFERENCE_PARTNERS];
        answer->partners = (Ctps__Partner **)fake->things[REFERENCE_PARTNERS];
        break;
    default:
        answer->n_contacts = fake->counts[REFERENCE_CONTACTS];
        answer->contacts = (Ctps__Contact **)fake->things[REFERENCE_CONTACTS];
        break;
    }
    reply->status = CTPS__REPLY_STATUS__REPLY_ANSWERED;
    reply->answer_case = CTPS__REPLY__ANSWER_REFERENCE_ANSWER;
    reply->reference_answer = answer;
}

static inline struct fake_row *fake_row_find(struct fake_daemon *fake, const char *number)
{
    for (size_t i = 0; i < fake->row_count; i++)
        if (strcmp(fake->rows[i].source, fake->source) == 0 &&
            strcmp(fake->rows[i].number, number) == 0)
            return &fake->rows[i];
    return NULL;
}

static inline void fake_row_add(struct fake_daemon *fake, const Ctps__ImportRow *row,
                                struct bytes packed)
{
    struct fake_row *added = &fake->rows[fake->row_count++];

    assert_true(fake->row_count <= FAKE_THINGS_MAX);
    snprintf(added->source, sizeof added->source, "%s", fake->source);
    snprintf(added->number, sizeof added->number, "%s", row->number);
    added->packed = packed;
}

static inline void fake_take_row(struct fake_daemon *fake, Ctps__ImportRow *row, bool dry_run,
                                 Ctps__Reply *reply)
{
    Ctps__ImportAnswer *answer = arena_alloc(&fake->arena, sizeof *answer);
    struct fake_row *known = fake_row_find(fake, row->number);
    const char *outcome = "taken";
    uint8_t *packed;
    size_t len;

    row->has_import_id = 0;
    len = ctps__import_row__get_packed_size(row);
    packed = arena_alloc(&fake->arena, len);
    assert_non_null(answer);
    assert_non_null(packed);
    ctps__import_row__pack(row, packed);
    ctps__import_answer__init(answer);
    if (known)
        outcome = bytes_equal(known->packed, bytes_of(packed, len)) ? "unchanged" : "changed";
    else if (!dry_run)
        fake_row_add(fake, row, bytes_of(packed, len));
    answer->outcome = arena_strdup(&fake->arena, outcome);
    reply->answer_case = CTPS__REPLY__ANSWER_IMPORT_ANSWER;
    reply->import_answer = answer;
}

static inline void fake_refuse(struct fake_daemon *fake, const char *name, Ctps__Reply *reply)
{
    Ctps__Refusal *refusal = arena_alloc(&fake->arena, sizeof *refusal);

    assert_non_null(refusal);
    ctps__refusal__init(refusal);
    refusal->name = arena_strdup(&fake->arena, name);
    refusal->rule = arena_strdup(&fake->arena, "CSI L132-5");
    refusal->field = arena_strdup(&fake->arena, "territory");
    refusal->text_fr = arena_strdup(&fake->arena, "Votre fonction ne permet pas cette action.");
    refusal->text_en = arena_strdup(&fake->arena, "Your function does not allow this action.");
    reply->status = CTPS__REPLY_STATUS__REPLY_REFUSED;
    reply->refusal = refusal;
}

static inline void fake_answer(struct fake_daemon *fake, const Ctps__Request *request,
                               Ctps__Reply *reply)
{
    ProtobufCMessage *message = NULL;
    int kind = fake_kind(request, &message);

    reply->has_status = 1;
    reply->status =
        request->dry_run ? CTPS__REPLY_STATUS__REPLY_CHECKED : CTPS__REPLY_STATUS__REPLY_DONE;
    if (fake->refuse_name && request->command_case < CTPS__REQUEST__COMMAND_STATUS_GET) {
        fake_refuse(fake, fake->refuse_name, reply);
        return;
    }
    if (request->command_case == CTPS__REQUEST__COMMAND_REFERENCE_LIST) {
        fake_list(fake, request->reference_list, reply);
        return;
    }
    fake->written += !request->dry_run;
    if (kind >= 0 && !request->dry_run)
        fake_set_thing(fake, kind, message, reply);
    if (request->command_case == CTPS__REQUEST__COMMAND_IMPORT_BEGIN) {
        snprintf(fake->source, sizeof fake->source, "%s", request->import_begin->source);
        if (!request->dry_run)
            fake_made(fake, reply);
    }
    if (request->command_case == CTPS__REQUEST__COMMAND_IMPORT_ROW)
        fake_take_row(fake, request->import_row, request->dry_run, reply);
    if (fake->answer)
        fake->answer(fake, request, reply);
}

static inline enum ctps_code fake_send(void *ctx, struct bytes bytes, struct ctps_err *err)
{
    struct fake_daemon *fake = ctx;
    Ctps__Request *request = ctps__request__unpack(NULL, bytes.len, bytes.data);
    Ctps__Reply reply = CTPS__REPLY__INIT;
    struct buf *place = &fake->queue[fake->queued];
    uint8_t *out;

    (void)err;
    assert_non_null(request);
    assert_int_equal(request->id.len, UUID_LEN);
    assert_true(fake->queued < FAKE_QUEUE_MAX);
    reply.has_id = 1;
    reply.id = request->id;
    if (fake->busy_every && fake->request_count++ % fake->busy_every == 0) {
        reply.has_status = 1;
        reply.status = CTPS__REPLY_STATUS__REPLY_BUSY;
    } else {
        fake_answer(fake, request, &reply);
    }
    buf_init(place);
    out = buf_extend(place, ctps__reply__get_packed_size(&reply));
    assert_non_null(out);
    ctps__reply__pack(&reply, out);
    fake->queued++;
    if (fake->queued > fake->most_queued)
        fake->most_queued = fake->queued;
    if (fake->last)
        protobuf_c_message_free_unpacked(fake->last, NULL);
    fake->last = &request->base;
    return CTPS_OK;
}

static inline enum ctps_code fake_receive(void *ctx, int timeout_ms, struct buf *reply,
                                          struct ctps_err *err)
{
    struct fake_daemon *fake = ctx;
    size_t at = fake->newest_first && fake->queued ? fake->queued - 1 : 0;

    (void)timeout_ms;
    if (fake->queued == 0)
        return err_set(err, CTPS_BUSY, "no reply");
    buf_append(reply, fake->queue[at].data, fake->queue[at].len);
    buf_done(&fake->queue[at]);
    memmove(&fake->queue[at], &fake->queue[at + 1],
            (fake->queued - at - 1) * sizeof *fake->queue);
    fake->queued--;
    return CTPS_OK;
}

static inline void fake_close(void *ctx)
{
    struct fake_daemon *fake = ctx;

    while (fake->queued > 0)
        buf_done(&fake->queue[--fake->queued]);
}

static inline enum ctps_code fake_open(struct cli *cli, struct ctps_err *err)
{
    (void)err;
    cli->session = (struct session){.ctx = cli->open_ctx,
                                    .window = SESSION_WINDOW_MAX,
                                    .send = fake_send,
                                    .receive = fake_receive,
                                    .close = fake_close};
    return CTPS_OK;
}

static inline struct fake_daemon *fake_new(void)
{
    struct fake_daemon *fake = calloc(1, sizeof *fake);

    assert_non_null(fake);
    arena_init(&fake->arena, 256 << 20);
    return fake;
}

static inline void fake_free(struct fake_daemon *fake)
{
    if (fake->last)
        protobuf_c_message_free_unpacked(fake->last, NULL);
    arena_done(&fake->arena);
    free(fake);
}

/* What one run of the command line wrote. */
struct fake_output {
    int status;
    char *out; /* own */
    char *err; /* own */
};

static inline void fake_output_done(struct fake_output *output)
{
    free(output->out);
    free(output->err);
}

/* Runs "ctps" with the given words, NULL at the end. In French unless the words say otherwise.
 */
static inline struct fake_output fake_run(struct fake_daemon *fake, const char *const *words)
{
    struct fake_output output = {0};
    const char *argv[64] = {"ctps"};
    size_t out_len;
    size_t err_len;
    FILE *out = open_memstream(&output.out, &out_len);
    FILE *err = open_memstream(&output.err, &err_len);
    FILE *in = fopen("/dev/null", "r");
    struct cli cli;
    int argc = 1;

    for (; *words; words++)
        argv[argc++] = *words;
    cli_init(&cli, sys_real(), in, out, err);
    cli.open_session = fake_open;
    cli.open_ctx = fake;
    output.status = cli_run(&cli, argc, argv);
    cli_done(&cli);
    fclose(out);
    fclose(err);
    fclose(in);
    return output;
}

#define FAKE_RUN(fake, ...) fake_run((fake), (const char *const[]){__VA_ARGS__, NULL})

#endif
