/* What holds a situation back, and what moves it: a restriction, a merge, a territory lent. */
#include "year.h"

void territory_lend(struct year *year)
{
    int32_t from = year_today(year) + (int32_t)year_draw(year, 10);
    int32_t to = from + (int32_t)year_draw(year, 30);
    struct thing *thing;
    TOWN_REQUEST(request, DELEGATION_GRANT, DelegationGrant, DELEGATION_GRANT,
                 delegation_grant);

    request_body.territory = town_text("T1");
    SET(&request_body, to_agent, year->town.agents[TOWN_NEIGHBOUR]);
    SET(&request_body, from_day, from);
    SET(&request_body, to_day, to);
    thing = year_thing_add(year, LENT, year_made_by(year, TOWN_HEAD, &request));
    if (thing)
        year_say(year, "lent %llu a%llu %d %d", (unsigned long long)thing->id,
                 (unsigned long long)year->town.agents[TOWN_NEIGHBOUR], from, to);
}

void territory_return(struct year *year)
{
    struct thing *thing = year_thing_pick(year, LENT);
    TOWN_REQUEST(request, DELEGATION_END, DelegationEnd, DELEGATION_END, delegation_end);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    if (year_done_by(year, TOWN_HEAD, &request))
        year_say(year, "returned %llu", (unsigned long long)thing->id);
    year_thing_drop(year, thing); /* also when it was over by itself */
}

void situation_restrict(struct year *year)
{
    enum thing_kind kind = year_chance(year, 2) ? CLOSED : SITUATION;
    struct thing *thing = year_thing_pick(year, kind);
    TOWN_REQUEST(request, SITUATION_RESTRICT, SituationRestrict, SITUATION_RESTRICT,
                 situation_restrict);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.reason = town_text("contested");
    if (!year_done_by(year, TOWN_HEAD, &request)) {
        year_thing_drop(year, thing); /* erased meanwhile */
        return;
    }
    thing->kind = RESTRICTED;
    thing->before = kind;
    year_say(year, "restricted %llu", (unsigned long long)thing->id);
}

void situation_lift(struct year *year)
{
    struct thing *thing = year_thing_pick(year, RESTRICTED);
    TOWN_REQUEST(request, SITUATION_LIFT, SituationLift, SITUATION_LIFT, situation_lift);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.reason = town_text("settled");
    if (!year_done_by(year, TOWN_HEAD, &request))
        abort();
    thing->kind = thing->before;
    year_say(year, "lifted %llu", (unsigned long long)thing->id);
}

/* Two that are followed; life.c says which one ended. */
void situation_merge(struct year *year)
{
    const struct thing *one = year_thing_pick(year, SITUATION);
    const struct thing *other = year_thing_pick(year, SITUATION);
    TOWN_REQUEST(request, DUPLICATE_DECIDE, DuplicateDecide, DUPLICATE_DECIDE,
                 duplicate_decide);

    if (!one || one == other)
        return;
    SET(&request_body, a, one->saisine);
    SET(&request_body, b, other->saisine);
    request_body.outcome = town_text("merge");
    year_done_by(year, TOWN_COORDINATOR, &request);
}

void situation_unmerge(struct year *year)
{
    struct thing *thing = year_thing_pick(year, MERGED);
    TOWN_REQUEST(request, SITUATION_UNMERGE, SituationUnmerge, SITUATION_UNMERGE,
                 situation_unmerge);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.text = town_text("two after all");
    year_done_by(year, TOWN_COORDINATOR, &request);
}
