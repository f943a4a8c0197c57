#include "command.h"
#include "lang.h"
#include "output.h"

static const struct column habilitation_columns[] = {
    {N_("Last name"), "last_name", VIEW_PLAIN, NULL},
    {N_("First name"), "first_name", VIEW_PLAIN, NULL},
    {N_("Function"), "function", VIEW_LABEL, "fonction"},
    {N_("Act"), "act", VIEW_PLAIN, NULL},
    {N_("From"), "from_day", VIEW_PLAIN, NULL},
    {N_("To"), "to_day", VIEW_PLAIN, NULL},
    {N_("In force"), "current", VIEW_MARK, NULL},
    {N_("Expiring"), "expiring", VIEW_MARK, NULL},
    {N_("Withdrawn from"), "withdrawn_day", VIEW_PLAIN, NULL},
    {N_("Withdrawn by"), "withdrawn_act", VIEW_PLAIN, NULL},
    {N_("Replaced"), "replaced", VIEW_MARK, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view habilitation_view = {.path = "habilitation_answer.habilitations",
                                              .layout = VIEW_TABLE,
                                              VIEW_COLUMNS(habilitation_columns),
                                              .title = N_("Register of habilitations"),
                                              .empty = N_("no habilitation")};

static const struct column charter_columns[] = {
    {N_("Last name"), "last_name", VIEW_PLAIN, NULL},
    {N_("First name"), "first_name", VIEW_PLAIN, NULL},
    {N_("Partner"), "partner", VIEW_PARTNER, NULL},
    {N_("Function"), "function", VIEW_PLAIN, NULL},
    {N_("Charter"), "version", VIEW_PLAIN, NULL},
    {N_("Signed"), "day", VIEW_PLAIN, NULL},
    {N_("To"), "to_day", VIEW_PLAIN, NULL},
    {N_("In force"), "current", VIEW_MARK, NULL},
    {N_("Expiring"), "expiring", VIEW_MARK, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view charter_view = {.path = "charter_answer.charters",
                                         .layout = VIEW_TABLE,
                                         VIEW_COLUMNS(charter_columns),
                                         .title = N_("Register of charters"),
                                         .empty = N_("no charter signed")};

static const struct option_row habilitation_options[] = {
    {"agent", OPTION_AGENT, "AGENT", N_("of this agent: e-mail, name or id"), "agent", NULL, 0},
    {"current", OPTION_FLAG, NULL, N_("those in force today only"), "current_only", NULL, 0},
    OUTPUT_OPTIONS,
};
static const struct option_row charter_options[] = {
    {"contact", OPTION_CONTACT, "CONTACT", N_("of this contact: e-mail, name or id"), "contact",
     NULL, 0},
    {"partner", OPTION_PARTNER, "PARTNER", N_("of this partner: name or id"), "partner", NULL,
     0},
    {"current", OPTION_FLAG, NULL, N_("those in force today only"), "current_only", NULL, 0},
    OUTPUT_OPTIONS,
};

static const struct command register_commands[] = {
    {.noun = "register",
     .verb = "habilitations",
     .example = "register habilitations --current",
     .summary = N_("every habilitation by the mayor there ever was, by name"),
     COMMAND_OPTIONS(habilitation_options),
     .request = "habilitation_register",
     .view = &habilitation_view},
    {.noun = "register",
     .verb = "charters",
     .example = "register charters --partner \"CSC Pax\"",
     .summary = N_("every signature of the charter of confidentiality"),
     COMMAND_OPTIONS(charter_options),
     .request = "charter_register",
     .view = &charter_view},
};
const struct command_group command_register_group = {
    "register", N_("registers of habilitations and charters"), register_commands,
    sizeof register_commands / sizeof *register_commands};

static const struct option_row grant_options[] = {
    {"AGENT", OPTION_AGENT, NULL, N_("e-mail, name or id"), "agent", NULL, OPTION_REQUIRED},
    {"act", OPTION_TEXT, "REFERENCE", N_("reference of the mayor's act"), "act", NULL,
     OPTION_REQUIRED},
    {"from", OPTION_DAY, "DATE", N_("first day"), "from_day", NULL, OPTION_REQUIRED},
    {"until", OPTION_DAY, "DATE", N_("last day"), "to_day", NULL, OPTION_REQUIRED},
};
static const struct option_row withdraw_options[] = {
    {"AGENT", OPTION_AGENT, NULL, N_("e-mail, name or id"), "agent", NULL, OPTION_REQUIRED},
    {"day", OPTION_DAY, "DATE", N_("first day without habilitation"), "day", NULL,
     OPTION_REQUIRED},
    {"act", OPTION_TEXT, "REFERENCE", N_("reference of the mayor's act"), "act", NULL,
     OPTION_REQUIRED},
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
};
static const struct command habilitation_commands[] = {
    {.noun = "habilitation",
     .verb = "grant",
     .example = "habilitation grant oceane.fischer@mulhouse.example --act ARR-2027-004 --from "
                "01/01/2027 --until 31/12/2027",
     .summary = N_("write down a further period; earlier ones stay"),
     COMMAND_OPTIONS(grant_options),
     .request = "habilitation_grant"},
    {.noun = "habilitation",
     .verb = "withdraw",
     .example = "habilitation withdraw oceane.fischer@mulhouse.example --day 01/12/2026 --act "
                "ARR-2026-130",
     .summary = N_("end every period of an agent from a day on"),
     COMMAND_OPTIONS(withdraw_options),
     .request = "habilitation_withdraw",
     .question = N_("From that day on every access of this agent is refused. Go on?")},
};
const struct command_group command_habilitation_group = {
    "habilitation", N_("habilitations of agents by the mayor"), habilitation_commands,
    sizeof habilitation_commands / sizeof *habilitation_commands};

static const struct option_row sign_options[] = {
    {"CONTACT", OPTION_CONTACT, NULL, N_("e-mail, name or id"), "contact", NULL,
     OPTION_REQUIRED},
    {"day", OPTION_DAY, "DATE", N_("day the charter was signed"), "day", NULL, OPTION_REQUIRED},
    {"version", OPTION_TEXT, "VERSION", N_("version signed; the current one when not given"),
     "version", NULL, 0},
};
static const struct command charter_commands[] = {
    {.noun = "charter",
     .verb = "sign",
     .example = "charter sign lucas.bouazza@cscpax.example --day 12/01/2026",
     .summary = N_("write down that a contact signed the charter of confidentiality"),
     COMMAND_OPTIONS(sign_options),
     .request = "charter_sign"},
};
const struct command_group command_charter_group = {
    "charter", N_("charters of confidentiality signed"), charter_commands,
    sizeof charter_commands / sizeof *charter_commands};
