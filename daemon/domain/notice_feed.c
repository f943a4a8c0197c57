#include "domain/notice_private.h"

void notice_feed_switched(const Ctps__FeedSwitched *event, Ctps__Notice *out)
{
    static char on[] = "on";
    static char off[] = "off";

    OBJECT(out, PARTNER, event->partner);
    out->code = event->on ? on : off;
    SET(out, day, event->day);
}
