#include "command.h"
#include "lang.h"
#include "output.h"

static const struct column columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Territory"), "territory", VIEW_PLAIN, NULL},
    {N_("Lent to"), "to_agent", VIEW_AGENT, NULL},
    {N_("From"), "from_day", VIEW_PLAIN, NULL},
    {N_("To"), "to_day", VIEW_PLAIN, NULL},
    {N_("By"), "by_agent", VIEW_AGENT, NULL},
    {N_("Ended"), "ended", VIEW_MARK, NULL},
};
static const struct view list_view = {.path = "delegation_answer.delegations",
                                      .layout = VIEW_TABLE,
                                      VIEW_COLUMNS(columns),
                                      .title = N_("Territories lent"),
                                      .empty = N_("no delegation")};

static const struct option_row grant_options[] = {
    {"TERRITORY", OPTION_TERRITORY, NULL, N_("territory that is lent"), "territory", NULL,
     OPTION_REQUIRED},
    {"to", OPTION_AGENT, "AGENT", N_("to whom: e-mail, name or id"), "to_agent", NULL,
     OPTION_REQUIRED},
    {"from", OPTION_DAY, "DATE", N_("first day"), "from_day", NULL, OPTION_REQUIRED},
    {"until", OPTION_DAY, "DATE", N_("last day"), "to_day", NULL, OPTION_REQUIRED},
};
static const struct option_row end_options[] = {
    {"ID", OPTION_COUNT, NULL, N_("number of the delegation"), "id", NULL, OPTION_REQUIRED},
};
static const struct option_row list_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"agent", OPTION_AGENT, "AGENT", N_("lent to this agent: e-mail, name or id"), "agent",
     NULL, 0},
    {"with-past", OPTION_FLAG, NULL, N_("past and ended ones too"), "with_past", NULL, 0},
    OUTPUT_OPTIONS,
};

static const struct command commands[] = {
    {.noun = "delegation",
     .verb = "grant",
     .example = "delegation grant T3 --to elodie.richert@mulhouse.example --from 23/11/2026 "
                "--until 04/12/2026",
     .summary = N_("lend a territory to another agent between two dates"),
     COMMAND_OPTIONS(grant_options),
     .request = "delegation_grant"},
    {.noun = "delegation",
     .verb = "end",
     .example = "delegation end 12544",
     .summary = N_("end a delegation before its last day"),
     COMMAND_OPTIONS(end_options),
     .request = "delegation_end"},
    {.noun = "delegation",
     .verb = "list",
     .example = "delegation list",
     .summary = N_("delegations in force"),
     COMMAND_OPTIONS(list_options),
     .request = "delegation_list",
     .view = &list_view},
};
const struct command_group command_delegation_group = {
    "delegation", N_("territories lent to another agent"), commands,
    sizeof commands / sizeof *commands};
