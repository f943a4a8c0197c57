/* Of a meeting the bus says which, of what kind, where and on what day: never its title, its
 * place or its agenda. Whom it invites stands in the answer to a read. */
#include "domain/notice_private.h"

#define WHERE(out, event)                                                                      \
    do {                                                                                       \
        (out)->code = (event)->instance;                                                       \
        (out)->territory = (event)->territory;                                                 \
    } while (0)

void notice_instance_set(const Ctps__Instance *event, Ctps__Notice *out)
{
    SET(out, kind, CTPS__OBJECT_KIND__OBJECT_INSTANCE);
    out->code = event->code;
}

void notice_meeting_scheduled(const Ctps__MeetingScheduled *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->id);
    out->reference = event->reference;
    WHERE(out, event);
    SET(out, day, event->day);
    if (event->series)
        OTHER(out, SERIES, event->series);
}

void notice_meeting_rescheduled(const Ctps__MeetingRescheduled *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->id);
    WHERE(out, event);
    SET(out, day, event->day);
}

void notice_meeting_cancelled(const Ctps__MeetingCancelled *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->id);
    WHERE(out, event);
    SET(out, day, event->day);
}

void notice_meeting_held(const Ctps__MeetingHeld *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->id);
    WHERE(out, event);
    SET(out, day, event->day);
}

void notice_meeting_invited(const Ctps__MeetingInvited *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->id);
    WHERE(out, event);
}

void notice_meeting_uninvited(const Ctps__MeetingUninvited *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->id);
    WHERE(out, event);
}

void notice_agenda_item_added(const Ctps__AgendaItemAdded *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->meeting);
    WHERE(out, event);
}

void notice_agenda_item_removed(const Ctps__AgendaItemRemoved *event, Ctps__Notice *out)
{
    OBJECT(out, MEETING, event->meeting);
    WHERE(out, event);
}
