/* What audience "audit" hears: who read or was refused what, never what was asked or answered.
 */
#include "domain/notice_private.h"

/* Events of everybody's journal that the audit hears too. */
static const char *const heard[] = {"break_glass.used", "export.made"};

/* Refusals that are about who asks, not about what. */
static const enum refusal of_sessions[] = {
    REFUSAL_KEY_UNKNOWN,          REFUSAL_TOO_MANY,
    REFUSAL_HABILITATION_MISSING, REFUSAL_CONTACT_INACTIVE,
    REFUSAL_CHARTER_NOT_CURRENT,
};

/* A letter of this audience that an operator settled: who follows it must hear so. */
static bool is_own_letter(const Ctps__Event *event)
{
    return event->body_case == CTPS__EVENT__BODY_DEAD_LETTER_SETTLED &&
           strcmp(or_empty(event->dead_letter_settled->audience), AUDIENCE_AUDIT) == 0;
}

bool notice_of_event_audited(const Ctps__Event *event, Ctps__Notice *ret_notice,
                             const char **ret_topic)
{
    if (!notice_of_event(event, ret_notice, ret_topic))
        return false;
    if (is_own_letter(event))
        return true;
    for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
        if (strcmp(heard[i], *ret_topic) == 0)
            return true;
    return false;
}

bool notice_is_audited(const Ctps__Entry *entry)
{
    return entry->audit != NULL;
}

static bool is_of_session(enum refusal refusal)
{
    for (size_t i = 0; i < sizeof(of_sessions) / sizeof(of_sessions[0]); i++)
        if (of_sessions[i] == refusal)
            return true;
    return false;
}

static const char *topic_of(Ctps__EntryKind kind, const Ctps__AuditRecord *record)
{
    if (kind == CTPS__ENTRY_KIND__ENTRY_SYSTEM)
        return "session.opened";
    if (kind != CTPS__ENTRY_KIND__ENTRY_REFUSAL)
        return "information.consulted";
    return record && is_of_session(refusal_find(or_empty(record->result))) ? "session.refused"
                                                                           : "access.denied";
}

void notice_of_audit(const Ctps__Entry *entry, const Ctps__AuditRecord *record,
                     Ctps__Notice *ret_notice, const char **ret_topic)
{
    ctps__notice__init(ret_notice);
    SET(ret_notice, kind, CTPS__OBJECT_KIND__OBJECT_NONE);
    *ret_topic = topic_of(entry->kind, record);
    if (!record) {
        SET(ret_notice, tombstone, 1);
        return;
    }
    if (record->principal) {
        SET(ret_notice, principal_kind, record->principal->kind);
        SET(ret_notice, principal_id, record->principal->id);
        if (is_given(record->principal->name))
            ret_notice->principal_name = record->principal->name;
    }
    ret_notice->action = record->action;
    if (entry->kind == CTPS__ENTRY_KIND__ENTRY_REFUSAL)
        ret_notice->code = record->result;
    ret_notice->n_objects = record->n_objects;
    ret_notice->objects = record->objects;
    ret_notice->purpose = record->purpose;
    ret_notice->legal_base = record->legal_base;
    SET_FROM(ret_notice, record, count);
}
