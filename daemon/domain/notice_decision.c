#include "domain/notice_private.h"

void notice_decision_taken(const Ctps__DecisionTaken *event, Ctps__Notice *out)
{
    OBJECT(out, DECISION, event->id);
    out->territory = event->territory;
    out->code = event->verb;
    SET(out, day, event->due_day);
    if (event->agent)
        SET(out, agent, event->agent);
    if (event->meeting)
        OTHER(out, MEETING, event->meeting);
    else
        OTHER(out, SITUATION, event->situation);
}

void notice_decision_completed(const Ctps__DecisionCompleted *event, Ctps__Notice *out)
{
    OBJECT(out, DECISION, event->id);
    out->code = event->result;
    SET(out, day, event->day);
    if (event->by_agent)
        SET(out, agent, event->by_agent);
}
