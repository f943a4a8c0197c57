/* Of a webhook: which, whose, and its state; never its address. */
#include "domain/notice_private.h"
#include "domain/webhook.h"

static void of_webhook(Ctps__Notice *out, uint64_t id, uint64_t partner, int32_t day)
{
    OBJECT(out, WEBHOOK, id);
    if (partner)
        SET(out, partner, partner);
    SET(out, day, day);
}

void notice_webhook_made(const Ctps__WebhookMade *event, Ctps__Notice *out)
{
    of_webhook(out, event->id, event->partner, event->day);
}

/* `code`: on, or why it is not. */
void notice_webhook_switched(const Ctps__WebhookSwitched *event, Ctps__Notice *out)
{
    static char on[] = WEBHOOK_ON;

    of_webhook(out, event->id, event->partner, event->day);
    out->code = event->on ? on : event->reason;
}

void notice_webhook_rotated(const Ctps__WebhookRotated *event, Ctps__Notice *out)
{
    of_webhook(out, event->id, event->partner, event->day);
}

void notice_webhook_revoked(const Ctps__WebhookRevoked *event, Ctps__Notice *out)
{
    of_webhook(out, event->id, event->partner, event->day);
}
