#include "host/plugin.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/load.h"
#include "host/plugin_private.h"
#include "host/sandbox.h"
#include "wire/wire.h"

enum { START_ARENA_MAX = 8 << 20, OPTIONS_ARENA_MAX = 4 << 20, WHY_LEN = 256 };

/* --- frames to the host --- */

void plugin_say_state(struct ctps_host *host, Ctps__LinkPhase phase, const char *why,
                      const char *sandbox)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkState body = CTPS__LINK_STATE__INIT;

    body.has_phase = 1;
    body.phase = phase;
    body.why = (char *)(uintptr_t)why;
    body.sandbox = (char *)(uintptr_t)sandbox;
    frame.body_case = CTPS__LINK_FRAME__BODY_STATE;
    frame.state = &body;
    channel_send(host->channel, &frame, -1);
}

void plugin_say_verdict(struct ctps_host *host, enum ctps_verdict verdict)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkVerdict body = CTPS__LINK_VERDICT__INIT;

    body.has_number = body.has_verdict = 1;
    body.number = host->event_number;
    body.verdict = verdict;
    body.audience = host->event_audience;
    host->event_number = 0;
    frame.body_case = CTPS__LINK_FRAME__BODY_VERDICT;
    frame.verdict = &body;
    channel_send(host->channel, &frame, -1);
}

static void fail(struct ctps_host *host, const char *why)
{
    plugin_say_state(host, CTPS__LINK_PHASE__LINK_FAILED, why, NULL);
    host->status = EX_CONFIG;
    loop_stop(host->loop);
}

/* --- start --- */

/* The frame's memory goes with the next frame: the start is kept packed and opened again. */
static bool start_keep(struct ctps_host *host, const Ctps__LinkStart *start)
{
    ProtobufCMessage *kept;
    struct bytes packed;

    if (wire_pack(&host->start_arena, &start->base, &packed) != CTPS_OK ||
        wire_unpack(&host->start_arena, &ctps__link_start__descriptor, packed, WIRE_STORED,
                    &kept, NULL) != CTPS_OK)
        return false;
    host->start = (const Ctps__LinkStart *)kept;
    host->options = host->start->options;
    host->option_count = host->start->n_options;
    return host->start->name && host->start->path;
}

static bool is_granted(const char *wanted, char **granted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(granted[i], wanted) == 0)
            return true;
    return false;
}

static bool audiences_check(const struct ctps_host *host, struct ctps_err *err)
{
    const char *const *audience = host->plugin->audiences;

    for (; audience && *audience; audience++)
        if (!is_granted(*audience, host->start->audiences, host->start->n_audiences)) {
            err_set(err, CTPS_INVALID,
                    "it follows audience \"%s\", which the configuration does not grant it",
                    *audience);
            return false;
        }
    return true;
}

static bool plugin_load(struct ctps_host *host, struct ctps_err *err)
{
    if (load_plugin(host->start->path, &host->plugin, err) != CTPS_OK)
        return false;
    return audiences_check(host, err);
}

static void plugin_start(struct ctps_host *host)
{
    char why[WHY_LEN] = "";
    char level[SANDBOX_LEVEL_LEN];
    struct ctps_err err = {0};
    enum ctps_status status;

    if (sandbox_prepare(host->start, &err) != CTPS_OK || !plugin_load(host, &err)) {
        fail(host, err.text);
        return;
    }
    status = host->plugin->start(host, &plugin_api, &host->self, why, sizeof(why));
    if (status != CTPS_STATUS_OK) {
        fail(host, *why ? why : "its start failed without saying why");
        return;
    }
    if (sandbox_close(host->start, level, &err) != CTPS_OK)
        fail(host, err.text);
    else
        plugin_say_state(host, CTPS__LINK_PHASE__LINK_READY, NULL, level);
}

/* --- frames from the host --- */

static bool take_start(struct ctps_host *host, const Ctps__LinkStart *start)
{
    if (host->start || !start_keep(host, start))
        return false;
    return true;
}

/* Listening sockets come one by one, each with a frame; the frame without one ends them. */
static bool take_listener(struct ctps_host *host, int fd)
{
    int *grown;

    if (fd < 0) {
        plugin_start(host);
        return true;
    }
    grown = realloc(host->listeners, (host->listener_count + 1) * sizeof(*grown));
    if (!grown)
        return false;
    host->listeners = grown;
    host->listeners[host->listener_count++] = fd;
    return true;
}

static bool take_event(struct ctps_host *host, const Ctps__LinkEvent *from,
                       const char *audience)
{
    const Ctps__EventHeader *header = from->header;
    struct ctps_event event;
    enum ctps_verdict verdict;

    if (!header || !header->topic || !header->audience || !host->plugin || host->event_number)
        return false;
    event = (struct ctps_event){
        .number = header->number,
        .previous_number = header->previous_number,
        .time_us = header->time_us,
        .topic = header->topic,
        .notice = from->notice.data,
        .notice_len = from->notice.len,
    };
    if (header->incarnation.len == CTPS_INCARNATION_LEN)
        memcpy(event.incarnation, header->incarnation.data, CTPS_INCARNATION_LEN);
    host->event_number = event.number;
    snprintf(host->event_audience, sizeof(host->event_audience), "%s", audience);
    verdict = host->plugin->on_event(host->self, &event);
    if (verdict != CTPS_VERDICT_LATER)
        plugin_say_verdict(host, verdict);
    return true;
}

static bool take_reload(struct ctps_host *host, const Ctps__LinkReload *reload)
{
    ProtobufCMessage *kept;
    struct bytes packed;

    if (!host->plugin)
        return false;
    if (!host->plugin->reload) {
        plugin_say_state(host, CTPS__LINK_PHASE__LINK_RESTART, NULL, NULL);
        return true;
    }
    arena_reset(&host->options_arena);
    if (wire_pack(&host->options_arena, &reload->base, &packed) != CTPS_OK ||
        wire_unpack(&host->options_arena, &ctps__link_reload__descriptor, packed, WIRE_STORED,
                    &kept, NULL) != CTPS_OK)
        return false;
    host->options = ((Ctps__LinkReload *)kept)->options;
    host->option_count = ((Ctps__LinkReload *)kept)->n_options;
    if (host->plugin->reload(host->self) != CTPS_STATUS_OK)
        plugin_say_state(host, CTPS__LINK_PHASE__LINK_RESTART, NULL, NULL);
    return true;
}

static bool take_drain(struct ctps_host *host)
{
    if (!host->plugin || host->draining)
        return false;
    host->draining = true;
    if (host->plugin->drain)
        host->plugin->drain(host->self);
    else
        plugin_api.drained(host);
    return true;
}

bool plugin_take_frame(struct ctps_host *host, const Ctps__LinkFrame *frame, int fd)
{
    if (frame->body_case == CTPS__LINK_FRAME__BODY_CONNECTED)
        return frame->connected->has_ticket ? plugin_take_connected(host, frame->connected, fd)
                                            : host->start && take_listener(host, fd);
    if (fd >= 0)
        close(fd);
    switch (frame->body_case) {
    case CTPS__LINK_FRAME__BODY_START:
        return take_start(host, frame->start);
    case CTPS__LINK_FRAME__BODY_EVENT:
        return take_event(host, frame->event,
                          frame->event->header ? frame->event->header->audience : "");
    case CTPS__LINK_FRAME__BODY_REPLY:
        return plugin_take_reply(host, frame->reply);
    case CTPS__LINK_FRAME__BODY_RELOAD:
        return take_reload(host, frame->reload);
    case CTPS__LINK_FRAME__BODY_DRAIN:
        return take_drain(host);
    case CTPS__LINK_FRAME__BODY_CLOCK:
        plugin_clock_move(host, frame->clock->now_us);
        return true;
    case CTPS__LINK_FRAME__BODY_PING:
        if (host->is_replayed)
            plugin_clock_move(host, host->clock_us); /* what is due at once */
        channel_send(host->channel, frame, -1);
        return true;
    default:
        return false;
    }
}

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    return plugin_take_frame(ctx, frame, fd);
}

static void on_ended(void *ctx, const char *why)
{
    struct ctps_host *host = ctx;

    (void)why; /* the host is gone: so is everybody who could be told */
    host->status = EX_UNAVAILABLE;
    loop_stop(host->loop);
}

/* --- life --- */

static int run(struct ctps_host *host, int fd)
{
    struct channel_calls calls = {.ctx = host, .frame = on_frame, .ended = on_ended};
    struct ctps_err err = {0};

    if (loop_open(&host->loop, &err) != CTPS_OK ||
        channel_open(host->loop, fd, &calls, &host->channel, &err) != CTPS_OK ||
        loop_run(host->loop, &err) != CTPS_OK) {
        fprintf(stderr, "ctps-host: %s\n", err.text);
        return EX_OSERR;
    }
    if (host->plugin && host->plugin->stop && host->status == 0)
        host->plugin->stop(host->self);
    return host->status;
}

struct ctps_host *plugin_host_new(void)
{
    struct ctps_host *host = calloc(1, sizeof(*host));

    if (!host)
        return NULL;
    arena_init(&host->start_arena, START_ARENA_MAX);
    arena_init(&host->options_arena, OPTIONS_ARENA_MAX);
    return host;
}

void plugin_host_free(struct ctps_host **held)
{
    struct ctps_host *host = *held;

    plugin_api_done(host);
    channel_close(&host->channel);
    loop_close(&host->loop);
    for (size_t i = 0; i < host->listener_count; i++)
        close(host->listeners[i]);
    free(host->listeners);
    arena_done(&host->start_arena);
    arena_done(&host->options_arena);
    free(host);
    *held = NULL;
}

int plugin_run(int fd)
{
    struct ctps_host *host = plugin_host_new();
    int status;

    if (!host)
        return EX_OSERR;
    signal(SIGPIPE, SIG_IGN);
    status = run(host, fd);
    plugin_host_free(&host);
    return status;
}
