#include "bus/bus_internal.h"

#include "base/log.h"
#include "loop/loop.h"
#include "loop/loop_zmq.h"

#include <assert.h>
#include <stdlib.h>
#include <zmq.h>

/* Refusals are cheap to make and cost a flooder nothing: one key is told of so many. */
enum { TOLD_RATE = 200, TOLD_BURST = 1000, WATCH_US = 250000 };

void bus_options_init(struct bus_options *options)
{
    *options = (struct bus_options){
        .request_max = 256 * 1024,
        .waiting_max = 4096,
        .waiting_max_key = 64,
        .rate_key = 10000,
        .burst_key = 20000,
        .replies_unread = 256,
        .events_unread = 4096,
        .growth_max = UINT64_C(256) << 20,
        .self_test_ms = 2000,
    };
}

static enum ctps_code open_socket(struct bus *bus, struct door *door, struct ctps_err *err)
{
    char domain[ZAP_DOMAIN_LEN];
    bool is_commands = door->audience[0] == '\0';
    struct loop_zmq_options options = {
        .type = is_commands ? ZMQ_ROUTER : ZMQ_PUB,
        .zap_domain = domain,
        .secret_key = bus->limits.secret_key,
        .message_max = is_commands ? bus->limits.request_max : 0,
        /* libzmq takes in subscriptions for as long as the queue holds one more: a queue of
         * two (one stops it for good) lets the loop get back to its other work in between. */
        .queue_in = is_commands ? 0 : 2,
        .queue_out =
            (int)(is_commands ? bus->limits.replies_unread : bus->limits.events_unread),
        .on_message = is_commands ? request_receive : NULL,
        .ctx = bus,
    };
    enum ctps_code code;

    zap_domain_write(domain, is_commands ? NULL : door->audience);
    code = loop_zmq_open(bus->loop, &options, &door->socket, err);
    for (size_t i = 0; code == CTPS_OK && i < door->listener_count; i++)
        code = loop_zmq_listen(door->socket, &door->listeners[i], err);
    if (code != CTPS_OK)
        loop_zmq_close(&door->socket);
    return code;
}

static void close_door(struct door *door)
{
    loop_zmq_close(&door->socket);
    while (door->listener_count > 0)
        listener_close(&door->listeners[--door->listener_count]);
}

static enum ctps_code open_door(struct bus *bus, struct door *door,
                                const struct bus_endpoints *endpoints, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    if (endpoints->count < 1 || endpoints->count > BUS_ENDPOINTS_MAX)
        return err_set(err, CTPS_INVALID, "bus: %s has %zu endpoints, 1 to %d are possible",
                       door->audience[0] ? door->audience : "commands", endpoints->count,
                       BUS_ENDPOINTS_MAX);
    for (size_t i = 0; code == CTPS_OK && i < endpoints->count; i++) {
        code = listener_open(&door->listeners[i], endpoints->items[i], &bus->limits.modes, err);
        door->listener_count += code == CTPS_OK;
    }
    if (code == CTPS_OK)
        code = open_socket(bus, door, err);
    if (code == CTPS_OK)
        code = self_test_door(bus, door, err);
    if (code != CTPS_OK)
        close_door(door);
    return code;
}

static void reopen_if_closed(struct bus *bus, struct door *door)
{
    struct ctps_err err;

    if (!door->socket && open_socket(bus, door, &err) != CTPS_OK)
        log_error(bus->log, "bus: cannot open %s again: %s", door->listeners[0].endpoint,
                  err.text);
}

static void close_sockets(struct bus *bus)
{
    loop_zmq_close(&bus->commands.socket);
    for (size_t i = 0; i < bus->audience_count; i++)
        loop_zmq_close(&bus->audiences[i]->socket);
}

static void on_watch(void *ctx)
{
    struct bus *bus = ctx;

    if (pressure_is_high(&bus->pressure)) {
        bus->figures.pressure_resets++;
        log_error(bus->log, "bus: memory grew by %llu MiB: every connection is dropped",
                  (unsigned long long)(bus->limits.growth_max >> 20));
        close_sockets(bus);
    }
    reopen_if_closed(bus, &bus->commands);
    for (size_t i = 0; i < bus->audience_count; i++)
        reopen_if_closed(bus, bus->audiences[i]);
    loop_timer_set(bus->watch, WATCH_US);
}

static bool is_audience_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= BUS_AUDIENCE_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == len;
}

static struct door *find_audience(const struct bus *bus, const char *name)
{
    for (size_t i = 0; i < bus->audience_count; i++)
        if (strcmp(bus->audiences[i]->audience, name) == 0)
            return bus->audiences[i];
    return NULL;
}

enum ctps_code bus_audience_open(struct bus *bus, const struct bus_audience *audience,
                                 struct ctps_err *err)
{
    struct door *door;
    enum ctps_code code;

    if (!is_audience_name(audience->name))
        return err_set(err, CTPS_INVALID, "bus: \"%s\" is not a name for an audience",
                       audience->name);
    if (find_audience(bus, audience->name))
        return err_set(err, CTPS_EXISTS, "bus: two audiences are named %s", audience->name);
    if (bus->audience_count == BUS_AUDIENCES_MAX)
        return err_set(err, CTPS_LIMIT, "bus: more than %d audiences", BUS_AUDIENCES_MAX);
    door = calloc(1, sizeof(*door));
    if (!door)
        return err_set(err, CTPS_NOMEM, "bus: no memory");
    memcpy(door->audience, audience->name, strlen(audience->name) + 1);
    code = open_door(bus, door, &audience->endpoints, err);
    if (code == CTPS_OK)
        bus->audiences[bus->audience_count++] = door;
    else
        free(door);
    return code;
}

enum ctps_code bus_audience_close(struct bus *bus, const char *audience)
{
    struct door *door = find_audience(bus, audience);
    size_t at = 0;

    if (!door)
        return CTPS_ABSENT;
    while (bus->audiences[at] != door)
        at++;
    bus->audiences[at] = bus->audiences[--bus->audience_count];
    close_door(door);
    free(door);
    return CTPS_OK;
}

const char *bus_audience_name(const struct bus *bus, size_t index)
{
    return index < bus->audience_count ? bus->audiences[index]->audience : NULL;
}

/* --- who is in --- */

static void on_admitted(void *ctx, const char *audience, const uint8_t *public_key)
{
    struct door *door = find_audience(ctx, audience);

    for (size_t i = 0; door && i < door->key_count; i++)
        if (memcmp(door->keys[i], public_key, BUS_KEY_LEN) == 0)
            return;
    if (!door)
        return; /* being opened: the self-test's */
    if (door->key_count == DOOR_KEYS_MAX)
        door->keys_overflow = true;
    else
        memcpy(door->keys[door->key_count++], public_key, BUS_KEY_LEN);
}

static bool is_kept_by_all(struct bus *bus, const struct door *door)
{
    bool kept = !door->keys_overflow;

    for (size_t i = 0; i < door->key_count && kept; i++)
        kept = bus->handler.allow_key(bus->handler.ctx, BUS_AUDIENCE, door->audience,
                                      door->keys[i]) == BUS_ALLOWED;
    return kept;
}

static enum ctps_code reset_door(struct bus *bus, struct door *door, struct ctps_err *err)
{
    loop_zmq_close(&door->socket);
    door->key_count = 0;
    door->keys_overflow = false;
    return open_socket(bus, door, err);
}

enum ctps_code bus_audiences_review(struct bus *bus, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    for (size_t i = 0; i < bus->audience_count && code == CTPS_OK; i++)
        if (!is_kept_by_all(bus, bus->audiences[i]))
            code = reset_door(bus, bus->audiences[i], err);
    return code;
}

static enum ctps_code open_all(struct bus *bus, const struct bus_options *options,
                               struct ctps_err *err)
{
    enum ctps_code code = zap_open(&bus->zap, bus->loop, &bus->handler, bus->log, err);

    bus->zap.on_admitted = on_admitted;
    bus->zap.ctx = bus;
    if (code == CTPS_OK)
        code = open_door(bus, &bus->commands, &options->commands, err);
    for (size_t i = 0; code == CTPS_OK && i < options->audience_count; i++)
        code = bus_audience_open(bus, &options->audiences[i], err);
    pressure_open(&bus->pressure, bus->sys, bus->limits.growth_max);
    if (code == CTPS_OK)
        code = loop_timer_add(bus->loop, WATCH_US, on_watch, bus, &bus->watch, err);
    /* The self-test's own connections are not figures of anybody's. */
    bus->zap.admitted = bus->zap.refused = 0;
    return code;
}

enum ctps_code bus_open(struct loop *loop, const struct bus_options *options,
                        const struct bus_handler *handler, struct bus **ret_bus,
                        struct ctps_err *err)
{
    struct bus *bus;
    enum ctps_code code;

    assert(options->sys && options->rate_key && options->burst_key);
    bus = calloc(1, sizeof(*bus));
    if (!bus)
        return err_set(err, CTPS_NOMEM, "bus: no memory");
    bus->loop = loop;
    bus->sys = options->sys;
    bus->log = options->log;
    bus->handler = *handler;
    bus->limits = *options;
    bus->limits.commands = (struct bus_endpoints){0};
    bus->limits.audiences = NULL;
    bus->asked = (struct bucket_rate){options->rate_key, options->burst_key};
    bus->told = (struct bucket_rate){TOLD_RATE, TOLD_BURST};
    code = open_all(bus, options, err);
    if (code != CTPS_OK)
        bus_close(&bus);
    else
        *ret_bus = bus;
    return code;
}

void bus_close(struct bus **ref)
{
    struct bus *bus = *ref;

    *ref = NULL;
    if (!bus)
        return;
    loop_timer_remove(&bus->watch);
    pressure_close(&bus->pressure);
    close_door(&bus->commands);
    while (bus->audience_count > 0)
        bus_audience_close(bus, bus->audiences[0]->audience);
    zap_close(&bus->zap);
    accounts_done(&bus->accounts);
    buf_done(&bus->refusal);
    explicit_bzero(bus->limits.secret_key, sizeof(bus->limits.secret_key));
    free(bus);
}

enum ctps_code bus_publish(struct bus *bus, const char *audience, struct bytes topic,
                           struct bytes event, struct ctps_err *err)
{
    const struct bytes parts[] = {topic, bytes_of("", 1), event};
    struct door *door = find_audience(bus, audience);
    enum ctps_code code;

    if (!door)
        return err_set(err, CTPS_ABSENT, "bus: no audience %s", audience);
    if (!door->socket)
        return err_set(err, CTPS_CLOSED, "bus: audience %s is closed", audience);
    code = loop_zmq_send_joint(door->socket, parts, 3, err);
    bus->figures.published += code == CTPS_OK;
    return code;
}

enum ctps_code bus_audience_reset(struct bus *bus, const char *audience, struct ctps_err *err)
{
    struct door *door = find_audience(bus, audience);

    if (!door)
        return err_set(err, CTPS_ABSENT, "bus: no audience %s", audience);
    return reset_door(bus, door, err);
}

const char *bus_endpoint(const struct bus *bus, const char *audience, size_t index)
{
    const struct door *door = audience ? find_audience(bus, audience) : &bus->commands;

    return door && index < door->listener_count ? door->listeners[index].endpoint : NULL;
}

void bus_figures_get(const struct bus *bus, struct bus_figures *ret_figures)
{
    *ret_figures = bus->figures;
    ret_figures->connections_admitted = bus->zap.admitted;
    ret_figures->connections_refused = bus->zap.refused;
    ret_figures->keys = (uint32_t)bus->accounts.count;
}
