/* Groups whose rows are known later: kept as text, each setting on its own line of the file, so
 * that what is said of them then names the right place. */
#include "conf/conf_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_DEPTH_MAX = 3 };

struct emit {
    FILE *out;
    unsigned line;
    bool starved; /* libconfig had no memory for a name or a text */
};

static void line_reach(struct emit *emit, unsigned line)
{
    for (; emit->line < line; emit->line++)
        fputc('\n', emit->out);
}

static void text_emit(struct emit *emit, const char *text)
{
    emit->starved |= !text;
    if (!text)
        return;
    fputc('"', emit->out);
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20)
            fprintf(emit->out, "\\x%02x", (unsigned)(unsigned char)*text);
        else
            fprintf(emit->out, "%s%c", strchr("\\\"", *text) ? "\\" : "", *text);
    }
    fputc('"', emit->out);
}

static bool member_emit(struct emit *emit, const config_setting_t *setting, int depth);

/* Recursion over the file is bounded by OPEN_DEPTH_MAX. */
static bool members_emit(struct emit *emit, const config_setting_t *setting, int depth,
                         const char *between)
{
    int count = config_setting_length(setting);

    for (int i = 0; i < count; i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);

        emit->starved |= config_setting_is_group(setting) && !config_setting_name(member);
        if (!member_emit(emit, member, depth))
            return false;
        fputs(i + 1 < count || *between == ';' ? between : "", emit->out);
    }
    return true;
}

static bool value_emit(struct emit *emit, const config_setting_t *setting, int depth)
{
    bool group = config_setting_is_group(setting);

    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_BOOL:
        fputs(config_setting_get_bool(setting) ? "true" : "false", emit->out);
        return true;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        fprintf(emit->out, "%lldL", config_setting_get_int64(setting));
        return true;
    case CONFIG_TYPE_FLOAT:
        fprintf(emit->out, "%g", config_setting_get_float(setting));
        return true;
    case CONFIG_TYPE_STRING:
        text_emit(emit, config_setting_get_string(setting));
        return true;
    default:
        fputs(group ? "{" : "[", emit->out);
        if (depth >= OPEN_DEPTH_MAX ||
            !members_emit(emit, setting, depth + 1, group ? ";" : ","))
            return false;
        fputs(group ? "}" : "]", emit->out);
        return true;
    }
}

static bool member_emit(struct emit *emit, const config_setting_t *setting, int depth)
{
    line_reach(emit, config_setting_source_line(setting));
    if (config_setting_name(setting))
        fprintf(emit->out, "%s = ", config_setting_name(setting));
    return value_emit(emit, setting, depth);
}

enum ctps_code conf_open_from_setting(const config_setting_t *setting, struct conf_value *value,
                                      struct ctps_err *err)
{
    struct emit emit = {.line = 1};
    size_t len = 0;
    bool whole;

    if (!config_setting_is_group(setting))
        return err_set(err, CTPS_INVALID, "expected a group { ... }");
    emit.out = open_memstream(&value->text, &len);
    if (!emit.out)
        return err_set(err, CTPS_NOMEM, "out of memory");
    whole = members_emit(&emit, setting, 0, ";");
    if (fclose(emit.out) != 0 || emit.starved)
        return err_set(err, CTPS_NOMEM, "out of memory");
    value->set = true;
    return whole ? CTPS_OK
                 : err_set(err, CTPS_INVALID, "groups and lists nested deeper than %d",
                           OPEN_DEPTH_MAX);
}
