/* Whom an event is to be told to, and what: the plugin that sends asks here when it happens and
 * again when it sends, so that a right lost in between is a message not sent. Numbers, dates
 * and rooms only (confidentiality.md, leaks to prevent everywhere). */
#include "base/zone.h"
#include "domain/attendance.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/decision.h"
#include "domain/engagement.h"
#include "domain/meeting.h"
#include "domain/minutes.h"
#include "domain/notification.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/reminder.h"
#include "domain/rights.h"
#include "domain/rows.h"
#include "domain/share.h"

enum { RECIPIENTS_MAX = 512, TOLD_DAYS = 30 /* after a closing */ };

/* How pressing: what somebody who chose nothing gets, and whether a choice counts at all. */
enum pressing {
    PRESSING_ORDINARY,    /* once a day */
    PRESSING_CONVOCATION, /* each */
    PRESSING_DUTY,        /* each, whatever was chosen: the law says told */
};

struct telling {
    struct act *act;
    const struct telling_row *row;
    Ctps__NotificationAnswer *answer;
    /* what it is about: those that go with its kind */
    Ctps__MeetingRecord *meeting;
    Ctps__Instance *instance;
    Ctps__SaisineRecord *saisine;
    Ctps__SituationRecord *situation;
    Ctps__ShareRecord *share;
    Ctps__DecisionRecord *decision;
};

/* One kind of telling. */
struct telling_row {
    const char *topic;
    Ctps__ObjectKind kind; /* OBJECT_NONE: any */
    enum pressing pressing;
    /* Adds those it concerns. NULL: the one the request names. */
    void (*list)(struct telling *telling);
    /* REFUSAL_NONE, or why this one may not be told. NULL: policy notification.receive. */
    enum refusal (*allows)(struct telling *telling, const struct principal *who);
};

void authorise_notification_prepare(struct act *act)
{
    act_judge_plain(act, ACTION_NOTIFICATION_PREPARE);
}

/* --- recipients --- */

static void recipient_add(struct telling *telling, Ctps__PrincipalKind kind, uint64_t id)
{
    struct act *act = telling->act;
    const Ctps__NotificationPrepare *in = act->request->notification_prepare;
    bool agent = kind == CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT;
    Ctps__NotificationAnswer *answer = telling->answer;
    Ctps__NotificationRecipient *out;

    if (!id || answer->n_recipients == RECIPIENTS_MAX ||
        ((in->agent || in->contact) && id != (agent ? in->agent : in->contact)))
        return;
    for (size_t i = 0; i < answer->n_recipients; i++)
        if (id == (agent ? answer->recipients[i]->agent : answer->recipients[i]->contact))
            return;
    out = act_alloc(act, sizeof(*out));
    ctps__notification_recipient__init(out);
    if (agent)
        SET(out, agent, id);
    else
        SET(out, contact, id);
    answer->recipients[answer->n_recipients++] = out;
}

static void agent_add(struct telling *telling, uint64_t id)
{
    recipient_add(telling, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, id);
}

static void contact_add(struct telling *telling, uint64_t id)
{
    recipient_add(telling, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT, id);
}

static void attendees_add(struct telling *telling, Ctps__Attendee *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        agent_add(telling, list[i]->agent);
        contact_add(telling, list[i]->contact);
    }
}

static void list_invited(struct telling *telling)
{
    const Ctps__MeetingScheduled *of = telling->meeting->scheduled;

    attendees_add(telling, of->invited, of->n_invited);
    agent_add(telling, of->chair);
}

/* A calendar taken over convened its people by other means. */
static void list_convened(struct telling *telling)
{
    if (!telling->meeting->scheduled->history)
        list_invited(telling);
}

static bool is_still_invited(const struct telling *telling, const Ctps__Attendee *attendee)
{
    const Ctps__MeetingScheduled *of = telling->meeting->scheduled;

    return attendance_has(of->invited, of->n_invited, attendee) ||
           (attendee->agent && attendee->agent == of->chair);
}

/* Those one event invited or no longer invites, unless a later one did the contrary. */
static void list_changed(struct telling *telling, bool removed)
{
    const Ctps__MeetingRecord *meeting = telling->meeting;
    uint64_t seq = telling->act->request->notification_prepare->source >> 8;

    for (size_t i = 0; i < meeting->n_changes; i++) {
        Ctps__AttendeeChange *change = meeting->changes[i];

        if (change->seq == seq && change->removed == removed &&
            is_still_invited(telling, change->who) != removed)
            attendees_add(telling, &change->who, 1);
    }
}

static void list_added(struct telling *telling)
{
    list_changed(telling, false);
}

static void list_removed(struct telling *telling)
{
    list_changed(telling, true);
}

static void list_minutes(struct telling *telling)
{
    struct act *act = telling->act;
    const Ctps__MinutesRecord *record =
        minutes_newest(act->tables, act->arena, telling->meeting->scheduled->id);

    for (size_t i = 0; record && i < record->n_distributed; i++) {
        const Ctps__MinutesDistributed *to = record->distributed[i];

        for (size_t k = 0; k < to->n_agents; k++)
            agent_add(telling, to->agents[k]);
        for (size_t k = 0; k < to->n_contacts; k++)
            contact_add(telling, to->contacts[k]);
    }
}

static void contacts_of_partner(struct telling *telling, uint64_t partner)
{
    struct act *act = telling->act;
    struct rows contacts = rows_read(act->tables, act->arena, TABLE_CONTACT, bytes_of(NULL, 0),
                                     &ctps__contact__descriptor);

    act->exhausted = act->exhausted || contacts.failed;
    for (size_t i = 0; i < contacts.count; i++) {
        const Ctps__Contact *contact = (const Ctps__Contact *)contacts.list[i];

        if (contact->partner == partner && !contact->inactive)
            contact_add(telling, contact->id);
    }
}

static void list_referrer(struct telling *telling)
{
    uint64_t partner = telling->saisine->received->referrer_partner;

    /* A sheet taken over acknowledged its saisines in its time. */
    if (partner && !is_given(telling->saisine->import_number))
        contacts_of_partner(telling, partner);
}

static bool engaged_add(void *arg, Ctps__EngagementRecord *row)
{
    struct telling *telling = arg;

    if (row->has_until_day)
        return true;
    if (row->engaged->kind == CTPS__OBJECT_KIND__OBJECT_PARTNER)
        contacts_of_partner(telling, row->engaged->id);
    else if (row->engaged->kind == CTPS__OBJECT_KIND__OBJECT_CONTACT)
        contact_add(telling, row->engaged->id);
    return true;
}

/* Not of what was taken over closed. */
static void list_engaged(struct telling *telling)
{
    const Ctps__SituationRecord *situation = telling->situation;

    if (situation->has_closed_day && situation->closed_day < telling->act->today - TOLD_DAYS)
        return;
    engagement_walk(telling->act, telling->situation->opened->id, engaged_add, telling);
}

static void functions_add(struct telling *telling, enum agent_function one,
                          enum agent_function other)
{
    struct act *act = telling->act;
    struct rows agents = rows_read(act->tables, act->arena, TABLE_AGENT, bytes_of(NULL, 0),
                                   &ctps__agent__descriptor);

    act->exhausted = act->exhausted || agents.failed;
    for (size_t i = 0; i < agents.count; i++) {
        const Ctps__Agent *agent = (const Ctps__Agent *)agents.list[i];
        enum agent_function function = agent_function_find(or_empty(agent->function));

        if (function == one || function == other)
            agent_add(telling, agent->id);
    }
}

static void list_watchers(struct telling *telling)
{
    functions_add(telling, FUNCTION_HEAD, FUNCTION_DPO);
}

static void list_assistants(struct telling *telling)
{
    functions_add(telling, FUNCTION_ASSISTANT, FUNCTION_ASSISTANT);
}

static void list_shared(struct telling *telling)
{
    const Ctps__InformationShared *shared = telling->share->shared;

    for (size_t i = 0; i < shared->n_agents; i++)
        agent_add(telling, shared->agents[i]);
    for (size_t i = 0; i < shared->n_contacts; i++)
        contact_add(telling, shared->contacts[i]);
}

static void list_owner(struct telling *telling)
{
    agent_add(telling, telling->decision->taken->agent);
    contact_add(telling, telling->decision->taken->contact);
}

/* --- rights --- */

static enum refusal judged(struct telling *telling, const struct principal *who,
                           enum action action, const struct resource *resource)
{
    struct judgement judgement = {0};
    struct act probe = *telling->act;

    probe.who = who;
    return act_may(&probe, action, resource, &judgement) ? REFUSAL_NONE : judgement.reason;
}

static enum refusal allows_plain(struct telling *telling, const struct principal *who)
{
    struct resource none = {0};

    return judged(telling, who, ACTION_NOTIFICATION_RECEIVE, &none);
}

/* The same rules as at the invitation, as they stand now. */
static enum refusal allows_attending(struct telling *telling, const struct principal *who)
{
    struct act probe = *telling->act;
    Ctps__Attendee attendee = CTPS__ATTENDEE__INIT;
    struct sitting sitting;

    if (who->kind == PRINCIPAL_KIND_AGENT)
        SET(&attendee, agent, who->id);
    else
        SET(&attendee, contact, who->id);
    probe.meeting = telling->meeting;
    probe.instance = telling->instance;
    probe.situation = telling->situation;
    sitting = meeting_sitting(&probe);
    return attendance_check(&probe, &sitting, &attendee) ? REFUSAL_NONE : probe.refusal;
}

static enum refusal allows_referrer(struct telling *telling, const struct principal *who)
{
    struct act probe = *telling->act;
    struct resource resource;

    probe.who = who;
    resource = resource_of_saisine(&probe, telling->saisine);
    return judged(telling, who, ACTION_SAISINE_LIST, &resource);
}

static enum refusal allows_shared(struct telling *telling, const struct principal *who)
{
    if (!share_is_live(telling->share, telling->act->today))
        return REFUSAL_SHARE_EXPIRED;
    return allows_plain(telling, who);
}

/* GDPR 19: whoever holds data is told, also without a charter in force. */
static enum refusal allows_holder(struct telling *telling, const struct principal *who)
{
    if (who->kind == PRINCIPAL_KIND_CONTACT)
        return who->contact_active ? REFUSAL_NONE : REFUSAL_CONTACT_INACTIVE;
    return allows_plain(telling, who);
}

static enum refusal allows_owner(struct telling *telling, const struct principal *who)
{
    const Ctps__DecisionTaken *taken = telling->decision->taken;
    uint64_t owner = who->kind == PRINCIPAL_KIND_AGENT ? taken->agent : taken->contact;

    return owner == who->id ? allows_plain(telling, who) : REFUSAL_NOT_RECIPIENT;
}

/* As when the reminder was recorded, asked anew. */
static enum refusal allows_reminded(struct telling *telling, const struct principal *who)
{
    const Ctps__NotificationPrepare *in = telling->act->request->notification_prepare;
    Ctps__EffectRecord reminder = CTPS__EFFECT_RECORD__INIT;

    SET(&reminder, object_kind, in->kind);
    SET(&reminder, object, in->id);
    if (who->kind == PRINCIPAL_KIND_AGENT)
        SET(&reminder, agent, who->id);
    else
        SET(&reminder, contact, who->id);
    return reminder_is_entitled(telling->act, &reminder) ? REFUSAL_NONE : REFUSAL_NOT_RECIPIENT;
}

/* --- the kinds --- */

#define KIND(name) CTPS__OBJECT_KIND__OBJECT_##name

static const struct telling_row rows[] = {
    {"meeting.scheduled", KIND(MEETING), PRESSING_CONVOCATION, list_convened, allows_attending},
    {"meeting.rescheduled", KIND(MEETING), PRESSING_CONVOCATION, list_invited,
     allows_attending},
    {"meeting.invited", KIND(MEETING), PRESSING_CONVOCATION, list_added, allows_attending},
    {"meeting.cancelled", KIND(MEETING), PRESSING_CONVOCATION, list_invited, allows_attending},
    {"meeting.uninvited", KIND(MEETING), PRESSING_CONVOCATION, list_removed, NULL},
    {"meeting.minutes_distributed", KIND(MEETING), PRESSING_ORDINARY, list_minutes,
     allows_attending},
    {"saisine.received", KIND(SAISINE), PRESSING_CONVOCATION, list_referrer, allows_referrer},
    {"situation.closed", KIND(SITUATION), PRESSING_ORDINARY, list_engaged, NULL},
    {"decision.taken", KIND(DECISION), PRESSING_ORDINARY, list_owner, allows_owner},
    {"information.shared", KIND(SHARE), PRESSING_ORDINARY, list_shared, allows_shared},
    {"information.revoked", KIND(SHARE), PRESSING_ORDINARY, list_shared, NULL},
    {"information.rectified", KIND(SHARE), PRESSING_DUTY, list_shared, allows_holder},
    {"information.erased", KIND(SHARE), PRESSING_DUTY, list_shared, allows_holder},
    {"break_glass.used", KIND(BREAK_GLASS), PRESSING_DUTY, list_watchers, NULL},
    {"notification.failed", KIND(NONE), PRESSING_ORDINARY, list_assistants, NULL},
    {"reminder.due", KIND(MEETING), PRESSING_CONVOCATION, NULL, allows_reminded},
    {"reminder.due", KIND(NONE), PRESSING_ORDINARY, NULL, allows_reminded},
};

static const struct telling_row *row_find(const Ctps__NotificationPrepare *in)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(or_empty(in->topic), rows[i].topic) == 0 &&
            (rows[i].kind == KIND(NONE) || rows[i].kind == in->kind))
            return &rows[i];
    return NULL;
}

/* --- what may be told --- */

static void instance_tell(struct telling *telling, char *code)
{
    struct act *act = telling->act;
    const Ctps__ListValue *label = (Ctps__ListValue *)record_get(
        act->tables, TABLE_LIST_VALUE, table_key_of_texts("instance", or_empty(code)),
        act->arena, &ctps__list_value__descriptor);

    telling->answer->instance = code;
    if (label) {
        telling->answer->instance_fr = label->label_fr;
        telling->answer->instance_en = label->label_en;
    }
}

/* RFC 5546: higher for each change of what was sent, of whoever's part in it. */
static uint32_t sequence_of(const Ctps__MeetingRecord *meeting, bool cancelled)
{
    uint32_t sequence = meeting->rescheduled_count + (cancelled ? 1 : 0);

    for (size_t i = 0; i < meeting->n_changes; i++)
        sequence += meeting->changes[i]->removed ? 1 : 0;
    return sequence;
}

/* Wall clock of the town, an hour that does not exist moved to the first one that does. */
static void times_tell(struct telling *telling, const Ctps__MeetingScheduled *of)
{
    Ctps__NotificationAnswer *answer = telling->answer;
    int64_t start_us = zone_instant_of(of->day, (int32_t)of->minute * 60, NULL);
    int64_t end_us = start_us + (int64_t)of->duration_min * 60 * 1000000;

    SET(answer, start_us, start_us);
    SET(answer, over, start_us <= telling->act->now_us);
    SET(answer, day, zone_day_of(start_us));
    SET(answer, minute, (uint32_t)zone_second_of_day(start_us) / 60);
    SET(answer, end_day, zone_day_of(end_us));
    SET(answer, end_minute, (uint32_t)zone_second_of_day(end_us) / 60);
    SET_FROM(answer, of, duration_min);
    answer->meeting_zone = of->zone;
}

static bool meeting_tell(struct telling *telling, uint64_t id)
{
    struct act *act = telling->act;
    Ctps__NotificationAnswer *answer = telling->answer;
    const Ctps__MeetingScheduled *of;

    telling->meeting = record_meeting(act->tables, act->arena, id);
    if (!telling->meeting)
        return false;
    of = telling->meeting->scheduled;
    telling->instance = record_instance(act->tables, act->arena, or_empty(of->instance));
    if (!telling->instance)
        return false;
    if (of->situation)
        telling->situation = record_situation(act->tables, act->arena, of->situation);
    answer->reference = of->reference;
    answer->territory = of->territory;
    answer->place = of->place;
    times_tell(telling, of);
    SET(answer, cancelled, strcmp(or_empty(telling->meeting->state), MEETING_CANCELLED) == 0);
    SET(answer, sequence, sequence_of(telling->meeting, answer->cancelled));
    instance_tell(telling, of->instance);
    return true;
}

static bool saisine_tell(struct telling *telling, uint64_t id)
{
    telling->saisine = record_saisine(telling->act->tables, telling->act->arena, id);
    if (!telling->saisine)
        return false;
    telling->answer->reference = telling->saisine->received->number;
    SET(telling->answer, day, telling->saisine->received->received_day);
    return true;
}

static bool situation_tell(struct telling *telling, uint64_t id)
{
    telling->situation = record_situation(telling->act->tables, telling->act->arena, id);
    if (!telling->situation)
        return false;
    telling->answer->reference = telling->situation->opened->reference;
    return true;
}

static bool share_tell(struct telling *telling, uint64_t id)
{
    telling->share = share_record(telling->act->tables, telling->act->arena, id);
    if (!telling->share)
        return false;
    SET(telling->answer, day, telling->share->shared->expiry_day);
    return situation_tell(telling, telling->share->shared->situation);
}

static bool glass_tell(struct telling *telling, uint64_t id)
{
    const Ctps__BreakGlassRecord *record = (Ctps__BreakGlassRecord *)record_get(
        telling->act->tables, TABLE_GLASS, table_key_of_u64(id), telling->act->arena,
        &ctps__break_glass_record__descriptor);

    if (!record)
        return false;
    SET(telling->answer, day, record->used->day);
    return situation_tell(telling, record->used->situation);
}

/* Under the number of what it is about. */
static bool decision_tell(struct telling *telling, uint64_t id)
{
    struct act *act = telling->act;
    const Ctps__DecisionTaken *taken;
    const Ctps__MeetingRecord *meeting;
    const Ctps__SituationRecord *situation;

    telling->decision = decision_record(act->tables, act->arena, id);
    if (!telling->decision)
        return false;
    taken = telling->decision->taken;
    meeting = taken->meeting ? record_meeting(act->tables, act->arena, taken->meeting) : NULL;
    situation =
        taken->situation ? record_situation(act->tables, act->arena, taken->situation) : NULL;
    if (situation)
        telling->answer->reference = situation->opened->reference;
    else if (meeting)
        telling->answer->reference = meeting->scheduled->reference;
    if (meeting)
        instance_tell(telling, taken->instance);
    SET(telling->answer, day, taken->due_day);
    return true;
}

static bool rights_tell(struct telling *telling, uint64_t id)
{
    const Ctps__RightsRecord *record =
        rights_record(telling->act->tables, telling->act->arena, id);

    if (!record)
        return false;
    telling->answer->reference = record->opened->number;
    SET(telling->answer, day, record->due_day);
    return true;
}

static bool object_tell(struct telling *telling)
{
    static const struct {
        Ctps__ObjectKind kind;
        bool (*tell)(struct telling *telling, uint64_t id);
    } tellers[] = {
        {KIND(MEETING), meeting_tell},       {KIND(SAISINE), saisine_tell},
        {KIND(SITUATION), situation_tell},   {KIND(SHARE), share_tell},
        {KIND(BREAK_GLASS), glass_tell},     {KIND(DECISION), decision_tell},
        {KIND(RIGHTS_REQUEST), rights_tell},
    };
    const Ctps__NotificationPrepare *in = telling->act->request->notification_prepare;

    for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++)
        if (tellers[i].kind == in->kind)
            return tellers[i].tell(telling, in->id);
    return true;
}

/* --- each recipient --- */

static const char *choice_of(enum pressing pressing, const char *chosen)
{
    if (pressing == PRESSING_DUTY)
        return "each";
    if (is_given(chosen))
        return chosen;
    return pressing == PRESSING_CONVOCATION ? "each" : "digest";
}

static void name_fill(struct act *act, Ctps__NotificationRecipient *out, const char *first,
                      const char *last)
{
    out->name = arena_printf(act->arena, "%s%s%s", or_empty(first), is_given(first) ? " " : "",
                             or_empty(last));
}

static void directory_fill(struct telling *telling, Ctps__NotificationRecipient *out)
{
    struct act *act = telling->act;
    const Ctps__Agent *agent =
        out->agent ? record_agent(act->tables, act->arena, out->agent) : NULL;
    const Ctps__Contact *contact =
        out->contact ? record_contact(act->tables, act->arena, out->contact) : NULL;
    const char *chosen = agent ? agent->notify : contact ? contact->notify : NULL;

    if (agent) {
        out->email = agent->email;
        out->language = agent->language;
        name_fill(act, out, agent->first_name, agent->last_name);
    } else if (contact) {
        out->email = contact->email;
        out->language = contact->language;
        name_fill(act, out, contact->first_name, contact->last_name);
    }
    out->choice = act_text(act, choice_of(telling->row->pressing, chosen));
}

static enum refusal recipient_refusal(struct telling *telling,
                                      const Ctps__NotificationRecipient *out)
{
    struct act *act = telling->act;
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;
    struct principal who;
    enum refusal refusal;

    SET(&named, kind,
        out->agent ? CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT
                   : CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT);
    SET(&named, id, out->agent ? out->agent : out->contact);
    if (principal_load(act->tables, act->arena, act->settings, act->today, &named, &who) !=
        CTPS_OK)
        return REFUSAL_NOT_RECIPIENT;
    refusal = telling->row->allows ? telling->row->allows(telling, &who)
                                   : allows_plain(telling, &who);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (strcmp(out->choice, "none") == 0)
        return REFUSAL_NOT_CHOSEN;
    return is_given(out->email) ? REFUSAL_NONE : REFUSAL_NO_EMAIL;
}

static void recipient_fill(struct telling *telling, Ctps__NotificationRecipient *out)
{
    enum refusal refusal;

    directory_fill(telling, out);
    refusal = recipient_refusal(telling, out);
    if (refusal == REFUSAL_NONE)
        return;
    out->refusal = act_text(telling->act, refusal_row(refusal)->name);
    out->email = out->name = NULL; /* nothing of somebody who gets nothing */
}

/* Asked about one who is none of those it concerns. */
static void stranger_add(struct telling *telling)
{
    Ctps__NotificationAnswer *answer = telling->answer;

    if (answer->n_recipients)
        return;
    agent_add(telling, telling->act->request->notification_prepare->agent);
    contact_add(telling, telling->act->request->notification_prepare->contact);
    if (answer->n_recipients)
        answer->recipients[0]->refusal =
            act_text(telling->act, refusal_row(REFUSAL_NOT_RECIPIENT)->name);
}

static void recipients_tell(struct telling *telling)
{
    const Ctps__NotificationPrepare *in = telling->act->request->notification_prepare;
    Ctps__NotificationAnswer *answer = telling->answer;

    if (telling->row->list)
        telling->row->list(telling);
    else {
        agent_add(telling, in->agent);
        contact_add(telling, in->contact);
    }
    for (size_t i = 0; i < answer->n_recipients && !telling->act->exhausted; i++)
        recipient_fill(telling, answer->recipients[i]);
    stranger_add(telling);
}

static void town_tell(struct telling *telling)
{
    const Ctps__Town *town = record_town(telling->act->tables, telling->act->arena);

    if (!town)
        return;
    telling->answer->town = town->name;
    telling->answer->zone = town->zone;
}

/* Without a topic: the town alone. */
void answer_notification_prepare(struct act *act)
{
    const Ctps__NotificationPrepare *in = act->request->notification_prepare;
    Ctps__NotificationAnswer *answer = act_alloc(act, sizeof(*answer));
    struct telling telling = {.act = act, .answer = answer, .row = row_find(in)};

    if (is_given(in->topic) && !telling.row) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "topic");
        return;
    }
    ctps__notification_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_NOTIFICATION_ANSWER;
    act->reply->notification_answer = answer;
    town_tell(&telling);
    if (!telling.row)
        return;
    SET_FROM(answer, in, kind);
    SET_FROM(answer, in, id);
    answer->recipients = arena_alloc(act->arena, RECIPIENTS_MAX * sizeof(void *));
    if (!answer->recipients)
        act->exhausted = true;
    else if (!object_tell(&telling))
        act_refuse(act, REFUSAL_ABSENT, "id");
    else
        recipients_tell(&telling);
}
