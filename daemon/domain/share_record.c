/* Sharing parts of a situation, revoking that, and the recipients' acknowledgement. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/engagement.h"
#include "domain/meeting.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/share.h"

void authorise_share_record(struct act *act)
{
    const Ctps__ShareNew *in = act->request->share_record;
    struct resource resource;

    act->situation = record_situation(act->tables, act->arena, in->situation);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, act->situation);
    act_judge(act, in->n_contacts ? ACTION_SHARE_OUTSIDE : ACTION_SHARE_INSIDE, &resource);
}

static void share_load(struct act *act, uint64_t id, enum action action)
{
    struct resource resource;

    act->share = share_record(act->tables, act->arena, id);
    act->situation =
        act->share ? record_situation(act->tables, act->arena, act->share->shared->situation)
                   : NULL;
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "share");
        return;
    }
    resource = share_resource(act, act->situation, act->who);
    act_judge(act, action, &resource);
}

void authorise_share_revoke(struct act *act)
{
    share_load(act, act->request->share_revoke->id, ACTION_SHARE_REVOKE);
}

void authorise_share_acknowledge(struct act *act)
{
    share_load(act, act->request->share_acknowledge->id, ACTION_SHARE_ACKNOWLEDGE);
}

/* A situation whose contents exist and may still be worked on. */
static bool is_shareable(struct act *act)
{
    const Ctps__SituationRecord *situation = act->situation;

    if (situation->erased || situation->erasure_ordered || !situation->opened->slot)
        act_refuse(act, REFUSAL_ERASED, "situation");
    else if (situation->has_closed_day)
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
    return act->refusal == REFUSAL_NONE;
}

static bool expiry_check(struct act *act, const Ctps__ShareNew *in)
{
    if (!check_day(act, in->has_expiry_day, in->expiry_day, "expiry_day"))
        return false;
    if (in->expiry_day < act->today)
        act_refuse(act, REFUSAL_DATE_ORDER, "expiry_day");
    else if (in->expiry_day > act->today + act->settings->share_days_max)
        act_refuse(act, REFUSAL_SHARE_TOO_LONG, "expiry_day");
    return act->refusal == REFUSAL_NONE;
}

/* Of the situation, or of one that ended in it: its sheet shows both. */
static bool is_entry(const struct act *act, uint64_t entry)
{
    const Ctps__SituationRecord *situation = act->situation;
    bool found =
        record_exists(act->tables, TABLE_ENTRY, table_key_of_two(situation->opened->id, entry));

    for (size_t i = 0; i < situation->n_merged && !found; i++)
        found = record_exists(act->tables, TABLE_ENTRY,
                              table_key_of_two(situation->merged[i], entry));
    return found;
}

static bool entries_check(struct act *act, const Ctps__ShareNew *in)
{
    for (size_t i = 0; i < in->n_entries; i++)
        if (!is_entry(act, in->entries[i])) {
            act_refuse(act, REFUSAL_ABSENT, "entries");
            return false;
        }
    return true;
}

/* CASF L121-6-2: only those engaged with the same person. */
static bool is_engaged(const struct act *act, const struct principal *who)
{
    return engagement_is_on(act, act->situation,
                            who->kind == PRINCIPAL_KIND_AGENT
                                ? CTPS__OBJECT_KIND__OBJECT_AGENT
                                : CTPS__OBJECT_KIND__OBJECT_CONTACT,
                            who->id);
}

static enum refusal contact_judge(const struct principal *who, const char *base)
{
    if (!who->contact_active)
        return REFUSAL_CONTACT_INACTIVE;
    if (!who->charter_current)
        return REFUSAL_CHARTER_NOT_CURRENT;
    return strcmp(base, BASE_SERVICE) == 0 ? REFUSAL_SHARE_SERVICE_ONLY : REFUSAL_NONE;
}

static enum refusal agent_judge(const struct act *act, const struct principal *who)
{
    if (!principal_is_habilitated(who, act->today))
        return REFUSAL_AGENT_NOT_HABILITATED;
    return who->function == FUNCTION_COORDINATOR || who->function == FUNCTION_EDUCATOR ||
                   who->function == FUNCTION_HEAD
               ? REFUSAL_NONE
               : REFUSAL_SHARE_FUNCTION;
}

static bool recipient_check(struct act *act, enum principal_kind kind, uint64_t id,
                            const char *base)
{
    bool is_contact = kind == PRINCIPAL_KIND_CONTACT;
    const char *field = is_contact ? "contacts" : "agents";
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;
    enum refusal refusal;
    struct principal who;

    SET(&named, kind, (Ctps__PrincipalKind)kind);
    SET(&named, id, id);
    if (principal_load(act->tables, act->arena, act->settings, act->today, &named, &who) !=
        CTPS_OK) {
        act_refuse(act, is_contact ? REFUSAL_ABSENT : REFUSAL_AGENT_UNKNOWN, field);
        return false;
    }
    refusal = is_contact ? contact_judge(&who, base) : agent_judge(act, &who);
    if (refusal == REFUSAL_NONE && strcmp(base, BASE_SECRET) == 0 && !is_engaged(act, &who))
        refusal = REFUSAL_SHARE_NOT_ENGAGED;
    if (refusal != REFUSAL_NONE)
        act_refuse(act, refusal, field);
    return refusal == REFUSAL_NONE;
}

/* What is shared in a meeting is said there by name: its kind has to carry that, and an
 * individual situation never goes to a strategic formation. */
static bool meeting_check(struct act *act, uint64_t id)
{
    struct act probe = *act;
    enum refusal refusal = REFUSAL_NONE;
    Ctps__MeetingRecord *meeting;
    Ctps__Instance *instance;

    if (!id)
        return true;
    meeting = record_meeting(act->tables, act->arena, id);
    instance = meeting && meeting->scheduled
                   ? record_instance(act->tables, act->arena, meeting->scheduled->instance)
                   : NULL;
    probe.meeting = meeting;
    probe.instance = instance;
    probe.agenda_situation = act->situation;
    if (!instance)
        refusal = REFUSAL_ABSENT;
    else if (instance->strategic)
        refusal = REFUSAL_SHARE_STRATEGIC;
    else
        refusal = meeting_content_refusal(&probe, true);
    if (refusal != REFUSAL_NONE)
        act_refuse(act, refusal, "meeting");
    return refusal == REFUSAL_NONE;
}

static bool recipients_check(struct act *act, const Ctps__ShareNew *in)
{
    if (!check_given(act, in->n_contacts + in->n_agents > 0, "contacts"))
        return false;
    for (size_t i = 0; i < in->n_contacts; i++)
        if (!recipient_check(act, PRINCIPAL_KIND_CONTACT, in->contacts[i], in->legal_base))
            return false;
    for (size_t i = 0; i < in->n_agents; i++)
        if (!recipient_check(act, PRINCIPAL_KIND_AGENT, in->agents[i], in->legal_base))
            return false;
    return true;
}

static Ctps__Sealed *purpose_seal(struct act *act, char *text)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;

    content.text = text;
    return is_given(text) ? act_seal(act, act->situation->opened->slot, SEALED_SHARE_PURPOSE,
                                     &content.base)
                          : NULL;
}

static void shared_emit(struct act *act, const Ctps__ShareNew *in)
{
    Ctps__InformationShared *out = emit_information_shared(act);

    SET(out, id, act_new_id(act));
    SET(out, situation, in->situation);
    if (in->meeting)
        SET(out, meeting, in->meeting);
    SET_FROM(out, in, identity);
    SET_FROM(out, in, summary);
    out->n_entries = in->n_entries;
    out->entries = in->entries;
    out->n_contacts = in->n_contacts;
    out->contacts = in->contacts;
    out->n_agents = in->n_agents;
    out->agents = in->agents;
    out->legal_base = in->legal_base;
    out->purpose = in->purpose;
    out->purpose_text = purpose_seal(act, in->purpose_text);
    SET(out, day, act->today);
    SET_FROM(out, in, expiry_day);
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SHARE, out->id, NULL);
}

void decide_share_record(struct act *act)
{
    const Ctps__ShareNew *in = act->request->share_record;

    if (is_shareable(act) && check_list(act, "base_legale", in->legal_base, "legal_base") &&
        check_list(act, "finalite", in->purpose, "purpose") && expiry_check(act, in) &&
        entries_check(act, in) && meeting_check(act, in->meeting) && recipients_check(act, in))
        shared_emit(act, in);
}

void decide_share_revoke(struct act *act)
{
    Ctps__InformationRevoked *out;

    if (!share_is_live(act->share, act->today)) {
        act_refuse(act, REFUSAL_STATE_WRONG, "share");
        return;
    }
    out = emit_information_revoked(act);
    SET(out, id, act->share->shared->id);
    SET(out, situation, act->share->shared->situation);
    SET(out, by_agent, act->who->id);
    SET(out, day, act->today);
}

static bool has_acknowledged(const Ctps__ShareRecord *share, const struct principal *who)
{
    for (size_t i = 0; i < share->n_acknowledged; i++) {
        const Ctps__Principal *by = share->acknowledged[i]->by;

        if (by && by->kind == (Ctps__PrincipalKind)who->kind && by->id == who->id)
            return true;
    }
    return false;
}

/* The policy said that some share of the situation holds for who asks; here it is about this
 * one. */
void decide_share_acknowledge(struct act *act)
{
    Ctps__InformationAcknowledged *out;
    Ctps__Principal *by;

    if (!share_is_recipient(act->share->shared, act->who))
        act_refuse(act, REFUSAL_NOT_SHARED, "share");
    else if (act->share->has_revoked_day)
        act_refuse(act, REFUSAL_SHARE_REVOKED, "share");
    else if (!share_is_live(act->share, act->today))
        act_refuse(act, REFUSAL_SHARE_EXPIRED, "share");
    else if (has_acknowledged(act->share, act->who))
        act_refuse(act, REFUSAL_STATE_WRONG, "share");
    if (act->refusal != REFUSAL_NONE)
        return;
    out = emit_information_acknowledged(act);
    by = act_alloc(act, sizeof(*by));
    ctps__principal__init(by);
    SET(by, kind, (Ctps__PrincipalKind)act->who->kind);
    SET(by, id, act->who->id);
    SET(out, id, act->share->shared->id);
    SET(out, situation, act->share->shared->situation);
    out->by = by;
    SET(out, day, act->today);
}
