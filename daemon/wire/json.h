/*
 * json: a message as JSON, for tools and webhooks, by reflection over its descriptor. The way
 * back is for tools too: the daemon itself takes protobuf only.
 *
 *   absent field            left out
 *   member of a oneof       under its own name
 *   integer                 number below 2^53 in size, else decimal string
 *   sint32 named …day       "2026-11-20"; int64 named …_us: "2026-11-20T09:00:00.000000Z" (RFC
 * 3339) bytes                   lower-case hexadecimal enum                    "list_value" for
 * OBJECT_LIST_VALUE; a value unknown here: its number unknown field           left out
 *
 * Days and instants outside the calendar of base/civil.h stay numbers. jansson does not wipe
 * what it frees: the daemon makes no JSON of nominative messages.
 */
#ifndef CTPS_WIRE_JSON_H
#define CTPS_WIRE_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/err.h"

enum wire_json_flags {
    WIRE_JSON_EMPTY_LISTS = 1, /* repeated fields without values appear as [] */
};

/* Own: release with json_decref. `flags` of enum wire_json_flags. NULL without memory or when a
 * string is not UTF-8 (impossible for a message wire_unpack gave). Borrows `message`. */
json_t *wire_to_json(const ProtobufCMessage *message, unsigned flags);

/* As one line of text in `arena`; NULL as wire_to_json. */
char *wire_json_text(struct arena *arena, const ProtobufCMessage *message);

/* The way back, of what wire_to_json gives: *ret_message in `arena`. CTPS_INVALID names the
 * field that is unknown or has no value of its type. */
enum ctps_code wire_from_json(struct arena *arena, const ProtobufCMessageDescriptor *type,
                              json_t *from, ProtobufCMessage **ret_message,
                              struct ctps_err *err);

#endif
