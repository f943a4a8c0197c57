#include "command.h"
#include "lang.h"
#include "request.h"
#include "value.h"

#include <ctps/client.h>
#include <string.h>
#include <sysexits.h>

static const struct column columns[] = {
    {N_("Public key"), "public_key", VIEW_KEY, NULL},
    {N_("Whose"), "principal", VIEW_PRINCIPAL, NULL},
    {N_("Label"), "label", VIEW_PLAIN, NULL},
    {N_("Registered"), "registered_us", VIEW_PLAIN, NULL},
    {N_("Revoked"), "revoked_us", VIEW_PLAIN, NULL},
};
static const struct view list_view = {.path = "key_answer.keys",
                                      .layout = VIEW_TABLE,
                                      VIEW_COLUMNS(columns),
                                      .empty = N_("no key")};

static const struct option_row list_options[] = {
    {"with-revoked", OPTION_FLAG, NULL, N_("revoked ones too"), "with_revoked", NULL, 0},
};
static const struct option_row revoke_options[] = {
    {"KEY", OPTION_PUBLIC_KEY, NULL, N_("public key, as key list shows it"), "public_key", NULL,
     OPTION_REQUIRED},
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
};

static const struct option_row new_options[] = {
    {"out", OPTION_TEXT, "FILE", N_("key file to make; never over an existing one"), NULL, NULL,
     OPTION_REQUIRED},
    {"agent", OPTION_AGENT, "AGENT", N_("for this agent: e-mail, name or id"), NULL, NULL, 0},
    {"contact", OPTION_CONTACT, "CONTACT", N_("for this partner contact: e-mail, name or id"),
     NULL, NULL, 0},
    {"partner", OPTION_PARTNER, "PARTNER",
     N_("for a machine of this partner, which follows its feed"), NULL, NULL, 0},
    {"plugin", OPTION_TEXT, "NAME", N_("for this plugin or integration"), NULL, NULL, 0},
    {"label", OPTION_TEXT, "TEXT", N_("what the key is on: \"laptop of the office\""), NULL,
     NULL, 0},
    {"commands", OPTION_TEXT, "ENDPOINT",
     N_("where it asks, when it is for another machine: tcp://ctps.ville.example:7600"), NULL,
     NULL, 0},
    {"events", OPTION_TEXT, "ENDPOINT",
     N_("where it hears events from there: tcp://ctps.ville.example:7601"), NULL, NULL, 0},
};

/* Those of the directory; a plugin has a name alone. */
static const struct whose {
    const char *option;
    enum option_kind kind;
    Ctps__PrincipalKind principal;
} whose[] = {
    {"agent", OPTION_AGENT, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT},
    {"contact", OPTION_CONTACT, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT},
    {"partner", OPTION_PARTNER, CTPS__PRINCIPAL_KIND__PRINCIPAL_PARTNER},
};

/* Whose key it is to be, from the one option of the four. */
static int read_principal(struct cli *cli, const struct args *args,
                          Ctps__Principal *ret_principal, char text[CTPS_PRINCIPAL_LEN])
{
    const char *plugin = args_get(args, "plugin");
    const struct whose *of = NULL;
    unsigned given = plugin != NULL;
    int status;

    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++)
        if (args_get(args, whose[i].option)) {
            of = &whose[i];
            given++;
        }
    if (given != 1) {
        cli_complain(cli, _("one of --agent, --contact, --partner and --plugin is needed"));
        return EX_USAGE;
    }
    ret_principal->has_kind = 1;
    if (!of) {
        ret_principal->kind = CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN;
        ret_principal->name = arena_strdup(&cli->arena, plugin);
        snprintf(text, CTPS_PRINCIPAL_LEN, "plugin %s", plugin);
        return 0;
    }
    ret_principal->kind = of->principal;
    ret_principal->has_id = 1;
    status = value_find_id(cli, of->kind, args_get(args, of->option), &ret_principal->id);
    snprintf(text, CTPS_PRINCIPAL_LEN, "%s %llu", of->option,
             (unsigned long long)ret_principal->id);
    return status;
}

static int key_failed(const struct cli *cli, enum ctps_status status,
                      const struct ctps_error *error)
{
    cli_complain(cli, "%s", error->text);
    return status == CTPS_STATUS_EXISTS || status == CTPS_STATUS_IO ? EX_CANTCREAT : EX_CONFIG;
}

/* One the option does not give stays as it is in the key file of who makes it. */
static int endpoint_take(const struct cli *cli, const struct args *args, const char *name,
                         char out[CTPS_ENDPOINT_LEN])
{
    const char *given = args_get(args, name);
    bool known =
        given && (strncmp(given, "tcp://", 6) == 0 || strncmp(given, "ipc://", 6) == 0);

    if (!given)
        return 0;
    if (!known || strlen(given) >= CTPS_ENDPOINT_LEN) {
        cli_complain(cli, _("--%s %s: expected tcp://HOST:PORT or ipc:///PATH"), name, given);
        return EX_USAGE;
    }
    snprintf(out, CTPS_ENDPOINT_LEN, "%s", given);
    return 0;
}

/* The file comes first: a key that is registered and lost would be worse than a file that
 * opens nothing. */
static int make_key(struct cli *cli, const struct args *args, const char *principal,
                    struct ctps_keyfile *key)
{
    const char *own = cli_key_path(cli);
    struct ctps_error error = {0};
    enum ctps_status status;
    int wrong;

    if (!own) {
        cli_complain(cli, _("no key file: --as KEYFILE"));
        return EX_CONFIG;
    }
    status = ctps_keyfile_read(own, key, &error);
    if (!status)
        status = ctps_keyfile_generate(key, &error);
    wrong = endpoint_take(cli, args, "commands", key->commands);
    if (!wrong)
        wrong = endpoint_take(cli, args, "events", key->events);
    if (wrong)
        return wrong;
    snprintf(key->principal, sizeof key->principal, "%s", principal);
    if (!status)
        status = ctps_keyfile_write(args_get(args, "out"), key, &error);
    return status ? key_failed(cli, status, &error) : 0;
}

static int register_key(struct cli *cli, const struct args *args, Ctps__Principal *principal,
                        struct ctps_keyfile *key)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__KeyRegister registration = CTPS__KEY_REGISTER__INIT;
    const char *label = args_get(args, "label");
    char text[CTPS_KEY_LEN * 5 / 4 + 1];
    Ctps__Reply *reply;
    int status;

    registration.has_public_key = 1;
    registration.public_key =
        (ProtobufCBinaryData){.data = key->public_key, .len = sizeof key->public_key};
    registration.principal = principal;
    registration.label = label ? arena_strdup(&cli->arena, label) : NULL;
    request.command_case = CTPS__REQUEST__COMMAND_KEY_REGISTER;
    request.key_register = &registration;
    status = request_run(cli, &request, &reply);
    if (status)
        return status;
    z85_encode(text, key->public_key, sizeof key->public_key);
    if (cli->json)
        return view_show_made(cli, reply);
    fprintf(cli->out, _("%s: key for %s\n"), args_get(args, "out"), key->principal);
    fprintf(cli->out, _("public key %s\n"), text);
    return 0;
}

static int new_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Principal principal = CTPS__PRINCIPAL__INIT;
    char text[CTPS_PRINCIPAL_LEN];
    struct ctps_keyfile key = {0};
    int status = read_principal(cli, args, &principal, text);

    (void)command;
    if (!status)
        status = make_key(cli, args, text, &key);
    if (!status) {
        status = register_key(cli, args, &principal, &key);
        /* Without an answer the key may be known: its file is then the only way to use it. */
        if (status && status != EX_UNAVAILABLE)
            cli->sys->unlink(cli->sys->ctx, args_get(args, "out"));
    }
    ctps_keyfile_wipe(&key);
    return status;
}

static const struct command commands[] = {
    {.noun = "key",
     .verb = "new",
     .example = "key new --agent oceane.fischer@mulhouse.example --out fischer.key --label "
                "\"laptop of the office\"",
     .summary = N_("make a key; its secret stays in the file and is known to nobody else"),
     COMMAND_OPTIONS(new_options),
     .run = new_run},
    {.noun = "key",
     .verb = "list",
     .example = "key list --with-revoked",
     .summary = N_("keys that may speak to the daemon"),
     COMMAND_OPTIONS(list_options),
     .request = "key_list",
     .view = &list_view},
    {.noun = "key",
     .verb = "revoke",
     .example = "key revoke 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'",
     .summary = N_("a key is worth nothing from now on: laptop lost, person gone"),
     COMMAND_OPTIONS(revoke_options),
     .request = "key_revoke",
     .question = N_("Revoke this key? Whoever uses it is cut off at once.")},
};
const struct command_group command_key_group = {"key", N_("keys"), commands,
                                                sizeof commands / sizeof *commands};
