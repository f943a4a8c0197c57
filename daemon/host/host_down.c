/* The host and the plugin process: what goes down, and what comes up. */
#include <sysexits.h>
#include <unistd.h>

#include "host/host_private.h"

/* --- to the plugin process --- */

void host_send_down(struct host *host, const Ctps__LinkFrame *frame, int fd)
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
    host_send_down(host, &frame, -1);
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
    host_send_down(host, &frame, -1);
}

static void on_bus_reply(void *ctx, uint64_t ticket, enum ctps_status status,
                         struct bytes reply)
{
    down_reply(ctx, ticket, status, reply);
}

static void on_bus_lost(void *ctx, const char *why)
{
    host_end(ctx, EX_UNAVAILABLE, why);
}

struct bus_calls host_bus_calls(struct host *host)
{
    return (struct bus_calls){
        .ctx = host, .event = on_bus_event, .reply = on_bus_reply, .lost = on_bus_lost};
}

void host_connected(void *ctx, uint64_t ticket, enum ctps_status status, int fd)
{
    struct host *host = ctx;
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkConnected body = CTPS__LINK_CONNECTED__INIT;

    body.has_ticket = body.has_status = 1;
    body.ticket = ticket;
    body.status = status;
    frame.body_case = CTPS__LINK_FRAME__BODY_CONNECTED;
    frame.connected = &body;
    host_send_down(host, &frame, fd);
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
            host_end(host, EX_OSERR, err.text);
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

bool host_take_down(struct host *host, const Ctps__LinkFrame *frame, int fd)
{
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
