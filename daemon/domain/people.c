#include "domain/people.h"

#include "base/civil.h"
#include "domain/check.h"
#include "domain/record.h"
#include "domain/rows.h"

static void withdrawal_take(struct habilitation *periods, size_t count,
                            const Ctps__HabilitationWithdrawn *withdrawn)
{
    for (size_t i = 0; i < count; i++)
        if (!periods[i].replaced && periods[i].to_day >= withdrawn->day) {
            periods[i].withdrawn = withdrawn;
            periods[i].to_day = withdrawn->day - 1;
        }
}

struct habilitation *habilitations_of(const struct tables *tables, struct arena *arena,
                                      uint64_t agent, size_t *ret_count)
{
    struct table_key prefix = table_key_of_u64(agent);
    struct rows rows = rows_read(tables, arena, TABLE_HABILITATION, table_key_bytes(&prefix),
                                 &ctps__habilitation_record__descriptor);
    struct habilitation *periods = arena_alloc(arena, (rows.count + 1) * sizeof(*periods));
    size_t count = 0;

    *ret_count = 0;
    for (size_t i = 0; periods && i < rows.count; i++) {
        const Ctps__HabilitationRecord *row = (Ctps__HabilitationRecord *)rows.list[i];

        if (row->withdrawn)
            withdrawal_take(periods, count, row->withdrawn);
        if (!row->granted)
            continue;
        for (size_t j = 0; row->granted->replaces && j < count; j++)
            periods[j].replaced = true;
        periods[count++] =
            (struct habilitation){.granted = row->granted, .to_day = row->granted->to_day};
    }
    *ret_count = count;
    return count ? periods : NULL;
}

bool habilitation_covers(const struct habilitation *period, int32_t day)
{
    return !period->replaced && period->granted->from_day <= day && day <= period->to_day;
}

int32_t people_expiring_horizon(const struct act *act)
{
    return act->today + act->settings->expiring_days;
}

bool habilitation_is_expiring(const struct habilitation *periods, size_t count, size_t at,
                              int32_t today, int32_t horizon)
{
    int32_t last = periods[at].to_day;

    if (!habilitation_covers(&periods[at], today) || last > horizon)
        return false;
    for (size_t i = 0; i < count; i++)
        if (habilitation_covers(&periods[i], last + 1))
            return false;
    return true;
}

bool habilitation_expires(const struct act *act, const Ctps__Agent *agent, int32_t *ret_last)
{
    size_t count;
    const struct habilitation *periods =
        habilitations_of(act->tables, act->arena, agent->id, &count);

    for (size_t i = 0; i < count; i++)
        if (habilitation_is_expiring(periods, count, i, act->today,
                                     people_expiring_horizon(act))) {
            *ret_last = periods[i].to_day;
            return true;
        }
    return false;
}

bool habilitation_ends(const struct act *act, uint64_t agent, int32_t *ret_last)
{
    size_t count;
    const struct habilitation *periods =
        habilitations_of(act->tables, act->arena, agent, &count);
    const struct habilitation *last = NULL;

    for (size_t i = 0; i < count; i++)
        if (!periods[i].replaced && periods[i].granted->from_day <= act->today &&
            (!last || periods[i].to_day > last->to_day))
            last = &periods[i];
    if (!last || last->withdrawn)
        return false;
    for (size_t i = 0; i < count; i++)
        if (habilitation_covers(&periods[i], last->to_day + 1))
            return false;
    *ret_last = last->to_day;
    return true;
}

/* The agent's own row holds the newest act: only when it is not in force is the register asked
 * for an older one that still is, so that a renewal granted ahead locks nobody out. */
void habilitation_load(const struct tables *tables, struct arena *arena,
                       const Ctps__Agent *agent, int32_t today, struct principal *principal)
{
    struct habilitation *periods;
    size_t count;

    principal->habilitation_from_day = agent->habilitation_from_day;
    principal->habilitation_to_day = agent->habilitation_to_day;
    if (agent->habilitation_from_day <= today && today <= agent->habilitation_to_day)
        return;
    periods = habilitations_of(tables, arena, agent->id, &count);
    for (size_t i = 0; i < count; i++)
        if (habilitation_covers(&periods[i], today)) {
            principal->habilitation_from_day = periods[i].granted->from_day;
            principal->habilitation_to_day = periods[i].to_day;
        }
}

void habilitation_note(struct act *act, const Ctps__Agent *set)
{
    const Ctps__Agent *before = record_agent(act->tables, act->arena, set->id);
    Ctps__HabilitationGranted *out;
    uint64_t id;

    if (before && before->habilitation_from_day == set->habilitation_from_day &&
        before->habilitation_to_day == set->habilitation_to_day &&
        strcmp(or_empty(before->habilitation_act), or_empty(set->habilitation_act)) == 0)
        return;
    id = act_new_id(act);
    out = emit_habilitation_granted(act);
    SET(out, id, id);
    SET(out, agent, set->id);
    out->act = set->habilitation_act;
    SET(out, from_day, set->habilitation_from_day);
    SET(out, to_day, set->habilitation_to_day);
    SET(out, replaces, 1);
    SET(out, by_agent, act->who->id);
    SET(out, day, act->today);
}

int32_t charter_last_day(int32_t day, const struct settings *settings)
{
    return civil_add_months(day, 12 * settings->charter_years) - 1;
}

bool charter_is_current(const Ctps__Contact *contact, const struct settings *settings,
                        int32_t today)
{
    return strcmp(or_empty(contact->charter_version), settings->charter_version) == 0 &&
           contact->has_charter_day && contact->charter_day <= today &&
           charter_last_day(contact->charter_day, settings) >= today;
}

struct force {
    struct arena *arena;
    const struct settings *settings;
    uint64_t partner;
    int32_t today;
    bool found;
};

static bool contact_look(void *arg, struct bytes key, struct bytes value)
{
    struct force *force = arg;
    const Ctps__Contact *contact =
        (Ctps__Contact *)record_unpack(force->arena, &ctps__contact__descriptor, value);

    (void)key;
    force->found = contact && contact->partner == force->partner && !contact->inactive &&
                   charter_is_current(contact, force->settings, force->today);
    return !force->found;
}

bool partner_is_in_force(const struct tables *tables, struct arena *arena,
                         const struct settings *settings, uint64_t partner, int32_t today)
{
    struct force force = {arena, settings, partner, today, false};

    tables->walk(tables->ctx, TABLE_CONTACT, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                 contact_look, &force);
    return force.found;
}

void charter_note(struct act *act, const Ctps__Contact *set)
{
    const Ctps__Contact *before =
        (Ctps__Contact *)record_get(act->tables, TABLE_CONTACT, table_key_of_u64(set->id),
                                    act->arena, &ctps__contact__descriptor);
    Ctps__CharterSigned *out;
    uint64_t id;

    if (!set->has_charter_day || !is_given(set->charter_version))
        return;
    if (before && before->has_charter_day && before->charter_day == set->charter_day &&
        strcmp(or_empty(before->charter_version), set->charter_version) == 0)
        return;
    id = act_new_id(act);
    out = emit_charter_signed(act);
    SET(out, id, id);
    SET(out, contact, set->id);
    out->version = set->charter_version;
    SET(out, day, set->charter_day);
    SET(out, by_agent, act->who->id);
}

/* Share of full time on a day, in hundredths. */
static uint32_t share_on(const Ctps__Agent *agent, int32_t day)
{
    uint32_t share = 0;

    for (size_t i = 0; i < agent->n_posts; i++)
        if (agent->posts[i]->from_day <= day &&
            (!agent->posts[i]->has_to_day || agent->posts[i]->to_day >= day))
            share += agent->posts[i]->fte_centi;
    return share;
}

static bool post_check(struct act *act, const Ctps__AgentPost *post)
{
    if (!check_given(act, post->has_fte_centi && post->fte_centi > 0, "fte_centi") ||
        !check_list(act, "financeur", post->funder, "funder") ||
        !check_day(act, post->has_from_day, post->from_day, "from_day"))
        return false;
    if (!post->has_to_day ||
        (check_day(act, true, post->to_day, "to_day") && post->to_day >= post->from_day))
        return true;
    act_refuse(act, REFUSAL_DATE_ORDER, "to_day");
    return false;
}

bool posts_check(struct act *act, const Ctps__Agent *in)
{
    for (size_t i = 0; i < in->n_posts; i++)
        if (!post_check(act, in->posts[i]))
            return false;
    /* The share can only grow where a post begins. */
    for (size_t i = 0; i < in->n_posts; i++)
        if (share_on(in, in->posts[i]->from_day) > 100) {
            act_refuse(act, REFUSAL_FIELD_RANGE, "fte_centi");
            return false;
        }
    return true;
}

static bool works_in(const struct act *act, const Ctps__Agent *agent, const char *territory)
{
    struct principal principal = {0};

    habilitation_load(act->tables, act->arena, agent, act->today, &principal);
    if (!principal_is_habilitated(&principal, act->today))
        return false;
    for (size_t i = 0; i < agent->n_territories; i++)
        if (strcmp(agent->territories[i], territory) == 0)
            return true;
    return false;
}

static const char *team_of(const struct act *act, const struct rows *agents,
                           const char *territory)
{
    bool found[FUNCTION_COUNT] = {false};

    for (size_t i = 0; i < agents->count; i++) {
        const Ctps__Agent *agent = (const Ctps__Agent *)agents->list[i];

        if (works_in(act, agent, territory))
            found[agent_function_find(or_empty(agent->function))] = true;
    }
    if (!found[FUNCTION_COORDINATOR])
        return "none";
    return found[FUNCTION_EDUCATOR] ? "binome" : "monome";
}

void territories_describe(struct act *act, Ctps__Territory **territories, size_t count)
{
    struct rows agents = rows_read(act->tables, act->arena, TABLE_AGENT, bytes_of(NULL, 0),
                                   &ctps__agent__descriptor);

    act->exhausted = act->exhausted || agents.failed;
    for (size_t i = 0; i < count; i++) {
        Ctps__Territory *territory = territories[i];

        territory->team = act_text(act, team_of(act, &agents, or_empty(territory->code)));
        SET(territory, districts_unusual,
            territory->n_districts == 0 || territory->n_districts > 4);
    }
}
