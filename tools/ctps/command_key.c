#include "command.h"
#include "lang.h"

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

static const struct command commands[] = {
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
