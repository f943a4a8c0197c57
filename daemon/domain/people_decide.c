/* Habilitations granted and withdrawn, charters signed. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/people.h"
#include "domain/record.h"

void decide_habilitation_grant(struct act *act)
{
    const Ctps__HabilitationGrant *in = act->request->habilitation_grant;
    Ctps__HabilitationGranted *out;
    uint64_t id;

    if (!check_given(act, in->has_agent && in->agent, "agent") ||
        !check_agent(act, in->agent, "agent") || !check_given(act, is_given(in->act), "act") ||
        !check_day(act, in->has_from_day, in->from_day, "from_day") ||
        !check_day(act, in->has_to_day, in->to_day, "to_day"))
        return;
    if (in->to_day < in->from_day) {
        act_refuse(act, REFUSAL_DATE_ORDER, "to_day");
        return;
    }
    id = act_new_id(act);
    out = emit_habilitation_granted(act);
    SET(out, id, id);
    SET_FROM(out, in, agent);
    out->act = in->act;
    SET_FROM(out, in, from_day);
    SET_FROM(out, in, to_day);
    SET(out, by_agent, act->who->id);
    SET(out, day, act->today);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_HABILITATION, id, NULL);
}

static bool is_held(struct act *act, uint64_t agent, int32_t day)
{
    size_t count;
    const struct habilitation *periods =
        habilitations_of(act->tables, act->arena, agent, &count);

    for (size_t i = 0; i < count; i++)
        if (!periods[i].replaced && periods[i].to_day >= day)
            return true;
    return false;
}

void decide_habilitation_withdraw(struct act *act)
{
    const Ctps__HabilitationWithdraw *in = act->request->habilitation_withdraw;
    Ctps__HabilitationWithdrawn *out;
    uint64_t id;

    if (!check_given(act, in->has_agent && in->agent, "agent") ||
        !check_agent(act, in->agent, "agent") || !check_given(act, is_given(in->act), "act") ||
        !check_day(act, in->has_day, in->day, "day"))
        return;
    if (!is_held(act, in->agent, in->day)) {
        act_refuse(act, REFUSAL_HABILITATION_NOT_HELD, "day");
        return;
    }
    id = act_new_id(act);
    out = emit_habilitation_withdrawn(act);
    SET(out, id, id);
    SET_FROM(out, in, agent);
    SET_FROM(out, in, day);
    out->act = in->act;
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_HABILITATION, id, NULL);
}

void decide_charter_sign(struct act *act)
{
    const Ctps__CharterSign *in = act->request->charter_sign;
    const char *version = is_given(in->version) ? in->version : act->settings->charter_version;
    Ctps__CharterSigned *out;
    uint64_t id;

    if (!check_given(act, in->has_contact && in->contact, "contact") ||
        !check_given(act, is_given(version), "version") ||
        !check_day_past(act, in->has_day, in->day, "day"))
        return;
    if (!record_exists(act->tables, TABLE_CONTACT, table_key_of_u64(in->contact))) {
        act_refuse(act, REFUSAL_ABSENT, "contact");
        return;
    }
    id = act_new_id(act);
    out = emit_charter_signed(act);
    SET(out, id, id);
    SET_FROM(out, in, contact);
    out->version = act_text(act, version);
    SET_FROM(out, in, day);
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_CHARTER, id, NULL);
}
