#include "command_reference.h"
#include "lang.h"

#include "request.h"

static const struct column town_columns[] = {
    {N_("Town"), "name", VIEW_PLAIN, NULL},
    {N_("INSEE code"), "insee", VIEW_PLAIN, NULL},
    {N_("Time zone"), "zone", VIEW_PLAIN, NULL},
    {N_("Public holidays"), "holiday_regime", VIEW_PLAIN, NULL},
    {N_("Good Friday"), "good_friday", VIEW_PLAIN, NULL},
    {N_("Data controller"), "controller", VIEW_PLAIN, NULL},
    {N_("DPO"), "dpo_contact", VIEW_PLAIN, NULL},
    {N_("Kept after closing (months)"), "retention_months", VIEW_PLAIN, NULL},
    {N_("Justification"), "retention_justification", VIEW_PLAIN, NULL},
    {N_("Audit trail readable (months)"), "audit_months", VIEW_PLAIN, NULL},
    {N_("Justification"), "audit_justification", VIEW_PLAIN, NULL},
};
static const struct view town_view = {.path = "reference_answer.town",
                                      .layout = VIEW_RECORD,
                                      VIEW_COLUMNS(town_columns),
                                      .empty = N_("the town is not set yet: ctps town set")};

static const struct option_row town_options[] = {
    {"name", OPTION_TEXT, "NAME", N_("name of the town"), "name", NULL, 0},
    {"insee", OPTION_TEXT, "CODE", N_("INSEE code"), "insee", NULL, 0},
    {"zone", OPTION_TEXT, "ZONE", N_("time zone, as Europe/Paris"), "zone", NULL, 0},
    {"holidays", OPTION_CHOICE, "REGIME", N_("metropole or alsace-moselle"), "holiday_regime",
     "metropole|alsace-moselle", 0},
    {"good-friday", OPTION_YESNO, "yes|no", N_("Good Friday is observed"), "good_friday", NULL,
     0},
    {"controller", OPTION_TEXT, "TEXT", N_("data controller, by function"), "controller", NULL,
     0},
    {"dpo", OPTION_TEXT, "TEXT", N_("how to reach the DPO"), "dpo_contact", NULL, 0},
    {"retention-months", OPTION_COUNT, "N",
     N_("nominative data are kept so long after closing: 0 to 36"), "retention_months", NULL,
     0},
    {"retention-justification", OPTION_TEXT, "TEXT",
     N_("why more than 3 months; recorded, names nobody"), "retention_justification", NULL, 0},
    {"audit-months", OPTION_COUNT, "N",
     N_("who saw what can be read for so long: 6 to 36, 12 when not set"), "audit_months", NULL,
     0},
    {"audit-justification", OPTION_TEXT, "TEXT",
     N_("why more than 12 months; recorded, names nobody"), "audit_justification", NULL, 0},
};
static const struct command town_commands[] = {
    {.noun = "town",
     .verb = "show",
     .example = "town show",
     .summary = N_("the town's settings"),
     .request = "reference_list",
     .view = &town_view},
    {.noun = "town",
     .verb = "set",
     .example = "town set --name Mulhouse --insee 68224 --zone Europe/Paris --holidays "
                "alsace-moselle --good-friday yes",
     .summary = N_("change the town's settings"),
     COMMAND_OPTIONS(town_options),
     .request = "town_set",
     .run = command_reference_set},
};
const struct command_group command_town_group = {"town", N_("the town"), town_commands,
                                                 sizeof town_commands / sizeof *town_commands};

static const struct column value_columns[] = {
    {N_("List"), "list", VIEW_PLAIN, NULL},       {N_("Code"), "code", VIEW_PLAIN, NULL},
    {N_("French"), "label_fr", VIEW_PLAIN, NULL}, {N_("English"), "label_en", VIEW_PLAIN, NULL},
    {N_("Retired"), "retired", VIEW_MARK, NULL},
};
static const struct view value_view = {.path = "reference_answer.list_values",
                                       .layout = VIEW_TABLE,
                                       VIEW_COLUMNS(value_columns),
                                       .empty = N_("no such list, or an empty one")};

static const struct option_row values_options[] = {
    {"LIST", OPTION_TEXT, NULL, N_("name of the list; all when not given"), "list", NULL, 0},
    {"with-retired", OPTION_FLAG, NULL, N_("retired values too"), NULL, NULL, 0},
};
static const struct option_row value_set_options[] = {
    {"LIST", OPTION_TEXT, NULL, N_("name of the list"), "list", NULL, OPTION_REQUIRED},
    {"CODE", OPTION_TEXT, NULL, N_("code of the value"), "code", NULL, OPTION_REQUIRED},
    {"fr", OPTION_TEXT, "LABEL", N_("French label"), "label_fr", NULL, 0},
    {"en", OPTION_TEXT, "LABEL", N_("English label"), "label_en", NULL, 0},
};
static const struct option_row value_retire_options[] = {
    {"LIST", OPTION_TEXT, NULL, N_("name of the list"), "list", NULL, OPTION_REQUIRED},
    {"CODE", OPTION_TEXT, NULL, N_("code of the value"), "code", NULL, OPTION_REQUIRED},
    {"back", OPTION_FLAG, NULL, N_("take it back into use"), NULL, NULL, 0},
};

/* The lists there are, with the number of their values. */
static int show_lists(struct cli *cli, const struct command *command, const struct args *args)
{
    const struct reference_set *set = &cli->reference.sets[REFERENCE_LIST_VALUES];
    const char *last = "";
    unsigned count = 0;
    int status;

    if (cli->json)
        return command_reference_list(cli, command, args);
    status = reference_load(cli, REFERENCE_LIST_VALUES);
    for (size_t i = 0; !status && i <= set->count; i++) {
        const char *scope = i < set->count ? set->items[i].scope : "";

        if (strcmp(scope ? scope : "", last) != 0) {
            if (*last)
                fprintf(cli->out, "%-20s %4u\n", last, count);
            last = scope ? scope : "";
            count = 0;
        }
        count++;
    }
    return status;
}

static const struct command list_commands[] = {
    {.noun = "list",
     .verb = "show",
     .example = "list show",
     .summary = N_("the closed lists there are"),
     .view = &value_view,
     .run = show_lists},
    {.noun = "list",
     .verb = "values",
     .example = "list values motif",
     .summary = N_("values of a closed list"),
     COMMAND_OPTIONS(values_options),
     .view = &value_view,
     .run = command_reference_list},
    {.noun = "list",
     .verb = "set",
     .example = "list set motif mobilite --fr \"mobilité\" --en mobility",
     .summary = N_("add a value to a closed list, or change its labels"),
     COMMAND_OPTIONS(value_set_options),
     .request = "list_value_set",
     .run = command_reference_set},
    {.noun = "list",
     .verb = "retire",
     .example = "list retire motif lieu",
     .summary = N_("take a value out of use; it stays readable"),
     COMMAND_OPTIONS(value_retire_options),
     .request = "list_value_set",
     .run = command_reference_set},
};
const struct command_group command_list_group = {"list", N_("closed lists"), list_commands,
                                                 sizeof list_commands / sizeof *list_commands};

/* Words the daemon derives; the catalogue says them. */
static const char *const territory_words[]
    __attribute__((unused)) = {N_("monome"), N_("binome"), N_("none")};
static const struct column territory_columns[] = {
    {N_("Code"), "code", VIEW_PLAIN, NULL},
    {N_("Coordination"), "name", VIEW_PLAIN, NULL},
    {N_("Team"), "team", VIEW_WORD, NULL},
    {N_("Population"), "population", VIEW_PLAIN, NULL},
    {N_("Districts"), "districts", VIEW_PLAIN, NULL},
    {N_("0 or > 4 districts"), "districts_unusual", VIEW_MARK, NULL},
};
static const struct view territory_view = {.path = "reference_answer.territories",
                                           .layout = VIEW_TABLE,
                                           VIEW_COLUMNS(territory_columns),
                                           .empty = N_("no territory")};
static const struct option_row territory_options[] = {
    {"CODE", OPTION_TEXT, NULL, N_("code, as T3"), "code", NULL, OPTION_REQUIRED},
    {"name", OPTION_TEXT, "NAME", N_("name of the coordination"), "name", NULL, 0},
    {"population", OPTION_COUNT, "N", N_("inhabitants"), "population", NULL, 0},
    {"district", OPTION_TEXT, "NAME", N_("a district; all of them are given again"),
     "districts", NULL, OPTION_REPEATED},
};
static const struct command territory_commands[] = {
    {.noun = "territory",
     .verb = "list",
     .example = "territory list",
     .summary = N_("territories and their districts"),
     .view = &territory_view,
     .run = command_reference_list},
    {.noun = "territory",
     .verb = "set",
     .example = "territory set T2 --name Coteaux --district Coteaux --district Illberg",
     .summary = N_("make or change a territory"),
     COMMAND_OPTIONS(territory_options),
     .request = "territory_set",
     .run = command_reference_set},
};
const struct command_group command_territory_group = {
    "territory", N_("territories"), territory_commands,
    sizeof territory_commands / sizeof *territory_commands};
