/* The log the plugin audit keeps: checked and read where it lies, or in a copy of its folder;
 * held against witnesses and against the journal. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "audit/tiles.h"
#include "audit/verify.h"
#include "command_audit.h"
#include "journal/journal.h"
#include "lang.h"
#include "request.h"

enum { FOLDER_MAX = 4096, INCARNATION_HEX = 32, S_PER_HOUR = 3600, US_PER_S = 1000000 };

struct work {
    struct cli *cli;
    const struct args *args;
    char folder[FOLDER_MAX];
    struct note_key key;
    char since[NOTE_LEN_MAX];
    struct verify_witness witnesses[VERIFY_WITNESSES_MAX];
    struct verify verify;
    uint64_t head; /* of the journal it is held against */
};

/* --- what is given --- */

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

/* The plugin's folder holds one for each incarnation of the journal: the current one's. */
static bool folder_take(struct work *work)
{
    const char *given = args_get(work->args, "FOLDER");
    char name[INCARNATION_HEX + 2];
    long len = tiles_read(given, "current", name, sizeof(name) - 1);
    int path_len;

    name[len > 0 ? len : 0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    if (strlen(name) == INCARNATION_HEX && strspn(name, "0123456789abcdef") == INCARNATION_HEX)
        path_len = snprintf(work->folder, sizeof(work->folder), "%s/%s", given, name);
    else
        path_len = snprintf(work->folder, sizeof(work->folder), "%s", given);
    if (path_len < (int)sizeof(work->folder))
        return true;
    cli_complain(work->cli, _("%s: cannot be read"), given);
    return false;
}

/* The key given, or the one that stands in the folder. */
static bool key_take(struct work *work)
{
    char text[2 * NOTE_VKEY_MAX + 2] = "";
    const char *given = args_get(work->args, "key");
    long len = given ? 0 : tiles_read(work->folder, "vkey", text, sizeof(text) - 1);

    if (len > 0)
        text[len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (note_vkey_read(given ? given : text, &work->key))
        return true;
    cli_complain(work->cli, "%s", _("no verifier key: give the one written down with --key"));
    return false;
}

static bool witnesses_take(struct work *work)
{
    struct verify *verify = &work->verify;
    const char *within = args_get(work->args, "within");
    const char *vkey;

    verify->witnesses = work->witnesses;
    while ((vkey = args_get_nth(work->args, "witness", verify->witness_count))) {
        struct note_key *key = &work->witnesses[verify->witness_count].key;

        /* The log's own key signs no time: it is no witness. */
        if (verify->witness_count == VERIFY_WITNESSES_MAX || !note_vkey_read(vkey, key) ||
            key->algorithm != NOTE_COSIGNATURE) {
            cli_complain(work->cli, _("not the verifier key of a witness: %s"), vkey);
            return false;
        }
        verify->witness_count++;
    }
    if (within)
        verify->not_before_s = (uint64_t)(sys_wall_us(work->cli->sys) / US_PER_S) -
                               strtoull(within, NULL, 10) * S_PER_HOUR;
    return true;
}

static int work_take(struct work *work)
{
    const char *since = args_get(work->args, "since");

    if (sodium_init() < 0)
        return EX_SOFTWARE;
    if (!folder_take(work) || !key_take(work) || !witnesses_take(work))
        return EX_USAGE;
    work->verify.folder = work->folder;
    work->verify.key = &work->key;
    if (!since)
        return EX_OK;
    if (!text_read(work->cli, since, work->since, sizeof(work->since)))
        return EX_NOINPUT;
    work->verify.since = work->since;
    return EX_OK;
}

static int wrong(const struct work *work)
{
    cli_complain(work->cli, "%s", work->verify.why);
    return EX_DATAERR;
}

/* --- held against the journal --- */

static enum ctps_code frame_hold(void *arg, const struct journal_frame *frame)
{
    struct work *work = arg;

    work->head = frame->seq;
    return verify_entry(&work->verify, frame->seq, frame->hash) ? CTPS_OK : CTPS_FORGED;
}

/* Files only, without any key; of a running daemon or of a copy. */
static int journal_hold(struct work *work, const char *dir)
{
    struct ctps_err err = {0};
    enum ctps_code code = journal_chain_scan(work->cli->sys, dir, frame_hold, work, &err);

    if (code == CTPS_OK)
        return verify_head(&work->verify, work->head) ? EX_OK : wrong(work);
    if (code == CTPS_FORGED && *work->verify.why)
        return wrong(work);
    cli_complain(work->cli, "%s", err.text);
    return code == CTPS_ABSENT ? EX_NOINPUT : EX_DATAERR;
}

static bool incarnation_is(const struct work *work, const ProtobufCBinaryData *incarnation)
{
    const char *slash = strrchr(work->verify.checkpoint.origin, '/');
    char hex[INCARNATION_HEX + 1];

    return slash && incarnation->len * 2 == INCARNATION_HEX &&
           strcmp(slash + 1,
                  sodium_bin2hex(hex, sizeof(hex), incarnation->data, incarnation->len)) == 0;
}

static int page_hold(struct work *work, const Ctps__EntryHashesAnswer *page)
{
    if (!incarnation_is(work, &page->incarnation)) {
        cli_complain(work->cli, "%s",
                     _("the daemon's journal is of another incarnation than the log"));
        return EX_DATAERR;
    }
    for (size_t at = 0; at + TILES_ENTRY_LEN <= page->hashes.len; at += TILES_ENTRY_LEN)
        if (!verify_entry(&work->verify, ++work->head, page->hashes.data + at))
            return wrong(work);
    return EX_OK;
}

/* What the running daemon says its journal is. */
static int daemon_hold(struct work *work)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EntryHashes ask = CTPS__ENTRY_HASHES__INIT;
    uint64_t size = work->verify.checkpoint.size;
    Ctps__Reply *reply;
    int status = EX_OK;

    request.command_case = CTPS__REQUEST__COMMAND_ENTRY_HASHES;
    request.entry_hashes = &ask;
    ask.has_after = 1;
    while (status == EX_OK && work->head < size) {
        ask.after = work->head;
        status = request_run(work->cli, &request, &reply);
        if (status)
            return status;
        if (reply->answer_case != CTPS__REPLY__ANSWER_ENTRY_HASHES_ANSWER)
            return EX_PROTOCOL;
        status = page_hold(work, reply->entry_hashes_answer);
        if (work->head == ask.after)
            break;
    }
    return status || verify_head(&work->verify, work->head) ? status : wrong(work);
}

/* --- commands --- */

static const char *time_text(uint64_t time_s, char out[32])
{
    time_t time = (time_t)time_s;
    struct tm civil;

    if (!localtime_r(&time, &civil) || !strftime(out, 32, "%d/%m/%Y %H:%M:%S", &civil))
        *out = '\0';
    return out;
}

static void verified_print(const struct work *work)
{
    const struct verify *verify = &work->verify;
    char when[32];

    fprintf(work->cli->out, _("%s: %llu entries, all as signed\n"), verify->checkpoint.origin,
            (unsigned long long)verify->checkpoint.size);
    for (size_t i = 0; i < verify->witness_count; i++)
        fprintf(work->cli->out, _("%s: cosigned %llu entries, on %s\n"),
                verify->witnesses[i].key.name, (unsigned long long)verify->witnesses[i].size,
                time_text(verify->witnesses[i].time_s, when));
    if (work->head)
        fprintf(work->cli->out, _("the journal has the same entries (%llu looked at)\n"),
                (unsigned long long)work->head);
}

static int verify_run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct work work = {.cli = cli, .args = args};
    const char *journal = args_get(args, "journal");
    int status = work_take(&work);

    (void)command;
    if (status)
        return status;
    if (!verify_witnessed(&work.verify))
        return wrong(&work);
    if (journal)
        status = journal_hold(&work, journal);
    else if (args_get(args, "online"))
        status = daemon_hold(&work);
    if (status == EX_OK)
        verified_print(&work);
    return status;
}

static int checkpoint_run(struct cli *cli, const struct command *command,
                          const struct args *args)
{
    struct work work = {.cli = cli, .args = args};
    int status = work_take(&work);

    (void)command;
    if (status)
        return status;
    if (!verify_checkpoint(&work.verify))
        return wrong(&work);
    fputs(work.verify.note, cli->out);
    return EX_OK;
}

static int prove_run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct work work = {.cli = cli, .args = args};
    char proof[NOTE_PROOF_MAX];
    struct note_text text = {.data = proof, .max = sizeof(proof)};
    int status = work_take(&work);

    (void)command;
    if (status)
        return status;
    if (!verify_prove(&work.verify, strtoull(args_get(args, "SEQ"), NULL, 10), &text))
        return wrong(&work);
    fputs(proof, cli->out);
    return EX_OK;
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
    {"witness", OPTION_TEXT, N_("KEY"),
     N_("verifier key of a witness that must have cosigned it; repeatable"), NULL, NULL,
     OPTION_REPEATED},
    {"within", OPTION_COUNT, N_("HOURS"),
     N_("witnesses must have cosigned it in the last so many hours"), NULL, NULL, 0},
    {"journal", OPTION_TEXT, N_("FOLDER"),
     N_("the journal's folder or a copy: it must have the same entries; needs no key"), NULL,
     NULL, 0},
    {"online", OPTION_FLAG, NULL, N_("the running daemon must have the same entries"), NULL,
     NULL, 0},
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
     .run = verify_run},
    {.noun = "audit",
     .verb = "checkpoint",
     .example = "audit checkpoint /var/lib/ctpsd/plugins/audit",
     .summary = N_("print the signed checkpoint, to be copied away"),
     COMMAND_OPTIONS(checkpoint_options),
     .run = checkpoint_run},
    {.noun = "audit",
     .verb = "prove",
     .example = "audit prove /var/lib/ctpsd/plugins/audit 1234",
     .summary = N_("print the proof that an entry is in the log, to be checked anywhere"),
     COMMAND_OPTIONS(prove_options),
     .run = prove_run},
    {.noun = "audit",
     .verb = "who",
     .example = "audit who --situation T3-2026-0123 --from 01/10/2026 --to 30/11/2026",
     .summary = N_("who saw what between two days, and why; entry by entry, as audit prove "
                   "proves them"),
     .options = command_audit_who_options,
     .option_count = COMMAND_AUDIT_WHO_ROWS,
     .request = "audit_who",
     .run = command_audit_who_run},
};
const struct command_group command_audit_group = {
    "audit", N_("who saw what, and the log of the journal that cannot be altered unseen"),
    commands, sizeof commands / sizeof *commands};
