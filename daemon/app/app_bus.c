/* The bus and the engine, each as the other's surroundings. */
#include <inttypes.h>
#include <stdio.h>

#include "app/app_private.h"
#include "domain/feed.h"

/* libzmq tells of read messages in lots of half its limit: a client that keeps within its
 * waiting requests must never see a reply dropped. */
enum { REPLIES_PER_WAITING = 4 };

_Static_assert(sizeof(struct bus_peer) <= ENGINE_PEER_HANDLE_LEN, "a peer fits its handle");

enum { APP_AUDIENCES = 2 };

static const struct {
    const char *name;
    const char *option; /* its endpoints; without any it has no socket */
} app_audiences[APP_AUDIENCES] = {{"plugins", "bus.plugins"}, {"audit", "bus.audit"}};

static void on_request(void *ctx, const struct bus_request *request)
{
    struct app *app = ctx;
    struct engine_peer peer = {0};
    struct buf busy;

    memcpy(peer.handle, &request->peer, sizeof(request->peer));
    memcpy(peer.public_key, request->peer.public_key, sizeof(peer.public_key));
    snprintf(peer.address, sizeof(peer.address), "%s", request->peer_address);
    if (engine_request(app->engine, &peer, request->body) == CTPS_OK)
        return;
    buf_init(&busy);
    engine_refusal_make(request->body, "too_many", &busy);
    bus_reply(app->bus, &request->peer, buf_bytes(&busy));
    buf_done(&busy);
}

static enum bus_verdict allow_key(void *ctx, enum bus_door door, const char *audience,
                                  const uint8_t *public_key)
{
    static const enum bus_verdict verdicts[] = {
        [ENGINE_NO] = BUS_DENIED,
        [ENGINE_YES] = BUS_ALLOWED,
        [ENGINE_UNKNOWN] = BUS_NOT_NOW,
    };
    struct app *app = ctx;

    return verdicts[door == BUS_COMMANDS
                        ? engine_key_is_live(app->engine, public_key)
                        : engine_key_may_subscribe(app->engine, audience, public_key)];
}

static const char *const refusal_names[BUS_REFUSAL_COUNT] = {
    [BUS_REFUSAL_SHAPE] = "malformed", [BUS_REFUSAL_ROUTING_ID] = "malformed",
    [BUS_REFUSAL_KEY] = "key_unknown", [BUS_REFUSAL_THROTTLED] = "too_many",
    [BUS_REFUSAL_BUSY] = "too_many",   [BUS_REFUSAL_OVERLOADED] = "too_many",
};

static void make_refusal(void *ctx, enum bus_refusal refusal, struct bytes body,
                         struct buf *out)
{
    (void)ctx;
    engine_refusal_make(body, refusal_names[refusal], out);
}

/* What a key did wrong, not what the daemon had no room for. */
static void on_refused(void *ctx, enum bus_refusal refusal, const uint8_t *public_key,
                       const char *peer_address)
{
    struct app *app = ctx;

    if (!app->bus)
        return; /* somebody knocks before the bus is open */
    if (refusal == BUS_REFUSAL_KEY || refusal == BUS_REFUSAL_THROTTLED)
        engine_door_refused(app->engine, public_key, peer_address, refusal_names[refusal]);
}

static void options_fill(const struct app *app, struct bus_options *options,
                         struct bus_audience audiences[APP_AUDIENCES])
{
    const struct conf *conf = app->conf;

    bus_options_init(options);
    options->sys = app->sys;
    options->log = &app->log;
    options->commands.count = conf_list(conf, "bus.commands", &options->commands.items);
    options->audiences = audiences;
    for (size_t i = 0; i < APP_AUDIENCES; i++) {
        struct bus_audience *audience = &audiences[options->audience_count];

        audience->name = app_audiences[i].name;
        audience->endpoints.count =
            conf_list(conf, app_audiences[i].option, &audience->endpoints.items);
        if (audience->endpoints.count)
            options->audience_count++;
    }
    options->request_max = (uint32_t)conf_size(conf, "bus.request_max");
    options->waiting_max_key = (uint32_t)conf_int(conf, "bus.waiting_per_key");
    options->replies_unread = REPLIES_PER_WAITING * options->waiting_max_key;
    options->rate_key = (uint32_t)conf_int(conf, "bus.rate_per_key");
    options->burst_key = (uint32_t)conf_int(conf, "bus.burst_per_key");
}

enum ctps_code app_bus_open(struct app *app, struct ctps_err *err)
{
    struct bus_handler handler = {
        .ctx = app,
        .on_request = on_request,
        .allow_key = allow_key,
        .make_refusal = make_refusal,
        .on_refused = on_refused,
    };
    struct bus_options options;
    struct bus_audience audiences[APP_AUDIENCES];
    enum ctps_code code;

    options_fill(app, &options, audiences);
    code = app_server_key_read(app, options.secret_key, options.public_key, err);
    if (code == CTPS_OK)
        code = bus_open(app->loop, &options, &handler, &app->bus, err);
    explicit_bzero(options.secret_key, sizeof(options.secret_key));
    if (code == CTPS_OK)
        app_feeds_sync(app);
    return code;
}

enum ctps_code app_audiences_review(struct app *app, struct ctps_err *err)
{
    return bus_audiences_review(app->bus, err);
}

void app_heartbeats(struct app *app)
{
    const char *name;

    for (size_t i = 0; (name = bus_audience_name(app->bus, i)); i++) {
        struct buf event;

        buf_init(&event);
        engine_heartbeat(app->engine, name, &event);
        if (event.len && !event.failed)
            bus_publish(app->bus, name, bytes_of_str("heartbeat"), buf_bytes(&event), NULL);
        buf_done(&event);
    }
}

/* --- feeds of partners --- */

static bool is_open_feed(const struct engine_feed_place *feeds, size_t count, const char *name)
{
    char audience[FEED_AUDIENCE_LEN];

    for (size_t i = 0; i < count; i++) {
        feed_audience_write(feeds[i].partner, audience);
        if (strcmp(audience, name) == 0)
            return true;
    }
    return false;
}

static void feeds_close(struct app *app, const struct engine_feed_place *feeds, size_t count)
{
    const char *name;
    uint64_t partner;

    for (size_t i = 0; (name = bus_audience_name(app->bus, i));)
        if (!feed_audience_read(name, &partner) || is_open_feed(feeds, count, name))
            i++;
        else
            bus_audience_close(app->bus, name);
}

static enum ctps_code feed_open(struct app *app, const struct engine_feed_place *feed,
                                struct ctps_err *err)
{
    char endpoints[SETTINGS_FEED_ENDPOINTS_MAX][FEED_ENDPOINT_LEN];
    const char *items[SETTINGS_FEED_ENDPOINTS_MAX];
    char name[FEED_AUDIENCE_LEN];
    struct bus_audience audience = {.name = name, .endpoints = {.items = items}};
    const char *const *bases;
    size_t count = conf_list(app->conf, "bus.feeds", &bases);

    feed_audience_write(feed->partner, name);
    if (count == 0 || bus_endpoint(app->bus, name, 0))
        return CTPS_OK; /* no place for feeds any more, or open already */
    for (size_t i = 0; i < count; i++)
        if (feed_endpoint_write(bases[i], feed->partner, feed->place, endpoints[i]))
            items[audience.endpoints.count++] = endpoints[i];
    return bus_audience_open(app->bus, &audience, err);
}

/* A feed that cannot be opened (its port is taken) keeps nobody from the rest: it is tried
 * again each second, and whoever follows it pulls meanwhile. */
void app_feeds_sync(struct app *app)
{
    struct engine_feed_place feeds[FEEDS_MAX];
    size_t count = engine_feeds(app->engine, feeds, FEEDS_MAX);
    unsigned failed = 0;
    struct ctps_err err = {0};

    if (count > FEEDS_MAX)
        count = FEEDS_MAX;
    feeds_close(app, feeds, count);
    for (size_t i = 0; i < count; i++)
        failed += feed_open(app, &feeds[i], &err) != CTPS_OK;
    if (failed && !app->feeds_failed)
        log_error(&app->log, "%u feeds of partners cannot be opened: %s", failed, err.text);
    app->feeds_failed = failed;
}

/* --- what the engine asks --- */

static void out_reply(void *ctx, const struct engine_peer *peer, struct bytes reply)
{
    struct app *app = ctx;
    struct bus_peer to;

    memcpy(&to, peer->handle, sizeof(to));
    bus_reply(app->bus, &to, reply);
}

static void out_publish(void *ctx, const char *audience, const char *topic, struct bytes event)
{
    struct app *app = ctx;
    struct ctps_err err = {0};

    if (!app->bus)
        return; /* recovery: whoever was away pulls */
    if (bus_publish(app->bus, audience, bytes_of_str(topic), event, &err) != CTPS_OK &&
        !app->feeds_failed)
        log_warning(&app->log, "publishing: %s", err.text);
}

static void out_rights_changed(void *ctx)
{
    struct app *app = ctx;
    struct ctps_err err = {0};

    if (!app->bus || app_audiences_review(app, &err) == CTPS_OK)
        return;
    log_error(&app->log, "an audience cannot be opened again: %s", err.text);
    app->exit_code = APP_EXIT_RETRY;
    loop_stop(app->loop);
}

static void out_feeds_changed(void *ctx)
{
    struct app *app = ctx;

    if (app->bus)
        app_feeds_sync(app);
}

static void out_key_revoked(void *ctx, const uint8_t public_key[ENGINE_KEY_LEN])
{
    struct app *app = ctx;

    if (!app->bus)
        return;
    bus_forget_key(app->bus, public_key);
    out_rights_changed(app);
}

struct figures_out {
    void (*add)(void *arg, const char *name, const char *value, const char *unit, bool alarm);
    void *arg;
};

static void alarm_add(void *arg, const char *plugin, const char *name, int64_t value)
{
    const struct figures_out *out = arg;
    char full[128], text[24];

    snprintf(full, sizeof(full), "plugin.%s.%s", plugin, name);
    snprintf(text, sizeof(text), "%" PRId64, value);
    out->add(out->arg, full, text, "", value != 0);
}

static void out_figures(void *ctx,
                        void (*add)(void *arg, const char *name, const char *value,
                                    const char *unit, bool alarm),
                        void *arg)
{
    struct app *app = ctx;
    struct bus_figures bus;
    uint64_t refused = 0;
    char text[24];

    bus_figures_get(app->bus, &bus);
    for (unsigned i = 0; i < BUS_REFUSAL_COUNT; i++)
        refused += bus.refused[i];
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"bus.connections_admitted", bus.connections_admitted},
        {"bus.connections_refused", bus.connections_refused},
        {"bus.requests", bus.requests},
        {"bus.replies", bus.replies},
        {"bus.replies_dropped", bus.replies_unread + bus.replies_gone},
        {"bus.refused_at_the_door", refused},
        {"bus.published", bus.published},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "%" PRIu64, rows[i].value);
        add(arg, rows[i].name, text, "", false);
    }
    if (app->plugins)
        plugins_alarms(app->plugins, alarm_add, &(struct figures_out){add, arg});
}

static Ctps__PluginAnswer *out_plugins(void *ctx, struct arena *arena, const char *name)
{
    const struct app *app = ctx;

    return app->plugins ? plugins_list(app->plugins, arena, name) : NULL;
}

static bool out_plugin_reload(void *ctx, const char *name)
{
    struct app *app = ctx;

    return app->plugins && plugins_reload(app->plugins, name) == CTPS_OK;
}

static bool out_plugin_is_settled(void *ctx, const char *name)
{
    const struct app *app = ctx;

    return plugins_is_settled(app->plugins, name);
}

void app_engine_out(struct app *app, struct engine_out *ret_out)
{
    const char *const *items;
    bool is_heard = conf_list(app->conf, "bus.audit", &items) > 0;

    *ret_out = (struct engine_out){
        .ctx = app,
        .reply = out_reply,
        .publish = out_publish,
        .audit_is_heard = is_heard,
        .key_revoked = out_key_revoked,
        .rights_changed = out_rights_changed,
        .feeds_changed = out_feeds_changed,
        .reload = app_reload,
        .figures = out_figures,
        .plugins = out_plugins,
        .plugin_reload = out_plugin_reload,
        .plugin_is_settled = out_plugin_is_settled,
    };
}
