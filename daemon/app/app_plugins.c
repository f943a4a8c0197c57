/* Plugins from the configuration, and what they need of bus and engine. */
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_private.h"

enum { DRAIN_TURNS_MAX = 1000000 };

/* --- what the supervisor asks --- */

static const char *audience_endpoint(void *ctx, const char *audience)
{
    const struct app *app = ctx;
    const char *row = strcmp(audience, "plugins") == 0 ? "bus.plugins"
                      : strcmp(audience, "audit") == 0 ? "bus.audit"
                                                       : NULL;
    const char *const *items;

    return row && conf_list(app->conf, row, &items) > 0 ? items[0] : NULL;
}

static void key_added(void *ctx, const char *name, const uint8_t *public_key)
{
    struct app *app = ctx;

    if (engine_hosted_key_add(app->engine, public_key, name) != CTPS_OK)
        log_error(&app->log, "plugin %s: too many keys of plugins", name);
}

/* Whatever still speaks with it is cut off at once. */
static void key_removed(void *ctx, const char *name, const uint8_t *public_key)
{
    struct app *app = ctx;

    (void)name;
    engine_hosted_key_remove(app->engine, public_key);
    if (app->bus)
        bus_forget_key(app->bus, public_key);
}

/* --- opening --- */

/* The one given, beside ctpsd, or where both are installed, be the prefix moved. */
static const char *host_program(const struct app *app, char out[PATH_MAX])
{
    static const char *const tails[] = {"ctps-host", "../libexec/ctps/ctps-host"};
    const char *given = conf_string(app->conf, "programs.host");
    ssize_t len;
    char *slash;

    if (given)
        return given;
    len = readlink("/proc/self/exe", out, PATH_MAX - 32);
    out[len > 0 ? len : 0] = '\0';
    slash = strrchr(out, '/');
    for (size_t i = 0; slash && i < sizeof(tails) / sizeof(tails[0]); i++) {
        memcpy(slash + 1, tails[i], strlen(tails[i]) + 1);
        if (access(out, X_OK) == 0)
            return out;
    }
    snprintf(out, PATH_MAX, "%s/ctps-host", CTPS_LIBEXEC);
    return out;
}

/* One a process of this machine can connect to: ipc if there is one. */
static const char *commands_endpoint(const struct conf *conf)
{
    const char *const *items;
    size_t count = conf_list(conf, "bus.commands", &items);

    for (size_t i = 0; i < count; i++)
        if (strncmp(items[i], "ipc:", 4) == 0)
            return items[i];
    return items[0];
}

enum ctps_code app_plugins_open(struct app *app, struct ctps_err *err)
{
    uint8_t secret[CURVE_KEY_LEN];
    struct plugins_options options = {
        .sys = app->sys,
        .log = &app->log,
        .commands = commands_endpoint(app->conf),
        .audience_endpoint = audience_endpoint,
        .key_added = key_added,
        .key_removed = key_removed,
        .ctx = app,
    };
    enum ctps_code code = app_server_key_read(app, secret, options.server_key, err);

    explicit_bzero(secret, sizeof(secret));
    options.host_program = host_program(app, app->host_program);
    return code == CTPS_OK ? plugins_open(app->loop, &options, &app->plugins, err) : code;
}

/* --- configuring --- */

static bool user_find(const struct app *app, const char *name, const char *user,
                      struct plugin_config *config)
{
    const struct passwd *entry = user ? getpwnam(user) : NULL;

    if (user && geteuid() != 0)
        log_warning(&app->log,
                    "plugin %s: it runs as ctpsd does, not as %s: only root may change that",
                    name, user);
    if (!user || geteuid() != 0)
        return true;
    if (!entry) {
        log_error(&app->log, "plugin %s: no user named %s", name, user);
        return false;
    }
    config->uid = entry->pw_uid;
    config->gid = entry->pw_gid;
    return true;
}

static const char *state_dir(const struct app *app, struct arena *arena, const char *name)
{
    const char *dir = conf_string(app->conf, "data.plugins_dir");
    char *path = dir ? arena_strdup(arena, dir)
                     : arena_printf(arena, "%s/plugins", conf_string(app->conf, "data.dir"));

    if (path)
        (void)mkdir(path, 0711);
    return path ? arena_printf(arena, "%s/%s", path, name) : NULL;
}

static bool config_fill(const struct app *app, struct arena *arena, const char *name,
                        const struct conf *conf, struct plugin_config *out)
{
    *out = (struct plugin_config){
        .name = name,
        .file = conf_string(conf, "file"),
        .conf_file = app->config_path,
        .options = conf_open_text(conf, "options"),
        .record = conf_string(conf, "record"),
        .state_dir = state_dir(app, arena, name),
        .memory_max = (uint64_t)conf_size(conf, "memory_max"),
        .state_max = (uint64_t)conf_size(conf, "state_max"),
        .patience_ms = (uint32_t)conf_duration_ms(conf, "patience"),
        .drain_ms = (uint32_t)conf_duration_ms(conf, "drain"),
        .retry_ms = (uint32_t)conf_duration_ms(conf, "retry"),
    };
    out->action_count = conf_list(conf, "actions", &out->actions);
    out->audience_count = conf_list(conf, "audiences", &out->audiences);
    out->connect_count = conf_list(conf, "connect", &out->connect);
    out->listen_count = conf_list(conf, "listen", &out->listen);
    return out->state_dir && user_find(app, name, conf_string(conf, "user"), out);
}

enum ctps_code app_plugins_configure(struct app *app, const struct conf *conf,
                                     struct ctps_err *err)
{
    struct plugin_config configs[PLUGINS_MAX];
    size_t count = 0;
    enum ctps_code code;
    struct arena arena;

    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < conf_map_count(conf, "plugins") && count < PLUGINS_MAX; i++) {
        const struct conf *entry = conf_map_entry(conf, "plugins", i);

        if (conf_string(entry, "file") &&
            config_fill(app, &arena, conf_map_key(conf, "plugins", i), entry, &configs[count]))
            count++;
    }
    /* Whoever is not among them is ended for good. */
    code = arena.starved ? CTPS_NOMEM : plugins_configure(app->plugins, configs, count);
    arena_done(&arena);
    return code == CTPS_OK ? code : err_set(err, code, "no memory for the sections of plugins");
}

/* Requests are answered meanwhile: a plugin may have to say how far it got. Each has its own
 * time for it, after which it is ended. */
void app_plugins_drain(struct app *app)
{
    struct ctps_err err = {0};

    if (!app->plugins || app->exit_code != APP_EXIT_OK)
        return;
    plugins_drain(app->plugins);
    for (int i = 0; i < DRAIN_TURNS_MAX && !plugins_is_quiet(app->plugins); i++)
        if (loop_turn(app->loop, &err) != CTPS_OK)
            return;
}
