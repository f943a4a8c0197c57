#include "command.h"

#include <string.h>

static const struct command_group *const groups[] = {
    &command_status_group,       &command_today_group,        &command_tracking_group,
    &command_saisine_group,      &command_situation_group,    &command_meeting_group,
    &command_instance_group,     &command_rights_group,       &command_search_group,
    &command_duplicate_group,    &command_import_group,       &command_town_group,
    &command_list_group,         &command_territory_group,    &command_agent_group,
    &command_partner_group,      &command_contact_group,      &command_key_group,
    &command_delegation_group,   &command_policy_group,       &command_events_group,
    &command_clock_group,        &command_store_group,        &command_init_group,
    &command_register_group,     &command_habilitation_group, &command_charter_group,
    &command_share_group,        &command_break_glass_group,  &command_decision_group,
    &command_minutes_group,      &command_audit_group,        &command_plugin_group,
    &command_notification_group, &command_reminder_group,     &command_webhook_group,
    &command_escrow_group,
};

const struct command_group *const *command_groups(size_t *ret_count)
{
    *ret_count = sizeof groups / sizeof(void *);
    return groups;
}

const struct command_group *command_group_find(const char *noun)
{
    for (size_t i = 0; i < sizeof groups / sizeof(void *); i++)
        if (strcmp(groups[i]->noun, noun) == 0)
            return groups[i];
    return NULL;
}

const struct command *command_find(const char *noun, const char *verb, int *ret_used)
{
    const struct command_group *group = command_group_find(noun);
    const struct command *alone = NULL;

    for (size_t i = 0; group && i < group->count; i++) {
        const struct command *command = &group->commands[i];

        if (!command->verb)
            alone = command;
        else if (verb && strcmp(command->verb, verb) == 0) {
            *ret_used = 2;
            return command;
        }
    }
    *ret_used = 1;
    return alone;
}
