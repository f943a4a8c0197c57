#include "command.h"
#include "lang.h"
#include "output.h"

/* Words of the daemon's own that views translate. */
static const char *const words[] __attribute__((unused)) = {
    N_("open"),
    N_("overdue"),
    N_("done"),
    N_("not_done"),
};

static const struct column list_columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Situation"), "reference", VIEW_PLAIN, NULL},
    {N_("Decision"), "verb", VIEW_LABEL, "decision"},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Due"), "due_day", VIEW_PLAIN, NULL},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Contact"), "contact", VIEW_CONTACT, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Instance"), "instance", VIEW_LABEL, "instance"},
    {N_("Taken"), "taken_day", VIEW_PLAIN, NULL},
};
static const struct view list_view = {
    .path = "decision_answer.decisions",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(list_columns),
    .title = N_("Decisions"),
    .empty = N_("no decision"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

static const struct column show_columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Situation"), "reference", VIEW_PLAIN, NULL},
    {N_("Decision"), "verb", VIEW_LABEL, "decision"},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Due"), "due_day", VIEW_PLAIN, NULL},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Contact"), "contact", VIEW_CONTACT, NULL},
    {N_("Territory"), "territory", VIEW_PLAIN, NULL},
    {N_("Instance"), "instance", VIEW_LABEL, "instance"},
    {N_("Meeting"), "meeting", VIEW_PLAIN, NULL},
    {N_("Taken"), "taken_day", VIEW_PLAIN, NULL},
    {N_("Taken by"), "taken_by", VIEW_AGENT, NULL},
    {N_("Ended"), "completed_day", VIEW_PLAIN, NULL},
    {N_("Result"), "result", VIEW_LABEL, "resultat"},
    {N_("Ended by"), "completed_by", VIEW_AGENT, NULL},
    {N_("Ended by contact"), "completed_by_contact", VIEW_PLAIN, NULL},
    {N_("How it ended"), "result_text", VIEW_PLAIN, NULL},
};
static const struct view show_view = {
    .path = "decision_answer.decisions",
    .layout = VIEW_RECORD,
    VIEW_COLUMNS(show_columns),
    .empty = N_("no decision"),
};

static const struct option_row take_options[] = {
    {"situation", OPTION_SITUATION, "REF", N_("about this situation: reference or id"),
     "situation", NULL, 0},
    {"meeting", OPTION_MEETING, "MEETING", N_("in this meeting: reference or id"), "meeting",
     NULL, 0},
    {"verb", OPTION_CODE, "CODE", N_("what is to be done: list decision"), "verb", "decision",
     OPTION_REQUIRED},
    {"text", OPTION_TEXT, "TEXT", N_("at most 500 characters (sealed)"), "text", NULL, 0},
    {"agent", OPTION_AGENT, "AGENT", N_("who does it: e-mail, name or id"), "agent", NULL, 0},
    {"contact", OPTION_CONTACT, "CONTACT", N_("or a partner’s contact: e-mail, name or id"),
     "contact", NULL, 0},
    {"due", OPTION_DAY, "DATE", N_("by this day"), "due_day", NULL, OPTION_REQUIRED},
    {"day", OPTION_DAY, "DATE", N_("taken on this day; else the meeting’s day, or today"),
     "day", NULL, 0},
};

#define DECISION_ROW                                                                           \
    {                                                                                          \
        "DECISION", OPTION_COUNT, NULL, N_("id of the decision"), "id", NULL, OPTION_REQUIRED  \
    }

static const struct option_row complete_options[] = {
    DECISION_ROW,
    {"result", OPTION_CODE, "CODE", N_("realisee, impossible or non_faite"), "result",
     "resultat", OPTION_REQUIRED},
    {"text", OPTION_TEXT, "TEXT", N_("at most 500 characters (sealed)"), "text", NULL, 0},
    {"day", OPTION_DAY, "DATE", N_("ended on this day; else today"), "day", NULL, 0},
};

static const struct option_row list_options[] = {
    {"mine", OPTION_FLAG, NULL, N_("those I am charged with"), "mine", NULL, 0},
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"situation", OPTION_SITUATION, "REF", N_("about this situation: reference or id"),
     "situation", NULL, 0},
    {"meeting", OPTION_MEETING, "MEETING", N_("in this meeting: reference or id"), "meeting",
     NULL, 0},
    {"instance", OPTION_CODE, "CODE", N_("taken in this kind of meeting: list instance"),
     "instance", "instance", 0},
    {"state", OPTION_CHOICE, "STATE", N_("open, overdue, done, not_done or undone"), "state",
     "open|overdue|done|not_done|undone", 0},
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
    OUTPUT_OPTIONS,
};

static const struct option_row show_options[] = {
    DECISION_ROW,
    {"names", OPTION_FLAG, NULL, N_("with names and texts; the reading is recorded first"),
     "nominative", NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",
     "finalite", OPTION_REQUEST},
    {"purpose-text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "purpose_text", NULL,
     OPTION_REQUEST},
};

static const struct command commands[] = {
    {.noun = "decision",
     .verb = "take",
     .example = "decision take --situation T3-2026-0123 --verb contacter --agent Durand --due "
                "04/12/2026",
     .summary = N_("write down what was decided, who does it and by when"),
     COMMAND_OPTIONS(take_options),
     .request = "decision_take"},
    {.noun = "decision",
     .verb = "complete",
     .example = "decision complete 4611 --result realisee",
     .summary = N_("say how a decision ended"),
     COMMAND_OPTIONS(complete_options),
     .request = "decision_complete"},
    {.noun = "decision",
     .verb = "list",
     .example = "decision list --territory T3 --state overdue",
     .summary = N_("decisions you may see, newest first"),
     COMMAND_OPTIONS(list_options),
     .request = "decision_list",
     .view = &list_view},
    {.noun = "decision",
     .verb = "show",
     .example = "decision show 4611 --names",
     .summary = N_("one decision"),
     COMMAND_OPTIONS(show_options),
     .request = "decision_get",
     .view = &show_view},
};
const struct command_group command_decision_group = {
    "decision", N_("decisions, as tasks"), commands, sizeof commands / sizeof *commands};
