/* What is being planned for one event, until the last who looks at it has let go. */
#include <stdio.h>
#include <stdlib.h>

#include "notify.h"

void plan_hold(struct plan *plan)
{
    plan->holders++;
}

void plan_release(struct plan *plan, bool ok)
{
    struct notify *notify = plan->notify;

    plan->failed = plan->failed || !ok;
    if (--plan->holders || plan->in_event)
        return;
    notify->api->event_end(notify->host, plan->happening.number,
                           plan->failed ? CTPS_VERDICT_RETRY : CTPS_VERDICT_DONE);
    notify->plan = NULL;
    free(plan);
}

void plan_fail(struct plan *plan)
{
    plan->failed = true;
}

static void added(void *arg, bool ok)
{
    plan_release(arg, ok);
}

void plan_add(struct plan *plan, const struct delivery *model)
{
    struct delivery delivery = *model;

    delivery.source = plan->happening.number;
    delivery.object_kind = plan->happening.kind;
    delivery.object = plan->happening.id;
    delivery.day = plan->happening.day;
    snprintf(delivery.about, sizeof(delivery.about), "%s", plan->happening.code);
    plan_hold(plan);
    queue_add(plan->notify->queue, &delivery, added, plan);
}
