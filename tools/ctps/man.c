#include "man.h"

#include "app/app.h"
#include "help.h"
#include "lang.h"

#include <string.h>

void man_write_text(FILE *out, const char *text)
{
    bool begins = true;

    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        begins = *text == '\n';
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void heading(FILE *out, const char *title)
{
    fputs(".SH \"", out);
    man_write_text(out, title);
    fputs("\"\n", out);
}

/* No date: two builds of one source are the same. */
static void title(FILE *out, const char *name, const char *section, const char *summary)
{
    fprintf(out, ".TH \"%s\" %s \"\" \"ctps\" \"\"\n", name, section);
    heading(out, _("NAME"));
    man_write_text(out, name);
    fputs(" \\- ", out);
    man_write_text(out, summary);
    fputc('\n', out);
}

static void words(FILE *out, const struct command *command)
{
    fputs("ctps ", out);
    man_write_text(out, command->noun);
    if (command->verb) {
        fputc(' ', out);
        man_write_text(out, command->verb);
    }
}

static void option_name(FILE *out, const struct option_row *row)
{
    if (!option_is_positional(row))
        fputs("\\-\\-", out);
    man_write_text(out, row->name);
    if (row->value) {
        fputc(' ', out);
        man_write_text(out, _(row->value));
    }
    if (row->flags & OPTION_REPEATED)
        fputs("…", out);
}

static void synopsis(FILE *out, const struct command *command)
{
    fputs(".PP\n.B ", out);
    words(out, command);
    fputc('\n', out);
    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].flags & OPTION_REQUIRED) {
            option_name(out, &command->options[i]);
            fputc('\n', out);
        }
    fprintf(out, "[%s]\n", _("options"));
}

static void options(FILE *out, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n.B ", out);
        option_name(out, &rows[i]);
        fputc('\n', out);
        man_write_text(out, _(rows[i].help));
        if (rows[i].flags & OPTION_REQUIRED)
            man_write_text(out, _(" (required)"));
        fputc('\n', out);
    }
}

static void example(FILE *out, const char *text)
{
    fputs(".PP\n.nf\nctps ", out);
    man_write_text(out, text);
    fputs("\n.fi\n", out);
}

static void command_part(FILE *out, const struct command *command)
{
    fputs(".SS \"", out);
    words(out, command);
    fputs("\"\n", out);
    man_write_text(out, _(command->summary));
    fputc('\n', out);
    example(out, command->example);
    options(out, command->options, command->option_count);
}

void man_write_group(FILE *out, const struct command_group *group)
{
    char name[64];

    snprintf(name, sizeof name, "ctps-%s", group->noun);
    title(out, name, "1", _(group->summary));
    heading(out, _("SYNOPSIS"));
    for (size_t i = 0; i < group->count; i++)
        synopsis(out, &group->commands[i]);
    heading(out, _("COMMANDS"));
    for (size_t i = 0; i < group->count; i++)
        command_part(out, &group->commands[i]);
    heading(out, _("SEE ALSO"));
    fputs(".BR ctps (1)\n", out);
}

static void groups(FILE *out)
{
    size_t count;
    const struct command_group *const *all = command_groups(&count);

    heading(out, _("COMMANDS"));
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n.BR ctps\\-", out);
        man_write_text(out, all[i]->noun);
        fputs(" (1)\n", out);
        man_write_text(out, _(all[i]->summary));
        fputc('\n', out);
    }
}

static void statuses(FILE *out)
{
    const char *meaning;
    int status;

    heading(out, _("EXIT STATUS"));
    for (size_t i = 0; (meaning = help_status(i, &status)); i++) {
        fprintf(out, ".TP\n.B %d\n", status);
        man_write_text(out, meaning);
        fputc('\n', out);
    }
}

void man_write_program(FILE *out)
{
    const struct option_row *rows;
    size_t count;

    title(out, "ctps", "1", _("follow the situations of a town's coordinations"));
    heading(out, _("SYNOPSIS"));
    fprintf(out, ".B ctps\n%s\n[%s]\n[%s]\n", _("NOUN"), _("VERB"), _("options"));
    heading(out, _("EXAMPLES"));
    example(out, "today");
    example(out, "situation show T3-2026-0123");
    example(out, "help situation close");
    groups(out);
    rows = option_globals(&count);
    heading(out, _("OPTIONS OF EVERY COMMAND"));
    options(out, rows, count);
    statuses(out);
    heading(out, _("FILES"));
    fputs(".TP\n.I ~/.config/ctps/key\n", out);
    man_write_text(out, _("the key one acts with, unless --as or $CTPS_KEY names another"));
    fputc('\n', out);
    heading(out, _("SEE ALSO"));
    fputs(".BR ctpsd (8),\n.BR ctpsd.conf (5)\n", out);
}

void man_write_daemon(FILE *out)
{
    title(out, "ctpsd", "8", "daemon of the coordinations: owns the store, decides, publishes");
    heading(out, "SYNOPSIS");
    fputs(".B ctpsd\n", out);
    man_write_text(out, "--config FILE | --check FILE | --sample");
    fputc('\n', out);
    heading(out, "OPTIONS");
    fputs(".TP\n.B \\-\\-config FILE\nrun in the foreground with this configuration\n"
          ".TP\n.B \\-\\-check FILE\nread the configuration, say what is wrong, and end\n"
          ".TP\n.B \\-\\-sample\nprint every option as a commented configuration\n",
          out);
    heading(out, "SIGNALS");
    fputs(".TP\n.B SIGHUP\nread the configuration again; options that may change do\n"
          ".TP\n.B SIGTERM\nfinish the batch, keep the views, end\n",
          out);
    heading(out, "EXIT STATUS");
    fputs(".TP\n.B 65\ndata are damaged: do not start it again, check and restore\n"
          ".TP\n.B 75\nthe outcome of a write is unknown: start it again, it finds out\n"
          ".TP\n.B 78\nthe configuration is wrong\n",
          out);
    heading(out, "SEE ALSO");
    fputs(".BR ctps (1),\n.BR ctpsd.conf (5)\n", out);
}

void man_write_host(FILE *out)
{
    title(out, "ctps-host", "8", "runs one plugin of ctpsd, or plays a recording to it");
    heading(out, "SYNOPSIS");
    fputs(".B ctps-host\n", out);
    man_write_text(out, "--describe FILE.so | --replay RECORDING FILE.so");
    fputc('\n', out);
    heading(out, "DESCRIPTION");
    man_write_text(out,
                   "ctpsd starts it for each plugin of its configuration: once to ask the file "
                   "what it is, once to hold the plugin's key and speak on the bus, and from "
                   "there once more, sandboxed, with the plugin itself. People use the two "
                   "options below, which need no daemon.");
    fputc('\n', out);
    heading(out, "OPTIONS");
    fputs(".TP\n.B \\-\\-describe FILE.so\nload it in a sandbox and print what it says of "
          "itself as JSON, or why it is no plugin\n"
          ".TP\n.B \\-\\-replay RECORDING FILE.so\nstart it in its sandbox, tell it what the "
          "recording says, and hold it to what it must say\n",
          out);
    heading(out, "EXIT STATUS");
    fputs(
        ".TP\n.B 0\nit is a plugin; it said exactly what the recording says\n"
        ".TP\n.B 64\nother words than these\n"
        ".TP\n.B 65\nit is no plugin; it said something else: the line, what was expected and "
        "what came\n"
        ".TP\n.B 66\nno such file\n",
        out);
    heading(out, "SEE ALSO");
    fputs(".BR ctps\\-plugin (1),\n.BR ctpsd (8),\n.BR ctpsd.conf (5)\n", out);
}

void man_write_conf(FILE *out)
{
    struct buf text;

    buf_init(&text);
    app_explain_man(&text);
    title(out, "ctpsd.conf", "5", "configuration of ctpsd");
    heading(out, "SYNOPSIS");
    fputs(".I /etc/ctps/ctpsd.conf\n", out);
    fwrite(text.data, 1, text.len, out);
    heading(out, "SEE ALSO");
    fputs(".BR ctpsd (8)\n", out);
    buf_done(&text);
}
