#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/civil.h"
#include "wire/field.h"
#include "wire/json.h"

enum { DEPTH_MAX = 16 };

struct reader {
    struct arena *arena;
    struct ctps_err *err;
    unsigned depth;
};

static ProtobufCMessage *message_read(struct reader *reader,
                                      const ProtobufCMessageDescriptor *type, json_t *from);

static bool wrong(struct reader *reader, const char *name, const char *what)
{
    err_set(reader->err, CTPS_INVALID, "%s: %s", name, what);
    return false;
}

static bool two_digits(const char *text, char after, int64_t *ret_number)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9' || text[2] != after)
        return false;
    *ret_number = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

/* "2026-11-20T09:00:00Z", with or without a fraction. */
static bool instant_read(const char *text, int64_t *ret_us)
{
    int64_t hour;
    int64_t minute;
    int32_t day;
    char date[11];
    char *end;

    if (strlen(text) < 20 || text[10] != 'T')
        return false;
    memcpy(date, text, 10);
    date[10] = '\0';
    if (!civil_parse_iso(date, &day) || !two_digits(text + 11, ':', &hour) ||
        !two_digits(text + 14, ':', &minute) || text[17] < '0' || text[17] > '9')
        return false;
    double second = strtod(text + 17, &end);
    if (strcmp(end, "Z") != 0 || !(second < 61))
        return false;
    *ret_us = (int64_t)day * 86400000000 + (hour * 60 + minute) * 60000000 +
              (int64_t)(second * 1e6 + 0.5);
    return true;
}

static bool enum_read(const ProtobufCEnumDescriptor *type, json_t *from, int64_t *ret_value)
{
    const char *text = json_string_value(from);
    char name[WIRE_ENUM_NAME_LEN];

    for (unsigned i = 0; text && i < type->n_values; i++) {
        wire_enum_name(name, &type->values[i]);
        if (strcmp(name, text) == 0) {
            *ret_value = type->values[i].value;
            return true;
        }
    }
    return false;
}

static bool number_read(const ProtobufCFieldDescriptor *field, json_t *from, int64_t *ret_value)
{
    const char *text = json_string_value(from);
    int32_t day;
    char *end;

    if (json_is_integer(from) || json_is_boolean(from)) {
        *ret_value = json_is_integer(from) ? json_integer_value(from) : json_is_true(from);
        return true;
    }
    if (!text || !*text)
        return false;
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return enum_read(field->descriptor, from, ret_value);
    if (wire_field_is_instant(field))
        return instant_read(text, ret_value);
    if (wire_field_is_day(field) && civil_parse_iso(text, &day)) {
        *ret_value = day;
        return true;
    }
    errno = 0;
    *ret_value = *text == '-' ? strtoll(text, &end, 10) : (int64_t)strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static bool bytes_read(struct reader *reader, json_t *from, ProtobufCBinaryData *out)
{
    const char *text = json_string_value(from);

    if (!text || strlen(text) % 2)
        return false;
    out->len = strlen(text) / 2;
    out->data = arena_alloc(reader->arena, out->len + 1);
    return out->data && hex_decode(out->data, out->len, text);
}

static bool value_read(struct reader *reader, const ProtobufCFieldDescriptor *field,
                       json_t *from, void *at)
{
    int64_t number;

    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return (*(ProtobufCMessage **)at = message_read(reader, field->descriptor, from));
    case PROTOBUF_C_TYPE_STRING:
        return json_is_string(from) &&
               (*(char **)at = arena_strdup(reader->arena, json_string_value(from)));
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_read(reader, from, at);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return false; /* no schema has one */
    default:
        break;
    }
    if (!number_read(field, from, &number))
        return false;
    if (wire_field_value_len(field->type) == sizeof(int64_t))
        memcpy(at, &number, sizeof(number));
    else {
        int32_t small = (int32_t)number;

        memcpy(at, &small, sizeof(small));
    }
    return true;
}

static bool list_read(struct reader *reader, const ProtobufCFieldDescriptor *field,
                      json_t *from, char *message)
{
    size_t len = wire_field_value_len(field->type);
    size_t count = json_array_size(from);
    char *items = arena_alloc(reader->arena, (count + 1) * len);

    if (!json_is_array(from) || !items)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!value_read(reader, field, json_array_get(from, i), items + i * len))
            return false;
    memcpy(message + field->offset, &items, sizeof(items));
    memcpy(message + field->quantifier_offset, &count, sizeof(count));
    return true;
}

static bool field_read(struct reader *reader, const ProtobufCFieldDescriptor *field,
                       json_t *from, char *message)
{
    const protobuf_c_boolean has = 1;

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_read(reader, field, from, message);
    if (!value_read(reader, field, from, message + field->offset))
        return false;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        memcpy(message + field->quantifier_offset, &field->id, sizeof(uint32_t));
    else if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
        memcpy(message + field->quantifier_offset, &has, sizeof(has));
    return true;
}

static ProtobufCMessage *message_read(struct reader *reader,
                                      const ProtobufCMessageDescriptor *type, json_t *from)
{
    ProtobufCMessage *message = arena_alloc(reader->arena, type->sizeof_message);
    const char *name;
    json_t *value;

    if (!message || !json_is_object(from) || reader->depth == DEPTH_MAX)
        return NULL;
    protobuf_c_message_init(type, message);
    reader->depth++;
    json_object_foreach(from, name, value)
    {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(type, name);

        if (!field || !field_read(reader, field, value, (char *)message)) {
            if (!reader->err || reader->err->code == CTPS_OK)
                wrong(reader, name, field ? "no value for it" : "no such field");
            return NULL;
        }
    }
    reader->depth--;
    return message;
}

enum ctps_code wire_from_json(struct arena *arena, const ProtobufCMessageDescriptor *type,
                              json_t *from, ProtobufCMessage **ret_message,
                              struct ctps_err *err)
{
    struct reader reader = {.arena = arena, .err = err};
    ProtobufCMessage *message = message_read(&reader, type, from);

    if (!message)
        return err && err->code != CTPS_OK ? err->code
                                           : err_set(err, CTPS_INVALID, "not a %s", type->name);
    *ret_message = message;
    return CTPS_OK;
}
