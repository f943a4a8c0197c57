#include "help.h"

#include "base/nearest.h"
#include "lang.h"
#include "table.h"

#include <string.h>
#include <sysexits.h>

enum { NAME_COLUMNS = 26 };

static void write_bold(const struct cli *cli, FILE *out, const char *text)
{
    fprintf(out, cli->color ? "\033[1m%s\033[0m\n" : "%s\n", text);
}

static void write_line(FILE *out, const char *name, const char *text)
{
    size_t written;

    fputs("  ", out);
    written = table_write_text(out, name, 0);
    fprintf(out, "%*s%s\n", (int)(written < NAME_COLUMNS ? NAME_COLUMNS - written : 2), "",
            text);
}

static void write_group(FILE *out, const struct command_group *group)
{
    char name[64];

    for (size_t i = 0; i < group->count; i++) {
        const struct command *command = &group->commands[i];

        snprintf(name, sizeof name, "%s%s%s", command->noun, command->verb ? " " : "",
                 command->verb ? command->verb : "");
        write_line(out, name, _(command->summary));
    }
}

static void option_name(const struct option_row *row, char *out, size_t len)
{
    if (option_is_positional(row))
        snprintf(out, len, "%s%s", row->name, row->flags & OPTION_REPEATED ? "…" : "");
    else
        snprintf(out, len, "--%s%s%s%s", row->name, row->value ? " " : "",
                 row->value ? _(row->value) : "", row->flags & OPTION_REPEATED ? "…" : "");
}

static void write_options(FILE *out, const struct option_row *rows, size_t count)
{
    char name[64];
    char text[256];

    for (size_t i = 0; i < count; i++) {
        option_name(&rows[i], name, sizeof name);
        snprintf(text, sizeof text, "%s%s", _(rows[i].help),
                 rows[i].flags & OPTION_REQUIRED ? _(" (required)") : "");
        write_line(out, name, text);
    }
}

static const struct {
    int status;
    const char *meaning;
} statuses[] = {
    {EX_OK, N_("done")},
    {EX_USAGE, N_("the command line is wrong, or the question was not answered by yes")},
    {EX_DATAERR, N_("data are wrong; import: some records were refused, the others are taken")},
    {EX_NOINPUT, N_("no such file, number or name")},
    {EX_UNAVAILABLE, N_("the daemon does not answer")},
    {EX_SOFTWARE, N_("a fault of this program")},
    {EX_CANTCREAT, N_("a file cannot be made")},
    {EX_IOERR, N_("the output cannot be written")},
    {EX_TEMPFAIL, N_("busy: nothing was done, try again")},
    {EX_NOPERM, N_("refused: not allowed, or against a rule")},
    {EX_CONFIG, N_("no key file, or a wrong one")},
};

const char *help_status(size_t index, int *ret_status)
{
    if (index >= sizeof statuses / sizeof *statuses)
        return NULL;
    *ret_status = statuses[index].status;
    return _(statuses[index].meaning);
}

static void write_statuses(FILE *out)
{
    char number[8];

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        snprintf(number, sizeof number, "%d", statuses[i].status);
        write_line(out, number, _(statuses[i].meaning));
    }
}

int help_run_all(struct cli *cli, FILE *out)
{
    const struct option_row *rows;
    size_t count;
    const struct command_group *const *groups = command_groups(&count);

    write_bold(cli, out, _("Example"));
    fputs("  ctps import tools/example/mulhouse --dry-run\n\n", out);
    write_bold(cli, out, _("Commands"));
    for (size_t i = 0; i < count; i++)
        write_group(out, groups[i]);
    rows = option_globals(&count);
    fputc('\n', out);
    write_bold(cli, out, _("Options of every command"));
    write_options(out, rows, count);
    fputc('\n', out);
    write_bold(cli, out, _("Exit statuses"));
    write_statuses(out);
    fputs(_("\nctps help NOUN VERB explains one command.\n"), out);
    return out == cli->err ? EX_USAGE : 0;
}

int help_run_command(struct cli *cli, const struct command *command)
{
    FILE *out = cli->out;

    write_bold(cli, out, _("Example"));
    fprintf(out, "  ctps %s\n\n%s\n", command->example, _(command->summary));
    if (command->option_count > 0) {
        fputc('\n', out);
        write_options(out, command->options, command->option_count);
    }
    return 0;
}

static int help_of_group(const struct cli *cli, FILE *out, const struct command_group *group)
{
    write_bold(cli, out, _("Example"));
    fprintf(out, "  ctps %s\n\n%s\n\n", group->commands[0].example, _(group->summary));
    write_group(out, group);
    return 0;
}

static void complain_noun(const struct cli *cli, const char *noun)
{
    struct nearest nearest;
    size_t count;
    const struct command_group *const *groups = command_groups(&count);
    const char *best;

    nearest_init(&nearest, noun);
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, groups[i]->noun, strlen(groups[i]->noun));
    best = nearest_best(&nearest);
    if (best)
        cli_complain(cli, _("unknown command \"%s\"; did you mean \"%s\"?"), noun, best);
    else
        cli_complain(cli, _("unknown command \"%s\"; see ctps help"), noun);
}

static void complain_verb(const struct cli *cli, const struct command_group *group,
                          const char *verb)
{
    struct nearest nearest;
    const char *best;

    nearest_init(&nearest, verb);
    for (size_t i = 0; i < group->count; i++)
        if (group->commands[i].verb)
            nearest_offer(&nearest, group->commands[i].verb, strlen(group->commands[i].verb));
    best = nearest_best(&nearest);
    if (best)
        cli_complain(cli, _("unknown command \"%s %s\"; did you mean \"%s %s\"?"), group->noun,
                     verb, group->noun, best);
    else
        cli_complain(cli, _("unknown command \"%s %s\""), group->noun, verb);
}

int help_run_unknown(struct cli *cli, int argc, const char *const *argv)
{
    const struct command_group *group = command_group_find(argv[0]);
    bool asked = cli->help;

    if (!group) {
        complain_noun(cli, argv[0]);
        return EX_USAGE;
    }
    for (int i = 1; i < argc; i++)
        asked = asked || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
    if (asked)
        return help_of_group(cli, cli->out, group);
    if (argc > 1)
        complain_verb(cli, group, argv[1]);
    else
        cli_complain(cli, _("\"%s\" wants a verb"), argv[0]);
    help_of_group(cli, cli->err, group);
    return EX_USAGE;
}

int help_run(struct cli *cli, int argc, const char *const *argv)
{
    const struct command *command;
    int used;

    if (argc == 0)
        return help_run_all(cli, cli->out);
    command = command_find(argv[0], argc > 1 ? argv[1] : NULL, &used);
    if (command && (argc == 1 || used == 2))
        return help_run_command(cli, command);
    cli->help = argc == 1;
    return help_run_unknown(cli, argc, argv);
}
