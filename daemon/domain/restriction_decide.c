/*
 * Restriction of a situation (GDPR art. 18, domain.md section 3): erasure and further use stop
 * until it is lifted. What it refuses is the policy's, on every path (policy.c); what it does
 * to an erasure under way is apply_restriction.c.
 */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"

static void restriction_load(struct act *act, uint64_t id)
{
    struct resource resource;

    act->situation = record_situation(act->tables, act->arena, id);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, act->situation);
    act_judge(act, ACTION_SITUATION_RESTRICT, &resource);
}

void authorise_situation_restrict(struct act *act)
{
    restriction_load(act, act->request->situation_restrict->id);
}

void authorise_situation_lift(struct act *act)
{
    restriction_load(act, act->request->situation_lift->id);
}

static Ctps__Sealed *reason_seal(struct act *act, enum sealed_field field, char *reason)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;

    if (!act->situation->opened->slot)
        return NULL;
    content.text = reason;
    return act_seal(act, act->situation->opened->slot, field, &content.base);
}

/* An erasure ordered and not done yet can still be stopped: its keys stand. */
void decide_situation_restrict(struct act *act)
{
    const Ctps__SituationRestrict *in = act->request->situation_restrict;
    Ctps__SituationRestricted *out;

    if (!check_given(act, is_given(in->reason), "reason"))
        return;
    if (act->situation->erased) {
        act_refuse(act, REFUSAL_ERASED, "situation");
        return;
    }
    if (act->situation->merged_into) {
        act_refuse(act, REFUSAL_MERGED, "situation");
        return;
    }
    if (act->situation->restricted) {
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
        return;
    }
    out = emit_situation_restricted(act);
    SET(out, id, act->situation->opened->id);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    out->reason = reason_seal(act, SEALED_RESTRICTION_REASON, in->reason);
}

void decide_situation_lift(struct act *act)
{
    const Ctps__SituationLift *in = act->request->situation_lift;
    Ctps__SituationRestrictionLifted *out;

    if (!check_given(act, is_given(in->reason), "reason"))
        return;
    if (!act->situation->restricted) {
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
        return;
    }
    out = emit_situation_restriction_lifted(act);
    SET(out, id, act->situation->opened->id);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    out->reason = reason_seal(act, SEALED_LIFT_REASON, in->reason);
}
