/* What is put on an agenda, within what its kind of meeting may carry (domain.md section 4). */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/record.h"

void authorise_agenda_add(struct act *act)
{
    const Ctps__MeetingAgendaAdd *in = act->request->meeting_agenda_add;
    struct judgement judgement = {0};
    struct resource resource;

    meeting_load(act, in->id, ACTION_MEETING_MANAGE);
    if (act->refusal != REFUSAL_NONE || !in->situation)
        return;
    act->agenda_situation = record_situation(act->tables, act->arena, in->situation);
    if (!act->agenda_situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, act->agenda_situation);
    if (!act_may(act, ACTION_SITUATION_EXISTENCE, &resource, &judgement))
        act_refuse(act, judgement.reason, "situation");
}

void authorise_agenda_remove(struct act *act)
{
    meeting_load(act, act->request->meeting_agenda_remove->id, ACTION_MEETING_MANAGE);
}

/* --- situations --- */

static bool carries(const struct act *act, const char *word)
{
    return strcmp(or_empty(act->instance->content), word) == 0;
}

static bool is_collective(const Ctps__SituationRecord *situation)
{
    return strcmp(or_empty(situation->opened->nature), "collective") == 0;
}

/* In a meeting of agents a name is said before those alone who may read it. */
static bool all_cover(struct act *act, const char *territory)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;

    for (size_t i = 0; i < of->n_invited; i++)
        if (of->invited[i]->agent && !attendance_covers(act, of->invited[i]->agent, territory))
            return false;
    return true;
}

static enum refusal numbers_refusal(const struct act *act, bool nominative)
{
    const Ctps__SituationRecord *situation = act->agenda_situation;

    if (act->instance->strategic && !is_collective(situation))
        return REFUSAL_SITUATION_STRATEGIC;
    if (nominative)
        return REFUSAL_SITUATION_BY_NUMBER;
    if (!act->instance->strategic && strcmp(or_empty(situation->status), STATUS_BLOCKED) != 0)
        return REFUSAL_SITUATION_NOT_BLOCKED;
    return REFUSAL_NONE;
}

enum refusal meeting_content_refusal(struct act *act, bool nominative)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    const Ctps__SituationRecord *situation = act->agenda_situation;

    if (carries(act, CARRY_THEME))
        return REFUSAL_SITUATION_NOT_HERE;
    if (carries(act, CARRY_NUMBERS))
        return numbers_refusal(act, nominative);
    if (carries(act, CARRY_PROJECT) && !is_collective(situation))
        return REFUSAL_SITUATION_NOT_HERE;
    if (carries(act, CARRY_PROJECT) && nominative)
        return REFUSAL_SITUATION_BY_NUMBER;
    if (carries(act, CARRY_ONE_SITUATION) && situation->opened->id != of->situation)
        return REFUSAL_SITUATION_NOT_THE_ONE;
    if (nominative && act->instance->per_territory &&
        strcmp(or_empty(situation->territory), or_empty(of->territory)) != 0)
        return REFUSAL_SITUATION_OTHER_TERRITORY;
    if (carries(act, CARRY_COLLECTIVE) && nominative && !is_collective(situation))
        return REFUSAL_SITUATION_BY_NUMBER;
    if (carries(act, CARRY_AGENTS) && nominative && !all_cover(act, situation->territory))
        return REFUSAL_SITUATION_OUT_OF_SCOPE;
    return REFUSAL_NONE;
}

static bool situation_check(struct act *act, bool nominative)
{
    const Ctps__SituationRecord *situation = act->agenda_situation;
    enum refusal refusal;

    if (!situation)
        return true;
    if (situation->erased || situation->erasure_ordered)
        refusal = REFUSAL_ERASED;
    else if (situation->restricted)
        refusal = REFUSAL_RESTRICTED;
    else if (situation->has_closed_day)
        refusal = REFUSAL_STATE_WRONG;
    else
        refusal = meeting_content_refusal(act, nominative);
    if (refusal != REFUSAL_NONE)
        act_refuse(act, refusal, "situation");
    return refusal == REFUSAL_NONE;
}

/* --- items --- */

static bool item_check(struct act *act, const Ctps__MeetingAgendaAdd *in)
{
    if (!check_given(act, in->situation || is_given(in->theme) || is_given(in->text), "text"))
        return false;
    if (act->meeting->n_agenda >= MEETING_AGENDA_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "agenda");
        return false;
    }
    if (!situation_check(act, in->by_name) ||
        !check_list_optional(act, "theme", in->theme, "theme"))
        return false;
    if (carries(act, CARRY_THEME) && is_given(in->text)) {
        act_refuse(act, REFUSAL_TEXT_NOT_HERE, "text");
        return false;
    }
    return true;
}

/* Under the key of the situation it is about; else under the meeting's, taken at need. */
static void text_seal(struct act *act, Ctps__AgendaItemAdded *out, char *text)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    const Ctps__SituationRecord *about =
        act->agenda_situation ? act->agenda_situation : act->situation;
    Ctps__MeetingText content = CTPS__MEETING_TEXT__INIT;
    uint64_t slot = about ? about->opened->slot : of->slot;

    if (!is_given(text))
        return;
    if (!slot && about)
        return; /* taken over as facts only: nothing of it may be kept */
    if (!about && act->meeting->erasure_ordered) {
        act_refuse(act, REFUSAL_ERASED, "text");
        return;
    }
    if (!slot) {
        slot = act_take_slot(act);
        SET(out, slot, slot);
        SET(out, erase_due_day, meeting_texts_due(of->day));
    }
    content.text = text;
    out->item->text = act_seal(act, slot, SEALED_AGENDA_TEXT, &content.base);
}

void decide_agenda_add(struct act *act)
{
    const Ctps__MeetingAgendaAdd *in = act->request->meeting_agenda_add;
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    Ctps__AgendaItemAdded *out;

    if (!meeting_is_scheduled(act) || !item_check(act, in))
        return;
    out = emit_agenda_item_added(act);
    SET(out, meeting, of->id);
    out->instance = of->instance;
    out->territory = of->territory;
    out->item = act_alloc(act, sizeof(*out->item));
    ctps__agenda_item__init(out->item);
    SET(out->item, id, act_new_id(act));
    SET_FROM(out->item, in, situation);
    if (in->situation)
        SET(out->item, nominative, in->by_name);
    out->item->theme = is_given(in->theme) ? in->theme : NULL;
    SET(out->item, by_agent, act->who->id);
    text_seal(act, out, in->text);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_AGENDA_ITEM, out->item->id, NULL);
}

void decide_agenda_remove(struct act *act)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    uint64_t item = act->request->meeting_agenda_remove->item;
    Ctps__AgendaItemRemoved *out;
    bool found = false;

    if (!meeting_is_scheduled(act))
        return;
    for (size_t i = 0; i < act->meeting->n_agenda; i++)
        found = found || act->meeting->agenda[i]->id == item;
    if (!found) {
        act_refuse(act, REFUSAL_ABSENT, "item");
        return;
    }
    out = emit_agenda_item_removed(act);
    SET(out, meeting, of->id);
    SET(out, item, item);
    SET(out, by_agent, act->who->id);
    out->instance = of->instance;
    out->territory = of->territory;
}
