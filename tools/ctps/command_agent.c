#include "command_reference.h"
#include "lang.h"
#include "output.h"

static const struct column columns[] = {
    {N_("Last name"), "last_name", VIEW_PLAIN, NULL},
    {N_("First name"), "first_name", VIEW_PLAIN, NULL},
    {N_("Function"), "function", VIEW_LABEL, "fonction"},
    {N_("Territories"), "territories", VIEW_PLAIN, NULL},
    {N_("FTE"), "fte_centi", VIEW_CENTI, NULL},
    {N_("Funder"), "funder", VIEW_LABEL, "financeur"},
    {N_("E-mail"), "email", VIEW_PLAIN, NULL},
    {N_("Habilitation"), "habilitation_act", VIEW_PLAIN, NULL},
    {N_("From"), "habilitation_from_day", VIEW_PLAIN, NULL},
    {N_("To"), "habilitation_to_day", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view list_view = {.path = "reference_answer.agents",
                                      .layout = VIEW_TABLE,
                                      VIEW_COLUMNS(columns),
                                      .title = N_("Agents of the town"),
                                      .empty = N_("no agent")};

#define AGENT_FIELDS(needed)                                                                    \
    {"last-name", OPTION_TEXT, "NAME", N_("last name"), "last_name", NULL, needed},             \
        {"first-name", OPTION_TEXT, "NAME", N_("first name"), "first_name", NULL, needed},      \
        {"function", OPTION_CODE, "CODE", N_("list fonction"), "function", "fonction", needed}, \
        {"territories", OPTION_TERRITORY, "T1,T2", N_("territories"), "territories", NULL, 0},  \
        {"fte",       OPTION_CENTI, "SHARE", N_("share of a full-time equivalent, as 0,5"),     \
         "fte_centi", NULL,         0},                                                         \
        {"funder", OPTION_CODE, "CODE", N_("list financeur"), "funder", "financeur", 0},        \
        {"email", OPTION_TEXT, "E-MAIL", N_("e-mail"), "email", NULL, 0},                       \
        {"notify",                                                                              \
         OPTION_CHOICE,                                                                         \
         "each|digest|none",                                                                    \
         N_("told of each event, once a day, or never"),                                        \
         "notify",                                                                              \
         "each|digest|none",                                                                    \
         0},                                                                                    \
        {"language", OPTION_CHOICE, "fr|en", N_("language of what is sent"),                    \
         "language", "fr|en",       0},                                                         \
        {"act",                                                                                 \
         OPTION_TEXT,                                                                           \
         "REFERENCE",                                                                           \
         N_("habilitation: reference of the mayor's act"),                                      \
         "habilitation_act",                                                                    \
         NULL,                                                                                  \
         needed},                                                                               \
        {"from", OPTION_DAY, "DATE", N_("habilitation: first day"), "habilitation_from_day",    \
         NULL,   needed},                                                                       \
    {                                                                                           \
        "until", OPTION_DAY, "DATE", N_("habilitation: last day"), "habilitation_to_day",       \
            NULL, needed                                                                        \
    }

static const struct option_row list_options[] = {
    {"function", OPTION_CODE, "CODE", N_("list fonction"), "function", "fonction", 0},
    {"territory", OPTION_TERRITORY, "T", N_("of this territory"), "territories", NULL, 0},
    OUTPUT_OPTIONS,
};
static const struct option_row add_options[] = {AGENT_FIELDS(OPTION_REQUIRED)};
static const struct option_row set_options[] = {
    {"AGENT", OPTION_AGENT, NULL, N_("e-mail, name or id"), "id", NULL, OPTION_REQUIRED},
    AGENT_FIELDS(0),
};

static const struct option_row post_options[] = {
    {"AGENT", OPTION_AGENT, NULL, N_("e-mail, name or id"), "id", NULL, OPTION_REQUIRED},
    {"share", OPTION_CENTI, "SHARE", N_("share of a full-time equivalent, as 0,5"),
     "posts.fte_centi", NULL, OPTION_REQUIRED | OPTION_BEGINS},
    {"funder", OPTION_CODE, "CODE", N_("list financeur"), "posts.funder", "financeur",
     OPTION_REQUIRED},
    {"from", OPTION_DAY, "DATE", N_("first day"), "posts.from_day", NULL, OPTION_REQUIRED},
    {"until", OPTION_DAY, "DATE", N_("last day; open when not given"), "posts.to_day", NULL, 0},
    {"afresh", OPTION_FLAG, NULL, N_("forget the posts written down before"), "posts", NULL,
     OPTION_CLEARS},
};
static const struct option_row posts_options[] = {
    {"day", OPTION_DAY, "DATE", N_("posts of this day; today when not given"), "day", NULL, 0},
    OUTPUT_OPTIONS,
};

static const struct column post_columns[] = {
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Function"), "function", VIEW_LABEL, "fonction"},
    {N_("FTE"), "fte_centi", VIEW_CENTI, NULL},
    {N_("Funder"), "funder", VIEW_LABEL, "financeur"},
    {N_("From"), "from_day", VIEW_PLAIN, NULL},
    {N_("To"), "to_day", VIEW_PLAIN, NULL},
};
static const struct view post_view = {
    .path = "posts", .layout = VIEW_TABLE, VIEW_COLUMNS(post_columns)};
static const struct column funder_columns[] = {
    {N_("Funder"), "funder", VIEW_LABEL, "financeur"},
    {N_("Agents"), "agent_count", VIEW_PLAIN, NULL},
    {N_("FTE"), "fte_centi", VIEW_CENTI, NULL},
};
static const struct view funder_view = {
    .path = "funders", .layout = VIEW_TABLE, VIEW_COLUMNS(funder_columns)};
static const struct column function_columns[] = {
    {N_("Function"), "function", VIEW_LABEL, "fonction"},
    {N_("Agents"), "agent_count", VIEW_PLAIN, NULL},
    {N_("FTE"), "fte_centi", VIEW_CENTI, NULL},
};
static const struct view function_view = {
    .path = "functions", .layout = VIEW_TABLE, VIEW_COLUMNS(function_columns)};
static const struct view *const posts_parts[] = {&post_view, &funder_view, &function_view,
                                                 NULL};
static const struct column posts_columns[] = {
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Agents"), "agent_count", VIEW_PLAIN, NULL},
    {N_("FTE"), "fte_centi", VIEW_CENTI, NULL},
};
static const struct view posts_view = {.path = "posts_answer",
                                       .layout = VIEW_RECORD,
                                       VIEW_COLUMNS(posts_columns),
                                       .title = N_("Posts of a day"),
                                       .parts = posts_parts};

static const struct command commands[] = {
    {.noun = "agent",
     .verb = "list",
     .example = "agent list --territory T3",
     .summary = N_("agents and their habilitations"),
     COMMAND_OPTIONS(list_options),
     .view = &list_view,
     .run = command_reference_list},
    {.noun = "agent",
     .verb = "add",
     .example = "agent add --last-name Fischer --first-name Océane --function coordinateur "
                "--territories T3 --act ARR-2026-013 --from 01/01/2026 --until 31/12/2026",
     .summary = N_("write down an agent with the habilitation by the mayor"),
     COMMAND_OPTIONS(add_options),
     .request = "agent_set"},
    {.noun = "agent",
     .verb = "set",
     .example = "agent set oceane.fischer@mulhouse.example --until 31/12/2027",
     .summary = N_("change an agent; what is not named stays"),
     COMMAND_OPTIONS(set_options),
     .request = "agent_set",
     .run = command_reference_set},
    {.noun = "agent",
     .verb = "post",
     .example = "agent post oceane.fischer@mulhouse.example --share 0,5 --funder fipd --from "
                "01/01/2026",
     .summary = N_("write down a share of a post: who pays it, and when"),
     COMMAND_OPTIONS(post_options),
     .request = "agent_set",
     .run = command_reference_set},
    {.noun = "agent",
     .verb = "posts",
     .example = "agent posts --day 01/01/2026",
     .summary = N_("posts of a day, summed by funder and by function"),
     COMMAND_OPTIONS(posts_options),
     .request = "agent_posts",
     .view = &posts_view},
};
const struct command_group command_agent_group = {"agent", N_("agents of the town"), commands,
                                                  sizeof commands / sizeof *commands};
