/* What a plugin is and what its options are, before it runs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/plugins_private.h"
#include "wire/wire.h"

enum { DESCRIBE_MS = 5000, DESCRIPTION_MAX = 256 * 1024, SECRET_MAX = 64 * 1024 };

enum { PLUGIN_ARENA_MAX = 32 << 20 };

static const char *copy_text(struct plugin *plugin, const char *text)
{
    return text ? arena_strdup(&plugin->arena, text) : NULL;
}

static const char *const *copy_words(struct plugin *plugin, const char *const *words,
                                     size_t count)
{
    const char **copy = arena_alloc(&plugin->arena, (count + 1) * sizeof(*copy));

    for (size_t i = 0; copy && i < count; i++)
        copy[i] = copy_text(plugin, words[i]);
    return copy;
}

static void config_copy(struct plugin *plugin, const struct plugin_config *from)
{
    struct plugin_config *config = &plugin->config;

    *config = *from;
    config->name = plugin->name;
    config->file = copy_text(plugin, from->file);
    config->conf_file = copy_text(plugin, from->conf_file);
    config->options = copy_text(plugin, from->options);
    config->record = copy_text(plugin, from->record);
    config->state_dir = copy_text(plugin, from->state_dir);
    config->actions = copy_words(plugin, from->actions, from->action_count);
    config->audiences = copy_words(plugin, from->audiences, from->audience_count);
    config->connect = copy_words(plugin, from->connect, from->connect_count);
    config->listen = copy_words(plugin, from->listen, from->listen_count);
}

/* --- asking the object, in a process of its own --- */

static pid_t describe_spawn(const struct plugin *plugin, int out)
{
    const char *program = plugin->plugins->options.host_program;
    char *const words[] = {(char[]){"ctps-host"}, (char[]){"--describe"},
                           (char *)(uintptr_t)plugin->config.file, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (posix_spawn(&pid, program, &actions, NULL, words, environ) != 0)
        pid = 0;
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Bytes until the end, at most `cap`; false when they do not come in time. */
static bool read_whole(int fd, uint8_t *out, size_t cap, size_t *ret_len)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    size_t len = 0;

    while (poll(&wait, 1, DESCRIBE_MS) == 1 && len < cap) {
        ssize_t got = read(fd, out + len, cap - len);

        if (got < 0)
            return false;
        if (got == 0) {
            *ret_len = len;
            return true;
        }
        len += (size_t)got;
    }
    return false;
}

static bool describe_ask(struct plugin *plugin, uint8_t *out, size_t *ret_len)
{
    int ends[2];
    bool whole;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid = describe_spawn(plugin, ends[1]);
    close(ends[1]);
    whole = pid > 0 && read_whole(ends[0], out, DESCRIPTION_MAX, ret_len);
    close(ends[0]);
    if (pid > 0 && !whole)
        kill(pid, SIGKILL);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return whole;
}

static bool fail(struct plugin *plugin, const char *why)
{
    snprintf(plugin->why, sizeof(plugin->why), "%s", why);
    return false;
}

static bool description_read(struct plugin *plugin)
{
    uint8_t *bytes = arena_alloc(&plugin->arena, DESCRIPTION_MAX);
    ProtobufCMessage *message;
    size_t len = 0;

    if (!bytes || !describe_ask(plugin, bytes, &len))
        return fail(plugin, "its file does not say in time what it is");
    if (wire_unpack(&plugin->arena, &ctps__plugin_description__descriptor, bytes_of(bytes, len),
                    WIRE_STORED, &message, NULL) != CTPS_OK ||
        len == 0)
        return fail(plugin, "its file does not say what it is");
    plugin->description = (Ctps__PluginDescription *)message;
    if (plugin->description->why) {
        fail(plugin, plugin->description->why);
        plugin->description = NULL;
        return false;
    }
    return true;
}

/* --- what it wants against what it was granted --- */

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* A recording stands in the clear: nothing that could hold a name may come into it. */
static bool record_check(struct plugin *plugin)
{
    static const char *const plain[] = {"effect.record",   "effect.list", "events.read",
                                        "dead_letter.add", "status.read", "reference.read"};
    const struct plugin_config *config = &plugin->config;

    for (size_t i = 0; config->record && i < config->action_count; i++)
        if (!is_among(config->actions[i], plain, sizeof(plain) / sizeof(plain[0]))) {
            snprintf(plugin->why, sizeof(plugin->why),
                     "it is granted the action \"%s\": a recording of it might hold names",
                     config->actions[i]);
            return false;
        }
    return true;
}

static bool grants_check(struct plugin *plugin)
{
    const Ctps__PluginDescription *is = plugin->description;
    const struct plugin_config *config = &plugin->config;

    if (!is->name || strcmp(is->name, plugin->name) != 0) {
        snprintf(plugin->why, sizeof(plugin->why),
                 "its file calls itself \"%s\": name its section so", is->name ? is->name : "");
        return false;
    }
    for (size_t i = 0; i < is->n_actions; i++)
        if (!is_among(is->actions[i], config->actions, config->action_count)) {
            snprintf(plugin->why, sizeof(plugin->why),
                     "it needs the action \"%s\", which its section does not grant",
                     is->actions[i]);
            return false;
        }
    for (size_t i = 0; i < is->n_audiences; i++)
        if (!is_among(is->audiences[i], config->audiences, config->audience_count)) {
            snprintf(plugin->why, sizeof(plugin->why),
                     "it follows the audience \"%s\", which its section does not grant",
                     is->audiences[i]);
            return false;
        }
    return true;
}

/* --- options --- */

/* In the order of enum ctps_option_type (include/ctps/plugin.h). */
static const enum conf_type conf_types[] = {CONF_STRING,  CONF_INT,  CONF_BOOL, CONF_DURATION,
                                            CONF_STRINGS, CONF_PATH, CONF_PATH};
enum { OPTION_LIST = 4, OPTION_FILE = 5, OPTION_SECRET = 6, OPTION_TYPES = 7 };

static struct conf_row *rows_make(struct plugin *plugin)
{
    const Ctps__PluginDescription *is = plugin->description;
    struct conf_row *rows =
        arena_alloc(&plugin->options_arena, (is->n_options + 1) * sizeof(struct conf_row));

    for (size_t i = 0; rows && i < is->n_options; i++) {
        const Ctps__PluginOption *option = is->options[i];

        if (option->type >= OPTION_TYPES || !option->name)
            return NULL;
        rows[i] = (struct conf_row){.name = option->name,
                                    .help = option->help ? option->help : "",
                                    .fallback = option->fallback,
                                    .min = option->min,
                                    .max = option->max,
                                    .unit = option->unit,
                                    .type = conf_types[option->type],
                                    .reload = true,
                                    .required = option->required};
    }
    return rows;
}

static bool secret_read(struct plugin *plugin, const char *path, Ctps__LinkOption *out)
{
    uint8_t *bytes = arena_alloc(&plugin->options_arena, SECRET_MAX);
    ssize_t len;

    len =
        bytes ? sys_read_file(plugin->plugins->options.sys, path, bytes, SECRET_MAX) : -ENOMEM;
    if (len < 0) {
        snprintf(plugin->why, sizeof(plugin->why), "%s: %s", path, strerror((int)-len));
        return false;
    }
    out->has_secret = 1;
    out->secret.data = bytes;
    out->secret.len = (size_t)len;
    return true;
}

static void text_set(struct plugin *plugin, Ctps__LinkOption *out, const char *text)
{
    out->items = arena_alloc(&plugin->options_arena, sizeof(char *));
    if (!text || !out->items)
        return;
    out->items[0] = arena_strdup(&plugin->options_arena, text);
    out->n_items = out->items[0] != NULL;
}

static void list_set(struct plugin *plugin, Ctps__LinkOption *out, const struct conf *conf)
{
    const char *const *items;
    size_t count = conf_list(conf, out->name, &items);

    out->items = arena_alloc(&plugin->options_arena, (count + 1) * sizeof(char *));
    for (size_t i = 0; out->items && i < count; i++)
        out->items[out->n_items++] = arena_strdup(&plugin->options_arena, items[i]);
}

static bool option_take(struct plugin *plugin, const Ctps__PluginOption *is,
                        const struct conf *conf, Ctps__LinkOption *out)
{
    ctps__link_option__init(out);
    out->name = is->name;
    out->has_number = 1;
    if (is->type == OPTION_LIST)
        list_set(plugin, out, conf);
    else if (conf_types[is->type] == CONF_INT)
        out->number = conf_int(conf, is->name);
    else if (conf_types[is->type] == CONF_BOOL)
        out->number = conf_bool(conf, is->name);
    else if (conf_types[is->type] == CONF_DURATION)
        out->number = conf_duration_ms(conf, is->name);
    else if (is->type == OPTION_SECRET)
        return !conf_string(conf, is->name) ||
               secret_read(plugin, conf_string(conf, is->name), out);
    else
        text_set(plugin, out, conf_string(conf, is->name));
    if (is->type == OPTION_FILE && out->n_items)
        plugin->readable[plugin->readable_count++] = out->items[0];
    return true;
}

static bool options_take(struct plugin *plugin, const struct conf *conf)
{
    const Ctps__PluginDescription *is = plugin->description;

    plugin->option_count = plugin->readable_count = 0;
    plugin->options = arena_alloc(&plugin->options_arena, (is->n_options + 1) * sizeof(void *));
    plugin->readable =
        arena_alloc(&plugin->options_arena, (is->n_options + 1) * sizeof(char *));
    if (!plugin->options || !plugin->readable)
        return fail(plugin, "no memory");
    for (size_t i = 0; i < is->n_options; i++) {
        Ctps__LinkOption *option = arena_alloc(&plugin->options_arena, sizeof(*option));

        if (!option || !option_take(plugin, is->options[i], conf, option))
            return option ? false : fail(plugin, "no memory");
        plugin->options[plugin->option_count++] = option;
    }
    return true;
}

/* `text` stands outside the options' arena. */
static bool options_read(struct plugin *plugin, const char *text)
{
    struct conf_row *rows;
    struct conf *conf = NULL;
    struct ctps_err err = {0};
    bool taken;

    rows = rows_make(plugin);
    if (!rows)
        return fail(plugin, "its options make no sense");
    if (conf_open_load(text, plugin->config.conf_file, rows, plugin->description->n_options,
                       &conf, &err) != CTPS_OK)
        return fail(plugin, err.text);
    taken = options_take(plugin, conf);
    conf_free(&conf);
    return taken;
}

/* Those in force stay until the new ones are known to be good. */
static bool options_replace(struct plugin *plugin, const char *text)
{
    struct plugin before = *plugin;

    arena_init(&plugin->options_arena, PLUGIN_ARENA_MAX);
    if (options_read(plugin, text)) {
        arena_done(&before.options_arena);
        return true;
    }
    arena_done(&plugin->options_arena);
    plugin->options_arena = before.options_arena;
    plugin->options = before.options;
    plugin->option_count = before.option_count;
    plugin->readable = before.readable;
    plugin->readable_count = before.readable_count;
    return false;
}

bool plugin_options_read(struct plugin *plugin, const char *text)
{
    if (!options_replace(plugin, text))
        return false;
    plugin->config.options = copy_text(plugin, text);
    return plugin->config.options || fail(plugin, "no memory");
}

/* `config` may be the plugin's own: its arena goes once all is copied to a new one. */
bool plugin_describe(struct plugin *plugin, const struct plugin_config *config)
{
    struct arena before = plugin->arena;

    arena_init(&plugin->arena, PLUGIN_ARENA_MAX);
    plugin->description = NULL;
    config_copy(plugin, config);
    arena_done(&before);
    return description_read(plugin) && grants_check(plugin) && record_check(plugin) &&
           options_replace(plugin, plugin->config.options);
}
