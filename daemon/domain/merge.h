/*
 * merge: a situation that ended in another, and what undoing that takes (docs/adr/0018).
 */
#ifndef CTPS_DOMAIN_MERGE_H
#define CTPS_DOMAIN_MERGE_H

#include "domain/act.h"

/* What stood before `situation` was merged; NULL when it was not, or is erased. */
Ctps__MergeRecord *merge_record(const struct tables *tables, struct arena *arena,
                                uint64_t situation);
/* Whether an engagement of the situation that ends goes over although the other side has
 * `theirs` (may be NULL): one that holds wins over one that ended. */
bool merge_moves_engagement(const Ctps__EngagementRecord *own,
                            const Ctps__EngagementRecord *theirs);
/* Whether saisine `id` came to the situation by a merge, and by which: the situation it came
 * with, 0 for none. */
uint64_t merge_of_saisine(struct act *act, const Ctps__SituationRecord *situation, uint64_t id);

#endif
