/*
 * rows: messages of one table, or of the part of it under a prefix, as an array in the arena.
 */
#ifndef CTPS_DOMAIN_ROWS_H
#define CTPS_DOMAIN_ROWS_H

#include "base/arena.h"
#include "domain/tables.h"
#include "wire/wire.h"

enum { ROWS_MAX = 20000 };

struct rows {
    const ProtobufCMessageDescriptor *type;
    struct arena *arena;
    ProtobufCMessage **list; /* in key order */
    size_t count;
    size_t cap;
    bool failed; /* no memory, a row that could not be read or is no such message */
};

/* At most ROWS_MAX rows; everything lives in `arena`. */
struct rows rows_read(const struct tables *tables, struct arena *arena, enum table table,
                      struct bytes prefix, const ProtobufCMessageDescriptor *type);

#endif
