/*
 * session: bytes of requests out, bytes of replies in, events. What stands behind it is the bus
 * (session_bus.c) or, in tests, a table of canned answers.
 */
#ifndef CTPS_CLI_SESSION_H
#define CTPS_CLI_SESSION_H

#include "base/bytes.h"
#include "base/err.h"

enum { SESSION_WINDOW_MAX = 32 /* requests in flight at once */ };

#define SESSION_FROM_NOW UINT64_MAX /* only events after the newest there is */

/* An event as published or pulled. Borrows until the next call on the session. */
struct session_event {
    uint64_t number;
    uint64_t previous_number; /* of the audience; 0 for its first */
    int64_t time_us;
    const char *topic;
    struct bytes notice;      /* packed ctps.Notice */
    struct bytes incarnation; /* 16 bytes */
};

struct session {
    void *ctx;
    unsigned window; /* requests that may be in flight; at least 1 */
    /* Sends one packed ctps.Request. */
    enum ctps_code (*send)(void *ctx, struct bytes request, struct ctps_err *err);
    /* Appends one packed ctps.Reply to `reply`, whichever comes first. CTPS_BUSY when none came
     * in time. */
    enum ctps_code (*receive)(void *ctx, int timeout_ms, struct buf *reply,
                              struct ctps_err *err);
    /* Starts following an audience after event `after`. NULL where the session cannot. */
    enum ctps_code (*follow)(void *ctx, const char *audience, uint64_t after,
                             struct ctps_err *err);
    /* The next event in order, gaps already repaired. CTPS_BUSY when none came in time. */
    enum ctps_code (*next_event)(void *ctx, int timeout_ms, struct session_event *ret_event,
                                 struct ctps_err *err);
    /* Releases ctx. */
    void (*close)(void *ctx);
};

#endif
