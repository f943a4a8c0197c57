#include "domain/notice.h"

#include "domain/notice_private.h"

/* X again for each use: event_list.h takes the default of X_INTERNAL away with it. */
#define X_INTERNAL(Type, field, CASE)
#define X(Type, field, CASE, topic)                                                            \
    static void of_##field(const Ctps__Event *event, Ctps__Notice *out)                        \
    {                                                                                          \
        notice_##field(event->field, out);                                                     \
    }
#include "domain/event_list.h"
#undef X

static const struct {
    Ctps__Event__BodyCase which;
    const char *topic;
    void (*fill)(const Ctps__Event *event, Ctps__Notice *out);
} rows[] = {
#define X_INTERNAL(Type, field, CASE)
#define X(Type, field, CASE, topic) {CTPS__EVENT__BODY_##CASE, topic, of_##field},
#include "domain/event_list.h"
#undef X
};

bool notice_of_event(const Ctps__Event *event, Ctps__Notice *ret_notice, const char **ret_topic)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].which != event->body_case)
            continue;
        ctps__notice__init(ret_notice);
        /* Never empty bytes, which would be published as a heartbeat is. */
        SET(ret_notice, kind, CTPS__OBJECT_KIND__OBJECT_NONE);
        rows[i].fill(event, ret_notice);
        *ret_topic = rows[i].topic;
        return true;
    }
    return false;
}
