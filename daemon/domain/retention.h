/*
 * retention: what must be announced, ordered and destroyed, by the rules of domain.md
 * section 8. Pure: the engine journals what comes out and destroys the keys.
 */
#ifndef CTPS_DOMAIN_RETENTION_H
#define CTPS_DOMAIN_RETENTION_H

#include "domain/act.h"

/* Emits erasure.announced for what comes to its term within settings->announce_days; at most
 * ACT_EVENTS_MAX - 1 at a time: call again until nothing is emitted. */
void retention_announce(struct act *act);

/* Keys one order may name: so many are destroyed in one go (engine_daily.c). */
enum { RETENTION_ORDER_SLOTS_MAX = 32768 };

/* Emits one erasure.ordered for subjects at their term, announced long enough ago, the daemon
 * having run on enough days since. At most erase_per_day_max on one day, and of as many as have
 * RETENTION_ORDER_SLOTS_MAX keys between them, or one that has more: call again until nothing
 * is emitted. Not to be called while there is a clock alarm. */
void retention_order(struct act *act);
/* The same within another number of keys. */
void retention_order_within(struct act *act, size_t slots_max);
/* Months the audit trail can be read. */
int retention_audit_months(const struct act *act);
/* Whether a town's wish for it is allowed; refuses otherwise. */
bool retention_audit_check(struct act *act, const Ctps__Town *town);
/* Emits erasure.ordered for the keys of months past that term. Not to be called while there is
 * a clock alarm. */
void retention_order_audit(struct act *act);
/* Emits erasure.ordered for a key that belongs to nobody (a window's digests). */
void retention_order_slot(struct act *act, uint64_t slot);

/* One subject with the key slots that go with it: a situation's own, its saisines', their
 * persons'. `situation` must be filled in act->arena; NULL when refused. */
Ctps__ErasureSubject *retention_subject_of_situation(struct act *act,
                                                     const Ctps__SituationRecord *situation);
Ctps__ErasureSubject *retention_subject_of_saisine(struct act *act,
                                                   const Ctps__SaisineRecord *saisine);
/* Its own texts: those about no situation. */
Ctps__ErasureSubject *retention_subject_of_meeting(struct act *act,
                                                   const Ctps__MeetingRecord *meeting);

#endif
