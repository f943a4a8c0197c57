/* The sheet of paper that holds the root key: read back as a drill, or when the key is lost. */
#include "command.h"
#include "lang.h"

#include "app/app.h"
#include "vault/rootkey.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { TYPED_MAX = 2 * ROOTKEY_SHEET_LEN };

static const struct option_row check_options[] = {COMMAND_CONFIG_OPTION};
static const struct option_row restore_options[] = {
    {"FILE", OPTION_TEXT, NULL, N_("key file to make; never over an existing one"), NULL, NULL,
     OPTION_REQUIRED},
};

/* Whole sheet or its five lines of figures; kept nowhere. */
static bool sheet_type(struct cli *cli, char typed[TYPED_MAX])
{
    size_t len;

    if (isatty(fileno(cli->in)))
        fputs(_("Type the five lines of the sheet with their numbers (1: …), then Ctrl-D.\n"),
              cli->err);
    len = fread(typed, 1, TYPED_MAX - 1, cli->in);
    typed[len] = '\0';
    if (len == TYPED_MAX - 1 || strlen(typed) != len || len == 0) {
        cli_complain(cli, _("a sheet is expected on the standard input"));
        return false;
    }
    return true;
}

static int complain(const struct cli *cli, enum ctps_code code, const struct ctps_err *err)
{
    cli_complain(cli, "%s", err->text);
    return command_offline_exit(code);
}

/* Does something with the sheet typed, and says so. */
static int sheet_run(struct cli *cli,
                     enum ctps_code (*work)(const char *place, const char *sheet,
                                            struct ctps_err *err),
                     const char *place, const char *done)
{
    char typed[TYPED_MAX];
    struct ctps_err err = {0};
    enum ctps_code code = CTPS_OK;
    bool is_sheet = sheet_type(cli, typed);

    if (is_sheet)
        code = work(place, typed, &err);
    explicit_bzero(typed, sizeof(typed));
    if (!is_sheet)
        return EX_DATAERR;
    if (code != CTPS_OK)
        return complain(cli, code, &err);
    fprintf(cli->out, "%s\n", done);
    return EX_OK;
}

static int check_run(struct cli *cli, const struct command *command, const struct args *args)
{
    (void)command;
    return sheet_run(cli, app_escrow_check, command_config(args),
                     _("the sheet holds the root key in use"));
}

static int print_run(struct cli *cli, const struct command *command, const struct args *args)
{
    char sheet[ROOTKEY_SHEET_LEN];
    struct ctps_err err = {0};
    enum ctps_code code = app_escrow_print(command_config(args), sheet, &err);

    (void)command;
    if (code != CTPS_OK)
        return complain(cli, code, &err);
    fputs(sheet, cli->out);
    explicit_bzero(sheet, sizeof(sheet));
    return EX_OK;
}

static int restore_run(struct cli *cli, const struct command *command, const struct args *args)
{
    (void)command;
    return sheet_run(cli, app_escrow_restore, args_get(args, "FILE"),
                     _("the root key is a file again: `ctps store check` tries it"));
}

static const struct command escrow_commands[] = {
    {.noun = "escrow",
     .verb = "check",
     .example = "escrow check",
     .summary = N_("read the sheet back, as a drill: is it the root key in use?"),
     COMMAND_OPTIONS(check_options),
     .run = check_run},
    {.noun = "escrow",
     .verb = "print",
     .example = "escrow print",
     .summary = N_("print the sheet of the root key again; whoever reads it reads all"),
     COMMAND_OPTIONS(check_options),
     .run = print_run},
    {.noun = "escrow",
     .verb = "restore",
     .example = "escrow restore /etc/ctps/root.key",
     .summary = N_("make the root key a file again, from its sheet"),
     COMMAND_OPTIONS(restore_options),
     .run = restore_run},
};
const struct command_group command_escrow_group = {
    "escrow", N_("the sheet of the root key"), escrow_commands,
    sizeof escrow_commands / sizeof *escrow_commands};
