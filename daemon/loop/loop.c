#include "loop/loop_internal.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <zmq.h>

#include "base/sys.h"

/* Timers and signals are one libevent event and one call each. */
struct source {
    struct event *event;
    void (*call)(void *ctx);
    void *ctx;
    int64_t due_us; /* of a timer, monotonic */
};

struct loop_timer {
    struct source source;
};

struct loop_signal {
    struct source source;
};

struct loop_watch {
    struct loop *loop;
    struct event *event;
    int fd;
    void (*call)(void *ctx, unsigned ready);
    void *ctx;
};

enum ctps_code loop_open(struct loop **ret_loop, struct ctps_err *err)
{
    struct loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return err_set(err, CTPS_NOMEM, "event loop: no memory");
    loop->base = event_base_new();
    loop->zmq_context = zmq_ctx_new();
    if (!loop->base || !loop->zmq_context) {
        enum ctps_code code = err_set_errno(err, errno, "event loop");

        loop_close(&loop);
        return code;
    }
    zmq_ctx_set(loop->zmq_context, ZMQ_BLOCKY, 0);
    *ret_loop = loop;
    return CTPS_OK;
}

void loop_close(struct loop **loop)
{
    if (!*loop)
        return;
    assert(!(*loop)->sockets);
    if ((*loop)->zmq_context)
        zmq_ctx_term((*loop)->zmq_context);
    if ((*loop)->base)
        event_base_free((*loop)->base);
    free(*loop);
    *loop = NULL;
}

void loop_set_turn(struct loop *loop, void (*turn)(void *ctx), void *ctx)
{
    loop->turn = turn;
    loop->turn_ctx = ctx;
}

void loop_defer(struct loop *loop, struct loop_deferred *deferred)
{
    struct loop_deferred **end = &loop->deferred;

    if (deferred->pending)
        return;
    while (*end)
        end = &(*end)->next;
    deferred->next = NULL;
    deferred->pending = true;
    *end = deferred;
}

void loop_defer_cancel(struct loop *loop, struct loop_deferred *deferred)
{
    for (struct loop_deferred **at = &loop->deferred; *at; at = &(*at)->next)
        if (*at == deferred) {
            *at = deferred->next;
            deferred->pending = false;
            return;
        }
}

/* What these calls defer in their turn waits for the next one: a call that defers itself again
 * must not keep the loop from its events. */
static void run_deferred(struct loop *loop)
{
    struct loop_deferred *last = loop->deferred;

    while (last && last->next)
        last = last->next;
    while (last && loop->deferred) {
        struct loop_deferred *first = loop->deferred;

        loop->deferred = first->next;
        first->pending = false;
        if (first == last)
            last = NULL;
        first->call(first->ctx);
    }
}

enum ctps_code loop_turn(struct loop *loop, struct ctps_err *err)
{
    bool has_work;
    int rc;

    run_deferred(loop);
    loop_zmq_kick_all(loop);
    has_work = loop->deferred || loop->stopping;
    rc = event_base_loop(loop->base, has_work ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
    if (rc < 0)
        return err_set_errno(err, errno, "event loop: waiting");
    if (rc > 0 && !has_work)
        return err_set(err, CTPS_CLOSED, "event loop: nothing left to wait for");
    if (loop->turn)
        loop->turn(loop->turn_ctx);
    return CTPS_OK;
}

enum ctps_code loop_run(struct loop *loop, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    loop->stopping = false;
    while (code == CTPS_OK && !loop->stopping)
        code = loop_turn(loop, err);
    return code;
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    const struct source *source = arg;

    (void)fd;
    (void)what;
    source->call(source->ctx);
}

static struct timeval interval(int64_t us)
{
    assert(us >= 0);
    return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

/* libevent counts from when the turn began, by a clock of some milliseconds: it may be early.
 */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    const struct source *source = arg;
    int64_t left_us = source->due_us - sys_mono_us(sys_real());
    struct timeval when;

    if (left_us <= 0) {
        on_event(fd, what, arg);
        return;
    }
    when = interval(left_us);
    event_add(source->event, &when);
}

/* One allocation size serves both kinds: each is a struct source and nothing else. */
static struct source *source_new(struct loop *loop, int fd, short what, void (*call)(void *ctx),
                                 void *ctx, const struct timeval *when)
{
    struct source *source = calloc(1, sizeof(*source));

    if (!source)
        return NULL;
    source->call = call;
    source->ctx = ctx;
    source->event = event_new(loop->base, fd, what, what ? on_event : on_timer, source);
    if (source->event && event_add(source->event, when) == 0)
        return source;
    if (source->event)
        event_free(source->event);
    free(source);
    return NULL;
}

static void source_free(struct source *source)
{
    event_free(source->event);
    free(source);
}

enum ctps_code loop_timer_add(struct loop *loop, int64_t delay_us, void (*call)(void *ctx),
                              void *ctx, struct loop_timer **ret_timer, struct ctps_err *err)
{
    struct timeval when = interval(delay_us);
    struct source *source = source_new(loop, -1, 0, call, ctx, &when);

    if (!source)
        return err_set(err, CTPS_NOMEM, "event loop: cannot add a timer");
    source->due_us = sys_mono_us(sys_real()) + delay_us;
    *ret_timer = (struct loop_timer *)source;
    return CTPS_OK;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_us)
{
    struct timeval when = interval(delay_us);

    timer->source.due_us = sys_mono_us(sys_real()) + delay_us;
    event_add(timer->source.event, &when);
}

void loop_timer_remove(struct loop_timer **timer)
{
    if (*timer)
        source_free(&(*timer)->source);
    *timer = NULL;
}

enum ctps_code loop_signal_add(struct loop *loop, int signo, void (*call)(void *ctx), void *ctx,
                               struct loop_signal **ret_signal, struct ctps_err *err)
{
    struct source *source = source_new(loop, signo, EV_SIGNAL | EV_PERSIST, call, ctx, NULL);

    if (!source)
        return err_set(err, CTPS_IO, "event loop: cannot watch signal %d", signo);
    *ret_signal = (struct loop_signal *)source;
    return CTPS_OK;
}

void loop_signal_remove(struct loop_signal **signal)
{
    if (*signal)
        source_free(&(*signal)->source);
    *signal = NULL;
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    const struct loop_watch *watch = arg;

    (void)fd;
    watch->call(watch->ctx, ((what & EV_READ) ? LOOP_READABLE : 0) |
                                ((what & EV_WRITE) ? LOOP_WRITABLE : 0));
}

bool loop_watch_set(struct loop_watch *watch, unsigned wanted)
{
    short what = (short)(EV_PERSIST | ((wanted & LOOP_READABLE) ? EV_READ : 0) |
                         ((wanted & LOOP_WRITABLE) ? EV_WRITE : 0));

    if (watch->event)
        event_free(watch->event);
    watch->event = event_new(watch->loop->base, watch->fd, what, on_ready, watch);
    return watch->event && (!wanted || event_add(watch->event, NULL) == 0);
}

enum ctps_code loop_watch_add(struct loop *loop, int fd, unsigned wanted,
                              void (*call)(void *ctx, unsigned ready), void *ctx,
                              struct loop_watch **ret_watch, struct ctps_err *err)
{
    struct loop_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return err_set(err, CTPS_NOMEM, "event loop: cannot watch descriptor %d", fd);
    *watch = (struct loop_watch){.loop = loop, .fd = fd, .call = call, .ctx = ctx};
    if (!loop_watch_set(watch, wanted)) {
        loop_watch_remove(&watch);
        return err_set(err, CTPS_IO, "event loop: cannot watch descriptor %d", fd);
    }
    *ret_watch = watch;
    return CTPS_OK;
}

void loop_watch_remove(struct loop_watch **watch)
{
    if (*watch && (*watch)->event)
        event_free((*watch)->event);
    free(*watch);
    *watch = NULL;
}
