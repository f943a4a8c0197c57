#include "command.h"
#include "lang.h"

static const struct column backup_columns[] = {
    {N_("Folder"), "path", VIEW_PLAIN, NULL},
    {N_("Entry"), "seq", VIEW_PLAIN, NULL},
    {N_("Bytes"), "size_len", VIEW_PLAIN, NULL},
};
static const struct view backup_view = {
    .path = "backup_answer", .layout = VIEW_RECORD, VIEW_COLUMNS(backup_columns)};

static const struct option_row backup_options[] = {
    {"NAME", OPTION_TEXT, NULL, N_("folder to make under the backup folder"), "name", NULL,
     OPTION_REQUIRED},
    {"keyring", OPTION_FLAG, NULL,
     N_("copy the keyring instead: keep it apart from the journal, and not long"), "keyring",
     NULL, 0},
};
static const struct option_row offline_options[] = {COMMAND_CONFIG_OPTION};
static const struct option_row restore_options[] = {
    {"BACKUP", OPTION_TEXT, NULL, N_("folder of a backup"), NULL, NULL, OPTION_REQUIRED},
    COMMAND_CONFIG_OPTION,
};
static const struct command store_commands[] = {
    {.noun = "store",
     .verb = "check",
     .example = "store check",
     .summary = N_("verify a stopped store: journal, keyring, views equal to a rebuild"),
     COMMAND_OPTIONS(offline_options),
     .run = command_offline_run},
    {.noun = "store",
     .verb = "rebuild",
     .example = "store rebuild",
     .summary = N_("make a stopped store's views again from its journal"),
     COMMAND_OPTIONS(offline_options),
     .run = command_offline_run},
    {.noun = "store",
     .verb = "restore",
     .example = "store restore /srv/ctps/backups/2026-11-20",
     .summary = N_("take a backup for a stopped store; what was erased stays erased"),
     COMMAND_OPTIONS(restore_options),
     .run = command_offline_run},
    {.noun = "store",
     .verb = "stat",
     .example = "store stat",
     .summary = N_("figures of a stopped store"),
     COMMAND_OPTIONS(offline_options),
     .run = command_offline_run},
    {.noun = "store",
     .verb = "backup",
     .example = "store backup 2026-11-20",
     .summary = N_("copy the journal, or the keyring, while the daemon runs"),
     COMMAND_OPTIONS(backup_options),
     .request = "backup",
     .timeout_ms = 3600 * 1000,
     .view = &backup_view},
};
const struct command_group command_store_group = {
    "store", N_("the store and its backups"), store_commands,
    sizeof store_commands / sizeof *store_commands};
