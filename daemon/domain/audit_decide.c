/* Asking who saw what: the journal is the engine's to read. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"

static bool days_check(struct act *act, const Ctps__AuditWho *in)
{
    if (!check_day(act, in->has_from_day, in->from_day, "from_day") ||
        !check_day(act, in->has_to_day, in->to_day, "to_day"))
        return false;
    if (in->to_day < in->from_day)
        act_refuse(act, REFUSAL_DATE_ORDER, "to_day");
    return in->to_day >= in->from_day;
}

void authorise_audit_who(struct act *act)
{
    const Ctps__AuditWho *in = act->request->audit_who;
    bool by_situation = in->situation || is_given(in->reference);
    uint64_t id = in->situation;

    if (act_judge_plain(act, ACTION_AUDIT_READ) != REFUSAL_NONE || !days_check(act, in) ||
        !check_given(act, by_situation || in->agent || in->contact || in->person, "situation"))
        return;
    if (!by_situation)
        return;
    if (in->person) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "person");
        return;
    }
    if (!id)
        id = record_reference_find(act->tables, act->arena, in->reference);
    act->situation = record_situation(act->tables, act->arena, id);
    if (!act->situation)
        act_refuse(act, REFUSAL_ABSENT, "situation");
}

void authorise_entry_hashes(struct act *act)
{
    act_judge_plain(act, ACTION_AUDIT_HASHES);
}
