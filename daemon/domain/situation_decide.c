#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/intake.h"
#include "domain/record.h"
#include "domain/retention_term.h"

static void situation_load(struct act *act, uint64_t id, enum action action)
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

void authorise_situation_status(struct act *act)
{
    situation_load(act, act->request->situation_set_status->id, ACTION_SITUATION_STATUS);
}

void authorise_situation_entry(struct act *act)
{
    situation_load(act, act->request->situation_add_entry->id, ACTION_SITUATION_ENTRY);
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

static bool is_open(struct act *act)
{
    const Ctps__SituationRecord *situation = act->situation;

    if (situation->erased || situation->erasure_ordered) {
        act_refuse(act, REFUSAL_ERASED, "situation");
        return false;
    }
    if (situation->has_closed_day) {
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
        return false;
    }
    return true;
}

/* Texts go under the situation's own key; a situation taken over as facts only has none. */
static Ctps__Sealed *situation_seal(struct act *act, enum sealed_field field, char *text,
                                    char *second)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;

    if (!act->situation->opened->slot)
        return NULL;
    content.text = text;
    content.representatives_absent_why = second;
    return act_seal(act, act->situation->opened->slot, field, &content.base);
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
    if (strcmp(in->status, STATUS_BLOCKED) == 0)
        return check_given(act, is_given(in->blocked_what), "blocked_what") &&
               check_partner(act, in->blocked_by, "blocked_by");
    return true;
}

static bool is_reachable_status(const char *from, const char *to)
{
    bool open = strcmp(to, STATUS_FOLLOWED) == 0 || strcmp(to, STATUS_WATCH) == 0 ||
                strcmp(to, STATUS_BLOCKED) == 0;

    return open && strcmp(from, to) != 0;
}

void decide_situation_status(struct act *act)
{
    const Ctps__SituationSetStatus *in = act->request->situation_set_status;
    Ctps__SituationStatusChanged *out;

    if (!is_open(act) || !check_list(act, "etat", in->status, "status"))
        return;
    if (!is_reachable_status(or_empty(act->situation->status), in->status)) {
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
}

static bool entry_kind_check(struct act *act, const Ctps__SituationAddEntry *in)
{
    if (strcmp(in->kind, "rappel_ordre") == 0 &&
        intake_is_minor(act->situation->opened->age_band) && !in->representatives_present &&
        !is_given(in->representatives_absent_why)) {
        act_refuse(act, REFUSAL_MINOR_REPRESENTATIVES, "representatives_present");
        return false;
    }
    if (strcmp(in->kind, "transmission_pcd") == 0 &&
        !(in->has_transmitted_us && in->has_mayor_informed)) {
        act_refuse(act, REFUSAL_TRANSMISSION_INCOMPLETE, "transmitted_us");
        return false;
    }
    if (strcmp(in->kind, "orientation") == 0)
        return check_list(act, "type_partenaire", in->oriented_to, "oriented_to");
    return true;
}

void decide_situation_entry(struct act *act)
{
    const Ctps__SituationAddEntry *in = act->request->situation_add_entry;
    Ctps__SituationEntryAdded *out;
    uint64_t id;

    if (!is_open(act) || !check_list(act, "demarche", in->kind, "kind") ||
        !check_day_past(act, in->has_day, in->day, "day") ||
        !check_list_optional(act, "resultat", in->result, "result") ||
        !check_partner(act, in->partner, "partner") || !entry_kind_check(act, in))
        return;
    id = act_new_id(act);
    out = emit_situation_entry_added(act);
    SET(out, id, id);
    SET(out, situation, act->situation->opened->id);
    out->kind = in->kind;
    SET_FROM(out, in, day);
    SET(out, author, act->who->id);
    SET_FROM(out, in, partner);
    out->result = in->result;
    out->content =
        situation_seal(act, SEALED_ENTRY_CONTENT, in->text, in->representatives_absent_why);
    SET_FROM(out, in, representatives_present);
    SET_FROM(out, in, transmitted_us);
    SET_FROM(out, in, mayor_informed);
    out->oriented_to = in->oriented_to;
    act_made(act, CTPS__OBJECT_KIND__OBJECT_ENTRY, id, NULL);
}

void decide_situation_review(struct act *act)
{
    const Ctps__SituationReview *in = act->request->situation_review;
    Ctps__SituationReviewed *out;

    if (!is_open(act) || !check_day_past(act, in->has_day, in->day, "day") ||
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
        in->has_next_review_day ? in->next_review_day
                                : opening_next_review(act->situation->opened->term, in->day));
    SET(out, by_agent, act->who->id);
}

void decide_situation_close(struct act *act)
{
    const Ctps__SituationClose *in = act->request->situation_close;
    struct retention_minors minors;
    Ctps__SituationClosed *out;

    if (!is_open(act) || !check_day_past(act, in->has_day, in->day, "day") ||
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
