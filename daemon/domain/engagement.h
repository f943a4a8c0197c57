/*
 * engagement: who works on a situation: partners, their professionals, agents. The rules that
 * ask (educators who read only where engaged, secret shared between professionals of the same
 * person, case conferences) look up one row.
 */
#ifndef CTPS_DOMAIN_ENGAGEMENT_H
#define CTPS_DOMAIN_ENGAGEMENT_H

#include "domain/act.h"

/* Whether a partner, a contact or an agent (`kind`) is engaged now; a lead agent always is. */
bool engagement_is(const struct act *act, uint64_t situation, Ctps__ObjectKind kind,
                   uint64_t id);
/* The same of a situation at hand. */
bool engagement_is_on(const struct act *act, const Ctps__SituationRecord *situation,
                      Ctps__ObjectKind kind, uint64_t id);

struct table_key engagement_key(uint64_t situation, Ctps__ObjectKind kind, uint64_t id);
/* NULL when there never was one; `until_day` is set on one that ended. */
Ctps__EngagementRecord *engagement_get(const struct tables *tables, struct arena *arena,
                                       uint64_t situation, Ctps__ObjectKind kind, uint64_t id);
/* Calls `each` for every engagement of a situation, ended ones too; false stops. The row lives
 * in act->arena. */
void engagement_walk(const struct act *act, uint64_t situation,
                     bool (*each)(void *arg, Ctps__EngagementRecord *row), void *arg);

#endif
