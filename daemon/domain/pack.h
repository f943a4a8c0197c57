/*
 * pack: what one attendee may see of a meeting's items. Opened only when the attendee and the
 * one who asks may both read it, so that preparing a pack for somebody shows the preparer
 * nothing new, and nobody is handed what is not his.
 */
#ifndef CTPS_DOMAIN_PACK_H
#define CTPS_DOMAIN_PACK_H

#include "domain/act.h"

/* PackItem.shown */
#define PACK_OPEN     "open"
#define PACK_SHARED   "shared"   /* what was shared with him and holds today, nothing else */
#define PACK_NUMBER   "number"   /* the instance says no more than the number */
#define PACK_NO_RIGHT "no_right" /* the number is all he may know */
#define PACK_NONE     "none"     /* about no situation */

/* The attendee named, or the asker when nobody is; refuses by name when he does not attend.
 * Notes who he is for the audit entry. */
bool pack_attendee_load(struct act *act, uint64_t agent, uint64_t contact,
                        struct principal *ret_attendee);
/* Whether asker and attendee may both read the whole situation, or do `action` on act->meeting.
 */
bool pack_may_situation(struct act *act, const struct principal *attendee,
                        const Ctps__SituationRecord *situation);
bool pack_may_meeting(struct act *act, const struct principal *attendee, enum action action);

/* An item of act->meeting's agenda with its number, and why it is shown or not; opens nothing.
 * *ret_about is the situation when it may be opened whole, or what was shared of it (`shown`
 * says which), else NULL. */
Ctps__PackItem *pack_item(struct act *act, const struct principal *attendee,
                          const Ctps__AgendaItem *item,
                          const Ctps__SituationRecord **ret_about);

#endif
