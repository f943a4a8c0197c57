#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/intake.h"
#include "domain/record.h"
#include "domain/retention_term.h"
#include "domain/situation.h"

void authorise_situation_status(struct act *act)
{
    situation_load(act, act->request->situation_set_status->id, ACTION_SITUATION_STATUS);
}

void authorise_situation_review(struct act *act)
{
    situation_load(act, act->request->situation_review->id, ACTION_SITUATION_REVIEW);
}

void authorise_situation_close(struct act *act)
{
    situation_load(act, act->request->situation_close->id, ACTION_SITUATION_CLOSE);
}

void authorise_situation_erase(struct act *act)
{
    situation_load(act, act->request->situation_erase->id, ACTION_SITUATION_ERASE);
}

/* Both: whoever is asked to unblock must know whom to move, and on what (domain.md section 3).
 */
static bool blocked_check(struct act *act, const Ctps__SituationSetStatus *in)
{
    if (is_given(in->blocked_what) && in->blocked_by)
        return check_partner(act, in->blocked_by, "blocked_by");
    act_refuse(act, REFUSAL_BLOCKED_INCOMPLETE, in->blocked_by ? "blocked_what" : "blocked_by");
    return false;
}

static bool status_fields_check(struct act *act, const Ctps__SituationSetStatus *in)
{
    if (strcmp(in->status, STATUS_WATCH) == 0) {
        if (!check_day(act, in->has_watch_until_day, in->watch_until_day, "watch_until_day"))
            return false;
        if (in->watch_until_day <= act->today) {
            act_refuse(act, REFUSAL_DATE_ORDER, "watch_until_day");
            return false;
        }
    }
    return strcmp(in->status, STATUS_BLOCKED) != 0 || blocked_check(act, in);
}

/* A sheet taken over may be blocked by nobody: that is made good by saying it again, in full.
 */
static bool is_reachable_status(const Ctps__SituationRecord *situation, const char *to)
{
    const char *from = or_empty(situation->status);

    if (strcmp(to, STATUS_BLOCKED) == 0)
        return strcmp(from, to) != 0 || !situation->has_blocked_by;
    return (strcmp(to, STATUS_FOLLOWED) == 0 || strcmp(to, STATUS_WATCH) == 0) &&
           strcmp(from, to) != 0;
}

void decide_situation_status(struct act *act)
{
    const Ctps__SituationSetStatus *in = act->request->situation_set_status;
    Ctps__SituationStatusChanged *out;

    if (!situation_is_open(act) || !situation_has_room(act) ||
        !check_list(act, "etat", in->status, "status"))
        return;
    if (!is_reachable_status(act->situation, in->status)) {
        act_refuse(act, REFUSAL_STATE_WRONG, "status");
        return;
    }
    if (!status_fields_check(act, in))
        return;
    out = emit_situation_status_changed(act);
    SET(out, id, act->situation->opened->id);
    out->status = in->status;
    if (strcmp(in->status, STATUS_WATCH) == 0)
        SET_FROM(out, in, watch_until_day);
    if (strcmp(in->status, STATUS_BLOCKED) == 0) {
        SET_FROM(out, in, blocked_by);
        out->blocked_what = situation_seal(act, SEALED_BLOCKED_WHAT, in->blocked_what, NULL);
    }
    SET(out, by_agent, act->who->id);
    SET(out, day, act->today);
}

void decide_situation_review(struct act *act)
{
    const Ctps__SituationReview *in = act->request->situation_review;
    Ctps__SituationReviewed *out;

    if (!situation_is_open(act) || !situation_has_room(act) ||
        !check_day_past(act, in->has_day, in->day, "day") ||
        !check_list(act, "evolution", in->evolution, "evolution"))
        return;
    if (in->has_next_review_day &&
        (!check_day(act, true, in->next_review_day, "next_review_day") ||
         in->next_review_day <= in->day)) {
        act_refuse(act, REFUSAL_DATE_ORDER, "next_review_day");
        return;
    }
    out = emit_situation_reviewed(act);
    SET(out, id, act->situation->opened->id);
    SET_FROM(out, in, day);
    out->evolution = in->evolution;
    SET(out, next_review_day,
        in->has_next_review_day
            ? in->next_review_day
            : opening_next_review(act->settings, act->situation->opened->term, in->day));
    SET(out, by_agent, act->who->id);
}

void decide_situation_close(struct act *act)
{
    const Ctps__SituationClose *in = act->request->situation_close;
    struct retention_minors minors;
    Ctps__SituationClosed *out;

    if (!situation_is_open(act) || !situation_has_room(act) ||
        !check_day_past(act, in->has_day, in->day, "day") ||
        !check_list(act, "cloture", in->motive, "motive") ||
        !check_list_optional(act, "resultat", in->result, "result"))
        return;
    if (in->day < act->situation->opened->opened_day) {
        act_refuse(act, REFUSAL_DATE_ORDER, "day");
        return;
    }
    out = emit_situation_closed(act);
    SET(out, id, act->situation->opened->id);
    SET_FROM(out, in, day);
    out->motive = in->motive;
    out->result = in->result;
    SET(out, by_agent, act->who->id);
    minors = retention_minors_of(act, act->situation);
    SET(out, erase_due_day, retention_due_day(act, in->day, &minors));
    out->text = situation_seal(act, SEALED_CLOSING_TEXT, in->text, NULL);
}
