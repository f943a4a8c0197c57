#include "domain/attendance.h"

#include "domain/check.h"
#include "domain/engagement.h"
#include "domain/instance.h"
#include "domain/principal_load.h"
#include "domain/record.h"

static bool attends(const struct sitting *sitting, const char *word)
{
    return strcmp(or_empty(sitting->instance->attendance), word) == 0;
}

static bool refuse_person(struct act *act, enum refusal refusal, const char *kind, uint64_t id)
{
    char *detail = arena_printf(act->arena, "%s %llu", kind, (unsigned long long)id);

    act_refuse(act, refusal, detail ? detail : kind);
    return false;
}

bool attendance_is_same(const Ctps__Attendee *one, const Ctps__Attendee *other)
{
    return one->agent == other->agent && one->contact == other->contact;
}

bool attendance_has(Ctps__Attendee *const *list, size_t count, const Ctps__Attendee *attendee)
{
    for (size_t i = 0; i < count; i++)
        if (attendance_is_same(list[i], attendee))
            return true;
    return false;
}

static bool person_load(struct act *act, int32_t day, Ctps__PrincipalKind kind, uint64_t id,
                        struct principal *ret_person)
{
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;

    SET(&named, kind, kind);
    SET(&named, id, id);
    return principal_load(act->tables, act->arena, act->settings, day, &named, ret_person) ==
           CTPS_OK;
}

/* --- agents --- */

static bool holds_territory(const struct principal *agent, const char *code, int32_t today)
{
    for (unsigned i = 0; i < agent->territory_count; i++) {
        const struct principal_territory *held = &agent->territories[i];

        if (strcmp(held->code, code) == 0 &&
            (!held->delegated || (today >= held->from_day && today <= held->to_day)))
            return true;
    }
    return false;
}

static bool agent_covers(const struct principal *agent, const char *code, int32_t today)
{
    return agent->function == FUNCTION_HEAD || holds_territory(agent, or_empty(code), today);
}

bool attendance_covers(struct act *act, uint64_t agent, const char *code)
{
    struct principal person;

    return person_load(act, act->today, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, agent,
                       &person) &&
           agent_covers(&person, code, act->today);
}

/* Whoever the policy never lets read names does not hear them in a meeting either. */
static bool function_may_hear(const struct principal *agent)
{
    return agent->function == FUNCTION_COORDINATOR || agent->function == FUNCTION_EDUCATOR ||
           agent->function == FUNCTION_HEAD;
}

/* In a meeting of agents, whoever comes must be entitled to what is already put down. */
static bool covers_agenda(struct act *act, const struct sitting *sitting,
                          const struct principal *agent)
{
    for (size_t i = 0; i < sitting->agenda_count; i++) {
        const Ctps__AgendaItem *item = sitting->agenda[i];
        Ctps__SituationRecord *situation =
            item->nominative ? record_situation(act->tables, act->arena, item->situation)
                             : NULL;

        if (situation && !agent_covers(agent, situation->territory, sitting->day))
            return false;
    }
    return true;
}

/* The territory's coordinator is the one CASF L121-6-2 designates. */
static bool agent_is_engaged(struct act *act, const struct sitting *sitting,
                             const struct principal *agent)
{
    const Ctps__SituationRecord *situation = sitting->situation;

    return !situation ||
           (agent->function == FUNCTION_COORDINATOR &&
            holds_territory(agent, or_empty(situation->territory), sitting->day)) ||
           engagement_is_on(act, situation, CTPS__OBJECT_KIND__OBJECT_AGENT, agent->id);
}

static enum refusal agent_refusal(struct act *act, const struct sitting *sitting,
                                  const struct principal *agent)
{
    bool territorial =
        attends(sitting, ATTEND_TERRITORY) || attends(sitting, ATTEND_RESTRICTED);

    if (!principal_is_habilitated(agent, sitting->day))
        return REFUSAL_AGENT_NOT_HABILITATED;
    if (!instance_is_nominative(sitting->instance))
        return REFUSAL_NONE;
    if (!function_may_hear(agent))
        return REFUSAL_AGENT_NEVER_NOMINATIVE;
    if (territorial && is_given(sitting->territory) &&
        !agent_covers(agent, sitting->territory, sitting->day))
        return REFUSAL_AGENT_OTHER_TERRITORY;
    if (attends(sitting, ATTEND_ENGAGED) && !agent_is_engaged(act, sitting, agent))
        return REFUSAL_NOT_ENGAGED_ON_SITUATION;
    if (!covers_agenda(act, sitting, agent))
        return REFUSAL_SITUATION_OUT_OF_SCOPE;
    return REFUSAL_NONE;
}

static bool agent_check(struct act *act, const struct sitting *sitting, uint64_t id)
{
    struct principal agent;
    enum refusal refusal = REFUSAL_AGENT_UNKNOWN;

    if (person_load(act, sitting->day, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, id, &agent))
        refusal = agent_refusal(act, sitting, &agent);
    return refusal == REFUSAL_NONE || refuse_person(act, refusal, "agent", id);
}

/* --- contacts --- */

/* A partner without territories works in the whole town. */
static bool partner_covers(const Ctps__Partner *partner, const char *code)
{
    if (!is_given(code) || partner->n_territories == 0)
        return true;
    for (size_t i = 0; i < partner->n_territories; i++)
        if (strcmp(partner->territories[i], code) == 0)
            return true;
    return false;
}

static enum refusal partner_refusal(struct act *act, const struct sitting *sitting,
                                    const Ctps__Partner *partner, uint64_t contact)
{
    if (attends(sitting, ATTEND_AGENTS))
        return REFUSAL_PARTNER_AGENTS_ONLY;
    if (attends(sitting, ATTEND_INSTITUTIONAL) &&
        strcmp(or_empty(partner->family), "institutionnel") != 0)
        return REFUSAL_PARTNER_NOT_INSTITUTIONAL;
    if ((attends(sitting, ATTEND_TERRITORY) || attends(sitting, ATTEND_RESTRICTED)) &&
        !partner_covers(partner, sitting->territory))
        return REFUSAL_PARTNER_OTHER_TERRITORY;
    if (attends(sitting, ATTEND_ENGAGED) && sitting->situation &&
        !engagement_is_on(act, sitting->situation, CTPS__OBJECT_KIND__OBJECT_CONTACT, contact))
        return REFUSAL_NOT_ENGAGED_ON_SITUATION;
    return REFUSAL_NONE;
}

static enum refusal contact_refusal(struct act *act, const struct sitting *sitting,
                                    const struct principal *contact)
{
    Ctps__Partner *partner = record_partner(act->tables, act->arena, contact->partner);

    if (!contact->contact_active)
        return REFUSAL_CONTACT_INACTIVE;
    if (!partner)
        return REFUSAL_PARTNER_UNKNOWN;
    if (sitting->instance->charter_required && !contact->charter_current)
        return REFUSAL_CHARTER_NOT_CURRENT;
    return partner_refusal(act, sitting, partner, contact->id);
}

static bool contact_check(struct act *act, const struct sitting *sitting, uint64_t id)
{
    struct principal contact;
    enum refusal refusal = REFUSAL_CONTACT_UNKNOWN;

    if (person_load(act, sitting->day, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT, id, &contact))
        refusal = contact_refusal(act, sitting, &contact);
    return refusal == REFUSAL_NONE || refuse_person(act, refusal, "contact", id);
}

/* --- all of them --- */

bool attendance_check(struct act *act, const struct sitting *sitting,
                      const Ctps__Attendee *attendee)
{
    return attendee->agent ? agent_check(act, sitting, attendee->agent)
                           : contact_check(act, sitting, attendee->contact);
}

/* Beside the agents one person comes from outside: the supervisor. */
bool attendance_check_together(struct act *act, const struct sitting *sitting,
                               Ctps__Attendee *const *attendees, size_t count)
{
    uint64_t second = 0;
    unsigned outside = 0;

    if (!attends(sitting, ATTEND_SUPERVISED))
        return true;
    for (size_t i = 0; i < count; i++)
        if (attendees[i]->contact && ++outside > 1)
            second = attendees[i]->contact;
    return !second || refuse_person(act, REFUSAL_SUPERVISOR_ONE, "contact", second);
}

bool attendance_check_all(struct act *act, const struct sitting *sitting,
                          Ctps__Attendee *const *attendees, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!attendance_check(act, sitting, attendees[i]))
            return false;
    return attendance_check_together(act, sitting, attendees, count);
}

static bool attendee_add(struct act *act, Ctps__Attendee **list, size_t count, uint64_t agent,
                         uint64_t contact)
{
    Ctps__Attendee *attendee = act_alloc(act, sizeof(*attendee));

    ctps__attendee__init(attendee);
    if (agent)
        SET(attendee, agent, agent);
    else
        SET(attendee, contact, contact);
    if (attendance_has(list, count, attendee)) {
        refuse_person(act, REFUSAL_EXISTS, agent ? "agent" : "contact",
                      agent ? agent : contact);
        return false;
    }
    list[count] = attendee;
    return true;
}

Ctps__Attendee **attendance_make(struct act *act, const uint64_t *agents, size_t agent_count,
                                 const uint64_t *contacts, size_t contact_count)
{
    Ctps__Attendee **list = arena_alloc(act->arena, (ATTENDEES_MAX + 1) * sizeof(list[0]));

    if (!list) {
        act->exhausted = true;
        return NULL;
    }
    if (agent_count + contact_count > ATTENDEES_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "attendees");
        return NULL;
    }
    for (size_t i = 0; i < agent_count; i++)
        if (!attendee_add(act, list, i, agents[i], 0))
            return NULL;
    for (size_t i = 0; i < contact_count; i++)
        if (!attendee_add(act, list, agent_count + i, 0, contacts[i]))
            return NULL;
    return list;
}
