#include "command.h"
#include "import_run.h"
#include "lang.h"

#include <string.h>
#include <sysexits.h>

enum { MAPPING_LEN_MAX = 1 << 16 };

static const struct option_row import_options[] = {
    {"PATH", OPTION_TEXT, NULL, N_("a folder, or CSV files"), NULL, NULL,
     OPTION_REQUIRED | OPTION_REPEATED},
    {"kind", OPTION_TEXT, "KIND",
     N_("listes, territoires, agents, partenaires, contacts or tableau-de-suivi; else by the "
        "file's name or headers"),
     NULL, NULL, 0},
    {"mapping", OPTION_TEXT, "FILE", N_("lines \"header = field\" for headers of another kind"),
     NULL, NULL, 0},
    {"dry-run", OPTION_FLAG, NULL, N_("read and check everything, write nothing"), NULL, NULL,
     0},
    {"report", OPTION_TEXT, "FILE", N_("write the refused records as CSV, to send back"), NULL,
     NULL, 0},
    {"source", OPTION_TEXT, "NAME",
     N_("what the sheets' numbers are numbers of; else the kind and the year in the file's "
        "name"),
     NULL, NULL, 0},
    {"update", OPTION_FLAG, NULL, N_("send reference data that have changed"), NULL, NULL, 0},
};

static int read_mapping(struct cli *cli, const char *path, const char **ret_text)
{
    char *text = arena_alloc(&cli->arena, MAPPING_LEN_MAX + 1);
    ssize_t len = text ? sys_read_file(cli->sys, path, text, MAPPING_LEN_MAX) : 0;

    if (!text)
        return EX_OSERR;
    if (len < 0) {
        cli_complain(cli, "%s: %s", path, strerror((int)-len));
        return EX_NOINPUT;
    }
    text[len] = '\0';
    *ret_text = text;
    return 0;
}

static int check_kind(const struct cli *cli, const char *name)
{
    enum import_kind kind;

    if (!name || import_kind_find(name, &kind))
        return 0;
    cli_complain(cli, _("--kind: \"%s\" is none of"), name);
    for (int i = 0; i < IMPORT_KINDS; i++)
        fprintf(cli->err, "  %s\n", import_kind_name((enum import_kind)i));
    return EX_USAGE;
}

static int run_import(struct import_run *run, const struct args *args)
{
    const char *report = args_get(args, "report");
    const char *path;
    int status = 0;
    int shown;

    for (size_t i = 0; !status && (path = args_get_nth(args, "PATH", i)); i++)
        status = import_run_add(run, path);
    if (!status)
        status = import_run_all(run);
    if (status && run->report.count == 0)
        return status;
    shown = import_run_show(run);
    if (report && run->report.count > 0) {
        int written = import_report_write(run->cli, &run->report, report);

        status = status ? status : written;
    }
    if (status || shown)
        return status ? status : shown;
    return run->report.count > 0 ? EX_DATAERR : 0;
}

static int import_run_command(struct cli *cli, const struct command *command,
                              const struct args *args)
{
    struct import_run run = {
        .cli = cli,
        .dry_run = args_get(args, "dry-run") != NULL,
        .update = args_get(args, "update") != NULL,
        .source = args_get(args, "source"),
        .forced = args_get(args, "kind"),
    };
    const char *mapping = args_get(args, "mapping");
    int status = check_kind(cli, run.forced);

    (void)command;
    if (!status && mapping)
        status = read_mapping(cli, mapping, &run.mapping);
    if (!status)
        status = run_import(&run, args);
    import_run_done(&run);
    return status;
}

static bool says_more(const Ctps__Reply *reply)
{
    for (size_t i = 0; i < reply->n_warnings; i++)
        if (strcmp(reply->warnings[i], "undo_more") == 0)
            return true;
    return false;
}

/* The daemon goes on by itself when a part was long in coming: then there is nothing left. */
static bool is_over(const Ctps__Reply *reply)
{
    return reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED && reply->refusal &&
           reply->refusal->name && strcmp(reply->refusal->name, "state_wrong") == 0;
}

/* A part after the first. *io_reply: of the one before, then of this one. */
static int part_undo(struct cli *cli, Ctps__Request *request, Ctps__Reply **io_reply)
{
    Ctps__Reply *reply;
    int status = request_try(cli, request, &reply);

    if (status)
        return status;
    if (is_over(reply))
        (*io_reply)->n_warnings = 0;
    else if (reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED)
        return request_refused(cli, reply->refusal);
    else
        *io_reply = reply;
    return 0;
}

/* A large import goes in parts: each is durable, and asking again goes on. */
static int undo_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const ProtobufCMessage *message;
    Ctps__Reply *reply;
    int status = command_fill(cli, command, args, &request.base);

    if (!status)
        status = request_run(cli, &request, &reply);
    while (!status && says_more(reply) && !request.dry_run) {
        request.has_id = 0;
        status = part_undo(cli, &request, &reply);
    }
    if (status)
        return status;
    message = &reply->base;
    if (cli->json)
        return view_write_json(cli, &message, 1, true);
    fprintf(cli->out, "%s\n", request.dry_run ? _("it would be done") : _("done"));
    return 0;
}

static const struct column import_columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Source"), "source", VIEW_PLAIN, NULL},
    {N_("By"), "by_agent", VIEW_AGENT, NULL},
    {N_("Begun"), "begun_us", VIEW_PLAIN, NULL},
    {N_("Records"), "row_count", VIEW_PLAIN, NULL},
    {N_("Ended"), "ended", VIEW_MARK, NULL},
    {N_("Undone"), "undone", VIEW_MARK, NULL},
    {N_("Being undone"), "undoing", VIEW_MARK, NULL},
    {N_("Left"), "rows_left", VIEW_PLAIN, NULL},
};
static const struct view import_view = {.path = "import_answer.imports",
                                        .layout = VIEW_TABLE,
                                        VIEW_COLUMNS(import_columns),
                                        .empty = N_("no import")};
static const struct column row_columns[] = {
    {N_("Sheet"), "number", VIEW_PLAIN, NULL},
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Saisine"), "saisine", VIEW_PLAIN, NULL},
    {N_("Situation"), "situation", VIEW_PLAIN, NULL},
    {N_("Oddities"), "warnings", VIEW_PLAIN, NULL},
};
static const struct view row_view = {.path = "import_answer.rows",
                                     .layout = VIEW_TABLE,
                                     VIEW_COLUMNS(row_columns),
                                     .empty = N_("no row")};

static const struct option_row show_options[] = {
    {"ID", OPTION_COUNT, NULL, N_("number of the import"), "import_id", NULL, OPTION_REQUIRED},
};
static const struct option_row undo_options[] = {
    {"ID", OPTION_COUNT, NULL, N_("number of the import"), "import_id", NULL, OPTION_REQUIRED},
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
    {"dry-run", OPTION_FLAG, NULL, N_("check only, write nothing"), "dry_run", NULL,
     OPTION_REQUEST},
};

static const struct command commands[] = {
    {.noun = "import",
     .example = "import tools/example/mulhouse --dry-run --report refus.csv",
     .summary = N_("take over a town's files; exits with 65 when some records were refused"),
     COMMAND_OPTIONS(import_options),
     .run = import_run_command},
    {.noun = "import",
     .verb = "list",
     .example = "import list",
     .summary = N_("imports that were made"),
     .request = "import_list",
     .view = &import_view},
    {.noun = "import",
     .verb = "show",
     .example = "import show 12544",
     .summary = N_("what became of the rows of an import"),
     COMMAND_OPTIONS(show_options),
     .request = "import_list",
     .view = &row_view},
    {.noun = "import",
     .verb = "undo",
     .example = "import undo 12544",
     .summary = N_("take an import back while nobody has touched what it made; stopped on the "
                   "way, it goes on by itself"),
     COMMAND_OPTIONS(undo_options),
     .request = "import_undo",
     .run = undo_run,
     .question = N_("Take this import back?")},
};
const struct command_group command_import_group = {
    "import", N_("taking over a town's files"), commands, sizeof commands / sizeof *commands};
