/*
 * reminder: what the daemon says and checks for the plugin that reminds (domain.md section 7).
 * The rules of who is reminded when are the plugin's; here is what it cannot know: what runs
 * out, working days and zone rules of the town, who works where, who may still be told.
 */
#ifndef CTPS_DOMAIN_REMINDER_H
#define CTPS_DOMAIN_REMINDER_H

#include "domain/act.h"

/* ReminderSubject.kind; Effect.code of a reminder. */
#define REMINDER_MEETING      "meeting"
#define REMINDER_DECISION     "decision"
#define REMINDER_REVIEW       "review"
#define REMINDER_SILENT       "silent"
#define REMINDER_NOT_INFORMED "not_informed"
#define REMINDER_SAISINE      "saisine"
#define REMINDER_MINUTES      "minutes"
#define REMINDER_ERASURE      "erasure"
#define REMINDER_HABILITATION "habilitation"
#define REMINDER_CHARTER      "charter"
#define REMINDER_RIGHTS       "rights"

/* Effect.outcome of a reminder. */
#define REMINDER_ON_TIME "on_time"
#define REMINDER_LATE    "late"
#define REMINDER_MISSED  "missed"
#define REMINDER_BEGUN   "begun" /* since when there are reminders: of nothing, to nobody */
#define REMINDER_WITHHELD                                                                      \
    "withheld" /* by the daemon: the recipient may not be told any more                        \
                */

/* Days off and offsets of the town's zone from a month before `from_day` to a month after
 * `to_day`. */
void reminder_calendar_fill(struct act *act, Ctps__ReminderSubjectsAnswer *answer,
                            int32_t from_day, int32_t to_day);
/* Who works where today. */
void reminder_teams_fill(struct act *act, Ctps__ReminderSubjectsAnswer *answer);

/* Whether the recipient of a reminder may know of its object now: habilitation in force and
 * the object within what he may list; of a meeting, as if he were invited today (charter,
 * mandate: attendance.h). Refuses nothing. */
bool reminder_is_entitled(const struct act *act, const Ctps__EffectRecord *reminder);

#endif
