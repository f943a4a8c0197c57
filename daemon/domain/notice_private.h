/* What the files of notice share; nobody else includes it. */
#ifndef CTPS_DOMAIN_NOTICE_PRIVATE_H
#define CTPS_DOMAIN_NOTICE_PRIVATE_H

#include "domain/act.h"
#include "domain/notice.h"

/* One function an event that is published: notice_saisine_received(event, out)… fills `out`,
 * which is initialised; strings are borrowed from the event. */
#define X_INTERNAL(Type, field, CASE)
#define X(Type, field, CASE, topic)                                                            \
    void notice_##field(const Ctps__##Type *event, Ctps__Notice *out);
#include "domain/event_list.h"
#undef X

#define OBJECT(notice, KIND, value)                                                            \
    do {                                                                                       \
        SET(notice, kind, CTPS__OBJECT_KIND__OBJECT_##KIND);                                   \
        SET(notice, id, value);                                                                \
    } while (0)

#define OTHER(notice, KIND, value)                                                             \
    do {                                                                                       \
        SET(notice, other_kind, CTPS__OBJECT_KIND__OBJECT_##KIND);                             \
        SET(notice, other, value);                                                             \
    } while (0)

#endif
