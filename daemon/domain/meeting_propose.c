/*
 * The agenda a meeting is proposed: what was decided and not done, then what is due or stuck,
 * within what its kind may carry. Always in the same order. Source: domain.md §4 and §3.
 */
#include <stdlib.h>

#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/decision.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/view_fill.h"

enum {
    CANDIDATES_MAX = 1000, /* looked at; those past it are said by `more` */
    PROPOSED_MAX = 40,     /* by default and at most: a meeting does not hold more */
};

/* In the order of the agenda. */
enum reason {
    REASON_OVERDUE,
    REASON_NOT_DONE,
    REASON_UNDER_WAY,
    REASON_REVIEW,
    REASON_BLOCKED,
    REASON_SAISINE,
    REASON_NOT_INFORMED,
    REASON_SILENT,
    REASON_COUNT
};

static const char *const reason_words[REASON_COUNT] = {
    [REASON_OVERDUE] = "decision_overdue",
    [REASON_NOT_DONE] = "decision_not_done",
    [REASON_UNDER_WAY] = "decision_under_way",
    [REASON_REVIEW] = "review_due",
    [REASON_BLOCKED] = "blocked",
    [REASON_SAISINE] = "saisine_unanswered",
    [REASON_NOT_INFORMED] = "not_informed",
    [REASON_SILENT] = "silent",
};

struct candidate {
    enum reason reason; /* the first that holds */
    int32_t day;        /* since when, or by when */
    uint64_t id;        /* of the decision, situation or saisine */
    bool nominative;
    unsigned reasons; /* bits, of a situation */
};

struct proposal {
    struct act *act;
    int32_t on;           /* the day of the meeting */
    int32_t previous_day; /* of the last one of the same instance and territory */
    bool more;
    size_t count;
    struct candidate list[CANDIDATES_MAX];
};

static void candidate_add(struct proposal *proposal, struct candidate candidate)
{
    if (proposal->count == CANDIDATES_MAX)
        proposal->more = true;
    else
        proposal->list[proposal->count++] = candidate;
}

/* --- decisions --- */

static bool is_on_agenda(const struct act *act, uint64_t situation, uint64_t decision,
                         uint64_t saisine)
{
    for (size_t i = 0; i < act->meeting->n_agenda; i++) {
        const Ctps__AgendaItem *item = act->meeting->agenda[i];

        if ((decision && item->decision == decision) || (saisine && item->saisine == saisine) ||
            (situation && item->situation == situation && !item->decision))
            return true;
    }
    return false;
}

static bool decision_row(void *arg, struct bytes key, struct bytes value)
{
    struct proposal *proposal = arg;
    struct act *act = proposal->act;
    uint64_t id = be64_get(key.data + key.len - 8);
    Ctps__DecisionRecord *record = decision_record(act->tables, act->arena, id);
    struct candidate candidate = {REASON_UNDER_WAY, 0, id, false, 0};

    (void)value;
    if (!record || is_on_agenda(act, 0, id, 0))
        return !act->exhausted;
    candidate.day = record->taken->due_day;
    if (record->completed) {
        /* Heard of once: in the meeting that follows. */
        if (record->completed->day < proposal->previous_day)
            return true;
        candidate.reason = REASON_NOT_DONE;
        candidate.day = record->completed->day;
    } else if (record->taken->due_day < proposal->on) {
        candidate.reason = REASON_OVERDUE;
    }
    candidate_add(proposal, candidate);
    return true;
}

static bool previous_row(void *arg, struct bytes key, struct bytes value)
{
    struct proposal *proposal = arg;
    struct act *act = proposal->act;
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    struct table_key where = table_key_of_texts(of->territory, of->instance);
    Ctps__MeetingRecord *record;

    if (!bytes_equal(value, table_key_bytes(&where)))
        return true;
    record = record_meeting(act->tables, act->arena, be64_get(key.data + 4));
    if (!record || strcmp(or_empty(record->state), MEETING_HELD) != 0)
        return !act->exhausted;
    proposal->previous_day = record->scheduled->day;
    return false;
}

static void decisions_collect(struct proposal *proposal)
{
    struct act *act = proposal->act;
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    struct table_key before = {0};
    struct table_key prefix = {0};

    table_key_add_day(&before, of->day);
    table_key_add_u64(&before, of->id);
    act->tables->walk(act->tables->ctx, TABLE_MEETING_DAY, bytes_of(NULL, 0),
                      table_key_bytes(&before), true, previous_row, proposal);
    table_key_add_text(&prefix, of->instance);
    table_key_add_text(&prefix, of->territory);
    act->tables->walk(act->tables->ctx, TABLE_DECISION_UNDONE, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, decision_row, proposal);
}

/* --- situations --- */

/* Whether the kind of meeting may carry it, and whether by name; false: not at all. */
static bool carry(struct act *act, Ctps__SituationRecord *situation, bool *ret_nominative)
{
    act->agenda_situation = situation;
    *ret_nominative = meeting_content_refusal(act, true) == REFUSAL_NONE;
    return *ret_nominative || meeting_content_refusal(act, false) == REFUSAL_NONE;
}

static unsigned reasons_of(const struct proposal *proposal, const Ctps__SituationRecord *record)
{
    unsigned reasons = 0;

    if (record->has_next_review_day && record->next_review_day <= proposal->on)
        reasons |= 1U << REASON_REVIEW;
    if (strcmp(or_empty(record->status), STATUS_BLOCKED) == 0)
        reasons |= 1U << REASON_BLOCKED;
    if (view_is_not_informed(proposal->act, record, proposal->on))
        reasons |= 1U << REASON_NOT_INFORMED;
    if (view_is_silent(proposal->act, record, proposal->on))
        reasons |= 1U << REASON_SILENT;
    return reasons;
}

static int32_t day_of(const struct act *act, enum reason reason,
                      const Ctps__SituationRecord *record)
{
    if (reason == REASON_NOT_INFORMED)
        return view_inform_day(act, record);
    if (reason == REASON_REVIEW)
        return record->next_review_day;
    return record->last_entry_day;
}

static bool situation_row(void *arg, uint64_t id)
{
    struct proposal *proposal = arg;
    struct act *act = proposal->act;
    Ctps__SituationRecord *record = record_situation(act->tables, act->arena, id);
    struct candidate candidate = {REASON_REVIEW, 0, id, false, 0};
    struct judgement judgement = {0};
    struct resource resource;

    if (!record || record->has_closed_day || record->erased || record->erasure_ordered ||
        record->merged_into || is_on_agenda(act, id, 0, 0))
        return !act->exhausted;
    candidate.reasons = reasons_of(proposal, record);
    if (!candidate.reasons)
        return true;
    resource = resource_of_situation(act, record);
    if (!act_may(act, ACTION_SITUATION_EXISTENCE, &resource, &judgement) ||
        !carry(act, record, &candidate.nominative))
        return true;
    while (!(candidate.reasons & 1U << candidate.reason))
        candidate.reason++;
    candidate.day = day_of(act, candidate.reason, record);
    candidate_add(proposal, candidate);
    return true;
}

/* --- saisines --- */

static bool saisine_row(void *arg, uint64_t id)
{
    struct proposal *proposal = arg;
    struct act *act = proposal->act;
    Ctps__SaisineRecord *record = record_saisine(act->tables, act->arena, id);

    if (!record || strcmp(or_empty(record->status), SAISINE_RECEIVED) != 0 ||
        is_on_agenda(act, 0, 0, id))
        return !act->exhausted;
    if (civil_add_working_days(&act->settings->holidays, record->received->received_day,
                               act->settings->answer_working_days) >= proposal->on)
        return true;
    candidate_add(proposal, (struct candidate){REASON_SAISINE, record->received->received_day,
                                               id, false, 0});
    return true;
}

/* A saisine nobody took up yet is a matter of those who follow, by its number. */
static bool hears_saisines(const struct act *act)
{
    const char *content = or_empty(act->instance->content);

    return strcmp(content, CARRY_NEED_TO_KNOW) == 0 || strcmp(content, CARRY_AGENTS) == 0;
}

/* --- the whole --- */

static int compare(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;

    if (a->reason != b->reason)
        return a->reason < b->reason ? -1 : 1;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static void territory_collect(struct proposal *proposal, const char *territory)
{
    struct act *act = proposal->act;

    page_walk(act, territory, CTPS__OBJECT_KIND__OBJECT_SITUATION, 0, situation_row, proposal);
    if (hears_saisines(act))
        page_walk(act, territory, CTPS__OBJECT_KIND__OBJECT_SAISINE, 0, saisine_row, proposal);
}

static void one_situation_collect(struct proposal *proposal)
{
    uint64_t id = proposal->act->meeting->scheduled->situation;

    if (id)
        situation_row(proposal, id);
}

static struct proposal *proposal_make(struct act *act)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    const char *codes[PRINCIPAL_TERRITORIES_MAX] = {of->territory};
    struct proposal *proposal = arena_alloc(act->arena, sizeof(*proposal));
    size_t count = 1;

    if (!proposal) {
        act->exhausted = true;
        return NULL;
    }
    memset(proposal, 0, sizeof(*proposal));
    proposal->act = act;
    proposal->on = of->day > act->today ? of->day : act->today;
    proposal->previous_day = CIVIL_DAY_MIN;
    decisions_collect(proposal);
    if (of->situation) {
        one_situation_collect(proposal);
    } else {
        if (!is_given(of->territory))
            count = page_territories(act, codes, PRINCIPAL_TERRITORIES_MAX);
        for (size_t i = 0; i < count; i++)
            territory_collect(proposal, codes[i]);
    }
    qsort(proposal->list, proposal->count, sizeof(proposal->list[0]), compare);
    return proposal;
}

/* --- meeting.propose --- */

void authorise_meeting_propose(struct act *act)
{
    meeting_load(act, act->request->meeting_propose->meeting, ACTION_MEETING_PROPOSE);
}

static void decision_fill(struct act *act, uint64_t id, Ctps__ProposedItem *view)
{
    const Ctps__DecisionTaken *taken = decision_record(act->tables, act->arena, id)->taken;

    SET(view, decision, id);
    view->verb = taken->verb;
    SET_FROM(view, taken, agent);
    SET_FROM(view, taken, contact);
    SET_FROM(view, taken, situation);
}

static void reasons_fill(struct act *act, const struct candidate *candidate,
                         Ctps__ProposedItem *view)
{
    view->reasons = act_alloc(act, REASON_COUNT * sizeof(view->reasons[0]));
    if (candidate->reasons == 0)
        view->reasons[view->n_reasons++] = act_text(act, reason_words[candidate->reason]);
    for (unsigned i = 0; i < REASON_COUNT; i++)
        if (candidate->reasons & 1U << i)
            view->reasons[view->n_reasons++] = act_text(act, reason_words[i]);
}

static Ctps__ProposedItem *item_view(struct act *act, const struct candidate *candidate)
{
    Ctps__ProposedItem *view = act_alloc(act, sizeof(*view));
    Ctps__SituationRecord *situation = NULL;

    ctps__proposed_item__init(view);
    reasons_fill(act, candidate, view);
    SET(view, day, candidate->day);
    if (candidate->reason <= REASON_UNDER_WAY) {
        decision_fill(act, candidate->id, view);
    } else if (candidate->reason == REASON_SAISINE) {
        SET(view, saisine, candidate->id);
        view->reference =
            record_saisine(act->tables, act->arena, candidate->id)->received->number;
    } else {
        SET(view, situation, candidate->id);
        SET(view, nominative, candidate->nominative);
    }
    if (view->situation)
        situation = record_situation(act->tables, act->arena, view->situation);
    if (situation)
        view->reference = situation->opened->reference;
    return view;
}

void answer_meeting_propose(struct act *act)
{
    Ctps__ProposalAnswer *answer = act_alloc(act, sizeof(*answer));
    const struct proposal *proposal = proposal_make(act);
    size_t count;

    ctps__proposal_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_PROPOSAL_ANSWER;
    act->reply->proposal_answer = answer;
    answer->items = act_alloc(act, PROPOSED_MAX * sizeof(answer->items[0]));
    if (act->exhausted)
        return;
    count = proposal->count < PROPOSED_MAX ? proposal->count : PROPOSED_MAX;
    for (size_t i = 0; i < count && !act->exhausted; i++)
        answer->items[answer->n_items++] = item_view(act, &proposal->list[i]);
    if (proposal->more || proposal->count > PROPOSED_MAX)
        SET(answer, more, 1);
}

/* --- meeting.agenda_accept --- */

void authorise_agenda_accept(struct act *act)
{
    meeting_load(act, act->request->agenda_accept->meeting, ACTION_MEETING_MANAGE);
}

static bool is_among(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static bool is_accepted(const Ctps__AgendaAccept *in, const struct candidate *candidate)
{
    if (in->all)
        return true;
    if (candidate->reason <= REASON_UNDER_WAY)
        return is_among(in->decisions, in->n_decisions, candidate->id);
    if (candidate->reason == REASON_SAISINE)
        return is_among(in->saisines, in->n_saisines, candidate->id);
    return is_among(in->situations, in->n_situations, candidate->id);
}

/* What was decided about a situation comes with its number; by name where the kind allows. */
static void accept_decision(struct act *act, uint64_t id, Ctps__AgendaItem *item)
{
    const Ctps__DecisionTaken *taken = decision_record(act->tables, act->arena, id)->taken;
    Ctps__SituationRecord *situation =
        taken->situation ? record_situation(act->tables, act->arena, taken->situation) : NULL;
    bool nominative = false;

    SET(item, decision, id);
    if (!situation)
        return;
    SET(item, situation, taken->situation);
    if (!situation->has_closed_day && !situation->erased && !situation->erasure_ordered)
        carry(act, situation, &nominative);
    SET(item, nominative, nominative);
}

static void accept_one(struct act *act, const struct candidate *candidate)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    Ctps__AgendaItemAdded *out = emit_agenda_item_added(act);

    SET(out, meeting, of->id);
    out->instance = of->instance;
    out->territory = of->territory;
    out->item = act_alloc(act, sizeof(*out->item));
    ctps__agenda_item__init(out->item);
    SET(out->item, id, act_new_id(act));
    SET(out->item, by_agent, act->who->id);
    if (candidate->reason <= REASON_UNDER_WAY) {
        accept_decision(act, candidate->id, out->item);
    } else if (candidate->reason == REASON_SAISINE) {
        SET(out->item, saisine, candidate->id);
    } else {
        SET(out->item, situation, candidate->id);
        SET(out->item, nominative, candidate->nominative);
    }
    act_made(act, CTPS__OBJECT_KIND__OBJECT_AGENDA_ITEM, out->item->id, NULL);
}

void decide_agenda_accept(struct act *act)
{
    const Ctps__AgendaAccept *in = act->request->agenda_accept;
    size_t asked = in->n_decisions + in->n_situations + in->n_saisines;
    const struct proposal *proposal;
    size_t taken = 0;

    if (!meeting_is_scheduled(act) || !check_given(act, in->all || asked, "situations"))
        return;
    proposal = proposal_make(act);
    for (size_t i = 0; proposal && i < proposal->count && taken < PROPOSED_MAX; i++) {
        if (!is_accepted(in, &proposal->list[i]))
            continue;
        accept_one(act, &proposal->list[i]);
        taken++;
    }
    if (!in->all && taken < asked)
        act_refuse(act, REFUSAL_NOT_PROPOSED, "meeting");
    if (act->meeting->n_agenda + taken > MEETING_AGENDA_MAX)
        act_refuse(act, REFUSAL_LIMIT, "agenda");
}
