#include "domain/rows.h"

#include "domain/record.h"

static bool row_add(struct rows *rows, ProtobufCMessage *message)
{
    if (rows->count == rows->cap) {
        size_t cap = rows->cap ? rows->cap * 2 : 32;
        ProtobufCMessage **grown = arena_alloc(rows->arena, cap * sizeof(ProtobufCMessage *));

        if (!grown)
            return false;
        if (rows->count)
            memcpy(grown, rows->list, rows->count * sizeof(ProtobufCMessage *));
        rows->list = grown;
        rows->cap = cap;
    }
    rows->list[rows->count++] = message;
    return true;
}

static bool row_collect(void *arg, struct bytes key, struct bytes value)
{
    struct rows *rows = arg;
    ProtobufCMessage *message = record_unpack(rows->arena, rows->type, value);

    (void)key;
    rows->failed = !message || !row_add(rows, message);
    return !rows->failed && rows->count < ROWS_MAX;
}

struct rows rows_read(const struct tables *tables, struct arena *arena, enum table table,
                      struct bytes prefix, const ProtobufCMessageDescriptor *type)
{
    struct rows rows = {.type = type, .arena = arena};

    if (tables->walk(tables->ctx, table, prefix, bytes_of(NULL, 0), false, row_collect,
                     &rows) != CTPS_OK)
        rows.failed = true;
    return rows;
}
