/* The rows: one for each sealed field (docs/sealing.md, "A new sealed field"). */
#include "domain/box.h"
#include "domain/minutes.h"

#define TYPE(name) &ctps__##name##__descriptor

static void find_meetings(const struct box_search *search, enum table table, box_key *each,
                          void *arg)
{
    (void)table;
    box_find_indexed(search, TABLE_MEETING_SITUATION, each, arg);
}

static void find_shares(const struct box_search *search, enum table table, box_key *each,
                        void *arg)
{
    (void)table;
    box_find_indexed(search, TABLE_SHARE_SITUATION, each, arg);
}

static void find_uses(const struct box_search *search, enum table table, box_key *each,
                      void *arg)
{
    (void)table;
    box_find_indexed(search, TABLE_GLASS_SITUATION, each, arg);
}

static void find_decisions(const struct box_search *search, enum table table, box_key *each,
                           void *arg)
{
    (void)table;
    box_find_indexed(search, TABLE_DECISION_OF, each, arg);
}

struct minutes_keys {
    const struct box_search *search;
    box_key *each;
    void *arg;
};

static void minutes_of(void *arg, const struct table_key *meeting)
{
    const struct minutes_keys *keys = arg;
    const Ctps__MinutesRecord *newest =
        minutes_newest(keys->search->tables, keys->search->arena, be64_get(meeting->data));

    for (uint32_t version = newest ? newest->drafted->version : 0; version; version--) {
        struct table_key key = *meeting;

        table_key_add_u32(&key, version);
        keys->each(keys->arg, &key);
    }
}

/* Each version of the minutes of each meeting that had it on its agenda. */
static void find_minutes(const struct box_search *search, enum table table, box_key *each,
                         void *arg)
{
    struct minutes_keys keys = {search, each, arg};

    (void)table;
    box_find_indexed(search, TABLE_MEETING_SITUATION, minutes_of, &keys);
}

/* Pairs are kept both ways round. */
static void find_pairs(const struct box_search *search, enum table table, box_key *each,
                       void *arg)
{
    for (size_t i = 0; i < search->situation->n_saisines; i++)
        box_find_pairs(search, table, search->situation->saisines[i], each, arg);
}

static const struct box_row rows[] = {
    {SEALED_SAISINE_CONTENT,
     "saisine.text",
     TABLE_SAISINE,
     TYPE(saisine_record),
     "received.content",
     TYPE(saisine_content),
     BOX_OF_SAISINE,
     box_find_saisines,
     {NULL}},
    {SEALED_PERSON_IDENTITY,
     "person",
     TABLE_SAISINE,
     TYPE(saisine_record),
     "received.persons.identity",
     TYPE(identity),
     BOX_OF_PERSON,
     box_find_saisines,
     {NULL}},
    {SEALED_SITUATION_CONTENT,
     "situation.text",
     TABLE_SITUATION,
     TYPE(situation_record),
     "opened.content",
     TYPE(situation_content),
     BOX_OF_SITUATION,
     box_find_situation,
     {"SituationUpdated.content"}},
    {SEALED_ENTRY_CONTENT,
     "entry.text",
     TABLE_ENTRY,
     TYPE(situation_entry_added),
     "content",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_under,
     {NULL}},
    {SEALED_BLOCKED_WHAT,
     "situation.blocked",
     TABLE_SITUATION,
     TYPE(situation_record),
     "blocked_what",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_situation,
     {"SituationStatusChanged.blocked_what"}},
    {SEALED_DECLINE_TEXT,
     "saisine.decline",
     TABLE_SAISINE,
     TYPE(saisine_record),
     "declined.text",
     TYPE(entry_content),
     BOX_OF_SAISINE,
     box_find_saisines,
     {NULL}},
    {SEALED_CLOSING_TEXT,
     "situation.closing",
     TABLE_SITUATION,
     TYPE(situation_record),
     "closing_text",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_situation,
     {"SituationClosed.text"}},

    /* saisine */
    {SEALED_REDIRECT_TEXT,
     "saisine.redirect",
     TABLE_SAISINE,
     TYPE(saisine_record),
     "redirected.text",
     TYPE(entry_content),
     BOX_OF_SAISINE,
     box_find_saisines,
     {NULL}},
    {SEALED_DUPLICATE_TEXT,
     "duplicate.text",
     TABLE_DUPLICATE,
     TYPE(duplicate_record),
     "decided.text",
     TYPE(entry_content),
     BOX_ALONE,
     find_pairs,
     {NULL}},

    /* situation */
    {SEALED_COURSE_TEXT,
     "situation.course",
     TABLE_SITUATION,
     TYPE(situation_record),
     "course.text",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_situation,
     {"SituationTransferred.text", "SituationReopened.text", "SituationInformed.why",
      "SituationUnmerged.text", "SaisineDetached.text"}},
    {SEALED_ENTRY_BEFORE,
     "entry.before",
     TABLE_ENTRY_PAST,
     TYPE(entry_past_record),
     "before",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_under,
     {"SituationEntryCorrected.before"}},
    {SEALED_CORRECTION_WHY,
     "entry.why",
     TABLE_ENTRY_PAST,
     TYPE(entry_past_record),
     "why",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_under,
     {"SituationEntryCorrected.why"}},
    {SEALED_PERSON_ADDED,
     "person.added",
     TABLE_SITUATION,
     TYPE(situation_record),
     "persons.identity",
     TYPE(identity),
     BOX_OF_PERSON,
     box_find_situation,
     {NULL}},

    /* erasure and rights */
    {SEALED_RESTRICTION_REASON,
     "restriction.reason",
     TABLE_SITUATION,
     TYPE(situation_record),
     "restriction_reason",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_situation,
     {"SituationRestricted.reason"}},
    {SEALED_LIFT_REASON,
     "restriction.lifted",
     TABLE_SITUATION,
     TYPE(situation_record),
     "lift_reason",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     box_find_situation,
     {"SituationRestrictionLifted.reason"}},

    {SEALED_RIGHTS_REQUESTER,
     "rights.requester",
     TABLE_RIGHTS,
     TYPE(rights_record),
     "opened.requester",
     TYPE(rights_requester),
     BOX_OF_ITSELF,
     NULL,
     {NULL}},
    {SEALED_RIGHTS_REASON,
     "rights.reason",
     TABLE_RIGHTS,
     TYPE(rights_record),
     "extended.reason",
     TYPE(entry_content),
     BOX_OF_ITSELF,
     NULL,
     {NULL}},
    {SEALED_RIGHTS_ANSWER,
     "rights.answer",
     TABLE_RIGHTS,
     TYPE(rights_record),
     "answered.text",
     TYPE(entry_content),
     BOX_OF_ITSELF,
     NULL,
     {NULL}},

    /* meeting */
    {SEALED_MEETING_TITLE,
     "meeting.title",
     TABLE_MEETING,
     TYPE(meeting_record),
     "scheduled.title",
     TYPE(meeting_text),
     BOX_OF_SITUATION,
     find_meetings,
     {NULL}},
    {SEALED_AGENDA_TEXT,
     "agenda.text",
     TABLE_MEETING,
     TYPE(meeting_record),
     "agenda.text",
     TYPE(meeting_text),
     BOX_OF_SITUATION,
     find_meetings,
     {NULL}},

    /* decision */
    {SEALED_DECISION_TEXT,
     "decision.text",
     TABLE_DECISION,
     TYPE(decision_record),
     "taken.content",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     find_decisions,
     {NULL}},
    {SEALED_DECISION_RESULT,
     "decision.result",
     TABLE_DECISION,
     TYPE(decision_record),
     "completed.content",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     find_decisions,
     {NULL}},
    {SEALED_MINUTES_TEXT,
     "minutes.text",
     TABLE_MINUTES,
     TYPE(minutes_record),
     "drafted.text",
     TYPE(minutes_content),
     BOX_OF_SITUATION,
     find_minutes,
     {NULL}},
    {SEALED_MINUTES_ITEM,
     "minutes.item",
     TABLE_MINUTES,
     TYPE(minutes_record),
     "drafted.items.text",
     TYPE(minutes_content),
     BOX_OF_SITUATION,
     find_minutes,
     {NULL}},

    /* share */
    {SEALED_SHARE_PURPOSE,
     "share.purpose",
     TABLE_SHARE,
     TYPE(share_record),
     "shared.purpose_text",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     find_shares,
     {NULL}},
    {SEALED_GLASS_REASON,
     "break_glass.reason",
     TABLE_GLASS,
     TYPE(break_glass_record),
     "used.reason",
     TYPE(entry_content),
     BOX_OF_SITUATION,
     find_uses,
     {NULL}},

    /* feed */
    {SEALED_WEBHOOK_SECRET,
     "webhook.secret",
     TABLE_WEBHOOK,
     TYPE(webhook_record),
     "made.secret",
     TYPE(webhook_secret),
     BOX_OF_ITSELF,
     NULL,
     {"WebhookRotated.secret"}},

    /* people */
};

const struct box_row *box_row_at(size_t index)
{
    return index < sizeof(rows) / sizeof(rows[0]) ? &rows[index] : NULL;
}

const struct box_row *box_row_find(enum sealed_field field)
{
    const struct box_row *row;

    for (size_t i = 0; (row = box_row_at(i)); i++)
        if (row->field == field)
            return row;
    return NULL;
}
