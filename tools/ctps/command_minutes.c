#include "command_pack.h"
#include "lang.h"
#include "output.h"

#define MEETING_ROW                                                                            \
    {                                                                                          \
        "MEETING", OPTION_MEETING, NULL, N_("reference or id"), "meeting", NULL,               \
            OPTION_REQUIRED                                                                    \
    }

/* Words of the daemon's own that views translate; here and in a pack. */
static const char *const words[] __attribute__((unused)) = {
    N_("none"), N_("draft"),  N_("validated"), N_("distributed"),
    N_("open"), N_("shared"), N_("number"),    N_("no_right"),
};

static const struct column list_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Instance"), "instance", VIEW_LABEL, "instance"},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Version"), "version", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Late"), "overdue", VIEW_MARK, NULL},
    {N_("Written by"), "written_by", VIEW_AGENT, NULL},
    {N_("Validated by"), "validated_by", VIEW_AGENT, NULL},
    {N_("Distributed"), "distributed_day", VIEW_PLAIN, NULL},
};
static const struct view list_view = {
    .path = "minutes_answer.minutes",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(list_columns),
    .title = N_("Minutes of meetings"),
    .empty = N_("no meeting to report on"),
    .cursor_to = {"before_day", "before"},
    .cursor_from = {"day", "meeting"},
};

static const struct option_row draft_options[] = {
    MEETING_ROW,
    {"text", OPTION_TEXT, "TEXT", N_("what is about no item (sealed); @FILE reads a file"),
     "text", NULL, 0},
    {"item", OPTION_COUNT, "ID", N_("item of the agenda the next --said is about"),
     "items.item", NULL, OPTION_REPEATED | OPTION_BEGINS},
    {"said", OPTION_TEXT, "TEXT", N_("what was said on it (sealed)"), "items.text", NULL,
     OPTION_REPEATED},
    {"correction", OPTION_FLAG, NULL, N_("a new version of validated minutes"), "correction",
     NULL, 0},
};

static const struct option_row meeting_options[] = {MEETING_ROW};

static const struct option_row distribute_options[] = {
    MEETING_ROW,
    {"agent", OPTION_AGENT, "AGENT", N_("to this one; without any, to all who may have them"),
     "agents", NULL, OPTION_REPEATED},
    {"contact", OPTION_CONTACT, "CONTACT", N_("to this contact"), "contacts", NULL,
     OPTION_REPEATED},
};

static const struct option_row show_options[] = {
    MEETING_ROW,
    {"version", OPTION_COUNT, "N", N_("this version; else the newest"), "version", NULL, 0},
    {"for", OPTION_TEXT, "WHO", N_("as this attendee may read them: e-mail, name or id"), NULL,
     NULL, 0},
    {"output", OPTION_TEXT, "FILE", N_("page to print, made new"), NULL, NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",
     "finalite", OPTION_REQUEST},
};

static const struct option_row list_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"state", OPTION_CHOICE, "STATE", N_("none, draft, validated or distributed"), "state",
     "none|draft|validated|distributed", 0},
    {"late", OPTION_FLAG, NULL,
     N_("not distributed in the working days the town allows (rules.minutes_working_days)"),
     "overdue", NULL, 0},
    {"meeting", OPTION_MEETING, "MEETING", N_("all versions of this one"), "meeting", NULL, 0},
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
    OUTPUT_OPTIONS,
};

static const struct command commands[] = {
    {.noun = "minutes",
     .verb = "draft",
     .example = "minutes draft R-T3-2026-0012 --text @compte-rendu.txt --item 12545 --said "
                "@point.txt",
     .summary = N_("write minutes, or write a draft anew"),
     COMMAND_OPTIONS(draft_options),
     .request = "minutes_draft"},
    {.noun = "minutes",
     .verb = "validate",
     .example = "minutes validate R-T3-2026-0012",
     .summary = N_("validate minutes: they no longer change"),
     COMMAND_OPTIONS(meeting_options),
     .request = "minutes_validate"},
    {.noun = "minutes",
     .verb = "distribute",
     .example = "minutes distribute R-T3-2026-0012",
     .summary = N_("let attendees read validated minutes, each as he may"),
     COMMAND_OPTIONS(distribute_options),
     .request = "minutes_distribute"},
    {.noun = "minutes",
     .verb = "show",
     .example = "minutes show R-T3-2026-0012 --output compte-rendu.html",
     .summary = N_("minutes, shown or printed; the reading is recorded first"),
     COMMAND_OPTIONS(show_options),
     .request = "minutes_get",
     .run = command_minutes_run},
    {.noun = "minutes",
     .verb = "list",
     .example = "minutes list --late",
     .summary = N_("where the minutes of past meetings stand"),
     COMMAND_OPTIONS(list_options),
     .request = "minutes_list",
     .view = &list_view},
};
const struct command_group command_minutes_group = {
    "minutes", N_("minutes of meetings"), commands, sizeof commands / sizeof *commands};
