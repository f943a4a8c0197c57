/* Shares: recorded, revoked, acknowledged; who is still to be told of what became of them. */
#include "domain/apply_private.h"
#include "domain/share.h"

static void by_put(const struct apply *apply, Ctps__ObjectKind kind, uint64_t object,
                   uint64_t share)
{
    struct table_key key = share_key_by(kind, object, share);

    apply->tables->put(apply->tables->ctx, TABLE_SHARE_BY, table_key_bytes(&key),
                       bytes_of(NULL, 0));
}

static void share_put(const struct apply *apply, const Ctps__ShareRecord *row)
{
    record_put(apply->tables, TABLE_SHARE, table_key_of_u64(row->shared->id), apply->arena,
               &row->base);
}

void apply_information_shared(const struct apply *apply, const Ctps__InformationShared *event)
{
    Ctps__ShareRecord row = CTPS__SHARE_RECORD__INIT;
    Ctps__InformationShared shared = *event;
    struct table_key of = table_key_of_two(event->situation, event->id);
    Ctps__SituationRecord *situation =
        record_situation(apply->tables, apply->arena, event->situation);

    row.shared = &shared;
    share_put(apply, &row);
    apply->tables->put(apply->tables->ctx, TABLE_SHARE_SITUATION, table_key_bytes(&of),
                       bytes_of(NULL, 0));
    for (size_t i = 0; i < event->n_contacts; i++) {
        Ctps__Contact *contact = (Ctps__Contact *)record_get(
            apply->tables, TABLE_CONTACT, table_key_of_u64(event->contacts[i]), apply->arena,
            &ctps__contact__descriptor);

        by_put(apply, CTPS__OBJECT_KIND__OBJECT_CONTACT, event->contacts[i], event->id);
        if (contact)
            by_put(apply, CTPS__OBJECT_KIND__OBJECT_PARTNER, contact->partner, event->id);
    }
    for (size_t i = 0; i < event->n_agents; i++)
        by_put(apply, CTPS__OBJECT_KIND__OBJECT_AGENT, event->agents[i], event->id);
    if (situation)
        apply_situation_touch(apply, situation); /* its import is not taken back */
}

void apply_information_revoked(const struct apply *apply, const Ctps__InformationRevoked *event)
{
    Ctps__ShareRecord *row = share_record(apply->tables, apply->arena, event->id);

    if (!row)
        return;
    SET(row, revoked_day, event->day);
    SET(row, revoked_by, event->by_agent);
    share_put(apply, row);
}

void apply_information_acknowledged(const struct apply *apply,
                                    const Ctps__InformationAcknowledged *event)
{
    Ctps__ShareRecord *row = share_record(apply->tables, apply->arena, event->id);
    Ctps__InformationAcknowledged acknowledged = *event;
    Ctps__InformationAcknowledged **grown;

    if (!row)
        return;
    grown = arena_alloc(apply->arena, (row->n_acknowledged + 1) * sizeof(*grown));
    if (!grown)
        return;
    if (row->n_acknowledged)
        memcpy(grown, row->acknowledged, row->n_acknowledged * sizeof(*grown));
    grown[row->n_acknowledged++] = &acknowledged;
    row->acknowledged = grown;
    share_put(apply, row);
}

/* --- those to whom it was shared are told (GDPR 19) --- */

struct told {
    size_t count;
    uint64_t ids[256];
};

static bool share_collect(void *arg, struct bytes key, struct bytes value)
{
    struct told *told = arg;

    (void)value;
    if (key.len == 16)
        told->ids[told->count++] = be64_get(key.data + 8);
    return told->count < sizeof(told->ids) / sizeof(told->ids[0]);
}

static void tell_one(const struct apply *apply, uint64_t id, enum share_tell why)
{
    struct table_key key = table_key_of_u64(id);
    uint8_t value = (uint8_t)why;

    apply->tables->put(apply->tables->ctx, TABLE_SHARE_TELL, table_key_bytes(&key),
                       bytes_of(&value, 1));
}

void apply_shares_tell(const struct apply *apply, uint64_t situation, enum share_tell why)
{
    struct table_key prefix = table_key_of_u64(situation);
    struct told *told = arena_alloc(apply->arena, sizeof(*told));
    struct table_key after = {0};

    do {
        if (!told)
            return;
        told->count = 0;
        apply->tables->walk(apply->tables->ctx, TABLE_SHARE_SITUATION, table_key_bytes(&prefix),
                            table_key_bytes(&after), false, share_collect, told);
        for (size_t i = 0; i < told->count; i++)
            tell_one(apply, told->ids[i], why);
        if (told->count)
            after = table_key_of_two(situation, told->ids[told->count - 1]);
    } while (told->count == sizeof(told->ids) / sizeof(told->ids[0]));
}

void apply_information_rectified(const struct apply *apply,
                                 const Ctps__InformationRectified *event)
{
    Ctps__ShareRecord *row = share_record(apply->tables, apply->arena, event->id);

    record_remove(apply->tables, TABLE_SHARE_TELL, table_key_of_u64(event->id));
    if (!row)
        return;
    SET(row, rectified_day, event->day);
    share_put(apply, row);
}

void apply_information_erased(const struct apply *apply, const Ctps__InformationErased *event)
{
    Ctps__ShareRecord *row = share_record(apply->tables, apply->arena, event->id);

    record_remove(apply->tables, TABLE_SHARE_TELL, table_key_of_u64(event->id));
    if (!row)
        return;
    SET(row, erased_day, event->day);
    share_put(apply, row);
}
