#include "domain/record.h"

ProtobufCMessage *record_unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                                struct bytes packed)
{
    ProtobufCAllocator allocator = wire_arena_allocator(arena);

    return protobuf_c_message_unpack(type, &allocator, packed.len, packed.data);
}

ProtobufCMessage *record_get(const struct tables *tables, enum table table,
                             struct table_key key, struct arena *arena,
                             const ProtobufCMessageDescriptor *type)
{
    struct bytes packed;

    if (tables->get(tables->ctx, table, table_key_bytes(&key), &packed) != CTPS_OK)
        return NULL;
    return record_unpack(arena, type, packed);
}

void record_put(const struct tables *tables, enum table table, struct table_key key,
                struct arena *arena, const ProtobufCMessage *message)
{
    struct bytes packed = {0};

    /* Without memory: an empty key makes the transaction fail, so that no row is lost. */
    if (wire_pack(arena, message, &packed) != CTPS_OK)
        key.len = 0;
    tables->put(tables->ctx, table, table_key_bytes(&key), packed);
}

void record_remove(const struct tables *tables, enum table table, struct table_key key)
{
    tables->remove(tables->ctx, table, table_key_bytes(&key));
}

bool record_exists(const struct tables *tables, enum table table, struct table_key key)
{
    struct bytes packed;

    return tables->get(tables->ctx, table, table_key_bytes(&key), &packed) == CTPS_OK;
}

void record_init(ProtobufCMessage *message, const ProtobufCMessageDescriptor *owner,
                 const char *field)
{
    const ProtobufCFieldDescriptor *row =
        protobuf_c_message_descriptor_get_field_by_name(owner, field);
    const ProtobufCMessageDescriptor *type = row->descriptor;

    protobuf_c_message_init(type, message);
}

Ctps__SaisineRecord *record_saisine(const struct tables *tables, struct arena *arena,
                                    uint64_t id)
{
    return (Ctps__SaisineRecord *)record_get(tables, TABLE_SAISINE, table_key_of_u64(id), arena,
                                             &ctps__saisine_record__descriptor);
}

Ctps__SituationRecord *record_situation(const struct tables *tables, struct arena *arena,
                                        uint64_t id)
{
    return (Ctps__SituationRecord *)record_get(tables, TABLE_SITUATION, table_key_of_u64(id),
                                               arena, &ctps__situation_record__descriptor);
}

Ctps__MeetingRecord *record_meeting(const struct tables *tables, struct arena *arena,
                                    uint64_t id)
{
    return (Ctps__MeetingRecord *)record_get(tables, TABLE_MEETING, table_key_of_u64(id), arena,
                                             &ctps__meeting_record__descriptor);
}

Ctps__Instance *record_instance(const struct tables *tables, struct arena *arena,
                                const char *code)
{
    return (Ctps__Instance *)record_get(tables, TABLE_INSTANCE, table_key_of_text(code), arena,
                                        &ctps__instance__descriptor);
}

Ctps__Contact *record_contact(const struct tables *tables, struct arena *arena, uint64_t id)
{
    return (Ctps__Contact *)record_get(tables, TABLE_CONTACT, table_key_of_u64(id), arena,
                                       &ctps__contact__descriptor);
}

Ctps__Partner *record_partner(const struct tables *tables, struct arena *arena, uint64_t id)
{
    return (Ctps__Partner *)record_get(tables, TABLE_PARTNER, table_key_of_u64(id), arena,
                                       &ctps__partner__descriptor);
}

const Ctps__SituationRecord *record_situation_now(const struct tables *tables,
                                                  struct arena *arena,
                                                  const Ctps__SituationRecord *record)
{
    const Ctps__SituationRecord *into =
        record->merged_into ? record_situation(tables, arena, record->merged_into) : NULL;

    return into ? into : record;
}

Ctps__Agent *record_agent(const struct tables *tables, struct arena *arena, uint64_t id)
{
    return (Ctps__Agent *)record_get(tables, TABLE_AGENT, table_key_of_u64(id), arena,
                                     &ctps__agent__descriptor);
}

Ctps__Territory *record_territory(const struct tables *tables, struct arena *arena,
                                  const char *code)
{
    return (Ctps__Territory *)record_get(tables, TABLE_TERRITORY, table_key_of_text(code),
                                         arena, &ctps__territory__descriptor);
}

Ctps__Town *record_town(const struct tables *tables, struct arena *arena)
{
    return (Ctps__Town *)record_get(tables, TABLE_TOWN, table_key_of_text("town"), arena,
                                    &ctps__town__descriptor);
}

uint64_t record_reference_find(const struct tables *tables, struct arena *arena,
                               const char *reference)
{
    Ctps__IdRecord *row =
        (Ctps__IdRecord *)record_get(tables, TABLE_REFERENCE, table_key_of_text(reference),
                                     arena, &ctps__id_record__descriptor);

    return row ? row->id : 0;
}

uint64_t record_counter(const struct tables *tables, struct arena *arena, const char *name)
{
    Ctps__CounterRecord *row =
        (Ctps__CounterRecord *)record_get(tables, TABLE_COUNTER, table_key_of_text(name), arena,
                                          &ctps__counter_record__descriptor);

    return row ? row->value : 0;
}

void record_counter_raise(const struct tables *tables, struct arena *arena, const char *name,
                          uint64_t value)
{
    Ctps__CounterRecord row = CTPS__COUNTER_RECORD__INIT;

    if (record_counter(tables, arena, name) >= value)
        return;
    row.has_value = 1;
    row.value = value;
    record_put(tables, TABLE_COUNTER, table_key_of_text(name), arena, &row.base);
}
