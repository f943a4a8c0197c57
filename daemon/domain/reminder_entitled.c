/* Who may be told of what when a reminder falls due: asked of the policy for the recipient, at
 * the moment it is recorded. */
#include "domain/attendance.h"
#include "domain/check.h"
#include "domain/decision.h"
#include "domain/meeting.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/reminder.h"
#include "domain/rights.h"

/* The act as if the recipient asked; what it refuses concerns nobody. */
static bool asker_make(const struct act *act, const Ctps__EffectRecord *reminder,
                       struct principal *who, struct act *ret_asker)
{
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;

    SET(&named, kind,
        reminder->agent ? CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT
                        : CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT);
    SET(&named, id, reminder->agent ? reminder->agent : reminder->contact);
    if (principal_load(act->tables, act->arena, act->settings, act->today, &named, who) !=
        CTPS_OK)
        return false;
    *ret_asker = *act;
    ret_asker->who = who;
    return true;
}

static bool is_in_service(const struct principal *who, int32_t today)
{
    if (who->kind == PRINCIPAL_KIND_CONTACT)
        return who->contact_active;
    return principal_is_habilitated(who, today);
}

static bool may_list(const struct act *asker, enum action action,
                     const struct resource *resource)
{
    struct judgement judgement = {0};

    return act_may(asker, action, resource, &judgement) && !judgement.existence_only;
}

static bool may_know_meeting(struct act *asker, uint64_t id)
{
    Ctps__MeetingRecord *record = record_meeting(asker->tables, asker->arena, id);
    struct resource resource;
    Ctps__Attendee attendee = CTPS__ATTENDEE__INIT;
    struct sitting sitting;

    if (!record)
        return false;
    resource = resource_of_meeting(asker, record);
    if (!resource.invited)
        return may_list(asker, ACTION_MEETING_LIST, &resource);
    asker->meeting = record;
    asker->instance =
        record_instance(asker->tables, asker->arena, or_empty(record->scheduled->instance));
    if (!asker->instance)
        return false;
    if (record->scheduled->situation)
        asker->situation =
            record_situation(asker->tables, asker->arena, record->scheduled->situation);
    sitting = meeting_sitting(asker);
    if (asker->who->kind == PRINCIPAL_KIND_CONTACT)
        SET(&attendee, contact, asker->who->id);
    else
        SET(&attendee, agent, asker->who->id);
    return attendance_check(asker, &sitting, &attendee);
}

static bool may_know_saisine(struct act *asker, uint64_t id)
{
    const Ctps__SaisineRecord *record = record_saisine(asker->tables, asker->arena, id);
    struct resource resource;

    if (!record)
        return false;
    resource = resource_of_saisine(asker, record);
    return may_list(asker, ACTION_SAISINE_LIST, &resource);
}

static bool may_know_situation(struct act *asker, uint64_t id)
{
    const Ctps__SituationRecord *record = record_situation(asker->tables, asker->arena, id);
    struct resource resource;

    if (!record)
        return false;
    resource = resource_of_situation(asker, record);
    return may_list(asker, ACTION_SITUATION_LIST, &resource);
}

static bool may_know_decision(struct act *asker, uint64_t id)
{
    const Ctps__DecisionRecord *record = decision_record(asker->tables, asker->arena, id);
    struct resource resource;

    if (!record)
        return false;
    resource = resource_of_decision(asker, record);
    return may_list(asker, ACTION_DECISION_LIST, &resource);
}

static bool may_know_rights(struct act *asker, uint64_t id)
{
    const Ctps__RightsRecord *record = rights_record(asker->tables, asker->arena, id);
    struct resource resource;

    if (!record)
        return false;
    resource = rights_resource(asker, record);
    return may_list(asker, ACTION_RIGHTS_LIST, &resource);
}

bool reminder_is_entitled(const struct act *act, const Ctps__EffectRecord *reminder)
{
    struct principal who;
    struct act asker;

    if (!asker_make(act, reminder, &who, &asker) || !is_in_service(&who, act->today))
        return false;
    switch (reminder->object_kind) {
    case CTPS__OBJECT_KIND__OBJECT_MEETING:
        return may_know_meeting(&asker, reminder->object);
    case CTPS__OBJECT_KIND__OBJECT_SAISINE:
        return may_know_saisine(&asker, reminder->object);
    case CTPS__OBJECT_KIND__OBJECT_SITUATION:
        return may_know_situation(&asker, reminder->object);
    case CTPS__OBJECT_KIND__OBJECT_DECISION:
        return may_know_decision(&asker, reminder->object);
    case CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST:
        return may_know_rights(&asker, reminder->object);
    case CTPS__OBJECT_KIND__OBJECT_NONE:
    case CTPS__OBJECT_KIND__OBJECT_AGENT:
    case CTPS__OBJECT_KIND__OBJECT_CONTACT:
        return true; /* an end of habilitation or charter, its own or in the directory */
    default:
        return false;
    }
}
