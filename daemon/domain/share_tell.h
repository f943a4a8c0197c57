/*
 * share_tell: recipients of a share are told when what they were given is rectified or erased
 * (GDPR 19). Whoever applies a correction or an erasure notes it (apply_shares_tell); the
 * daemon emits the events within a second, some at a time, whatever the number of shares.
 */
#ifndef CTPS_DOMAIN_SHARE_TELL_H
#define CTPS_DOMAIN_SHARE_TELL_H

#include "domain/act.h"

/* Emits an event for each share still to be told of; true when there may be more. */
bool share_tell(struct act *act);

#endif
