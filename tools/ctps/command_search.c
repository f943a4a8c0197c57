#include "command.h"
#include "lang.h"
#include "request.h"

#include <string.h>

static const struct column situation_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_LABEL, "etat"},
    {N_("Opened"), "opened_day", VIEW_PLAIN, NULL},
    {N_("Lead"), "lead_agent", VIEW_AGENT, NULL},
    {N_("To call"), "call_agent", VIEW_AGENT, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view situation_view = {.path = "search_answer.situations",
                                           .layout = VIEW_TABLE,
                                           VIEW_COLUMNS(situation_columns),
                                           .empty = N_("no situation under that name")};
static const struct column saisine_columns[] = {
    {N_("Number"), "number", VIEW_PLAIN, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_WORD, NULL},
    {N_("Received"), "received_day", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view saisine_view = {
    .path = "search_answer.saisines", .layout = VIEW_TABLE, VIEW_COLUMNS(saisine_columns)};

static const struct option_row options[] = {
    {"NAME", OPTION_TEXT, NULL,
     N_("name in any order and spelling; @- reads it from standard input"), "name", NULL,
     OPTION_REQUIRED},
    {"born", OPTION_DAY, "DATE", N_("birth date"), "birth_day", NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you search: list finalite"), "purpose", "finalite",
     OPTION_REQUEST},
};

static int search_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const ProtobufCMessage *whole;
    Ctps__SearchAnswer *answer;
    Ctps__Reply *reply;
    int status = command_fill(cli, command, args, &request.base);

    if (!status && !cli->json)
        status = view_prepare(cli, &situation_view);
    if (!status)
        status = request_run(cli, &request, &reply);
    if (status || reply->answer_case != CTPS__REPLY__ANSWER_SEARCH_ANSWER)
        return status;
    answer = reply->search_answer;
    whole = &answer->base;
    if (cli->json)
        return view_write_json(cli, &whole, 1, true);
    status =
        view_show(cli, &situation_view, (const ProtobufCMessage *const *)answer->situations,
                  answer->n_situations);
    if (!status && answer->n_saisines > 0) {
        fputc('\n', cli->out);
        status =
            view_show(cli, &saisine_view, (const ProtobufCMessage *const *)answer->saisines,
                      answer->n_saisines);
    }
    if (!answer->index_complete)
        cli_complain(cli, _("the index of names is still being built: search again later"));
    return status;
}

static const struct command search_commands[] = {
    {.noun = "search",
     .example = "search \"Benali Sébastien\" --born 19/09/1985",
     .summary = N_("whether somebody is followed, and whom to call; every search is recorded"),
     COMMAND_OPTIONS(options),
     .request = "name_search",
     .run = search_run},
};
const struct command_group command_search_group = {
    "search", N_("search by name"), search_commands,
    sizeof search_commands / sizeof *search_commands};

/* Words of the daemon's own that views translate. */
static const char *const words[] __attribute__((unused)) = {N_("name"), N_("address")};

static const struct column duplicate_columns[] = {
    {N_("One"), "reference_a", VIEW_PLAIN, NULL},
    {N_("The other"), "reference_b", VIEW_PLAIN, NULL},
    {N_("Sheet"), "import_number_a", VIEW_PLAIN, NULL},
    {N_("Sheet"), "import_number_b", VIEW_PLAIN, NULL},
    {N_("Rule"), "rule", VIEW_WORD, NULL},
    {N_("Proposed"), "proposed_day", VIEW_PLAIN, NULL},
    {N_("Decided"), "outcome", VIEW_WORD, NULL},
    {N_("Id"), "a", VIEW_PLAIN, NULL},
    {N_("Id"), "b", VIEW_PLAIN, NULL},
};
static const struct view duplicate_view = {
    .path = "duplicate_answer.duplicates",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(duplicate_columns),
    .empty = N_("no probable duplicate"),
    .cursor_to = {"after_a", "after_b"},
    .cursor_from = {"a", "b"},
};
static const struct option_row duplicate_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"state", OPTION_CHOICE, "STATE", N_("pending (when not given), decided or all"), "state",
     "pending|decided|all", 0},
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
};
static const struct option_row decide_options[] = {
    {"ONE", OPTION_SAISINE, NULL, N_("acknowledgement number or id of one saisine"), "a", NULL,
     OPTION_REQUIRED},
    {"OTHER", OPTION_SAISINE, NULL, N_("the same of the other"), "b", NULL, OPTION_REQUIRED},
    {"outcome", OPTION_CHOICE, "OUTCOME", N_("link, merge or different (not the same)"),
     "outcome", "link|merge|different", OPTION_REQUIRED},
    {"text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "text", NULL, 0},
};
static const struct command duplicate_commands[] = {
    {.noun = "duplicate",
     .verb = "list",
     .example = "duplicate list --territory T3",
     .summary = N_("pairs of saisines that may be the same; nothing is merged by itself"),
     COMMAND_OPTIONS(duplicate_options),
     .request = "duplicate_list",
     .view = &duplicate_view},
    {.noun = "duplicate",
     .verb = "decide",
     .example = "duplicate decide AR-T3-2026-0123 AR-T3-2026-0140 --outcome merge",
     .summary = N_("decide a pair; it is not proposed again"),
     COMMAND_OPTIONS(decide_options),
     .request = "duplicate_decide"},
};
const struct command_group command_duplicate_group = {
    "duplicate", N_("probable duplicates"), duplicate_commands,
    sizeof duplicate_commands / sizeof *duplicate_commands};
