#include "domain/notice_private.h"

/* That the town's settings, or the keys, changed; how is read by those who may. */
void notice_settings_changed(const Ctps__Town *event, Ctps__Notice *out)
{
    (void)event;
    (void)out;
}

void notice_key_registered(const Ctps__Key *event, Ctps__Notice *out)
{
    (void)event;
    (void)out;
}

void notice_key_revoked(const Ctps__KeyRevoked *event, Ctps__Notice *out)
{
    (void)event;
    (void)out;
}

void notice_clock_alarm_raised(const Ctps__ClockAlarmRaised *event, Ctps__Notice *out)
{
    (void)event;
    (void)out;
}

void notice_clock_alarm_confirmed(const Ctps__ClockAlarmConfirmed *event, Ctps__Notice *out)
{
    (void)event;
    (void)out;
}

void notice_list_value_set(const Ctps__ListValue *event, Ctps__Notice *out)
{
    SET(out, kind, CTPS__OBJECT_KIND__OBJECT_LIST_VALUE);
    out->code = event->code;
}

void notice_territory_set(const Ctps__Territory *event, Ctps__Notice *out)
{
    SET(out, kind, CTPS__OBJECT_KIND__OBJECT_TERRITORY);
    out->territory = event->code;
}

void notice_agent_set(const Ctps__Agent *event, Ctps__Notice *out)
{
    OBJECT(out, AGENT, event->id);
    SET(out, day, event->habilitation_to_day);
}

void notice_partner_set(const Ctps__Partner *event, Ctps__Notice *out)
{
    OBJECT(out, PARTNER, event->id);
}

void notice_contact_set(const Ctps__Contact *event, Ctps__Notice *out)
{
    OBJECT(out, CONTACT, event->id);
}

void notice_delegation_granted(const Ctps__Delegation *event, Ctps__Notice *out)
{
    OBJECT(out, DELEGATION, event->id);
    out->territory = event->territory;
    SET(out, agent, event->to_agent);
    SET(out, day, event->from_day);
}

void notice_delegation_ended(const Ctps__DelegationEnded *event, Ctps__Notice *out)
{
    OBJECT(out, DELEGATION, event->id);
}

void notice_import_begun(const Ctps__ImportBegun *event, Ctps__Notice *out)
{
    OBJECT(out, IMPORT, event->id);
}

void notice_import_ended(const Ctps__ImportEnded *event, Ctps__Notice *out)
{
    OBJECT(out, IMPORT, event->id);
}

void notice_import_undo_begun(const Ctps__ImportUndoBegun *event, Ctps__Notice *out)
{
    OBJECT(out, IMPORT, event->id);
    SET(out, day, event->day);
}

void notice_import_undone(const Ctps__ImportUndone *event, Ctps__Notice *out)
{
    OBJECT(out, IMPORT, event->id);
}
