/*
 * field: reading a message through its descriptor, and the naming rules of the schemas that
 * give plain numbers a meaning (schemas/ctps/common.proto).
 */
#ifndef CTPS_WIRE_FIELD_H
#define CTPS_WIRE_FIELD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

enum { WIRE_ENUM_NAME_LEN = 64 /* bytes, with the end */ };

/* Values of `field` that `message` has: 0 or 1 unless it is repeated. */
size_t wire_field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/* Where value `index` (below the count) stands: a borrow from the message, pointing to the C
 * type protobuf-c uses for the field. */
const void *wire_field_at(const ProtobufCMessage *message,
                          const ProtobufCFieldDescriptor *field, size_t index);

/* Length of the C type of one value. */
size_t wire_field_value_len(ProtobufCType type);

/* sint32 named "day" or "…_day": a civil day. */
bool wire_field_is_day(const ProtobufCFieldDescriptor *field);
/* int64 named "…_us": microseconds since 1970-01-01T00:00:00Z. */
bool wire_field_is_instant(const ProtobufCFieldDescriptor *field);
/* "list_value" for OBJECT_LIST_VALUE: what follows the first '_', in lower case. */
void wire_enum_name(char out[WIRE_ENUM_NAME_LEN], const ProtobufCEnumValue *value);

#endif
