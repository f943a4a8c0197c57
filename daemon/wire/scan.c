#include <assert.h>
#include <limits.h>
#include <stdio.h>

#include "wire/check.h"

enum {
    FIELDS_MAX = 256,     /* of one message type; a unit test walks the schemas */
    PATH_LEN = 160,       /* longest path of our schemas: about 70 */
    TAG_LEN_MAX = 5,      /* bytes of a tag or a length, as protobuf-c reads them */
    VARINT_LEN_MAX = 10,  /* bytes of a varint */
    TAG_MAX = 0x1fffffff, /* largest field number */
};

struct scan {
    enum wire_strictness strictness;
    struct ctps_err *err;
};

/* One message being read: where it hangs, and what of it was seen. */
struct frame {
    const struct scan *scan;
    const struct frame *parent; /* NULL for the message itself */
    const ProtobufCMessageDescriptor *type;
    const ProtobufCFieldDescriptor *field; /* being read; NULL when unknown */
    uint32_t number;                       /* of it; 0 between two fields */
    uint32_t index;                        /* of the value among the field's values */
    unsigned depth;
    struct wire_limits limits;
    uint32_t seen[FIELDS_MAX]; /* values of each field so far */
};

static void path_add(char path[PATH_LEN], size_t *used, const struct frame *frame)
{
    const ProtobufCFieldDescriptor *field = frame->field;
    const char *dot = *used ? "." : "";
    size_t room = PATH_LEN - *used;
    int len;

    if (!field)
        len = snprintf(path + *used, room, "%s%u", dot, frame->number);
    else if (field->label == PROTOBUF_C_LABEL_REPEATED)
        len = snprintf(path + *used, room, "%s%s[%u]", dot, field->name, frame->index);
    else
        len = snprintf(path + *used, room, "%s%s", dot, field->name);
    *used += len > 0 && (size_t)len < room ? (size_t)len : 0;
}

static enum ctps_code refuse(const struct frame *frame, enum ctps_code code, const char *reason)
{
    const struct frame *chain[WIRE_DEPTH_MAX];
    char path[PATH_LEN] = "";
    size_t used = 0;
    size_t count = 0;

    for (const struct frame *at = frame; at && count < WIRE_DEPTH_MAX; at = at->parent)
        chain[count++] = at;
    while (count > 0)
        if (chain[--count]->number > 0)
            path_add(path, &used, chain[count]);
    return err_set(frame->scan->err, code, "%s: %s", used ? path : "message", reason);
}

/* Takes a varint off the front of `data`; false when cut short, longer than `len_max` bytes or
 * wider than 64 bits. */
static bool take_varint(struct bytes *data, size_t len_max, uint64_t *ret)
{
    uint64_t value = 0;

    for (size_t i = 0; i < data->len && i < len_max; i++) {
        uint8_t byte = data->data[i];

        if (i == VARINT_LEN_MAX - 1 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *data = bytes_of(data->data + i + 1, data->len - i - 1);
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool take_bytes(struct bytes *data, size_t len, struct bytes *ret)
{
    if (len > data->len)
        return false;
    *ret = bytes_of(data->data, len);
    *data = bytes_of(data->data + len, data->len - len);
    return true;
}

static bool take_sized(struct bytes *data, struct bytes *ret)
{
    uint64_t len;

    return take_varint(data, TAG_LEN_MAX, &len) && len <= data->len &&
           take_bytes(data, (size_t)len, ret);
}

/* Takes the value of a field, whatever it means; a varint stays undecoded in `ret`. */
static bool take_value(struct bytes *data, unsigned wire_type, struct bytes *ret)
{
    struct bytes before = *data;
    uint64_t ignored;

    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        if (!take_varint(data, VARINT_LEN_MAX, &ignored))
            return false;
        *ret = bytes_of(before.data, before.len - data->len);
        return true;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return take_bytes(data, 8, ret);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return take_sized(data, ret);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return take_bytes(data, 4, ret);
    default:
        return false;
    }
}

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

static bool other_of_oneof_seen(const struct frame *frame)
{
    const ProtobufCFieldDescriptor *fields = frame->type->fields;

    for (unsigned i = 0; i < frame->type->n_fields; i++)
        if (frame->seen[i] && (fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
            fields[i].quantifier_offset == frame->field->quantifier_offset)
            return true;
    return false;
}

/* Counts one more value of the field being read. */
static enum ctps_code count_value(struct frame *frame, const struct wire_limit *limit)
{
    uint32_t *seen = &frame->seen[frame->field - frame->type->fields];

    if (frame->field->label != PROTOBUF_C_LABEL_REPEATED) {
        if (*seen)
            return refuse(frame, CTPS_INVALID, "given twice");
        if ((frame->field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && other_of_oneof_seen(frame))
            return refuse(frame, CTPS_INVALID, "excluded by another field of the same choice");
    }
    frame->index = (*seen)++;
    if (frame->scan->strictness == WIRE_STRICT && *seen > wire_limit_count(limit))
        return refuse(frame, CTPS_LIMIT, "too many values");
    return CTPS_OK;
}

static enum ctps_code scan_message(const struct frame *parent, const struct scan *scan,
                                   const ProtobufCMessageDescriptor *type, struct bytes data);

static enum ctps_code scan_value(struct frame *frame, struct bytes value,
                                 const struct wire_limit *limit)
{
    enum wire_strictness strictness = frame->scan->strictness;
    struct wire_fault fault = {.code = CTPS_OK};
    uint64_t number = 0;

    switch (frame->field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return scan_message(frame, frame->scan, frame->field->descriptor, value);
    case PROTOBUF_C_TYPE_STRING:
        wire_check_string(value, limit, strictness, &fault);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        wire_check_bytes(value.len, limit, strictness, &fault);
        break;
    default:
        if (wire_type_of(frame->field->type) != PROTOBUF_C_WIRE_TYPE_VARINT)
            return CTPS_OK;
        take_varint(&value, VARINT_LEN_MAX, &number);
        wire_check_varint(frame->field, number, limit, strictness, &fault);
        break;
    }
    return fault.code == CTPS_OK ? CTPS_OK : refuse(frame, fault.code, fault.reason);
}

/* The values of a repeated number sent in one run; protobuf-c takes both forms for any of them.
 */
static enum ctps_code scan_packed(struct frame *frame, struct bytes run,
                                  const struct wire_limit *limit)
{
    while (run.len > 0) {
        struct bytes value;
        enum ctps_code code = count_value(frame, limit);

        if (code != CTPS_OK)
            return code;
        if (!take_value(&run, wire_type_of(frame->field->type), &value))
            return refuse(frame, CTPS_INVALID, "malformed");
        code = scan_value(frame, value, limit);
        if (code != CTPS_OK)
            return code;
    }
    return CTPS_OK;
}

static enum ctps_code scan_field(struct frame *frame, unsigned wire_type, struct bytes value)
{
    unsigned expected = wire_type_of(frame->field->type);
    const struct wire_limit *limit = NULL;
    enum ctps_code code;

    if (frame->scan->strictness == WIRE_STRICT)
        limit = wire_limit_get(&frame->limits, frame->field);
    if (wire_type != expected && wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
        frame->field->label == PROTOBUF_C_LABEL_REPEATED)
        return scan_packed(frame, value, limit);
    code = count_value(frame, limit);
    if (code != CTPS_OK)
        return code;
    if (wire_type != expected)
        return refuse(frame, CTPS_INVALID, "of another type");
    return scan_value(frame, value, limit);
}

/* Reads the tag of the next field and finds the field. */
static enum ctps_code scan_tag(struct frame *frame, struct bytes *data, unsigned *ret_wire_type)
{
    uint64_t tag;

    frame->number = 0;
    frame->field = NULL;
    if (!take_varint(data, TAG_LEN_MAX, &tag) || tag >> 3 == 0 || tag >> 3 > TAG_MAX)
        return refuse(frame, CTPS_INVALID, "malformed");
    frame->number = (uint32_t)(tag >> 3);
    *ret_wire_type = tag & 7;
    frame->field = protobuf_c_message_descriptor_get_field(frame->type, frame->number);
    if (frame->field)
        frame->index = frame->seen[frame->field - frame->type->fields];
    else if (frame->scan->strictness == WIRE_STRICT)
        return refuse(frame, CTPS_UNSUPPORTED, "unknown field");
    return CTPS_OK;
}

static enum ctps_code scan_message(const struct frame *parent, const struct scan *scan,
                                   const ProtobufCMessageDescriptor *type, struct bytes data)
{
    struct frame frame;

    assert(type->n_fields <= FIELDS_MAX);
    frame.scan = scan;
    frame.parent = parent;
    frame.type = type;
    frame.field = NULL;
    frame.number = 0;
    frame.depth = parent ? parent->depth + 1 : 1;
    memset(frame.seen, 0, type->n_fields * sizeof(frame.seen[0]));
    if (frame.depth > WIRE_DEPTH_MAX)
        return refuse(parent, CTPS_LIMIT, "nested too deep");
    if (scan->strictness == WIRE_STRICT)
        frame.limits = wire_limits_of(type->short_name);
    while (data.len > 0) {
        struct bytes value;
        unsigned wire_type = 0;
        enum ctps_code code = scan_tag(&frame, &data, &wire_type);

        if (code != CTPS_OK)
            return code;
        if (!take_value(&data, wire_type, &value))
            return refuse(&frame, CTPS_INVALID, "malformed");
        if (frame.field)
            code = scan_field(&frame, wire_type, value);
        if (code != CTPS_OK)
            return code;
    }
    return CTPS_OK;
}

enum ctps_code wire_check(const ProtobufCMessageDescriptor *type, struct bytes data,
                          enum wire_strictness strictness, struct ctps_err *err)
{
    struct scan scan = {.strictness = strictness, .err = err};

    if (data.len > INT_MAX)
        return err_set(err, CTPS_LIMIT, "message: larger than protobuf allows");
    return scan_message(NULL, &scan, type, data);
}
