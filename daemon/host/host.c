#include "host/host.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/host_private.h"

enum {
    START_ARENA_MAX = 8 << 20,
    PATIENCE_MS = 10000, /* when the start says nothing */
    WHY_LEN = 160,
};

/* --- saying --- */

static void up_state(struct host *host, Ctps__LinkPhase phase, const char *why)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkState body = CTPS__LINK_STATE__INIT;

    body.has_phase = 1;
    body.phase = phase;
    body.why = (char *)(uintptr_t)why;
    frame.body_case = CTPS__LINK_FRAME__BODY_STATE;
    frame.state = &body;
    channel_send(host->up, &frame, -1);
}

void host_end(struct host *host, int status, const char *why)
{
    if (host->status == 0 && status) {
        host->status = status;
        up_state(host, CTPS__LINK_PHASE__LINK_FAILED, why);
    }
    loop_stop(host->loop);
}

void host_say(struct host *host, enum ctps_level level, const char *line)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkLog body = CTPS__LINK_LOG__INIT;

    body.has_level = 1;
    body.level = level;
    body.line = (char *)(uintptr_t)line;
    frame.body_case = CTPS__LINK_FRAME__BODY_LOG;
    frame.log = &body;
    channel_send(host->up, &frame, -1);
}

/* --- frames of ctpsd --- */

static bool on_up_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct host *host = ctx;

    if (fd >= 0)
        close(fd);
    switch (frame->body_case) {
    case CTPS__LINK_FRAME__BODY_START:
        return host_start(host, frame->start);
    case CTPS__LINK_FRAME__BODY_RELOAD:
        if (host->down)
            host_send_down(host, frame, -1);
        return true;
    case CTPS__LINK_FRAME__BODY_DRAIN:
        host->draining = true;
        if (host->bus)
            bus_unfollow(host->bus);
        if (host->ready)
            host_send_down(host, frame, -1);
        else
            loop_stop(host->loop);
        return true;
    default:
        return false;
    }
}

static void on_up_ended(void *ctx, const char *why)
{
    struct host *host = ctx;

    (void)why;
    host->status = host->status ? host->status : EX_UNAVAILABLE;
    loop_stop(host->loop);
}

/* --- once a second --- */

static int64_t patience_ms(const struct host *host)
{
    return host->start && host->start->patience_ms ? host->start->patience_ms : PATIENCE_MS;
}

static void ping(struct host *host)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkPing body = CTPS__LINK_PING__INIT;

    body.has_number = 1;
    body.number = ++host->pings;
    frame.body_case = CTPS__LINK_FRAME__BODY_PING;
    frame.ping = &body;
    channel_send(host->down, &frame, -1);
}

static void liveness_check(struct host *host)
{
    char why[WHY_LEN];

    if (host->pongs == host->pings) {
        host->silent_ms = 0;
        ping(host);
        return;
    }
    host->silent_ms += 1000;
    if (host->silent_ms < patience_ms(host))
        return;
    snprintf(why, sizeof(why), "the plugin did not come back for %lld s",
             (long long)(host->silent_ms / 1000));
    host_end(host, EX_SOFTWARE, why);
}

static void logs_refill(struct host *host)
{
    char line[64];

    if (host->logs_dropped) {
        snprintf(line, sizeof(line), "%u lines or figures too many, not kept",
                 host->logs_dropped);
        host_say(host, CTPS_LEVEL_WARNING, line);
        host->logs_dropped = 0;
    }
    host->log_tokens += HOST_LOGS_PER_S;
    if (host->log_tokens > HOST_LOGS_BURST)
        host->log_tokens = HOST_LOGS_BURST;
}

static void on_second(void *ctx)
{
    struct host *host = ctx;

    logs_refill(host);
    if (host->down)
        liveness_check(host);
    loop_timer_set(host->timer, 1000000);
}

/* --- life --- */

static void process_end(struct host *host)
{
    if (host->pid <= 0)
        return;
    if (host->status)
        kill(host->pid, SIGKILL);
    while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    host->pid = 0;
}

static void host_close(struct host *host)
{
    bus_close(&host->bus);
    connector_close(&host->connector);
    quota_close(&host->quota);
    channel_close(&host->down);
    process_end(host);
    channel_close(&host->up);
    loop_timer_remove(&host->timer);
    loop_close(&host->loop);
    record_close(&host->record);
    arena_done(&host->start_arena);
    free(host);
}

int host_run(int fd)
{
    struct host *host = calloc(1, sizeof(*host));
    struct channel_calls calls = {.ctx = host, .frame = on_up_frame, .ended = on_up_ended};
    struct ctps_err err = {0};
    int status;

    if (!host)
        return EX_OSERR;
    signal(SIGPIPE, SIG_IGN);
    arena_init(&host->start_arena, START_ARENA_MAX);
    host->log_tokens = HOST_LOGS_BURST;
    if (loop_open(&host->loop, &err) != CTPS_OK ||
        channel_open(host->loop, fd, &calls, &host->up, &err) != CTPS_OK ||
        loop_timer_add(host->loop, 1000000, on_second, host, &host->timer, &err) != CTPS_OK ||
        loop_run(host->loop, &err) != CTPS_OK) {
        fprintf(stderr, "ctps-host: %s\n", err.text);
        host->status = EX_OSERR;
    }
    status = host->status;
    host_close(host);
    return status;
}
