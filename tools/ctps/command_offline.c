/* What needs no daemon: a new installation, and work on a stopped store. */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "app/app.h"
#include "command.h"
#include "lang.h"
#include "vault/rootkey.h"

int command_offline_exit(enum ctps_code code)
{
    switch (code) {
    case CTPS_OK:
        return EX_OK;
    case CTPS_DAMAGED:
    case CTPS_FORGED:
    case CTPS_INVALID:
        return EX_DATAERR;
    case CTPS_ABSENT:
        return EX_NOINPUT;
    case CTPS_EXISTS:
        return EX_CANTCREAT;
    case CTPS_REFUSED:
        return EX_NOPERM;
    case CTPS_BUSY:
        return EX_TEMPFAIL;
    case CTPS_IO:
    case CTPS_NOSPACE:
        return EX_IOERR;
    default:
        return EX_SOFTWARE;
    }
}

const char *command_config(const struct args *args)
{
    const char *config = args_get(args, "config");

    if (!config)
        config = getenv("CTPS_CONFIG");
    return config ? config : "/etc/ctps/ctpsd.conf";
}

/* --- init --- */

static const char *or_default(const char *given, const char *fallback)
{
    return given ? given : fallback;
}

static int init_run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct app_init init = {
        .dir = args_get(args, "DIR"),
        .town = args_get(args, "town"),
        .insee = or_default(args_get(args, "insee"), ""),
        .zone = or_default(args_get(args, "zone"), "Europe/Paris"),
        .regime = or_default(args_get(args, "regime"), "metropole"),
        .good_friday = args_get(args, "good-friday") != NULL,
    };
    char sheet[ROOTKEY_SHEET_LEN];
    struct ctps_err err = {0};
    enum ctps_code code = app_init(&init, sheet, &err);

    (void)command;
    if (code != CTPS_OK) {
        cli_complain(cli, "%s", err.text);
        return command_offline_exit(code);
    }
    fputs(sheet, cli->out);
    explicit_bzero(sheet, sizeof(sheet));
    return EX_OK;
}

static const struct option_row init_options[] = {
    {"DIR", OPTION_TEXT, NULL, N_("folder of the installation; made when absent"), NULL, NULL,
     OPTION_REQUIRED},
    {"town", OPTION_TEXT, N_("NAME"), N_("name of the town"), NULL, NULL, OPTION_REQUIRED},
    {"insee", OPTION_TEXT, N_("CODE"), N_("INSEE code of the commune"), NULL, NULL, 0},
    {"zone", OPTION_TEXT, N_("ZONE"), N_("time zone, Europe/Paris by default"), NULL, NULL, 0},
    {"regime", OPTION_CHOICE, N_("REGIME"), N_("public holidays: metropole by default"), NULL,
     "metropole|alsace-moselle", 0},
    {"good-friday", OPTION_FLAG, NULL, N_("Good Friday is observed"), NULL, NULL, 0},
};
static const struct command init_commands[] = {
    {.noun = "init",
     .example = "init /srv/ctps --town Mulhouse --regime alsace-moselle --good-friday",
     .summary = N_("make a new installation and print the escrow sheet of its root key"),
     COMMAND_OPTIONS(init_options),
     .run = init_run},
};
const struct command_group command_init_group = {"init", N_("a new installation"),
                                                 init_commands,
                                                 sizeof init_commands / sizeof *init_commands};

/* --- a stopped store --- */

static void line(const struct cli *cli, const char *name, uint64_t value)
{
    fprintf(cli->out, "%-20s %" PRIu64 "\n", name, value);
}

static void line_hex(const struct cli *cli, const char *name, const uint8_t *bytes, size_t len)
{
    char hex[2 * SEAL_HASH_LEN + 1];

    hex_encode(hex, bytes, len);
    fprintf(cli->out, "%-20s %s\n", name, hex);
}

static void report_show(const struct cli *cli, enum app_store_work work,
                        const struct engine_report *report)
{
    line(cli, "entries", report->entries);
    line(cli, "segments", report->segments);
    line(cli, "journal_bytes", report->journal_len);
    line(cli, "torn_bytes", report->torn_len);
    line(cli, "key_slots", report->slots);
    line_hex(cli, "incarnation", report->incarnation, sizeof(report->incarnation));
    line_hex(cli, "head", report->head_hash, sizeof(report->head_hash));
    line(cli, "view_rows", report->view_rows);
    if (work == APP_STORE_CHECK)
        line(cli, "live_keys", report->live_keys);
    if (work == APP_STORE_STAT)
        return;
    if (work == APP_STORE_CHECK && report->views_trusted)
        line_hex(cli, "digest_found", report->digest_found, sizeof(report->digest_found));
    line_hex(cli, "digest_rebuilt", report->digest_rebuilt, sizeof(report->digest_rebuilt));
    line(cli, "rebuild_us", (uint64_t)report->rebuild_us);
}

static enum app_store_work work_of(const char *verb)
{
    if (strcmp(verb, "check") == 0)
        return APP_STORE_CHECK;
    if (strcmp(verb, "rebuild") == 0)
        return APP_STORE_REBUILD;
    return strcmp(verb, "restore") == 0 ? APP_STORE_RESTORE : APP_STORE_STAT;
}

int command_offline_run(struct cli *cli, const struct command *command, const struct args *args)
{
    enum app_store_work work = work_of(command->verb);
    struct engine_report report;
    struct ctps_err err = {0};
    enum ctps_code code =
        app_store(command_config(args), work, args_get(args, "BACKUP"), &report, &err);

    if (code != CTPS_OK) {
        cli_complain(cli, "%s", err.text);
        return command_offline_exit(code);
    }
    report_show(cli, work, &report);
    return EX_OK;
}
