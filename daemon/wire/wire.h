/*
 * wire: protobuf messages in and out of arenas, never trusting the bytes.
 *
 * protobuf-c itself checks neither UTF-8, NUL in strings, enum ranges, sizes nor counts, and
 * allocates 30 to 50 times what it reads. So the bytes are scanned first, along the message's
 * descriptor and without allocating; only what passed is unpacked, into a capped arena.
 *
 * No schema is recursive (tools/check-schemas), so nesting is bounded by the schemas;
 * WIRE_DEPTH_MAX says so once more. Nothing here knows what a command means: absent fields are
 * the domain's business.
 */
#ifndef CTPS_WIRE_WIRE_H
#define CTPS_WIRE_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/err.h"

enum { WIRE_DEPTH_MAX = 8 };

enum wire_strictness {
    /* What clients send: unknown fields and enum values, texts with control characters and
     * whatever passes a row of wire/limits.h are refused. */
    WIRE_STRICT,
    /* What this daemon or a newer one wrote: unknown fields are kept with the message, unknown
     * enum values stay numbers, no limits but the arena's. */
    WIRE_STORED,
};

/* An allocator over `arena` (borrow); its free does nothing. */
ProtobufCAllocator wire_arena_allocator(struct arena *arena);

/*
 * Checks `data` without unpacking. In both modes refused: malformed or truncated bytes, groups,
 * a wire type other than the schema's, numbers that do not fit their type, strings that are not
 * UTF-8 or hold NUL, a singular field given twice, two members of one oneof.
 *
 * CTPS_INVALID, CTPS_LIMIT (a limit of wire/limits.h), CTPS_UNSUPPORTED (unknown field or enum
 * value). `err` reads "path: reason"; the path
 * ("saisine_receive.persons[3].identity.last_name", or "message") holds no colon, and no
 * content is ever quoted.
 */
enum ctps_code wire_check(const ProtobufCMessageDescriptor *type, struct bytes data,
                          enum wire_strictness strictness, struct ctps_err *err);

/* wire_check, then unpacks. `*ret` and all it points to live in `arena`: a borrow until its
 * reset, never to be given to protobuf_c_message_free_unpacked with another allocator. Also
 * CTPS_LIMIT when the arena's cap would be passed, CTPS_NOMEM. */
enum ctps_code wire_unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                           struct bytes data, enum wire_strictness strictness,
                           ProtobufCMessage **ret, struct ctps_err *err);

/* Packs `message`, one of our own. `*ret` is a borrow from `arena`. CTPS_LIMIT past the arena's
 * cap, CTPS_NOMEM, also when the arena has starved: the message may lack parts it counts. */
enum ctps_code wire_pack(struct arena *arena, const ProtobufCMessage *message,
                         struct bytes *ret);

/* The same, appended to `buf`; CTPS_NOMEM once the buffer has failed. */
enum ctps_code wire_pack_buf(struct buf *buf, const ProtobufCMessage *message);

#endif
