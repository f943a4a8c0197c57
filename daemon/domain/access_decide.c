/* Keys and delegations: who may come in, and who stands in for whom. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"

enum { PUBLIC_KEY_LEN = 32 };

void authorise_key_manage(struct act *act)
{
    act_judge_plain(act, ACTION_KEY_MANAGE);
}

static bool principal_check(struct act *act, const Ctps__Principal *in)
{
    if (!in) {
        act_refuse(act, REFUSAL_FIELD_MISSING, "principal");
        return false;
    }
    switch (in->kind) {
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_OPERATOR:
        return true;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT:
        return check_agent(act, in->id, "principal.id");
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT:
        if (record_exists(act->tables, TABLE_CONTACT, table_key_of_u64(in->id)))
            return true;
        act_refuse(act, REFUSAL_ABSENT, "principal.id");
        return false;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_PARTNER:
        return check_partner(act, in->id, "principal.id");
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN:
        if (!check_given(act, is_given(in->name), "principal.name"))
            return false;
        if (strlen(in->name) < PRINCIPAL_NAME_LEN)
            return true;
        act_refuse(act, REFUSAL_FIELD_TOO_LONG, "principal.name");
        return false;
    default:
        act_refuse(act, REFUSAL_FIELD_RANGE, "principal.kind");
        return false;
    }
}

static struct table_key key_of_public(const ProtobufCBinaryData *public_key)
{
    struct table_key key = {0};

    table_key_add_bytes(&key, bytes_of(public_key->data, public_key->len));
    return key;
}

void decide_key_register(struct act *act)
{
    const Ctps__KeyRegister *in = act->request->key_register;
    Ctps__Key *out;

    if (!check_given(act, in->has_public_key, "public_key") ||
        !principal_check(act, in->principal))
        return;
    if (in->public_key.len != PUBLIC_KEY_LEN) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "public_key");
        return;
    }
    /* A key stands for one principal for ever: a revoked one never comes back as another. */
    if (record_exists(act->tables, TABLE_KEY, key_of_public(&in->public_key))) {
        act_refuse(act, REFUSAL_EXISTS, "public_key");
        return;
    }
    out = emit_key_registered(act);
    SET_FROM(out, in, public_key);
    out->principal = in->principal;
    out->label = in->label;
    SET(out, registered_us, act->now_us);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_KEY, act_new_id(act), NULL);
}

void decide_key_revoke(struct act *act)
{
    const Ctps__KeyRevoke *in = act->request->key_revoke;
    Ctps__Key *key;
    Ctps__KeyRevoked *out;

    if (!check_given(act, in->has_public_key, "public_key"))
        return;
    key = (Ctps__Key *)record_get(act->tables, TABLE_KEY, key_of_public(&in->public_key),
                                  act->arena, &ctps__key__descriptor);
    if (!key) {
        act_refuse(act, REFUSAL_ABSENT, "public_key");
        return;
    }
    if (key->has_revoked_us) {
        act_refuse(act, REFUSAL_STATE_WRONG, "public_key");
        return;
    }
    out = emit_key_revoked(act);
    SET_FROM(out, in, public_key);
}

void authorise_delegation_manage(struct act *act)
{
    act_judge_plain(act, ACTION_DELEGATION_MANAGE);
}

/* Who is lent a territory acts there by his own function: another than these could do nothing.
 */
static bool delegate_check(struct act *act, uint64_t id)
{
    const Ctps__Agent *agent;
    enum agent_function function;

    if (!check_agent(act, id, "to_agent"))
        return false;
    agent = record_agent(act->tables, act->arena, id);
    function = agent ? agent_function_find(or_empty(agent->function)) : FUNCTION_NONE;
    if (function == FUNCTION_COORDINATOR || function == FUNCTION_EDUCATOR)
        return true;
    act_refuse(act, REFUSAL_DELEGATE_FUNCTION, "to_agent");
    return false;
}

void decide_delegation_grant(struct act *act)
{
    const Ctps__DelegationGrant *in = act->request->delegation_grant;
    Ctps__Delegation *out;
    uint64_t id;

    if (!check_territory(act, in->territory) || !delegate_check(act, in->to_agent) ||
        !check_day(act, in->has_from_day, in->from_day, "from_day") ||
        !check_day(act, in->has_to_day, in->to_day, "to_day"))
        return;
    if (in->to_day < in->from_day || in->to_day < act->today) {
        act_refuse(act, REFUSAL_DATE_ORDER, "to_day");
        return;
    }
    id = act_new_id(act);
    out = emit_delegation_granted(act);
    SET(out, id, id);
    out->territory = in->territory;
    SET_FROM(out, in, to_agent);
    SET_FROM(out, in, from_day);
    SET_FROM(out, in, to_day);
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_DELEGATION, id, NULL);
}

void decide_delegation_end(struct act *act)
{
    uint64_t id = act->request->delegation_end->id;
    Ctps__Delegation *delegation =
        (Ctps__Delegation *)record_get(act->tables, TABLE_DELEGATION, table_key_of_u64(id),
                                       act->arena, &ctps__delegation__descriptor);
    Ctps__DelegationEnded *out;

    if (!delegation) {
        act_refuse(act, REFUSAL_ABSENT, "id");
        return;
    }
    if (delegation->ended) {
        act_refuse(act, REFUSAL_STATE_WRONG, "id");
        return;
    }
    out = emit_delegation_ended(act);
    SET(out, id, id);
}
