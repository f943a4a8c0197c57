/*
 * decide: what each command may do and what comes of it. Two functions a command: authorise
 * loads the objects and asks the policy; decide checks the rules and emits events. Both are
 * pure: they read the act, they write to the act.
 */
#ifndef CTPS_DOMAIN_DECIDE_H
#define CTPS_DOMAIN_DECIDE_H

#include "domain/act.h"

typedef void act_step(struct act *act);

enum request_kind {
    REQUEST_WRITE,      /* events, durable before the answer */
    REQUEST_READ,       /* facts: answered from a snapshot */
    REQUEST_NOMINATIVE, /* a read that may open sealed parts: audit entry before the answer */
    REQUEST_CONTROL,    /* asks the daemon itself (status, backup, reload): engine's or app's */
    REQUEST_TRAIL,      /* reads the journal: the engine's, audit entry before the answer */
};

struct request_row {
    Ctps__Request__CommandCase which;
    const char *name; /* "saisine.receive": as the audit trail says it */
    enum request_kind kind;
    act_step *authorise;
    act_step *run; /* decide or answer; NULL for REQUEST_CONTROL */
};

/* NULL when the request holds no known command. */
const struct request_row *request_row_find(const Ctps__Request *request);
/* For walks over all of them; NULL past the end. */
const struct request_row *request_row_at(size_t index);

act_step authorise_town_set, decide_town_set;
act_step authorise_reference_set, decide_list_value_set, decide_territory_set;
act_step authorise_agent_set, decide_agent_set;
act_step decide_partner_set, decide_contact_set;
act_step authorise_key_manage, decide_key_register, decide_key_revoke;
act_step authorise_delegation_manage, decide_delegation_grant, decide_delegation_end;

act_step authorise_saisine_receive, decide_saisine_receive;
act_step authorise_saisine_accept, decide_saisine_accept;
act_step authorise_saisine_decline, decide_saisine_decline;

act_step authorise_situation_status, decide_situation_status;
act_step authorise_situation_entry, decide_situation_entry;
act_step authorise_situation_review, decide_situation_review;
act_step authorise_situation_close, decide_situation_close;
act_step authorise_situation_erase, decide_situation_erase;

act_step authorise_import, decide_import_begin, decide_import_row, decide_import_end,
    decide_import_undo;

act_step authorise_cursor_set, decide_cursor_set;
act_step authorise_clock_confirm, decide_clock_confirm;
act_step authorise_backup, authorise_reload, authorise_status, authorise_events_read;

act_step authorise_dead_letter_add, decide_dead_letter_add;
act_step authorise_dead_letter_manage, decide_dead_letter_settle, answer_dead_letter_list;
act_step authorise_effect_record, decide_effect_record;
act_step authorise_effect_find, answer_effect_find;
act_step authorise_notification_prepare, answer_notification_prepare;
act_step answer_cursor_get;
act_step authorise_cursor_get, answer_cursor_get;
act_step authorise_plugin_list, authorise_plugin_reload;

act_step authorise_reference_list, answer_reference_list;
act_step authorise_key_list, answer_key_list;
act_step authorise_delegation_list, answer_delegation_list;
act_step authorise_policy_explain, answer_policy_explain;
act_step authorise_saisine_list, answer_saisine_list;
act_step authorise_saisine_get, answer_saisine_get;
act_step authorise_situation_list, answer_situation_list;
act_step authorise_situation_get, answer_situation_get;
act_step authorise_name_search, answer_name_search;
act_step authorise_duplicate_list, answer_duplicate_list;
act_step authorise_import_list, answer_import_list;

/* saisine */
act_step authorise_situation_unmerge, decide_situation_unmerge;
act_step authorise_saisine_detach, decide_saisine_detach;
act_step authorise_saisine_redirect, decide_saisine_redirect;
act_step authorise_duplicate_decide, decide_duplicate;
act_step authorise_saisine_count, answer_saisine_count;

/* situation */
act_step authorise_situation_update, decide_situation_update;
act_step authorise_situation_assign, decide_situation_assign;
act_step authorise_situation_inform, decide_situation_inform;
act_step authorise_situation_transfer, decide_situation_transfer;
act_step authorise_situation_reopen, decide_situation_reopen;
act_step authorise_situation_correct, decide_situation_correct;
act_step authorise_situation_person, decide_situation_person_add;
act_step decide_situation_person_correct;
act_step authorise_situation_engage, decide_situation_engage, decide_situation_disengage;
act_step authorise_situation_link, decide_situation_link, decide_situation_unlink;

/* erasure and rights */
act_step authorise_situation_restrict, decide_situation_restrict;
act_step authorise_situation_lift, decide_situation_lift;
act_step authorise_situation_rekey, decide_situation_rekey;
act_step authorise_erasure_certificate, answer_erasure_certificate;
act_step authorise_rights_open, decide_rights_open;
act_step authorise_rights_extend, decide_rights_extend;
act_step authorise_rights_answer, decide_rights_answer;
act_step authorise_rights_list, answer_rights_list;
act_step authorise_rights_get, answer_rights_get;
act_step authorise_rights_extract, answer_rights_extract;

/* meeting */
act_step authorise_instance_set, decide_instance_set;
act_step authorise_instance_list, answer_instance_list;
act_step authorise_meeting_schedule, decide_meeting_schedule;
act_step authorise_meeting_reschedule, decide_meeting_reschedule;
act_step authorise_meeting_cancel, decide_meeting_cancel;
act_step authorise_meeting_hold, decide_meeting_hold;
act_step authorise_meeting_invite, decide_meeting_invite;
act_step authorise_meeting_uninvite, decide_meeting_uninvite;
act_step authorise_agenda_add, decide_agenda_add;
act_step authorise_agenda_remove, decide_agenda_remove;
act_step authorise_meeting_list, answer_meeting_list;
act_step authorise_meeting_get, answer_meeting_get;
act_step decide_import_meeting;

/* decision */
act_step authorise_decision_take, decide_decision_take;
act_step authorise_decision_complete, decide_decision_complete;
act_step authorise_decision_list, answer_decision_list;
act_step authorise_decision_get, answer_decision_get;
act_step authorise_minutes_draft, decide_minutes_draft;
act_step authorise_minutes_validate, decide_minutes_validate;
act_step authorise_minutes_distribute, decide_minutes_distribute;
act_step authorise_minutes_get, answer_minutes_get;
act_step authorise_minutes_list, answer_minutes_list;
act_step authorise_meeting_pack, answer_meeting_pack;
act_step authorise_meeting_propose, answer_meeting_propose;
act_step authorise_agenda_accept, decide_agenda_accept;

/* share */
act_step authorise_share_record, decide_share_record;
act_step authorise_share_revoke, decide_share_revoke;
act_step authorise_share_acknowledge, decide_share_acknowledge;
act_step authorise_break_glass_use, decide_break_glass_use;
act_step authorise_break_glass_list, answer_break_glass_list;
act_step authorise_audit_who, authorise_entry_hashes;
act_step authorise_share_list, answer_share_list;

/* reminder */
act_step authorise_reminder_subjects, answer_reminder_subjects;
/* feed */
act_step authorise_feed_set, decide_feed_set, authorise_feed_list, answer_feed_list;
act_step authorise_webhook_new, decide_webhook_new;
act_step authorise_webhook_switch, decide_webhook_switch;
act_step authorise_webhook_rotate, decide_webhook_rotate;
act_step authorise_webhook_revoke, decide_webhook_revoke;
act_step authorise_webhook_deliver, decide_webhook_gone;
act_step answer_webhook_list, answer_webhook_due;

/* people */
act_step decide_habilitation_grant, decide_habilitation_withdraw, decide_charter_sign;
act_step authorise_register, answer_habilitation_register, answer_charter_register;
act_step authorise_agent_posts, answer_agent_posts;
act_step authorise_today, answer_today;
act_step authorise_tracking_table, answer_tracking_table;

#endif
