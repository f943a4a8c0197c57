/* Asking who saw what about a situation: the journal is the engine's to read. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"

void authorise_audit_who(struct act *act)
{
    const Ctps__AuditWho *in = act->request->audit_who;
    uint64_t id = in->situation;

    if (act_judge_plain(act, ACTION_AUDIT_READ) != REFUSAL_NONE)
        return;
    if (!id)
        id = record_reference_find(act->tables, act->arena, or_empty(in->reference));
    act->situation = record_situation(act->tables, act->arena, id);
    if (!act->situation)
        act_refuse(act, REFUSAL_ABSENT, "situation");
    else if (check_day(act, in->has_from_day, in->from_day, "from_day") &&
             check_day(act, in->has_to_day, in->to_day, "to_day") && in->to_day < in->from_day)
        act_refuse(act, REFUSAL_DATE_ORDER, "to_day");
}

void authorise_entry_hashes(struct act *act)
{
    act_judge_plain(act, ACTION_AUDIT_HASHES);
}
