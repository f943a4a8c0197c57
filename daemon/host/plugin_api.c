/* The host API as the plugin process implements it: frames to the host, and the loop. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "host/plugin_private.h"
#include "seal/seal.h"

/* --- requests and connections --- */

static struct ticket *ticket_new(struct ctps_host *host, void *arg)
{
    for (size_t i = 0; i < TICKETS_MAX; i++) {
        struct ticket *ticket = &host->tickets[i];

        if (ticket->number)
            continue;
        *ticket = (struct ticket){.number = ++host->next_ticket, .arg = arg};
        return ticket;
    }
    return NULL;
}

static bool ticket_take(struct ctps_host *host, uint64_t number, struct ticket *ret_ticket)
{
    for (size_t i = 0; number && i < TICKETS_MAX; i++)
        if (host->tickets[i].number == number) {
            *ret_ticket = host->tickets[i];
            host->tickets[i].number = 0;
            return true;
        }
    return false;
}

static enum ctps_status api_request(struct ctps_host *host, const uint8_t *request,
                                    size_t request_len, ctps_answered *done, void *arg)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkRequest body = CTPS__LINK_REQUEST__INIT;
    struct ticket *ticket;

    if (request_len > CTPS_REQUEST_MAX)
        return CTPS_STATUS_TOO_LARGE;
    ticket = ticket_new(host, arg);
    if (!ticket)
        return CTPS_STATUS_INVALID;
    ticket->answered = done;
    body.has_ticket = body.has_request = 1;
    body.ticket = ticket->number;
    body.request.data = (uint8_t *)(uintptr_t)request;
    body.request.len = request_len;
    frame.body_case = CTPS__LINK_FRAME__BODY_REQUEST;
    frame.request = &body;
    channel_send(host->channel, &frame, -1);
    return CTPS_STATUS_OK;
}

bool plugin_take_reply(struct ctps_host *host, const Ctps__LinkReply *reply)
{
    struct ticket ticket;

    if (!ticket_take(host, reply->ticket, &ticket) || !ticket.answered)
        return false;
    ticket.answered(ticket.arg, (enum ctps_status)reply->status,
                    reply->reply.len ? reply->reply.data : NULL, reply->reply.len);
    return true;
}

static enum ctps_status api_connect(struct ctps_host *host, const char *name, uint16_t port,
                                    ctps_connected *done, void *arg)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkConnect body = CTPS__LINK_CONNECT__INIT;
    struct ticket *ticket = ticket_new(host, arg);

    if (!ticket)
        return CTPS_STATUS_INVALID;
    ticket->connected = done;
    body.has_ticket = body.has_port = 1;
    body.ticket = ticket->number;
    body.host = (char *)(uintptr_t)name;
    body.port = port;
    frame.body_case = CTPS__LINK_FRAME__BODY_CONNECT;
    frame.connect = &body;
    channel_send(host->channel, &frame, -1);
    return CTPS_STATUS_OK;
}

bool plugin_take_connected(struct ctps_host *host, const Ctps__LinkConnected *connected, int fd)
{
    struct ticket ticket;

    if (!ticket_take(host, connected->ticket, &ticket) || !ticket.connected) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    ticket.connected(ticket.arg,
                     fd < 0 && !connected->status ? CTPS_STATUS_IO
                                                  : (enum ctps_status)connected->status,
                     fd);
    return true;
}

static void api_request_id(struct ctps_host *host, const char *words,
                           uint8_t out[CTPS_REQUEST_ID_LEN])
{
    const char *name = host->start->name;
    uint8_t hash[SEAL_HASH_LEN];
    /* The name's end goes with it: no two (name, words) give the same bytes. */
    struct bytes parts[] = {bytes_of(name, strlen(name) + 1), bytes_of_str(words)};

    seal_hash(hash, parts, 2);
    memcpy(out, hash, CTPS_REQUEST_ID_LEN);
}

static int api_listener(struct ctps_host *host, unsigned index)
{
    return index < host->listener_count ? host->listeners[index] : -1;
}

/* --- events --- */

static void api_event_end(struct ctps_host *host, uint64_t number, enum ctps_verdict verdict)
{
    if (number == host->event_number && verdict != CTPS_VERDICT_LATER)
        plugin_say_verdict(host, verdict);
}

static void api_drained(struct ctps_host *host)
{
    if (!host->draining)
        return;
    plugin_say_state(host, CTPS__LINK_PHASE__LINK_DRAINED, NULL, NULL);
    loop_stop(host->loop);
}

/* --- time and descriptors --- */

static void timer_free(struct ctps_timer *timer)
{
    struct ctps_host *host = timer->host;

    if (host->timers == timer)
        host->timers = timer->next;
    for (struct ctps_timer *at = host->timers; at; at = at->next)
        if (at->next == timer)
            at->next = timer->next;
    loop_timer_remove(&timer->timer);
    free(timer);
}

static void on_due(void *ctx)
{
    struct ctps_timer *timer = ctx;
    ctps_due *due = timer->due;
    void *arg = timer->arg;

    timer_free(timer);
    due(arg);
}

static struct ctps_timer *api_timer_add(struct ctps_host *host, int64_t after_ms, ctps_due *due,
                                        void *arg)
{
    struct ctps_timer *timer = calloc(1, sizeof(*timer));

    if (!timer)
        return NULL;
    timer->host = host;
    timer->due = due;
    timer->arg = arg;
    timer->due_us = host->clock_us + (after_ms < 0 ? 0 : after_ms * 1000);
    if (!host->is_replayed && loop_timer_add(host->loop, after_ms < 0 ? 0 : after_ms * 1000,
                                             on_due, timer, &timer->timer, NULL) != CTPS_OK) {
        free(timer);
        return NULL;
    }
    timer->next = host->timers;
    host->timers = timer;
    return timer;
}

static void api_timer_remove(struct ctps_host *host, struct ctps_timer **timer)
{
    (void)host;
    if (*timer)
        timer_free(*timer);
    *timer = NULL;
}

/* The one that comes due first; of several the oldest. */
static struct ctps_timer *timer_first(const struct ctps_host *host)
{
    struct ctps_timer *first = host->timers;

    for (struct ctps_timer *timer = host->timers; timer; timer = timer->next)
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): timer_free took it out of the list */
        if (timer->due_us <= first->due_us)
            first = timer;
    return first;
}

void plugin_clock_move(struct ctps_host *host, int64_t now_us)
{
    struct ctps_timer *timer;

    host->is_replayed = true;
    while ((timer = timer_first(host)) && timer->due_us <= now_us) {
        host->clock_us = timer->due_us > host->clock_us ? timer->due_us : host->clock_us;
        on_due(timer);
    }
    host->clock_us = now_us;
}

static void on_ready(void *ctx, unsigned ready)
{
    const struct ctps_watch *watch = ctx;

    watch->ready(watch->arg, ready & LOOP_READABLE, ready & LOOP_WRITABLE);
}

static struct ctps_watch *api_watch_add(struct ctps_host *host, int fd, bool readable,
                                        bool writable, ctps_ready *ready, void *arg)
{
    struct ctps_watch *watch = calloc(1, sizeof(*watch));
    unsigned wanted = (readable ? LOOP_READABLE : 0) | (writable ? LOOP_WRITABLE : 0);

    if (!watch)
        return NULL;
    watch->host = host;
    watch->ready = ready;
    watch->arg = arg;
    if (loop_watch_add(host->loop, fd, wanted, on_ready, watch, &watch->watch, NULL) !=
        CTPS_OK) {
        free(watch);
        return NULL;
    }
    watch->next = host->watches;
    host->watches = watch;
    return watch;
}

static void watch_free(struct ctps_watch *watch)
{
    struct ctps_host *host = watch->host;

    if (host->watches == watch)
        host->watches = watch->next;
    for (struct ctps_watch *at = host->watches; at; at = at->next)
        if (at->next == watch)
            at->next = watch->next;
    loop_watch_remove(&watch->watch);
    free(watch);
}

static void api_watch_remove(struct ctps_host *host, struct ctps_watch **watch)
{
    (void)host;
    if (*watch)
        watch_free(*watch);
    *watch = NULL;
}

static int64_t api_now_us(struct ctps_host *host)
{
    struct timespec now;

    if (host->is_replayed)
        return host->clock_us;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void plugin_api_done(struct ctps_host *host)
{
    for (struct ctps_timer *next, *timer = host->timers; timer; timer = next) {
        next = timer->next;
        loop_timer_remove(&timer->timer);
        free(timer);
    }
    for (struct ctps_watch *next, *watch = host->watches; watch; watch = next) {
        next = watch->next;
        loop_watch_remove(&watch->watch);
        free(watch);
    }
    host->timers = NULL;
    host->watches = NULL;
}

/* --- words and figures --- */

static void api_log(struct ctps_host *host, enum ctps_level level, const char *line)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkLog body = CTPS__LINK_LOG__INIT;

    body.has_level = 1;
    body.level = level;
    body.line = (char *)(uintptr_t)line;
    frame.body_case = CTPS__LINK_FRAME__BODY_LOG;
    frame.log = &body;
    channel_send(host->channel, &frame, -1);
}

static void api_metric(struct ctps_host *host, const char *name, int64_t value)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkMetric body = CTPS__LINK_METRIC__INIT;

    body.name = (char *)(uintptr_t)name;
    body.has_value = 1;
    body.value = value;
    frame.body_case = CTPS__LINK_FRAME__BODY_METRIC;
    frame.metric = &body;
    channel_send(host->channel, &frame, -1);
}

/* --- options --- */

static const Ctps__LinkOption *option_find(const struct ctps_host *host, const char *name)
{
    for (size_t i = 0; i < host->option_count; i++)
        if (host->options[i]->name && strcmp(host->options[i]->name, name) == 0)
            return host->options[i];
    return NULL;
}

static const char *api_option_item(struct ctps_host *host, const char *name, unsigned index)
{
    const Ctps__LinkOption *option = option_find(host, name);

    return option && index < option->n_items ? option->items[index] : NULL;
}

static const char *api_option_string(struct ctps_host *host, const char *name)
{
    return api_option_item(host, name, 0);
}

static int64_t api_option_int(struct ctps_host *host, const char *name)
{
    const Ctps__LinkOption *option = option_find(host, name);

    return option ? option->number : 0;
}

static enum ctps_status api_secret(struct ctps_host *host, const char *name,
                                   const uint8_t **ret_data, size_t *ret_len)
{
    /* Those of the start: files are read once, before the sandbox closed. */
    for (size_t i = 0; i < host->start->n_options; i++) {
        const Ctps__LinkOption *option = host->start->options[i];

        if (!option->name || strcmp(option->name, name) != 0 || !option->has_secret)
            continue;
        *ret_data = option->secret.data;
        *ret_len = option->secret.len;
        return CTPS_STATUS_OK;
    }
    return CTPS_STATUS_ABSENT;
}

static const char *api_state_dir(struct ctps_host *host)
{
    return host->start->state_dir;
}

const struct ctps_host_api plugin_api = {
    .len = sizeof(struct ctps_host_api),
    .request = api_request,
    .request_id = api_request_id,
    .event_end = api_event_end,
    .timer_add = api_timer_add,
    .timer_remove = api_timer_remove,
    .watch_add = api_watch_add,
    .watch_remove = api_watch_remove,
    .now_us = api_now_us,
    .connect = api_connect,
    .listener = api_listener,
    .log = api_log,
    .metric = api_metric,
    .option_string = api_option_string,
    .option_int = api_option_int,
    .option_item = api_option_item,
    .secret = api_secret,
    .state_dir = api_state_dir,
    .drained = api_drained,
};
