/*
 * feed: what one partner hears of the events that concern it, on a socket of its own and by
 * ReadEvents: its own saisines' states, the closing of situations it is engaged on, what is
 * shared with its contacts, meetings they are invited to, decisions charged to them
 * (confidentiality.md, "partner contact"). Nothing else, and of these only an id, a number, a
 * state and a day: which contact or situation is meant is read by who may.
 *
 * Who is told is fixed when the event is applied (apply_feed.c); whether it may still be said
 * is judged each time it is (feed_judge.c).
 */
#ifndef CTPS_DOMAIN_FEED_H
#define CTPS_DOMAIN_FEED_H

#include "domain/act.h"

#define FEED_AUDIENCE "partner." /* and the partner's id */

enum {
    FEEDS_MAX = 256, /* open at the same time: two descriptors each */
    FEED_AUDIENCE_LEN = 32,
    FEED_ENDPOINT_LEN = 128,
    FEED_PORT_MAX = 65535,
};

/* False when the audience is no partner's. */
bool feed_audience_read(const char *audience, uint64_t *ret_partner);
void feed_audience_write(uint64_t partner, char out[FEED_AUDIENCE_LEN]);

/* --- audiences of all kinds --- */

bool audience_is_known(const char *audience);
/* Whether the configuration grants it to `who`, or it is the own feed of a contact or of a
 * partner's machine, open now; activity and charter are the policy's to judge. */
bool audience_is_granted(const struct tables *tables, struct arena *arena,
                         const struct principal *who, const char *audience);
/* Under what name the cursor of the one who asks is kept; "" when none can be. */
const char *audience_consumer(struct act *act);

/* --- feeds --- */

/* NULL when the partner never had one. */
Ctps__FeedRecord *feed_record(const struct tables *tables, struct arena *arena,
                              uint64_t partner);
/* The endpoint of one partner, from one of the configuration: "tcp://HOST:PORT" moved on by
 * `place` ports, "ipc:///FILE" with the partner's id behind it. False when it has no such form.
 */
bool feed_endpoint_write(const char *base, uint64_t partner, uint32_t place,
                         char out[FEED_ENDPOINT_LEN]);

/* Turns the item's notice into a tombstone unless the partner may be told of it now. */
void feed_item_judge(struct act *act, uint64_t partner, Ctps__FeedItem *item);

/* --- topics and states --- */

#define FEED_SAISINE_RECEIVED    "saisine.received"
#define FEED_SAISINE_ACCEPTED    "saisine.accepted"
#define FEED_SAISINE_DECLINED    "saisine.declined"
#define FEED_SAISINE_REDIRECTED  "saisine.redirected"
#define FEED_SITUATION_CLOSED    "situation.closed"
#define FEED_SHARED              "information.shared"
#define FEED_SHARE_REVOKED       "information.revoked"
#define FEED_SHARE_RECTIFIED     "information.rectified"
#define FEED_SHARE_ERASED        "information.erased"
#define FEED_MEETING_SCHEDULED   "meeting.scheduled"
#define FEED_MEETING_RESCHEDULED "meeting.rescheduled"
#define FEED_MEETING_CANCELLED   "meeting.cancelled"
#define FEED_MEETING_INVITED     "meeting.invited"
#define FEED_MEETING_UNINVITED   "meeting.uninvited"
#define FEED_MINUTES_DISTRIBUTED "meeting.minutes_distributed"
#define FEED_DECISION_TAKEN      "decision.taken"
#define FEED_DECISION_COMPLETED  "decision.completed"

#endif
