#include "domain/engagement.h"

#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"
#include "domain/situation.h"

struct table_key engagement_key(uint64_t situation, Ctps__ObjectKind kind, uint64_t id)
{
    struct table_key key = table_key_of_u64(situation);

    table_key_add_u32(&key, (uint32_t)kind);
    table_key_add_u64(&key, id);
    return key;
}

Ctps__EngagementRecord *engagement_get(const struct tables *tables, struct arena *arena,
                                       uint64_t situation, Ctps__ObjectKind kind, uint64_t id)
{
    return (Ctps__EngagementRecord *)record_get(tables, TABLE_ENGAGEMENT,
                                                engagement_key(situation, kind, id), arena,
                                                &ctps__engagement_record__descriptor);
}

static bool is_engaged(const struct act *act, uint64_t situation, Ctps__ObjectKind kind,
                       uint64_t id)
{
    Ctps__EngagementRecord *row = engagement_get(act->tables, act->arena, situation, kind, id);

    return row && !row->has_until_day;
}

bool engagement_is_on(const struct act *act, const Ctps__SituationRecord *situation,
                      Ctps__ObjectKind kind, uint64_t id)
{
    if (kind == CTPS__OBJECT_KIND__OBJECT_AGENT && id && situation->lead_agent == id)
        return true;
    return is_engaged(act, situation->opened->id, kind, id);
}

bool engagement_is(const struct act *act, uint64_t situation, Ctps__ObjectKind kind,
                   uint64_t id)
{
    const Ctps__SituationRecord *row;

    if (is_engaged(act, situation, kind, id))
        return true;
    if (kind != CTPS__OBJECT_KIND__OBJECT_AGENT || !id)
        return false;
    row = record_situation(act->tables, act->arena, situation);
    return row && row->lead_agent == id;
}

struct walk {
    const struct act *act;
    bool (*each)(void *arg, Ctps__EngagementRecord *row);
    void *arg;
};

static bool walk_row(void *arg, struct bytes key, struct bytes value)
{
    struct walk *walk = arg;
    Ctps__EngagementRecord *row = (Ctps__EngagementRecord *)record_unpack(
        walk->act->arena, &ctps__engagement_record__descriptor, value);

    (void)key;
    return !row || !row->engaged || walk->each(walk->arg, row);
}

void engagement_walk(const struct act *act, uint64_t situation,
                     bool (*each)(void *arg, Ctps__EngagementRecord *row), void *arg)
{
    struct walk walk = {act, each, arg};
    struct table_key prefix = table_key_of_u64(situation);

    act->tables->walk(act->tables->ctx, TABLE_ENGAGEMENT, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, walk_row, &walk);
}

/* --- the commands --- */

void authorise_situation_engage(struct act *act)
{
    const Ctps__Request *request = act->request;
    bool begins = request->command_case == CTPS__REQUEST__COMMAND_SITUATION_ENGAGE;

    situation_load(act,
                   begins ? request->situation_engage->id : request->situation_disengage->id,
                   ACTION_SITUATION_ENGAGE);
}

struct named {
    Ctps__ObjectKind kind;
    uint64_t id;
};

/* Exactly one of the three. */
static bool named_check(struct act *act, uint64_t partner, uint64_t contact, uint64_t agent,
                        struct named *ret_named)
{
    if (!check_given(act, partner || contact || agent, "partner"))
        return false;
    if (!!partner + !!contact + !!agent > 1) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "partner");
        return false;
    }
    *ret_named = partner   ? (struct named){CTPS__OBJECT_KIND__OBJECT_PARTNER, partner}
                 : contact ? (struct named){CTPS__OBJECT_KIND__OBJECT_CONTACT, contact}
                           : (struct named){CTPS__OBJECT_KIND__OBJECT_AGENT, agent};
    return true;
}

static void engaged_emit(struct act *act, struct named named, int32_t since_day)
{
    const Ctps__SituationEngage *in = act->request->situation_engage;
    Ctps__SituationEngaged *out = emit_situation_engaged(act);

    SET(out, situation, act->situation->opened->id);
    SET(out, kind, named.kind);
    SET(out, id, named.id);
    out->role = is_given(in->role) ? in->role : NULL;
    SET(out, since_day, since_day);
    SET(out, by_agent, act->who->id);
}

/* A professional's partner is engaged with him. */
static bool contact_engage(struct act *act, uint64_t id, int32_t since_day)
{
    Ctps__Contact *contact =
        (Ctps__Contact *)record_get(act->tables, TABLE_CONTACT, table_key_of_u64(id),
                                    act->arena, &ctps__contact__descriptor);
    struct named partner = {CTPS__OBJECT_KIND__OBJECT_PARTNER, 0};

    if (!contact) {
        act_refuse(act, REFUSAL_CONTACT_UNKNOWN, "contact");
        return false;
    }
    if (contact->inactive) {
        act_refuse(act, REFUSAL_STATE_WRONG, "contact");
        return false;
    }
    partner.id = contact->partner;
    if (partner.id && !is_engaged(act, act->situation->opened->id, partner.kind, partner.id))
        engaged_emit(act, partner, since_day);
    return true;
}

void decide_situation_engage(struct act *act)
{
    const Ctps__SituationEngage *in = act->request->situation_engage;
    int32_t since_day = in->has_since_day ? in->since_day : act->today;
    struct named named;

    if (!situation_is_open(act) ||
        !named_check(act, in->partner, in->contact, in->agent, &named) ||
        !check_list_optional(act, "role_engagement", in->role, "role") ||
        !check_day_past(act, true, since_day, "since_day") ||
        !check_partner(act, in->partner, "partner") ||
        (in->agent && !check_agent(act, in->agent, "agent")))
        return;
    if (is_engaged(act, act->situation->opened->id, named.kind, named.id)) {
        act_refuse(act, REFUSAL_EXISTS, "engagement");
        return;
    }
    if (in->contact && !contact_engage(act, in->contact, since_day))
        return;
    engaged_emit(act, named, since_day);
}

static void disengaged_emit(struct act *act, struct named named, int32_t until_day)
{
    Ctps__SituationDisengaged *out = emit_situation_disengaged(act);

    SET(out, situation, act->situation->opened->id);
    SET(out, kind, named.kind);
    SET(out, id, named.id);
    SET(out, until_day, until_day);
    SET(out, by_agent, act->who->id);
}

struct leaving {
    struct act *act;
    uint64_t partner;
    int32_t until_day;
};

/* The professionals of a partner that leaves. */
static bool contact_leave(void *arg, Ctps__EngagementRecord *row)
{
    struct leaving *leaving = arg;
    struct act *act = leaving->act;
    Ctps__Contact *contact;

    if (row->engaged->kind != CTPS__OBJECT_KIND__OBJECT_CONTACT || row->has_until_day)
        return true;
    contact = (Ctps__Contact *)record_get(act->tables, TABLE_CONTACT,
                                          table_key_of_u64(row->engaged->id), act->arena,
                                          &ctps__contact__descriptor);
    if (contact && contact->partner == leaving->partner)
        disengaged_emit(act, (struct named){row->engaged->kind, row->engaged->id},
                        leaving->until_day);
    return act->refusal == REFUSAL_NONE;
}

void decide_situation_disengage(struct act *act)
{
    const Ctps__SituationDisengage *in = act->request->situation_disengage;
    int32_t until_day = in->has_until_day ? in->until_day : act->today;
    struct leaving leaving = {act, in->partner, until_day};
    Ctps__EngagementRecord *row;
    struct named named;

    if (!situation_is_kept(act) ||
        !named_check(act, in->partner, in->contact, in->agent, &named) ||
        !check_day_past(act, true, until_day, "until_day"))
        return;
    row = engagement_get(act->tables, act->arena, act->situation->opened->id, named.kind,
                         named.id);
    if (!row || row->has_until_day) {
        act_refuse(act, REFUSAL_ABSENT, "engagement");
        return;
    }
    if (until_day < row->engaged->since_day) {
        act_refuse(act, REFUSAL_DATE_ORDER, "until_day");
        return;
    }
    disengaged_emit(act, named, until_day);
    if (in->partner)
        engagement_walk(act, act->situation->opened->id, contact_leave, &leaving);
}
