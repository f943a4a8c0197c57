/* Feeds of partners: opened and closed, and which partner an event is told to. */
#include "domain/apply_private.h"
#include "domain/check.h"
#include "domain/decision.h"
#include "domain/feed.h"

enum { PARTNERS_MAX = 256 };

static void feed_put(const struct apply *apply, const Ctps__FeedRecord *row)
{
    record_put(apply->tables, TABLE_FEED, table_key_of_u64(row->partner), apply->arena,
               &row->base);
}

static bool is_told(const Ctps__FeedRecord *feed)
{
    return feed && (feed->on || feed->webhooks);
}

/* The partner's row to change, new when it had none; `was_told` for feed_changed(). */
static Ctps__FeedRecord *feed_change(const struct apply *apply, uint64_t partner,
                                     bool *was_told)
{
    Ctps__FeedRecord *row = feed_record(apply->tables, apply->arena, partner);

    *was_told = is_told(row);
    if (row)
        return row;
    row = arena_alloc(apply->arena, sizeof(*row));
    if (row) {
        ctps__feed_record__init(row);
        SET(row, partner, partner);
    }
    return row;
}

static void feed_changed(const struct apply *apply, const Ctps__FeedRecord *row, bool was_told)
{
    feed_put(apply, row);
    apply->state->feed_count += (uint32_t)(is_told(row) && !was_told);
    apply->state->feed_count -= (uint32_t)(!is_told(row) && was_told);
}

void apply_feed_switched(const struct apply *apply, const Ctps__FeedSwitched *event)
{
    bool was_told;
    Ctps__FeedRecord *row = feed_change(apply, event->partner, &was_told);

    if (!row)
        return;
    SET_FROM(row, event, on);
    SET_FROM(row, event, place);
    SET(row, since_day, event->day);
    SET_FROM(row, event, by_agent);
    feed_changed(apply, row, was_told);
}

void apply_feed_webhooks(const struct apply *apply, uint64_t partner, int by)
{
    bool was_told;
    Ctps__FeedRecord *row = feed_change(apply, partner, &was_told);

    if (!row)
        return;
    SET(row, webhooks, row->webhooks + (uint32_t)by);
    feed_changed(apply, row, was_told);
}

/* --- one event, told --- */

struct telling {
    const struct apply *apply;
    uint64_t number;
    const char *topic;
    Ctps__Notice notice;
};

/* `contacts` of the partner, whom it is about; none: the partner itself. */
static void tell(const struct telling *telling, uint64_t partner, uint64_t *contacts,
                 size_t contact_count)
{
    const struct apply *apply = telling->apply;
    Ctps__FeedRecord *feed = partner ? feed_record(apply->tables, apply->arena, partner) : NULL;
    Ctps__FeedItem item = CTPS__FEED_ITEM__INIT;
    Ctps__Notice notice = telling->notice;

    if (!is_told(feed))
        return;
    item.topic = (char *)(uintptr_t)telling->topic; /* protobuf-c has no const */
    SET(&item, time_us, apply->entry->time_us);
    SET(&item, previous_number, feed->last_number);
    item.notice = &notice;
    item.contacts = contacts;
    item.n_contacts = contact_count;
    SET(feed, last_number, telling->number);
    record_put(apply->tables, TABLE_FEED_ITEM, table_key_of_two(partner, telling->number),
               apply->arena, &item.base);
    feed_put(apply, feed);
    if (apply->on_told)
        apply->on_told(apply->told_ctx, partner, telling->number, &item);
}

static uint64_t partner_of(const struct telling *telling, uint64_t contact)
{
    const Ctps__Contact *row =
        record_contact(telling->apply->tables, telling->apply->arena, contact);

    return row ? row->partner : 0;
}

/* Each partner once, with those of its contacts that are meant. */
static void tell_contacts(const struct telling *telling, const uint64_t *contacts, size_t count)
{
    struct arena *arena = telling->apply->arena;
    uint64_t *partners = arena_alloc(arena, (count + 1) * sizeof(*partners));
    uint64_t *own = arena_alloc(arena, (count + 1) * sizeof(*own));

    if (!partners || !own)
        return;
    for (size_t i = 0; i < count; i++)
        partners[i] = partner_of(telling, contacts[i]);
    for (size_t i = 0; i < count; i++) {
        uint64_t partner = partners[i];
        size_t found = 0;

        for (size_t j = i; j < count && partner; j++) {
            if (partners[j] != partner)
                continue;
            own[found++] = contacts[j];
            partners[j] = 0;
        }
        tell(telling, partner, own, found);
    }
}

static void tell_attendees(const struct telling *telling, Ctps__Attendee *const *attendees,
                           size_t count)
{
    uint64_t *contacts = arena_alloc(telling->apply->arena, (count + 1) * sizeof(*contacts));
    size_t found = 0;

    if (!contacts)
        return;
    for (size_t i = 0; i < count; i++)
        if (attendees[i]->contact)
            contacts[found++] = attendees[i]->contact;
    tell_contacts(telling, contacts, found);
}

#define NOTICE(telling, KIND, value, of_day)                                                   \
    do {                                                                                       \
        SET(&(telling)->notice, kind, CTPS__OBJECT_KIND__OBJECT_##KIND);                       \
        SET(&(telling)->notice, id, value);                                                    \
        SET(&(telling)->notice, day, of_day);                                                  \
    } while (0)

static void code_set(struct telling *telling, const char *code)
{
    telling->notice.code = (char *)(uintptr_t)code;
}

/* --- saisines: their state, to who referred them --- */

static void of_saisine(struct telling *telling, uint64_t id, int32_t day, const char *state)
{
    const Ctps__SaisineRecord *row =
        record_saisine(telling->apply->tables, telling->apply->arena, id);

    if (!row || !row->received)
        return;
    NOTICE(telling, SAISINE, id, day);
    telling->notice.reference = row->received->number;
    code_set(telling, state);
    tell(telling, row->received->referrer_partner, NULL, 0);
}

static void saisine_received(struct telling *telling, const Ctps__Event *event)
{
    of_saisine(telling, event->saisine_received->id, event->saisine_received->received_day,
               SAISINE_RECEIVED);
}

static void saisine_accepted(struct telling *telling, const Ctps__Event *event)
{
    of_saisine(telling, event->saisine_accepted->id, event->saisine_accepted->day,
               SAISINE_ACCEPTED);
}

static void saisine_declined(struct telling *telling, const Ctps__Event *event)
{
    of_saisine(telling, event->saisine_declined->id, event->saisine_declined->day,
               SAISINE_DECLINED);
}

static void saisine_redirected(struct telling *telling, const Ctps__Event *event)
{
    of_saisine(telling, event->saisine_redirected->id, event->saisine_redirected->day,
               SAISINE_REDIRECTED);
}

/* --- situations: their end, to who is engaged --- */

struct engaged {
    struct arena *arena;
    size_t count;
    uint64_t partners[PARTNERS_MAX];
};

static bool engaged_take(void *arg, struct bytes key, struct bytes value)
{
    struct engaged *engaged = arg;
    const Ctps__EngagementRecord *row = (Ctps__EngagementRecord *)record_unpack(
        engaged->arena, &ctps__engagement_record__descriptor, value);

    (void)key;
    if (row && row->engaged && !row->has_until_day &&
        row->engaged->kind == CTPS__OBJECT_KIND__OBJECT_PARTNER)
        engaged->partners[engaged->count++] = row->engaged->id;
    return engaged->count < PARTNERS_MAX;
}

static void situation_closed(struct telling *telling, const Ctps__Event *event)
{
    const struct apply *apply = telling->apply;
    const Ctps__SituationClosed *closed = event->situation_closed;
    const Ctps__SituationRecord *row =
        record_situation(apply->tables, apply->arena, closed->id);
    struct engaged *engaged = arena_alloc(apply->arena, sizeof(*engaged));
    struct table_key prefix = table_key_of_u64(closed->id);

    if (!row || !engaged)
        return;
    engaged->arena = apply->arena;
    NOTICE(telling, SITUATION, closed->id, closed->day);
    telling->notice.reference = row->opened->reference;
    apply->tables->walk(apply->tables->ctx, TABLE_ENGAGEMENT, table_key_bytes(&prefix),
                        bytes_of(NULL, 0), false, engaged_take, engaged);
    for (size_t i = 0; i < engaged->count; i++)
        tell(telling, engaged->partners[i], NULL, 0);
}

/* --- shares: to their recipients --- */

static void information_shared(struct telling *telling, const Ctps__Event *event)
{
    const Ctps__InformationShared *shared = event->information_shared;

    NOTICE(telling, SHARE, shared->id, shared->expiry_day);
    code_set(telling, shared->legal_base);
    tell_contacts(telling, shared->contacts, shared->n_contacts);
}

static void of_share(struct telling *telling, uint64_t id, int32_t day)
{
    const Ctps__ShareRecord *row =
        share_record(telling->apply->tables, telling->apply->arena, id);

    if (!row)
        return;
    NOTICE(telling, SHARE, id, day);
    tell_contacts(telling, row->shared->contacts, row->shared->n_contacts);
}

static void information_revoked(struct telling *telling, const Ctps__Event *event)
{
    of_share(telling, event->information_revoked->id, event->information_revoked->day);
}

static void information_rectified(struct telling *telling, const Ctps__Event *event)
{
    of_share(telling, event->information_rectified->id, event->information_rectified->day);
}

static void information_erased(struct telling *telling, const Ctps__Event *event)
{
    of_share(telling, event->information_erased->id, event->information_erased->day);
}

/* --- meetings: to the invited --- */

/* The meeting as it is now; NULL when it is not there. */
static const Ctps__MeetingScheduled *of_meeting(struct telling *telling, uint64_t id)
{
    const Ctps__MeetingRecord *row =
        record_meeting(telling->apply->tables, telling->apply->arena, id);
    const Ctps__MeetingScheduled *of = row ? row->scheduled : NULL;

    if (!of)
        return NULL;
    NOTICE(telling, MEETING, id, of->day);
    telling->notice.reference = of->reference;
    telling->notice.territory = of->territory;
    code_set(telling, of->instance);
    return of;
}

static void all_invited(struct telling *telling, uint64_t id)
{
    const Ctps__MeetingScheduled *of = of_meeting(telling, id);

    if (of)
        tell_attendees(telling, of->invited, of->n_invited);
}

static void meeting_scheduled(struct telling *telling, const Ctps__Event *event)
{
    all_invited(telling, event->meeting_scheduled->id);
}

static void meeting_rescheduled(struct telling *telling, const Ctps__Event *event)
{
    all_invited(telling, event->meeting_rescheduled->id);
}

static void meeting_cancelled(struct telling *telling, const Ctps__Event *event)
{
    all_invited(telling, event->meeting_cancelled->id);
}

static void meeting_invited(struct telling *telling, const Ctps__Event *event)
{
    const Ctps__MeetingInvited *in = event->meeting_invited;

    if (of_meeting(telling, in->id))
        tell_attendees(telling, in->invited, in->n_invited);
}

static void meeting_uninvited(struct telling *telling, const Ctps__Event *event)
{
    const Ctps__MeetingUninvited *in = event->meeting_uninvited;

    if (of_meeting(telling, in->id))
        tell_attendees(telling, in->removed, in->n_removed);
}

static void minutes_distributed(struct telling *telling, const Ctps__Event *event)
{
    const Ctps__MinutesDistributed *in = event->minutes_distributed;

    if (!of_meeting(telling, in->meeting))
        return;
    SET(&telling->notice, day, in->day);
    tell_contacts(telling, in->contacts, in->n_contacts);
}

/* --- decisions: to who is charged --- */

static void decision_taken(struct telling *telling, const Ctps__Event *event)
{
    const Ctps__DecisionTaken *taken = event->decision_taken;

    NOTICE(telling, DECISION, taken->id, taken->due_day);
    code_set(telling, taken->verb);
    tell_contacts(telling, &taken->contact, taken->contact != 0);
}

static void decision_completed(struct telling *telling, const Ctps__Event *event)
{
    const Ctps__DecisionCompleted *in = event->decision_completed;
    const Ctps__DecisionRecord *row =
        decision_record(telling->apply->tables, telling->apply->arena, in->id);

    if (!row || !row->taken)
        return;
    NOTICE(telling, DECISION, in->id, in->day);
    code_set(telling, in->result);
    tell_contacts(telling, &row->taken->contact, row->taken->contact != 0);
}

static const struct {
    Ctps__Event__BodyCase which;
    const char *topic;
    void (*tell)(struct telling *telling, const Ctps__Event *event);
} rows[] = {
    {CTPS__EVENT__BODY_SAISINE_RECEIVED, FEED_SAISINE_RECEIVED, saisine_received},
    {CTPS__EVENT__BODY_SAISINE_ACCEPTED, FEED_SAISINE_ACCEPTED, saisine_accepted},
    {CTPS__EVENT__BODY_SAISINE_DECLINED, FEED_SAISINE_DECLINED, saisine_declined},
    {CTPS__EVENT__BODY_SAISINE_REDIRECTED, FEED_SAISINE_REDIRECTED, saisine_redirected},
    {CTPS__EVENT__BODY_SITUATION_CLOSED, FEED_SITUATION_CLOSED, situation_closed},
    {CTPS__EVENT__BODY_INFORMATION_SHARED, FEED_SHARED, information_shared},
    {CTPS__EVENT__BODY_INFORMATION_REVOKED, FEED_SHARE_REVOKED, information_revoked},
    {CTPS__EVENT__BODY_INFORMATION_RECTIFIED, FEED_SHARE_RECTIFIED, information_rectified},
    {CTPS__EVENT__BODY_INFORMATION_ERASED, FEED_SHARE_ERASED, information_erased},
    {CTPS__EVENT__BODY_MEETING_SCHEDULED, FEED_MEETING_SCHEDULED, meeting_scheduled},
    {CTPS__EVENT__BODY_MEETING_RESCHEDULED, FEED_MEETING_RESCHEDULED, meeting_rescheduled},
    {CTPS__EVENT__BODY_MEETING_CANCELLED, FEED_MEETING_CANCELLED, meeting_cancelled},
    {CTPS__EVENT__BODY_MEETING_INVITED, FEED_MEETING_INVITED, meeting_invited},
    {CTPS__EVENT__BODY_MEETING_UNINVITED, FEED_MEETING_UNINVITED, meeting_uninvited},
    {CTPS__EVENT__BODY_MINUTES_DISTRIBUTED, FEED_MINUTES_DISTRIBUTED, minutes_distributed},
    {CTPS__EVENT__BODY_DECISION_TAKEN, FEED_DECISION_TAKEN, decision_taken},
    {CTPS__EVENT__BODY_DECISION_COMPLETED, FEED_DECISION_COMPLETED, decision_completed},
};

/* What is taken over from a sheet is history, not news. */
void apply_feeds_tell(const struct apply *apply, const Ctps__Event *event, uint64_t number)
{
    struct telling telling = {apply, number, NULL, CTPS__NOTICE__INIT};

    if (!apply->state->feed_count || is_given(apply->entry->import_outcome))
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].which != event->body_case)
            continue;
        telling.topic = rows[i].topic;
        rows[i].tell(&telling, event);
        return;
    }
}
