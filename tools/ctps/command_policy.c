#include "command.h"
#include "lang.h"
#include "policy/policy.h"
#include "request.h"
#include "table.h"

#include <jansson.h>
#include <string.h>
#include <sysexits.h>

static const struct option_row show_options[] = {
    {"who", OPTION_TEXT, "WHO", N_("only this one: coordinator, educator, contact..."), NULL,
     NULL, 0},
    {"action", OPTION_TEXT, "ACTION", N_("only this action: situation.read..."), NULL, NULL, 0},
};

static bool line_wanted(const struct policy_line *line, const struct args *args)
{
    const char *who = args_get(args, "who");
    const char *action = args_get(args, "action");

    return (!who || strcmp(who, line->who) == 0) &&
           (!action || strcmp(action, line->action) == 0);
}

static int write_json(struct cli *cli, const struct args *args)
{
    struct policy_line line;
    json_t *rows = json_array();

    for (size_t i = 0; policy_line_get(i, &line); i++)
        if (line_wanted(&line, args))
            json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s}", "who", line.who,
                                                  "action", line.action, "scope", line.scope,
                                                  "cell", line.cell));
    json_dumpf(rows, cli->out, JSON_INDENT(2));
    fputc('\n', cli->out);
    json_decref(rows);
    return 0;
}

static int show_run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct policy_line line;
    struct table table;
    const char **row;

    (void)command;
    if (cli->json)
        return write_json(cli, args);
    table_init(&table, &cli->arena, 4);
    table.titles[0] = _("Who");
    table.titles[1] = _("Action");
    table.titles[2] = _("Where");
    table.titles[3] = _("Condition");
    for (size_t i = 0; policy_line_get(i, &line); i++) {
        if (!line_wanted(&line, args))
            continue;
        row = table_add_row(&table);
        if (!row)
            return EX_OSERR;
        row[0] = line.who;
        row[1] = line.action;
        row[2] = line.scope;
        row[3] = line.cell;
    }
    table_write(&table, cli->out, cli->width, cli->color);
    return 0;
}

static const struct column answer_columns[] = {
    {N_("Allowed"), "allowed", VIEW_PLAIN, NULL},
    {N_("Reason"), "reason", VIEW_PLAIN, NULL},
    {N_("Rule"), "rule", VIEW_PLAIN, NULL},
    {N_("Looked at"), "trail", VIEW_PLAIN, NULL},
};
static const struct view answer_view = {
    .path = "policy_answer", .layout = VIEW_RECORD, VIEW_COLUMNS(answer_columns)};

static const struct option_row explain_options[] = {
    {"ACTION", OPTION_TEXT, NULL, N_("the action, as situation.read"), "action", NULL,
     OPTION_REQUIRED},
    {"agent", OPTION_AGENT, "AGENT", N_("asked by this agent; you when nobody is named"),
     "principal.id", NULL, 0},
    {"contact", OPTION_CONTACT, "CONTACT", N_("asked by this partner contact"), "principal.id",
     NULL, 0},
    {"partner", OPTION_PARTNER, "PARTNER", N_("asked by a machine of this partner"),
     "principal.id", NULL, 0},
    {"plugin", OPTION_TEXT, "NAME", N_("asked by this plugin"), "principal.name", NULL, 0},
    {"territory", OPTION_TERRITORY, "T", N_("about something of this territory"), "territory",
     NULL, 0},
    {"object", OPTION_COUNT, "ID", N_("about this saisine or situation"), "object", NULL, 0},
};

static int explain_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__Principal *principal;
    const ProtobufCMessage *answer;
    Ctps__Reply *reply;
    int status = command_fill(cli, command, args, &request.base);

    if (status)
        return status;
    principal = request.policy_explain->principal;
    if (principal) {
        principal->has_kind = 1;
        principal->kind = args_get(args, "agent")     ? CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT
                          : args_get(args, "contact") ? CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT
                          : args_get(args, "partner") ? CTPS__PRINCIPAL_KIND__PRINCIPAL_PARTNER
                                                      : CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN;
    }
    status = request_run(cli, &request, &reply);
    if (status || reply->answer_case != CTPS__REPLY__ANSWER_POLICY_ANSWER)
        return status;
    answer = &reply->policy_answer->base;
    return view_show(cli, &answer_view, &answer, 1);
}

static const struct command commands[] = {
    {.noun = "policy",
     .verb = "show",
     .example = "policy show --who coordinator",
     .summary = N_("the table of who may do what, where and on which condition"),
     COMMAND_OPTIONS(show_options),
     .run = show_run},
    {.noun = "policy",
     .verb = "explain",
     .example = "policy explain situation.read --agent oceane.fischer@mulhouse.example "
                "--territory T5",
     .summary = N_("whether somebody may do something, and why"),
     COMMAND_OPTIONS(explain_options),
     .request = "policy_explain",
     .run = explain_run},
};
const struct command_group command_policy_group = {"policy", N_("who may do what"), commands,
                                                   sizeof commands / sizeof *commands};
