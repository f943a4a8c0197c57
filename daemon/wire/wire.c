#include "wire/wire.h"

/* Remembers which refusal made protobuf-c give up: it reports none. */
struct watched_arena {
    struct arena *arena;
    enum ctps_code refused;
};

static void *arena_give(void *data, size_t len)
{
    return arena_alloc(data, len);
}

static void *watched_give(void *data, size_t len)
{
    struct watched_arena *watched = data;
    void *room = arena_alloc(watched->arena, len);

    if (!room && watched->refused == CTPS_OK)
        watched->refused = arena_shortage(watched->arena);
    return room;
}

static void arena_take_back(void *data, void *room)
{
    (void)data;
    (void)room;
}

ProtobufCAllocator wire_arena_allocator(struct arena *arena)
{
    return (ProtobufCAllocator){
        .alloc = arena_give, .free = arena_take_back, .allocator_data = arena};
}

enum ctps_code wire_unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                           struct bytes data, enum wire_strictness strictness,
                           ProtobufCMessage **ret, struct ctps_err *err)
{
    struct watched_arena watched = {.arena = arena, .refused = CTPS_OK};
    ProtobufCAllocator allocator = {
        .alloc = watched_give, .free = arena_take_back, .allocator_data = &watched};
    enum ctps_code code = wire_check(type, data, strictness, err);
    ProtobufCMessage *message;

    if (code != CTPS_OK)
        return code;
    message = protobuf_c_message_unpack(type, &allocator, data.len, data.data);
    if (message) {
        *ret = message;
        return CTPS_OK;
    }
    if (watched.refused == CTPS_LIMIT)
        return err_set(err, CTPS_LIMIT, "message: takes more than %zu bytes when unpacked",
                       arena->cap);
    if (watched.refused != CTPS_OK)
        return err_set(err, watched.refused, "message: no memory to unpack %zu bytes",
                       data.len);
    return err_set(err, CTPS_INVALID, "message: not a %s", type->short_name);
}

enum ctps_code wire_pack(struct arena *arena, const ProtobufCMessage *message,
                         struct bytes *ret)
{
    size_t len;
    uint8_t *room;

    if (arena->starved)
        return CTPS_NOMEM;
    len = protobuf_c_message_get_packed_size(message);
    room = arena_alloc(arena, len ? len : 1);
    if (!room)
        return arena_shortage(arena);
    *ret = bytes_of(room, protobuf_c_message_pack(message, room));
    return CTPS_OK;
}

enum ctps_code wire_pack_buf(struct buf *buf, const ProtobufCMessage *message)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *room;

    if (len == 0)
        return buf->failed ? CTPS_NOMEM : CTPS_OK;
    room = buf_extend(buf, len);
    if (!room)
        return CTPS_NOMEM;
    protobuf_c_message_pack(message, room);
    return CTPS_OK;
}
