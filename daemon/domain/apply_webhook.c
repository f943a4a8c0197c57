/* Webhooks in the views; a partner with one is told apart like one with a feed. */
#include "domain/apply_private.h"
#include "domain/feed.h"
#include "domain/webhook.h"

static void webhook_put(const struct apply *apply, const Ctps__WebhookRecord *row)
{
    record_put(apply->tables, TABLE_WEBHOOK, table_key_of_u64(row->made->id), apply->arena,
               &row->base);
}

void apply_webhook_made(const struct apply *apply, const Ctps__WebhookMade *event)
{
    Ctps__WebhookRecord row = CTPS__WEBHOOK_RECORD__INIT;
    Ctps__WebhookMade made = *event;

    row.made = &made;
    SET(&row, on, true);
    SET(&row, since_day, event->day);
    webhook_put(apply, &row);
    apply_slot_taken(apply, event->slot);
    apply_sealed_taken(apply, event->secret);
    if (event->partner)
        apply_feed_webhooks(apply, event->partner, 1);
}

void apply_webhook_switched(const struct apply *apply, const Ctps__WebhookSwitched *event)
{
    Ctps__WebhookRecord *row = webhook_record(apply->tables, apply->arena, event->id);

    if (!row)
        return;
    SET(row, on, event->on);
    row->reason = event->on ? NULL : event->reason;
    SET(row, since_day, event->day);
    webhook_put(apply, row);
}

void apply_webhook_rotated(const struct apply *apply, const Ctps__WebhookRotated *event)
{
    Ctps__WebhookRecord *row = webhook_record(apply->tables, apply->arena, event->id);

    if (!row)
        return;
    row->previous = row->made->secret;
    SET(row, previous_until_us, event->previous_until_us);
    row->made->secret = event->secret;
    webhook_put(apply, row);
}

void apply_webhook_revoked(const struct apply *apply, const Ctps__WebhookRevoked *event)
{
    Ctps__WebhookRecord *row = webhook_record(apply->tables, apply->arena, event->id);

    if (!row)
        return;
    SET(row, on, false);
    SET(row, revoked_day, event->day);
    SET(row, since_day, event->day);
    row->made->secret = row->previous = NULL;
    webhook_put(apply, row);
    if (event->partner)
        apply_feed_webhooks(apply, event->partner, -1);
}
