/*
 * loop: the daemon's one event loop (libevent) and its one ZeroMQ context.
 *
 * A turn is: deferred calls, a look at every ZeroMQ socket, one wait for events and their
 * callbacks, then the turn callback (where the engine commits its batch). Everything runs on
 * the thread that calls loop_run(); nothing here is thread safe.
 *
 * It knows nothing of what is read: sockets are in loop_zmq.h, listening in listener.h.
 */
#ifndef CTPS_LOOP_LOOP_H
#define CTPS_LOOP_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_signal;
struct loop_watch;

/* Own: close with loop_close() once everything made in it is closed or removed. */
enum ctps_code loop_open(struct loop **ret_loop, struct ctps_err *err);
/* Ends the ZeroMQ context too. Idempotent, nulls the pointer. */
void loop_close(struct loop **loop);

/* Called once at the end of every turn, after the callbacks of the events of that turn. */
void loop_set_turn(struct loop *loop, void (*turn)(void *ctx), void *ctx);

/* Turns until loop_stop(); the turn in which it is called is finished. Fails with CTPS_CLOSED
 * when there is nothing left to wait for, CTPS_IO when the kernel refuses to wait. */
enum ctps_code loop_run(struct loop *loop, struct ctps_err *err);
/* One turn; waits for an event when there is none. Errors as loop_run(). */
enum ctps_code loop_turn(struct loop *loop, struct ctps_err *err);
void loop_stop(struct loop *loop);

/* A call made at the beginning of the next turn, which then does not wait. The memory is the
 * caller's and must live until the call or loop_defer_cancel(). Set `call` and `ctx` once. */
struct loop_deferred {
    void (*call)(void *ctx);
    void *ctx;
    struct loop_deferred *next;
    bool pending;
};

/* Does nothing when already pending. */
void loop_defer(struct loop *loop, struct loop_deferred *deferred);
void loop_defer_cancel(struct loop *loop, struct loop_deferred *deferred);

/* Calls once, `delay_us` microseconds from now (0: next turn), never earlier. Own:
 * loop_timer_remove(). */
enum ctps_code loop_timer_add(struct loop *loop, int64_t delay_us, void (*call)(void *ctx),
                              void *ctx, struct loop_timer **ret_timer, struct ctps_err *err);
/* Sets it again, waiting or not, also from its own callback (a repeated timer does so). */
void loop_timer_set(struct loop_timer *timer, int64_t delay_us);
/* Idempotent, nulls the pointer; allowed from its own callback. */
void loop_timer_remove(struct loop_timer **timer);

/* Calls on each delivery of `signo`, in the loop, not in the handler. One loop of the process
 * may watch signals. Own: loop_signal_remove(). */
enum ctps_code loop_signal_add(struct loop *loop, int signo, void (*call)(void *ctx), void *ctx,
                               struct loop_signal **ret_signal, struct ctps_err *err);
void loop_signal_remove(struct loop_signal **signal);

enum { LOOP_READABLE = 1, LOOP_WRITABLE = 2 };

/* Calls while `fd` is ready for any of `wanted` (level triggered, its end included), saying for
 * which. The descriptor stays the caller's and must outlive the watch. Own:
 * loop_watch_remove(). */
enum ctps_code loop_watch_add(struct loop *loop, int fd, unsigned wanted,
                              void (*call)(void *ctx, unsigned ready), void *ctx,
                              struct loop_watch **ret_watch, struct ctps_err *err);
/* Wants something else from now on, 0 for nothing; allowed from its own callback. False without
 * memory: nothing is watched then. */
bool loop_watch_set(struct loop_watch *watch, unsigned wanted);
/* Idempotent, nulls the pointer; allowed from its own callback. */
void loop_watch_remove(struct loop_watch **watch);

#endif
