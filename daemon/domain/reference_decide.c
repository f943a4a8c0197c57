/* Town, closed lists, territories, agents, partners, contacts. */
#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/people.h"
#include "domain/record.h"
#include "domain/retention_term.h"

void authorise_town_set(struct act *act)
{
    act_judge_plain(act, ACTION_TOWN_SET);
}

void authorise_reference_set(struct act *act)
{
    act_judge_plain(act, ACTION_REFERENCE_SET);
}

void authorise_agent_set(struct act *act)
{
    act_judge_plain(act, ACTION_AGENT_SET);
}

static bool word_check(struct act *act, const char *code, const char *const *codes,
                       size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    act_refuse(act, REFUSAL_FIELD_RANGE, field);
    return false;
}

/* The process counts its days in the zone of the configuration: the town's says the same. */
static bool town_zone_check(struct act *act, const Ctps__Town *in)
{
    const char *configured = act->settings->zone;

    if (!is_given(in->zone) || !*configured || strcmp(in->zone, configured) == 0)
        return true;
    act_refuse(act, REFUSAL_ZONE_CONFIGURED, "zone");
    return false;
}

static bool town_holidays_check(struct act *act, const Ctps__Town *in)
{
    static const char *const regimes[] = {"", "metropole", "alsace-moselle"};

    if (!word_check(act, or_empty(in->holiday_regime), regimes,
                    sizeof(regimes) / sizeof(regimes[0]), "holiday_regime"))
        return false;
    if (!in->good_friday || strcmp(or_empty(in->holiday_regime), "alsace-moselle") == 0)
        return true;
    act_refuse(act, REFUSAL_GOOD_FRIDAY_ELSEWHERE, "good_friday");
    return false;
}

void decide_town_set(struct act *act)
{
    const Ctps__Town *in = act->request->town_set;
    Ctps__Town *out;

    if (!check_given(act, is_given(in->name), "name"))
        return;
    if (!town_zone_check(act, in) || !town_holidays_check(act, in) ||
        !retention_town_check(act, in))
        return;
    out = emit_settings_changed(act);
    *out = *in;
}

void decide_list_value_set(struct act *act)
{
    const Ctps__ListValue *in = act->request->list_value_set;
    Ctps__ListValue *out;

    if (!check_given(act, is_given(in->list), "list") ||
        !check_given(act, is_given(in->code), "code") ||
        !check_given(act, is_given(in->label_fr), "label_fr"))
        return;
    out = emit_list_value_set(act);
    *out = *in;
}

static bool districts_check(struct act *act, const Ctps__Territory *in)
{
    for (size_t i = 0; i < in->n_districts; i++) {
        struct table_key key = table_key_of_text(in->districts[i]);
        struct bytes owner;

        if (!check_given(act, is_given(in->districts[i]), "districts"))
            return false;
        if (act->tables->get(act->tables->ctx, TABLE_DISTRICT, table_key_bytes(&key), &owner) ==
                CTPS_OK &&
            !bytes_equal(owner, bytes_of_str(in->code))) {
            act_refuse(act, REFUSAL_DISTRICT_TAKEN, in->districts[i]);
            return false;
        }
    }
    return true;
}

void decide_territory_set(struct act *act)
{
    const Ctps__Territory *in = act->request->territory_set;
    Ctps__Territory *out;

    if (!check_given(act, is_given(in->code), "code") ||
        !check_given(act, is_given(in->name), "name"))
        return;
    if (strlen(in->code) >= TERRITORY_CODE_LEN) {
        act_refuse(act, REFUSAL_FIELD_TOO_LONG, "code");
        return;
    }
    if (!districts_check(act, in))
        return;
    if (in->n_districts == 0 || in->n_districts > 4)
        act_warn(act, "district_count_unusual");
    out = emit_territory_set(act);
    *out = *in;
    out->team = NULL;
    out->has_districts_unusual = 0;
}

static bool territories_check(struct act *act, char **codes, size_t count)
{
    if (count > PRINCIPAL_TERRITORIES_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "territories");
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!check_territory(act, codes[i]))
            return false;
    return true;
}

static bool habilitation_check(struct act *act, const Ctps__Agent *in)
{
    if (!check_given(act, is_given(in->habilitation_act), "habilitation_act") ||
        !check_day(act, in->has_habilitation_from_day, in->habilitation_from_day,
                   "habilitation_from_day") ||
        !check_day(act, in->has_habilitation_to_day, in->habilitation_to_day,
                   "habilitation_to_day"))
        return false;
    if (in->habilitation_to_day >= in->habilitation_from_day)
        return true;
    act_refuse(act, REFUSAL_DATE_ORDER, "habilitation_to_day");
    return false;
}

/* The id of an object being set: its own when it exists, else a new one; 0 when refused. */
static uint64_t set_id(struct act *act, bool has_id, uint64_t id, enum table table,
                       enum refusal unknown)
{
    if (!has_id || id == 0)
        return act_new_id(act);
    if (record_exists(act->tables, table, table_key_of_u64(id)))
        return id;
    act_refuse(act, unknown, "id");
    return 0;
}

/* How somebody is told, and in which language. */
static bool choice_check(struct act *act, const char *notify, const char *language)
{
    static const char *const choices[] = {"", "each", "digest", "none"};
    static const char *const languages[] = {"", "fr", "en"};

    if (!word_check(act, or_empty(notify), choices, sizeof(choices) / sizeof(choices[0]),
                    "notify"))
        return false;
    return word_check(act, or_empty(language), languages,
                      sizeof(languages) / sizeof(languages[0]), "language");
}

void decide_agent_set(struct act *act)
{
    const Ctps__Agent *in = act->request->agent_set;
    Ctps__Agent *out;
    uint64_t id;

    if (!check_given(act, is_given(in->last_name), "last_name") ||
        !check_list(act, "fonction", in->function, "function") ||
        !territories_check(act, in->territories, in->n_territories) ||
        !check_list_optional(act, "financeur", in->funder, "funder") ||
        !habilitation_check(act, in) || !posts_check(act, in) ||
        !choice_check(act, in->notify, in->language))
        return;
    if (agent_function_find(in->function) == FUNCTION_NONE) {
        act_refuse(act, REFUSAL_LIST_VALUE_UNKNOWN, "function");
        return;
    }
    id = set_id(act, in->has_id, in->id, TABLE_AGENT, REFUSAL_AGENT_UNKNOWN);
    if (!id)
        return;
    out = emit_agent_set(act);
    *out = *in;
    SET(out, id, id);
    habilitation_note(act, out);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_AGENT, id, NULL);
}

void decide_partner_set(struct act *act)
{
    const Ctps__Partner *in = act->request->partner_set;
    Ctps__Partner *out;
    uint64_t id;

    if (!check_given(act, is_given(in->name), "name") ||
        !check_list(act, "type_partenaire", in->kind, "kind") ||
        !territories_check(act, in->territories, in->n_territories))
        return;
    if (strcmp(or_empty(in->family), "institutionnel") != 0 &&
        strcmp(or_empty(in->family), "terrain") != 0) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "family");
        return;
    }
    id = set_id(act, in->has_id, in->id, TABLE_PARTNER, REFUSAL_PARTNER_UNKNOWN);
    if (!id)
        return;
    out = emit_partner_set(act);
    *out = *in;
    SET(out, id, id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_PARTNER, id, NULL);
}

void decide_contact_set(struct act *act)
{
    const Ctps__Contact *in = act->request->contact_set;
    Ctps__Contact *out;
    uint64_t id;

    if (!check_given(act, is_given(in->last_name), "last_name") ||
        !check_given(act, in->has_partner && in->partner, "partner") ||
        !check_partner(act, in->partner, "partner"))
        return;
    if (in->has_charter_day && !check_day_past(act, true, in->charter_day, "charter_day"))
        return;
    if (!choice_check(act, in->notify, in->language))
        return;
    id = set_id(act, in->has_id, in->id, TABLE_CONTACT, REFUSAL_ABSENT);
    if (!id)
        return;
    out = emit_contact_set(act);
    *out = *in;
    SET(out, id, id);
    charter_note(act, out);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_CONTACT, id, NULL);
}
