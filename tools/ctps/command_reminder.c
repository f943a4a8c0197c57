/* What somebody was reminded of, and what was missed. */
#include "command.h"
#include "lang.h"
#include "output.h"
#include "request.h"

#include <sysexits.h>

static const char *const words[] __attribute__((unused)) = {
    N_("on_time"),      N_("late"),    N_("missed"),   N_("withheld"), N_("begun"),
    N_("begin"),        N_("meeting"), N_("decision"), N_("review"),   N_("silent"),
    N_("not_informed"), N_("saisine"), N_("minutes"),  N_("erasure"),  N_("habilitation"),
    N_("charter"),      N_("rights"),
};

static const struct column columns[] = {
    {N_("Was due"), "due_day", VIEW_PLAIN, NULL},
    {N_("At"), "due_minute", VIEW_MINUTE, NULL},
    {N_("About"), "code", VIEW_WORD, NULL},
    {N_("Object"), "object", VIEW_PLAIN, NULL},
    {N_("Date"), "day", VIEW_PLAIN, NULL},
    {N_("How long before"), "lead", VIEW_PLAIN, NULL},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Contact"), "contact", VIEW_CONTACT, NULL},
    {N_("To the head"), "escalated", VIEW_MARK, NULL},
    {N_("Outcome"), "outcome", VIEW_WORD, NULL},
    {N_("When"), "done_us", VIEW_PLAIN, NULL},
};

static const struct view view = {
    .path = "effect_answer.effects",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(columns),
    .title = N_("Reminders"),
    .empty = N_("no reminder"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

static const struct option_row options[] = {
    {"agent", OPTION_AGENT, "AGENT", N_("to this agent: e-mail, name or id"), "agent", NULL, 0},
    {"contact", OPTION_CONTACT, "CONTACT", N_("to this contact: e-mail, name or id"), "contact",
     NULL, 0},
    {"about", OPTION_CHOICE, "WHAT", N_("what it is about"), "code",
     "meeting|decision|review|silent|not_informed|saisine|minutes|erasure|habilitation|charter|"
     "rights",
     0},
    {"outcome", OPTION_CHOICE, "OUTCOME",
     N_("sent in time or late, missed, or withheld from somebody who may not know any more"),
     "outcome", "on_time|late|missed|withheld", 0},
    {"from", OPTION_DAY, "DATE", N_("from this day"), "from_day", NULL, 0},
    {"to", OPTION_DAY, "DATE", N_("to this day, included"), "to_day", NULL, 0},
    OUTPUT_OPTIONS,
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
};
static const struct option_row kind_row = {
    .name = "kind", .kind = OPTION_TEXT, .target = "kind"};

static int run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct args all = *args;

    if (all.count == ARGS_MAX)
        return EX_USAGE;
    all.items[all.count++] = (struct arg){.row = &kind_row, .text = "reminder.due"};
    return command_run_plain(cli, command, &all);
}

static const struct command commands[] = {
    {.noun = "reminder",
     .verb = "list",
     .example = "reminder list --agent anna@mairie.example --about meeting",
     .summary = N_("dates somebody was reminded of, the newest first"),
     COMMAND_OPTIONS(options),
     .request = "effect_find",
     .view = &view,
     .run = run},
};
const struct command_group command_reminder_group = {
    "reminder", N_("dates that were reminded of"), commands,
    sizeof commands / sizeof *commands};
