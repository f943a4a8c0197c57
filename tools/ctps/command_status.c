#include "command.h"
#include "lang.h"

static const struct column figure_columns[] = {
    {N_("Figure"), "name", VIEW_PLAIN, NULL},
    {N_("Value"), "value", VIEW_PLAIN, NULL},
    {N_("Unit"), "unit", VIEW_PLAIN, NULL},
    {N_("Alarm"), "alarm", VIEW_MARK, NULL},
};
static const struct view figure_view = {
    .path = "status_answer.figures", .layout = VIEW_TABLE, VIEW_COLUMNS(figure_columns)};

static const struct command status_commands[] = {
    {.noun = "status",
     .example = "status",
     .summary = N_("figures of the daemon, alarms first to look at"),
     .request = "status_get",
     .view = &figure_view},
};
const struct command_group command_status_group = {
    "status", N_("how the daemon is"), status_commands,
    sizeof status_commands / sizeof *status_commands};

static const struct option_row confirm_options[] = {
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
};
static const struct command clock_commands[] = {
    {.noun = "clock",
     .verb = "confirm",
     .example = "clock confirm",
     .summary = N_("end a clock alarm: somebody has looked at the clock and it is right"),
     COMMAND_OPTIONS(confirm_options),
     .request = "clock_confirm",
     .question = N_("Is the clock of this machine right?")},
};
const struct command_group command_clock_group = {
    "clock", N_("the clock alarm"), clock_commands,
    sizeof clock_commands / sizeof *clock_commands};
