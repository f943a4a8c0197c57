/* The bus and the engine, each as the other's surroundings. */
#include <inttypes.h>
#include <stdio.h>

#include "app/app_private.h"

/* libzmq tells of read messages in lots of half its limit: a client that keeps within its
 * waiting requests must never see a reply dropped. */
enum { REPLIES_PER_WAITING = 4 };

_Static_assert(sizeof(struct bus_peer) <= ENGINE_PEER_HANDLE_LEN, "a peer fits its handle");

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

static bool allow_key(void *ctx, enum bus_door door, const char *audience,
                      const uint8_t *public_key)
{
    struct app *app = ctx;

    (void)audience; /* there is one: "plugins" */
    return door == BUS_COMMANDS ? engine_key_is_live(app->engine, public_key)
                                : engine_key_may_subscribe(app->engine, public_key);
}

static void make_refusal(void *ctx, enum bus_refusal refusal, struct bytes body,
                         struct buf *out)
{
    static const char *const names[BUS_REFUSAL_COUNT] = {
        [BUS_REFUSAL_SHAPE] = "malformed", [BUS_REFUSAL_ROUTING_ID] = "malformed",
        [BUS_REFUSAL_KEY] = "key_unknown", [BUS_REFUSAL_THROTTLED] = "too_many",
        [BUS_REFUSAL_BUSY] = "too_many",   [BUS_REFUSAL_OVERLOADED] = "too_many",
    };

    (void)ctx;
    engine_refusal_make(body, names[refusal], out);
}

static void options_fill(const struct app *app, struct bus_options *options,
                         struct bus_audience *plugins)
{
    const struct conf *conf = app->conf;

    bus_options_init(options);
    options->sys = app->sys;
    options->log = &app->log;
    options->commands.count = conf_list(conf, "bus.commands", &options->commands.items);
    plugins->name = "plugins";
    plugins->endpoints.count = conf_list(conf, "bus.plugins", &plugins->endpoints.items);
    options->audiences = plugins;
    options->audience_count = 1;
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
    };
    struct bus_options options;
    struct bus_audience plugins;
    enum ctps_code code;

    options_fill(app, &options, &plugins);
    code = app_server_key_read(app, options.secret_key, options.public_key, err);
    if (code == CTPS_OK)
        code = bus_open(app->loop, &options, &handler, &app->bus, err);
    explicit_bzero(options.secret_key, sizeof(options.secret_key));
    return code;
}

/* --- what the engine asks --- */

static void out_reply(void *ctx, const struct engine_peer *peer, struct bytes reply)
{
    struct app *app = ctx;
    struct bus_peer to;

    memcpy(&to, peer->handle, sizeof(to));
    if (reply.len)
        bus_reply(app->bus, &to, reply);
    else
        bus_drop(app->bus, &to);
}

static void out_publish(void *ctx, const char *topic, struct bytes header, struct bytes notice)
{
    struct app *app = ctx;
    struct ctps_err err = {0};

    if (!app->bus)
        return; /* recovery: whoever was away pulls */
    if (bus_publish(app->bus, "plugins", bytes_of_str(topic), header, notice, &err) != CTPS_OK)
        log_warning(&app->log, "publishing: %s", err.text);
}

static void out_key_revoked(void *ctx, const uint8_t public_key[ENGINE_KEY_LEN])
{
    struct app *app = ctx;
    struct ctps_err err = {0};

    if (!app->bus)
        return;
    bus_forget_key(app->bus, public_key);
    if (bus_audience_reset(app->bus, "plugins", &err) == CTPS_OK)
        return;
    log_error(&app->log, "audience plugins cannot be opened again: %s", err.text);
    app->exit_code = APP_EXIT_RETRY;
    loop_stop(app->loop);
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

void app_engine_out(struct app *app, struct engine_out *ret_out)
{
    *ret_out = (struct engine_out){
        .ctx = app,
        .reply = out_reply,
        .publish = out_publish,
        .key_revoked = out_key_revoked,
        .reload = app_reload,
        .figures = out_figures,
        .plugins = out_plugins,
        .plugin_reload = out_plugin_reload,
    };
}
