/*
 * erasure_tell: each situation whose erasure was carried out is told of by its number
 * (domain.md section 6, situation.erased). Whoever applies an erasure notes it; the daemon
 * emits the events within a second, some at a time, whatever the number of situations of one
 * day.
 */
#ifndef CTPS_DOMAIN_ERASURE_TELL_H
#define CTPS_DOMAIN_ERASURE_TELL_H

#include "domain/act.h"

/* Emits an event for each situation still to be told of, as far as the act has room; true when
 * there may be more. */
bool erasure_tell(struct act *act);

#endif
