/*
 * fuzz_message: what must hold for any bytes taken as a message: refused with a path and a
 * reason, or unpacked to a message that packs, checks, unpacks and shows as JSON again.
 */
#ifndef CTPS_FUZZ_MESSAGE_H
#define CTPS_FUZZ_MESSAGE_H

#include <stdlib.h>

#include "fuzz.h"
#include "fuzz_mutate.h"
#include "wire/json.h"
#include "wire/wire.h"

enum { FUZZ_ARENA_CAP = 1 << 20 };

static inline void fuzz_require(bool held)
{
    if (!held)
        abort();
}

/* Packs and reads back: what was accepted once is accepted again, with the same bytes. */
static inline void fuzz_round_trip(struct arena *arena, const ProtobufCMessage *message,
                                   enum wire_strictness strictness)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    ProtobufCMessage *again = NULL;
    struct bytes packed;
    struct bytes repacked;
    json_t *json;

    fuzz_require(wire_pack(arena, message, &packed) == CTPS_OK);
    fuzz_require(wire_unpack(arena, type, packed, strictness, &again, NULL) == CTPS_OK);
    fuzz_require(wire_pack(arena, again, &repacked) == CTPS_OK);
    fuzz_require(bytes_equal(packed, repacked));
    json = wire_to_json(again, WIRE_JSON_EMPTY_LISTS);
    fuzz_require(json != NULL);
    json_decref(json);
}

/* The message in `arena`, or NULL when refused; whichever it is, checked. */
static inline ProtobufCMessage *fuzz_unpack(struct arena *arena,
                                            const ProtobufCMessageDescriptor *type,
                                            struct bytes data, enum wire_strictness strictness)
{
    struct ctps_err err = {.text = ""};
    ProtobufCMessage *message = NULL;
    enum ctps_code code = wire_unpack(arena, type, data, strictness, &message, &err);

    if (code == CTPS_OK)
        return message;
    fuzz_require(message == NULL && err.code == code && strstr(err.text, ": "));
    fuzz_require(code == CTPS_LIMIT || wire_check(type, data, strictness, NULL) == code);
    return NULL;
}

static inline void fuzz_message(const ProtobufCMessageDescriptor *type, struct bytes data,
                                enum wire_strictness strictness)
{
    struct arena large;
    struct arena small;
    ProtobufCMessage *message;

    arena_init(&small, FUZZ_ARENA_CAP);
    arena_init(&large, 8 * FUZZ_ARENA_CAP);
    message = fuzz_unpack(&small, type, data, strictness);
    if (message)
        fuzz_round_trip(&large, message, strictness);
    fuzz_require(small.used <= small.cap && large.used <= large.cap);
    arena_done(&small);
    arena_done(&large);
}

#endif
