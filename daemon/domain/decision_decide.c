/* Taking and completing decisions. Source: domain.md §4. */
#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/decision.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/minutes.h"
#include "domain/principal_load.h"
#include "domain/record.h"

/* In a meeting the instance's rules come on top; about its one situation when it has one. */
static void meeting_find(struct act *act, uint64_t id)
{
    act->meeting = record_meeting(act->tables, act->arena, id);
    if (!act->meeting) {
        act_refuse(act, REFUSAL_ABSENT, "meeting");
        return;
    }
    act->instance =
        record_instance(act->tables, act->arena, or_empty(act->meeting->scheduled->instance));
    if (!act->instance)
        act_refuse(act, REFUSAL_INSTANCE_UNKNOWN, act->meeting->scheduled->instance);
}

static uint64_t situation_of(const struct act *act, const Ctps__DecisionTake *in)
{
    if (in->situation || !act->meeting)
        return in->situation;
    return act->meeting->scheduled->situation;
}

void authorise_decision_take(struct act *act)
{
    const Ctps__DecisionTake *in = act->request->decision_take;
    struct resource resource;
    uint64_t situation;

    if (!check_given(act, in->situation || in->meeting, "situation"))
        return;
    if (in->meeting)
        meeting_find(act, in->meeting);
    if (act->refusal != REFUSAL_NONE)
        return;
    situation = situation_of(act, in);
    if (situation) {
        act->situation = record_situation(act->tables, act->arena, situation);
        if (!act->situation) {
            act_refuse(act, REFUSAL_ABSENT, "situation");
            return;
        }
    }
    resource = act->situation ? resource_of_situation(act, act->situation)
                              : resource_of_meeting(act, act->meeting);
    act_judge(act, ACTION_DECISION_TAKE, &resource);
}

/* Words about a situation only where its name may be said; none where only a theme is kept. */
static bool meeting_check(struct act *act, const Ctps__DecisionTake *in)
{
    enum refusal refusal;

    if (!act->meeting)
        return true;
    if (!minutes_meeting_began(act, act->meeting))
        return false;
    act->agenda_situation = act->situation;
    refusal = act->situation ? meeting_content_refusal(act, is_given(in->text)) : REFUSAL_NONE;
    if (refusal != REFUSAL_NONE) {
        act_refuse(act, refusal, "situation");
        return false;
    }
    if (strcmp(or_empty(act->instance->content), CARRY_THEME) == 0 && is_given(in->text)) {
        act_refuse(act, REFUSAL_TEXT_NOT_HERE, "text");
        return false;
    }
    return true;
}

static bool situation_check(struct act *act)
{
    return !act->situation || check_situation_open(act, act->situation, "situation");
}

static bool principal_of(struct act *act, Ctps__PrincipalKind kind, uint64_t id,
                         struct principal *ret_principal)
{
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;

    SET(&named, kind, kind);
    SET(&named, id, id);
    return principal_load(act->tables, act->arena, act->settings, act->today, &named,
                          ret_principal) == CTPS_OK;
}

static bool agent_check(struct act *act, uint64_t id)
{
    struct principal agent;

    if (!principal_of(act, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, id, &agent))
        act_refuse(act, REFUSAL_AGENT_UNKNOWN, "agent");
    else if (agent.function == FUNCTION_NONE || agent.function > FUNCTION_ASSISTANT ||
             !principal_is_habilitated(&agent, act->today))
        act_refuse(act, REFUSAL_DECISION_AGENT, "agent");
    return act->refusal == REFUSAL_NONE;
}

/* What ties a number to a task is confidential: only who signed the charter (CSI L132-5). */
static bool contact_check(struct act *act, uint64_t id)
{
    struct principal contact;

    if (!principal_of(act, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT, id, &contact))
        act_refuse(act, REFUSAL_ABSENT, "contact");
    else if (!contact.contact_active)
        act_refuse(act, REFUSAL_CONTACT_INACTIVE, "contact");
    else if (act->situation && !contact.charter_current)
        act_refuse(act, REFUSAL_CHARTER_NOT_CURRENT, "contact");
    return act->refusal == REFUSAL_NONE;
}

static bool who_check(struct act *act, const Ctps__DecisionTake *in)
{
    if (!in->agent == !in->contact) {
        act_refuse(act, REFUSAL_DECISION_WHO, in->agent ? "contact" : "agent");
        return false;
    }
    return in->agent ? agent_check(act, in->agent) : contact_check(act, in->contact);
}

static bool days_check(struct act *act, const Ctps__DecisionTake *in, int32_t day)
{
    if (!check_day_past(act, true, day, "day") ||
        !check_day(act, in->has_due_day, in->due_day, "due_day"))
        return false;
    if (in->due_day < day) {
        act_refuse(act, REFUSAL_DATE_ORDER, "due_day");
        return false;
    }
    if (!civil_is_working_day(&act->settings->holidays, in->due_day))
        act_warn(act, "due_not_working_day");
    return true;
}

static Ctps__Sealed *text_seal(struct act *act, uint64_t slot, enum sealed_field field,
                               char *text)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;

    content.text = text;
    return slot ? act_seal(act, slot, field, &content.base) : NULL;
}

static void text_keep(struct act *act, Ctps__DecisionTaken *out, char *text)
{
    uint64_t taken = 0;
    uint64_t slot = act->situation ? act->situation->opened->slot
                                   : minutes_own_slot(act, act->meeting, &taken);

    if (taken) {
        SET(out, slot, taken);
        SET(out, erase_due_day, meeting_texts_due(act->meeting->scheduled->day));
    }
    out->content = text_seal(act, slot, SEALED_DECISION_TEXT, text);
}

static void where_fill(const struct act *act, Ctps__DecisionTaken *out)
{
    if (act->meeting) {
        const Ctps__MeetingScheduled *of = act->meeting->scheduled;

        SET(out, meeting, of->id);
        out->instance = of->instance;
        out->meeting_territory = of->territory;
        out->territory = of->territory;
    }
    if (act->situation) {
        SET(out, situation, act->situation->opened->id);
        out->territory = act->situation->territory;
    }
}

static int32_t day_taken(const struct act *act, const Ctps__DecisionTake *in)
{
    if (in->has_day)
        return in->day;
    return act->meeting ? act->meeting->scheduled->day : act->today;
}

void decide_decision_take(struct act *act)
{
    const Ctps__DecisionTake *in = act->request->decision_take;
    int32_t day = day_taken(act, in);
    Ctps__DecisionTaken *out;
    uint64_t id;

    if (!meeting_check(act, in) || !situation_check(act) ||
        !check_list(act, "decision", in->verb, "verb") || !who_check(act, in) ||
        !days_check(act, in, day))
        return;
    id = act_new_id(act);
    out = emit_decision_taken(act);
    SET(out, id, id);
    where_fill(act, out);
    out->verb = in->verb;
    if (in->agent)
        SET(out, agent, in->agent);
    if (in->contact)
        SET(out, contact, in->contact);
    SET(out, day, day);
    SET(out, due_day, in->due_day);
    SET(out, by_agent, act->who->id);
    if (is_given(in->text))
        text_keep(act, out, in->text);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_DECISION, id, NULL);
}

void authorise_decision_complete(struct act *act)
{
    struct resource resource;

    act->decision =
        decision_record(act->tables, act->arena, act->request->decision_complete->id);
    if (!act->decision) {
        act_refuse(act, REFUSAL_ABSENT, "decision");
        return;
    }
    resource = resource_of_decision(act, act->decision);
    act_judge(act, ACTION_DECISION_COMPLETE, &resource);
}

static bool result_check(struct act *act, const char *result)
{
    static const char *const ends[] = {"realisee", "impossible", "non_faite"};

    if (!check_list(act, "resultat", result, "result"))
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(result, ends[i]) == 0)
            return true;
    act_refuse(act, REFUSAL_DECISION_RESULT, "result");
    return false;
}

/* A decision may outlive its situation, or its meeting's texts; words about it may not. */
static void result_keep(struct act *act, Ctps__DecisionCompleted *out, char *text)
{
    const Ctps__DecisionTaken *of = act->decision->taken;
    const Ctps__SituationRecord *situation = NULL;
    uint64_t taken = 0;
    uint64_t slot = 0;

    if (of->situation)
        situation = record_situation(act->tables, act->arena, of->situation);
    else
        act->meeting = record_meeting(act->tables, act->arena, of->meeting);
    if (act->meeting)
        slot = minutes_own_slot(act, act->meeting, &taken);
    else if (situation && !situation->erased && !situation->erasure_ordered)
        slot = situation->opened->slot;
    else
        act_refuse(act, REFUSAL_ERASED, "text");
    if (taken) {
        SET(out, slot, taken);
        SET(out, erase_due_day, meeting_texts_due(act->meeting->scheduled->day));
    }
    out->content = text_seal(act, slot, SEALED_DECISION_RESULT, text);
}

void decide_decision_complete(struct act *act)
{
    const Ctps__DecisionComplete *in = act->request->decision_complete;
    int32_t day = in->has_day ? in->day : act->today;
    Ctps__DecisionCompleted *out;

    if (act->decision->completed) {
        act_refuse(act, REFUSAL_STATE_WRONG, "decision");
        return;
    }
    if (!result_check(act, in->result) || !check_day_past(act, true, day, "day"))
        return;
    if (day < act->decision->taken->day) {
        act_refuse(act, REFUSAL_DATE_ORDER, "day");
        return;
    }
    out = emit_decision_completed(act);
    SET(out, id, in->id);
    out->result = in->result;
    SET(out, day, day);
    if (act->who->kind == PRINCIPAL_KIND_CONTACT)
        SET(out, by_contact, act->who->id);
    else
        SET(out, by_agent, act->who->id);
    if (is_given(in->text))
        result_keep(act, out, in->text);
}
