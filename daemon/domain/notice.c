#include "domain/notice.h"

#include "domain/act.h"

#define OBJECT(notice, KIND, value)                                                            \
    do {                                                                                       \
        SET(notice, kind, CTPS__OBJECT_KIND__OBJECT_##KIND);                                   \
        SET(notice, id, value);                                                                \
    } while (0)

#define OTHER(notice, KIND, value)                                                             \
    do {                                                                                       \
        SET(notice, other_kind, CTPS__OBJECT_KIND__OBJECT_##KIND);                             \
        SET(notice, other, value);                                                             \
    } while (0)

static void of_saisine_received(const Ctps__SaisineReceived *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->id);
    out->reference = event->number;
    out->territory = event->territory;
    out->code = event->urgency;
    SET(out, day, event->received_day);
}

static void of_situation_opened(const Ctps__SituationOpened *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    out->reference = event->reference;
    out->territory = event->territory;
    out->code = event->status;
    SET(out, day, event->opened_day);
    SET(out, agent, event->lead_agent);
}

/* A closing motive may be a judicial measure: not said. */
static void of_situation_closed(const Ctps__SituationClosed *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->day);
}

static void of_status_changed(const Ctps__SituationStatusChanged *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    out->code = event->status;
    if (event->has_watch_until_day)
        SET(out, day, event->watch_until_day);
    if (event->blocked_by)
        SET(out, partner, event->blocked_by);
}

/* Kinds of entry such as a formal reminder point to somebody: only that there was one. */
static void of_entry_added(const Ctps__SituationEntryAdded *event, Ctps__Notice *out)
{
    OBJECT(out, ENTRY, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
    SET(out, agent, event->author);
}

static void of_reviewed(const Ctps__SituationReviewed *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    if (event->has_next_review_day)
        SET(out, day, event->next_review_day);
}

static void of_delegation(const Ctps__Delegation *event, Ctps__Notice *out)
{
    OBJECT(out, DELEGATION, event->id);
    out->territory = event->territory;
    SET(out, agent, event->to_agent);
    SET(out, day, event->from_day);
}

static void of_duplicate(const Ctps__DuplicateProposed *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->a);
    OTHER(out, SAISINE, event->b);
    out->code = event->rule;
}

static void of_announced(const Ctps__ErasureAnnounced *event, Ctps__Notice *out)
{
    SET(out, kind, event->kind);
    SET(out, id, event->subject);
    SET(out, day, event->due_day);
}

static void of_directory(const Ctps__Event *event, Ctps__Notice *out)
{
    switch (event->body_case) {
    case CTPS__EVENT__BODY_AGENT_SET:
        OBJECT(out, AGENT, event->agent_set->id);
        SET(out, day, event->agent_set->habilitation_to_day);
        break;
    case CTPS__EVENT__BODY_PARTNER_SET:
        OBJECT(out, PARTNER, event->partner_set->id);
        break;
    case CTPS__EVENT__BODY_CONTACT_SET:
        OBJECT(out, CONTACT, event->contact_set->id);
        break;
    case CTPS__EVENT__BODY_TERRITORY_SET:
        SET(out, kind, CTPS__OBJECT_KIND__OBJECT_TERRITORY);
        out->territory = event->territory_set->code;
        break;
    case CTPS__EVENT__BODY_LIST_VALUE_SET:
        SET(out, kind, CTPS__OBJECT_KIND__OBJECT_LIST_VALUE);
        out->code = event->list_value_set->code;
        break;
    case CTPS__EVENT__BODY_IMPORT_BEGUN:
        OBJECT(out, IMPORT, event->import_begun->id);
        break;
    case CTPS__EVENT__BODY_IMPORT_ENDED:
        OBJECT(out, IMPORT, event->import_ended->id);
        break;
    case CTPS__EVENT__BODY_IMPORT_UNDONE:
        OBJECT(out, IMPORT, event->import_undone->id);
        break;
    case CTPS__EVENT__BODY_DELEGATION_ENDED:
        OBJECT(out, DELEGATION, event->delegation_ended->id);
        break;
    default:
        break;
    }
}

static void fill(const Ctps__Event *event, Ctps__Notice *out)
{
    switch (event->body_case) {
    case CTPS__EVENT__BODY_SAISINE_RECEIVED:
        of_saisine_received(event->saisine_received, out);
        break;
    case CTPS__EVENT__BODY_SAISINE_ACCEPTED:
        OBJECT(out, SAISINE, event->saisine_accepted->id);
        OTHER(out, SITUATION, event->saisine_accepted->situation);
        SET(out, day, event->saisine_accepted->day);
        break;
    case CTPS__EVENT__BODY_SAISINE_DECLINED:
        OBJECT(out, SAISINE, event->saisine_declined->id);
        out->code = event->saisine_declined->motive;
        SET(out, day, event->saisine_declined->day);
        break;
    case CTPS__EVENT__BODY_SITUATION_OPENED:
        of_situation_opened(event->situation_opened, out);
        break;
    case CTPS__EVENT__BODY_SITUATION_STATUS_CHANGED:
        of_status_changed(event->situation_status_changed, out);
        break;
    case CTPS__EVENT__BODY_SITUATION_ENTRY_ADDED:
        of_entry_added(event->situation_entry_added, out);
        break;
    case CTPS__EVENT__BODY_SITUATION_REVIEWED:
        of_reviewed(event->situation_reviewed, out);
        break;
    case CTPS__EVENT__BODY_SITUATION_CLOSED:
        of_situation_closed(event->situation_closed, out);
        break;
    case CTPS__EVENT__BODY_DELEGATION_GRANTED:
        of_delegation(event->delegation_granted, out);
        break;
    case CTPS__EVENT__BODY_DUPLICATE_PROPOSED:
        of_duplicate(event->duplicate_proposed, out);
        break;
    case CTPS__EVENT__BODY_ERASURE_ANNOUNCED:
        of_announced(event->erasure_announced, out);
        break;
    case CTPS__EVENT__BODY_ERASURE_ORDERED:
        SET(out, day, event->erasure_ordered->day);
        break;
    case CTPS__EVENT__BODY_ERASURE_DONE:
        SET(out, day, event->erasure_done->day);
        break;
    default:
        of_directory(event, out);
    }
}

bool notice_of_event(const Ctps__Event *event, Ctps__Notice *ret_notice, const char **ret_topic)
{
    static const struct {
        Ctps__Event__BodyCase which;
        const char *topic;
    } topics[] = {
#define X(Type, field, CASE, topic) {CTPS__EVENT__BODY_##CASE, topic},
#include "domain/event_list.h"
#undef X
    };

    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        if (topics[i].which != event->body_case || !*topics[i].topic)
            continue;
        ctps__notice__init(ret_notice);
        /* Never empty bytes, which would be published as a heartbeat is. */
        SET(ret_notice, kind, CTPS__OBJECT_KIND__OBJECT_NONE);
        fill(event, ret_notice);
        *ret_topic = topics[i].topic;
        return true;
    }
    return false;
}
