/* The registers, and what of them stands in the rows of agents and contacts. */
#include "domain/apply_private.h"

static void habilitation_put(const struct apply *apply, uint64_t agent, uint64_t id,
                             const Ctps__HabilitationRecord *row)
{
    record_put(apply->tables, TABLE_HABILITATION, table_key_of_two(agent, id), apply->arena,
               &row->base);
}

static void agent_put(const struct apply *apply, const Ctps__Agent *agent)
{
    record_put(apply->tables, TABLE_AGENT, table_key_of_u64(agent->id), apply->arena,
               &agent->base);
}

void apply_habilitation_granted(const struct apply *apply,
                                const Ctps__HabilitationGranted *event)
{
    Ctps__Agent *agent = record_agent(apply->tables, apply->arena, event->agent);
    Ctps__HabilitationGranted granted = *event;
    Ctps__HabilitationRecord row = CTPS__HABILITATION_RECORD__INIT;

    row.granted = &granted;
    habilitation_put(apply, event->agent, event->id, &row);
    if (!agent)
        return;
    agent->habilitation_act = event->act;
    SET(agent, habilitation_from_day, event->from_day);
    SET(agent, habilitation_to_day, event->to_day);
    agent_put(apply, agent);
}

void apply_habilitation_withdrawn(const struct apply *apply,
                                  const Ctps__HabilitationWithdrawn *event)
{
    Ctps__Agent *agent = record_agent(apply->tables, apply->arena, event->agent);
    Ctps__HabilitationWithdrawn withdrawn = *event;
    Ctps__HabilitationRecord row = CTPS__HABILITATION_RECORD__INIT;

    row.withdrawn = &withdrawn;
    habilitation_put(apply, event->agent, event->id, &row);
    if (!agent || agent->habilitation_to_day < event->day)
        return;
    SET(agent, habilitation_to_day, event->day - 1);
    agent_put(apply, agent);
}

/* A signature found later and made earlier takes nothing from a newer one. */
void apply_charter_signed(const struct apply *apply, const Ctps__CharterSigned *event)
{
    struct table_key key = table_key_of_u64(event->contact);
    Ctps__Contact *contact = (Ctps__Contact *)record_get(
        apply->tables, TABLE_CONTACT, key, apply->arena, &ctps__contact__descriptor);

    record_put(apply->tables, TABLE_CHARTER, table_key_of_two(event->contact, event->id),
               apply->arena, &event->base);
    if (!contact || (contact->has_charter_day && contact->charter_day > event->day))
        return;
    contact->charter_version = event->version;
    SET(contact, charter_day, event->day);
    record_put(apply->tables, TABLE_CONTACT, key, apply->arena, &contact->base);
}
