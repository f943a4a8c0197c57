/*
 * notification: what a plugin is to tell somebody. A notification is an effect that is queued
 * first and ends once: sent, failed or skipped. Those queued are the plugin's queue, so that it
 * keeps none of its own; those failed are shown to the assistant.
 */
#ifndef CTPS_DOMAIN_NOTIFICATION_H
#define CTPS_DOMAIN_NOTIFICATION_H

#include "domain/act.h"

#define NOTIFICATION_QUEUED "notification.queued"
/* Words of TABLE_NOTIFICATION. */
#define NOTIFICATION_WAITING "waiting"
#define NOTIFICATION_FAILED  "failed"

static inline struct table_key notification_key(const char *state, uint64_t effect)
{
    struct table_key key = table_key_of_text(state);

    table_key_add_u64(&key, effect);
    return key;
}

#endif
