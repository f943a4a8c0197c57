/* Of minutes the bus says of which meeting, and on what day. To whom they went stands in the
 * answer to a read. */
#include "domain/notice_private.h"

#define MINUTES(out, event)                                                                    \
    do {                                                                                       \
        OBJECT(out, MEETING, (event)->meeting);                                                \
        (out)->code = (event)->instance;                                                       \
        (out)->territory = (event)->territory;                                                 \
        SET(out, day, (event)->day);                                                           \
        SET(out, agent, (event)->by_agent);                                                    \
    } while (0)

void notice_minutes_drafted(const Ctps__MinutesDrafted *event, Ctps__Notice *out)
{
    MINUTES(out, event);
}

void notice_minutes_validated(const Ctps__MinutesValidated *event, Ctps__Notice *out)
{
    MINUTES(out, event);
}

void notice_minutes_distributed(const Ctps__MinutesDistributed *event, Ctps__Notice *out)
{
    MINUTES(out, event);
}
