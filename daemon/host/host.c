#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/bus.h"
#include "host/connect.h"
#include "host/process.h"
#include "host/record.h"
#include "link/channel.h"
#include "wire/wire.h"

enum {
    START_ARENA_MAX = 8 << 20,
    FRAME_ARENA_MAX = 16 << 20,
    PATIENCE_MS = 10000, /* when the start says nothing */
    LOGS_BURST = 200,    /* lines at once… */
    LOGS_PER_S = 20,     /* …and over time; the rest are counted */
    WHY_LEN = 160,
};

struct host {
    struct loop *loop;
    struct channel *up;   /* ctpsd */
    struct channel *down; /* the plugin process */
    struct arena start_arena;
    struct arena arena; /* of one frame made here */
    Ctps__LinkStart *start;
    struct bus *bus;
    struct record *record; /* NULL: not recorded */
    struct connector *connector;
    struct loop_timer *timer; /* once a second */
    pid_t pid;
    uint64_t pings;
    uint64_t pongs;
    int64_t silent_ms; /* since the last ping that was answered */
    unsigned log_tokens;
    unsigned logs_dropped;
    bool ready;
    bool draining;
    int status;
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

static void end(struct host *host, int status, const char *why)
{
    if (host->status == 0 && status) {
        host->status = status;
        up_state(host, CTPS__LINK_PHASE__LINK_FAILED, why);
    }
    loop_stop(host->loop);
}

/* --- bus to plugin --- */

/* What stands in recordings goes this way. */
static void down_send(struct host *host, const Ctps__LinkFrame *frame, int fd)
{
    record_add(host->record, frame);
    channel_send(host->down, frame, fd);
}

static void on_bus_event(void *ctx, const char *audience, const struct ctps_event *event)
{
    struct host *host = ctx;
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkEvent body = CTPS__LINK_EVENT__INIT;
    Ctps__EventHeader header = CTPS__EVENT_HEADER__INIT;

    header.has_incarnation = header.has_number = header.has_previous_number =
        header.has_time_us = 1;
    header.incarnation.data = (uint8_t *)(uintptr_t)event->incarnation;
    header.incarnation.len = CTPS_INCARNATION_LEN;
    header.audience = (char *)(uintptr_t)audience;
    header.number = event->number;
    header.previous_number = event->previous_number;
    header.time_us = event->time_us;
    header.topic = (char *)(uintptr_t)event->topic;
    body.header = &header;
    body.has_notice = 1;
    body.notice.data = (uint8_t *)(uintptr_t)event->notice;
    body.notice.len = event->notice_len;
    frame.body_case = CTPS__LINK_FRAME__BODY_EVENT;
    frame.event = &body;
    down_send(host, &frame, -1);
}

static void down_reply(struct host *host, uint64_t ticket, enum ctps_status status,
                       struct bytes reply)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkReply body = CTPS__LINK_REPLY__INIT;

    body.has_ticket = body.has_status = body.has_reply = 1;
    body.ticket = ticket;
    body.status = status;
    body.reply.data = (uint8_t *)(uintptr_t)reply.data;
    body.reply.len = reply.len;
    frame.body_case = CTPS__LINK_FRAME__BODY_REPLY;
    frame.reply = &body;
    down_send(host, &frame, -1);
}

static void on_bus_reply(void *ctx, uint64_t ticket, enum ctps_status status,
                         struct bytes reply)
{
    down_reply(ctx, ticket, status, reply);
}

static void on_bus_lost(void *ctx, const char *why)
{
    end(ctx, EX_UNAVAILABLE, why);
}

static void on_connected(void *ctx, uint64_t ticket, enum ctps_status status, int fd)
{
    struct host *host = ctx;
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkConnected body = CTPS__LINK_CONNECTED__INIT;

    body.has_ticket = body.has_status = 1;
    body.ticket = ticket;
    body.status = status;
    frame.body_case = CTPS__LINK_FRAME__BODY_CONNECTED;
    frame.connected = &body;
    down_send(host, &frame, fd);
    if (fd >= 0)
        close(fd);
}

/* --- frames of the plugin process --- */

static bool state_take(struct host *host, const Ctps__LinkState *state)
{
    struct ctps_err err = {0};

    switch (state->phase) {
    case CTPS__LINK_PHASE__LINK_READY:
        if (host->ready)
            return false;
        host->ready = true;
        if (bus_follow(host->bus, &err) != CTPS_OK)
            end(host, EX_OSERR, err.text);
        return true;
    case CTPS__LINK_PHASE__LINK_FAILED:
        host->status = EX_CONFIG;
        loop_stop(host->loop);
        return true;
    case CTPS__LINK_PHASE__LINK_DRAINED:
        if (!host->draining)
            return false;
        bus_close(&host->bus);
        loop_stop(host->loop);
        return true;
    case CTPS__LINK_PHASE__LINK_RESTART:
        return true;
    default:
        return false;
    }
}

/* What a taken-over plugin could use to hurt others is looked at; the rest goes up as it is. */
static bool words_take(struct host *host, const Ctps__LinkFrame *frame)
{
    if (host->log_tokens == 0) {
        host->logs_dropped++;
        return true;
    }
    host->log_tokens--;
    channel_send(host->up, frame, -1);
    return true;
}

static bool request_take(struct host *host, const Ctps__LinkRequest *request)
{
    if (!request->has_ticket || !request->has_request ||
        request->request.len > CTPS_REQUEST_MAX)
        return false;
    if (!bus_request(host->bus, request->ticket,
                     bytes_of(request->request.data, request->request.len)))
        down_reply(host, request->ticket, CTPS_STATUS_INVALID, bytes_of(NULL, 0));
    return true;
}

static bool is_recorded(const Ctps__LinkFrame *frame)
{
    return frame->body_case != CTPS__LINK_FRAME__BODY_STATE &&
           frame->body_case != CTPS__LINK_FRAME__BODY_PING;
}

static bool on_down_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct host *host = ctx;

    if (fd >= 0) {
        close(fd);
        return false;
    }
    if (is_recorded(frame))
        record_add(host->record, frame);
    switch (frame->body_case) {
    case CTPS__LINK_FRAME__BODY_STATE:
        if (!state_take(host, frame->state))
            return false;
        channel_send(host->up, frame, -1);
        return true;
    case CTPS__LINK_FRAME__BODY_LOG:
    case CTPS__LINK_FRAME__BODY_METRIC:
        return words_take(host, frame);
    case CTPS__LINK_FRAME__BODY_REQUEST:
        return request_take(host, frame->request);
    case CTPS__LINK_FRAME__BODY_VERDICT:
        if (!frame->verdict->audience)
            return false;
        bus_verdict(host->bus, frame->verdict->audience, frame->verdict->number,
                    (enum ctps_verdict)frame->verdict->verdict);
        return true;
    case CTPS__LINK_FRAME__BODY_CONNECT:
        connector_ask(host->connector, frame->connect->ticket, frame->connect->host,
                      frame->connect->port);
        return true;
    case CTPS__LINK_FRAME__BODY_PING:
        if (frame->ping->number != host->pings)
            return false;
        host->pongs = host->pings;
        return true;
    default:
        return false;
    }
}

/* How the plugin process ended, in words; false when it has not. */
static bool end_words(struct host *host, char why[WHY_LEN])
{
    int status;

    if (host->pid <= 0 || waitpid(host->pid, &status, WNOHANG) != host->pid)
        return false;
    host->pid = 0;
    if (WIFSIGNALED(status))
        snprintf(why, WHY_LEN, "the plugin process was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(why, WHY_LEN, "the plugin process ended by itself with %d",
                 WEXITSTATUS(status));
    return true;
}

static void on_down_ended(void *ctx, const char *why)
{
    struct host *host = ctx;
    char words[WHY_LEN];

    snprintf(words, sizeof(words), "the plugin process: %s", why);
    /* It may still be ending: its own end says more than its silence. */
    for (int tries = 0; tries < 50 && host->pid > 0 && !end_words(host, words); tries++)
        usleep(2000);
    end(host, EX_SOFTWARE, words);
}

/* --- starting it --- */

static bool start_keep(struct host *host, const Ctps__LinkStart *start)
{
    ProtobufCMessage *kept;
    struct bytes packed;

    if (host->start || wire_pack(&host->start_arena, &start->base, &packed) != CTPS_OK ||
        wire_unpack(&host->start_arena, &ctps__link_start__descriptor, packed, WIRE_STORED,
                    &kept, NULL) != CTPS_OK)
        return false;
    host->start = (Ctps__LinkStart *)kept;
    return true;
}

/* All but the way to the bus. */
static void down_start(struct host *host)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = *host->start;

    start.has_public_key = start.has_secret_key = start.has_server_key = 0;
    start.commands = start.record = NULL;
    start.n_events = 0;
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    channel_send(host->down, &frame, -1);
}

static int address_listen(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* "ADDRESS:PORT", the address in figures. */
static int listener_open(const char *text)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    const char *colon = strrchr(text, ':');
    char host[64];
    int fd = -1;

    if (!colon || (size_t)(colon - text) >= sizeof(host))
        return -1;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    if (getaddrinfo(host, colon + 1, &hints, &found) == 0)
        fd = address_listen(found);
    if (found)
        freeaddrinfo(found);
    return fd;
}

static bool down_listeners(struct host *host, struct ctps_err *err)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkConnected body = CTPS__LINK_CONNECTED__INIT;

    frame.body_case = CTPS__LINK_FRAME__BODY_CONNECTED;
    frame.connected = &body;
    for (size_t i = 0; i < host->start->n_listen; i++) {
        int fd = listener_open(host->start->listen[i]);

        if (fd < 0) {
            err_set_errno(err, errno, "cannot listen on %s", host->start->listen[i]);
            return false;
        }
        channel_send(host->down, &frame, fd);
        close(fd);
    }
    channel_send(host->down, &frame, -1); /* no more of them */
    return true;
}

static bool record_begin(struct host *host, struct ctps_err *err)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = CTPS__LINK_START__INIT;

    if (!host->start->record || !*host->start->record)
        return true;
    if (record_open(host->start->record, &host->record, err) != CTPS_OK)
        return false;
    start.options = host->start->options;
    start.n_options = host->start->n_options;
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    record_add(host->record, &frame);
    return true;
}

static void plugin_begin(struct host *host)
{
    struct bus_calls calls = {
        .ctx = host, .event = on_bus_event, .reply = on_bus_reply, .lost = on_bus_lost};
    struct channel_calls down = {.ctx = host, .frame = on_down_frame, .ended = on_down_ended};
    struct ctps_err err = {0};

    if (!record_begin(host, &err) ||
        process_open(host->loop, "--plugin", &down, &host->pid, &host->down, &err) != CTPS_OK ||
        connector_open(host->loop, host->start->connect, host->start->n_connect, on_connected,
                       host, &host->connector, &err) != CTPS_OK ||
        bus_open(host->loop, host->start, &calls, &host->bus, &err) != CTPS_OK) {
        end(host, EX_OSERR, err.text);
        return;
    }
    down_start(host);
    if (!down_listeners(host, &err))
        end(host, EX_CONFIG, err.text);
}

/* --- frames of ctpsd --- */

static bool on_up_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct host *host = ctx;

    if (fd >= 0)
        close(fd);
    switch (frame->body_case) {
    case CTPS__LINK_FRAME__BODY_START:
        if (!start_keep(host, frame->start))
            return false;
        plugin_begin(host);
        return true;
    case CTPS__LINK_FRAME__BODY_RELOAD:
        if (host->down)
            down_send(host, frame, -1);
        return true;
    case CTPS__LINK_FRAME__BODY_DRAIN:
        host->draining = true;
        if (host->bus)
            bus_unfollow(host->bus);
        if (host->ready)
            down_send(host, frame, -1);
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
    end(host, EX_SOFTWARE, why);
}

static void logs_refill(struct host *host)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkLog body = CTPS__LINK_LOG__INIT;
    char line[64];

    if (host->logs_dropped) {
        snprintf(line, sizeof(line), "%u lines or figures too many, not kept",
                 host->logs_dropped);
        body.has_level = 1;
        body.level = CTPS_LEVEL_WARNING;
        body.line = line;
        frame.body_case = CTPS__LINK_FRAME__BODY_LOG;
        frame.log = &body;
        channel_send(host->up, &frame, -1);
        host->logs_dropped = 0;
    }
    host->log_tokens += LOGS_PER_S;
    if (host->log_tokens > LOGS_BURST)
        host->log_tokens = LOGS_BURST;
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
    host->log_tokens = LOGS_BURST;
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
