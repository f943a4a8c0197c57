#include "host/record.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "wire/json.h"
#include "wire/wire.h"

enum { ARENA_MAX = 16 << 20 };

/* Bytes inside a frame that are a message themselves. */
static const struct inside {
    const char *body;
    const char *field;
    const ProtobufCMessageDescriptor *type;
} insides[] = {
    {"event", "notice", &ctps__notice__descriptor},
    {"request", "request", &ctps__request__descriptor},
    {"reply", "reply", &ctps__reply__descriptor},
};

static const char *const verdicts[] = {"done", "later", "retry", "poison"};

struct record {
    FILE *file;
};

static const struct inside *inside_find(const char *body)
{
    for (size_t i = 0; i < sizeof(insides) / sizeof(insides[0]); i++)
        if (strcmp(insides[i].body, body) == 0)
            return &insides[i];
    return NULL;
}

static const char *body_name(const Ctps__LinkFrame *frame)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
        frame->base.descriptor, (unsigned)frame->body_case);

    return field ? field->name : "";
}

/* Where those bytes are, and whether they are, in a frame that has some. */
static ProtobufCBinaryData *inside_of(const Ctps__LinkFrame *frame,
                                      protobuf_c_boolean **ret_has)
{
    if (frame->body_case == CTPS__LINK_FRAME__BODY_EVENT) {
        *ret_has = &frame->event->has_notice;
        return &frame->event->notice;
    }
    if (frame->body_case == CTPS__LINK_FRAME__BODY_REQUEST) {
        *ret_has = &frame->request->has_request;
        return &frame->request->request;
    }
    assert(frame->body_case == CTPS__LINK_FRAME__BODY_REPLY);
    *ret_has = &frame->reply->has_reply;
    return &frame->reply->reply;
}

/* --- frame to line --- */

static void inside_open(json_t *body, const struct inside *inside, const Ctps__LinkFrame *frame)
{
    protobuf_c_boolean *has;
    const ProtobufCBinaryData *bytes = inside_of(frame, &has);
    struct bytes packed = bytes_of(bytes->data, bytes->len);
    ProtobufCMessage *message;
    struct arena arena;
    json_t *value;

    arena_init(&arena, ARENA_MAX);
    if (wire_unpack(&arena, inside->type, packed, WIRE_STORED, &message, NULL) == CTPS_OK) {
        value = wire_to_json(message, 0);
        json_object_del(value, "id");
        json_object_del(value, "request_id");
        json_object_set_new(body, inside->field, value);
    }
    arena_done(&arena);
}

static void secrets_remove(json_t *options)
{
    json_t *option;
    size_t i;

    json_array_foreach(options, i, option) json_object_del(option, "secret");
}

json_t *record_line(const Ctps__LinkFrame *frame)
{
    const char *name = body_name(frame);
    const struct inside *inside = inside_find(name);
    json_t *line = wire_to_json(&frame->base, 0);
    json_t *body = json_object_get(line, name);

    json_object_del(body, "ticket");
    secrets_remove(json_object_get(body, "options"));
    if (inside)
        inside_open(body, inside, frame);
    if (frame->body_case == CTPS__LINK_FRAME__BODY_VERDICT)
        json_object_set_new(line, name, json_string(verdicts[frame->verdict->verdict & 3]));
    return line;
}

/* --- line to frame --- */

static enum ctps_code inside_close(struct arena *arena, const struct inside *inside,
                                   json_t *value, ProtobufCBinaryData *out,
                                   struct ctps_err *err)
{
    ProtobufCMessage *message;
    struct bytes packed;
    enum ctps_code code = wire_from_json(arena, inside->type, value, &message, err);

    if (code == CTPS_OK)
        code = wire_pack(arena, message, &packed);
    if (code != CTPS_OK)
        return code;
    out->data = (uint8_t *)(uintptr_t)packed.data;
    out->len = packed.len;
    return CTPS_OK;
}

static enum ctps_code inside_set(struct arena *arena, const struct inside *inside,
                                 json_t *value, const Ctps__LinkFrame *frame,
                                 struct ctps_err *err)
{
    protobuf_c_boolean *has;
    ProtobufCBinaryData *bytes = inside_of(frame, &has);

    *has = 1;
    return inside_close(arena, inside, value, bytes, err);
}

enum ctps_code record_frame(struct arena *arena, json_t *line, Ctps__LinkFrame **ret_frame,
                            struct ctps_err *err)
{
    const char *name = json_object_iter_key(json_object_iter(line));
    const struct inside *inside = name ? inside_find(name) : NULL;
    json_t *body = json_object_get(line, name ? name : "");
    json_t *value = inside ? json_incref(json_object_get(body, inside->field)) : NULL;
    ProtobufCMessage *message = NULL;
    enum ctps_code code;

    if (value)
        json_object_del(body, inside->field);
    code = wire_from_json(arena, &ctps__link_frame__descriptor, line, &message, err);
    *ret_frame = (Ctps__LinkFrame *)message;
    if (code == CTPS_OK && value)
        code = inside_set(arena, inside, value, *ret_frame, err);
    json_decref(value);
    return code;
}

/* --- file --- */

enum ctps_code record_open(const char *path, struct record **ret_record, struct ctps_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct record *record = calloc(1, sizeof(*record));

    if (record && fd >= 0)
        record->file = fdopen(fd, "w");
    if (!record || !record->file) {
        free(record);
        return err_set_errno(err, errno, "record %s", path);
    }
    *ret_record = record;
    return CTPS_OK;
}

void record_close(struct record **held)
{
    if (!*held)
        return;
    fclose((*held)->file);
    free(*held);
    *held = NULL;
}

static void line_write(const struct record *record, const Ctps__LinkFrame *frame)
{
    json_t *line = record_line(frame);

    if (json_dumpf(line, record->file, JSON_COMPACT) == 0)
        fputc('\n', record->file);
    json_decref(line);
}

static void clock_write(const struct record *record)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkClock now = CTPS__LINK_CLOCK__INIT;
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    now.has_now_us = 1;
    now.now_us = (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
    frame.body_case = CTPS__LINK_FRAME__BODY_CLOCK;
    frame.clock = &now;
    line_write(record, &frame);
}

void record_add(struct record *record, const Ctps__LinkFrame *frame)
{
    if (!record)
        return;
    clock_write(record);
    line_write(record, frame);
    fflush(record->file);
}
