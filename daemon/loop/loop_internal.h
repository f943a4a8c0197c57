/*
 * loop_internal: what loop.c and loop_zmq.c share, and what their tests look at. Not for other
 * folders.
 */
#ifndef CTPS_LOOP_LOOP_INTERNAL_H
#define CTPS_LOOP_LOOP_INTERNAL_H

#include "loop/loop.h"

struct event_base;
struct loop_zmq;

struct loop {
    struct event_base *base;
    void *zmq_context;
    struct loop_zmq *sockets; /* each looked at once a turn */
    struct loop_deferred *deferred;
    void (*turn)(void *ctx);
    void *turn_ctx;
    bool stopping;
};

/* Looks at every socket and has those with something to read pumped without waiting. */
void loop_zmq_kick_all(struct loop *loop);

#endif
