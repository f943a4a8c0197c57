#include "wire/json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/civil.h"
#include "wire/field.h"

enum { INTEGER_BITS = 53 /* what a JSON reader that knows only doubles keeps exactly */ };

static json_t *message_to_json(const ProtobufCMessage *message, unsigned flags);

static json_t *int_to_json(int64_t value)
{
    const int64_t bound = INT64_C(1) << INTEGER_BITS;

    if (value > -bound && value < bound)
        return json_integer(value);
    return json_sprintf("%" PRId64, value);
}

static json_t *uint_to_json(uint64_t value)
{
    if (value <= INT64_MAX)
        return int_to_json((int64_t)value);
    return json_sprintf("%" PRIu64, value);
}

static json_t *day_to_json(int32_t day)
{
    char text[CIVIL_TEXT_LEN];

    if (day < CIVIL_DAY_MIN || day > CIVIL_DAY_MAX)
        return json_integer(day);
    civil_format_iso(text, day);
    return json_string(text);
}

static json_t *instant_to_json(int64_t instant_us)
{
    const int64_t second_us = 1000000;
    const int64_t day_us = 86400 * second_us;
    int64_t day = instant_us / day_us - (instant_us % day_us < 0);
    int64_t in_day_us = instant_us - day * day_us;
    int second = (int)(in_day_us / second_us);
    char date[CIVIL_TEXT_LEN];

    if (day < CIVIL_DAY_MIN || day > CIVIL_DAY_MAX)
        return int_to_json(instant_us);
    civil_format_iso(date, (int32_t)day);
    return json_sprintf("%sT%02d:%02d:%02d.%06dZ", date, second / 3600, second / 60 % 60,
                        second % 60, (int)(in_day_us % second_us));
}

static json_t *bytes_to_json(const ProtobufCBinaryData *bytes)
{
    struct buf text;
    json_t *value;

    buf_init(&text);
    if (!buf_extend(&text, 2 * bytes->len + 1))
        return NULL;
    hex_encode((char *)text.data, bytes->data, bytes->len);
    value = json_string((const char *)text.data);
    buf_done(&text);
    return value;
}

static json_t *enum_to_json(const ProtobufCEnumDescriptor *type, int number)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, number);
    char name[WIRE_ENUM_NAME_LEN];

    if (!known)
        return json_integer(number);
    wire_enum_name(name, known);
    return json_string(name);
}

static json_t *value_to_json(const ProtobufCFieldDescriptor *field, const void *at,
                             unsigned flags)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return message_to_json(*(const ProtobufCMessage *const *)at, flags);
    case PROTOBUF_C_TYPE_STRING:
        return json_string(*(const char *const *)at);
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_to_json(at);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_to_json(field->descriptor, *(const int *)at);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)at);
    case PROTOBUF_C_TYPE_FLOAT:
        return json_real((double)*(const float *)at);
    case PROTOBUF_C_TYPE_DOUBLE:
        return json_real(*(const double *)at);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)at);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return uint_to_json(*(const uint64_t *)at);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return wire_field_is_instant(field) ? instant_to_json(*(const int64_t *)at)
                                            : int_to_json(*(const int64_t *)at);
    default:
        return wire_field_is_day(field) ? day_to_json(*(const int32_t *)at)
                                        : json_integer(*(const int32_t *)at);
    }
}

static json_t *list_to_json(const ProtobufCMessage *message,
                            const ProtobufCFieldDescriptor *field, unsigned flags)
{
    json_t *list = json_array();
    size_t count = wire_field_count(message, field);

    for (size_t i = 0; list && i < count; i++) {
        json_t *value = value_to_json(field, wire_field_at(message, field, i), flags);

        if (json_array_append_new(list, value) < 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *message_to_json(const ProtobufCMessage *message, unsigned flags)
{
    json_t *object = json_object();

    for (unsigned i = 0; object && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
        json_t *value;

        if (wire_field_count(message, field) == 0 &&
            !(is_list && (flags & WIRE_JSON_EMPTY_LISTS)))
            continue;
        value = is_list ? list_to_json(message, field, flags)
                        : value_to_json(field, wire_field_at(message, field, 0), flags);
        if (json_object_set_new(object, field->name, value) < 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

json_t *wire_to_json(const ProtobufCMessage *message, unsigned flags)
{
    return message_to_json(message, flags);
}

char *wire_json_text(struct arena *arena, const ProtobufCMessage *message)
{
    json_t *json = wire_to_json(message, 0);
    char *made = json ? json_dumps(json, JSON_COMPACT) : NULL;
    char *text = made ? arena_strdup(arena, made) : NULL;

    free(made);
    json_decref(json);
    return text;
}
