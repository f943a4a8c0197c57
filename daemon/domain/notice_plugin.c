#include "domain/notice_private.h"

void notice_dead_letter_added(const Ctps__DeadLetter *event, Ctps__Notice *out)
{
    out->code = event->reason;
    SET(out, other, event->number);
}

/* The plugin is named, so that its host knows whose event is asked for again. */
void notice_dead_letter_settled(const Ctps__DeadLetterSettled *event, Ctps__Notice *out)
{
    if (event->replay)
        out->code = event->plugin;
    SET(out, other, event->number);
}

static void of_effect(const Ctps__Effect *event, Ctps__Notice *out)
{
    SET(out, kind, event->object_kind);
    SET(out, id, event->object);
    out->code = event->code;
    if (event->has_day)
        SET(out, day, event->day);
    if (event->agent)
        SET(out, agent, event->agent);
    if (event->contact) {
        OTHER(out, CONTACT, event->contact);
    }
}

void notice_reminder_due(const Ctps__Effect *event, Ctps__Notice *out)
{
    of_effect(event, out);
    out->lead = event->lead;
    out->outcome = event->outcome;
    out->instance = event->instance;
    SET_FROM(out, event, minute);
    SET_FROM(out, event, escalated);
}

void notice_notification_sent(const Ctps__Effect *event, Ctps__Notice *out)
{
    of_effect(event, out);
}

void notice_notification_skipped(const Ctps__Effect *event, Ctps__Notice *out)
{
    of_effect(event, out);
}

void notice_notification_failed(const Ctps__Effect *event, Ctps__Notice *out)
{
    of_effect(event, out);
}
