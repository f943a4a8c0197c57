/*
 * break_glass: opening one situation of another territory for three hours, in an emergency. The
 * policy compares the time (`glass`); here is when who broke it for what.
 */
#ifndef CTPS_DOMAIN_BREAK_GLASS_H
#define CTPS_DOMAIN_BREAK_GLASS_H

#include "domain/act.h"

/* NULL when there is none of that id. */
Ctps__BreakGlassRecord *break_glass_record(const struct tables *tables, struct arena *arena,
                                           uint64_t id);

/* When `who` last broke the glass for a situation, by the time of the entry; false: never. */
bool break_glass_last(const struct act *act, uint64_t situation, const struct principal *who,
                      int64_t *ret_us);

#endif
