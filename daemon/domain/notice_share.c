#include "domain/notice_private.h"

/* How long and under which law; to whom is read by those who may. */
void notice_information_shared(const Ctps__InformationShared *event, Ctps__Notice *out)
{
    OBJECT(out, SHARE, event->id);
    OTHER(out, SITUATION, event->situation);
    out->code = event->legal_base;
    SET(out, day, event->expiry_day);
    SET(out, agent, event->by_agent);
}

void notice_information_revoked(const Ctps__InformationRevoked *event, Ctps__Notice *out)
{
    OBJECT(out, SHARE, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
    SET(out, agent, event->by_agent);
}

void notice_information_acknowledged(const Ctps__InformationAcknowledged *event,
                                     Ctps__Notice *out)
{
    OBJECT(out, SHARE, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
}

/* Told at once to the head and the DPO; the reason stays sealed. */
void notice_break_glass_used(const Ctps__BreakGlassUsed *event, Ctps__Notice *out)
{
    OBJECT(out, BREAK_GLASS, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
    SET(out, agent, event->agent);
}

void notice_information_rectified(const Ctps__InformationRectified *event, Ctps__Notice *out)
{
    OBJECT(out, SHARE, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
}

void notice_information_erased(const Ctps__InformationErased *event, Ctps__Notice *out)
{
    OBJECT(out, SHARE, event->id);
    OTHER(out, SITUATION, event->situation);
    SET(out, day, event->day);
}
