#include "domain/notice_private.h"

void notice_situation_restricted(const Ctps__SituationRestricted *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->day);
    SET(out, agent, event->by_agent);
}

void notice_situation_restriction_lifted(const Ctps__SituationRestrictionLifted *event,
                                         Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->day);
    SET(out, agent, event->by_agent);
}
