/* What a plugin's host is given at its start: its folder, a key, and all it has to know. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/plugins_private.h"

enum { ARENA_MAX = 4 << 20 };

static void key_make(struct plugin *plugin)
{
    const struct plugins_options *options = &plugin->plugins->options;

    curve_pair_make(options->sys, plugin->public_key, plugin->secret_key);
    plugin->has_key = true;
    options->key_added(options->ctx, plugin->name, plugin->public_key);
}

static bool events_fill(struct plugin *plugin, struct arena *arena, Ctps__LinkStart *start)
{
    const struct plugins_options *options = &plugin->plugins->options;
    const Ctps__PluginDescription *is = plugin->now.description;

    start->events = arena_alloc(arena, (is->n_audiences + 1) * sizeof(void *));
    if (!start->events)
        return false;
    for (size_t i = 0; i < is->n_audiences; i++) {
        Ctps__LinkAudience *audience = arena_alloc(arena, sizeof(*audience));
        const char *endpoint = options->audience_endpoint(options->ctx, is->audiences[i]);

        if (!audience || !endpoint)
            return false;
        ctps__link_audience__init(audience);
        audience->audience = is->audiences[i];
        audience->endpoint = (char *)(uintptr_t)endpoint;
        start->events[start->n_events++] = audience;
    }
    return true;
}

static void bytes_set(ProtobufCBinaryData *out, protobuf_c_boolean *has, const uint8_t *key)
{
    *has = 1;
    out->data = (uint8_t *)(uintptr_t)key;
    out->len = CURVE_KEY_LEN;
}

static void limits_fill(const struct plugin_config *config, Ctps__LinkStart *start)
{
    start->has_uid = start->has_gid = start->has_memory_max = start->has_patience_ms = 1;
    start->has_retry_ms = start->has_state_max = 1;
    start->state_max = config->state_max;
    start->retry_ms = config->retry_ms;
    start->uid = config->uid;
    start->gid = config->gid;
    start->memory_max = config->memory_max;
    start->patience_ms = config->patience_ms;
}

static bool start_send(struct plugin *plugin)
{
    const struct plugins_options *options = &plugin->plugins->options;
    const struct plugin_config *config = &plugin->now.config;
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = CTPS__LINK_START__INIT;
    struct arena arena;
    bool filled;

    arena_init(&arena, ARENA_MAX);
    start.name = plugin->name;
    start.path = (char *)(uintptr_t)config->file;
    start.options = plugin->options.items;
    start.n_options = plugin->options.count;
    start.state_dir = (char *)(uintptr_t)config->state_dir;
    start.connect = (char **)(uintptr_t)config->connect;
    start.n_connect = config->connect_count;
    start.listen = (char **)(uintptr_t)config->listen;
    start.n_listen = config->listen_count;
    start.audiences = plugin->now.description->audiences;
    start.n_audiences = plugin->now.description->n_audiences;
    start.readable = plugin->options.readable;
    start.n_readable = plugin->options.readable_count;
    start.commands = (char *)(uintptr_t)options->commands;
    start.record = (char *)(uintptr_t)config->record;
    bytes_set(&start.public_key, &start.has_public_key, plugin->public_key);
    bytes_set(&start.secret_key, &start.has_secret_key, plugin->secret_key);
    bytes_set(&start.server_key, &start.has_server_key, options->server_key);
    limits_fill(config, &start);
    filled = events_fill(plugin, &arena, &start);
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    if (filled)
        process_send(&plugin->host, &frame);
    arena_done(&arena);
    return filled;
}

/* Its own and nobody else's, whoever made it. */
static bool state_dir_make(const struct plugin_config *config)
{
    if (mkdir(config->state_dir, 0700) < 0 && errno != EEXIST)
        return false;
    return chmod(config->state_dir, 0700) == 0 &&
           (!config->uid || chown(config->state_dir, config->uid, config->gid) == 0);
}

enum ctps_code plugin_host_start(struct plugin *plugin, const struct process_calls *calls,
                                 struct ctps_err *err)
{
    const struct plugins *plugins = plugin->plugins;
    enum ctps_code code;

    if (!state_dir_make(&plugin->now.config))
        return err_set_errno(err, errno, "its folder %s", plugin->now.config.state_dir);
    key_make(plugin);
    code = process_start(&plugin->host, plugins->loop, plugins->options.host_program, "--link",
                         calls, err);
    if (code == CTPS_OK && !start_send(plugin))
        code = err_set(err, CTPS_INVALID,
                       "an audience it follows has no endpoint in this configuration: add it "
                       "to `bus`");
    return code;
}
