/* A plugin's own options: from the text of its section, by the rows it declares. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "plugins/plugins_private.h"

enum { SECRET_MAX = 64 * 1024, OPTIONS_ARENA_MAX = 32 << 20 };

/* In the order of enum ctps_option_type (include/ctps/plugin.h). */
static const enum conf_type conf_types[] = {CONF_STRING,  CONF_INT,  CONF_BOOL, CONF_DURATION,
                                            CONF_STRINGS, CONF_PATH, CONF_PATH};
enum { OPTION_LIST = 4, OPTION_FILE = 5, OPTION_SECRET = 6, OPTION_TYPES = 7 };

static bool fail(char why[WHY_LEN], const char *text)
{
    snprintf(why, WHY_LEN, "%s", text);
    return false;
}

static struct conf_row *rows_make(struct arena *arena, const Ctps__PluginDescription *is)
{
    struct conf_row *rows = arena_alloc(arena, (is->n_options + 1) * sizeof(struct conf_row));

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

static bool secret_read(struct arena *arena, const struct sys *sys, const char *path,
                        Ctps__LinkOption *out, char why[WHY_LEN])
{
    uint8_t *bytes = arena_alloc(arena, SECRET_MAX);
    ssize_t len = bytes ? sys_read_file(sys, path, bytes, SECRET_MAX) : -ENOMEM;

    if (len < 0) {
        snprintf(why, WHY_LEN, "its option %s: %s: %s", out->name, path, strerror((int)-len));
        return false;
    }
    out->has_secret = 1;
    out->secret.data = bytes;
    out->secret.len = (size_t)len;
    return true;
}

static void text_set(struct arena *arena, Ctps__LinkOption *out, const char *text)
{
    out->items = arena_alloc(arena, sizeof(char *));
    if (!text || !out->items)
        return;
    out->items[0] = arena_strdup(arena, text);
    out->n_items = out->items[0] != NULL;
}

static void list_set(struct arena *arena, Ctps__LinkOption *out, const struct conf *conf)
{
    const char *const *items;
    size_t count = conf_list(conf, out->name, &items);

    out->items = arena_alloc(arena, (count + 1) * sizeof(char *));
    for (size_t i = 0; out->items && i < count; i++)
        out->items[out->n_items++] = arena_strdup(arena, items[i]);
}

static bool option_take(struct option_set *set, const struct sys *sys,
                        const Ctps__PluginOption *is, const struct conf *conf,
                        Ctps__LinkOption *out, char why[WHY_LEN])
{
    enum conf_type type = conf_types[is->type];

    ctps__link_option__init(out);
    out->name = arena_strdup(&set->arena, is->name);
    out->has_number = 1;
    if (is->type == OPTION_LIST)
        list_set(&set->arena, out, conf);
    else if (type == CONF_INT)
        out->number = conf_int(conf, is->name);
    else if (type == CONF_BOOL)
        out->number = conf_bool(conf, is->name);
    else if (type == CONF_DURATION)
        out->number = conf_duration_ms(conf, is->name);
    else if (is->type == OPTION_SECRET)
        return !conf_string(conf, is->name) ||
               secret_read(&set->arena, sys, conf_string(conf, is->name), out, why);
    else
        text_set(&set->arena, out, conf_string(conf, is->name));
    if (is->type == OPTION_FILE && out->n_items)
        set->readable[set->readable_count++] = out->items[0];
    return true;
}

static bool options_take(struct option_set *set, const struct sys *sys,
                         const Ctps__PluginDescription *is, const struct conf *conf,
                         char why[WHY_LEN])
{
    set->items = arena_alloc(&set->arena, (is->n_options + 1) * sizeof(void *));
    set->readable = arena_alloc(&set->arena, (is->n_options + 1) * sizeof(char *));
    if (!set->items || !set->readable)
        return fail(why, "no memory");
    for (size_t i = 0; i < is->n_options; i++) {
        Ctps__LinkOption *option = arena_alloc(&set->arena, sizeof(*option));

        if (!option)
            return fail(why, "no memory");
        if (!option_take(set, sys, is->options[i], conf, option, why))
            return false;
        set->items[set->count++] = option;
    }
    return true;
}

static bool set_read(struct option_set *set, const struct sys *sys, const struct definition *is,
                     const char *text, char why[WHY_LEN])
{
    struct conf_row *rows = rows_make(&set->arena, is->description);
    struct conf *conf = NULL;
    struct ctps_err err = {0};
    bool taken;

    if (!rows)
        return fail(why, set->arena.starved ? "no memory"
                                            : "its file declares options that make no sense");
    if (conf_open_load(text, is->config.conf_file, rows, is->description->n_options, &conf,
                       &err) != CTPS_OK)
        return fail(why, err.text);
    taken = options_take(set, sys, is->description, conf, why);
    conf_free(&conf);
    return taken && (!set->arena.starved || fail(why, "no memory"));
}

bool options_read(struct option_set *set, const struct sys *sys, const struct definition *is,
                  const char *text, char why[WHY_LEN])
{
    struct option_set read = {0};

    arena_init(&read.arena, OPTIONS_ARENA_MAX);
    if (!set_read(&read, sys, is, text, why)) {
        options_done(&read);
        return false;
    }
    options_done(set);
    *set = read;
    return true;
}

void options_done(struct option_set *set)
{
    arena_done(&set->arena);
    *set = (struct option_set){0};
}
