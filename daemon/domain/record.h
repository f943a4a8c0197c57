/*
 * record: protobuf rows of the views, read and written through the tables port.
 */
#ifndef CTPS_DOMAIN_RECORD_H
#define CTPS_DOMAIN_RECORD_H

#include "base/arena.h"
#include "ctps/record.pb-c.h"
#include "domain/tables.h"
#include "wire/wire.h"

/* Unpacks bytes that were authenticated (a row, an opened box); NULL when malformed or without
 * memory. The result lives in `arena`. */
ProtobufCMessage *record_unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                                struct bytes packed);

/* NULL when there is no such row (or the transaction failed: sticky). */
ProtobufCMessage *record_get(const struct tables *tables, enum table table,
                             struct table_key key, struct arena *arena,
                             const ProtobufCMessageDescriptor *type);
void record_put(const struct tables *tables, enum table table, struct table_key key,
                struct arena *arena, const ProtobufCMessage *message);
void record_remove(const struct tables *tables, enum table table, struct table_key key);
bool record_exists(const struct tables *tables, enum table table, struct table_key key);

/* Initialises the message that field `field` of `owner` holds. */
void record_init(ProtobufCMessage *message, const ProtobufCMessageDescriptor *owner,
                 const char *field);

static inline void record_bytes_set(ProtobufCBinaryData *out, struct bytes bytes)
{
    out->len = bytes.len;
    out->data = (uint8_t *)(uintptr_t)bytes.data; /* protobuf-c has no const */
}

/* The rows used everywhere; NULL when absent. */
Ctps__SaisineRecord *record_saisine(const struct tables *tables, struct arena *arena,
                                    uint64_t id);
Ctps__SituationRecord *record_situation(const struct tables *tables, struct arena *arena,
                                        uint64_t id);
Ctps__MeetingRecord *record_meeting(const struct tables *tables, struct arena *arena,
                                    uint64_t id);
Ctps__Instance *record_instance(const struct tables *tables, struct arena *arena,
                                const char *code);
Ctps__Contact *record_contact(const struct tables *tables, struct arena *arena, uint64_t id);
Ctps__Partner *record_partner(const struct tables *tables, struct arena *arena, uint64_t id);
/* The situation in which `record` is followed now: itself, or the one it was merged into. A
 * borrow of `arena`, or `record`. */
const Ctps__SituationRecord *record_situation_now(const struct tables *tables,
                                                  struct arena *arena,
                                                  const Ctps__SituationRecord *record);
Ctps__Agent *record_agent(const struct tables *tables, struct arena *arena, uint64_t id);
Ctps__Territory *record_territory(const struct tables *tables, struct arena *arena,
                                  const char *code);
Ctps__Town *record_town(const struct tables *tables, struct arena *arena);
/* 0 when there is no such reference. */
uint64_t record_reference_find(const struct tables *tables, struct arena *arena,
                               const char *reference);
uint64_t record_counter(const struct tables *tables, struct arena *arena, const char *name);
void record_counter_raise(const struct tables *tables, struct arena *arena, const char *name,
                          uint64_t value);

#endif
