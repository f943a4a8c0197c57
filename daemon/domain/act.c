#include "domain/act.h"

#include "domain/record.h"

enum refusal act_refuse(struct act *act, enum refusal refusal, const char *detail)
{
    if (act->refusal == REFUSAL_NONE) {
        act->refusal = refusal;
        act->detail = detail;
    }
    return act->refusal;
}

bool act_may(const struct act *act, enum action action, const struct resource *resource,
             struct judgement *ret_judgement)
{
    return act->judge->allows(act->judge->ctx, act->who, action, resource, ret_judgement);
}

enum refusal act_judge(struct act *act, enum action action, const struct resource *resource)
{
    struct judgement judgement = {0};

    if (act_may(act, action, resource, &judgement)) {
        act->judged = true;
        return REFUSAL_NONE;
    }
    if (judgement.existence_only)
        return act_refuse(act, judgement.reason, act_text(act, resource->territory));
    return act_refuse(act, judgement.reason, action_name(action));
}

enum refusal act_judge_plain(struct act *act, enum action action)
{
    struct resource resource = {.kind = RESOURCE_NONE};

    return act_judge(act, action, &resource);
}

uint64_t act_new_id(struct act *act)
{
    if (act->ordinal >= 255) {
        act_refuse(act, REFUSAL_LIMIT, "objects in one command");
        return 0;
    }
    act->ordinal++;
    return act->seq << 8 | act->ordinal;
}

void act_reserve_clear(struct act_reserve *reserve)
{
    explicit_bzero(reserve->room, reserve->used);
    reserve->used = 0;
}

static void *reserve_take(struct act_reserve *reserve, size_t len)
{
    const size_t align = _Alignof(max_align_t);
    size_t need;
    void *room;

    if (!reserve || len > ACT_RESERVE_LEN)
        return NULL;
    need = (len + align - 1) / align * align;
    if (need > ACT_RESERVE_LEN - reserve->used)
        return NULL;
    room = reserve->room + reserve->used;
    reserve->used += need;
    return room;
}

void *act_alloc(struct act *act, size_t len)
{
    void *room = arena_alloc(act->arena, len);

    if (room)
        return room;
    act->exhausted = true;
    room = reserve_take(act->reserve, len);
    if (room)
        return room;
    memset(act->scratch, 0, sizeof(act->scratch));
    return len <= sizeof(act->scratch) ? act->scratch : NULL;
}

char *act_text(struct act *act, const char *text)
{
    size_t len = strlen(or_empty(text)) + 1;
    char *copy = act_alloc(act, len);

    if (!copy)
        return (char *)act->scratch; /* of zeros, just now */
    memcpy(copy, or_empty(text), len);
    return copy;
}

void act_made(struct act *act, Ctps__ObjectKind kind, uint64_t id, const char *reference)
{
    Ctps__StoredMade *made;

    if (act->made_count == ACT_MADE_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "objects in one command");
        return;
    }
    made = act_alloc(act, sizeof(*made));
    ctps__stored_made__init(made);
    SET(made, kind, kind);
    SET(made, id, id);
    made->reference = reference ? act_text(act, reference) : NULL;
    act->made[act->made_count++] = made;
}

void act_warn(struct act *act, const char *code)
{
    if (act->warning_count < ACT_WARNINGS_MAX)
        act->warnings[act->warning_count++] = act_text(act, code);
}

void act_object_read(struct act *act, uint64_t id)
{
    if (act->object_count == ACT_OBJECTS_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "objects read at once");
        return;
    }
    /* Most commands read none: eight kilobytes fewer to clear and to wipe for each. */
    if (!act->objects)
        act->objects = arena_alloc(act->arena, ACT_OBJECTS_MAX * sizeof(act->objects[0]));
    if (!act->objects) {
        act->exhausted = true;
        return;
    }
    act->objects[act->object_count++] = id;
    act->nominative = true;
}

static Ctps__Event *event_add(struct act *act)
{
    Ctps__Event *event = act_alloc(act, sizeof(*event));

    ctps__event__init(event);
    if (act->event_count == ACT_EVENTS_MAX)
        act_refuse(act, REFUSAL_LIMIT, "events in one command");
    else
        act->events[act->event_count++] = event;
    return event;
}

#define X(Type, field, CASE, topic)                                                            \
    Ctps__##Type *emit_##field(struct act *act)                                                \
    {                                                                                          \
        Ctps__Event *event = event_add(act);                                                   \
        Ctps__##Type *message = act_alloc(act, sizeof(*message));                              \
                                                                                               \
        record_init(&message->base, &ctps__event__descriptor, #field);                         \
        event->body_case = CTPS__EVENT__BODY_##CASE;                                           \
        event->field = message;                                                                \
        return message;                                                                        \
    }
#include "domain/event_list.h"
#undef X

uint64_t act_take_slot(struct act *act)
{
    uint64_t slot = act->sealer->take_slot(act->sealer->ctx);

    if (!slot)
        act_refuse(act, REFUSAL_UNAVAILABLE, "key slots");
    return slot;
}

Ctps__Sealed *act_seal(struct act *act, uint64_t slot, enum sealed_field field,
                       const ProtobufCMessage *message)
{
    Ctps__Sealed *sealed;
    struct bytes packed;
    struct bytes box;

    if (wire_pack(act->arena, message, &packed) != CTPS_OK) {
        act->exhausted = true;
        return NULL;
    }
    if (packed.len == 0)
        return NULL;
    if (act->sealer->seal(act->sealer->ctx, act->arena, slot, field, packed, &box) != CTPS_OK) {
        act_refuse(act, REFUSAL_UNAVAILABLE, "sealing");
        return NULL;
    }
    sealed = act_alloc(act, sizeof(*sealed));
    ctps__sealed__init(sealed);
    SET(sealed, slot, slot);
    sealed->has_box = 1;
    record_bytes_set(&sealed->box, box);
    return sealed;
}

ProtobufCMessage *act_unseal(struct act *act, const Ctps__Sealed *sealed,
                             enum sealed_field field, const ProtobufCMessageDescriptor *type)
{
    struct bytes content;
    enum ctps_code code;

    if (!sealed || !sealed->has_box)
        return NULL;
    code = act->sealer->unseal(act->sealer->ctx, act->arena, sealed->slot, field,
                               bytes_of(sealed->box.data, sealed->box.len), &content);
    if (code == CTPS_NOMEM || code == CTPS_IO) /* its key may be there all the same */
        act_refuse(act, REFUSAL_UNAVAILABLE, "sealing");
    return code == CTPS_OK ? record_unpack(act->arena, type, content) : NULL;
}
