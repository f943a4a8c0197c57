/*
 * rules: who is reminded of what, when (docs/reminders.md has the table). Pure: what was told,
 * the options and the instant in, the reminders due out.
 *
 * A reminder is one (object, occurrence, recipient, lead); its key says these and nothing else.
 * The occurrence is the civil day a thing is due on (and the minute a meeting begins at), so
 * that what is moved is another occurrence and what is moved back is the first one again.
 */
#ifndef REMINDERS_RULES_H
#define REMINDERS_RULES_H

#include <ctps/plugin.h>

#include "calendar.h"
#include "lead.h"
#include "subject.h"

enum { RULES_KINDS = 11 };

struct rules {
    struct leads leads[RULES_KINDS]; /* a meeting's come with it, from its kind */
    uint32_t at;                     /* minute of the day */
    int64_t grace_us;                /* hours: so much later is still on time */
    int escalate_after; /* the head too from this reminder past the day on; 0: never */
};

enum outcome { OUTCOME_ON_TIME, OUTCOME_LATE, OUTCOME_MISSED };

/* A reminder due, not yet recorded. Texts are static or kept words. */
struct due {
    char key[CTPS_EFFECT_KEY_MAX + 1];
    char lead[LEAD_TEXT_LEN];
    const char *kind, *instance;
    uint8_t object_kind;
    uint64_t object;
    int32_t day;
    uint32_t minute;
    bool has_minute;
    int32_t due_day;
    uint32_t due_minute;
    bool to_contact; /* else to an agent */
    uint64_t to;
    bool escalated;
    enum outcome outcome;
};

/* What all subjects are looked at with. */
struct rules_world {
    const struct rules *rules;
    const struct calendar *calendar;
    const struct teams *teams;
    int64_t now_us;
    int64_t begun_us; /* since when reminders are kept */
};

/* Index of the rule for a ReminderSubject.kind; RULES_KINDS when there is none. */
uint8_t rules_kind(const char *name);
/* The option row that holds the leads of a kind; NULL for meetings. */
const char *rules_option(uint8_t kind);

/* false stops. */
typedef bool rules_each(void *arg, const struct due *due);

/* Calls `each` for every reminder of `subject` due by now, recorded already or not. The instant
 * the next one is due, INT64_MAX when there is none. What would be given up while the clock is
 * not trusted (calendar->clock_alarm) is put off instead. */
int64_t rules_look(const struct rules_world *world, const struct subject *subject,
                   rules_each *each, void *arg);

#endif
