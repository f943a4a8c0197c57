#include "ask.h"

#include <ctps/command.pb-c.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 200, LINE_LEN = 160 };

/* protobuf-c has no const. */
static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

static enum ctps_status ask_send(struct ask *ask, Ctps__Request *request, const char *words,
                                 ctps_answered *done, void *arg)
{
    uint8_t id[CTPS_REQUEST_ID_LEN];
    size_t len;
    uint8_t *packed;
    enum ctps_status status = CTPS_STATUS_NO_MEMORY;

    ask->api->request_id(ask->host, words, id);
    request->has_id = 1;
    request->id = (ProtobufCBinaryData){sizeof(id), id};
    len = ctps__request__get_packed_size(request);
    packed = malloc(len);
    if (packed) {
        ctps__request__pack(request, packed);
        status = ask->api->request(ask->host, packed, len, done, arg);
    }
    free(packed);
    request->has_id = 0;
    request->id = (ProtobufCBinaryData){0};
    return status;
}

static enum ctps_status read_send(struct ask *ask, Ctps__Request *request, ctps_answered *done,
                                  void *arg)
{
    char words[64];

    snprintf(words, sizeof(words), "read %" PRId64 " %" PRIu64, ask->life, ++ask->reads);
    return ask_send(ask, request, words, done, arg);
}

static void subjects_request(Ctps__Request *request, Ctps__ReminderSubjects *body,
                             int32_t from_day, int32_t to_day)
{
    ctps__request__init(request);
    ctps__reminder_subjects__init(body);
    request->command_case = CTPS__REQUEST__COMMAND_REMINDER_SUBJECTS;
    request->reminder_subjects = body;
    body->has_from_day = body->has_to_day = body->has_limit = 1;
    body->from_day = from_day;
    body->to_day = to_day;
    body->limit = PAGE_ROWS;
}

enum ctps_status ask_page(struct ask *ask, const uint8_t *position, size_t position_len,
                          int32_t from_day, int32_t to_day, ctps_answered *done, void *arg)
{
    Ctps__Request request;
    Ctps__ReminderSubjects body;

    subjects_request(&request, &body, from_day, to_day);
    body.has_after = position_len > 0;
    body.after = (ProtobufCBinaryData){position_len, (uint8_t *)(uintptr_t)position};
    return read_send(ask, &request, done, arg);
}

enum ctps_status ask_objects(struct ask *ask, const struct ask_object *objects, size_t count,
                             int32_t from_day, int32_t to_day, ctps_answered *done, void *arg)
{
    Ctps__Request request;
    Ctps__ReminderSubjects body;
    Ctps__ReminderObject list[ASK_OBJECTS_MAX];
    Ctps__ReminderObject *pointers[ASK_OBJECTS_MAX];

    subjects_request(&request, &body, from_day, to_day);
    for (size_t i = 0; i < count && i < ASK_OBJECTS_MAX; i++) {
        ctps__reminder_object__init(&list[i]);
        list[i].has_kind = list[i].has_id = 1;
        list[i].kind = (Ctps__ObjectKind)objects[i].kind;
        list[i].id = objects[i].id;
        pointers[i] = &list[i];
        body.n_objects = i + 1;
    }
    body.objects = pointers;
    return read_send(ask, &request, done, arg);
}

enum ctps_status ask_find(struct ask *ask, const char *const *keys, size_t count,
                          ctps_answered *done, void *arg)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectFind body = CTPS__EFFECT_FIND__INIT;
    char *list[ASK_KEYS_MAX];

    for (size_t i = 0; i < count && i < ASK_KEYS_MAX; i++) {
        list[i] = text_of(keys[i]);
        body.n_keys = i + 1;
    }
    body.keys = list;
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_FIND;
    request.effect_find = &body;
    return read_send(ask, &request, done, arg);
}

const char *ask_outcome(enum outcome outcome)
{
    static const char *const words[] = {"on_time", "late", "missed"};

    return words[outcome];
}

static void effect_fill(Ctps__EffectRecord *out, const struct due *due)
{
    out->key = text_of(due->key);
    out->code = text_of(due->kind);
    out->lead = text_of(due->lead);
    out->outcome = text_of(ask_outcome(due->outcome));
    out->has_object_kind = out->has_object = out->has_day = 1;
    out->object_kind = (Ctps__ObjectKind)due->object_kind;
    out->object = due->object;
    out->day = due->day;
    out->has_due_day = out->has_due_minute = 1;
    out->due_day = due->due_day;
    out->due_minute = due->due_minute;
    out->has_minute = due->has_minute;
    out->minute = due->minute;
    out->instance = *due->instance ? text_of(due->instance) : NULL;
    out->has_escalated = out->escalated = due->escalated;
    out->has_contact = due->to_contact;
    out->has_agent = !due->to_contact;
    *(due->to_contact ? &out->contact : &out->agent) = due->to;
}

enum ctps_status ask_record(struct ask *ask, const struct due *due, ctps_answered *done,
                            void *arg)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectRecord body = CTPS__EFFECT_RECORD__INIT;
    char words[LINE_LEN];

    effect_fill(&body, due);
    body.kind = text_of("reminder.due");
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_RECORD;
    request.effect_record = &body;
    /* An outcome can differ after a restart: another request, and the key keeps it single. */
    snprintf(words, sizeof(words), "record %s %s %" PRId32 " %" PRIu32, due->key, body.outcome,
             due->due_day, due->due_minute);
    return ask_send(ask, &request, words, done, arg);
}

enum ctps_status ask_begin(struct ask *ask, int32_t today, ctps_answered *done, void *arg)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectRecord body = CTPS__EFFECT_RECORD__INIT;
    char words[64];

    body.key = text_of(ASK_BEGIN_KEY);
    body.kind = text_of("reminder.due");
    body.code = text_of("begin");
    body.outcome = text_of("begun");
    body.has_day = body.has_due_day = 1;
    body.day = body.due_day = today;
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_RECORD;
    request.effect_record = &body;
    snprintf(words, sizeof(words), "begin %" PRId32, today);
    return ask_send(ask, &request, words, done, arg);
}

static void complain(struct ask *ask, const char *what, const char *why)
{
    char line[LINE_LEN];

    snprintf(line, sizeof(line), "%s: %s; it is asked for again", what, why);
    ask->api->log(ask->host, CTPS_LEVEL_WARNING, line);
}

Ctps__Reply *ask_read(struct ask *ask, enum ctps_status status, const uint8_t *data, size_t len,
                      const char *what)
{
    Ctps__Reply *reply = status == CTPS_STATUS_OK || status == CTPS_STATUS_REFUSED
                             ? ctps__reply__unpack(NULL, len, data)
                             : NULL;

    if (reply && (reply->status == CTPS__REPLY_STATUS__REPLY_DONE ||
                  reply->status == CTPS__REPLY_STATUS__REPLY_ANSWERED))
        return reply;
    complain(ask, what,
             reply && reply->refusal && reply->refusal->name ? reply->refusal->name
                                                             : "no answer");
    if (reply)
        ctps__reply__free_unpacked(reply, NULL);
    return NULL;
}
