/* What happens to a situation besides its timeline: facts changed, another lead, the person
 * told, another territory, opened again. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/intake.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/situation.h"

void authorise_situation_update(struct act *act)
{
    situation_load(act, act->request->situation_update->id, ACTION_SITUATION_UPDATE);
}

void authorise_situation_assign(struct act *act)
{
    situation_load(act, act->request->situation_assign->id, ACTION_SITUATION_ASSIGN);
}

void authorise_situation_inform(struct act *act)
{
    situation_load(act, act->request->situation_inform->id, ACTION_SITUATION_INFORM);
}

void authorise_situation_transfer(struct act *act)
{
    situation_load(act, act->request->situation_transfer->id, ACTION_SITUATION_TRANSFER);
}

void authorise_situation_reopen(struct act *act)
{
    situation_load(act, act->request->situation_reopen->id, ACTION_SITUATION_REOPEN);
}

/* --- update --- */

static bool texts_given(const Ctps__SituationUpdate *in)
{
    return in->title || in->text || in->place;
}

static bool update_check(struct act *act, const Ctps__SituationUpdate *in)
{
    if (!check_given(act,
                     texts_given(in) || in->n_motives || is_given(in->term) ||
                         is_given(in->urgency) || is_given(in->district) ||
                         is_given(in->nature),
                     "title") ||
        !check_list_optional(act, "terme", in->term, "term") ||
        !check_list_optional(act, "urgence", in->urgency, "urgency") ||
        !check_list_optional(act, "nature", in->nature, "nature"))
        return false;
    for (size_t i = 0; i < in->n_motives; i++)
        if (!check_list(act, "motif", in->motives[i], "motives"))
            return false;
    if (is_given(in->district) && !check_district(act, act->situation->territory, in->district))
        return false;
    if (!texts_given(in) || act->situation->opened->slot)
        return true;
    act_refuse(act, REFUSAL_STATE_WRONG, "situation");
    return false;
}

/* The box holds all three texts: those not given are taken over from the one before. */
static Ctps__Sealed *content_again(struct act *act, const Ctps__SituationUpdate *in)
{
    const Ctps__SituationOpened *opened = act->situation->opened;
    Ctps__SituationContent content = CTPS__SITUATION_CONTENT__INIT;
    Ctps__SituationContent *old;

    if (!texts_given(in))
        return NULL;
    old = (Ctps__SituationContent *)act_unseal(act, opened->content, SEALED_SITUATION_CONTENT,
                                               &ctps__situation_content__descriptor);
    if (old)
        content = *old;
    if (in->title)
        content.title = in->title;
    if (in->text)
        content.text = in->text;
    if (in->place)
        content.place = in->place;
    return act_seal(act, opened->slot, SEALED_SITUATION_CONTENT, &content.base);
}

void decide_situation_update(struct act *act)
{
    const Ctps__SituationUpdate *in = act->request->situation_update;
    Ctps__SituationUpdated *out;

    if (!situation_is_open(act) || !update_check(act, in))
        return;
    out = emit_situation_updated(act);
    SET(out, id, act->situation->opened->id);
    out->content = content_again(act, in);
    out->n_motives = in->n_motives;
    out->motives = in->motives;
    out->term = is_given(in->term) ? in->term : NULL;
    out->urgency = is_given(in->urgency) ? in->urgency : NULL;
    out->district = is_given(in->district) ? in->district : NULL;
    out->nature = is_given(in->nature) ? in->nature : NULL;
    if (out->nature && strcmp(out->nature, "individuelle") == 0)
        situation_facts_of_first(act, &out->age_band, &out->sex);
    SET(out, by_agent, act->who->id);
    SET(out, day, act->today);
}

/* --- another lead --- */

void decide_situation_assign(struct act *act)
{
    const Ctps__SituationAssign *in = act->request->situation_assign;
    Ctps__SituationAssigned *out;

    if (!situation_is_open(act) || !situation_has_room(act) ||
        !check_given(act, in->lead_agent != 0, "lead_agent") ||
        !check_lead(act, in->lead_agent, act->situation->territory))
        return;
    out = emit_situation_assigned(act);
    SET(out, id, act->situation->opened->id);
    SET_FROM(out, in, lead_agent);
    SET(out, by_agent, act->who->id);
    SET(out, day, act->today);
}

/* --- the person told --- */

static bool inform_check(struct act *act, const Ctps__SituationInform *in)
{
    if (is_given(in->means))
        return check_list(act, "information", in->means, "means") &&
               check_day_past(act, in->has_day, in->day, "day") &&
               (!in->by_agent || check_agent(act, in->by_agent, "by_agent"));
    if (!check_given(act, is_given(in->why), "means") ||
        !check_day(act, in->has_until_day, in->until_day, "until_day"))
        return false;
    if (in->until_day > act->today)
        return true;
    act_refuse(act, REFUSAL_DATE_ORDER, "until_day");
    return false;
}

void decide_situation_inform(struct act *act)
{
    const Ctps__SituationInform *in = act->request->situation_inform;
    Ctps__SituationInformed *out;

    if (!situation_is_open(act) || !situation_has_room(act) || !inform_check(act, in))
        return;
    out = emit_situation_informed(act);
    SET(out, id, act->situation->opened->id);
    SET(out, by_agent, in->by_agent ? in->by_agent : act->who->id);
    if (is_given(in->means)) {
        out->means = in->means;
        SET_FROM(out, in, day);
        return;
    }
    SET(out, day, act->today);
    SET_FROM(out, in, until_day);
    out->why = situation_seal(act, SEALED_COURSE_TEXT, in->why, NULL);
}

/* --- another territory --- */

static bool transfer_check(struct act *act, const Ctps__SituationTransfer *in)
{
    if (!check_territory(act, in->territory) ||
        !check_district(act, in->territory, in->district))
        return false;
    if (strcmp(in->territory, or_empty(act->situation->territory)) == 0) {
        act_refuse(act, REFUSAL_STATE_WRONG, "territory");
        return false;
    }
    return !in->lead_agent || check_lead(act, in->lead_agent, in->territory);
}

void decide_situation_transfer(struct act *act)
{
    const Ctps__SituationTransfer *in = act->request->situation_transfer;
    Ctps__SituationTransferred *out;

    if (!situation_is_open(act) || !situation_has_room(act) || !transfer_check(act, in))
        return;
    out = emit_situation_transferred(act);
    SET(out, id, act->situation->opened->id);
    out->from_territory = act->situation->territory;
    out->territory = in->territory;
    out->district = in->district;
    SET(out, lead_agent,
        in->lead_agent ? in->lead_agent
                       : principal_coordinator_of(act->tables, act->arena, in->territory));
    out->text = situation_seal(act, SEALED_COURSE_TEXT, in->text, NULL);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
}

/* --- opened again --- */

void decide_situation_reopen(struct act *act)
{
    const Ctps__SituationReopen *in = act->request->situation_reopen;
    const Ctps__SituationRecord *situation = act->situation;
    Ctps__SituationReopened *out;

    if (!situation_is_kept(act) || !situation_has_room(act))
        return;
    if (!situation->has_closed_day || situation->opened->facts_only) {
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
        return;
    }
    out = emit_situation_reopened(act);
    SET(out, id, situation->opened->id);
    SET(out, day, act->today);
    SET(out, next_review_day,
        opening_next_review(act->settings, situation->opened->term, act->today));
    out->text = situation_seal(act, SEALED_COURSE_TEXT, in->text, NULL);
    SET(out, by_agent, act->who->id);
}
