#include "command.h"
#include "lang.h"

static const struct column list_columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Shared on"), "day", VIEW_PLAIN, NULL},
    {N_("Until"), "expiry_day", VIEW_PLAIN, NULL},
    {N_("Holds"), "live", VIEW_MARK, NULL},
    {N_("Revoked"), "revoked_day", VIEW_PLAIN, NULL},
    {N_("Legal base"), "legal_base", VIEW_LABEL, "base_legale"},
    {N_("Purpose"), "purpose", VIEW_LABEL, "finalite"},
    {N_("Contacts"), "contacts", VIEW_CONTACT, NULL},
    {N_("Agents"), "agents", VIEW_AGENT, NULL},
    {N_("Identity"), "identity", VIEW_MARK, NULL},
    {N_("Summary"), "summary", VIEW_MARK, NULL},
    {N_("Entries"), "entries", VIEW_PLAIN, NULL},
    {N_("Why"), "purpose_text", VIEW_PLAIN, NULL},
};
static const struct view list_view = {
    .path = "share_answer.shares",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(list_columns),
    .empty = N_("no share"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

#define NAMES_ROW                                                                              \
    {                                                                                          \
        "names", OPTION_FLAG, NULL, N_("with the text of why; the reading is recorded first"), \
            "nominative", NULL, 0                                                              \
    }
#define PURPOSE_ROW                                                                            \
    {                                                                                          \
        "for", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",           \
            "finalite", OPTION_REQUEST                                                         \
    }
#define DAYS_ROWS                                                                              \
    {"from", OPTION_DAY, "DATE", N_("from this day"), "from_day", NULL, 0},                    \
    {                                                                                          \
        "to", OPTION_DAY, "DATE", N_("to this day, included"), "to_day", NULL, 0               \
    }

static const struct option_row record_options[] = {
    {"SITUATION", OPTION_SITUATION, NULL, N_("reference or id"), "situation", NULL,
     OPTION_REQUIRED},
    {"identity", OPTION_FLAG, NULL, N_("who the persons are"), "identity", NULL, 0},
    {"summary", OPTION_FLAG, NULL, N_("title, text and place"), "summary", NULL, 0},
    {"entry", OPTION_COUNT, "ID", N_("this step of the timeline; repeatable"), "entries", NULL,
     OPTION_REPEATED},
    {"contact", OPTION_CONTACT, "CONTACT",
     N_("to this partner contact: e-mail, name or id; repeatable"), "contacts", NULL,
     OPTION_REPEATED},
    {"agent", OPTION_AGENT, "AGENT", N_("to this agent: e-mail, name or id; repeatable"),
     "agents", NULL, OPTION_REPEATED},
    {"meeting", OPTION_MEETING, "MEETING", N_("in this meeting; outside one when not given"),
     "meeting", NULL, 0},
    {"base", OPTION_CODE, "CODE", N_("under which law: list base_legale"), "legal_base",
     "base_legale", OPTION_REQUIRED},
    {"purpose", OPTION_CODE, "CODE", N_("why it is shared: list finalite"), "purpose",
     "finalite", OPTION_REQUIRED},
    {"why", OPTION_TEXT, "TEXT", N_("why, in words, at most 200 characters (sealed)"),
     "purpose_text", NULL, 0},
    {"until", OPTION_DAY, "DATE", N_("last day it may be read"), "expiry_day", NULL,
     OPTION_REQUIRED},
};

static const struct option_row id_options[] = {
    {"SHARE", OPTION_COUNT, NULL, N_("id, as share list shows it"), "id", NULL,
     OPTION_REQUIRED},
};

static const struct option_row list_options[] = {
    {"situation", OPTION_SITUATION, "SITUATION", N_("of this situation: reference or id"),
     "situation", NULL, 0},
    {"partner", OPTION_PARTNER, "PARTNER", N_("to this partner: name or id"), "partner", NULL,
     0},
    {"contact", OPTION_CONTACT, "CONTACT", N_("to this contact: e-mail, name or id"), "contact",
     NULL, 0},
    {"agent", OPTION_AGENT, "AGENT", N_("to this agent: e-mail, name or id"), "agent", NULL, 0},
    DAYS_ROWS,
    {"live", OPTION_FLAG, NULL, N_("only those that hold today"), "live", NULL, 0},
    NAMES_ROW,
    PURPOSE_ROW,
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
};

static const struct command commands[] = {
    {.noun = "share",
     .verb = "record",
     .example = "share record T3-2026-0123 --summary --contact keller@college.example --base "
                "L132-5 --purpose suivi --until 15/01/2027",
     .summary = N_("let contacts and agents read parts of a situation until a day"),
     COMMAND_OPTIONS(record_options),
     .request = "share_record"},
    {.noun = "share",
     .verb = "revoke",
     .example = "share revoke 131585",
     .summary = N_("end a share at once"),
     COMMAND_OPTIONS(id_options),
     .request = "share_revoke"},
    {.noun = "share",
     .verb = "acknowledge",
     .example = "share acknowledge 131585",
     .summary = N_("say that you have seen what was shared with you"),
     COMMAND_OPTIONS(id_options),
     .request = "share_acknowledge"},
    {.noun = "share",
     .verb = "list",
     .example = "share list --situation T3-2026-0123",
     .summary = N_("what was shared, with whom, under which law and until when"),
     COMMAND_OPTIONS(list_options),
     .request = "share_list",
     .view = &list_view},
};
const struct command_group command_share_group = {"share", N_("what is shared, and who saw it"),
                                                  commands, sizeof commands / sizeof *commands};

/* --- break-glass --- */

static const struct column glass_columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("When"), "used_us", VIEW_PLAIN, NULL},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Why"), "reason", VIEW_PLAIN, NULL},
};
static const struct view glass_view = {
    .path = "break_glass_answer.uses",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(glass_columns),
    .empty = N_("the glass was never broken"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

static const struct option_row use_options[] = {
    {"SITUATION", OPTION_TEXT, NULL, N_("reference, as T3-2026-0123"), "reference", NULL,
     OPTION_REQUIRED},
    {"reason", OPTION_TEXT, "TEXT", N_("why, at most 500 characters (sealed)"), "reason", NULL,
     OPTION_REQUIRED},
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
};

static const struct option_row glass_list_options[] = {
    {"situation", OPTION_SITUATION, "SITUATION", N_("of this situation: reference or id"),
     "situation", NULL, 0},
    {"agent", OPTION_AGENT, "AGENT", N_("by this agent: e-mail, name or id"), "agent", NULL, 0},
    DAYS_ROWS,
    NAMES_ROW,
    PURPOSE_ROW,
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
};

static const struct command glass_commands[] = {
    {.noun = "break-glass",
     .verb = "use",
     .example = "break-glass use T3-2026-0123 --reason @-",
     .summary = N_("open one situation of another territory for three hours"),
     COMMAND_OPTIONS(use_options),
     .request = "break_glass_use",
     .question = N_("The head of service and the DPO are told at once. Go on?")},
    {.noun = "break-glass",
     .verb = "list",
     .example = "break-glass list --from 01/10/2026",
     .summary = N_("who broke the glass, when, for which situation"),
     COMMAND_OPTIONS(glass_list_options),
     .request = "break_glass_list",
     .view = &glass_view},
};
const struct command_group command_break_glass_group = {
    "break-glass", N_("opening a situation elsewhere in an emergency"), glass_commands,
    sizeof glass_commands / sizeof *glass_commands};
