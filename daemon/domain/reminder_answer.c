/* What may have to be reminded of, in pages: each thing that runs out, its day, who has to do
 * with it. Rows are found by what is open or by their day; nothing closed long ago is walked
 * over. The plugin keeps what it was told and asks again for what events name, so that a page
 * costs its rows and time passing costs nothing. */
#include "base/civil.h"
#include "base/zone.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/decision.h"
#include "domain/minutes.h"
#include "domain/people.h"
#include "domain/record.h"
#include "domain/reminder.h"
#include "domain/rights.h"
#include "domain/view_fill.h"

enum {
    ROWS_DEFAULT = 200,
    ROWS_MOST = 500,
    SUBJECTS_PER_ROW = 3, /* a situation: review, silence, information */
    OBJECTS_MOST = 64,
    DAYS_MOST = 800,
};

/* Pages go through these tables, in this order; the position is the section's number and the
 * key of the last row looked at. */
enum section {
    SECTION_OPEN,
    SECTION_ERASURES,
    SECTION_MEETINGS,
    SECTION_DECISIONS,
    SECTION_RIGHTS,
    SECTION_AGENTS,
    SECTION_CONTACTS,
    SECTION_COUNT
};

struct reminder {
    struct act *act;
    Ctps__ReminderSubjectsAnswer *answer;
    int32_t from_day, to_day;
    size_t left; /* rows that may still be looked at */
    struct table_key last;
    bool stopped; /* within a section: `last` is where */
};

void authorise_reminder_subjects(struct act *act)
{
    act_judge_plain(act, ACTION_REMINDER_READ);
}

static Ctps__ReminderSubject *subject_add(struct reminder *reminder, const char *kind,
                                          Ctps__ObjectKind object_kind, uint64_t object,
                                          int32_t day)
{
    Ctps__ReminderSubject *subject = act_alloc(reminder->act, sizeof(*subject));

    ctps__reminder_subject__init(subject);
    subject->kind = act_text(reminder->act, kind);
    SET(subject, object_kind, object_kind);
    SET(subject, object, object);
    SET(subject, day, day);
    reminder->answer->subjects[reminder->answer->n_subjects++] = subject;
    return subject;
}

/* --- what each object makes --- */

static void saisine_subject(struct reminder *reminder, uint64_t id)
{
    struct act *act = reminder->act;
    const Ctps__SaisineRecord *record = record_saisine(act->tables, act->arena, id);
    const Ctps__SaisineReceived *received = record ? record->received : NULL;
    Ctps__ReminderSubject *subject;

    if (!received || strcmp(or_empty(record->status), SAISINE_RECEIVED) != 0 ||
        record->erased || record->erasure_ordered || record->restricted)
        return;
    subject =
        subject_add(reminder, REMINDER_SAISINE, CTPS__OBJECT_KIND__OBJECT_SAISINE, id,
                    civil_add_working_days(&act->settings->holidays, received->received_day,
                                           act->settings->answer_working_days));
    subject->territory = received->territory;
    if (received->has_typed_us)
        SET(subject, known_us, received->typed_us);
}

static void situation_add(struct reminder *reminder, const Ctps__SituationRecord *record,
                          const char *kind, int32_t day)
{
    Ctps__ReminderSubject *subject = subject_add(
        reminder, kind, CTPS__OBJECT_KIND__OBJECT_SITUATION, record->opened->id, day);

    subject->territory = record->territory;
    SET_FROM(subject, record, known_us);
    if (record->lead_agent)
        SET(subject, agent, record->lead_agent);
}

static bool wants_information(const Ctps__SituationRecord *record)
{
    return !record->has_informed_day &&
           strcmp(or_empty(record->opened->nature), "collective") != 0;
}

static void open_situation_subjects(struct reminder *reminder,
                                    const Ctps__SituationRecord *record)
{
    struct act *act = reminder->act;

    if (record->has_next_review_day)
        situation_add(reminder, record, REMINDER_REVIEW, record->next_review_day);
    if (record->has_last_entry_day)
        situation_add(reminder, record, REMINDER_SILENT,
                      record->last_entry_day + act->settings->silent_days);
    if (wants_information(record))
        situation_add(reminder, record, REMINDER_NOT_INFORMED, view_inform_day(act, record));
}

static void erasure_subject(struct reminder *reminder, const Ctps__SituationRecord *record)
{
    Ctps__ReminderSubject *subject;

    if (!record->has_erase_announced_day || !record->has_erase_due_day)
        return;
    situation_add(reminder, record, REMINDER_ERASURE, record->erase_due_day);
    subject = reminder->answer->subjects[reminder->answer->n_subjects - 1];
    subject->has_known_us = 0;
    SET(subject, known_day, record->erase_announced_day);
}

/* Under restriction nothing is done with it (GDPR art. 18): nothing to be reminded of. */
static void situation_subjects(struct reminder *reminder, uint64_t id)
{
    struct act *act = reminder->act;
    const Ctps__SituationRecord *record = record_situation(act->tables, act->arena, id);

    if (!record || record->erased || record->erasure_ordered || record->restricted ||
        record->merged_into)
        return;
    if (record->has_closed_day)
        erasure_subject(reminder, record);
    else
        open_situation_subjects(reminder, record);
}

static void invited_fill(struct act *act, const Ctps__MeetingScheduled *scheduled,
                         Ctps__ReminderSubject *subject)
{
    subject->agents = arena_alloc(act->arena, (scheduled->n_invited + 1) * sizeof(uint64_t));
    subject->contacts = arena_alloc(act->arena, (scheduled->n_invited + 1) * sizeof(uint64_t));
    if (!subject->agents || !subject->contacts) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < scheduled->n_invited; i++)
        if (scheduled->invited[i]->walk_in)
            continue;
        else if (scheduled->invited[i]->agent)
            subject->agents[subject->n_agents++] = scheduled->invited[i]->agent;
        else if (scheduled->invited[i]->contact)
            subject->contacts[subject->n_contacts++] = scheduled->invited[i]->contact;
}

static Ctps__ReminderSubject *meeting_add(struct reminder *reminder,
                                          const Ctps__MeetingScheduled *scheduled,
                                          const char *kind, int32_t day)
{
    Ctps__ReminderSubject *subject =
        subject_add(reminder, kind, CTPS__OBJECT_KIND__OBJECT_MEETING, scheduled->id, day);

    subject->territory = scheduled->territory;
    subject->instance = scheduled->instance;
    if (scheduled->chair)
        SET(subject, agent, scheduled->chair);
    return subject;
}

static void meeting_subjects(struct reminder *reminder, uint64_t id)
{
    struct act *act = reminder->act;
    const Ctps__MeetingRecord *record = record_meeting(act->tables, act->arena, id);
    const Ctps__MeetingScheduled *scheduled = record ? record->scheduled : NULL;
    const Ctps__MinutesRecord *first;
    const Ctps__Instance *instance;
    Ctps__ReminderSubject *subject;

    if (!scheduled || scheduled->history ||
        strcmp(or_empty(record->state), MEETING_CANCELLED) == 0)
        return;
    /* One that was held too: a reminder that was missed is to be known. */
    subject = meeting_add(reminder, scheduled, REMINDER_MEETING, scheduled->day);
    SET(subject, minute, scheduled->minute);
    SET(subject, start_us,
        zone_instant_of(scheduled->day, (int32_t)scheduled->minute * 60, NULL));
    SET_FROM(subject, record, known_us);
    invited_fill(act, scheduled, subject);
    instance = record_instance(act->tables, act->arena, or_empty(scheduled->instance));
    if (instance) {
        subject->n_lead_hours = instance->n_lead_hours;
        subject->lead_hours = instance->lead_hours;
    }
    if (strcmp(or_empty(record->state), MEETING_HELD) != 0)
        return;
    first = minutes_record(act->tables, act->arena, id, 1);
    if (!first || !first->n_distributed)
        meeting_add(reminder, scheduled, REMINDER_MINUTES,
                    minutes_due_day(act, scheduled->day));
}

static bool is_restricted(const struct act *act, uint64_t id)
{
    const Ctps__SituationRecord *situation =
        id ? record_situation(act->tables, act->arena, id) : NULL;

    return situation && situation->restricted;
}

static void decision_subject(struct reminder *reminder, uint64_t id)
{
    struct act *act = reminder->act;
    const Ctps__DecisionRecord *record = decision_record(act->tables, act->arena, id);
    Ctps__ReminderSubject *subject;

    if (!record || !record->taken || record->completed ||
        is_restricted(act, record->taken->situation))
        return;
    subject = subject_add(reminder, REMINDER_DECISION, CTPS__OBJECT_KIND__OBJECT_DECISION, id,
                          record->taken->due_day);
    subject->territory = record->taken->territory;
    SET_FROM(subject, record, known_us);
    if (record->taken->agent)
        SET(subject, agent, record->taken->agent);
    if (record->taken->contact)
        SET(subject, contact, record->taken->contact);
}

static void rights_subject(struct reminder *reminder, uint64_t id)
{
    struct act *act = reminder->act;
    const Ctps__RightsRecord *record = rights_record(act->tables, act->arena, id);
    Ctps__ReminderSubject *subject;

    if (!record || !record->opened || record->answered)
        return;
    subject = subject_add(reminder, REMINDER_RIGHTS, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST,
                          id, record->due_day);
    subject->territory = record->opened->territory;
}

static void agent_subject(struct reminder *reminder, uint64_t id)
{
    struct act *act = reminder->act;
    Ctps__ReminderSubject *subject;
    int32_t last;

    if (!habilitation_ends(act, id, &last))
        return;
    subject =
        subject_add(reminder, REMINDER_HABILITATION, CTPS__OBJECT_KIND__OBJECT_AGENT, id, last);
    SET(subject, agent, id);
}

static void contact_subject(struct reminder *reminder, uint64_t id)
{
    struct act *act = reminder->act;
    const Ctps__Contact *contact =
        (Ctps__Contact *)record_get(act->tables, TABLE_CONTACT, table_key_of_u64(id),
                                    act->arena, &ctps__contact__descriptor);
    Ctps__ReminderSubject *subject;

    /* One that ran out too, unless another version is wanted now. */
    if (!contact || contact->inactive || !contact->has_charter_day ||
        strcmp(or_empty(contact->charter_version), act->settings->charter_version) != 0)
        return;
    subject = subject_add(reminder, REMINDER_CHARTER, CTPS__OBJECT_KIND__OBJECT_CONTACT, id,
                          charter_last_day(contact->charter_day, act->settings));
    SET(subject, contact, id);
}

typedef void subjects_of(struct reminder *reminder, uint64_t id);

static subjects_of *subjects_find(Ctps__ObjectKind kind)
{
    static const struct {
        Ctps__ObjectKind kind;
        subjects_of *make;
    } rows[] = {
        {CTPS__OBJECT_KIND__OBJECT_SAISINE, saisine_subject},
        {CTPS__OBJECT_KIND__OBJECT_SITUATION, situation_subjects},
        {CTPS__OBJECT_KIND__OBJECT_MEETING, meeting_subjects},
        {CTPS__OBJECT_KIND__OBJECT_DECISION, decision_subject},
        {CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST, rights_subject},
        {CTPS__OBJECT_KIND__OBJECT_AGENT, agent_subject},
        {CTPS__OBJECT_KIND__OBJECT_CONTACT, contact_subject},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].kind == kind)
            return rows[i].make;
    return NULL;
}

/* --- pages --- */

/* Notes the row; false when the page is full and it is for the next one. */
static bool row_take(struct reminder *reminder, struct bytes key)
{
    if (reminder->left == 0 || reminder->act->exhausted) {
        reminder->stopped = true;
        return false;
    }
    reminder->left--;
    table_key_init(&reminder->last);
    table_key_add_bytes(&reminder->last, key);
    return true;
}

static uint64_t id_of(struct bytes key)
{
    return key.len >= 8 ? be64_get(key.data + key.len - 8) : 0;
}

static int32_t day_of(struct bytes key)
{
    return key.len >= 4 ? (int32_t)(be32_get(key.data) ^ UINT32_C(0x80000000)) : INT32_MAX;
}

/* A saisine or a situation: the kind stands before the id. */
static bool open_row(void *arg, struct bytes key, struct bytes value)
{
    struct reminder *reminder = arg;
    subjects_of *make = key.len >= 12
                            ? subjects_find((Ctps__ObjectKind)be32_get(key.data + key.len - 12))
                            : NULL;

    (void)value;
    if (!row_take(reminder, key))
        return false;
    if (make)
        make(reminder, id_of(key));
    return true;
}

static bool erasure_row(void *arg, struct bytes key, struct bytes value)
{
    struct reminder *reminder = arg;

    if (day_of(key) > reminder->to_day)
        return false;
    if (!row_take(reminder, key))
        return false;
    if (value.len == 1 && value.data[0] == CTPS__OBJECT_KIND__OBJECT_SITUATION)
        situation_subjects(reminder, id_of(key));
    return true;
}

static bool meeting_row(void *arg, struct bytes key, struct bytes value)
{
    struct reminder *reminder = arg;

    (void)value;
    if (day_of(key) > reminder->to_day || !row_take(reminder, key))
        return false;
    meeting_subjects(reminder, id_of(key));
    return true;
}

#define PLAIN_ROW(name, make)                                                                  \
    static bool name(void *arg, struct bytes key, struct bytes value)                          \
    {                                                                                          \
        struct reminder *reminder = arg;                                                       \
                                                                                               \
        (void)value;                                                                           \
        if (!row_take(reminder, key))                                                          \
            return false;                                                                      \
        make(reminder, id_of(key));                                                            \
        return true;                                                                           \
    }

PLAIN_ROW(decision_row, decision_subject)
PLAIN_ROW(rights_row, rights_subject)
PLAIN_ROW(agent_row, agent_subject)
PLAIN_ROW(contact_row, contact_subject)

static const struct {
    enum table table;
    tables_each *each;
} sections[SECTION_COUNT] = {
    [SECTION_OPEN] = {TABLE_OPEN, open_row},
    [SECTION_ERASURES] = {TABLE_DUE, erasure_row},
    [SECTION_MEETINGS] = {TABLE_MEETING_DAY, meeting_row},
    [SECTION_DECISIONS] = {TABLE_DECISION_OPEN, decision_row},
    [SECTION_RIGHTS] = {TABLE_RIGHTS, rights_row},
    [SECTION_AGENTS] = {TABLE_AGENT, agent_row},
    [SECTION_CONTACTS] = {TABLE_CONTACT, contact_row},
};

static struct table_key section_begin(const struct reminder *reminder, size_t section)
{
    struct table_key key = {0};

    if (section == SECTION_MEETINGS)
        table_key_add_day(&key, reminder->from_day);
    return key;
}

static void next_set(struct reminder *reminder, size_t section)
{
    uint8_t *data = arena_alloc(reminder->act->arena, reminder->last.len + 1);

    if (!data) {
        reminder->act->exhausted = true;
        return;
    }
    data[0] = (uint8_t)section;
    memcpy(data + 1, reminder->last.data, reminder->last.len);
    reminder->answer->has_next = 1;
    reminder->answer->next = (ProtobufCBinaryData){reminder->last.len + 1, data};
}

static void pages_walk(struct reminder *reminder, const ProtobufCBinaryData *position)
{
    struct act *act = reminder->act;
    size_t section = position->len ? position->data[0] : 0;
    struct table_key after = section_begin(reminder, section);

    if (position->len > 1) {
        table_key_init(&after);
        table_key_add_bytes(&after, bytes_of(position->data + 1, position->len - 1));
    }
    for (; section < SECTION_COUNT; section++) {
        reminder->last = after;
        act->tables->walk(act->tables->ctx, sections[section].table, bytes_of(NULL, 0),
                          table_key_bytes(&after), false, sections[section].each, reminder);
        if (reminder->stopped) {
            next_set(reminder, section);
            return;
        }
        after = section_begin(reminder, section + 1);
    }
}

static void objects_walk(struct reminder *reminder, const Ctps__ReminderSubjects *in)
{
    for (size_t i = 0; i < in->n_objects; i++) {
        subjects_of *make = subjects_find(in->objects[i]->kind);

        if (make)
            make(reminder, in->objects[i]->id);
    }
}

/* --- the answer --- */

static bool span_check(struct act *act, const Ctps__ReminderSubjects *in)
{
    if (!check_day(act, in->has_from_day, in->from_day, "from_day") ||
        !check_day(act, in->has_to_day, in->to_day, "to_day"))
        return false;
    if (in->to_day >= in->from_day && in->to_day - in->from_day <= DAYS_MOST)
        return true;
    act_refuse(act, REFUSAL_FIELD_RANGE, "to_day");
    return false;
}

void answer_reminder_subjects(struct act *act)
{
    const Ctps__ReminderSubjects *in = act->request->reminder_subjects;
    struct reminder reminder = {.act = act, .from_day = in->from_day, .to_day = in->to_day};
    size_t most = in->limit ? in->limit : ROWS_DEFAULT;

    if (!span_check(act, in))
        return;
    reminder.left = most < ROWS_MOST ? most : ROWS_MOST;
    reminder.answer = act_alloc(act, sizeof(*reminder.answer));
    ctps__reminder_subjects_answer__init(reminder.answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_REMINDER_SUBJECTS_ANSWER;
    act->reply->reminder_subjects_answer = reminder.answer;
    reminder.answer->subjects =
        arena_alloc(act->arena, (reminder.left + OBJECTS_MOST) * SUBJECTS_PER_ROW *
                                    sizeof(Ctps__ReminderSubject *));
    if (!reminder.answer->subjects) {
        act->exhausted = true;
        return;
    }
    if (in->n_objects)
        objects_walk(&reminder, in);
    else
        pages_walk(&reminder, &in->after);
    if (in->n_objects || !in->after.len) {
        reminder_calendar_fill(act, reminder.answer, in->from_day, in->to_day);
        reminder_teams_fill(act, reminder.answer);
    }
}
