#include "command_reference.h"
#include "lang.h"
#include "output.h"

#include <string.h>
#include <sysexits.h>

static const struct column partner_columns[] = {
    {N_("Partner"), "name", VIEW_PLAIN, NULL},
    {N_("Family"), "family", VIEW_LABEL, "origine"},
    {N_("Kind"), "kind", VIEW_LABEL, "type_partenaire"},
    {N_("Territories"), "territories", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view partner_view = {.path = "reference_answer.partners",
                                         .layout = VIEW_TABLE,
                                         VIEW_COLUMNS(partner_columns),
                                         .title = N_("Partner organisations"),
                                         .empty = N_("no partner")};
static const struct option_row partner_list_options[] = {
    {"family", OPTION_CHOICE, "FAMILY", N_("institutionnel or terrain"), "family",
     "institutionnel|terrain", 0},
    {"kind", OPTION_CODE, "CODE", N_("list type_partenaire"), "kind", "type_partenaire", 0},
    {"territory", OPTION_TERRITORY, "T", N_("named for this territory"), "territories", NULL,
     0},
    OUTPUT_OPTIONS,
};
#define PARTNER_FIELDS(needed)                                                                 \
    {"name", OPTION_TEXT, "NAME", N_("name of the organisation"), "name", NULL, needed},       \
        {"family", OPTION_CHOICE,                                                              \
         "FAMILY", N_("institutionnel or terrain"),                                            \
         "family", "institutionnel|terrain",                                                   \
         needed},                                                                              \
        {"kind", OPTION_CODE,       "CODE", N_("list type_partenaire"),                        \
         "kind", "type_partenaire", needed},                                                   \
    {                                                                                          \
        "territories", OPTION_TERRITORY, "T1,T2", N_("territories; none: all"), "territories", \
            NULL, 0                                                                            \
    }

static const struct option_row partner_add_options[] = {PARTNER_FIELDS(OPTION_REQUIRED)};
static const struct option_row partner_set_options[] = {
    {"PARTNER", OPTION_PARTNER, NULL, N_("the organisation: name or id"), "id", NULL,
     OPTION_REQUIRED},
    PARTNER_FIELDS(0),
    {"everywhere", OPTION_FLAG, NULL, N_("in all territories"), "territories", NULL,
     OPTION_CLEARS},
};

/* --- its feed on the bus --- */

static const struct column feed_columns[] = {
    {N_("Partner"), "partner", VIEW_PARTNER, NULL},
    {N_("Open"), "on", VIEW_MARK, NULL},
    {N_("Since"), "since_day", VIEW_PLAIN, NULL},
    {N_("By"), "by_agent", VIEW_AGENT, NULL},
    {N_("Audience"), "audience", VIEW_PLAIN, NULL},
    {N_("Address"), "endpoints", VIEW_PLAIN, NULL},
    {N_("Last event"), "last_number", VIEW_PLAIN, NULL},
};
static const struct view feed_view = {.path = "feed_answer.feeds",
                                      .layout = VIEW_TABLE,
                                      VIEW_COLUMNS(feed_columns),
                                      .empty = N_("no feed was ever opened")};
static const struct option_row feed_options[] = {
    {"ACTION", OPTION_TEXT, NULL, N_("show (by default), on or off"), NULL, NULL, 0},
    {"PARTNER", OPTION_PARTNER, NULL, N_("the organisation: name or id"), "partner", NULL, 0},
};
static const struct option_row feed_on_row = {
    .name = "on", .kind = OPTION_YESNO, .target = "on"};

static int feed_run(struct cli *cli, const struct command *command, const struct args *args)
{
    const char *action = args_get(args, "ACTION");
    bool on = action && strcmp(action, "on") == 0;
    bool off = action && strcmp(action, "off") == 0;
    struct command asked = *command;
    struct args all = *args;

    if (action && !on && !off && strcmp(action, "show") != 0) {
        cli_complain(cli, _("show (by default), on or off"));
        return EX_USAGE;
    }
    if (!on && !off) {
        asked.request = "feed_list";
        return command_run_plain(cli, &asked, args);
    }
    if (!args_get(args, "PARTNER")) {
        cli_complain(cli, _("which partner? ctps partner feed on PARTNER"));
        return EX_USAGE;
    }
    asked.view = NULL;
    all.items[all.count++] = (struct arg){.row = &feed_on_row, .text = on ? "yes" : "no"};
    return command_run_plain(cli, &asked, &all);
}

static const struct command partner_commands[] = {
    {.noun = "partner",
     .verb = "list",
     .example = "partner list --territory T3",
     .summary = N_("partner organisations"),
     COMMAND_OPTIONS(partner_list_options),
     .view = &partner_view,
     .run = command_reference_list},
    {.noun = "partner",
     .verb = "add",
     .example = "partner add --name \"CSC Pax\" --family terrain --kind jeunesse --territories "
                "T1",
     .summary = N_("write down a partner organisation"),
     COMMAND_OPTIONS(partner_add_options),
     .request = "partner_set"},
    {.noun = "partner",
     .verb = "set",
     .example = "partner set \"CSC Pax\" --territories T1,T2",
     .summary = N_("change a partner organisation; what is not named stays"),
     COMMAND_OPTIONS(partner_set_options),
     .request = "partner_set",
     .run = command_reference_set},
    {.noun = "partner",
     .verb = "feed",
     .example = "partner feed on \"CSC Pax\"",
     .summary = N_("events sent to a partner: open, close, where"),
     COMMAND_OPTIONS(feed_options),
     .request = "feed_set",
     .view = &feed_view,
     .run = feed_run},
};
const struct command_group command_partner_group = {
    "partner", N_("partner organisations"), partner_commands,
    sizeof partner_commands / sizeof *partner_commands};

static const struct column contact_columns[] = {
    {N_("Last name"), "last_name", VIEW_PLAIN, NULL},
    {N_("First name"), "first_name", VIEW_PLAIN, NULL},
    {N_("Partner"), "partner", VIEW_PARTNER, NULL},
    {N_("Function"), "function", VIEW_PLAIN, NULL},
    {N_("E-mail"), "email", VIEW_PLAIN, NULL},
    {N_("Phone"), "phone", VIEW_PLAIN, NULL},
    {N_("Charter"), "charter_version", VIEW_PLAIN, NULL},
    {N_("Signed"), "charter_day", VIEW_PLAIN, NULL},
    {N_("Notify"), "notify", VIEW_PLAIN, NULL},
    {N_("Inactive"), "inactive", VIEW_MARK, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view contact_view = {.path = "reference_answer.contacts",
                                         .layout = VIEW_TABLE,
                                         VIEW_COLUMNS(contact_columns),
                                         .title = N_("Contacts at the partners"),
                                         .empty = N_("no contact")};
static const struct option_row contact_list_options[] = {
    {"partner", OPTION_PARTNER, "PARTNER", N_("of this partner: name or id"), "partner", NULL,
     0},
    {"territory", OPTION_TERRITORY, "T",
     N_("of partners that work in this territory, or in all"), NULL, NULL, 0},
    {"with-inactive", OPTION_FLAG, NULL, N_("inactive ones too"), NULL, NULL, 0},
    OUTPUT_OPTIONS,
};
#define CONTACT_FIELDS(needed)                                                                 \
    {"partner", OPTION_PARTNER, "PARTNER", N_("the organisation: name or id"),                 \
     "partner", NULL,           needed},                                                       \
        {"last-name", OPTION_TEXT, "NAME", N_("last name"), "last_name", NULL, needed},        \
        {"first-name", OPTION_TEXT, "NAME", N_("first name"), "first_name", NULL, needed},     \
        {"function", OPTION_TEXT, "TEXT", N_("function at the partner"), "function", NULL, 0}, \
        {"email", OPTION_TEXT, "E-MAIL", N_("e-mail"), "email", NULL, 0},                      \
        {"phone", OPTION_TEXT, "TEXT", N_("phone"), "phone", NULL, 0},                         \
        {"notify",                                                                             \
         OPTION_CHOICE,                                                                        \
         "each|digest|none",                                                                   \
         N_("told of each event, once a day, or never"),                                       \
         "notify",                                                                             \
         "each|digest|none",                                                                   \
         0},                                                                                   \
    {                                                                                          \
        "language", OPTION_CHOICE, "fr|en", N_("language of what is sent"), "language",        \
            "fr|en", 0                                                                         \
    }

static const struct option_row contact_add_options[] = {
    CONTACT_FIELDS(OPTION_REQUIRED),
    {"charter", OPTION_TEXT, "VERSION", N_("version of the charter signed"), "charter_version",
     NULL, 0},
    {"signed", OPTION_DAY, "DATE", N_("day the charter was signed"), "charter_day", NULL, 0},
};
/* A signature has a command of its own: charter sign. */
static const struct option_row contact_set_options[] = {
    {"CONTACT", OPTION_CONTACT, NULL, N_("e-mail, name or id"), "id", NULL, OPTION_REQUIRED},
    CONTACT_FIELDS(0),
    {"inactive", OPTION_YESNO, "yes|no",
     N_("left: has nothing any more, neither invited nor told; no: is back"), "inactive", NULL,
     0},
};
static const struct command contact_commands[] = {
    {.noun = "contact",
     .verb = "list",
     .example = "contact list --partner \"CSC Pax\"",
     .summary = N_("people at the partners, with their charters"),
     COMMAND_OPTIONS(contact_list_options),
     .view = &contact_view,
     .run = command_reference_list},
    {.noun = "contact",
     .verb = "add",
     .example = "contact add --partner \"CSC Pax\" --last-name Bouâzza --first-name Lucas "
                "--charter v3 --signed 12/01/2026",
     .summary = N_("write down a person at a partner"),
     COMMAND_OPTIONS(contact_add_options),
     .request = "contact_set"},
    {.noun = "contact",
     .verb = "set",
     .example = "contact set lucas.bouazza@cscpax.example --inactive yes",
     .summary =
         N_("change a person at a partner, or say that he left; what is not named stays"),
     COMMAND_OPTIONS(contact_set_options),
     .request = "contact_set",
     .run = command_reference_set},
};
const struct command_group command_contact_group = {
    "contact", N_("people at the partners"), contact_commands,
    sizeof contact_commands / sizeof *contact_commands};
