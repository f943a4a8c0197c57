#include "message.h"

#include <assert.h>
#include <string.h>

static bool is_repeated(struct message_slot slot)
{
    return slot.field->label == PROTOBUF_C_LABEL_REPEATED;
}

static char *member_of(struct message_slot slot)
{
    return (char *)slot.owner + slot.field->offset;
}

static size_t *repeat_count(struct message_slot slot)
{
    return (size_t *)(void *)((char *)slot.owner + slot.field->quantifier_offset);
}

static size_t value_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(int32_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    default:
        return sizeof(int64_t);
    }
}

ProtobufCMessage *message_new(struct arena *arena, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);

    if (message)
        type->message_init(message);
    return message;
}

static void *allocate(void *arena, size_t len)
{
    return arena_alloc(arena, len);
}

static void release(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

ProtobufCMessage *message_copy(struct arena *arena, const ProtobufCMessage *message)
{
    ProtobufCAllocator allocator = {allocate, release, arena};
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = arena_alloc(arena, len ? len : 1);

    if (!packed)
        return NULL;
    protobuf_c_message_pack(message, packed);
    return protobuf_c_message_unpack(message->descriptor, &allocator, len, packed);
}

/* Marks an optional value as present, or makes room for one more of a repeated one. Returns
 * where the value goes. */
static void *value_place(struct arena *arena, struct message_slot slot)
{
    size_t size = value_size(slot.field);
    char **array = (char **)(void *)member_of(slot);
    size_t *count;

    if (is_repeated(slot)) {
        count = repeat_count(slot);
        if (*count == 0)
            *array = arena_alloc(arena, MESSAGE_REPEAT_MAX * size);
        if (!*array || *count == MESSAGE_REPEAT_MAX)
            return NULL;
        return *array + size * (*count)++;
    }
    if (slot.field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        *(uint32_t *)(void *)((char *)slot.owner + slot.field->quantifier_offset) =
            slot.field->id;
    else if (slot.field->quantifier_offset)
        *(protobuf_c_boolean *)((char *)slot.owner + slot.field->quantifier_offset) = 1;
    return member_of(slot);
}

static const char *value_at(struct message_slot slot, size_t index)
{
    assert(index < message_slot_count(slot));
    if (is_repeated(slot))
        return *(char **)(void *)member_of(slot) + index * value_size(slot.field);
    return member_of(slot);
}

/* The first name of *path, which then points behind its dot, or to NULL. */
static const ProtobufCFieldDescriptor *next_field(const ProtobufCMessageDescriptor *type,
                                                  const char **path)
{
    char name[MESSAGE_PATH_MAX];
    size_t len = strcspn(*path, ".");

    if (len >= sizeof name)
        return NULL;
    memcpy(name, *path, len);
    name[len] = '\0';
    *path = (*path)[len] ? *path + len + 1 : NULL;
    return protobuf_c_message_descriptor_get_field_by_name(type, name);
}

static ProtobufCMessage *child_make(struct arena *arena, struct message_slot slot, bool append)
{
    size_t count = message_slot_count(slot);
    ProtobufCMessage **place;

    if (slot.field->type != PROTOBUF_C_TYPE_MESSAGE)
        return NULL;
    if (count > 0 && !(append && is_repeated(slot)))
        return *(ProtobufCMessage *const *)(const void *)value_at(slot, count - 1);
    place = value_place(arena, slot);
    if (!place)
        return NULL;
    *place = message_new(arena, slot.field->descriptor);
    return *place;
}

bool message_slot_make(struct arena *arena, ProtobufCMessage *message, const char *path,
                       bool append, struct message_slot *ret_slot)
{
    struct message_slot slot = {.owner = message};

    while (slot.owner) {
        slot.field = next_field(slot.owner->descriptor, &path);
        if (!slot.field)
            return false;
        if (!path) {
            *ret_slot = slot;
            return true;
        }
        slot.owner = child_make(arena, slot, append);
    }
    return false;
}

static const ProtobufCMessage *child_find(struct message_slot slot)
{
    size_t count;

    if (slot.field->type != PROTOBUF_C_TYPE_MESSAGE)
        return NULL;
    count = message_slot_count(slot);
    return count > 0 ? message_slot_message(slot, count - 1) : NULL;
}

bool message_slot_find(const ProtobufCMessage *message, const char *path,
                       struct message_slot *ret_slot)
{
    /* The slot type is shared with the setters; nothing is written through it here. */
    union {
        const ProtobufCMessage *in;
        ProtobufCMessage *out;
    } cast = {.in = message};
    struct message_slot slot = {.owner = cast.out};

    while (slot.owner) {
        slot.field = next_field(slot.owner->descriptor, &path);
        if (!slot.field)
            return false;
        if (!path) {
            *ret_slot = slot;
            return true;
        }
        cast.in = child_find(slot);
        slot.owner = cast.out;
    }
    return false;
}

bool message_slot_set_text(struct arena *arena, struct message_slot slot, const char *text)
{
    char *copy;
    char **place;

    if (slot.field->type != PROTOBUF_C_TYPE_STRING)
        return false;
    copy = arena_strdup(arena, text);
    place = copy ? value_place(arena, slot) : NULL;
    if (!place)
        return false;
    *place = copy;
    return true;
}

bool message_slot_set_bytes(struct arena *arena, struct message_slot slot, struct bytes bytes)
{
    ProtobufCBinaryData *place;
    uint8_t *copy;

    if (slot.field->type != PROTOBUF_C_TYPE_BYTES)
        return false;
    copy = arena_copy(arena, bytes.data, bytes.len);
    place = copy ? value_place(arena, slot) : NULL;
    if (!place)
        return false;
    *place = (ProtobufCBinaryData){.data = copy, .len = bytes.len};
    return true;
}

static bool int_fits(ProtobufCType type, int64_t value)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_ENUM:
        return value >= INT32_MIN && value <= INT32_MAX;
    case PROTOBUF_C_TYPE_UINT32:
        return value >= 0 && value <= UINT32_MAX;
    case PROTOBUF_C_TYPE_UINT64:
        return value >= 0;
    case PROTOBUF_C_TYPE_BOOL:
        return value == 0 || value == 1;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
        return true;
    default:
        return false;
    }
}

bool message_slot_set_int(struct arena *arena, struct message_slot slot, int64_t value)
{
    void *place;

    if (!int_fits(slot.field->type, value))
        return false;
    place = value_place(arena, slot);
    if (!place)
        return false;
    switch (value_size(slot.field)) {
    case sizeof(int64_t):
        memcpy(place, &value, sizeof value);
        break;
    default:
        if (slot.field->type == PROTOBUF_C_TYPE_UINT32)
            *(uint32_t *)place = (uint32_t)value;
        else
            *(int32_t *)place = (int32_t)value;
        break;
    }
    return true;
}

size_t message_slot_count(struct message_slot slot)
{
    const char *quantifier = (const char *)slot.owner + slot.field->quantifier_offset;

    if (is_repeated(slot))
        return *repeat_count(slot);
    if (slot.field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(const void *)quantifier == slot.field->id;
    if (slot.field->quantifier_offset)
        return *(const protobuf_c_boolean *)(const void *)quantifier != 0;
    return *(void *const *)(const void *)member_of(slot) != NULL;
}

int64_t message_slot_int(struct message_slot slot, size_t index)
{
    const void *value = value_at(slot, index);
    int64_t wide;

    switch (slot.field->type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return *(const uint32_t *)value;
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)value;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        return *(const int32_t *)value;
    default:
        memcpy(&wide, value, sizeof wide);
        return wide;
    }
}

const char *message_slot_text(struct message_slot slot, size_t index)
{
    assert(slot.field->type == PROTOBUF_C_TYPE_STRING);
    return *(char *const *)(const void *)value_at(slot, index);
}

struct bytes message_slot_bytes(struct message_slot slot, size_t index)
{
    const ProtobufCBinaryData *data = (const void *)value_at(slot, index);

    assert(slot.field->type == PROTOBUF_C_TYPE_BYTES);
    return bytes_of(data->data, data->len);
}

const ProtobufCMessage *message_slot_message(struct message_slot slot, size_t index)
{
    assert(slot.field->type == PROTOBUF_C_TYPE_MESSAGE);
    return *(ProtobufCMessage *const *)(const void *)value_at(slot, index);
}

void message_slot_clear(struct message_slot slot)
{
    if (is_repeated(slot))
        *repeat_count(slot) = 0;
    else if (slot.field->quantifier_offset)
        *(protobuf_c_boolean *)((char *)slot.owner + slot.field->quantifier_offset) = 0;
    else
        *(void **)(void *)member_of(slot) = NULL;
}

static bool value_equals(struct message_slot a, size_t i, struct message_slot b, size_t j)
{
    if (a.field->type == PROTOBUF_C_TYPE_STRING)
        return strcmp(message_slot_text(a, i), message_slot_text(b, j)) == 0;
    return message_slot_int(a, i) == message_slot_int(b, j);
}

bool message_slot_shares(struct message_slot a, struct message_slot b)
{
    for (size_t i = 0; i < message_slot_count(a); i++)
        for (size_t j = 0; j < message_slot_count(b); j++)
            if (value_equals(a, i, b, j))
                return true;
    return false;
}

static bool is_default(struct message_slot slot)
{
    if (message_slot_count(slot) == 0)
        return true;
    if (is_repeated(slot))
        return false;
    if (slot.field->type == PROTOBUF_C_TYPE_STRING)
        return *message_slot_text(slot, 0) == '\0';
    return message_slot_int(slot, 0) == 0;
}

bool message_slot_equals(struct message_slot a, struct message_slot b)
{
    size_t count = message_slot_count(a);

    if (is_default(a) || is_default(b))
        return is_default(a) && is_default(b);
    if (count != message_slot_count(b))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!value_equals(a, i, b, i))
            return false;
    return true;
}
