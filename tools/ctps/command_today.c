#include "command.h"
#include "lang.h"
#include "output.h"

/* Words the daemon says; the catalogue translates them. */
static const char *const words[] __attribute__((unused)) = {
    N_("saisine_unanswered"),
    N_("saisine_new"),
    N_("review_overdue"),
    N_("review_due"),
    N_("watch_over"),
    N_("situation_silent"),
    N_("meeting_today"),
    N_("meeting_soon"),
    N_("erasure_soon"),
    N_("charter_expiring"),
    N_("habilitation_expiring"),
    N_("decision_due"),
    N_("decision_overdue"),
    N_("minutes_overdue"),
    N_("not_informed"),
    N_("rights_due"),
    N_("rights_overdue"),
    N_("share_waiting"),
    N_("glass_broken"),
    N_("notification_failed"),
    N_("audit_log_alarm"),
    N_("log_behind"),
    N_("witness_refused"),
    N_("witness_silent"),
    N_("forked"),
};

static const struct column item_columns[] = {
    {N_("Due"), "due_day", VIEW_PLAIN, NULL},
    {N_("Late"), "late", VIEW_MARK, NULL},
    {N_("What"), "kind", VIEW_WORD, NULL},
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Code"), "code", VIEW_WORD, NULL},
    {N_("Time"), "minute", VIEW_MINUTE, NULL},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Contact"), "contact", VIEW_CONTACT, NULL},
    {N_("Partner"), "partner", VIEW_PARTNER, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view item_view = {.path = "today_answer.items",
                                      .layout = VIEW_TABLE,
                                      VIEW_COLUMNS(item_columns),
                                      .empty = N_("nothing is due")};

static const struct command today_commands[] = {
    {.noun = "today",
     .example = "today",
     .summary = N_("what is due, late, new or waiting for you"),
     .request = "today_get",
     .view = &item_view},
};
const struct command_group command_today_group = {
    "today", N_("what is due today"), today_commands,
    sizeof today_commands / sizeof *today_commands};

/* On a terminal the columns one follows by; in a file those of the town's sheet. */
static const struct column tracking_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Received"), "received_day", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_LABEL, "etat"},
    {N_("Next review"), "next_review_day", VIEW_PLAIN, NULL},
    {N_("Late"), "review_overdue", VIEW_MARK, NULL},
    {N_("Silent"), "silent", VIEW_MARK, NULL},
    {N_("Not told"), "not_informed", VIEW_MARK, NULL},
    {N_("District"), "district", VIEW_PLAIN, NULL},
    {N_("Title"), "title", VIEW_PLAIN, NULL},
    {N_("Persons"), "persons", VIEW_PERSON, NULL},
    {N_("Motives"), "motives", VIEW_LABEL, "motif"},
    {N_("Urgency"), "urgency", VIEW_LABEL, "urgence"},
    {N_("Lead"), "lead_agent", VIEW_AGENT, NULL},
    {N_("Last step"), "last_step_day", VIEW_PLAIN, NULL},
    {N_("Step"), "last_step", VIEW_LABEL, "demarche"},
    {N_("Closed"), "closed_day", VIEW_PLAIN, NULL},
};
static const struct view tracking_view = {
    .path = "tracking_table_answer.rows",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(tracking_columns),
    .empty = N_("no situation"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

#define SHEET_COLUMNS                                                                          \
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},                                          \
        {N_("Received"), "received_day", VIEW_PLAIN, NULL},                                    \
        {N_("Origin"), "origin", VIEW_LABEL, "origine"},                                       \
        {N_("Referrer"), "referrer_kind", VIEW_LABEL, "type_partenaire"},                      \
        {N_("Territory"), "territory", VIEW_PLAIN, NULL},                                      \
        {N_("District"), "district", VIEW_PLAIN, NULL},                                        \
        {N_("Nature"), "nature", VIEW_LABEL, "nature"},                                        \
        {N_("Motives"), "motives", VIEW_LABEL, "motif"},                                       \
        {N_("Urgency"), "urgency", VIEW_LABEL, "urgence"},                                     \
        {N_("Term"), "term", VIEW_LABEL, "terme"},                                             \
        {N_("State"), "status", VIEW_LABEL, "etat"},                                           \
        {N_("Lead"), "lead_agent", VIEW_AGENT, NULL},                                          \
        {N_("Evolution"), "evolution", VIEW_LABEL, "evolution"},                               \
        {N_("Next review"), "next_review_day", VIEW_PLAIN, NULL},                              \
        {N_("Closed"), "closed_day", VIEW_PLAIN, NULL},                                        \
        {N_("Closed for"), "closing_motive", VIEW_LABEL, "cloture"},                           \
        {N_("Last step"), "last_step_day", VIEW_PLAIN, NULL},                                  \
        {N_("Step"), "last_step", VIEW_LABEL, "demarche"},                                     \
        {N_("Steps"), "step_count", VIEW_PLAIN, NULL},                                         \
        {N_("Late"), "review_overdue", VIEW_MARK, NULL},                                       \
        {N_("Silent"), "silent", VIEW_MARK, NULL},                                             \
    {                                                                                          \
        N_("Not told"), "not_informed", VIEW_MARK, NULL                                        \
    }

static const struct column sheet_columns[] = {SHEET_COLUMNS};
static const struct view sheet_view = {
    .path = "tracking_table_answer.rows",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(sheet_columns),
    .title = N_("Tracking table"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};
static const struct column named_columns[] = {
    SHEET_COLUMNS,
    {N_("Title"), "title", VIEW_PLAIN, NULL},
    {N_("Persons"), "persons", VIEW_PERSON, NULL},
};
static const struct view named_view = {
    .path = "tracking_table_answer.rows",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(named_columns),
    .title = N_("Tracking table, with names: confidential (CSI L132-5)"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

static int tracking_run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct command chosen = *command;

    if (output_is_wanted(args))
        chosen.view = args_get(args, "with-names") ? &named_view : &sheet_view;
    return command_run_plain(cli, &chosen, args);
}

static const struct option_row tracking_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"from", OPTION_DAY, "DATE", N_("followed on this day or later; else those open now"),
     "from_day", NULL, 0},
    {"until", OPTION_DAY, "DATE", N_("followed on this day or before"), "to_day", NULL, 0},
    {"with-names", OPTION_FLAG, NULL,
     N_("with titles and names: wants --purpose; the reading is recorded first"), "nominative",
     NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",
     "finalite", OPTION_REQUEST},
    {"purpose-text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "purpose_text", NULL,
     OPTION_REQUEST},
    OUTPUT_OPTIONS,
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
};
static const struct command tracking_commands[] = {
    {.noun = "tracking-table",
     .example = "tracking-table --territory T3 --csv suivi.csv",
     .summary = N_("the tracking table: computed for you, without names unless asked"),
     COMMAND_OPTIONS(tracking_options),
     .request = "tracking_table_get",
     .view = &tracking_view,
     .run = tracking_run},
};
const struct command_group command_tracking_group = {
    "tracking-table", N_("tracking table of situations"), tracking_commands,
    sizeof tracking_commands / sizeof *tracking_commands};
