/* A refusal as the one who typed the command knows things: the option, not the field; the
 * person's name, not the number. */
#include "command.h"
#include "lang.h"
#include "option.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

int request_refusal_status(const char *name)
{
    static const struct {
        const char *name;
        int status;
    } rows[] = {
        {"malformed", EX_DATAERR},
        {"too_large", EX_DATAERR},
        {"id_reused", EX_DATAERR},
        {"field_missing", EX_DATAERR},
        {"field_too_long", EX_DATAERR},
        {"field_range", EX_DATAERR},
        {"list_value_unknown", EX_DATAERR},
        {"list_value_retired", EX_DATAERR},
        {"territory_unknown", EX_DATAERR},
        {"district_unknown", EX_DATAERR},
        {"district_taken", EX_DATAERR},
        {"agent_unknown", EX_DATAERR},
        {"partner_unknown", EX_DATAERR},
        {"lead_not_there", EX_DATAERR},
        {"delegate_function", EX_DATAERR},
        {"good_friday_elsewhere", EX_DATAERR},
        {"date_order", EX_DATAERR},
        {"date_future", EX_DATAERR},
        {"number_taken", EX_DATAERR},
        {"import_changed", EX_DATAERR},
        {"exists", EX_DATAERR},
        {"minor_representatives", EX_DATAERR},
        {"transmission_incomplete", EX_DATAERR},
        {"art40_recipient", EX_DATAERR},
        {"blocked_incomplete", EX_DATAERR},
        {"absent", EX_NOINPUT},
        {"plugin_unknown", EX_NOINPUT},
        {"too_many", EX_TEMPFAIL},
        {"audit_behind", EX_TEMPFAIL},
        {"unavailable", EX_TEMPFAIL},
    };

    for (size_t i = 0; name && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].status;
    return EX_NOPERM;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

/* The option that fills the field; NULL when none of the command that runs does. */
static const struct option_row *option_of(const struct cli *cli, const char *field)
{
    const struct command *command = cli->command;

    for (size_t i = 0; command && i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];

        if (row->target && strcmp(last_part(row->target), last_part(field)) == 0)
            return row;
    }
    return NULL;
}

/* "agent 513" and "contact 514", when who they are was asked for already: no request may be
 * sent here, others may be on the way. */
static const char *name_of(struct cli *cli, const char *field)
{
    static const struct {
        const char *word;
        enum reference_kind kind;
    } kinds[] = {{"agent ", REFERENCE_AGENTS}, {"contact ", REFERENCE_CONTACTS}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t len = strlen(kinds[i].word);

        if (strncmp(field, kinds[i].word, len) == 0)
            return view_person(cli, kinds[i].kind, strtoull(field + len, NULL, 10));
    }
    return NULL;
}

static const char *known_as(struct cli *cli, const char *field)
{
    const struct option_row *row = option_of(cli, field);
    const char *text;

    if (!row)
        text = name_of(cli, field);
    else
        text =
            arena_printf(&cli->arena, "%s%s", option_is_positional(row) ? "" : "--", row->name);
    return text ? text : field;
}

/* The sentence with `field` in the words of the command line. */
static const char *reworded(struct cli *cli, const char *text, const char *field,
                            const char *known)
{
    const char *at = *field ? strstr(text, field) : NULL;
    const char *out = NULL;

    if (at)
        out = arena_printf(&cli->arena, "%.*s%s%s", (int)(at - text), text, known,
                           at + strlen(field));
    return out ? out : text;
}

int request_refused(struct cli *cli, const Ctps__Refusal *refusal)
{
    const char *field;
    const char *known;
    const char *text;

    if (!refusal) {
        cli_complain(cli, _("refused, without a reason"));
        return EX_NOPERM;
    }
    field = refusal->field ? refusal->field : "";
    known = known_as(cli, field);
    text = cli->french ? refusal->text_fr : refusal->text_en;
    cli_complain(cli, "%s",
                 text            ? reworded(cli, text, field, known)
                 : refusal->name ? refusal->name
                                 : "");
    if (refusal->rule && *refusal->rule && strcmp(refusal->rule, "–") != 0)
        fprintf(cli->err, _("  rule:  %s\n"), refusal->rule);
    if (*field)
        fprintf(cli->err, _("  field: %s\n"), field);
    return request_refusal_status(refusal->name);
}
