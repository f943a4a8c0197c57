#include "plugins/plugins.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/plugins_private.h"

enum { PLUGIN_ARENA_MAX = 32 << 20 };

static const char *const state_names[PLUGIN_STATE_COUNT] = {
    [PLUGIN_DESCRIBED] = "described", [PLUGIN_STARTING] = "starting",
    [PLUGIN_READY] = "ready",         [PLUGIN_DRAINING] = "draining",
    [PLUGIN_STOPPED] = "stopped",     [PLUGIN_FAILED] = "failed",
    [PLUGIN_THROTTLED] = "throttled",
};

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
           a->patience_ms == b->patience_ms && a->retry_ms == b->retry_ms &&
           a->drain_ms == b->drain_ms;
}

/* What ended for good makes room. */
static void removed_forget(struct plugins *plugins)
{
    size_t kept = 0;

    for (size_t i = 0; i < plugins->count; i++)
        if (plugins->all[i]->removed && plugins->all[i]->pid == 0)
            plugin_free(&plugins->all[i]);
        else
            plugins->all[kept++] = plugins->all[i];
    plugins->count = kept;
}

static void add(struct plugins *plugins, const struct plugin_config *config)
{
    struct plugin *plugin;

    removed_forget(plugins);
    plugin = plugins->count < PLUGINS_MAX ? calloc(1, sizeof(*plugin)) : NULL;
    if (!plugin || strlen(config->name) >= sizeof(plugin->name)) {
        log_error(plugins->options.log, "plugin %s: no room for it", config->name);
        free(plugin);
        return;
    }
    plugin->plugins = plugins;
    plugin->pidfd = plugin->words_fd = -1;
    memcpy(plugin->name, config->name, strlen(config->name) + 1);
    arena_init(&plugin->arena, PLUGIN_ARENA_MAX);
    arena_init(&plugin->options_arena, PLUGIN_ARENA_MAX);
    plugins->all[plugins->count++] = plugin;
    plugin_state_set(plugin, PLUGIN_DESCRIBED, NULL);
    if (plugin_describe(plugin, config))
        plugin_start(plugin);
    else
        plugin_state_set(plugin, PLUGIN_FAILED, plugin->why);
}

static void change(struct plugin *plugin, const struct plugin_config *config)
{
    bool only_options = is_same_but_options(&plugin->config, config) && plugin->description;

    if (only_options && strcmp(plugin->config.options, config->options) == 0)
        return;
    if (only_options && plugin->state == PLUGIN_READY) {
        if (plugin_options_read(plugin, config->options))
            plugin_options_send(plugin);
        else
            log_error(plugin->plugins->options.log, "plugin %s: options kept as they were: %s",
                      plugin->name, plugin->why);
        return;
    }
    if (plugin_describe(plugin, config))
        plugin_drain(plugin, true);
    else
        log_error(plugin->plugins->options.log, "plugin %s: %s", plugin->name, plugin->why);
}

static const struct plugin_config *config_find(const struct plugin_config *configs,
                                               size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(configs[i].name, name) == 0)
            return &configs[i];
    return NULL;
}

void plugins_configure(struct plugins *plugins, const struct plugin_config *configs,
                       size_t count)
{
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
        else
            add(plugins, &configs[i]);
    }
}

enum ctps_code plugins_reload(struct plugins *plugins, const char *name)
{
    struct plugin *plugin = find(plugins, name);

    if (!plugin)
        return CTPS_ABSENT;
    plugin->failures = 0;
    plugin_drain(plugin, true);
    return CTPS_OK;
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
        if (plugins->all[i]->pid > 0)
            return false;
    return true;
}

/* --- listing --- */

static char *text(struct arena *arena, const char *from)
{
    return from && *from ? arena_strdup(arena, from) : NULL;
}

static void figures_fill(const struct plugin *plugin, struct arena *arena,
                         Ctps__PluginView *view)
{
    view->figures = arena_alloc(arena, (plugin->figure_count + 1) * sizeof(void *));
    for (size_t i = 0; view->figures && i < plugin->figure_count; i++) {
        Ctps__PluginFigure *figure = arena_alloc(arena, sizeof(*figure));

        if (!figure)
            return;
        ctps__plugin_figure__init(figure);
        figure->name = text(arena, plugin->figures[i].name);
        figure->has_value = 1;
        figure->value = plugin->figures[i].value;
        view->figures[view->n_figures++] = figure;
    }
}

/* Borrowed from the plugin: the answer is packed at once. */
static void description_fill(const struct plugin *plugin, Ctps__PluginView *view, bool whole)
{
    const Ctps__PluginDescription *is = plugin->description;

    if (!is)
        return;
    view->version = is->version;
    view->summary = is->summary;
    view->actions = is->actions;
    view->n_actions = is->n_actions;
    view->audiences = is->audiences;
    view->n_audiences = is->n_audiences;
    if (!whole)
        return;
    view->options = is->options;
    view->n_options = is->n_options;
}

static Ctps__PluginView *view_make(const struct plugin *plugin, struct arena *arena, bool whole)
{
    Ctps__PluginView *view = arena_alloc(arena, sizeof(*view));

    if (!view)
        return NULL;
    ctps__plugin_view__init(view);
    view->name = text(arena, plugin->name);
    view->state = text(arena, state_names[plugin->state]);
    view->why = text(arena, plugin->why);
    view->sandbox = plugin->state == PLUGIN_READY ? text(arena, plugin->level) : NULL;
    view->has_starts = view->has_since_us = 1;
    view->starts = plugin->starts;
    view->since_us = plugin->since_us;
    view->has_next_start_us = plugin->next_start_us != 0;
    view->next_start_us = plugin->next_start_us;
    description_fill(plugin, view, whole);
    if (whole)
        figures_fill(plugin, arena, view);
    return view;
}

Ctps__PluginAnswer *plugins_list(const struct plugins *plugins, struct arena *arena,
                                 const char *name)
{
    Ctps__PluginAnswer *answer = arena_alloc(arena, sizeof(*answer));
    bool one = name && *name;

    if (!answer)
        return NULL;
    ctps__plugin_answer__init(answer);
    answer->plugins = arena_alloc(arena, (plugins->count + 1) * sizeof(void *));
    for (size_t i = 0; answer->plugins && i < plugins->count; i++) {
        const struct plugin *plugin = plugins->all[i];
        Ctps__PluginView *view;

        if (plugin->removed || (one && strcmp(plugin->name, name) != 0))
            continue;
        view = view_make(plugin, arena, one);
        if (view)
            answer->plugins[answer->n_plugins++] = view;
    }
    return answer;
}
