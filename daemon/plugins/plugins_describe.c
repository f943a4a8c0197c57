/* What a plugin is: asked of its file, in a sandboxed process that ends with the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/plugins_private.h"
#include "wire/wire.h"

enum { DEFINITION_ARENA_MAX = 32 << 20 };

/* --- the section, copied --- */

static const char *const *copy_words(struct arena *arena, const char *const *words,
                                     size_t count)
{
    const char **copy = arena_alloc(arena, (count + 1) * sizeof(*copy));

    for (size_t i = 0; copy && i < count; i++)
        copy[i] = arena_strdup(arena, words[i]);
    return copy;
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static void config_copy(struct definition *to, const char *name,
                        const struct plugin_config *from)
{
    struct plugin_config *config = &to->config;
    struct arena *arena = &to->arena;

    *config = *from;
    config->name = name;
    config->file = copy_text(arena, from->file);
    config->conf_file = copy_text(arena, from->conf_file);
    config->options = copy_text(arena, from->options);
    config->record = copy_text(arena, from->record);
    config->state_dir = copy_text(arena, from->state_dir);
    config->actions = copy_words(arena, from->actions, from->action_count);
    config->audiences = copy_words(arena, from->audiences, from->audience_count);
    config->connect = copy_words(arena, from->connect, from->connect_count);
    config->listen = copy_words(arena, from->listen, from->listen_count);
}

static void definition_free(struct definition **held)
{
    if (*held)
        arena_done(&(*held)->arena);
    free(*held);
    *held = NULL;
}

/* NULL without memory for all of it. */
static struct definition *definition_new(const char *name, const struct plugin_config *config)
{
    struct definition *definition = calloc(1, sizeof(*definition));

    if (!definition)
        return NULL;
    arena_init(&definition->arena, DEFINITION_ARENA_MAX);
    config_copy(definition, name, config);
    if (definition->arena.starved)
        definition_free(&definition);
    return definition;
}

/* --- the answer --- */

static bool is_good(struct plugin *plugin, char why[WHY_LEN])
{
    const struct definition *next = plugin->next;

    return grants_check(next, why) &&
           options_read(&plugin->options, plugin->plugins->options.sys, next,
                        next->config.options, why);
}

static void take_over(struct plugin *plugin)
{
    struct definition *next = plugin->next;

    plugin->next = NULL;
    arena_done(&plugin->now.arena);
    plugin->now = *next;
    free(next);
}

/* What came is no longer needed once `why` is told: the section stays as it is wanted, for
 * another try. */
static void no(struct plugin *plugin, const char *why, bool of_file)
{
    if (!plugin->now.description)
        take_over(plugin);
    definition_free(&plugin->next);
    plugin_described(plugin, why, of_file);
}

/* The frame goes with the channel: the description is kept packed and opened again. */
static bool description_keep(struct definition *next, const Ctps__PluginDescription *from)
{
    ProtobufCMessage *kept;
    struct bytes packed;

    if (wire_pack(&next->arena, &from->base, &packed) != CTPS_OK ||
        wire_unpack(&next->arena, from->base.descriptor, packed, WIRE_STORED, &kept, NULL) !=
            CTPS_OK)
        return false;
    next->description = (Ctps__PluginDescription *)kept;
    return true;
}

static void described(struct plugin *plugin)
{
    const char *refused = plugin->next->description->why;
    char why[WHY_LEN];

    loop_timer_remove(&plugin->describe_timer);
    process_kill(&plugin->describer);
    if (refused) {
        snprintf(why, sizeof(why), "%s", refused);
        plugin->next->description = NULL;
        no(plugin, why, true);
    } else if (!is_good(plugin, why)) {
        plugin->next->description = NULL;
        no(plugin, why, false);
    } else {
        take_over(plugin);
        plugin_described(plugin, NULL, false);
    }
}

bool plugin_describe_take(struct plugin *plugin, const Ctps__LinkFrame *frame)
{
    if (frame->body_case != CTPS__LINK_FRAME__BODY_DESCRIPTION || !plugin->next ||
        !description_keep(plugin->next, frame->description))
        return false;
    described(plugin);
    return true;
}

/* --- asking --- */

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame)
{
    return plugin_describe_take(ctx, frame);
}

static void on_line(void *ctx, const char *line)
{
    const struct plugin *plugin = ctx;

    log_warning(plugin->plugins->options.log, "plugin %s: %.400s", plugin->name, line);
}

static void on_over(void *ctx, const char *how)
{
    struct plugin *plugin = ctx;
    char why[WHY_LEN];

    loop_timer_remove(&plugin->describe_timer);
    snprintf(why, sizeof(why),
             "while it was loaded to be looked at, %s %s: mend it (gdb, valgrind: "
             "`ctps-host --describe` of that file) or put back the one before",
             plugin->next->config.file, how);
    no(plugin, why, true);
}

static void on_late(void *ctx)
{
    struct plugin *plugin = ctx;
    char why[WHY_LEN];

    loop_timer_remove(&plugin->describe_timer);
    process_kill(&plugin->describer);
    snprintf(why, sizeof(why),
             "%s did not say within %u ms what it is: its constructors must end at once",
             plugin->next->config.file, plugin->next->config.patience_ms);
    no(plugin, why, true);
}

static void question_send(struct plugin *plugin)
{
    const struct plugin_config *config = &plugin->next->config;
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = CTPS__LINK_START__INIT;

    start.name = plugin->name;
    start.path = (char *)(uintptr_t)config->file;
    start.has_uid = start.has_gid = start.has_memory_max = 1;
    start.uid = config->uid;
    start.gid = config->gid;
    start.memory_max = config->memory_max;
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    process_send(&plugin->describer, &frame);
}

void plugin_describe(struct plugin *plugin, const struct plugin_config *config)
{
    const struct plugins *plugins = plugin->plugins;
    struct process_calls calls = {
        .ctx = plugin, .frame = on_frame, .line = on_line, .over = on_over};
    struct definition *next = definition_new(plugin->name, config);
    struct ctps_err err = {0};

    plugin_describe_cancel(plugin);
    plugin->next = next;
    if (!next) {
        plugin_described(plugin, "no memory", true);
        return;
    }
    if (process_start(&plugin->describer, plugins->loop, plugins->options.host_program,
                      "--describe", &calls, &err) != CTPS_OK ||
        loop_timer_add(plugins->loop, INT64_C(1000) * next->config.patience_ms, on_late, plugin,
                       &plugin->describe_timer, &err) != CTPS_OK) {
        process_kill(&plugin->describer);
        no(plugin, err.text, true);
        return;
    }
    question_send(plugin);
}

void plugin_describe_cancel(struct plugin *plugin)
{
    loop_timer_remove(&plugin->describe_timer);
    process_kill(&plugin->describer);
    definition_free(&plugin->next);
}
