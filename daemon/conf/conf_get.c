#include "conf/conf_value.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct conf_value *value_get(const struct conf *conf, const char *name)
{
    size_t i = 0;

    while (i < conf->row_count && strcmp(conf->rows[i].name, name) != 0)
        i++;
    assert(i < conf->row_count);
    return &conf->values[i];
}

static const struct conf_value *typed_get(const struct conf *conf, const char *name,
                                          enum conf_type type, enum conf_type or_type)
{
    const struct conf_value *value = value_get(conf, name);
    enum conf_type found = conf->rows[value - conf->values].type;

    assert(found == type || found == or_type);
    (void)found;
    (void)type;
    (void)or_type;
    return value;
}

bool conf_bool(const struct conf *conf, const char *name)
{
    return typed_get(conf, name, CONF_BOOL, CONF_BOOL)->number != 0;
}

int64_t conf_int(const struct conf *conf, const char *name)
{
    return typed_get(conf, name, CONF_INT, CONF_INT)->number;
}

int64_t conf_duration_ms(const struct conf *conf, const char *name)
{
    return typed_get(conf, name, CONF_DURATION, CONF_DURATION)->number;
}

int64_t conf_size(const struct conf *conf, const char *name)
{
    return typed_get(conf, name, CONF_SIZE, CONF_SIZE)->number;
}

const char *conf_string(const struct conf *conf, const char *name)
{
    return typed_get(conf, name, CONF_STRING, CONF_PATH)->text;
}

const char *conf_open_text(const struct conf *conf, const char *name)
{
    const char *text = typed_get(conf, name, CONF_OPEN, CONF_OPEN)->text;

    return text ? text : "";
}

size_t conf_list(const struct conf *conf, const char *name, const char *const **ret_items)
{
    const struct conf_value *value = typed_get(conf, name, CONF_STRINGS, CONF_ENDPOINTS);

    *ret_items = (const char *const *)value->items;
    return value->count;
}

bool conf_is_set(const struct conf *conf, const char *name)
{
    return value_get(conf, name)->set;
}

size_t conf_map_count(const struct conf *conf, const char *name)
{
    return typed_get(conf, name, CONF_MAP, CONF_MAP)->count;
}

const char *conf_map_key(const struct conf *conf, const char *name, size_t index)
{
    const struct conf_value *value = typed_get(conf, name, CONF_MAP, CONF_MAP);

    assert(index < value->count);
    return value->items[index];
}

const struct conf *conf_map_entry(const struct conf *conf, const char *name, size_t index)
{
    const struct conf_value *value = typed_get(conf, name, CONF_MAP, CONF_MAP);

    assert(index < value->count);
    return value->entries[index];
}

/* Where `key` stands in a map; value->count when it does not. */
static size_t key_index(const struct conf_value *value, const char *key)
{
    size_t i = 0;

    while (i < value->count && strcmp(value->items[i], key) != 0)
        i++;
    return i;
}

const struct conf *conf_map_find(const struct conf *conf, const char *name, const char *key)
{
    const struct conf_value *value = typed_get(conf, name, CONF_MAP, CONF_MAP);
    size_t index = key_index(value, key);

    return index < value->count ? value->entries[index] : NULL;
}

struct diff {
    void (*changed)(void *ctx, const char *name, bool reload);
    void *ctx;
    size_t count;
};

static void report(struct diff *diff, const char *prefix, const char *name, bool reload)
{
    char full[4 * (CONF_NAME_MAX + 1)];

    snprintf(full, sizeof(full), "%s%s", prefix, name);
    diff->count++;
    if (diff->changed)
        diff->changed(diff->ctx, full, reload);
}

static bool is_text_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_value_equal(const struct conf_value *a, const struct conf_value *b)
{
    if (a->number != b->number || a->count != b->count || !is_text_equal(a->text, b->text))
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

static void rows_compare(struct diff *diff, const char *prefix, const struct conf *before,
                         const struct conf *after);

static void map_compare(struct diff *diff, const char *prefix, const struct conf_row *row,
                        const struct conf_value *a, const struct conf_value *b)
{
    char inner[4 * (CONF_NAME_MAX + 1)];

    snprintf(inner, sizeof(inner), "%s%s.", prefix, row->name);
    for (size_t i = 0; i < a->count; i++)
        if (key_index(b, a->items[i]) == b->count)
            report(diff, inner, a->items[i], row->reload);
    for (size_t i = 0; i < b->count; i++) {
        size_t old = key_index(a, b->items[i]);

        if (old == a->count) {
            report(diff, inner, b->items[i], row->reload);
            continue;
        }
        snprintf(inner, sizeof(inner), "%s%s.%s.", prefix, row->name, b->items[i]);
        rows_compare(diff, inner, a->entries[old], b->entries[i]);
        snprintf(inner, sizeof(inner), "%s%s.", prefix, row->name);
    }
}

static void rows_compare(struct diff *diff, const char *prefix, const struct conf *before,
                         const struct conf *after)
{
    for (size_t i = 0; i < before->row_count; i++) {
        const struct conf_row *row = &before->rows[i];

        if (row->type == CONF_MAP)
            map_compare(diff, prefix, row, &before->values[i], &after->values[i]);
        else if (!is_value_equal(&before->values[i], &after->values[i]))
            report(diff, prefix, row->name, row->reload);
    }
}

size_t conf_diff(const struct conf *before, const struct conf *after,
                 void (*changed)(void *ctx, const char *name, bool reload), void *ctx)
{
    struct diff diff = {.changed = changed, .ctx = ctx};

    assert(before->rows == after->rows && before->row_count == after->row_count);
    rows_compare(&diff, "", before, after);
    return diff.count;
}
