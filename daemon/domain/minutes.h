/*
 * minutes: what was said in a meeting, in versions: draft, then validated, then distributed.
 * Each item's text stands under the key of the situation it is about. Source: domain.md §4.
 */
#ifndef CTPS_DOMAIN_MINUTES_H
#define CTPS_DOMAIN_MINUTES_H

#include "domain/act.h"

#define MINUTES_NONE        "none"
#define MINUTES_DRAFT       "draft"
#define MINUTES_VALIDATED   "validated"
#define MINUTES_DISTRIBUTED "distributed"

enum { MINUTES_VERSIONS_MAX = 100 };

/* NULL when absent. */
Ctps__MinutesRecord *minutes_record(const struct tables *tables, struct arena *arena,
                                    uint64_t meeting, uint32_t version);
/* The newest version; NULL when nothing was written. */
Ctps__MinutesRecord *minutes_newest(const struct tables *tables, struct arena *arena,
                                    uint64_t meeting);
/* Static text, one of the four states; `record` may be NULL. */
const char *minutes_state(const Ctps__MinutesRecord *record);
/* Whether that version went to this agent or this contact (the other being 0). */
bool minutes_went_to(const Ctps__MinutesRecord *record, uint64_t agent, uint64_t contact);
/* The last day to distribute them: settings->minutes_working_days after the meeting (domain.md
 * section 7). */
int32_t minutes_due_day(const struct act *act, int32_t meeting_day);
/* Held, and no version distributed five working days after; what `today` and lists flag. */
bool minutes_is_overdue(struct act *act, const Ctps__MeetingRecord *meeting);

/* The meeting's own key, for what is about no situation. *ret_taken is the slot when there was
 * none yet and this took it: the event says so. 0 after refusing. */
uint64_t minutes_own_slot(struct act *act, const Ctps__MeetingRecord *meeting,
                          uint64_t *ret_taken);

/* Held, or begun today: what minutes and decisions need. Refuses by name otherwise. */
bool minutes_meeting_began(struct act *act, const Ctps__MeetingRecord *meeting);

/* Facts of one version of a meeting's minutes; `record` may be NULL. */
Ctps__MinutesView *minutes_view(struct act *act, const Ctps__MeetingRecord *meeting,
                                const Ctps__MinutesRecord *record);

#endif
