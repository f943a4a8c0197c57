/* How long the audit trail can be read: the key of a month is destroyed once its last entry is
 * past the term (CNIL 2021-122). Chain and signed log stand on what stays: the sealed entries.
 */
#include "domain/check.h"
#include "domain/record.h"
#include "domain/retention.h"

enum { AUDIT_LEAST_MONTHS = 6, AUDIT_DEFAULT_MONTHS = 12, AUDIT_MOST_MONTHS = 36 };

int retention_audit_months(const struct act *act)
{
    const Ctps__Town *town = record_town(act->tables, act->arena);

    return town && town->has_audit_months ? (int)town->audit_months : AUDIT_DEFAULT_MONTHS;
}

bool retention_audit_check(struct act *act, const Ctps__Town *town)
{
    bool justified = is_given(town->audit_justification);

    if (!town->has_audit_months || (town->audit_months >= AUDIT_LEAST_MONTHS &&
                                    (town->audit_months <= AUDIT_DEFAULT_MONTHS ||
                                     (town->audit_months <= AUDIT_MOST_MONTHS && justified))))
        return true;
    act_refuse(act, REFUSAL_AUDIT_TERM,
               town->audit_months > AUDIT_DEFAULT_MONTHS &&
                       town->audit_months <= AUDIT_MOST_MONTHS
                   ? "audit_justification"
                   : "audit_months");
    return false;
}

struct old_keys {
    struct act *act;
    int64_t oldest; /* month that is kept */
    Ctps__ErasureSubject *subject;
};

static bool key_look(void *arg, struct bytes key, struct bytes value)
{
    struct old_keys *old = arg;
    const Ctps__CounterRecord *month = (const Ctps__CounterRecord *)record_unpack(
        old->act->arena, &ctps__counter_record__descriptor, value);

    if (month && (int64_t)month->value < old->oldest)
        old->subject->slots[old->subject->n_slots++] = be64_get(key.data);
    return old->subject->n_slots < ACT_OBJECTS_MAX;
}

void retention_order_audit(struct act *act)
{
    struct civil_date date = civil_date_of(act->today);
    struct old_keys old = {.act = act};
    Ctps__ErasureOrdered *out;

    old.oldest = (int64_t)date.year * 12 + date.month - 1 - retention_audit_months(act);
    old.subject = act_alloc(act, sizeof(*old.subject));
    ctps__erasure_subject__init(old.subject);
    old.subject->slots = arena_alloc(act->arena, ACT_OBJECTS_MAX * sizeof(uint64_t));
    if (!old.subject->slots) {
        act->exhausted = true;
        return;
    }
    act->tables->walk(act->tables->ctx, TABLE_AUDIT_KEY, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      false, key_look, &old);
    if (!old.subject->n_slots)
        return;
    SET(old.subject, kind, CTPS__OBJECT_KIND__OBJECT_KEY);
    SET(old.subject, id, 0);
    out = emit_erasure_ordered(act);
    SET(out, day, act->today);
    out->subjects = act_alloc(act, sizeof(Ctps__ErasureSubject *));
    out->subjects[0] = old.subject;
    out->n_subjects = 1;
}
