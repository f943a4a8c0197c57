/* What is sent to a webhook: rights checked, secrets opened, the payload made, each time. */
#include <stdio.h>

#include "domain/people.h"
#include "domain/webhook.h"
#include "engine/engine_private.h"
#include "wire/json.h"

enum { INSTANT_LEN = 40, ID_BYTES = 4 /* of the incarnation, in a message's id */ };

/* RFC 3339, UTC. */
static void instant_write(int64_t us, char out[INSTANT_LEN])
{
    const int64_t day_us = INT64_C(86400) * 1000000;
    int64_t day = us / day_us;
    int second = (int)(us % day_us / 1000000);
    char date[CIVIL_TEXT_LEN];

    civil_format_iso(date, (int32_t)day);
    snprintf(out, INSTANT_LEN, "%sT%02d:%02d:%02d.%06dZ", date, second / 3600, second / 60 % 60,
             second % 60, (int)(us % 1000000));
}

static char *payload_make(struct engine *engine, const Ctps__EventRecord *event)
{
    Ctps__WebhookPayload payload = CTPS__WEBHOOK_PAYLOAD__INIT;
    char instant[INSTANT_LEN];

    instant_write(event->header->time_us, instant);
    payload.type = event->header->topic;
    payload.timestamp = instant;
    payload.data = event->notice;
    return wire_json_text(&engine->arena, &payload.base);
}

/* A restored past may give a number to another event: the incarnation tells them apart. */
static char *message_id_make(struct engine *engine, const Ctps__EventRecord *event,
                             const Ctps__WebhookRecord *webhook)
{
    char incarnation[2 * ID_BYTES + 1];

    if (event->header->incarnation.len < ID_BYTES)
        return NULL;
    hex_encode(incarnation, event->header->incarnation.data, ID_BYTES);
    return arena_printf(&engine->arena, "msg_%s_%llu_%llu", incarnation,
                        (unsigned long long)event->header->number,
                        (unsigned long long)webhook->made->id);
}

/* The event as the webhook's audience is told of it now; NULL when it is not. */
static const Ctps__EventRecord *event_find(struct engine *engine,
                                           const Ctps__WebhookRecord *webhook, uint64_t number)
{
    uint64_t partner = webhook->made->partner;
    char audience[FEED_AUDIENCE_LEN] = AUDIENCE_PLUGINS;
    const Ctps__EventsAnswer *answer;

    if (partner)
        feed_audience_write(partner, audience);
    answer = engine_events_page(engine, audience, number - 1, 1);
    if (!answer || answer->n_events != 1 || answer->events[0]->header->number != number ||
        answer->events[0]->notice->tombstone)
        return NULL;
    return answer->events[0];
}

static Ctps__WebhookTaken *taken_make(struct engine *engine, const struct pending *pending,
                                      const Ctps__WebhookRecord *webhook)
{
    Ctps__WebhookTaken *taken = arena_alloc(&engine->arena, sizeof(*taken));
    struct act *act = engine_act_new(engine, pending->who, pending->request);
    const Ctps__EventRecord *event;
    uint64_t partner = webhook->made->partner;

    if (!taken || !act)
        return NULL;
    ctps__webhook_taken__init(taken);
    taken->state = arena_strdup(&engine->arena, "off");
    if (!webhook->on || webhook->has_revoked_day)
        return taken;
    taken->state = arena_strdup(&engine->arena, "lost");
    if (partner &&
        !partner_is_in_force(act->tables, act->arena, act->settings, partner, act->today))
        return taken;
    event = event_find(engine, webhook, pending->request->webhook_take->number);
    if (!event)
        return taken;
    taken->state = arena_strdup(&engine->arena, "send");
    taken->url = webhook->made->url;
    taken->payload = payload_make(engine, event);
    taken->message_id = message_id_make(engine, event, webhook);
    webhook_secrets_open(act, webhook, taken);
    return act->exhausted || !taken->payload || !taken->message_id || !taken->n_secrets ? NULL
                                                                                        : taken;
}

void engine_webhook_answer(struct engine *engine, struct pending *pending)
{
    const Ctps__WebhookTake *in = pending->request->webhook_take;
    const Ctps__WebhookRecord *webhook =
        webhook_record(view_tables(engine->view), &engine->arena, in->id);
    Ctps__Reply *reply;

    if (!webhook || !in->number) {
        engine_reply_refuse(engine, pending, REFUSAL_ABSENT, "id");
        return;
    }
    reply = engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    if (!reply)
        return;
    reply->answer_case = CTPS__REPLY__ANSWER_WEBHOOK_TAKEN;
    reply->webhook_taken = taken_make(engine, pending, webhook);
    if (reply->webhook_taken)
        engine_reply_set(engine, pending, reply);
    else
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE, "webhook");
}
