#include "domain/pack.h"

#include "domain/attendance.h"
#include "domain/check.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/share.h"

static bool attends(const struct act *act, const struct principal *who)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    Ctps__Attendee one = CTPS__ATTENDEE__INIT;

    if (who->kind == PRINCIPAL_KIND_AGENT)
        SET(&one, agent, who->id);
    else
        SET(&one, contact, who->id);
    return attendance_has(of->invited, of->n_invited, &one) ||
           (one.agent && one.agent == of->chair);
}

bool pack_attendee_load(struct act *act, uint64_t agent, uint64_t contact,
                        struct principal *ret_attendee)
{
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;

    if (!agent && !contact) {
        *ret_attendee = *act->who;
        act_object_read(act, act->who->id);
        return true;
    }
    if (agent && contact) {
        act_refuse(act, REFUSAL_DECISION_WHO, "contact");
        return false;
    }
    SET(&named, kind,
        agent ? CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT
              : CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT);
    SET(&named, id, agent ? agent : contact);
    if (principal_load(act->tables, act->arena, act->settings, act->today, &named,
                       ret_attendee) != CTPS_OK ||
        !attends(act, ret_attendee)) {
        act_refuse(act, REFUSAL_NOT_ATTENDEE, agent ? "agent" : "contact");
        return false;
    }
    act_object_read(act, named.id);
    return true;
}

enum right { RIGHT_NONE, RIGHT_SHARED, RIGHT_WHOLE };

/* The resource is made anew: whether one is engaged or given a share depends on who it is. A
 * glass was broken for a reading of one's own, not for a meeting. */
static enum right right_as(struct act *act, const struct principal *who, enum action action,
                           const Ctps__SituationRecord *situation)
{
    const struct principal *asker = act->who;
    struct judgement judgement = {0};
    struct resource resource;
    bool allowed;

    act->who = who;
    resource = share_resource(act, situation, who);
    allowed = act_may(act, action, &resource, &judgement) && !judgement.glass;
    act->who = asker;
    if (!allowed)
        return RIGHT_NONE;
    return judgement.shared_only ? RIGHT_SHARED : RIGHT_WHOLE;
}

static bool is_asker(const struct act *act, const struct principal *who)
{
    return who->kind == act->who->kind && who->id == act->who->id;
}

static enum right right_of(struct act *act, const struct principal *attendee,
                           const Ctps__SituationRecord *situation)
{
    enum right right = right_as(act, attendee, ACTION_SITUATION_READ, situation);

    if (right == RIGHT_NONE || is_asker(act, attendee))
        return right;
    return right_as(act, act->who, ACTION_SITUATION_READ, situation) == RIGHT_WHOLE
               ? right
               : RIGHT_NONE;
}

bool pack_may_situation(struct act *act, const struct principal *attendee,
                        const Ctps__SituationRecord *situation)
{
    return right_of(act, attendee, situation) == RIGHT_WHOLE;
}

static bool may_meeting_as(struct act *act, const struct principal *who, enum action action)
{
    const struct principal *asker = act->who;
    struct judgement judgement = {0};
    struct resource resource;
    bool allowed;

    act->who = who;
    resource = resource_of_meeting(act, act->meeting);
    allowed = act_may(act, action, &resource, &judgement);
    act->who = asker;
    return allowed;
}

bool pack_may_meeting(struct act *act, const struct principal *attendee, enum action action)
{
    return may_meeting_as(act, attendee, action) && may_meeting_as(act, act->who, action);
}

Ctps__PackItem *pack_item(struct act *act, const struct principal *attendee,
                          const Ctps__AgendaItem *item, const Ctps__SituationRecord **ret_about)
{
    Ctps__SituationRecord *situation =
        item->situation ? record_situation(act->tables, act->arena, item->situation) : NULL;
    Ctps__PackItem *view = act_alloc(act, sizeof(*view));
    static const char *const words[] = {PACK_NO_RIGHT, PACK_SHARED, PACK_OPEN};
    const char *shown = PACK_NONE;
    enum right right;

    ctps__pack_item__init(view);
    SET(view, item, item->id);
    view->theme = item->theme;
    *ret_about = NULL;
    if (situation) {
        view->reference = situation->opened->reference;
        right = item->nominative ? right_of(act, attendee, situation) : RIGHT_NONE;
        shown = item->nominative ? words[right] : PACK_NUMBER;
        *ret_about = right == RIGHT_NONE ? NULL : situation;
    }
    view->shown = act_text(act, shown);
    return view;
}
