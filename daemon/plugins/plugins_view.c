/* Plugins as the operator sees them. */
#include <string.h>

#include "plugins/plugins_private.h"

static const char *const state_names[PLUGIN_STATE_COUNT] = {
    [PLUGIN_DESCRIBING] = "describing", [PLUGIN_DESCRIBED] = "described",
    [PLUGIN_STARTING] = "starting",     [PLUGIN_READY] = "ready",
    [PLUGIN_DRAINING] = "draining",     [PLUGIN_STOPPED] = "stopped",
    [PLUGIN_FAILED] = "failed",         [PLUGIN_THROTTLED] = "throttled",
};

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
    const Ctps__PluginDescription *is = plugin->now.description;

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
    view->has_asked = 1;
    view->asked = plugin->next != NULL;
    view->has_starts = view->has_since_us = 1;
    view->starts = plugin->starts;
    view->since_us = plugin->since_us;
    view->has_next_start_us = plugin->next_start_us != 0;
    view->next_start_us = plugin->next_start_us;
    view->has_state_bytes = view->has_state_max = 1;
    view->state_bytes = plugin->state_bytes;
    view->state_max = plugin->now.config.state_max;
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
