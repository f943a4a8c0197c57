#include "domain/check.h"

#include "base/civil.h"
#include "domain/engagement.h"
#include "domain/people.h"
#include "domain/record.h"

bool check_given(struct act *act, bool given, const char *field)
{
    if (!given)
        act_refuse(act, REFUSAL_FIELD_MISSING, field);
    return given;
}

bool check_list(struct act *act, const char *list, const char *code, const char *field)
{
    Ctps__ListValue *value;

    if (!check_given(act, is_given(code), field))
        return false;
    value = (Ctps__ListValue *)record_get(act->tables, TABLE_LIST_VALUE,
                                          table_key_of_texts(list, code), act->arena,
                                          &ctps__list_value__descriptor);
    if (!value)
        act_refuse(act, REFUSAL_LIST_VALUE_UNKNOWN, field);
    else if (value->retired && !act->history)
        act_refuse(act, REFUSAL_LIST_VALUE_RETIRED, field);
    return value && (!value->retired || act->history);
}

bool check_list_optional(struct act *act, const char *list, const char *code, const char *field)
{
    return !is_given(code) || check_list(act, list, code, field);
}

bool check_territory(struct act *act, const char *code)
{
    if (!check_given(act, is_given(code), "territory"))
        return false;
    if (record_exists(act->tables, TABLE_TERRITORY, table_key_of_text(code)))
        return true;
    act_refuse(act, REFUSAL_TERRITORY_UNKNOWN, "territory");
    return false;
}

bool check_district(struct act *act, const char *code, const char *district)
{
    struct table_key key;
    struct bytes owner;

    if (!check_given(act, is_given(district), "district"))
        return false;
    key = table_key_of_text(district);
    if (act->tables->get(act->tables->ctx, TABLE_DISTRICT, table_key_bytes(&key), &owner) ==
            CTPS_OK &&
        bytes_equal(owner, bytes_of_str(code)))
        return true;
    act_refuse(act, REFUSAL_DISTRICT_UNKNOWN, "district");
    return false;
}

bool check_day(struct act *act, bool given, int32_t day, const char *field)
{
    if (!check_given(act, given, field))
        return false;
    if (day >= CIVIL_DAY_MIN && day <= CIVIL_DAY_MAX)
        return true;
    act_refuse(act, REFUSAL_FIELD_RANGE, field);
    return false;
}

bool check_day_past(struct act *act, bool given, int32_t day, const char *field)
{
    if (!check_day(act, given, day, field))
        return false;
    if (day <= act->today)
        return true;
    act_refuse(act, REFUSAL_DATE_FUTURE, field);
    return false;
}

bool check_agent(struct act *act, uint64_t id, const char *field)
{
    if (record_exists(act->tables, TABLE_AGENT, table_key_of_u64(id)))
        return true;
    act_refuse(act, REFUSAL_AGENT_UNKNOWN, field);
    return false;
}

bool check_lead(struct act *act, uint64_t id, const char *territory)
{
    Ctps__Agent *agent = record_agent(act->tables, act->arena, id);
    struct principal principal = {0};
    enum agent_function function;
    enum refusal refusal = REFUSAL_LEAD_NOT_THERE;

    if (!agent) {
        act_refuse(act, REFUSAL_AGENT_UNKNOWN, "lead_agent");
        return false;
    }
    habilitation_load(act->tables, act->arena, agent, act->today, &principal);
    function = agent_function_find(or_empty(agent->function));
    if (!principal_is_habilitated(&principal, act->today))
        refusal = REFUSAL_AGENT_NOT_HABILITATED;
    else if (function == FUNCTION_COORDINATOR || function == FUNCTION_EDUCATOR)
        for (size_t i = 0; i < agent->n_territories; i++)
            if (strcmp(agent->territories[i], territory) == 0)
                return true;
    act_refuse(act, refusal, "lead_agent");
    return false;
}

bool check_partner(struct act *act, uint64_t id, const char *field)
{
    if (id == 0 || record_exists(act->tables, TABLE_PARTNER, table_key_of_u64(id)))
        return true;
    act_refuse(act, REFUSAL_PARTNER_UNKNOWN, field);
    return false;
}

bool check_situation_open(struct act *act, const Ctps__SituationRecord *record,
                          const char *field)
{
    enum refusal refusal = REFUSAL_NONE;

    if (record->erased || record->erasure_ordered)
        refusal = REFUSAL_ERASED;
    else if (record->restricted)
        refusal = REFUSAL_RESTRICTED;
    else if (record->merged_into)
        refusal = REFUSAL_MERGED;
    else if (record->has_closed_day)
        refusal = REFUSAL_STATE_WRONG;
    if (refusal != REFUSAL_NONE)
        act_refuse(act, refusal, field);
    return refusal == REFUSAL_NONE;
}

static void territory_copy(struct resource *resource, const char *code)
{
    size_t len = strnlen(or_empty(code), TERRITORY_CODE_LEN - 1);

    memcpy(resource->territory, or_empty(code), len);
    resource->territory[len] = '\0';
}

static bool purpose_is_rights(const struct act *act)
{
    return strcmp(or_empty(act->request->purpose), PURPOSE_RIGHTS) == 0;
}

struct resource resource_of_territory(const struct act *act, const char *code)
{
    struct resource resource = {.kind = RESOURCE_TERRITORY};

    territory_copy(&resource, code);
    resource.purpose_stated = is_given(act->request->purpose);
    resource.purpose_rights = purpose_is_rights(act);
    return resource;
}

/* Of a saisine that was accepted the rights are those of its situation, wherever that is. */
struct resource resource_of_saisine(const struct act *act, const Ctps__SaisineRecord *record)
{
    const Ctps__SaisineReceived *received = record->received;
    const Ctps__SituationRecord *situation =
        record->situation ? record_situation(act->tables, act->arena, record->situation) : NULL;
    struct resource resource = {
        .kind = RESOURCE_SAISINE,
        .typed_by = received->typed_by,
        .typed_us = received->typed_us,
        .referrer_partner = received->referrer_partner,
        .engaged =
            situation && act->who->kind == PRINCIPAL_KIND_AGENT &&
            engagement_is_on(act, situation, CTPS__OBJECT_KIND__OBJECT_AGENT, act->who->id),
        .erased = record->erased || record->erasure_ordered,
        .purpose_stated = is_given(act->request->purpose),
        .purpose_rights = purpose_is_rights(act),
        .restricted = record->restricted,
    };

    territory_copy(&resource,
                   situation
                       ? record_situation_now(act->tables, act->arena, situation)->territory
                       : received->territory);
    return resource;
}

struct resource resource_of_situation(const struct act *act,
                                      const Ctps__SituationRecord *record)
{
    const Ctps__SituationRecord *now = record_situation_now(act->tables, act->arena, record);
    struct resource resource = {
        .kind = RESOURCE_SITUATION,
        .engaged = act->who->kind == PRINCIPAL_KIND_AGENT &&
                   engagement_is_on(act, record, CTPS__OBJECT_KIND__OBJECT_AGENT, act->who->id),
        .erased = record->erased || record->erasure_ordered,
        .purpose_stated = is_given(act->request->purpose),
        .purpose_rights = purpose_is_rights(act),
        .restricted = record->restricted || now->restricted,
    };

    territory_copy(&resource, now->territory);
    return resource;
}

static bool is_invited(const struct principal *who, const Ctps__MeetingScheduled *scheduled)
{
    bool agent = who->kind == PRINCIPAL_KIND_AGENT;

    if (!who->id || (!agent && who->kind != PRINCIPAL_KIND_CONTACT))
        return false;
    for (size_t i = 0; i < scheduled->n_invited; i++)
        if ((agent ? scheduled->invited[i]->agent : scheduled->invited[i]->contact) == who->id)
            return true;
    return agent && scheduled->chair == who->id;
}

struct resource resource_of_meeting(const struct act *act, const Ctps__MeetingRecord *record)
{
    struct resource resource = {
        .kind = RESOURCE_MEETING,
        .invited = is_invited(act->who, record->scheduled),
        .purpose_stated = is_given(act->request->purpose),
    };

    territory_copy(&resource, record->scheduled->territory);
    return resource;
}

bool check_audit_is_near(int64_t limit_us, int64_t behind_us)
{
    return limit_us <= 0 || behind_us < limit_us;
}

bool check_audit_near(struct act *act)
{
    int64_t limit_us = act->settings->audit_reads_refused_us;
    const char *detail;

    if (!act->nominative || check_audit_is_near(limit_us, act->audit_behind_us))
        return true;
    detail = arena_printf(act->arena, "%lld s", (long long)(act->audit_behind_us / 1000000));
    act_refuse(act, REFUSAL_AUDIT_BEHIND, detail ? detail : "audit");
    return false;
}
