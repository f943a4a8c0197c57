#include "wire/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/civil.h"
#include "base/utf8.h"
#include "wire/field.h"

static enum ctps_code fault(struct wire_fault *out, enum ctps_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static enum ctps_code fault(struct wire_fault *out, enum ctps_code code, const char *fmt, ...)
{
    va_list args;

    out->code = code;
    va_start(args, fmt);
    vsnprintf(out->reason, sizeof(out->reason), fmt, args);
    va_end(args);
    return code;
}

static bool is_alnum(uint32_t point)
{
    return (point >= '0' && point <= '9') || (point >= 'A' && point <= 'Z') ||
           (point >= 'a' && point <= 'z');
}

static bool is_allowed(enum wire_class class, uint32_t point)
{
    switch (class) {
    case WIRE_TEXT:
        return !utf8_is_control(point) || point == '\n' || point == '\t';
    case WIRE_CODE:
        return is_alnum(point) || point == '_' || point == '.' || point == '-';
    case WIRE_SLUG:
        return (is_alnum(point) && (point < 'A' || point > 'Z')) || point == '-';
    default: /* U+2028 and U+2029 break lines without being control characters */
        return !utf8_is_control(point) && point != 0x2028 && point != 0x2029;
    }
}

static enum ctps_code fault_of_class(enum wire_class class, struct wire_fault *ret_fault)
{
    if (class == WIRE_CODE)
        return fault(ret_fault, CTPS_INVALID, "not a code (A-Z a-z 0-9 _ . -)");
    if (class == WIRE_SLUG)
        return fault(ret_fault, CTPS_INVALID, "not a name of a-z 0-9 -");
    return fault(ret_fault, CTPS_INVALID, "holds a control character");
}

static bool are_tails(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return false;
    return true;
}

/* Bytes of the letter at the beginning of `text`, when these alone show that it is well formed,
 * no control character and no line separator; else 0: it must be decoded. */
static size_t letter_len(struct bytes text)
{
    uint8_t lead = text.data[0];
    uint8_t next = text.len > 1 ? text.data[1] : 0;

    if (lead >= 0x20 && lead < 0x7f)
        return 1;
    if (lead >= 0xc3 && lead <= 0xdf)
        return are_tails(&next, 1) ? 2 : 0;
    if (text.len >= 3 && ((lead == 0xe2 && next != 0x80) || (lead >= 0xe3 && lead <= 0xec)))
        return are_tails(text.data + 1, 2) ? 3 : 0;
    if (text.len >= 4 && lead == 0xf0 && next >= 0x90)
        return are_tails(text.data + 1, 3) ? 4 : 0;
    return 0;
}

/* Bytes of such letters at the beginning of `text`, which is nearly all there is; `count` grows
 * by them. */
static size_t letters_len(struct bytes text, size_t *count)
{
    size_t at = 0;

    while (at < text.len) {
        size_t len = letter_len(bytes_of(text.data + at, text.len - at));

        if (len == 0)
            break;
        at += len;
        ++*count;
    }
    return at;
}

/* Counts code points; stops at the first that is malformed or not of the class. */
static enum ctps_code read_points(struct bytes text, enum wire_class class, size_t *ret_count,
                                  struct wire_fault *ret_fault)
{
    bool is_prose = class != WIRE_CODE && class != WIRE_SLUG;
    size_t count = 0;

    for (size_t at = 0; at < text.len; count++) {
        uint32_t point;
        size_t len = 1;

        if (is_prose)
            at += letters_len(bytes_of(text.data + at, text.len - at), &count);
        if (at == text.len)
            break;
        point = text.data[at];
        if (point >= 0x80)
            len = utf8_decode(bytes_of(text.data + at, text.len - at), &point);
        if (len == 0)
            return fault(ret_fault, CTPS_INVALID, "not UTF-8");
        if (!is_allowed(class, point))
            return fault_of_class(class, ret_fault);
        at += len;
    }
    *ret_count = count;
    return CTPS_OK;
}

static enum ctps_code check_stored_string(struct bytes text, struct wire_fault *ret_fault)
{
    if (!utf8_is_valid(text, NULL))
        return fault(ret_fault, CTPS_INVALID, "not UTF-8");
    if (text.len > 0 && memchr(text.data, '\0', text.len))
        return fault(ret_fault, CTPS_INVALID, "holds a control character");
    return CTPS_OK;
}

enum ctps_code wire_check_string(struct bytes text, const struct wire_limit *limit,
                                 enum wire_strictness strictness, struct wire_fault *ret_fault)
{
    bool in_points;
    enum ctps_code code;
    size_t count = 0;

    if (strictness == WIRE_STORED)
        return check_stored_string(text, ret_fault);
    in_points = limit->class == WIRE_TEXT || limit->class == WIRE_LINE;
    code = read_points(text, limit->class, &count, ret_fault);
    if (code != CTPS_OK)
        return code;
    if ((in_points ? count : text.len) > limit->max)
        return fault(ret_fault, CTPS_LIMIT, "longer than %" PRIu32 " %s", limit->max,
                     in_points ? "characters" : "bytes");
    if (text.len > 0 && (text.data[0] == '.' || text.data[0] == '-') &&
        (limit->class == WIRE_CODE || limit->class == WIRE_SLUG))
        return fault(ret_fault, CTPS_INVALID, "begins with '.' or '-'");
    return CTPS_OK;
}

enum ctps_code wire_check_bytes(size_t len, const struct wire_limit *limit,
                                enum wire_strictness strictness, struct wire_fault *ret_fault)
{
    if (strictness == WIRE_STORED || (len >= limit->min && len <= limit->max))
        return CTPS_OK;
    if (limit->min == limit->max)
        return fault(ret_fault, CTPS_INVALID, "not %" PRIu32 " bytes", limit->max);
    if (len < limit->min)
        return fault(ret_fault, CTPS_INVALID, "shorter than %" PRIu32 " bytes", limit->min);
    return fault(ret_fault, CTPS_LIMIT, "longer than %" PRIu32 " bytes", limit->max);
}

static bool fits_int32(uint64_t raw)
{
    return raw <= INT32_MAX || raw >= (uint64_t)(int64_t)INT32_MIN;
}

static bool fits_type(ProtobufCType type, uint64_t raw)
{
    switch (type) {
    case PROTOBUF_C_TYPE_BOOL:
        return raw <= 1;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        return fits_int32(raw);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_SINT32:
        return raw <= UINT32_MAX;
    default:
        return true;
    }
}

static bool is_civil_day(uint64_t raw)
{
    int64_t day = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);

    return day >= CIVIL_DAY_MIN && day <= CIVIL_DAY_MAX;
}

static bool is_civil_instant(uint64_t raw)
{
    const int64_t day_us = INT64_C(86400) * 1000000;
    int64_t instant = (int64_t)raw;

    return instant >= CIVIL_DAY_MIN * day_us && instant < (CIVIL_DAY_MAX + 1) * day_us;
}

enum ctps_code wire_check_varint(const ProtobufCFieldDescriptor *field, uint64_t raw,
                                 const struct wire_limit *limit,
                                 enum wire_strictness strictness, struct wire_fault *ret_fault)
{
    if (!fits_type(field->type, raw))
        return fault(ret_fault, CTPS_INVALID, "number out of range");
    if (strictness == WIRE_STORED)
        return CTPS_OK;
    if (field->type == PROTOBUF_C_TYPE_ENUM &&
        !protobuf_c_enum_descriptor_get_value(field->descriptor, (int)(int64_t)raw))
        return fault(ret_fault, CTPS_UNSUPPORTED, "unknown value");
    if (wire_field_is_day(field) && !is_civil_day(raw))
        return fault(ret_fault, CTPS_INVALID, "day outside the calendar");
    if (wire_field_is_instant(field) && !is_civil_instant(raw))
        return fault(ret_fault, CTPS_INVALID, "instant outside the calendar");
    if (limit->class == WIRE_NUMBER && limit->max > 0 && raw > limit->max)
        return fault(ret_fault, CTPS_LIMIT, "more than %" PRIu32, limit->max);
    return CTPS_OK;
}
