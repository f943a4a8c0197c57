/*
 * sample: messages written by hand, from their descriptors: every field set to a value its
 * limits allow, so that a test need not know the schemas. Bytes come out as protobuf-c packs
 * them (fields by number), except that nothing here uses protobuf-c to write.
 */
#ifndef CTPS_TEST_WIRE_SAMPLE_H
#define CTPS_TEST_WIRE_SAMPLE_H

#include "base/bytes.h"
#include "wire/limits.h"

static inline void put_varint(struct buf *out, uint64_t value)
{
    uint8_t byte;

    for (; value >= 0x80; value >>= 7) {
        byte = (uint8_t)(value | 0x80);
        buf_append(out, &byte, 1);
    }
    byte = (uint8_t)value;
    buf_append(out, &byte, 1);
}

static inline void put_tag(struct buf *out, uint32_t number, unsigned wire_type)
{
    put_varint(out, (uint64_t)number << 3 | wire_type);
}

static inline void put_number(struct buf *out, uint32_t number, uint64_t value)
{
    put_tag(out, number, PROTOBUF_C_WIRE_TYPE_VARINT);
    put_varint(out, value);
}

static inline void put_bytes(struct buf *out, uint32_t number, struct bytes value)
{
    put_tag(out, number, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    put_varint(out, value.len);
    buf_append(out, value.data, value.len);
}

static inline void put_str(struct buf *out, uint32_t number, const char *value)
{
    put_bytes(out, number, bytes_of_str(value));
}

static inline void put_repeated_char(struct buf *out, uint32_t number, const char *unit,
                                     size_t count)
{
    struct buf value;

    buf_init(&value);
    for (size_t i = 0; i < count; i++)
        buf_append(&value, unit, strlen(unit));
    put_bytes(out, number, buf_bytes(&value));
    buf_done(&value);
}

static inline uint64_t sample_number(const ProtobufCFieldDescriptor *field)
{
    const ProtobufCEnumDescriptor *values = field->descriptor;

    switch (field->type) {
    case PROTOBUF_C_TYPE_ENUM:
        return (uint64_t)values->values[values->n_values - 1].value;
    case PROTOBUF_C_TYPE_SINT32:
        return 2 * 20777; /* zigzag of 2026-11-20 */
    case PROTOBUF_C_TYPE_INT64:
        return UINT64_C(1795167000000000);
    default:
        return 1;
    }
}

static inline void sample_message(struct buf *out, const ProtobufCMessageDescriptor *type);

static inline void sample_field(struct buf *out, const struct wire_limits *limits,
                                const ProtobufCFieldDescriptor *field)
{
    const struct wire_limit *limit = wire_limit_get(limits, field);
    struct buf inner;

    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        buf_init(&inner);
        sample_message(&inner, field->descriptor);
        put_bytes(out, field->id, buf_bytes(&inner));
        buf_done(&inner);
        break;
    case PROTOBUF_C_TYPE_STRING:
        put_str(out, field->id, limit->max > 1 ? "a1" : "F");
        break;
    case PROTOBUF_C_TYPE_BYTES:
        put_repeated_char(out, field->id, "\x01", limit->max);
        break;
    default:
        put_number(out, field->id, sample_number(field));
    }
}

/* Every field of the message but those of a oneof; two values of repeated ones. */
static inline void sample_message(struct buf *out, const ProtobufCMessageDescriptor *type)
{
    struct wire_limits limits = wire_limits_of(type->short_name);

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            continue;
        sample_field(out, &limits, field);
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            sample_field(out, &limits, field);
    }
}

#endif
