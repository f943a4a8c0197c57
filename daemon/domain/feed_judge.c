/* Whether a partner may still be told of an item of its feed. */
#include "domain/check.h"
#include "domain/decision.h"
#include "domain/engagement.h"
#include "domain/feed.h"
#include "domain/people.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/share.h"

/* One question: `as` asks in the name of a contact, in force, of the partner. */
struct question {
    struct act *as;
    const Ctps__Notice *notice;
};

static bool policy_says(const struct question *question, enum action action,
                        const struct resource *resource)
{
    struct judgement judgement = {0};

    return act_may(question->as, action, resource, &judgement);
}

/* Active, the charter current: asked of the policy like everything. */
static bool is_in_force(const struct question *question)
{
    struct resource nothing = {.kind = RESOURCE_NONE};

    return policy_says(question, ACTION_EVENTS_READ, &nothing);
}

static bool sees_saisine(const struct question *question)
{
    struct act *as = question->as;
    const Ctps__SaisineRecord *row =
        record_saisine(as->tables, as->arena, question->notice->id);
    struct resource resource;

    if (!row || !row->received)
        return false;
    resource = resource_of_saisine(as, row);
    return policy_says(question, ACTION_SAISINE_LIST, &resource);
}

/* Of who is engaged no cell of the table speaks: he learns that it ended, no more. */
static bool sees_situation(const struct question *question)
{
    struct act *as = question->as;
    const Ctps__SituationRecord *row =
        record_situation(as->tables, as->arena, question->notice->id);
    struct resource resource;

    if (!row)
        return false;
    resource = resource_of_situation(as, row);
    return !resource.erased && !resource.restricted &&
           engagement_is(as, question->notice->id, CTPS__OBJECT_KIND__OBJECT_PARTNER,
                         as->who->partner) &&
           is_in_force(question);
}

static bool sees_share(const struct question *question)
{
    struct act *as = question->as;
    const Ctps__ShareRecord *share = share_record(as->tables, as->arena, question->notice->id);
    const Ctps__SituationRecord *situation;
    struct resource resource;

    if (!share || !share_is_live(share, as->today))
        return false;
    situation = record_situation(as->tables, as->arena, share->shared->situation);
    if (!situation)
        return false;
    resource = share_resource(as, situation, as->who);
    return !resource.erased && policy_says(question, ACTION_SHARE_LIST, &resource);
}

static bool sees_meeting(const struct question *question)
{
    struct act *as = question->as;
    const Ctps__MeetingRecord *row =
        record_meeting(as->tables, as->arena, question->notice->id);
    struct resource resource;

    if (!row || !row->scheduled)
        return false;
    resource = resource_of_meeting(as, row);
    return policy_says(question, ACTION_MEETING_LIST, &resource);
}

static bool sees_decision(const struct question *question)
{
    struct act *as = question->as;
    const Ctps__DecisionRecord *row =
        decision_record(as->tables, as->arena, question->notice->id);
    struct resource resource;

    if (!row || !row->taken)
        return false;
    resource = resource_of_decision(as, row);
    return policy_says(question, ACTION_DECISION_LIST, &resource);
}

static const struct {
    const char *topic;
    bool (*sees)(const struct question *question);
} rows[] = {
    {FEED_SAISINE_RECEIVED, sees_saisine},
    {FEED_SAISINE_ACCEPTED, sees_saisine},
    {FEED_SAISINE_DECLINED, sees_saisine},
    {FEED_SAISINE_REDIRECTED, sees_saisine},
    {FEED_SITUATION_CLOSED, sees_situation},
    {FEED_SHARED, sees_share},
    /* That something ended is told to who had it. */
    {FEED_SHARE_REVOKED, is_in_force},
    {FEED_SHARE_RECTIFIED, is_in_force},
    {FEED_SHARE_ERASED, is_in_force},
    {FEED_MEETING_SCHEDULED, sees_meeting},
    {FEED_MEETING_RESCHEDULED, sees_meeting},
    {FEED_MEETING_CANCELLED, sees_meeting},
    {FEED_MEETING_INVITED, sees_meeting},
    {FEED_MEETING_UNINVITED, is_in_force},
    {FEED_MINUTES_DISTRIBUTED, is_in_force},
    {FEED_DECISION_TAKEN, sees_decision},
    {FEED_DECISION_COMPLETED, sees_decision},
};

static bool may_hear(struct act *act, const struct principal *who, const Ctps__FeedItem *item)
{
    struct act as = *act;
    const struct question question = {&as, item->notice};

    as.who = who;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].topic, or_empty(item->topic)) == 0)
            return rows[i].sees(&question);
    return false;
}

/* A contact that left for another partner speaks for this one no more. */
static bool contact_may_hear(struct act *act, uint64_t partner, uint64_t contact,
                             const Ctps__FeedItem *item)
{
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;
    struct principal *who = arena_alloc(act->arena, sizeof(*who));

    SET(&named, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT);
    SET(&named, id, contact);
    if (!who || principal_load(act->tables, act->arena, act->settings, act->today, &named,
                               who) != CTPS_OK)
        return false;
    who->audience_granted = who->partner == partner;
    return who->audience_granted && may_hear(act, who, item);
}

/* What concerns the partner itself: whoever hears it was found in force already. */
static bool partner_may_hear(struct act *act, uint64_t partner, const Ctps__FeedItem *item)
{
    struct principal *who = arena_alloc(act->arena, sizeof(*who));

    if (!who)
        return false;
    who->kind = PRINCIPAL_KIND_CONTACT;
    who->partner = partner;
    who->contact_active = who->charter_current = who->audience_granted = true;
    return may_hear(act, who, item);
}

void feed_item_judge(struct act *act, uint64_t partner, Ctps__FeedItem *item)
{
    bool may = item->n_contacts == 0 && partner_may_hear(act, partner, item);

    for (size_t i = 0; i < item->n_contacts && !may; i++)
        may = contact_may_hear(act, partner, item->contacts[i], item);
    if (may)
        return;
    ctps__notice__init(item->notice);
    SET(item->notice, kind, CTPS__OBJECT_KIND__OBJECT_NONE);
    SET(item->notice, tombstone, true);
}
