#include "session_bus.h"

#include "lang.h"

#include <ctps/client.h>
#include <stdlib.h>

struct bus {
    struct ctps_keyfile key;
    struct ctps_client *client;
    struct ctps_subscription *subscription;
    int timeout_ms;
    struct ctps_bytes reply; /* of the request sent last, until it is received */
    bool has_reply;
    struct ctps_event event; /* told last: what next_event lends */
};

static enum ctps_code code_of(enum ctps_status status)
{
    switch (status) {
    case CTPS_STATUS_OK:
        return CTPS_OK;
    case CTPS_STATUS_TIMEOUT:
        return CTPS_BUSY;
    case CTPS_STATUS_DENIED:
    case CTPS_STATUS_REFUSED:
        return CTPS_REFUSED;
    case CTPS_STATUS_RESTORED:
        return CTPS_CONFLICT;
    case CTPS_STATUS_INVALID:
        return CTPS_INVALID;
    case CTPS_STATUS_TOO_LARGE:
        return CTPS_LIMIT;
    case CTPS_STATUS_ABSENT:
        return CTPS_ABSENT;
    case CTPS_STATUS_EXISTS:
        return CTPS_EXISTS;
    case CTPS_STATUS_NO_MEMORY:
        return CTPS_NOMEM;
    default:
        return CTPS_IO;
    }
}

static enum ctps_code failed(struct ctps_err *err, enum ctps_status status,
                             const struct ctps_error *error)
{
    switch (status) {
    case CTPS_STATUS_OK:
        return CTPS_OK;
    case CTPS_STATUS_DENIED:
        return err_set(err, CTPS_REFUSED,
                       _("the daemon does not know this key: ask the technical admin for a "
                         "new one"));
    case CTPS_STATUS_RESTORED:
        return err_set(err, CTPS_CONFLICT,
                       _("a backup was restored: begin again with --from 0"));
    default:
        return err_set(err, code_of(status), "%s", error->text);
    }
}

/* libctps waits for the answer itself and sends again when the connection breaks. */
static enum ctps_code bus_send(void *ctx, struct bytes request, struct ctps_err *err)
{
    struct bus *bus = ctx;
    struct ctps_error error = {0};
    enum ctps_status status;

    ctps_bytes_free(&bus->reply);
    bus->has_reply = false;
    status = ctps_client_request(bus->client, request.data, request.len, bus->timeout_ms,
                                 &bus->reply, &error);
    bus->has_reply = status == CTPS_STATUS_OK;
    return failed(err, status, &error);
}

static enum ctps_code bus_receive(void *ctx, int timeout_ms, struct buf *reply,
                                  struct ctps_err *err)
{
    struct bus *bus = ctx;

    (void)timeout_ms;
    if (!bus->has_reply)
        return err_set(err, CTPS_BUSY, "no request is waiting");
    buf_append(reply, bus->reply.data, bus->reply.len);
    ctps_bytes_free(&bus->reply);
    bus->has_reply = false;
    return reply->failed ? err_set(err, CTPS_NOMEM, "out of memory") : CTPS_OK;
}

static enum ctps_code bus_follow(void *ctx, const char *audience, uint64_t after,
                                 struct ctps_err *err)
{
    struct bus *bus = ctx;
    struct ctps_position position = {.after = after};
    struct ctps_error error = {0};

    if (after == SESSION_FROM_NOW)
        position = (struct ctps_position){.from_now = true};
    return failed(
        err, ctps_subscription_open(&bus->key, audience, &position, &bus->subscription, &error),
        &error);
}

static enum ctps_code bus_next_event(void *ctx, int timeout_ms, struct session_event *ret_event,
                                     struct ctps_err *err)
{
    struct bus *bus = ctx;
    static const uint8_t nothing;
    struct ctps_error error = {0};
    const struct ctps_event *event = &bus->event;
    enum ctps_status status =
        ctps_subscription_next(bus->subscription, timeout_ms, &bus->event, &error);

    if (status)
        return failed(err, status, &error);
    *ret_event = (struct session_event){
        .number = event->number,
        .previous_number = event->previous_number,
        .time_us = event->time_us,
        .topic = event->topic,
        .notice = bytes_of(event->notice_len ? event->notice : &nothing, event->notice_len),
        .incarnation = bytes_of(event->incarnation, sizeof event->incarnation)};
    return CTPS_OK;
}

static void bus_close(void *ctx)
{
    struct bus *bus = ctx;

    ctps_bytes_free(&bus->reply);
    ctps_subscription_close(&bus->subscription);
    ctps_client_close(&bus->client);
    ctps_keyfile_wipe(&bus->key);
    free(bus);
}

enum ctps_code session_bus_open(struct cli *cli, struct ctps_err *err)
{
    const char *path = cli_key_path(cli);
    struct bus *bus = calloc(1, sizeof *bus);
    struct ctps_error error = {0};
    enum ctps_status status;

    if (!bus || !path) {
        free(bus);
        return err_set(err, path ? CTPS_NOMEM : CTPS_ABSENT, _("no key file: --as KEYFILE"));
    }
    bus->timeout_ms = cli->timeout_ms;
    status = ctps_keyfile_read(path, &bus->key, &error);
    if (!status)
        status = ctps_client_open(&bus->key, &bus->client, &error);
    if (status) {
        bus_close(bus);
        if (status == CTPS_STATUS_ABSENT)
            return err_set(err, CTPS_ABSENT, _("%s: no such key file; --as names another"),
                           path);
        return err_set(err, code_of(status), "%s", error.text);
    }
    cli->session = (struct session){.ctx = bus,
                                    .window = 1,
                                    .send = bus_send,
                                    .receive = bus_receive,
                                    .follow = bus_follow,
                                    .next_event = bus_next_event,
                                    .close = bus_close};
    return CTPS_OK;
}
