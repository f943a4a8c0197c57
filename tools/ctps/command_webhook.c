/* Webhooks. The secret is made here: nobody but who asks, and the plugin that signs, sees it.
 */
#include "command.h"
#include "lang.h"
#include "request.h"

#include <sodium.h>
#include <string.h>
#include <sysexits.h>

enum { SECRET_LEN = 32, SECRET_TEXT_LEN = 64 };

static const char secret_prefix[] = "whsec_"; /* as Standard Webhooks writes it */

static const char *const words[] __attribute__((unused)) = {
    N_("on"),
    N_("off"),
    N_("gone"),
    N_("revoked"),
};

static const struct column columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Address"), "url", VIEW_PLAIN, NULL},
    {N_("Partner"), "partner", VIEW_PARTNER, NULL},
    {N_("Events"), "topics", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Since"), "since_day", VIEW_PLAIN, NULL},
    {N_("By"), "by_agent", VIEW_AGENT, NULL},
    {N_("Old secret until"), "previous_until_us", VIEW_PLAIN, NULL},
};
static const struct view list_view = {.path = "webhook_answer.webhooks",
                                      .layout = VIEW_TABLE,
                                      VIEW_COLUMNS(columns),
                                      .empty = N_("no webhook")};

static const struct option_row new_options[] = {
    {"URL", OPTION_TEXT, NULL, N_("https address events are sent to"), "url", NULL,
     OPTION_REQUIRED},
    {"partner", OPTION_PARTNER, "PARTNER",
     N_("what this partner's feed says; when not given, what plugins hear"), "partner", NULL,
     0},
    {"events", OPTION_TEXT, "TOPIC",
     N_("only these: situation.closed, meeting.*; several times for several"), "topics", NULL,
     OPTION_REPEATED},
};
static const struct option_row list_options[] = {
    {"partner", OPTION_PARTNER, "PARTNER", N_("of this partner: name or id"), "partner", NULL,
     0},
    {"with-revoked", OPTION_FLAG, NULL, N_("revoked ones too"), "with_revoked", NULL, 0},
};
#define ID_ROW                                                                                 \
    {                                                                                          \
        "ID", OPTION_COUNT, NULL, N_("which, as webhook list shows it"), "id", NULL,           \
            OPTION_REQUIRED                                                                    \
    }
static const struct option_row id_options[] = {ID_ROW};
static const struct option_row rotate_options[] = {
    ID_ROW,
    {"overlap", OPTION_COUNT, "HOURS",
     N_("the old secret counts so long beside the new one (24 when not given)"),
     "overlap_hours", NULL, 0},
};
static const struct option_row revoke_options[] = {
    ID_ROW,
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
};
static const struct option_row on_row = {.name = "on", .kind = OPTION_YESNO, .target = "on"};

/* --- the secret --- */

static int secret_show(struct cli *cli, uint64_t id, const uint8_t secret[SECRET_LEN])
{
    char text[SECRET_TEXT_LEN];

    sodium_bin2base64(text, sizeof text, secret, SECRET_LEN, sodium_base64_VARIANT_ORIGINAL);
    if (cli->json) {
        fprintf(cli->out, "{\"id\": %llu, \"secret\": \"%s%s\"}\n", (unsigned long long)id,
                secret_prefix, text);
    } else {
        fprintf(cli->out, _("webhook %llu\n"), (unsigned long long)id);
        fprintf(cli->out, _("secret %s%s\n"), secret_prefix, text);
        fprintf(cli->out, "%s\n", _("It is shown this once: give it to the receiver."));
    }
    sodium_memzero(text, sizeof text);
    return 0;
}

/* Sends the request with a secret just made in it, and shows that. `id`: 0, what was made. */
static int run_with_secret(struct cli *cli, Ctps__Request *request, ProtobufCBinaryData *field,
                           protobuf_c_boolean *has_field, uint64_t id)
{
    uint8_t secret[SECRET_LEN];
    Ctps__Reply *reply;
    int status;

    if (sodium_init() < 0)
        return EX_OSERR;
    randombytes_buf(secret, sizeof secret);
    *field = (ProtobufCBinaryData){sizeof secret, secret};
    *has_field = 1;
    status = request_run(cli, request, &reply);
    if (!status && !id && reply->n_made)
        id = reply->made[0]->id;
    if (!status)
        status = secret_show(cli, id, secret);
    sodium_memzero(secret, sizeof secret);
    return status;
}

static int new_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    int status = command_fill(cli, command, args, &request.base);

    if (status)
        return status;
    return run_with_secret(cli, &request, &request.webhook_new->secret,
                           &request.webhook_new->has_secret, 0);
}

static int rotate_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    int status = command_fill(cli, command, args, &request.base);

    if (status)
        return status;
    return run_with_secret(cli, &request, &request.webhook_rotate->secret,
                           &request.webhook_rotate->has_secret, request.webhook_rotate->id);
}

static int switch_run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct args all = *args;
    bool on = strcmp(command->verb, "enable") == 0;

    all.items[all.count++] = (struct arg){.row = &on_row, .text = on ? "yes" : "no"};
    return command_run_plain(cli, command, &all);
}

static const struct command commands[] = {
    {.noun = "webhook",
     .verb = "new",
     .example = "webhook new https://csc-pax.example/ctps --partner \"CSC Pax\" --events "
                "\"saisine.*\"",
     .summary = N_("send events to an address; shows its secret, once"),
     COMMAND_OPTIONS(new_options),
     .request = "webhook_new",
     .run = new_run},
    {.noun = "webhook",
     .verb = "list",
     .example = "webhook list --partner \"CSC Pax\"",
     .summary = N_("addresses events are sent to"),
     COMMAND_OPTIONS(list_options),
     .request = "webhook_list",
     .view = &list_view},
    {.noun = "webhook",
     .verb = "disable",
     .example = "webhook disable 8193",
     .summary = N_("send nothing there until it is enabled again"),
     COMMAND_OPTIONS(id_options),
     .request = "webhook_switch",
     .run = switch_run},
    {.noun = "webhook",
     .verb = "enable",
     .example = "webhook enable 8193",
     .summary = N_("send there again, from now on"),
     COMMAND_OPTIONS(id_options),
     .request = "webhook_switch",
     .run = switch_run},
    {.noun = "webhook",
     .verb = "rotate",
     .example = "webhook rotate 8193 --overlap 48",
     .summary = N_("another secret; shows it, once"),
     COMMAND_OPTIONS(rotate_options),
     .request = "webhook_rotate",
     .run = rotate_run},
    {.noun = "webhook",
     .verb = "revoke",
     .example = "webhook revoke 8193",
     .summary = N_("never send there again; its secret is destroyed"),
     COMMAND_OPTIONS(revoke_options),
     .request = "webhook_revoke",
     .question = N_("Revoke this webhook? It cannot be taken back.")},
};
const struct command_group command_webhook_group = {
    "webhook", N_("events sent to addresses"), commands, sizeof commands / sizeof *commands};
