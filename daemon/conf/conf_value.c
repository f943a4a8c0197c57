#include "conf/conf_value.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DESCRIBE_LEN = 160, FOUND_LEN = 64, IPC_PATH_MAX = 107, HOST_MAX = 64 };

struct unit {
    const char *name;
    int64_t factor;
};

/* Largest first, as the formatting wants them; the last has factor 1. */
static const struct unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
static const struct unit size_units[] = {
    {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};

static const struct unit *units_of(enum conf_type type, size_t *ret_count)
{
    bool duration = type == CONF_DURATION;

    *ret_count = duration ? sizeof(duration_units) / sizeof(duration_units[0])
                          : sizeof(size_units) / sizeof(size_units[0]);
    return duration ? duration_units : size_units;
}

void conf_value_format(enum conf_type type, int64_t number, char *out, size_t len)
{
    size_t count;
    const struct unit *units = units_of(type, &count);
    size_t u = 0;

    if (type != CONF_DURATION && type != CONF_SIZE) {
        snprintf(out, len, "%lld", (long long)number);
        return;
    }
    while (u + 1 < count && (number == 0 || number % units[u].factor != 0))
        u++;
    snprintf(out, len, "%lld %s", (long long)(number / units[u].factor), units[u].name);
}

/* Reads digits, blanks, unit and the end of the string. */
static bool scaled_parse(enum conf_type type, const char *text, int64_t *ret_number)
{
    size_t count;
    const struct unit *units = units_of(type, &count);
    long long number;
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno)
        return false;
    while (*end == ' ')
        end++;
    for (size_t u = 0; u < count; u++) {
        if (strcmp(end, units[u].name) != 0)
            continue;
        return !__builtin_mul_overflow((int64_t)number, units[u].factor, ret_number);
    }
    return false;
}

static bool is_bounded(const struct conf_row *row)
{
    return row->min != 0 || row->max != 0;
}

static bool is_within(const struct conf_row *row, int64_t number)
{
    return !is_bounded(row) || (number >= row->min && number <= row->max);
}

static const char *kind_text(const struct conf_row *row)
{
    static const char *const kinds[] = {
        [CONF_BOOL] = "true or false",
        [CONF_INT] = "a whole number",
        [CONF_DURATION] = "a duration such as \"30 s\" (ms, s, min, h, d)",
        [CONF_SIZE] = "a size such as \"16 MiB\" (B, KiB, MiB, GiB)",
        [CONF_STRING] = "a text between quotes",
        [CONF_PATH] = "an absolute path between quotes",
        [CONF_STRINGS] = "a list such as [ \"a\", \"b\" ]",
        [CONF_ENDPOINTS] = "endpoints such as [ \"ipc:///run/x\", \"tcp://[::1]:7600\" ]",
        [CONF_MAP] = "a group such as { name = { ... }; }",
        [CONF_OPEN] = "a group such as { name = value; }",
    };

    return kinds[row->type];
}

static const char *measured_text(const struct conf_row *row)
{
    switch (row->type) {
    case CONF_STRING:
    case CONF_PATH:
        return " bytes";
    case CONF_STRINGS:
    case CONF_ENDPOINTS:
    case CONF_MAP:
        return " elements";
    default:
        return "";
    }
}

static void choices_describe(const struct conf_row *row, char *out, size_t len)
{
    size_t used = (size_t)snprintf(out, len, "%sone of",
                                   row->type == CONF_STRINGS ? "a list with each " : "");

    for (const char *const *choice = row->choices; *choice && used < len; choice++)
        used += (size_t)snprintf(out + used, len - used, "%s %s",
                                 choice == row->choices ? "" : ",", *choice);
}

void conf_value_describe(const struct conf_row *row, char *out, size_t len)
{
    char low[32];
    char high[32];
    int used;

    if (row->choices) {
        choices_describe(row, out, len);
        return;
    }
    used = snprintf(out, len, "%s", kind_text(row));
    if (!is_bounded(row) || used < 0 || (size_t)used >= len)
        return;
    conf_value_format(row->type, row->min, low, sizeof(low));
    conf_value_format(row->type, row->max, high, sizeof(high));
    if (row->max == INT64_MAX)
        snprintf(out + used, len - (size_t)used, ", at least %s%s", low, measured_text(row));
    else
        snprintf(out + used, len - (size_t)used, ", from %s to %s%s", low, high,
                 measured_text(row));
}

/* Copies what was written, short and on one line, for a message. */
static void quote(char *out, size_t len, const char *text)
{
    size_t used = 0;

    out[used++] = '"';
    for (; text && *text && used + 6 < len; text++)
        out[used++] = iscntrl((unsigned char)*text) ? '?' : *text;
    snprintf(out + used, len - used, "%s", text && *text ? "...\"" : "\"");
}

static void found_describe(const config_setting_t *setting, char *out, size_t len)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(out, len, "%lld", config_setting_get_int64(setting));
        break;
    case CONFIG_TYPE_FLOAT:
        snprintf(out, len, "the decimal number %g", config_setting_get_float(setting));
        break;
    case CONFIG_TYPE_BOOL:
        snprintf(out, len, "%s", config_setting_get_bool(setting) ? "true" : "false");
        break;
    case CONFIG_TYPE_STRING:
        quote(out, len, config_setting_get_string(setting));
        break;
    case CONFIG_TYPE_GROUP:
        snprintf(out, len, "a group { }");
        break;
    default:
        snprintf(out, len, "a list of %d elements", config_setting_length(setting));
        break;
    }
}

static enum ctps_code refuse(const struct conf_row *row, const char *found,
                             struct ctps_err *err)
{
    char allowed[DESCRIBE_LEN];

    conf_value_describe(row, allowed, sizeof(allowed));
    return err_set(err, CTPS_INVALID, "found %s, expected %s", found, allowed);
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            return true;
    return false;
}

static bool is_choice(const struct conf_row *row, const char *text)
{
    if (!row->choices)
        return true;
    for (const char *const *choice = row->choices; *choice; choice++)
        if (strcmp(*choice, text) == 0)
            return true;
    return false;
}

static bool is_port(const char *text)
{
    long port;
    char *end;

    if (!isdigit((unsigned char)text[0]) || strlen(text) > 5)
        return false;
    port = strtol(text, &end, 10);
    return *end == '\0' && port >= 1 && port <= 65535;
}

static bool is_ipc_path(const char *path)
{
    return (path[0] == '/' || path[0] == '@') && path[1] && strlen(path) <= IPC_PATH_MAX;
}

static bool is_host_port(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-_*[]:%";
    const char *colon = strrchr(text, ':');

    if (!colon || colon == text || colon - text > HOST_MAX || !is_port(colon + 1))
        return false;
    return strspn(text, allowed) == strlen(text);
}

/* As zmq_ipc(7) and zmq_tcp(7), with a number for the port. */
static bool is_endpoint(const char *text)
{
    static const size_t scheme_len = sizeof("ipc://") - 1;

    if (strncmp(text, "ipc://", scheme_len) == 0)
        return is_ipc_path(text + scheme_len);
    if (strncmp(text, "tcp://", scheme_len) == 0)
        return is_host_port(text + scheme_len);
    return false;
}

static bool is_good_text(const struct conf_row *row, const char *text)
{
    if (has_control(text))
        return false;
    switch (row->type) {
    case CONF_PATH:
        return text[0] == '/' && strlen(text) < PATH_MAX &&
               is_within(row, (int64_t)strlen(text));
    case CONF_STRING:
        return is_choice(row, text) && is_within(row, (int64_t)strlen(text));
    case CONF_ENDPOINTS:
        return is_endpoint(text);
    default:
        return is_choice(row, text);
    }
}

bool conf_value_add_item(struct conf_value *value, const char *text)
{
    char **grown = realloc(value->items, (value->count + 1) * sizeof(*grown));

    if (!grown)
        return false;
    value->items = grown;
    grown[value->count] = strdup(text);
    if (!grown[value->count])
        return false;
    value->count++;
    return true;
}

void conf_value_done(struct conf_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        free(value->items[i]);
        if (value->entries)
            conf_free(&value->entries[i]);
    }
    free(value->items);
    free(value->entries);
    free(value->text);
    *value = (struct conf_value){0};
}

/* A value written as text: every type but lists and maps. */
static enum ctps_code text_read(const struct conf_row *row, const char *text,
                                struct conf_value *value, struct ctps_err *err)
{
    char found[FOUND_LEN];
    bool good;

    if (!text)
        return err_set(err, CTPS_NOMEM, "out of memory");
    quote(found, sizeof(found), text);
    if (row->type == CONF_DURATION || row->type == CONF_SIZE) {
        good = scaled_parse(row->type, text, &value->number) && is_within(row, value->number);
        return good ? CTPS_OK : refuse(row, found, err);
    }
    if (!is_good_text(row, text))
        return refuse(row, found, err);
    value->text = strdup(text);
    return value->text ? CTPS_OK : err_set(err, CTPS_NOMEM, "out of memory");
}

static enum ctps_code number_read(const struct conf_row *row, int64_t number, const char *found,
                                  struct conf_value *value, struct ctps_err *err)
{
    if (!is_within(row, number) || (row->type == CONF_SIZE && number < 0))
        return refuse(row, found, err);
    value->number = number;
    return CTPS_OK;
}

static enum ctps_code item_read(const struct conf_row *row, const char *text,
                                struct conf_value *value, struct ctps_err *err)
{
    char found[FOUND_LEN];

    if (!text) /* libconfig had no memory for it */
        return err_set(err, CTPS_NOMEM, "out of memory");
    if (!is_good_text(row, text)) {
        quote(found, sizeof(found), text);
        return refuse(row, found, err);
    }
    if (!conf_value_add_item(value, text))
        return err_set(err, CTPS_NOMEM, "out of memory");
    return CTPS_OK;
}

static enum ctps_code count_check(const struct conf_row *row, const struct conf_value *value,
                                  struct ctps_err *err)
{
    char found[FOUND_LEN];

    if (is_within(row, (int64_t)value->count))
        return CTPS_OK;
    snprintf(found, sizeof(found), "a list of %zu elements", value->count);
    return refuse(row, found, err);
}

static enum ctps_code list_read(const struct conf_row *row, const config_setting_t *setting,
                                struct conf_value *value, struct ctps_err *err)
{
    int count = config_setting_length(setting);

    for (int i = 0; i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        char found[FOUND_LEN];
        enum ctps_code code;

        if (config_setting_type(item) != CONFIG_TYPE_STRING) {
            found_describe(item, found, sizeof(found));
            return refuse(row, found, err);
        }
        code = item_read(row, config_setting_get_string(item), value, err);
        if (code)
            return code;
    }
    return count_check(row, value, err);
}

static bool is_list_type(enum conf_type type)
{
    return type == CONF_STRINGS || type == CONF_ENDPOINTS;
}

static bool is_text_type(enum conf_type type)
{
    return type == CONF_DURATION || type == CONF_SIZE || type == CONF_STRING ||
           type == CONF_PATH;
}

enum ctps_code conf_value_from_setting(const struct conf_row *row,
                                       const config_setting_t *setting,
                                       struct conf_value *value, struct ctps_err *err)
{
    int type = config_setting_type(setting);
    bool integer = type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
    char found[FOUND_LEN];

    value->set = true;
    found_describe(setting, found, sizeof(found));
    if (row->type == CONF_BOOL && type == CONFIG_TYPE_BOOL) {
        value->number = config_setting_get_bool(setting);
        return CTPS_OK;
    }
    if ((row->type == CONF_INT || row->type == CONF_SIZE) && integer)
        return number_read(row, config_setting_get_int64(setting), found, value, err);
    if (is_text_type(row->type) && type == CONFIG_TYPE_STRING)
        return text_read(row, config_setting_get_string(setting), value, err);
    if (is_list_type(row->type) && type == CONFIG_TYPE_ARRAY)
        return list_read(row, setting, value, err);
    return refuse(row, found, err);
}

static enum ctps_code fallback_words(const struct conf_row *row, struct conf_value *value,
                                     struct ctps_err *err)
{
    char *copy = strdup(row->fallback);
    enum ctps_code code = CTPS_OK;
    char *save = NULL;

    if (!copy)
        return err_set(err, CTPS_NOMEM, "out of memory");
    for (char *word = strtok_r(copy, " ", &save); word && !code;
         word = strtok_r(NULL, " ", &save))
        code = item_read(row, word, value, err);
    free(copy);
    return code ? code : count_check(row, value, err);
}

static enum ctps_code fallback_int(const struct conf_row *row, struct conf_value *value,
                                   struct ctps_err *err)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(row->fallback, &end, 10);
    if (errno || *end || end == row->fallback)
        return refuse(row, row->fallback, err);
    return number_read(row, number, row->fallback, value, err);
}

enum ctps_code conf_value_from_fallback(const struct conf_row *row, struct conf_value *value,
                                        struct ctps_err *err)
{
    if (!row->fallback)
        return CTPS_OK;
    if (row->type == CONF_BOOL) {
        value->number = strcmp(row->fallback, "true") == 0;
        if (!value->number && strcmp(row->fallback, "false") != 0)
            return refuse(row, row->fallback, err);
        return CTPS_OK;
    }
    if (row->type == CONF_INT)
        return fallback_int(row, value, err);
    if (is_list_type(row->type))
        return fallback_words(row, value, err);
    return text_read(row, row->fallback, value, err);
}
