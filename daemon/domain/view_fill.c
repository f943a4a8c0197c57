#include "domain/view_fill.h"

#include "base/civil.h"
#include "domain/check.h"
#include "domain/page.h"
#include "domain/principal_load.h"
#include "domain/record.h"

#include <stdlib.h>

enum { ENTRIES_MAX = 500 };

Ctps__SituationView *view_existence(struct act *act, const Ctps__SituationRecord *record)
{
    Ctps__SituationView *view = act_alloc(act, sizeof(*view));

    ctps__situation_view__init(view);
    SET(view, existence_only, 1);
    view->territory =
        act_text(act, record_situation_now(act->tables, act->arena, record)->territory);
    SET(view, call_agent, principal_coordinator_of(act->tables, act->arena, view->territory));
    return view;
}

static char *reference_of(struct act *act, uint64_t situation)
{
    Ctps__SituationRecord *record =
        situation ? record_situation(act->tables, act->arena, situation) : NULL;

    return record ? record->opened->reference : NULL;
}

static void merged_name(struct act *act, const Ctps__SituationRecord *record,
                        Ctps__SituationView *view)
{
    view->merged_into = reference_of(act, record->merged_into);
    if (!record->n_merged)
        return;
    view->merged = act_alloc(act, record->n_merged * sizeof(char *));
    for (size_t i = 0; view->merged && i < record->n_merged; i++) {
        char *reference = reference_of(act, record->merged[i]);

        if (reference)
            view->merged[view->n_merged++] = reference;
    }
}

bool view_review_is_overdue(const struct act *act, const Ctps__SituationRecord *record)
{
    return record->has_next_review_day && record->next_review_day < act->today;
}

int32_t view_silent_day(const struct act *act, const Ctps__SituationRecord *record)
{
    return record->last_entry_day + act->settings->silent_days;
}

bool view_is_silent(const struct act *act, const Ctps__SituationRecord *record, int32_t on_day)
{
    return !record->has_closed_day && record->has_last_entry_day &&
           view_silent_day(act, record) <= on_day;
}

int32_t view_inform_day(const struct act *act, const Ctps__SituationRecord *record)
{
    return record->has_inform_until_day
               ? record->inform_until_day
               : record->opened->opened_day + act->settings->inform_days;
}

bool view_is_not_informed(const struct act *act, const Ctps__SituationRecord *record,
                          int32_t today)
{
    return !record->has_closed_day && !record->has_informed_day &&
           view_inform_day(act, record) < today &&
           strcmp(or_empty(record->opened->nature), "collective") != 0;
}

static void situation_course(const struct act *act, const Ctps__SituationRecord *record,
                             Ctps__SituationView *view)
{
    view->status = record->status;
    view->evolution = record->evolution;
    SET_FROM(view, record, lead_agent);
    SET_FROM(view, record, next_review_day);
    SET_FROM(view, record, watch_until_day);
    SET_FROM(view, record, blocked_by);
    SET_FROM(view, record, closed_day);
    view->closing_motive = record->closing_motive;
    view->closing_result = record->closing_result;
    SET_FROM(view, record, erase_due_day);
    SET(view, erased, record->erased || record->erasure_ordered);
    SET(view, review_overdue, view_review_is_overdue(act, record));
    SET(view, silent, view_is_silent(act, record, act->today));
    SET(view, not_informed, view_is_not_informed(act, record, act->today));
    SET_FROM(view, record, informed_day);
    view->informed_means = record->informed_means;
    SET_FROM(view, record, informed_by);
    SET_FROM(view, record, inform_until_day);
    SET_FROM(view, record, last_entry_day);
    SET(view, entry_count, record->entry_count);
    if (record->restricted) {
        SET(view, restricted, 1);
        SET_FROM(view, record, restricted_day);
    }
    view->n_saisines = record->n_saisines;
    view->saisines = record->saisines;
}

Ctps__SituationView *view_situation_facts(struct act *act, const Ctps__SituationRecord *record)
{
    const Ctps__SituationOpened *opened = record->opened;
    Ctps__SituationView *view = act_alloc(act, sizeof(*view));

    ctps__situation_view__init(view);
    SET(view, id, opened->id);
    view->reference = opened->reference;
    view->territory = record->territory;
    view->district = opened->district;
    view->nature = opened->nature;
    view->n_motives = opened->n_motives;
    view->motives = opened->motives;
    view->origin = opened->origin;
    view->urgency = opened->urgency;
    view->term = opened->term;
    SET_FROM(view, opened, opened_day);
    view->age_band = opened->age_band;
    view->sex = opened->sex;
    view->n_warnings = opened->n_warnings;
    view->warnings = opened->warnings;
    situation_course(act, record, view);
    merged_name(act, record, view);
    return view;
}

static void persons_open(struct act *act, enum sealed_field field,
                         Ctps__StoredPerson *const *persons, size_t n_persons,
                         Ctps__Person ***list, size_t *count)
{
    size_t had = *count;
    Ctps__Person **grown = act_alloc(act, (had + n_persons + 1) * sizeof(Ctps__Person *));

    if (!grown)
        return;
    if (had)
        memcpy(grown, *list, had * sizeof(Ctps__Person *));
    *list = grown;
    for (size_t i = 0; i < n_persons; i++) {
        const Ctps__StoredPerson *stored = persons[i];
        Ctps__Person *person = act_alloc(act, sizeof(*person));

        ctps__person__init(person);
        SET(person, id, stored->id);
        person->role = stored->role;
        person->identity = (Ctps__Identity *)act_unseal(act, stored->identity, field,
                                                        &ctps__identity__descriptor);
        if (person->identity) {
            person->sex = person->identity->sex;
            person->identity->sex = NULL;
        }
        grown[(*count)++] = person;
        act_object_read(act, stored->id);
    }
}

struct timeline {
    struct act *act;
    const struct view_parts *parts;
    Ctps__SituationView *view;
    char *merged_from; /* reference of the situation walked, unless it is the one shown */
};

static void entry_open(struct act *act, const Ctps__SituationEntryAdded *entry,
                       Ctps__EntryView *view)
{
    Ctps__EntryContent *content = (Ctps__EntryContent *)act_unseal(
        act, entry->content, SEALED_ENTRY_CONTENT, &ctps__entry_content__descriptor);

    SET_FROM(view, entry, id);
    view->kind = entry->kind;
    SET_FROM(view, entry, day);
    SET_FROM(view, entry, author);
    SET_FROM(view, entry, partner);
    view->result = entry->result;
    SET_FROM(view, entry, representatives_present);
    SET_FROM(view, entry, transmitted_us);
    SET_FROM(view, entry, mayor_informed);
    view->oriented_to = entry->oriented_to;
    SET_FROM(view, entry, version);
    SET_FROM(view, entry, cancelled);
    if (!content)
        return;
    view->text = content->text;
    view->representatives_absent_why = content->representatives_absent_why;
    act_object_read(act, entry->id);
}

/* As it read before a correction. */
static void past_open(struct act *act, const Ctps__EntryPastRecord *past, Ctps__EntryView *view)
{
    Ctps__EntryContent *before = (Ctps__EntryContent *)act_unseal(
        act, past->before, SEALED_ENTRY_BEFORE, &ctps__entry_content__descriptor);
    Ctps__EntryContent *why = (Ctps__EntryContent *)act_unseal(
        act, past->why, SEALED_CORRECTION_WHY, &ctps__entry_content__descriptor);

    entry_open(act, past->version, view);
    SET(view, version, past->version->version);
    SET(view, replaced, 1);
    SET_FROM(view, past, corrected_day);
    if (past->has_by_agent)
        SET(view, corrected_by, past->by_agent);
    if (before) {
        view->text = before->text;
        view->representatives_absent_why = before->representatives_absent_why;
    }
    if (why)
        view->why = why->text;
}

static bool past_row(void *arg, struct bytes key, struct bytes value)
{
    struct timeline *timeline = arg;
    struct act *act = timeline->act;
    Ctps__EntryPastRecord *past = (Ctps__EntryPastRecord *)record_unpack(
        act->arena, &ctps__entry_past_record__descriptor, value);
    Ctps__EntryView *view = act_alloc(act, sizeof(*view));

    (void)key;
    if (!past || !past->version)
        return true;
    ctps__entry_view__init(view);
    past_open(act, past, view);
    view->merged_from = timeline->merged_from;
    timeline->view->entries[timeline->view->n_entries++] = view;
    return timeline->view->n_entries < ENTRIES_MAX;
}

static void versions_walk(struct timeline *timeline, uint64_t situation, uint64_t entry)
{
    struct table_key prefix = table_key_of_two(situation, entry);
    const struct tables *tables = timeline->act->tables;

    tables->walk(tables->ctx, TABLE_ENTRY_PAST, table_key_bytes(&prefix), bytes_of(NULL, 0),
                 true, past_row, timeline);
}

static bool timeline_row(void *arg, struct bytes key, struct bytes value)
{
    struct timeline *timeline = arg;
    struct act *act = timeline->act;
    Ctps__SituationEntryAdded *entry = (Ctps__SituationEntryAdded *)record_unpack(
        act->arena, &ctps__situation_entry_added__descriptor, value);
    Ctps__EntryView *view;

    (void)key;
    if (!entry) {
        act->exhausted = true;
        return false;
    }
    if (!timeline->parts->entry(timeline->parts->arg, entry->id))
        return true;
    view = act_alloc(act, sizeof(*view));
    ctps__entry_view__init(view);
    entry_open(act, entry, view);
    view->merged_from = timeline->merged_from;
    timeline->view->entries[timeline->view->n_entries++] = view;
    if (entry->version && timeline->view->n_entries < ENTRIES_MAX)
        versions_walk(timeline, entry->situation, entry->id);
    return timeline->view->n_entries < ENTRIES_MAX;
}

static void timeline_walk(struct timeline *timeline, uint64_t situation)
{
    struct table_key prefix = table_key_of_u64(situation);
    const struct tables *tables = timeline->act->tables;

    if (timeline->view->n_entries < ENTRIES_MAX)
        tables->walk(tables->ctx, TABLE_ENTRY, table_key_bytes(&prefix), bytes_of(NULL, 0),
                     true, timeline_row, timeline);
}

static int newest_first(const void *a, const void *b)
{
    const Ctps__EntryView *one = *(Ctps__EntryView *const *)a;
    const Ctps__EntryView *two = *(Ctps__EntryView *const *)b;

    if (one->id == two->id)
        return (one->version < two->version) - (one->version > two->version);
    return one->id < two->id ? 1 : -1;
}

/* What was written for situations that ended in this one stands among its own. */
static void timeline_open(struct act *act, const Ctps__SituationRecord *record,
                          const struct view_parts *parts, Ctps__SituationView *view)
{
    struct timeline timeline = {act, parts, view, NULL};

    view->entries = act_alloc(act, ENTRIES_MAX * sizeof(Ctps__EntryView *));
    if (!view->entries)
        return;
    timeline_walk(&timeline, record->opened->id);
    for (size_t i = 0; i < record->n_merged; i++) {
        timeline.merged_from = reference_of(act, record->merged[i]);
        act_object_read(act, record->merged[i]);
        timeline_walk(&timeline, record->merged[i]);
    }
    if (record->n_merged)
        qsort(view->entries, view->n_entries, sizeof(Ctps__EntryView *), newest_first);
}

static void content_open(struct act *act, const Ctps__SituationRecord *record,
                         Ctps__SituationView *view)
{
    Ctps__SituationContent *content = (Ctps__SituationContent *)act_unseal(
        act, record->opened->content, SEALED_SITUATION_CONTENT,
        &ctps__situation_content__descriptor);

    if (!content)
        return;
    view->title = content->title;
    view->text = content->text;
    view->place = content->place;
}

static void blocked_open(struct act *act, const Ctps__SituationRecord *record,
                         Ctps__SituationView *view)
{
    Ctps__EntryContent *blocked = (Ctps__EntryContent *)act_unseal(
        act, record->blocked_what, SEALED_BLOCKED_WHAT, &ctps__entry_content__descriptor);
    Ctps__EntryContent *closed = (Ctps__EntryContent *)act_unseal(
        act, record->closing_text, SEALED_CLOSING_TEXT, &ctps__entry_content__descriptor);

    Ctps__EntryContent *restricted =
        record->restricted ? (Ctps__EntryContent *)act_unseal(act, record->restriction_reason,
                                                              SEALED_RESTRICTION_REASON,
                                                              &ctps__entry_content__descriptor)
                           : NULL;

    if (restricted)
        view->restriction_reason = restricted->text;
    if (blocked)
        view->blocked_what = blocked->text;
    if (closed)
        view->closing_text = closed->text;
}

/* Text and place of a situation are those of its first saisine until it has its own. */
static void saisine_content_open(struct act *act, const Ctps__SaisineRecord *saisine,
                                 Ctps__SituationView *view)
{
    Ctps__SaisineContent *content = (Ctps__SaisineContent *)act_unseal(
        act, saisine->received->content, SEALED_SAISINE_CONTENT,
        &ctps__saisine_content__descriptor);

    if (!content)
        return;
    if (!view->text)
        view->text = content->text;
    if (!view->place)
        view->place = content->place;
}

void view_situation_parts(struct act *act, const Ctps__SituationRecord *record,
                          const struct view_parts *parts, Ctps__SituationView *view)
{
    act_object_read(act, record->opened->id);
    if (parts->summary)
        content_open(act, record, view);
    for (size_t i = 0; i < record->n_saisines; i++) {
        Ctps__SaisineRecord *saisine =
            record_saisine(act->tables, act->arena, record->saisines[i]);

        if (!saisine)
            continue;
        act_object_read(act, record->saisines[i]);
        if (parts->summary)
            saisine_content_open(act, saisine, view);
        if (parts->identity)
            persons_open(act, SEALED_PERSON_IDENTITY, saisine->received->persons,
                         saisine->received->n_persons, &view->persons, &view->n_persons);
    }
    if (parts->identity)
        persons_open(act, SEALED_PERSON_ADDED, record->persons, record->n_persons,
                     &view->persons, &view->n_persons);
    if (parts->entry)
        timeline_open(act, record, parts, view);
}

static bool is_any(void *arg, uint64_t id)
{
    (void)arg;
    (void)id;
    return true;
}

void view_situation_open(struct act *act, const Ctps__SituationRecord *record,
                         Ctps__SituationView *view)
{
    const struct view_parts all = {.identity = true, .summary = true, .entry = is_any};

    view_situation_parts(act, record, &all, view);
    blocked_open(act, record, view);
    view_course_open(act, record, view);
}

void view_situation_names(struct act *act, const Ctps__SituationRecord *record,
                          Ctps__SituationView *view)
{
    Ctps__SituationContent *content = (Ctps__SituationContent *)act_unseal(
        act, record->opened->content, SEALED_SITUATION_CONTENT,
        &ctps__situation_content__descriptor);

    act_object_read(act, record->opened->id);
    if (content)
        view->title = content->title;
    for (size_t i = 0; i < record->n_saisines; i++) {
        Ctps__SaisineRecord *saisine =
            record_saisine(act->tables, act->arena, record->saisines[i]);

        if (!saisine)
            continue;
        act_object_read(act, record->saisines[i]);
        persons_open(act, SEALED_PERSON_IDENTITY, saisine->received->persons,
                     saisine->received->n_persons, &view->persons, &view->n_persons);
    }
    persons_open(act, SEALED_PERSON_ADDED, record->persons, record->n_persons, &view->persons,
                 &view->n_persons);
}

static int32_t answer_due_day(const struct act *act, const Ctps__SaisineRecord *record)
{
    return civil_add_working_days(&act->settings->holidays, record->received->received_day,
                                  act->settings->answer_working_days);
}

bool view_saisine_is_overdue(const struct act *act, const Ctps__SaisineRecord *record)
{
    return strcmp(or_empty(record->status), SAISINE_RECEIVED) == 0 &&
           answer_due_day(act, record) < act->today;
}

Ctps__SaisineView *view_saisine_state(struct act *act, const Ctps__SaisineRecord *record)
{
    Ctps__SaisineView *view = act_alloc(act, sizeof(*view));

    ctps__saisine_view__init(view);
    SET(view, id, record->received->id);
    view->number = record->received->number;
    view->status = record->status;
    SET_FROM(view, record->received, received_day);
    return view;
}

Ctps__SaisineView *view_saisine_facts(struct act *act, const Ctps__SaisineRecord *record)
{
    const Ctps__SaisineReceived *received = record->received;
    Ctps__SaisineView *view = act_alloc(act, sizeof(*view));

    ctps__saisine_view__init(view);
    SET(view, id, received->id);
    view->number = received->number;
    view->status = record->status;
    SET_FROM(view, received, received_day);
    view->channel = received->channel;
    view->origin = received->origin;
    SET_FROM(view, received, referrer_partner);
    view->territory = received->territory;
    view->district = received->district;
    view->nature = received->nature;
    view->n_motives = received->n_motives;
    view->motives = received->motives;
    view->urgency = received->urgency;
    SET_FROM(view, record, situation);
    view->decline_motive = record->declined ? record->declined->motive : NULL;
    if (record->redirected) {
        SET(view, redirect_partner, record->redirected->partner);
        view->redirect_motive = record->redirected->motive;
    }
    SET(view, overdue, view_saisine_is_overdue(act, record));
    SET(view, answer_due_day, answer_due_day(act, record));
    SET_FROM(view, received, typed_by);
    return view;
}

void view_saisine_open(struct act *act, const Ctps__SaisineRecord *record,
                       Ctps__SaisineView *view)
{
    Ctps__SaisineContent *content = (Ctps__SaisineContent *)act_unseal(
        act, record->received->content, SEALED_SAISINE_CONTENT,
        &ctps__saisine_content__descriptor);
    Ctps__EntryContent *declined = NULL;
    Ctps__EntryContent *redirected = NULL;

    act_object_read(act, record->received->id);
    view_duplicates_open(act, record->received->id, view);
    if (content) {
        view->referrer = content->referrer;
        view->text = content->text;
        view->place = content->place;
    }
    persons_open(act, SEALED_PERSON_IDENTITY, record->received->persons,
                 record->received->n_persons, &view->persons, &view->n_persons);
    if (record->declined)
        declined = (Ctps__EntryContent *)act_unseal(
            act, record->declined->text, SEALED_DECLINE_TEXT, &ctps__entry_content__descriptor);
    if (declined)
        view->decline_text = declined->text;
    if (record->redirected)
        redirected = (Ctps__EntryContent *)act_unseal(act, record->redirected->text,
                                                      SEALED_REDIRECT_TEXT,
                                                      &ctps__entry_content__descriptor);
    if (redirected)
        view->redirect_text = redirected->text;
}
