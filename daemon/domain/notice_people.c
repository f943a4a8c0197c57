#include "domain/notice_private.h"

void notice_habilitation_granted(const Ctps__HabilitationGranted *event, Ctps__Notice *out)
{
    OBJECT(out, HABILITATION, event->id);
    SET(out, agent, event->agent);
    SET(out, day, event->to_day);
}

void notice_habilitation_withdrawn(const Ctps__HabilitationWithdrawn *event, Ctps__Notice *out)
{
    OBJECT(out, HABILITATION, event->id);
    SET(out, agent, event->agent);
    SET(out, day, event->day);
}

void notice_charter_signed(const Ctps__CharterSigned *event, Ctps__Notice *out)
{
    OBJECT(out, CHARTER, event->id);
    OTHER(out, CONTACT, event->contact);
    SET(out, day, event->day);
}
