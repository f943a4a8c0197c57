#include "host/load.h"

#include <dlfcn.h>
#include <string.h>

#include "host/object.h"

/* Members of minor version 0: a plugin of a later minor may have more, none has less. */
static const size_t LEN_MIN = sizeof(struct ctps_plugin);

static bool is_name(const char *text, size_t max, const char *also)
{
    size_t len = text ? strlen(text) : 0;

    if (len == 0 || len > max || text[0] < 'a' || text[0] > 'z')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= '0' && text[i] <= '9') &&
            !strchr(also, text[i]))
            return false;
    return true;
}

static enum ctps_code abi_check(const struct ctps_plugin *plugin, struct ctps_err *err)
{
    if (plugin->magic != CTPS_PLUGIN_MAGIC)
        return err_set(err, CTPS_INVALID,
                       "its symbol %s is not a plugin's (magic number 0x%08x): begin it with "
                       ".magic = CTPS_PLUGIN_MAGIC",
                       CTPS_PLUGIN_SYMBOL, (unsigned)plugin->magic);
    if (plugin->abi_major != LOAD_ABI_MAJOR || plugin->abi_minor > LOAD_ABI_MINOR)
        return err_set(
            err, CTPS_UNSUPPORTED,
            "it was written for version %u.%u of the plugin interface, this ctps-host "
            "has %u.%u: build it against this one, or install a newer ctps",
            (unsigned)plugin->abi_major, (unsigned)plugin->abi_minor, (unsigned)LOAD_ABI_MAJOR,
            (unsigned)LOAD_ABI_MINOR);
    if (plugin->struct_len < LEN_MIN)
        return err_set(err, CTPS_INVALID,
                       "its description has %u bytes where version %u.%u has %zu: give "
                       ".struct_len = sizeof(struct ctps_plugin)",
                       (unsigned)plugin->struct_len, (unsigned)plugin->abi_major,
                       (unsigned)plugin->abi_minor, LEN_MIN);
    return CTPS_OK;
}

static enum ctps_code option_check(const struct ctps_option *option, struct ctps_err *err)
{
    if (!is_name(option->name, 64, "_."))
        return err_set(err, CTPS_INVALID,
                       "an option has no proper name: [a-z][a-z0-9_.]*, at most 64 long");
    if (option->type > CTPS_OPTION_SECRET)
        return err_set(err, CTPS_INVALID,
                       "its option %s has an unknown type: give one of enum ctps_option_type",
                       option->name);
    if (!option->help || !*option->help)
        return err_set(err, CTPS_INVALID, "its option %s has no help: give .help, one sentence",
                       option->name);
    return CTPS_OK;
}

static enum ctps_code options_check(const struct ctps_plugin *plugin, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;

    if (plugin->option_count > LOAD_OPTIONS_MAX || (plugin->option_count && !plugin->options))
        return err_set(err, CTPS_INVALID, "it has more than %d options", LOAD_OPTIONS_MAX);
    for (size_t i = 0; i < plugin->option_count && code == CTPS_OK; i++) {
        code = option_check(&plugin->options[i], err);
        for (size_t j = 0; j < i && code == CTPS_OK; j++)
            if (strcmp(plugin->options[i].name, plugin->options[j].name) == 0)
                code = err_set(err, CTPS_INVALID, "it has two options named %s",
                               plugin->options[i].name);
    }
    return code;
}

enum ctps_code load_check(const struct ctps_plugin *plugin, struct ctps_err *err)
{
    enum ctps_code code = abi_check(plugin, err);

    if (code != CTPS_OK)
        return code;
    if (plugin->flags)
        return err_set(err, CTPS_UNSUPPORTED,
                       "it asks for flags this host does not know: .flags is 0");
    if (!is_name(plugin->name, CTPS_PLUGIN_NAME_MAX, "-"))
        return err_set(err, CTPS_INVALID, "its name is not [a-z][a-z0-9-]*, at most %d long",
                       CTPS_PLUGIN_NAME_MAX);
    if (!plugin->start)
        return err_set(err, CTPS_INVALID, "it has no start: give .start");
    if (plugin->audiences && plugin->audiences[0] && !plugin->on_event)
        return err_set(
            err, CTPS_INVALID,
            "it follows an audience and has no on_event: give .on_event, or no .audiences");
    return options_check(plugin, err);
}

/* The loader's own words, and what to do about the commonest. */
static enum ctps_code loader_refused(struct ctps_err *err)
{
    const char *said = dlerror();

    if (strstr(said, "undefined symbol"))
        return err_set(err, CTPS_INVALID,
                       "%.200s: link it with the library that has it (pkg-config --libs ctps)",
                       said);
    if (strstr(said, "No such file"))
        return err_set(err, CTPS_INVALID,
                       "%.180s: install that library, or put it beside the plugin with "
                       "-Wl,-rpath,'$ORIGIN'",
                       said);
    return err_set(err, CTPS_INVALID, "%.270s", said);
}

enum ctps_code load_plugin(const char *path, const struct ctps_plugin **ret_plugin,
                           struct ctps_err *err)
{
    const struct ctps_plugin *plugin;
    enum ctps_code code = object_check(path, err);
    void *object;

    if (code != CTPS_OK)
        return code;
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return loader_refused(err);
    plugin = dlsym(object, CTPS_PLUGIN_SYMBOL);
    if (!plugin)
        return err_set(err, CTPS_INVALID,
                       "%.140s exports no symbol %s: declare it as CTPS_EXPORT const struct "
                       "ctps_plugin %s",
                       path, CTPS_PLUGIN_SYMBOL, CTPS_PLUGIN_SYMBOL);
    code = load_check(plugin, err);
    if (code == CTPS_OK)
        *ret_plugin = plugin;
    return code;
}

/* --- description --- */

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text; /* packed and never written */
}

static char **words_list(struct arena *arena, const char *const *words, size_t *ret_count)
{
    size_t count = 0;
    char **list;

    while (words && words[count])
        count++;
    list = arena_alloc(arena, (count + 1) * sizeof(*list));
    for (size_t i = 0; list && i < count; i++)
        list[i] = borrowed(words[i]);
    *ret_count = list ? count : 0;
    return list;
}

static Ctps__PluginOption *option_describe(struct arena *arena, const struct ctps_option *from)
{
    Ctps__PluginOption *option = arena_alloc(arena, sizeof(*option));

    if (!option)
        return NULL;
    ctps__plugin_option__init(option);
    option->name = borrowed(from->name);
    option->has_type = option->has_required = option->has_min = option->has_max = 1;
    option->type = from->type;
    option->fallback = borrowed(from->fallback);
    option->required = from->required;
    option->min = from->min;
    option->max = from->max;
    option->unit = borrowed(from->unit);
    option->help = borrowed(from->help);
    return option;
}

Ctps__PluginDescription *load_describe(struct arena *arena, const struct ctps_plugin *plugin)
{
    Ctps__PluginDescription *out = arena_alloc(arena, sizeof(*out));
    Ctps__PluginOption **options =
        arena_alloc(arena, (plugin->option_count + 1) * sizeof(*options));

    if (!out || !options)
        return NULL;
    ctps__plugin_description__init(out);
    out->name = borrowed(plugin->name);
    out->version = borrowed(plugin->version);
    out->summary = borrowed(plugin->summary);
    out->actions = words_list(arena, plugin->actions, &out->n_actions);
    out->audiences = words_list(arena, plugin->audiences, &out->n_audiences);
    out->options = options;
    for (; out->n_options < plugin->option_count; out->n_options++)
        if (!(options[out->n_options] =
                  option_describe(arena, &plugin->options[out->n_options])))
            return NULL;
    return out;
}
