/*
 * notice: what the bus may say of an event: ids, codes, dates and numbers of a whitelist, never
 * a name, a text, an age, a sex or a measure. One function decides for the audience "plugins".
 */
#ifndef CTPS_DOMAIN_NOTICE_H
#define CTPS_DOMAIN_NOTICE_H

#include <stdbool.h>

#include "ctps/event.pb-c.h"
#include "ctps/notice.pb-c.h"

/* Fills *ret_notice (strings borrowed from `event`) and *ret_topic (static); false when the
 * event is not for the audience. A pure function of the event: membership is fixed when it is
 * appended. */
bool notice_of_event(const Ctps__Event *event, Ctps__Notice *ret_notice,
                     const char **ret_topic);

#endif
