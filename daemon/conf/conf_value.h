/*
 * conf_value: one value of one row, from the file or from the row's default. Internal to conf.
 */
#ifndef CTPS_CONF_CONF_VALUE_H
#define CTPS_CONF_CONF_VALUE_H

#include "conf/conf.h"

#include <libconfig.h>

struct conf_value {
    bool set;       /* written in the file */
    int64_t number; /* CONF_BOOL, CONF_INT, CONF_DURATION (ms), CONF_SIZE (bytes) */
    char *text;     /* own: CONF_STRING, CONF_PATH */
    char **items;   /* own: elements of a list, keys of a map */
    size_t count;
    struct conf **entries; /* own: CONF_MAP, one per key */
};

struct conf {
    const struct conf_row *rows; /* borrow */
    size_t row_count;
    struct conf_value *values; /* own: one per row */
};

void conf_value_done(struct conf_value *value);
/* Appends a copy of `text` to value->items. */
bool conf_value_add_item(struct conf_value *value, const char *text);

/* Reads a setting of the file. The text set on failure is "found ..., expected ...", without
 * file or line. Not for maps. */
enum ctps_code conf_value_from_setting(const struct conf_row *row,
                                       const config_setting_t *setting,
                                       struct conf_value *value, struct ctps_err *err);
/* Keeps a group as text; own: value->text. */
enum ctps_code conf_open_from_setting(const config_setting_t *setting, struct conf_value *value,
                                      struct ctps_err *err);
/* Reads the row's default; without one the value stays empty. Not for maps. */
enum ctps_code conf_value_from_fallback(const struct conf_row *row, struct conf_value *value,
                                        struct ctps_err *err);

/* What may be written, in words: "a duration from 1 s to 1 h". At most 160 bytes. */
void conf_value_describe(const struct conf_row *row, char *out, size_t len);
/* A number of the row's kind as one would write it: "16 MiB", "1500 ms", "64". */
void conf_value_format(enum conf_type type, int64_t number, char *out, size_t len);

#endif
