#include "plugins/plugins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/plugins_private.h"

enum ctps_code plugins_open(struct loop *loop, const struct plugins_options *options,
                            struct plugins **ret_plugins, struct ctps_err *err)
{
    struct plugins *plugins = calloc(1, sizeof(*plugins));

    if (!plugins)
        return err_set(err, CTPS_NOMEM, "plugins: no memory");
    plugins->loop = loop;
    plugins->options = *options;
    *ret_plugins = plugins;
    return CTPS_OK;
}

void plugins_close(struct plugins **held)
{
    struct plugins *plugins = *held;

    if (!plugins)
        return;
    for (size_t i = 0; i < plugins->count; i++)
        plugin_free(&plugins->all[i]);
    free(plugins);
    *held = NULL;
}

static struct plugin *find(const struct plugins *plugins, const char *name)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (!plugins->all[i]->removed && strcmp(plugins->all[i]->name, name) == 0)
            return plugins->all[i];
    return NULL;
}

/* --- configuration --- */

static bool words_equal(const char *const *a, size_t a_count, const char *const *b,
                        size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

static bool is_same_but_options(const struct plugin_config *a, const struct plugin_config *b)
{
    return strcmp(a->file, b->file) == 0 && strcmp(a->state_dir, b->state_dir) == 0 &&
           strcmp(a->record ? a->record : "", b->record ? b->record : "") == 0 &&
           words_equal(a->actions, a->action_count, b->actions, b->action_count) &&
           words_equal(a->audiences, a->audience_count, b->audiences, b->audience_count) &&
           words_equal(a->connect, a->connect_count, b->connect, b->connect_count) &&
           words_equal(a->listen, a->listen_count, b->listen, b->listen_count) &&
           a->uid == b->uid && a->gid == b->gid && a->memory_max == b->memory_max &&
           a->state_max == b->state_max && a->patience_ms == b->patience_ms &&
           a->retry_ms == b->retry_ms && a->drain_ms == b->drain_ms;
}

/* What ended for good makes room. */
static void removed_forget(struct plugins *plugins)
{
    size_t kept = 0;

    for (size_t i = 0; i < plugins->count; i++)
        if (plugins->all[i]->removed && !process_is_running(&plugins->all[i]->host))
            plugin_free(&plugins->all[i]);
        else
            plugins->all[kept++] = plugins->all[i];
    plugins->count = kept;
}

static void describe(struct plugin *plugin, const struct plugin_config *config)
{
    if (!process_is_running(&plugin->host)) {
        loop_timer_remove(&plugin->timer);
        plugin->next_start_us = 0;
        plugin_state_set(plugin, PLUGIN_DESCRIBING, NULL);
    }
    plugin->wanted = true;
    plugin_describe(plugin, config);
}

static enum ctps_code add(struct plugins *plugins, const struct plugin_config *config)
{
    struct plugin *plugin;

    removed_forget(plugins);
    plugin = plugins->count < PLUGINS_MAX ? calloc(1, sizeof(*plugin)) : NULL;
    if (!plugin || strlen(config->name) >= sizeof(plugin->name)) {
        log_error(plugins->options.log, "plugin %s: no room for it", config->name);
        free(plugin);
        return CTPS_OK; /* tried again, there would be none either */
    }
    plugin->plugins = plugins;
    memcpy(plugin->name, config->name, strlen(config->name) + 1);
    plugins->all[plugins->count++] = plugin;
    describe(plugin, config);
    if (plugin->next || plugin->now.config.file)
        return CTPS_OK;
    /* Without its section it could never be tried again. */
    plugin_free(&plugins->all[--plugins->count]);
    return CTPS_NOMEM;
}

/* New options for one that runs and is otherwise the same. */
static void options_change(struct plugin *plugin, const struct plugin_config *config)
{
    const struct plugins_options *options = &plugin->plugins->options;
    struct definition *now = &plugin->now;
    const char *text = arena_strdup(&now->arena, config->options);
    char why[WHY_LEN] = "no memory";

    if (!text || !options_read(&plugin->options, options->sys, now, config->options, why)) {
        log_error(options->log, "plugin %s: options kept as they were: %s", plugin->name, why);
        snprintf(plugin->why, sizeof(plugin->why), "its options are kept as they were: %.360s",
                 why);
        return;
    }
    now->config.options = text;
    plugin->why[0] = '\0';
    plugin_options_send(plugin);
}

static void change(struct plugin *plugin, const struct plugin_config *config)
{
    const struct plugin_config *wanted =
        plugin->next ? &plugin->next->config : &plugin->now.config;
    bool same = is_same_but_options(wanted, config);
    bool runs = plugin->state == PLUGIN_READY && !plugin->next;
    bool failed = plugin->state == PLUGIN_FAILED || plugin->state == PLUGIN_THROTTLED;

    if (same && !failed && strcmp(wanted->options, config->options) == 0) {
        if (runs)
            plugin->why[0] = '\0'; /* a change that was not taken has been taken back */
        return;
    }
    if (same && runs)
        options_change(plugin, config);
    else
        describe(plugin, config);
}

static const struct plugin_config *config_find(const struct plugin_config *configs,
                                               size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(configs[i].name, name) == 0)
            return &configs[i];
    return NULL;
}

enum ctps_code plugins_configure(struct plugins *plugins, const struct plugin_config *configs,
                                 size_t count)
{
    enum ctps_code code = CTPS_OK;

    for (size_t i = 0; i < plugins->count; i++) {
        struct plugin *plugin = plugins->all[i];

        if (plugin->removed || config_find(configs, count, plugin->name))
            continue;
        plugin->removed = true;
        plugin_drain(plugin, false);
    }
    for (size_t i = 0; i < count; i++) {
        struct plugin *plugin = find(plugins, configs[i].name);

        if (plugin)
            change(plugin, &configs[i]);
        else if (add(plugins, &configs[i]) != CTPS_OK)
            code = CTPS_NOMEM;
    }
    return code;
}

enum ctps_code plugins_reload(struct plugins *plugins, const char *name)
{
    struct plugin *plugin = find(plugins, name);

    if (!plugin)
        return CTPS_ABSENT;
    plugin->restart.failures = 0;
    if (!plugins->draining)
        describe(plugin, plugin->next ? &plugin->next->config : &plugin->now.config);
    return CTPS_OK;
}

bool plugins_is_settled(const struct plugins *plugins, const char *name)
{
    static const bool rests[PLUGIN_STATE_COUNT] = {[PLUGIN_READY] = true,
                                                   [PLUGIN_STOPPED] = true,
                                                   [PLUGIN_FAILED] = true,
                                                   [PLUGIN_THROTTLED] = true};
    const struct plugin *plugin = find(plugins, name);

    return !plugin || (rests[plugin->state] && !plugin->next);
}

void plugins_drain(struct plugins *plugins)
{
    plugins->draining = true;
    for (size_t i = 0; i < plugins->count; i++)
        plugin_drain(plugins->all[i], false);
}

bool plugins_is_quiet(const struct plugins *plugins)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (process_is_running(&plugins->all[i]->host))
            return false;
    return true;
}

void plugins_alarms(const struct plugins *plugins,
                    void (*told)(void *arg, const char *plugin, const char *name,
                                 int64_t value),
                    void *arg)
{
    static const char mark[] = "alarm.";

    for (size_t i = 0; i < plugins->count; i++)
        for (size_t f = 0; f < plugins->all[i]->figure_count; f++) {
            const struct figure *figure = &plugins->all[i]->figures[f];

            if (strncmp(figure->name, mark, strlen(mark)) == 0)
                told(arg, plugins->all[i]->name, figure->name + strlen(mark), figure->value);
        }
}
