/* Plugins as the operator sees them, and what they did. */
#include "command.h"
#include "lang.h"
#include "request.h"

#include <string.h>
#include <sysexits.h>

enum { RELOAD_WAIT_MS = 75000 }; /* twice its patience and its drain, and a little */

static const char *const words[] __attribute__((unused)) = {
    N_("describing"),
    N_("described"),
    N_("starting"),
    N_("ready"),
    N_("draining"),
    N_("stopped"),
    N_("failed"),
    N_("throttled"),
    N_("poison"),
    N_("tries"),
    N_("notification.sent"),
    N_("notification.failed"),
    N_("notification.skipped"),
    N_("notification.queued"),
    N_("waiting"),
    N_("sent"),
    N_("skipped"),
};

static const struct column list_columns[] = {
    {N_("Name"), "name", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Version"), "version", VIEW_PLAIN, NULL},
    {N_("Since"), "since_us", VIEW_PLAIN, NULL},
    {N_("Starts"), "starts", VIEW_PLAIN, NULL},
    {N_("What it does"), "summary", VIEW_PLAIN, NULL},
    {N_("Why"), "why", VIEW_PLAIN, NULL},
};
static const struct view list_view = {.path = "plugin_answer.plugins",
                                      .layout = VIEW_TABLE,
                                      VIEW_COLUMNS(list_columns),
                                      .empty = N_("no plugin")};

static const struct column option_columns[] = {
    {N_("Option"), "name", VIEW_PLAIN, NULL},
    {N_("By default"), "fallback", VIEW_PLAIN, NULL},
    {N_("Required"), "required", VIEW_MARK, NULL},
    {N_("Unit"), "unit", VIEW_PLAIN, NULL},
    {N_("Meaning"), "help", VIEW_PLAIN, NULL},
};
static const struct view option_view = {
    .path = "options", .layout = VIEW_TABLE, VIEW_COLUMNS(option_columns)};
static const struct column figure_columns[] = {
    {N_("Figure"), "name", VIEW_PLAIN, NULL},
    {N_("Value"), "value", VIEW_PLAIN, NULL},
};
static const struct view figure_view = {
    .path = "figures", .layout = VIEW_TABLE, VIEW_COLUMNS(figure_columns)};
static const struct view *const show_parts[] = {&figure_view, &option_view, NULL};

static const struct column show_columns[] = {
    {N_("Name"), "name", VIEW_PLAIN, NULL},
    {N_("Version"), "version", VIEW_PLAIN, NULL},
    {N_("What it does"), "summary", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Why"), "why", VIEW_PLAIN, NULL},
    {N_("Since"), "since_us", VIEW_PLAIN, NULL},
    {N_("Starts"), "starts", VIEW_PLAIN, NULL},
    {N_("Next start"), "next_start_us", VIEW_PLAIN, NULL},
    {N_("Sandbox"), "sandbox", VIEW_PLAIN, NULL},
    {N_("Entries behind"), "lag", VIEW_PLAIN, NULL},
    {N_("Bytes in its folder"), "state_bytes", VIEW_PLAIN, NULL},
    {N_("Bytes at most"), "state_max", VIEW_PLAIN, NULL},
    {N_("Actions"), "actions", VIEW_PLAIN, NULL},
    {N_("Audiences"), "audiences", VIEW_PLAIN, NULL},
};
static const struct view show_view = {.path = "plugin_answer.plugins",
                                      .layout = VIEW_RECORD,
                                      VIEW_COLUMNS(show_columns),
                                      .parts = show_parts};

static const struct option_row name_options[] = {
    {"NAME", OPTION_TEXT, NULL, N_("the plugin, as plugin list shows it"), "name", NULL,
     OPTION_REQUIRED},
};

/* --- reload --- */

/* Answered once it is over: whoever typed it wants to know how it went. */
static int reload_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const Ctps__PluginAnswer *answer;
    Ctps__Reply *reply;
    int status = command_fill(cli, command, args, &request.base);

    if (!status)
        status = request_run(cli, &request, &reply);
    if (status)
        return status;
    answer = reply->plugin_answer;
    if (reply->answer_case != CTPS__REPLY__ANSWER_PLUGIN_ANSWER || !answer->n_plugins)
        return EX_PROTOCOL;
    if (answer->plugins[0]->why && *answer->plugins[0]->why) {
        cli_complain(cli, "%s: %s", answer->plugins[0]->name, answer->plugins[0]->why);
        return EX_DATAERR;
    }
    return view_show(cli, command->view, (const ProtobufCMessage *const *)answer->plugins,
                     answer->n_plugins);
}

/* --- dead letters --- */

static const struct column letter_columns[] = {
    {N_("Plugin"), "plugin", VIEW_PLAIN, NULL},     {N_("Event"), "number", VIEW_PLAIN, NULL},
    {N_("Audience"), "audience", VIEW_PLAIN, NULL}, {N_("Reason"), "reason", VIEW_WORD, NULL},
    {N_("When"), "added_us", VIEW_PLAIN, NULL},
};
static const struct view letter_view = {.path = "dead_letter_answer.letters",
                                        .layout = VIEW_TABLE,
                                        VIEW_COLUMNS(letter_columns),
                                        .empty = N_("no dead letter")};

static const struct option_row letter_options[] = {
    {"ACTION", OPTION_TEXT, NULL, N_("list (by default), replay or drop"), NULL, NULL, 0},
    {"PLUGIN", OPTION_TEXT, NULL, N_("whose"), "plugin", NULL, 0},
    {"EVENT", OPTION_COUNT, NULL, N_("its number, as the list shows it"), "number", NULL, 0},
    {"audience", OPTION_TEXT, "NAME", N_("whose events: plugins (when not given) or audit"),
     "audience", NULL, 0},
};
static const struct option_row replay_row = {
    .name = "replay", .kind = OPTION_YESNO, .target = "replay"};
static const struct option_row audience_row = {
    .name = "audience", .kind = OPTION_TEXT, .target = "audience"};

static int settle(struct cli *cli, const struct command *command, const struct args *args,
                  bool replay)
{
    struct command settling = *command;
    struct args all = *args;

    if (!args_get(args, "PLUGIN") || !args_get(args, "EVENT") || all.count + 2 > ARGS_MAX) {
        cli_complain(cli, _("which letter? ctps plugin dead-letters replay PLUGIN EVENT"));
        return EX_USAGE;
    }
    settling.view = NULL;
    if (replay)
        all.items[all.count++] = (struct arg){.row = &replay_row, .text = "yes"};
    if (!args_get(args, "audience"))
        all.items[all.count++] = (struct arg){.row = &audience_row, .text = "plugins"};
    return command_run_plain(cli, &settling, &all);
}

static int letters_run(struct cli *cli, const struct command *command, const struct args *args)
{
    const char *action = args_get(args, "ACTION");
    struct command listing = *command;

    listing.request = "dead_letter_list";
    if (action && strcmp(action, "replay") == 0)
        return settle(cli, command, args, true);
    if (action && strcmp(action, "drop") == 0)
        return settle(cli, command, args, false);
    if ((action && strcmp(action, "list") != 0) || args_get(args, "EVENT") ||
        args_get(args, "audience")) {
        cli_complain(cli, _("list (by default), replay or drop"));
        return EX_USAGE;
    }
    return command_run_plain(cli, &listing, args);
}

static const struct option_row new_options[] = {
    {"NAME", OPTION_TEXT, NULL, N_("how it is to be called"), NULL, NULL, OPTION_REQUIRED},
    {"DIR", OPTION_TEXT, NULL, N_("folder to make; by default as the plugin"), NULL, NULL, 0},
};

static const struct command commands[] = {
    {.noun = "plugin",
     .verb = "list",
     .example = "plugin list",
     .summary = N_("plugins of the configuration and how they are"),
     .request = "plugin_list",
     .view = &list_view},
    {.noun = "plugin",
     .verb = "show",
     .example = "plugin show example",
     .summary = N_("one plugin: state, sandbox, figures and options"),
     COMMAND_OPTIONS(name_options),
     .request = "plugin_list",
     .view = &show_view},
    {.noun = "plugin",
     .verb = "reload",
     .example = "plugin reload example",
     .summary = N_("replace a plugin by what its file is now"),
     COMMAND_OPTIONS(name_options),
     .request = "plugin_reload",
     .view = &list_view,
     .run = reload_run,
     .timeout_ms = RELOAD_WAIT_MS},
    {.noun = "plugin",
     .verb = "dead-letters",
     .example = "plugin dead-letters replay example 33792",
     .summary = N_("events a plugin could not deal with: list, replay or drop them"),
     COMMAND_OPTIONS(letter_options),
     .request = "dead_letter_settle",
     .view = &letter_view,
     .run = letters_run},
    {.noun = "plugin",
     .verb = "new",
     .example = "plugin new hello",
     .summary = N_("begin a plugin of one's own: source, test and Makefile"),
     COMMAND_OPTIONS(new_options),
     .run = command_plugin_new_run},
};
const struct command_group command_plugin_group = {"plugin", N_("plugins"), commands,
                                                   sizeof commands / sizeof *commands};

/* --- effects --- */

#define EFFECT_COLUMNS(code_title)                                                             \
    {N_("Id"), "id", VIEW_PLAIN, NULL}, {N_("When"), "done_us", VIEW_PLAIN, NULL},             \
        {N_("Plugin"), "plugin", VIEW_PLAIN, NULL}, {N_("Kind"), "kind", VIEW_WORD, NULL},     \
        {N_("Agent"), "agent", VIEW_AGENT, NULL},                                              \
        {N_("Contact"), "contact", VIEW_CONTACT, NULL},                                        \
        {N_("Object"), "object", VIEW_PLAIN, NULL}, {N_("Date"), "day", VIEW_PLAIN, NULL},     \
        {(code_title), "code", VIEW_PLAIN, NULL}, {N_("Outcome"), "outcome", VIEW_WORD, NULL}, \
    {                                                                                          \
        N_("Tries"), "tries", VIEW_PLAIN, NULL                                                 \
    }

static const struct column notification_columns[] = {
    EFFECT_COLUMNS(N_("Channel")),
    {N_("Cause"), "cause", VIEW_PLAIN, NULL},
};

static const struct view notification_view = {
    .path = "effect_answer.effects",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(notification_columns),
    .empty = N_("no notification"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

#define RECIPIENT_ROWS                                                                         \
    {                                                                                          \
        "agent", OPTION_AGENT, "AGENT", N_("to this agent: e-mail, name or id"),               \
        "agent", NULL,         0},                                                             \
        {"contact", OPTION_CONTACT, "CONTACT", N_("to this contact: e-mail, name or id"),      \
         "contact", NULL,           0},                                                        \
        {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},              \
    {                                                                                          \
        "all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0                             \
    }

static const struct option_row notification_options[] = {
    {"kind", OPTION_CHOICE, "KIND", N_("sent, given up or left unsent"), "kind",
     "notification.sent|notification.failed|notification.skipped|notification.queued", 0},
    {"waiting", OPTION_FLAG, NULL, N_("those still to be sent"), "waiting", NULL, 0},
    RECIPIENT_ROWS,
};
static const struct option_row kind_row = {
    .name = "kind", .kind = OPTION_TEXT, .target = "kind"};

static int of_kind(struct cli *cli, const struct command *command, const struct args *args,
                   const char *kind)
{
    struct args all = *args;

    if (all.count == ARGS_MAX)
        return EX_USAGE;
    all.items[all.count++] = (struct arg){.row = &kind_row, .text = kind};
    return command_run_plain(cli, command, &all);
}

static int notification_run(struct cli *cli, const struct command *command,
                            const struct args *args)
{
    return args_get(args, "kind") ? command_run_plain(cli, command, args)
                                  : of_kind(cli, command, args, "notification.");
}

static const struct command notification_commands[] = {
    {.noun = "notification",
     .verb = "list",
     .example = "notification list --agent anna@mairie.example --kind notification.failed",
     .summary = N_("messages plugins sent or gave up, the newest first"),
     COMMAND_OPTIONS(notification_options),
     .request = "effect_find",
     .view = &notification_view,
     .run = notification_run},
};
const struct command_group command_notification_group = {
    "notification", N_("messages that were sent"), notification_commands,
    sizeof notification_commands / sizeof *notification_commands};
