#include "domain/principal_load.h"

#include "domain/act.h"
#include "domain/people.h"
#include "domain/record.h"

static void code_copy(char out[TERRITORY_CODE_LEN], const char *code)
{
    size_t len = strnlen(code, TERRITORY_CODE_LEN - 1);

    memcpy(out, code, len);
    out[len] = '\0';
}

static struct principal_territory *
territory_add(struct principal *principal, const struct settings *settings, const char *code)
{
    struct principal_territory *territory;

    if (principal->territory_count == PRINCIPAL_TERRITORIES_MAX)
        return NULL;
    territory = &principal->territories[principal->territory_count++];
    *territory = (struct principal_territory){0};
    code_copy(territory->code, code);
    for (unsigned i = 0; i < settings->engaged_territory_count; i++)
        if (strcmp(settings->engaged_territories[i], code) == 0)
            territory->educator_reads_engaged_only = true;
    return territory;
}

struct delegated {
    struct principal *principal;
    const struct settings *settings;
    struct arena *arena;
    int32_t today;
};

static bool delegation_take(void *arg, struct bytes key, struct bytes value)
{
    struct delegated *delegated = arg;
    Ctps__Delegation *row = (Ctps__Delegation *)record_unpack(
        delegated->arena, &ctps__delegation__descriptor, value);
    struct principal_territory *territory;

    (void)key;
    if (!row || row->ended || row->to_day < delegated->today ||
        row->to_agent != delegated->principal->id)
        return true;
    territory =
        territory_add(delegated->principal, delegated->settings, or_empty(row->territory));
    if (!territory)
        return false;
    territory->delegated = true;
    territory->from_day = row->from_day;
    territory->to_day = row->to_day;
    return true;
}

static enum ctps_code agent_load(const struct tables *tables, struct arena *arena,
                                 const struct settings *settings, int32_t today,
                                 struct principal *principal)
{
    Ctps__Agent *agent = record_agent(tables, arena, principal->id);
    struct delegated delegated = {principal, settings, arena, today};

    if (!agent)
        return CTPS_ABSENT;
    principal->function = agent_function_find(or_empty(agent->function));
    habilitation_load(tables, arena, agent, today, principal);
    for (size_t i = 0; i < agent->n_territories; i++)
        territory_add(principal, settings, agent->territories[i]);
    tables->walk(tables->ctx, TABLE_DELEGATION, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                 delegation_take, &delegated);
    return CTPS_OK;
}

static enum ctps_code contact_load(const struct tables *tables, struct arena *arena,
                                   const struct settings *settings, int32_t today,
                                   struct principal *principal)
{
    Ctps__Contact *contact =
        (Ctps__Contact *)record_get(tables, TABLE_CONTACT, table_key_of_u64(principal->id),
                                    arena, &ctps__contact__descriptor);

    if (!contact)
        return CTPS_ABSENT;
    principal->partner = contact->partner;
    principal->contact_active = !contact->inactive;
    principal->charter_current = charter_is_current(contact, settings, today);
    return CTPS_OK;
}

/* Its machine speaks for the organisation, which somebody there must answer for. */
static enum ctps_code partner_load(const struct tables *tables, struct arena *arena,
                                   const struct settings *settings, int32_t today,
                                   struct principal *principal)
{
    if (!record_exists(tables, TABLE_PARTNER, table_key_of_u64(principal->id)))
        return CTPS_ABSENT;
    principal->partner = principal->id;
    principal->charter_current =
        partner_is_in_force(tables, arena, settings, principal->partner, today);
    return CTPS_OK;
}

static enum ctps_code plugin_load(const struct settings *settings, struct principal *principal)
{
    for (unsigned i = 0; i < settings->grant_count; i++) {
        const struct settings_grant *grant = &settings->grants[i];

        if (strcmp(grant->name, principal->name) != 0)
            continue;
        memcpy(principal->granted, grant->actions, sizeof(principal->granted));
        principal->audience_granted = grant->audience_plugins;
        principal->audience_audit_granted = grant->audience_audit;
    }
    return CTPS_OK;
}

enum ctps_code principal_load(const struct tables *tables, struct arena *arena,
                              const struct settings *settings, int32_t today,
                              const Ctps__Principal *named, struct principal *ret_principal)
{
    struct principal *principal = ret_principal;
    size_t len = strnlen(or_empty(named->name), PRINCIPAL_NAME_LEN - 1);

    *principal = (struct principal){.kind = (enum principal_kind)named->kind, .id = named->id};
    memcpy(principal->name, or_empty(named->name), len);
    switch (named->kind) {
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_OPERATOR:
        return CTPS_OK;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT:
        return agent_load(tables, arena, settings, today, principal);
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT:
        return contact_load(tables, arena, settings, today, principal);
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN:
        return plugin_load(settings, principal);
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_PARTNER:
        return partner_load(tables, arena, settings, today, principal);
    default:
        return CTPS_INVALID;
    }
}

struct coordinator {
    struct arena *arena;
    const char *territory;
    uint64_t id;
};

static bool coordinator_take(void *arg, struct bytes key, struct bytes value)
{
    struct coordinator *wanted = arg;
    Ctps__Agent *agent =
        (Ctps__Agent *)record_unpack(wanted->arena, &ctps__agent__descriptor, value);

    (void)key;
    if (!agent || agent_function_find(or_empty(agent->function)) != FUNCTION_COORDINATOR)
        return true;
    for (size_t i = 0; i < agent->n_territories; i++)
        if (strcmp(agent->territories[i], wanted->territory) == 0)
            wanted->id = agent->id;
    return wanted->id == 0;
}

uint64_t principal_coordinator_of(const struct tables *tables, struct arena *arena,
                                  const char *territory)
{
    struct coordinator wanted = {arena, or_empty(territory), 0};

    tables->walk(tables->ctx, TABLE_AGENT, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                 coordinator_take, &wanted);
    return wanted.id;
}
