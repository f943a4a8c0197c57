#include "wire/field.h"

#include <stdint.h>
#include <string.h>

static const void *member(const ProtobufCMessage *message, size_t offset)
{
    return (const char *)message + offset;
}

size_t wire_field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *quantifier = member(message, field->quantifier_offset);
    const void *value = member(message, field->offset);

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)quantifier;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
        *(const uint32_t *)quantifier != field->id)
        return 0;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(const void *const *)value != NULL;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return 1;
    return *(const protobuf_c_boolean *)quantifier != 0;
}

size_t wire_field_value_len(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(uint64_t);
    default:
        return sizeof(uint32_t);
    }
}

const void *wire_field_at(const ProtobufCMessage *message,
                          const ProtobufCFieldDescriptor *field, size_t index)
{
    const void *value = member(message, field->offset);

    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return value;
    return *(const char *const *)value + index * wire_field_value_len(field->type);
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name);
    size_t end_len = strlen(end);

    return len >= end_len && memcmp(name + len - end_len, end, end_len) == 0;
}

bool wire_field_is_day(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_SINT32 &&
           (strcmp(field->name, "day") == 0 || ends_with(field->name, "_day"));
}

bool wire_field_is_instant(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_INT64 && ends_with(field->name, "_us");
}

void wire_enum_name(char out[WIRE_ENUM_NAME_LEN], const ProtobufCEnumValue *value)
{
    const char *underscore = strchr(value->name, '_');
    const char *name = underscore ? underscore + 1 : value->name;
    size_t len = 0;

    for (; name[len] && len < WIRE_ENUM_NAME_LEN - 1; len++)
        out[len] =
            (char)(name[len] >= 'A' && name[len] <= 'Z' ? name[len] + ('a' - 'A') : name[len]);
    out[len] = '\0';
}
