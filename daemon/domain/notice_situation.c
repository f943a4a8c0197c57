#include "domain/notice_private.h"

void notice_saisine_received(const Ctps__SaisineReceived *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->id);
    out->reference = event->number;
    out->territory = event->territory;
    out->code = event->urgency;
    SET(out, day, event->received_day);
}

void notice_saisine_accepted(const Ctps__SaisineAccepted *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
}

void notice_saisine_declined(const Ctps__SaisineDeclined *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->id);
    out->code = event->motive;
    SET(out, day, event->day);
}

/* To whom points to what it is about: not said. */
void notice_saisine_redirected(const Ctps__SaisineRedirected *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->id);
    out->code = event->motive;
    SET(out, day, event->day);
}

void notice_duplicate_decided(const Ctps__DuplicateDecided *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->a);
    OTHER(out, SAISINE, event->b);
    out->code = event->outcome;
    SET(out, day, event->day);
}

void notice_situation_merged(const Ctps__SituationMerged *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    OTHER(out, SITUATION, event->into);
    SET(out, day, event->day);
}

void notice_situation_erased(const Ctps__SituationErased *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    out->reference = event->reference;
    out->territory = event->territory;
    SET(out, day, event->day);
}

void notice_situation_unmerged(const Ctps__SituationUnmerged *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    OTHER(out, SITUATION, event->from);
    SET(out, day, event->day);
}

void notice_saisine_detached(const Ctps__SaisineDetached *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
}

void notice_duplicate_proposed(const Ctps__DuplicateProposed *event, Ctps__Notice *out)
{
    OBJECT(out, SAISINE, event->a);
    OTHER(out, SAISINE, event->b);
    out->code = event->rule;
}

void notice_situation_opened(const Ctps__SituationOpened *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    out->reference = event->reference;
    out->territory = event->territory;
    out->code = event->status;
    SET(out, day, event->opened_day);
    SET(out, agent, event->lead_agent);
}

void notice_situation_status_changed(const Ctps__SituationStatusChanged *event,
                                     Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    out->code = event->status;
    if (event->has_watch_until_day)
        SET(out, day, event->watch_until_day);
    if (event->blocked_by)
        SET(out, partner, event->blocked_by);
}

/* Kinds of entry such as a formal reminder point to somebody: only that there was one. */
void notice_situation_entry_added(const Ctps__SituationEntryAdded *event, Ctps__Notice *out)
{
    OBJECT(out, ENTRY, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
    SET(out, agent, event->author);
}

void notice_situation_reviewed(const Ctps__SituationReviewed *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    if (event->has_next_review_day)
        SET(out, day, event->next_review_day);
}

/* A closing motive may be a judicial measure: not said. */
void notice_situation_closed(const Ctps__SituationClosed *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->day);
}

/* Motives and nature point to somebody: only that the sheet changed. */
void notice_situation_updated(const Ctps__SituationUpdated *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->day);
}

void notice_situation_assigned(const Ctps__SituationAssigned *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->day);
    SET(out, agent, event->lead_agent);
}

void notice_situation_informed(const Ctps__SituationInformed *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->has_until_day ? event->until_day : event->day);
}

void notice_situation_transferred(const Ctps__SituationTransferred *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    out->territory = event->territory;
    SET(out, day, event->day);
    SET(out, agent, event->lead_agent);
}

void notice_situation_reopened(const Ctps__SituationReopened *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->next_review_day);
}

void notice_situation_entry_corrected(const Ctps__SituationEntryCorrected *event,
                                      Ctps__Notice *out)
{
    OBJECT(out, ENTRY, event->entry);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
    SET(out, agent, event->by_agent);
}

void notice_situation_person_added(const Ctps__SituationPersonAdded *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->situation);
    SET(out, agent, event->by_agent);
}

void notice_situation_person_corrected(const Ctps__SituationPersonCorrected *event,
                                       Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->situation);
    SET(out, agent, event->by_agent);
}

void notice_situation_engaged(const Ctps__SituationEngaged *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->situation);
    SET(out, other_kind, event->kind);
    SET(out, other, event->id);
    SET(out, day, event->since_day);
}

void notice_situation_disengaged(const Ctps__SituationDisengaged *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->situation);
    SET(out, other_kind, event->kind);
    SET(out, other, event->id);
    SET(out, day, event->until_day);
}

/* Siblings or a group would point to somebody: only that two belong together. */
void notice_situation_linked(const Ctps__SituationLinked *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->a);
    OTHER(out, SITUATION, event->b);
    SET(out, day, event->day);
}

void notice_situation_unlinked(const Ctps__SituationUnlinked *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->a);
    OTHER(out, SITUATION, event->b);
}

void notice_erasure_announced(const Ctps__ErasureAnnounced *event, Ctps__Notice *out)
{
    SET(out, kind, event->kind);
    SET(out, id, event->subject);
    SET(out, day, event->due_day);
}

void notice_erasure_ordered(const Ctps__ErasureOrdered *event, Ctps__Notice *out)
{
    SET(out, day, event->day);
}

void notice_erasure_done(const Ctps__ErasureDone *event, Ctps__Notice *out)
{
    SET(out, day, event->day);
}
