#include "domain/situation.h"

#include "domain/check.h"
#include "domain/record.h"

void situation_load(struct act *act, uint64_t id, enum action action)
{
    struct resource resource;

    act->situation = record_situation(act->tables, act->arena, id);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, act->situation);
    act_judge(act, action, &resource);
}

bool situation_is_kept(struct act *act)
{
    enum refusal refusal = REFUSAL_NONE;

    if (act->situation->erased || act->situation->erasure_ordered)
        refusal = REFUSAL_ERASED;
    else if (act->situation->merged_into)
        refusal = REFUSAL_MERGED;
    if (refusal != REFUSAL_NONE)
        act_refuse(act, refusal, "situation");
    return refusal == REFUSAL_NONE;
}

bool situation_is_open(struct act *act)
{
    return check_situation_open(act, act->situation, "situation");
}

bool situation_has_room(struct act *act)
{
    if (act->situation->n_course < SITUATION_COURSE_MAX)
        return true;
    act_refuse(act, REFUSAL_LIMIT, "changes of one situation");
    return false;
}

Ctps__Sealed *situation_seal(struct act *act, enum sealed_field field, char *text, char *second)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;

    if (!act->situation->opened->slot)
        return NULL;
    content.text = text;
    content.representatives_absent_why = second;
    return act_seal(act, act->situation->opened->slot, field, &content.base);
}
