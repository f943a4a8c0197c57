/*
 * message: protobuf messages by field name, through protobuf-c's descriptors. Option rows fill
 * a request and columns read an answer by a dotted path ("persons.identity.birth_day"), so that
 * a command is a row of data. A repeated message on the way stands for its last element.
 */
#ifndef CTPS_CLI_MESSAGE_H
#define CTPS_CLI_MESSAGE_H

#include "base/arena.h"

#include <protobuf-c/protobuf-c.h>

enum {
    MESSAGE_REPEAT_MAX = 64, /* values one repeated field may be given */
    MESSAGE_PATH_MAX = 96,   /* bytes of a path */
};

/* One field of one message; both are borrows. */
struct message_slot {
    ProtobufCMessage *owner;
    const ProtobufCFieldDescriptor *field;
};

/* Finds the field at `path`, making the messages on the way in `arena`. With `append` the
 * innermost repeated message on the way gets a new element. False without such a field, past
 * MESSAGE_REPEAT_MAX or without memory. */
bool message_slot_make(struct arena *arena, ProtobufCMessage *message, const char *path,
                       bool append, struct message_slot *ret_slot);
/* Finds the field at `path`; false when a message on the way is not there or has no such field.
 */
bool message_slot_find(const ProtobufCMessage *message, const char *path,
                       struct message_slot *ret_slot);
/* Makes an empty message; NULL without memory. A borrow from `arena`. */
ProtobufCMessage *message_new(struct arena *arena, const ProtobufCMessageDescriptor *type);

/* A deep copy, a borrow from `arena`; NULL without memory. */
ProtobufCMessage *message_copy(struct arena *arena, const ProtobufCMessage *message);

/* Empties the field, so that what is set next stands alone. */
void message_slot_clear(struct message_slot slot);

/* Setters copy into `arena`; on a repeated field they append. False when the type does not fit,
 * past MESSAGE_REPEAT_MAX or without memory. */
bool message_slot_set_text(struct arena *arena, struct message_slot slot, const char *text);
bool message_slot_set_bytes(struct arena *arena, struct message_slot slot, struct bytes bytes);
/* Of any integer, enum or bool field; fails when the value does not fit the type. */
bool message_slot_set_int(struct arena *arena, struct message_slot slot, int64_t value);

/* How many values the field holds: 0 or 1 unless repeated. */
size_t message_slot_count(struct message_slot slot);
/* Value `index` (< count) of an integer, enum or bool field. */
int64_t message_slot_int(struct message_slot slot, size_t index);
/* Value of a string field, a borrow. */
const char *message_slot_text(struct message_slot slot, size_t index);
/* Value of a bytes field, a borrow. */
struct bytes message_slot_bytes(struct message_slot slot, size_t index);
/* Value of a message field, a borrow. */
const ProtobufCMessage *message_slot_message(struct message_slot slot, size_t index);

/* Whether some value of `a` equals some value of `b`, the same text or integer field of two
 * messages. */
bool message_slot_shares(struct message_slot a, struct message_slot b);

/* Whether two fields hold the same values in the same order; absent, zero, false and "" are the
 * same. The same field of two messages of one type; not for messages and bytes. */
bool message_slot_equals(struct message_slot a, struct message_slot b);

#endif
