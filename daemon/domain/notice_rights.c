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

void notice_situation_rekeyed(const Ctps__SituationRekeyed *event, Ctps__Notice *out)
{
    OBJECT(out, SITUATION, event->id);
    SET(out, day, event->day);
    SET(out, agent, event->by_agent);
}

/* Who asks, and about whom, is not said: a number, a kind and a term. */
void notice_rights_opened(const Ctps__RightsOpened *event, Ctps__Notice *out)
{
    OBJECT(out, RIGHTS_REQUEST, event->id);
    out->reference = event->number;
    out->territory = event->territory;
    out->code = event->kind;
    SET(out, day, event->due_day);
}

void notice_rights_extended(const Ctps__RightsExtended *event, Ctps__Notice *out)
{
    OBJECT(out, RIGHTS_REQUEST, event->id);
    SET(out, day, event->due_day);
}

void notice_rights_answered(const Ctps__RightsAnswered *event, Ctps__Notice *out)
{
    OBJECT(out, RIGHTS_REQUEST, event->id);
    out->code = event->outcome;
    SET(out, day, event->day);
}

void notice_export_made(const Ctps__ExportMade *event, Ctps__Notice *out)
{
    SET(out, kind, event->kind);
    SET(out, id, event->id);
    SET(out, day, event->day);
    SET(out, agent, event->by_agent);
}
