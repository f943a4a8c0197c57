/*
 * command: one row per command, and the run that most of them share: fill a request from the
 * options' rows, send it, show the answer by the view's rows.
 */
#ifndef CTPS_CLI_COMMAND_H
#define CTPS_CLI_COMMAND_H

#include "option.h"
#include "view.h"

struct command {
    const char *noun;
    const char *verb;    /* NULL: the noun alone is the command */
    const char *example; /* as typed, without "ctps " */
    const char *summary; /* one line, N_() */
    const struct option_row *options;
    size_t option_count;
    const char *request;     /* member of Request's oneof it fills, NULL: none */
    const struct view *view; /* how its answer is shown, NULL: what was made */
    /* NULL: command_run_plain. 0 or the exit status, after saying why. */
    int (*run)(struct cli *cli, const struct command *command, const struct args *args);
    const char *question; /* N_(): asked first unless --yes; NULL: not asked */
    int timeout_ms;       /* of one that takes its time, unless --timeout says; 0: the usual */
};

#define COMMAND_OPTIONS(rows) .options = (rows), .option_count = sizeof(rows) / sizeof *(rows)

/* Rows of one noun, side by side in one file. */
struct command_group {
    const char *noun;
    const char *summary; /* N_() */
    const struct command *commands;
    size_t count;
};

/* Every group, in the order of the help. */
const struct command_group *const *command_groups(size_t *ret_count);
const struct command_group *command_group_find(const char *noun);
/* *ret_used words of the two name the command. NULL when none does. */
const struct command *command_find(const char *noun, const char *verb, int *ret_used);

int command_run(struct cli *cli, const struct command *command, const struct args *args);
int command_run_plain(struct cli *cli, const struct command *command, const struct args *args);

/* Fills the command's member of `request` from the options; 0 or the exit status. */
int command_fill(struct cli *cli, const struct command *command, const struct args *args,
                 ProtobufCMessage *request);

/* store check, rebuild, restore and stat: on a stopped store, under its lock. */
int command_offline_run(struct cli *cli, const struct command *command,
                        const struct args *args);
/* What such commands exit with. */
int command_offline_exit(enum ctps_code code);
/* The configuration they work with: --config, $CTPS_CONFIG or the one a unit names. */
const char *command_config(const struct args *args);
#define COMMAND_CONFIG_OPTION                                                                  \
    {                                                                                          \
        "config", OPTION_TEXT, N_("FILE"),                                                     \
            N_("the daemon's configuration; $CTPS_CONFIG or /etc/ctps/ctpsd.conf by default"), \
            NULL, NULL, 0                                                                      \
    }

/* plugin new: a project beside the installed kit; asks no daemon. */
int command_plugin_new_run(struct cli *cli, const struct command *command,
                           const struct args *args);

/* situation certificate: what was destroyed, as a page. */
int command_certificate_run(struct cli *cli, const struct command *command,
                            const struct args *args);

/* Persons of a saisine or a situation. */
extern const struct view command_person_view;

extern const struct command_group command_status_group;
extern const struct command_group command_town_group;
extern const struct command_group command_list_group;
extern const struct command_group command_territory_group;
extern const struct command_group command_agent_group;
extern const struct command_group command_partner_group;
extern const struct command_group command_contact_group;
extern const struct command_group command_today_group;
extern const struct command_group command_tracking_group;
extern const struct command_group command_register_group;
extern const struct command_group command_habilitation_group;
extern const struct command_group command_charter_group;
extern const struct command_group command_key_group;
extern const struct command_group command_delegation_group;
extern const struct command_group command_saisine_group;
extern const struct command_group command_situation_group;
extern const struct command_group command_meeting_group;
extern const struct command_group command_instance_group;
extern const struct command_group command_rights_group;
extern const struct command_group command_decision_group;
extern const struct command_group command_minutes_group;
extern const struct command_group command_search_group;
extern const struct command_group command_share_group;
extern const struct command_group command_break_glass_group;
extern const struct command_group command_duplicate_group;
extern const struct command_group command_import_group;
extern const struct command_group command_events_group;
extern const struct command_group command_policy_group;
extern const struct command_group command_clock_group;
extern const struct command_group command_store_group;
extern const struct command_group command_escrow_group;
extern const struct command_group command_audit_group;
extern const struct command_group command_init_group;
extern const struct command_group command_plugin_group;
extern const struct command_group command_notification_group;
extern const struct command_group command_reminder_group;
extern const struct command_group command_webhook_group;

#endif
