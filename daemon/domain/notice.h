/*
 * notice: what the bus may say of an event: ids, codes, dates and numbers of a whitelist, never
 * a name, a text, an age, a sex or a measure. One function decides for the audience "plugins",
 * three for "audit": it hears who read, or was refused, what.
 */
#ifndef CTPS_DOMAIN_NOTICE_H
#define CTPS_DOMAIN_NOTICE_H

#include <stdbool.h>

#include "ctps/event.pb-c.h"
#include "ctps/notice.pb-c.h"

#define AUDIENCE_PLUGINS "plugins"
#define AUDIENCE_AUDIT   "audit"

/* Fills *ret_notice (strings borrowed from `event`) and *ret_topic (static); false when the
 * event is not for the audience. A pure function of the event: membership is fixed when it is
 * appended. */
bool notice_of_event(const Ctps__Event *event, Ctps__Notice *ret_notice,
                     const char **ret_topic);

/* An entry's audit part is the last of its events for that audience. */
enum { NOTICE_AUDIT_ORDINAL = 255 };

/* Events of the journal that audience "audit" hears too; as notice_of_event. */
bool notice_of_event_audited(const Ctps__Event *event, Ctps__Notice *ret_notice,
                             const char **ret_topic);
/* Whether an entry's own audit part makes a notice, known without opening it. */
bool notice_is_audited(const Ctps__Entry *entry);
/* That notice, of the part opened (strings borrowed from it); NULL: its month's key was
 * destroyed, a tombstone. A refusal's then reads as "access.denied", whatever it was. */
void notice_of_audit(const Ctps__Entry *entry, const Ctps__AuditRecord *record,
                     Ctps__Notice *ret_notice, const char **ret_topic);

#endif
