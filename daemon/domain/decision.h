/* decision: what a row of a decision says, on a day and about whom. Source: domain.md §4. */
#ifndef CTPS_DOMAIN_DECISION_H
#define CTPS_DOMAIN_DECISION_H

#include "domain/act.h"

/* States, as answers say them. Overdue is open past its due day: computed, never stored. */
#define DECISION_OPEN     "open"
#define DECISION_OVERDUE  "overdue"
#define DECISION_DONE     "done"
#define DECISION_NOT_DONE "not_done"
/* As a filter only: whatever is not done. */
#define DECISION_UNDONE "undone"

/* NULL when absent. */
Ctps__DecisionRecord *decision_record(const struct tables *tables, struct arena *arena,
                                      uint64_t id);
/* Static text, one of the four states. */
const char *decision_state(const Ctps__DecisionRecord *record, int32_t today);
/* The result that makes a decision done; the two others make it not done. */
bool decision_result_is_done(const char *result);
/* `state` may be DECISION_UNDONE. */
bool decision_is_in(const Ctps__DecisionRecord *record, const char *state, int32_t today);

/* For the policy: the situation's resource (where it is now) or the meeting's territory, and
 * whether the asker is the one charged with it. */
struct resource resource_of_decision(struct act *act, const Ctps__DecisionRecord *record);

/* A decision as the asker may see it; a contact gets number, verb, due day and state. */
Ctps__DecisionView *decision_view(struct act *act, const Ctps__DecisionRecord *record);

/* Decisions of one situation, meeting, agent or contact, newest first, those before `before`
 * (0: all); stops when `each` answers false. */
void decision_walk(struct act *act, uint64_t owner, uint64_t before,
                   bool (*each)(void *arg, uint64_t id), void *arg);

#endif
