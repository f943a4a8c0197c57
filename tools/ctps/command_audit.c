/* The log the plugin audit keeps: checked and read where it lies, or in a copy of its folder.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "audit/tiles.h"
#include "audit/verify.h"
#include "command.h"
#include "lang.h"

/* A whole text file; false after saying why. */
static bool text_read(struct cli *cli, const char *path, char *out, size_t max)
{
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(out, 1, max - 1, file) : 0;

    if (file)
        fclose(file);
    out[len] = '\0';
    if (!len)
        cli_complain(cli, _("%s: cannot be read"), path);
    return len != 0;
}

/* The key given, or the one that stands in the folder. */
static bool key_take(struct cli *cli, const struct args *args, struct note_key *key)
{
    char text[2 * NOTE_VKEY_MAX + 2] = "";
    const char *given = args_get(args, "key");
    long len = given ? 0 : tiles_read(args_get(args, "FOLDER"), "vkey", text, sizeof(text) - 1);

    if (len > 0)
        text[len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (note_vkey_read(given ? given : text, key))
        return true;
    cli_complain(cli, "%s", _("no verifier key: give the one written down with --key"));
    return false;
}

static void checkpoint_print(const struct cli *cli, const struct verify *verify)
{
    fprintf(cli->out, _("%s: %llu entries, all as signed\n"), verify->checkpoint.origin,
            (unsigned long long)verify->checkpoint.size);
}

static int work(struct cli *cli, const struct command *command, const struct args *args,
                struct verify *verify)
{
    char proof[NOTE_PROOF_MAX];
    struct note_text text = {.data = proof, .max = sizeof(proof)};
    const char *seq = args_get(args, "SEQ");
    bool done;

    if (seq)
        done = verify_prove(verify, strtoull(seq, NULL, 10), &text);
    else if (strcmp(command->verb, "verify") == 0)
        done = verify_log(verify);
    else
        done = verify_checkpoint(verify);
    if (!done) {
        cli_complain(cli, "%s", verify->why);
        return EX_DATAERR;
    }
    if (strcmp(command->verb, "verify") == 0)
        checkpoint_print(cli, verify);
    else
        fputs(seq ? proof : verify->note, cli->out);
    return EX_OK;
}

static int audit_run(struct cli *cli, const struct command *command, const struct args *args)
{
    const char *since_path = args_get(args, "since");
    char since[NOTE_LEN_MAX];
    struct note_key key;
    struct verify verify = {.folder = args_get(args, "FOLDER"), .key = &key};

    if (sodium_init() < 0)
        return EX_SOFTWARE;
    if (!key_take(cli, args, &key))
        return EX_USAGE;
    if (since_path) {
        if (!text_read(cli, since_path, since, sizeof(since)))
            return EX_NOINPUT;
        verify.since = since;
    }
    return work(cli, command, args, &verify);
}

#define FOLDER_ROW                                                                             \
    {                                                                                          \
        "FOLDER", OPTION_TEXT, NULL, N_("folder of the plugin audit, or a copy of it"), NULL,  \
            NULL, OPTION_REQUIRED                                                              \
    }
#define KEY_ROW                                                                                \
    {                                                                                          \
        "key", OPTION_TEXT, N_("KEY"),                                                         \
            N_("verifier key, as its file vkey had it when it was written down; else that "    \
               "file"),                                                                        \
            NULL, NULL, 0                                                                      \
    }

static const struct option_row verify_options[] = {
    FOLDER_ROW,
    KEY_ROW,
    {"since", OPTION_TEXT, N_("FILE"),
     N_("a checkpoint copied away earlier: the log must begin with that one"), NULL, NULL, 0},
};
static const struct option_row checkpoint_options[] = {FOLDER_ROW, KEY_ROW};
static const struct option_row prove_options[] = {
    FOLDER_ROW,
    {"SEQ", OPTION_COUNT, NULL, N_("number of the journal's entry"), NULL, NULL,
     OPTION_REQUIRED},
    KEY_ROW,
};
static const struct command commands[] = {
    {.noun = "audit",
     .verb = "verify",
     .example = "audit verify /var/lib/ctpsd/plugins/audit --since checkpoint-2026-11-01",
     .summary = N_("check the whole log: signature, every hash, and that it only grew"),
     COMMAND_OPTIONS(verify_options),
     .run = audit_run},
    {.noun = "audit",
     .verb = "checkpoint",
     .example = "audit checkpoint /var/lib/ctpsd/plugins/audit",
     .summary = N_("print the signed checkpoint, to be copied away"),
     COMMAND_OPTIONS(checkpoint_options),
     .run = audit_run},
    {.noun = "audit",
     .verb = "prove",
     .example = "audit prove /var/lib/ctpsd/plugins/audit 1234",
     .summary = N_("print the proof that an entry is in the log, to be checked anywhere"),
     COMMAND_OPTIONS(prove_options),
     .run = audit_run},
};
const struct command_group command_audit_group = {
    "audit", N_("the log of the journal that cannot be altered unseen"), commands,
    sizeof commands / sizeof *commands};
