#include "conf/conf.h"
#include "base/nearest.h"
#include "conf/conf_scan.h"
#include "conf/conf_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FULL_NAME_LEN = 2 * CONF_NAME_MAX + 2 };

/* Where a group of the file stands while it is read against rows. */
struct walk {
    struct conf *conf;
    const char *file;
    struct ctps_err *err;
};

static enum ctps_code group_read(const struct walk *walk, const config_setting_t *group,
                                 const char *section);

static enum ctps_code out_of_memory(struct ctps_err *err)
{
    return err_set(err, CTPS_NOMEM, "out of memory reading the configuration");
}

static struct conf *conf_new(const struct conf_row *rows, size_t row_count)
{
    struct conf *conf = calloc(1, sizeof(*conf));

    if (!conf)
        return NULL;
    conf->values = calloc(row_count ? row_count : 1, sizeof(*conf->values));
    if (!conf->values) {
        free(conf);
        return NULL;
    }
    conf->rows = rows;
    conf->row_count = row_count;
    return conf;
}

void conf_free(struct conf **conf)
{
    struct conf *own = *conf;

    if (!own)
        return;
    for (size_t i = 0; i < own->row_count; i++)
        conf_value_done(&own->values[i]);
    free(own->values);
    free(own);
    *conf = NULL;
}

static size_t row_index(const struct conf *conf, const char *name)
{
    size_t i = 0;

    while (i < conf->row_count && strcmp(conf->rows[i].name, name) != 0)
        i++;
    return i;
}

static bool is_section(const struct conf *conf, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < conf->row_count; i++)
        if (strncmp(conf->rows[i].name, name, len) == 0 && conf->rows[i].name[len] == '.')
            return true;
    return false;
}

/* An option by that very name in another section is a better guess than a similar spelling. */
static const char *elsewhere(const struct conf *conf, const char *name)
{
    const char *last = strrchr(name, '.');

    last = last ? last + 1 : name;
    for (size_t i = 0; i < conf->row_count; i++) {
        const char *dot = strrchr(conf->rows[i].name, '.');

        if (strcmp(dot ? dot + 1 : conf->rows[i].name, last) == 0)
            return conf->rows[i].name;
    }
    return NULL;
}

static enum ctps_code unknown_refuse(const struct walk *walk, const config_setting_t *setting,
                                     const char *full)
{
    struct nearest nearest;
    const char *guess = elsewhere(walk->conf, full);
    bool in_section = strchr(full, '.') != NULL;

    nearest_init(&nearest, full);
    for (size_t i = 0; i < walk->conf->row_count; i++) {
        const char *name = walk->conf->rows[i].name;

        nearest_offer(&nearest, name, in_section ? strlen(name) : strcspn(name, "."));
    }
    if (!guess)
        guess = nearest_best(&nearest);
    return err_set(walk->err, CTPS_INVALID, "%s:%u: unknown option \"%s\"%s%s%s", walk->file,
                   config_setting_source_line(setting), full, guess ? " (did you mean \"" : "",
                   guess ? guess : "", guess ? "\"?)" : "");
}

static bool is_map_key(const char *key)
{
    size_t len = strlen(key);

    return len <= CONF_NAME_MAX && isalpha((unsigned char)key[0]) && !strchr(key, '*');
}

static enum ctps_code entry_read(const struct walk *walk, const struct conf_row *row,
                                 const config_setting_t *setting, struct conf_value *value)
{
    struct walk inner = *walk;
    const char *key = config_setting_name(setting);

    if (!key)
        return out_of_memory(walk->err);
    if (!is_map_key(key) || !config_setting_is_group(setting))
        return err_set(
            walk->err, CTPS_INVALID,
            "%s:%u: %s.%.*s: expected a group NAME = { ... } (NAME: letters, digits, "
            "_ and -, at most %d)",
            walk->file, config_setting_source_line(setting), row->name, CONF_NAME_MAX, key,
            CONF_NAME_MAX);
    inner.conf = conf_new(row->rows, row->row_count);
    if (!inner.conf)
        return out_of_memory(walk->err);
    value->entries[value->count] = inner.conf;
    if (!conf_value_add_item(value, key)) {
        conf_free(&value->entries[value->count]);
        return out_of_memory(walk->err);
    }
    return group_read(&inner, setting, NULL);
}

static enum ctps_code map_read(const struct walk *walk, const struct conf_row *row,
                               const config_setting_t *setting, struct conf_value *value)
{
    size_t count = (size_t)config_setting_length(setting);
    bool bounded = row->min != 0 || row->max != 0;
    enum ctps_code code = CTPS_OK;

    value->set = true;
    if (!config_setting_is_group(setting) ||
        (bounded && ((int64_t)count < row->min || (int64_t)count > row->max))) {
        char allowed[160];

        conf_value_describe(row, allowed, sizeof(allowed));
        return err_set(walk->err, CTPS_INVALID, "%s:%u: %s: expected %s", walk->file,
                       config_setting_source_line(setting), row->name, allowed);
    }
    value->entries = calloc(count ? count : 1, sizeof(struct conf *));
    if (!value->entries)
        return out_of_memory(walk->err);
    for (size_t i = 0; i < count && !code; i++)
        code = entry_read(walk, row, config_setting_get_elem(setting, (unsigned)i), value);
    return code;
}

static enum ctps_code option_read(const struct walk *walk, size_t index,
                                  const config_setting_t *setting)
{
    const struct conf_row *row = &walk->conf->rows[index];
    struct conf_value *value = &walk->conf->values[index];
    struct ctps_err inner;
    enum ctps_code code;

    if (row->type == CONF_MAP)
        return map_read(walk, row, setting, value);
    code = row->type == CONF_OPEN ? conf_open_from_setting(setting, value, &inner)
                                  : conf_value_from_setting(row, setting, value, &inner);
    if (code)
        return err_set(walk->err, code, "%s:%u: %s: %s", walk->file,
                       config_setting_source_line(setting), row->name, inner.text);
    return CTPS_OK;
}

/* Recursion is bounded by the rows: one level for a section, one for each map among them. */
static enum ctps_code member_read(const struct walk *walk, const config_setting_t *setting,
                                  const char *section)
{
    const char *name = config_setting_name(setting);
    char full[FULL_NAME_LEN];
    size_t index;

    if (!name) /* libconfig had no memory for it */
        return out_of_memory(walk->err);
    snprintf(full, sizeof(full), "%s%s%.*s", section ? section : "", section ? "." : "",
             CONF_NAME_MAX, name);
    index = strlen(name) <= CONF_NAME_MAX ? row_index(walk->conf, full) : walk->conf->row_count;
    if (index < walk->conf->row_count)
        return option_read(walk, index, setting);
    if (section || !is_section(walk->conf, full))
        return unknown_refuse(walk, setting, full);
    if (!config_setting_is_group(setting))
        return err_set(walk->err, CTPS_INVALID, "%s:%u: %s: expected a section %s = { ... };",
                       walk->file, config_setting_source_line(setting), full, full);
    return group_read(walk, setting, full);
}

/* The file itself stands on no line. */
static enum ctps_code missing_refuse(const struct walk *walk, const config_setting_t *group,
                                     const struct conf_row *row)
{
    char line[16] = "";

    if (config_setting_source_line(group))
        snprintf(line, sizeof(line), ":%u", config_setting_source_line(group));
    return err_set(walk->err, CTPS_INVALID, "%s%s: missing option %s: %s", walk->file, line,
                   row->name, row->help);
}

static enum ctps_code defaults_read(const struct walk *walk, const config_setting_t *group)
{
    for (size_t i = 0; i < walk->conf->row_count; i++) {
        const struct conf_row *row = &walk->conf->rows[i];
        struct conf_value *value = &walk->conf->values[i];
        struct ctps_err inner;
        enum ctps_code code;

        if (value->set)
            continue;
        if (row->required)
            return missing_refuse(walk, group, row);
        if (row->type == CONF_MAP || row->type == CONF_OPEN)
            continue;
        code = conf_value_from_fallback(row, value, &inner);
        if (code)
            return err_set(walk->err, code, "default of option %s: %s", row->name, inner.text);
    }
    return CTPS_OK;
}

static enum ctps_code group_read(const struct walk *walk, const config_setting_t *group,
                                 const char *section)
{
    int count = config_setting_length(group);

    for (int i = 0; i < count; i++) {
        enum ctps_code code =
            member_read(walk, config_setting_get_elem(group, (unsigned)i), section);

        if (code)
            return code;
    }
    return section ? CTPS_OK : defaults_read(walk, group);
}

static enum ctps_code rows_check(const struct conf_row *rows, size_t row_count,
                                 struct ctps_err *err)
{
    for (size_t i = 0; i < row_count; i++) {
        const char *name = rows[i].name;
        const char *dot = strchr(name, '.');
        enum ctps_code code;

        if (strlen(name) > CONF_NAME_MAX || (dot && strchr(dot + 1, '.')))
            return err_set(err, CTPS_INVALID, "option row \"%.64s\": not a name", name);
        if (rows[i].type != CONF_MAP)
            continue;
        code = rows_check(rows[i].rows, rows[i].row_count, err);
        if (code)
            return code;
    }
    return CTPS_OK;
}

/* `source` ends with a NUL that is not part of it. */
static enum ctps_code source_read(const struct walk *walk, const char *source)
{
    config_t config;
    enum ctps_code code;

    config_init(&config);
    if (config_read_string(&config, source) == CONFIG_TRUE)
        code = group_read(walk, config_root_setting(&config), NULL);
    else if (conf_scan_twice(bytes_of_str(source), walk->file, walk->err))
        code = CTPS_INVALID;
    else
        code = err_set(walk->err, CTPS_INVALID, "%s:%d: %s", walk->file,
                       config_error_line(&config), config_error_text(&config));
    config_destroy(&config);
    return code;
}

static enum ctps_code terminated_load(struct bytes text, const char *name,
                                      const struct conf_row *rows, size_t row_count,
                                      struct conf **ret_conf, struct ctps_err *err)
{
    struct walk walk = {.file = name, .err = err};
    enum ctps_code code = rows_check(rows, row_count, err);

    if (!code)
        code = conf_scan(text, name, err);
    if (code)
        return code;
    walk.conf = conf_new(rows, row_count);
    if (!walk.conf)
        return out_of_memory(err);
    code = source_read(&walk, (const char *)text.data);
    if (code)
        conf_free(&walk.conf);
    else
        *ret_conf = walk.conf;
    return code;
}

/* Editors of other systems put a byte order mark first: no part of the text. */
static size_t mark_len(struct bytes text)
{
    return text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

enum ctps_code conf_load_string(struct bytes text, const char *name,
                                const struct conf_row *rows, size_t row_count,
                                struct conf **ret_conf, struct ctps_err *err)
{
    size_t skip = mark_len(text);
    enum ctps_code code;
    char *copy;

    if (text.len > CONF_FILE_MAX)
        return err_set(err, CTPS_LIMIT, "%s: larger than %d bytes", name, CONF_FILE_MAX);
    copy = malloc(text.len + 1);
    if (!copy)
        return out_of_memory(err);
    if (text.len > skip)
        memcpy(copy, text.data + skip, text.len - skip);
    copy[text.len - skip] = '\0';
    code =
        terminated_load(bytes_of(copy, text.len - skip), name, rows, row_count, ret_conf, err);
    free(copy);
    return code;
}

enum ctps_code conf_load(const struct sys *sys, const char *path, const struct conf_row *rows,
                         size_t row_count, struct conf **ret_conf, struct ctps_err *err)
{
    void *text = malloc(CONF_FILE_MAX);
    enum ctps_code code;
    ssize_t len;

    if (!text)
        return out_of_memory(err);
    len = sys_read_file(sys, path, text, CONF_FILE_MAX);
    if (len == -EFBIG)
        code = err_set(err, CTPS_LIMIT, "%s: larger than %d bytes", path, CONF_FILE_MAX);
    else if (len < 0)
        code = err_set_errno(err, (int)-len, "configuration file %s", path);
    else
        code =
            conf_load_string(bytes_of(text, (size_t)len), path, rows, row_count, ret_conf, err);
    free(text);
    return code;
}

enum ctps_code conf_open_load(const char *text, const char *file, const struct conf_row *rows,
                              size_t row_count, struct conf **ret_conf, struct ctps_err *err)
{
    return conf_load_string(bytes_of_str(text), file, rows, row_count, ret_conf, err);
}
