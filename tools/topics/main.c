/* topic_probe: what the bus publishes, as the table of docs/events.md: each topic, and what of
 * a notice is filled when the event holds everything it may. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "domain/notice.h"
#include "wire/field.h"

enum { DEPTH_MAX = 4, ARENA_MAX = 4 << 20 };

static void fill(struct arena *arena, ProtobufCMessage *message, unsigned depth);

static void *need(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

/* A value of a field's type: one, "x", a message filled in its turn. */
static void value_put(struct arena *arena, const ProtobufCFieldDescriptor *field, void *at,
                      unsigned depth)
{
    ProtobufCBinaryData *bytes = at;
    ProtobufCMessage *part;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)at = need(arena_strdup(arena, "x"));
        break;
    case PROTOBUF_C_TYPE_BYTES:
        bytes->data = need(arena_alloc(arena, 1));
        bytes->len = 1;
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        part = need(arena_alloc(
            arena, ((const ProtobufCMessageDescriptor *)field->descriptor)->sizeof_message));
        ((const ProtobufCMessageDescriptor *)field->descriptor)->message_init(part);
        if (depth < DEPTH_MAX)
            fill(arena, part, depth + 1);
        *(ProtobufCMessage **)at = part;
        break;
    default:
        memset(at, 0, wire_field_value_len(field->type));
        *(uint8_t *)at = 1;
    }
}

static void field_fill(struct arena *arena, ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, unsigned depth)
{
    char *base = (char *)message;
    void *list;

    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        list = need(arena_alloc(arena, wire_field_value_len(field->type)));
        value_put(arena, field, list, depth);
        *(void **)(void *)(base + field->offset) = list;
        *(size_t *)(void *)(base + field->quantifier_offset) = 1;
        return;
    }
    if (field->quantifier_offset)
        *(protobuf_c_boolean *)(base + field->quantifier_offset) = 1;
    value_put(arena, field, base + field->offset, depth);
}

static void fill(struct arena *arena, ProtobufCMessage *message, unsigned depth)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;

    for (unsigned i = 0; i < type->n_fields; i++)
        if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            field_fill(arena, message, &type->fields[i], depth);
}

static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *base = (const char *)message;

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)(const void *)(base + field->quantifier_offset) > 0;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)(const void *)(base + field->offset) != NULL;
    return *(const protobuf_c_boolean *)(base + field->quantifier_offset);
}

static const char *kind_name(Ctps__ObjectKind kind)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&ctps__object_kind__descriptor, (int)kind);

    return value ? value->name : "?";
}

static void row_print(const char *topic, const Ctps__Notice *notice)
{
    const ProtobufCMessageDescriptor *type = notice->base.descriptor;
    const char *before = "";

    printf("| `%s` | %s | ", topic, notice->has_kind ? kind_name(notice->kind) : "");
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (strcmp(type->fields[i].name, "kind") == 0 ||
            !is_set(&notice->base, &type->fields[i]))
            continue;
        printf("%s%s", before, type->fields[i].name);
        before = ", ";
    }
    printf(" |\n");
}

static void event_print(const ProtobufCFieldDescriptor *body)
{
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Notice notice = CTPS__NOTICE__INIT;
    const char *topic = NULL;
    struct arena arena;

    arena_init(&arena, ARENA_MAX);
    value_put(&arena, body, (char *)&event + body->offset, 0);
    event.body_case = (Ctps__Event__BodyCase)body->id;
    if (notice_of_event(&event, &notice, &topic))
        row_print(topic, &notice);
    arena_done(&arena);
}

int main(void)
{
    const ProtobufCMessageDescriptor *type = &ctps__event__descriptor;

    printf(
        "# What the bus publishes\n\n"
        "Topics of audience `plugins`, and the fields of `Notice` (notice.proto) that are "
        "filled "
        "of an event that holds\neverything: each may be absent. Written by the daemon's own "
        "table while it was built.\n\n"
        "| topic | kind | fields |\n|---|---|---|\n");
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            event_print(&type->fields[i]);
    return 0;
}
