/* The list of webhooks, and to which of them an event is to go. */
#include "domain/decide.h"
#include "domain/feed.h"
#include "domain/record.h"
#include "domain/rows.h"
#include "domain/webhook.h"

static struct rows all_webhooks(struct act *act)
{
    struct rows rows = rows_read(act->tables, act->arena, TABLE_WEBHOOK, bytes_of(NULL, 0),
                                 &ctps__webhook_record__descriptor);

    act->exhausted = act->exhausted || rows.failed;
    return rows;
}

static Ctps__WebhookView *view_of(struct act *act, const Ctps__WebhookRecord *webhook)
{
    Ctps__WebhookView *view = act_alloc(act, sizeof(*view));

    ctps__webhook_view__init(view);
    SET_FROM(view, webhook->made, id);
    view->url = webhook->made->url;
    if (webhook->made->partner)
        SET_FROM(view, webhook->made, partner);
    view->topics = webhook->made->topics;
    view->n_topics = webhook->made->n_topics;
    view->state = act_text(act, webhook_state(webhook));
    SET_FROM(view, webhook, since_day);
    SET_FROM(view, webhook->made, by_agent);
    if (webhook->previous && act->now_us < webhook->previous_until_us)
        SET_FROM(view, webhook, previous_until_us);
    return view;
}

void answer_webhook_list(struct act *act)
{
    const Ctps__WebhookList *in = act->request->webhook_list;
    struct rows rows = all_webhooks(act);
    Ctps__WebhookAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__webhook_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_WEBHOOK_ANSWER;
    act->reply->webhook_answer = answer;
    answer->webhooks = arena_alloc(act->arena, (rows.count + 1) * sizeof(Ctps__WebhookView *));
    if (!answer->webhooks) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < rows.count; i++) {
        const Ctps__WebhookRecord *webhook = (const Ctps__WebhookRecord *)rows.list[i];

        if ((!in->partner || in->partner == webhook->made->partner) &&
            (in->with_revoked || !webhook->has_revoked_day))
            answer->webhooks[answer->n_webhooks++] = view_of(act, webhook);
    }
}

/* Made before the event, and told of it: the partner by its feed, the town's own by its topics.
 */
static bool is_due(struct act *act, const Ctps__WebhookRecord *webhook,
                   const Ctps__WebhookDue *in)
{
    uint64_t partner = webhook->made->partner;

    if (!webhook->on || webhook->has_revoked_day || webhook->made->id >> 8 >= in->number >> 8 ||
        !webhook_hears(webhook, or_empty(in->topic)))
        return false;
    return !partner ||
           record_exists(act->tables, TABLE_FEED_ITEM, table_key_of_two(partner, in->number));
}

void answer_webhook_due(struct act *act)
{
    const Ctps__WebhookDue *in = act->request->webhook_due;
    struct rows rows = all_webhooks(act);
    Ctps__WebhookDueAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__webhook_due_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_WEBHOOK_DUE_ANSWER;
    act->reply->webhook_due_answer = answer;
    answer->webhooks = arena_alloc(act->arena, (rows.count + 1) * sizeof(uint64_t));
    if (!answer->webhooks) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < rows.count; i++) {
        const Ctps__WebhookRecord *webhook = (const Ctps__WebhookRecord *)rows.list[i];

        if (is_due(act, webhook, in))
            answer->webhooks[answer->n_webhooks++] = webhook->made->id;
    }
}
