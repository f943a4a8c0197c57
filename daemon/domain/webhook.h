/*
 * webhook: addresses outside that events are sent to (https://www.standardwebhooks.com), and
 * what the plugin that delivers is told of them. ctpsd keeps them, their secrets and who may
 * hear what; it speaks no HTTP.
 */
#ifndef CTPS_DOMAIN_WEBHOOK_H
#define CTPS_DOMAIN_WEBHOOK_H

#include "domain/act.h"

enum { WEBHOOKS_MAX = 256, WEBHOOK_OVERLAP_HOURS = 24 };

#define WEBHOOK_ON      "on"
#define WEBHOOK_OFF     "off"
#define WEBHOOK_GONE    "gone"
#define WEBHOOK_REVOKED "revoked"
#define WEBHOOK_BY_HAND "by_hand"

Ctps__WebhookRecord *webhook_record(const struct tables *tables, struct arena *arena,
                                    uint64_t id);
/* on | off | gone | revoked; static. */
const char *webhook_state(const Ctps__WebhookRecord *webhook);
/* https://HOST[:PORT][/…] in printable ASCII, without user name or fragment; http:// only where
 * HOST is this machine. */
bool webhook_url_is_good(const char *url);
/* One of its topics is `topic`, or begins it and ends in '*'; none stands for all. */
bool webhook_hears(const Ctps__WebhookRecord *webhook, const char *topic);
/* The secrets that count now, opened, the newest first; into act->arena. The caller wipes. */
void webhook_secrets_open(struct act *act, const Ctps__WebhookRecord *webhook,
                          Ctps__WebhookTaken *out);

#endif
