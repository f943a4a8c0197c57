#include "webhook.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webhook_post.h"

enum {
    AT_ONCE = 8, /* transfers: slow receivers leave the other half to mails */
    US_PER_S = 1000000,
};

struct webhooks {
    struct notify *notify;
    struct channel channel;
    uint64_t lanes[QUEUE_LANES_MAX]; /* whose each is; 0: nobody's yet */
    int64_t timeout_ms;
    unsigned under_way;
    bool denied; /* not granted: said once, not asked again */
};

/* --- keys --- */

/* "hook:situation.closed:33792:w8193" */
static void key_write(char out[CTPS_EFFECT_KEY_MAX + 1], const struct happening *happening,
                      uint64_t webhook)
{
    int len = snprintf(out, CTPS_EFFECT_KEY_MAX + 1, "hook:%s:%" PRIu64 ":w%" PRIu64,
                       happening->topic, happening->number, webhook);

    if (len > CTPS_EFFECT_KEY_MAX)
        snprintf(out, CTPS_EFFECT_KEY_MAX + 1, "hook::%" PRIu64 ":w%" PRIu64, happening->number,
                 webhook);
}

static uint64_t webhook_of(const struct delivery *delivery)
{
    const char *at = strrchr(delivery->key, 'w');

    return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* --- the channel --- */

/* Addresses past the number of lanes share them. */
static unsigned lane_of(void *arg, const struct delivery *delivery)
{
    struct webhooks *self = arg;
    uint64_t id = webhook_of(delivery);

    for (unsigned i = 0; i < QUEUE_LANES_MAX; i++) {
        if (self->lanes[i] == 0)
            self->lanes[i] = id;
        if (self->lanes[i] == id)
            return i;
    }
    return (unsigned)(id % QUEUE_LANES_MAX);
}

/* Of reminders of the same thing the newest says all. */
static bool is_same_group(void *arg, const struct delivery *one, const struct delivery *other)
{
    static const char reminder[] = "hook:reminder.due:";

    (void)arg;
    return one->object_kind == other->object_kind && one->object == other->object &&
           strncmp(one->key, reminder, sizeof(reminder) - 1) == 0 &&
           strncmp(other->key, reminder, sizeof(reminder) - 1) == 0 &&
           webhook_of(one) == webhook_of(other);
}

/* --- one try --- */

struct trial {
    struct webhooks *webhooks;
    struct delivery *delivery;
};

static void trial_end(struct trial *trial, enum outcome outcome, const char *cause)
{
    struct queue *queue = trial->webhooks->notify->queue;

    trial->webhooks->under_way--;
    queue_end(queue, trial->delivery, outcome, cause);
    free(trial);
}

static void gone_told(void *arg, const Ctps__Reply *reply)
{
    struct trial *trial = arg;

    if (ask_is_done(reply))
        trial_end(trial, OUTCOME_FAILED, "gone");
    else
        trial_end(trial, OUTCOME_RETRY, "gone");
}

/* 410: nothing more is wanted there. What else waits for it finds it off. */
static void gone_tell(struct trial *trial)
{
    struct webhooks *self = trial->webhooks;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__WebhookGone gone = CTPS__WEBHOOK_GONE__INIT;
    char words[CTPS_EFFECT_KEY_MAX + 8];

    snprintf(words, sizeof(words), "gone %s", trial->delivery->key);
    gone.has_id = 1;
    gone.id = webhook_of(trial->delivery);
    request.command_case = CTPS__REQUEST__COMMAND_WEBHOOK_GONE;
    request.webhook_gone = &gone;
    if (!ask(&self->notify->asker, &request, words, gone_told, trial))
        gone_told(trial, NULL);
}

/* A receiver that is away or overwhelmed is left alone; one that does not like this message may
 * like the next. */
static void posted(void *arg, long status, const char *cause)
{
    struct trial *trial = arg;

    if (status >= 200 && status <= 299)
        trial_end(trial, OUTCOME_SENT, "");
    else if (status == 410)
        gone_tell(trial);
    else if (status == 0 || status == 429 || status >= 500)
        trial_end(trial, OUTCOME_DOWN, cause);
    else
        trial_end(trial, OUTCOME_RETRY, cause);
}

static bool trial_post(struct trial *trial, const Ctps__WebhookTaken *taken)
{
    struct webhooks *self = trial->webhooks;
    struct notify *notify = self->notify;
    struct webhook_secret secrets[WEBHOOK_SECRETS_MAX];
    size_t count = taken->n_secrets < WEBHOOK_SECRETS_MAX ? taken->n_secrets : 0;
    char signature[WEBHOOK_SIGNATURE_LEN];
    struct webhook_message message = {
        .url = taken->url,
        .id = taken->message_id,
        .seconds = notify->api->now_us(notify->host) / US_PER_S,
        .signature = signature,
        .payload = taken->payload,
        .timeout_ms = self->timeout_ms,
    };

    for (size_t i = 0; i < count; i++)
        secrets[i] = (struct webhook_secret){taken->secrets[i].data, taken->secrets[i].len};
    return message.url && message.id && message.payload &&
           webhook_sign(secrets, count, message.id, message.seconds, message.payload,
                        signature) &&
           webhook_post(notify->transport, &message, posted, trial);
}

static void taken(void *arg, const Ctps__Reply *reply)
{
    struct trial *trial = arg;
    const Ctps__WebhookTaken *answer;

    if (!ask_is_done(reply) || reply->answer_case != CTPS__REPLY__ANSWER_WEBHOOK_TAKEN) {
        trial_end(trial, OUTCOME_RETRY, "unavailable");
        return;
    }
    answer = reply->webhook_taken;
    if (!answer->state || strcmp(answer->state, "send") != 0)
        trial_end(trial, OUTCOME_SKIPPED, answer->state ? answer->state : "off");
    else if (!trial_post(trial, answer))
        trial_end(trial, OUTCOME_HELD, "");
    for (size_t i = 0; i < answer->n_secrets; i++)
        sodium_memzero(answer->secrets[i].data, answer->secrets[i].len);
}

static void on_send(void *arg, struct delivery *delivery)
{
    struct webhooks *self = arg;
    struct trial *trial = self->under_way < AT_ONCE ? malloc(sizeof(*trial)) : NULL;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__WebhookTake take = CTPS__WEBHOOK_TAKE__INIT;

    if (!trial) {
        queue_end(self->notify->queue, delivery, OUTCOME_HELD, "");
        return;
    }
    *trial = (struct trial){self, delivery};
    self->under_way++;
    take.has_id = take.has_number = 1;
    take.id = webhook_of(delivery);
    take.number = delivery->source;
    request.command_case = CTPS__REQUEST__COMMAND_WEBHOOK_TAKE;
    request.webhook_take = &take;
    if (!ask(&self->notify->asker, &request, NULL, taken, trial))
        trial_end(trial, OUTCOME_HELD, "");
}

/* --- planning --- */

static void due(void *arg, const Ctps__Reply *reply)
{
    struct plan *plan = arg;
    struct webhooks *self = plan->notify->webhooks;
    const Ctps__WebhookDueAnswer *answer;

    if (reply && reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED) {
        self->denied = true;
        notify_say(plan->notify, CTPS_LEVEL_ERROR,
                   "webhooks: the action webhook.deliver is not granted: nothing is sent");
        plan_release(plan, true);
        return;
    }
    if (!ask_is_done(reply) || reply->answer_case != CTPS__REPLY__ANSWER_WEBHOOK_DUE_ANSWER) {
        plan_release(plan, false);
        return;
    }
    answer = reply->webhook_due_answer;
    for (size_t i = 0; i < answer->n_webhooks; i++) {
        struct delivery model = {.channel = &self->channel};

        key_write(model.key, &plan->happening, answer->webhooks[i]);
        plan_add(plan, &model);
    }
    plan_release(plan, true);
}

/* What became of a message is no news to send messages about. */
void webhook_plan(struct webhooks *self, struct plan *plan)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__WebhookDue asked = CTPS__WEBHOOK_DUE__INIT;

    if (self->denied || strncmp(plan->happening.topic, "notification.", 13) == 0)
        return;
    asked.has_number = 1;
    asked.number = plan->happening.number;
    asked.topic = plan->happening.topic;
    request.command_case = CTPS__REQUEST__COMMAND_WEBHOOK_DUE;
    request.webhook_due = &asked;
    plan_hold(plan);
    if (!ask(&self->notify->asker, &request, NULL, due, plan))
        plan_release(plan, false);
}

/* --- start and end --- */

enum ctps_status webhook_open(struct notify *notify, struct webhooks **ret_webhooks, char *why,
                              size_t why_len)
{
    struct webhooks *self;

    *ret_webhooks = NULL;
    if (!notify->api->option_int(notify->host, "webhooks"))
        return CTPS_STATUS_OK;
    self = sodium_init() < 0 ? NULL : calloc(1, sizeof(*self));
    if (!self) {
        snprintf(why, why_len, "no memory");
        return CTPS_STATUS_NO_MEMORY;
    }
    self->notify = notify;
    self->timeout_ms = notify->api->option_int(notify->host, "webhook_timeout");
    self->channel = (struct channel){
        .code = "webhook",
        .at_once = 1,
        .send = on_send,
        .lane = lane_of,
        .same_group = is_same_group,
        .arg = self,
    };
    *ret_webhooks = self;
    return CTPS_STATUS_OK;
}

void webhook_close(struct webhooks **webhooks)
{
    free(*webhooks);
    *webhooks = NULL;
}

void webhook_channels(struct webhooks *webhooks, const struct channel **channels, size_t *count)
{
    channels[(*count)++] = &webhooks->channel;
}
