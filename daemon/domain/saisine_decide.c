#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/duplicate_link.h"
#include "domain/intake.h"
#include "domain/record.h"
#include "domain/retention_term.h"
#include "domain/situation.h"

void authorise_saisine_receive(struct act *act)
{
    struct resource resource =
        resource_of_territory(act, act->request->saisine_receive->territory);

    act_judge(act, ACTION_SAISINE_RECEIVE, &resource);
}

void decide_saisine_receive(struct act *act)
{
    const Ctps__SaisineReceive *in = act->request->saisine_receive;
    struct intake intake = {.typed_by = act->who->id};

    if (intake_check(act, in))
        intake_emit(act, in, &intake);
}

static void saisine_load(struct act *act, uint64_t id)
{
    struct resource resource;

    act->saisine = record_saisine(act->tables, act->arena, id);
    if (!act->saisine) {
        act_refuse(act, REFUSAL_ABSENT, "saisine");
        return;
    }
    resource = resource_of_saisine(act, act->saisine);
    act_judge(act, ACTION_SAISINE_DECIDE, &resource);
}

void authorise_saisine_accept(struct act *act)
{
    saisine_load(act, act->request->saisine_accept->id);
}

void authorise_saisine_decline(struct act *act)
{
    saisine_load(act, act->request->saisine_decline->id);
}

void authorise_saisine_redirect(struct act *act)
{
    saisine_load(act, act->request->saisine_redirect->id);
}

static bool is_undecided(struct act *act)
{
    if (act->saisine->erased || act->saisine->erasure_ordered)
        act_refuse(act, REFUSAL_ERASED, "saisine");
    else if (strcmp(or_empty(act->saisine->status), SAISINE_RECEIVED) != 0)
        act_refuse(act, REFUSAL_STATE_WRONG, "saisine");
    return act->refusal == REFUSAL_NONE;
}

static void accepted_emit(struct act *act, uint64_t situation, bool attached)
{
    Ctps__SaisineAccepted *out = emit_saisine_accepted(act);

    SET(out, id, act->saisine->received->id);
    SET(out, situation, situation);
    SET(out, attached, attached);
    SET(out, day, act->today);
    duplicate_links_follow(act, act->saisine->received->id, situation);
}

static void saisine_attach(struct act *act, uint64_t id)
{
    Ctps__SituationRecord *situation = record_situation(act->tables, act->arena, id);

    if (!situation) {
        act_refuse(act, REFUSAL_ABSENT, "attach_to");
        return;
    }
    if (strcmp(or_empty(situation->territory), act->saisine->received->territory) != 0) {
        act_refuse(act, REFUSAL_OTHER_TERRITORY, "attach_to");
        return;
    }
    if (!check_situation_open(act, situation, "attach_to"))
        return;
    if (situation->n_saisines >= SITUATION_SAISINES_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "saisines of one situation");
        return;
    }
    accepted_emit(act, id, true);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SITUATION, id, situation->opened->reference);
}

void decide_saisine_accept(struct act *act)
{
    const Ctps__SaisineAccept *in = act->request->saisine_accept;
    const Ctps__SaisineReceived *saisine = act->saisine->received;
    struct opening opening = {
        .status = STATUS_TO_QUALIFY,
        .term = in->term,
        .title = in->title,
        .opened_day = act->today,
        .lead_agent = in->lead_agent ? in->lead_agent : act->who->id,
        .has_next_review_day = true,
    };
    Ctps__SituationOpened *opened;

    if (!is_undecided(act))
        return;
    if (in->attach_to) {
        saisine_attach(act, in->attach_to);
        return;
    }
    /* A delegate or the head accepting for a territory not theirs may name themselves only. */
    if (!check_list_optional(act, "terme", in->term, "term") ||
        (in->lead_agent && in->lead_agent != act->who->id &&
         !check_lead(act, in->lead_agent, saisine->territory)))
        return;
    opening.next_review_day = opening_next_review(act->settings, in->term, act->today);
    opened = opening_emit(act, saisine, &opening);
    if (opened)
        accepted_emit(act, opened->id, false);
}

/* Why, in words, under the saisine's own key; one taken over as facts only has none. */
static Ctps__Sealed *reason_seal(struct act *act, enum sealed_field field, char *text)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;
    uint64_t slot = act->saisine->received->slot;

    content.text = text;
    return slot ? act_seal(act, slot, field, &content.base) : NULL;
}

static int32_t erase_due_day(const struct act *act)
{
    return retention_declined_due_day(act, act->today);
}

void decide_saisine_decline(struct act *act)
{
    const Ctps__SaisineDecline *in = act->request->saisine_decline;
    Ctps__SaisineDeclined *out;

    if (!is_undecided(act) || !check_list(act, "refus_saisine", in->motive, "motive"))
        return;
    out = emit_saisine_declined(act);
    SET(out, id, act->saisine->received->id);
    out->motive = in->motive;
    out->text = reason_seal(act, SEALED_DECLINE_TEXT, in->text);
    SET(out, day, act->today);
    SET(out, erase_due_day, erase_due_day(act));
}

void decide_saisine_redirect(struct act *act)
{
    const Ctps__SaisineRedirect *in = act->request->saisine_redirect;
    Ctps__SaisineRedirected *out;

    if (!is_undecided(act) || !check_given(act, in->partner != 0, "partner") ||
        !check_partner(act, in->partner, "partner") ||
        !check_list(act, "redirection", in->motive, "motive"))
        return;
    out = emit_saisine_redirected(act);
    SET(out, id, act->saisine->received->id);
    SET_FROM(out, in, partner);
    out->motive = in->motive;
    out->text = reason_seal(act, SEALED_REDIRECT_TEXT, in->text);
    SET(out, day, act->today);
    SET(out, erase_due_day, erase_due_day(act));
}
