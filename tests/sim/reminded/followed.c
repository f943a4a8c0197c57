/* Saisines, situations, their decisions, and requests of persons. */
#include "year.h"

void decision_take(struct year *year)
{
    const struct thing *situation = year_thing_pick(year, SITUATION);
    bool to_contact = year_chance(year, 3);
    uint64_t who = to_contact ? year->contacts[0] : year->town.agents[TOWN_EDUCATOR];
    int32_t due = year_today(year) + 1 + (int32_t)year_draw(year, 40);
    uint64_t id;
    TOWN_REQUEST(request, DECISION_TAKE, DecisionTake, DECISION_TAKE, decision_take);

    if (!situation)
        return;
    SET(&request_body, situation, situation->id);
    request_body.verb = town_text("contacter");
    SET(&request_body, due_day, due);
    if (to_contact)
        SET(&request_body, contact, who);
    else
        SET(&request_body, agent, who);
    id = year_made_by(year, TOWN_COORDINATOR, &request);
    if (!year_thing_add(year, DECISION, id))
        return;
    year_say(year, "decision %llu %d %c%llu %llu", (unsigned long long)id, due,
             to_contact ? 'c' : 'a', (unsigned long long)who,
             (unsigned long long)situation->id);
}

void decision_complete(struct year *year)
{
    struct thing *thing = year_thing_pick(year, DECISION);
    TOWN_REQUEST(request, DECISION_COMPLETE, DecisionComplete, DECISION_COMPLETE,
                 decision_complete);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.result = town_text("realisee");
    if (!year_done_by(year, TOWN_COORDINATOR, &request))
        return;
    year_say(year, "gone decision %llu", (unsigned long long)thing->id);
    year_thing_drop(year, thing);
}

void saisine_receive(struct year *year)
{
    Ctps__SaisineReceive body;
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    Ctps__Request request = CTPS__REQUEST__INIT;
    int32_t day = year_today(year) - (int32_t)year_draw(year, 4);
    uint64_t id;

    town_saisine(&body, &person, persons, &identity, day, "Nobody");
    body.n_persons = 0;
    request.command_case = CTPS__REQUEST__COMMAND_SAISINE_RECEIVE;
    request.saisine_receive = &body;
    id = year_made_by(year, TOWN_COORDINATOR, &request);
    if (year_thing_add(year, SAISINE, id))
        year_say(year, "saisine %llu %d", (unsigned long long)id, day);
}

void saisine_answer(struct year *year)
{
    struct thing *thing = year_thing_pick(year, SAISINE);
    uint64_t saisine = thing ? thing->id : 0;
    uint64_t id;
    TOWN_REQUEST(request, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);

    if (!thing)
        return;
    SET(&request_body, id, saisine);
    request_body.term = town_text("court");
    SET(&request_body, lead_agent, year->town.agents[TOWN_EDUCATOR]);
    id = year_made_by(year, TOWN_COORDINATOR, &request);
    if (!id)
        return;
    thing->kind = SITUATION;
    thing->id = id;
    thing->informed = false;
    year_say(year, "gone saisine %llu", (unsigned long long)saisine);
    thing->saisine = saisine;
    year_say(year, "situation %llu %d a%llu", (unsigned long long)id, year_today(year),
             (unsigned long long)year->town.agents[TOWN_EDUCATOR]);
}

void situation_entry(struct year *year)
{
    struct thing *thing = year_thing_pick(year, SITUATION);
    TOWN_REQUEST(request, SITUATION_ADD_ENTRY, SituationAddEntry, SITUATION_ADD_ENTRY,
                 situation_add_entry);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.kind = town_text("entretien");
    SET(&request_body, day, year_today(year));
    if (year_done_by(year, TOWN_COORDINATOR, &request))
        year_say(year, "entry %llu %d", (unsigned long long)thing->id, year_today(year));
}

void situation_review(struct year *year)
{
    struct thing *thing = year_thing_pick(year, SITUATION);
    int32_t next = year_today(year) + 20 + (int32_t)year_draw(year, 60);
    TOWN_REQUEST(request, SITUATION_REVIEW, SituationReview, SITUATION_REVIEW,
                 situation_review);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    SET(&request_body, day, year_today(year));
    request_body.evolution = town_text("stable");
    SET(&request_body, next_review_day, next);
    if (year_done_by(year, TOWN_COORDINATOR, &request))
        year_say(year, "reviewed %llu %d", (unsigned long long)thing->id, next);
}

void situation_inform(struct year *year)
{
    struct thing *thing = year_thing_pick(year, SITUATION);
    TOWN_REQUEST(request, SITUATION_INFORM, SituationInform, SITUATION_INFORM,
                 situation_inform);

    if (!thing || thing->informed)
        return;
    SET(&request_body, id, thing->id);
    SET(&request_body, day, year_today(year));
    request_body.means = town_text("courrier");
    if (!year_done_by(year, TOWN_COORDINATOR, &request))
        return;
    thing->informed = true;
    year_say(year, "gone not_informed %llu", (unsigned long long)thing->id);
}

void situation_close(struct year *year)
{
    struct thing *thing = year_thing_pick(year, SITUATION);
    TOWN_REQUEST(request, SITUATION_CLOSE, SituationClose, SITUATION_CLOSE, situation_close);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    SET(&request_body, day, year_today(year));
    request_body.motive = town_text("fin_suivi");
    if (!year_done_by(year, TOWN_COORDINATOR, &request))
        return;
    year_say(year, "closed %llu", (unsigned long long)thing->id);
    thing->kind = CLOSED;
}

void rights_open(struct year *year)
{
    int32_t day = year_today(year) - (int32_t)year_draw(year, 3);
    uint64_t id;
    TOWN_REQUEST(request, RIGHTS_OPEN, RightsOpen, RIGHTS_OPEN, rights_open);

    request_body.kind = town_text("access");
    SET(&request_body, received_day, day);
    request_body.territory = town_text("T1");
    request_body.name = town_text("Nobody");
    id = year_made_by(year, TOWN_COORDINATOR, &request);
    if (year_thing_add(year, RIGHTS, id))
        year_say(year, "rights %llu %d", (unsigned long long)id, day);
}

void rights_answer(struct year *year)
{
    struct thing *thing = year_thing_pick(year, RIGHTS);
    TOWN_REQUEST(request, RIGHTS_ANSWER, RightsAnswer, RIGHTS_ANSWER, rights_answer);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.outcome = town_text("nothing_held");
    if (!year_done_by(year, TOWN_COORDINATOR, &request))
        return;
    year_say(year, "gone rights %llu", (unsigned long long)thing->id);
    year_thing_drop(year, thing);
}
