/*
 * webhook: events sent to addresses outside, as Standard Webhooks says
 * (https://www.standardwebhooks.com). ctpsd keeps the addresses and their secrets: which of
 * them an event is to go to is asked when it happens; where to, signed with what and what is
 * said is asked again at each try, with the rights of that moment, and forgotten afterwards.
 *
 * A delivery's key is "hook:TOPIC:EVENT:wWEBHOOK"; each address has a lane of its own, so that
 * one that is down, slow or gone holds up no other.
 */
#ifndef NOTIFY_WEBHOOK_H
#define NOTIFY_WEBHOOK_H

#include "notify.h"

struct webhooks;

/* Reads the options. *ret_webhooks is NULL (and all is well) when webhooks are off. Own:
 * webhook_close(). */
enum ctps_status webhook_open(struct notify *notify, struct webhooks **ret_webhooks, char *why,
                              size_t why_len);
/* Once the transport is closed. Idempotent. */
void webhook_close(struct webhooks **webhooks);
/* Adds its channel to `channels`. */
void webhook_channels(struct webhooks *webhooks, const struct channel **channels,
                      size_t *count);
/* Queues a delivery to each address the event is to go to. */
void webhook_plan(struct webhooks *webhooks, struct plan *plan);

#define WEBHOOK_OPTIONS                                                                        \
    {.name = "webhooks",                                                                       \
     .type = CTPS_OPTION_BOOL,                                                                 \
     .fallback = "false",                                                                      \
     .help = "Send to webhooks; grant the action webhook.deliver, and where to in connect."},  \
    {                                                                                          \
        .name = "webhook_timeout", .type = CTPS_OPTION_DURATION, .fallback = "15 s",           \
        .min = 100, .max = 120000,                                                             \
        .help = "Longest time a receiver may take, from connecting to its answer."             \
    }

#endif
