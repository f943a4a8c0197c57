#include "domain/decide.h"

#define ROW(CASE, name, kind, authorise, run)                                                  \
    {                                                                                          \
        CTPS__REQUEST__COMMAND_##CASE, name, kind, authorise, run                              \
    }

static const struct request_row commands[] = {
    ROW(TOWN_SET, "town.set", REQUEST_WRITE, authorise_town_set, decide_town_set),
    ROW(LIST_VALUE_SET, "list.value_set", REQUEST_WRITE, authorise_reference_set,
        decide_list_value_set),
    ROW(TERRITORY_SET, "territory.set", REQUEST_WRITE, authorise_reference_set,
        decide_territory_set),
    ROW(AGENT_SET, "agent.set", REQUEST_WRITE, authorise_agent_set, decide_agent_set),
    ROW(PARTNER_SET, "partner.set", REQUEST_WRITE, authorise_reference_set, decide_partner_set),
    ROW(CONTACT_SET, "contact.set", REQUEST_WRITE, authorise_reference_set, decide_contact_set),
    ROW(KEY_REGISTER, "key.register", REQUEST_WRITE, authorise_key_manage, decide_key_register),
    ROW(KEY_REVOKE, "key.revoke", REQUEST_WRITE, authorise_key_manage, decide_key_revoke),
    ROW(DELEGATION_GRANT, "delegation.grant", REQUEST_WRITE, authorise_delegation_manage,
        decide_delegation_grant),
    ROW(DELEGATION_END, "delegation.end", REQUEST_WRITE, authorise_delegation_manage,
        decide_delegation_end),
    ROW(SAISINE_RECEIVE, "saisine.receive", REQUEST_WRITE, authorise_saisine_receive,
        decide_saisine_receive),
    ROW(SAISINE_ACCEPT, "saisine.accept", REQUEST_WRITE, authorise_saisine_accept,
        decide_saisine_accept),
    ROW(SAISINE_DECLINE, "saisine.decline", REQUEST_WRITE, authorise_saisine_decline,
        decide_saisine_decline),
    ROW(SITUATION_SET_STATUS, "situation.set_status", REQUEST_WRITE, authorise_situation_status,
        decide_situation_status),
    ROW(SITUATION_ADD_ENTRY, "situation.add_entry", REQUEST_WRITE, authorise_situation_entry,
        decide_situation_entry),
    ROW(SITUATION_REVIEW, "situation.review", REQUEST_WRITE, authorise_situation_review,
        decide_situation_review),
    ROW(SITUATION_CLOSE, "situation.close", REQUEST_WRITE, authorise_situation_close,
        decide_situation_close),
    ROW(SITUATION_ERASE, "situation.erase", REQUEST_WRITE, authorise_situation_erase,
        decide_situation_erase),
    ROW(IMPORT_BEGIN, "import.begin", REQUEST_WRITE, authorise_import, decide_import_begin),
    ROW(IMPORT_ROW, "import.row", REQUEST_WRITE, authorise_import, decide_import_row),
    ROW(IMPORT_END, "import.end", REQUEST_WRITE, authorise_import, decide_import_end),
    ROW(IMPORT_UNDO, "import.undo", REQUEST_WRITE, authorise_import, decide_import_undo),
    ROW(CURSOR_SET, "cursor.set", REQUEST_WRITE, authorise_cursor_set, decide_cursor_set),
    ROW(CLOCK_CONFIRM, "clock.confirm", REQUEST_WRITE, authorise_clock_confirm,
        decide_clock_confirm),
    ROW(BACKUP, "backup.make", REQUEST_CONTROL, authorise_backup, NULL),
    ROW(RELOAD, "config.reload", REQUEST_CONTROL, authorise_reload, NULL),
    ROW(STATUS_GET, "status.read", REQUEST_CONTROL, authorise_status, NULL),
    ROW(READ_EVENTS, "events.read", REQUEST_CONTROL, authorise_events_read, NULL),
    ROW(DEAD_LETTER_ADD, "dead_letter.add", REQUEST_WRITE, authorise_dead_letter_add,
        decide_dead_letter_add),
    ROW(DEAD_LETTER_SETTLE, "dead_letter.settle", REQUEST_WRITE, authorise_dead_letter_manage,
        decide_dead_letter_settle),
    ROW(DEAD_LETTER_LIST, "dead_letter.list", REQUEST_READ, authorise_dead_letter_manage,
        answer_dead_letter_list),
    ROW(EFFECT_RECORD, "effect.record", REQUEST_WRITE, authorise_effect_record,
        decide_effect_record),
    ROW(EFFECT_FIND, "effect.find", REQUEST_READ, authorise_effect_find, answer_effect_find),
    ROW(CURSOR_GET, "cursor.get", REQUEST_READ, authorise_events_read, answer_cursor_get),
    ROW(PLUGIN_LIST, "plugin.list", REQUEST_CONTROL, authorise_plugin_list, NULL),
    ROW(PLUGIN_RELOAD, "plugin.reload", REQUEST_CONTROL, authorise_plugin_reload, NULL),
    ROW(REFERENCE_LIST, "reference.list", REQUEST_READ, authorise_reference_list,
        answer_reference_list),
    ROW(KEY_LIST, "key.list", REQUEST_READ, authorise_key_list, answer_key_list),
    ROW(DELEGATION_LIST, "delegation.list", REQUEST_READ, authorise_delegation_list,
        answer_delegation_list),
    ROW(POLICY_EXPLAIN, "policy.explain", REQUEST_READ, authorise_policy_explain,
        answer_policy_explain),
    ROW(SAISINE_LIST, "saisine.list", REQUEST_READ, authorise_saisine_list,
        answer_saisine_list),
    ROW(SAISINE_GET, "saisine.get", REQUEST_NOMINATIVE, authorise_saisine_get,
        answer_saisine_get),
    ROW(SITUATION_LIST, "situation.list", REQUEST_READ, authorise_situation_list,
        answer_situation_list),
    ROW(SITUATION_GET, "situation.get", REQUEST_NOMINATIVE, authorise_situation_get,
        answer_situation_get),
    ROW(NAME_SEARCH, "name.search", REQUEST_NOMINATIVE, authorise_name_search,
        answer_name_search),
    ROW(DUPLICATE_LIST, "duplicate.list", REQUEST_READ, authorise_duplicate_list,
        answer_duplicate_list),
    ROW(IMPORT_LIST, "import.list", REQUEST_READ, authorise_import_list, answer_import_list),

    /* saisine */
    ROW(SAISINE_REDIRECT, "saisine.redirect", REQUEST_WRITE, authorise_saisine_redirect,
        decide_saisine_redirect),
    ROW(DUPLICATE_DECIDE, "duplicate.decide", REQUEST_WRITE, authorise_duplicate_decide,
        decide_duplicate),
    ROW(SAISINE_COUNT, "saisine.count", REQUEST_READ, authorise_saisine_count,
        answer_saisine_count),

    /* situation */

    /* erasure and rights */
    ROW(SITUATION_RESTRICT, "situation.restrict", REQUEST_WRITE, authorise_situation_restrict,
        decide_situation_restrict),
    ROW(SITUATION_LIFT, "situation.lift", REQUEST_WRITE, authorise_situation_lift,
        decide_situation_lift),
    ROW(SITUATION_REKEY, "situation.rekey", REQUEST_WRITE, authorise_situation_rekey,
        decide_situation_rekey),
    ROW(RIGHTS_OPEN, "rights.open", REQUEST_WRITE, authorise_rights_open, decide_rights_open),
    ROW(RIGHTS_EXTEND, "rights.extend", REQUEST_WRITE, authorise_rights_extend,
        decide_rights_extend),
    ROW(RIGHTS_ANSWER, "rights.answer", REQUEST_WRITE, authorise_rights_answer,
        decide_rights_answer),
    ROW(ERASURE_CERTIFICATE, "erasure.certificate", REQUEST_READ, authorise_erasure_certificate,
        answer_erasure_certificate),
    ROW(RIGHTS_LIST, "rights.list", REQUEST_READ, authorise_rights_list, answer_rights_list),
    ROW(RIGHTS_GET, "rights.get", REQUEST_NOMINATIVE, authorise_rights_get, answer_rights_get),
    ROW(RIGHTS_EXTRACT, "rights.extract", REQUEST_NOMINATIVE, authorise_rights_extract,
        answer_rights_extract),

    /* meeting */
    ROW(INSTANCE_SET, "instance.set", REQUEST_WRITE, authorise_instance_set,
        decide_instance_set),
    ROW(INSTANCE_LIST, "instance.list", REQUEST_READ, authorise_instance_list,
        answer_instance_list),
    ROW(MEETING_SCHEDULE, "meeting.schedule", REQUEST_WRITE, authorise_meeting_schedule,
        decide_meeting_schedule),
    ROW(MEETING_RESCHEDULE, "meeting.reschedule", REQUEST_WRITE, authorise_meeting_reschedule,
        decide_meeting_reschedule),
    ROW(MEETING_CANCEL, "meeting.cancel", REQUEST_WRITE, authorise_meeting_cancel,
        decide_meeting_cancel),
    ROW(MEETING_HOLD, "meeting.hold", REQUEST_WRITE, authorise_meeting_hold,
        decide_meeting_hold),
    ROW(MEETING_INVITE, "meeting.invite", REQUEST_WRITE, authorise_meeting_invite,
        decide_meeting_invite),
    ROW(MEETING_UNINVITE, "meeting.uninvite", REQUEST_WRITE, authorise_meeting_uninvite,
        decide_meeting_uninvite),
    ROW(MEETING_AGENDA_ADD, "meeting.agenda_add", REQUEST_WRITE, authorise_agenda_add,
        decide_agenda_add),
    ROW(MEETING_AGENDA_REMOVE, "meeting.agenda_remove", REQUEST_WRITE, authorise_agenda_remove,
        decide_agenda_remove),
    ROW(MEETING_LIST, "meeting.list", REQUEST_READ, authorise_meeting_list,
        answer_meeting_list),
    ROW(MEETING_GET, "meeting.get", REQUEST_NOMINATIVE, authorise_meeting_get,
        answer_meeting_get),
    ROW(IMPORT_MEETING, "import.meeting", REQUEST_WRITE, authorise_import,
        decide_import_meeting),

    /* decision */

    /* share */
    ROW(SHARE_RECORD, "share.record", REQUEST_WRITE, authorise_share_record,
        decide_share_record),
    ROW(SHARE_REVOKE, "share.revoke", REQUEST_WRITE, authorise_share_revoke,
        decide_share_revoke),
    ROW(SHARE_ACKNOWLEDGE, "share.acknowledge", REQUEST_WRITE, authorise_share_acknowledge,
        decide_share_acknowledge),
    ROW(BREAK_GLASS_USE, "break_glass.use", REQUEST_WRITE, authorise_break_glass_use,
        decide_break_glass_use),
    ROW(BREAK_GLASS_LIST, "break_glass.list", REQUEST_NOMINATIVE, authorise_break_glass_list,
        answer_break_glass_list),
    ROW(AUDIT_WHO, "audit.who", REQUEST_TRAIL, authorise_audit_who, NULL),
    ROW(SHARE_LIST, "share.list", REQUEST_NOMINATIVE, authorise_share_list, answer_share_list),

    /* people */
    ROW(HABILITATION_GRANT, "habilitation.grant", REQUEST_WRITE, authorise_agent_set,
        decide_habilitation_grant),
    ROW(HABILITATION_WITHDRAW, "habilitation.withdraw", REQUEST_WRITE, authorise_agent_set,
        decide_habilitation_withdraw),
    ROW(CHARTER_SIGN, "charter.sign", REQUEST_WRITE, authorise_reference_set,
        decide_charter_sign),
    ROW(HABILITATION_REGISTER, "habilitation.register", REQUEST_READ, authorise_register,
        answer_habilitation_register),
    ROW(CHARTER_REGISTER, "charter.register", REQUEST_READ, authorise_register,
        answer_charter_register),
    ROW(AGENT_POSTS, "agent.posts", REQUEST_READ, authorise_agent_posts, answer_agent_posts),
    ROW(TODAY_GET, "today.get", REQUEST_READ, authorise_today, answer_today),
    ROW(TRACKING_TABLE_GET, "tracking_table.get", REQUEST_NOMINATIVE, authorise_tracking_table,
        answer_tracking_table),
};

const struct request_row *request_row_at(size_t index)
{
    return index < sizeof(commands) / sizeof(commands[0]) ? &commands[index] : NULL;
}

const struct request_row *request_row_find(const Ctps__Request *request)
{
    const struct request_row *command;

    for (size_t i = 0; (command = request_row_at(i)); i++)
        if (command->which == request->command_case)
            return command;
    return NULL;
}
