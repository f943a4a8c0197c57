#include "queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURN_MS = 500, PAGE = 500, WORDS_LEN = 160, US_PER_MS = 1000, HELD_US = 1000000 };

#define KIND_QUEUED "notification.queued"

struct lane {
    unsigned under_way;
    unsigned failures; /* in a row; 0: it is up */
    int64_t until_us;
};

struct queue {
    struct asker *asker;
    struct queue_options options;
    const struct channel *const *channels;
    size_t channel_count;
    struct lane lanes[QUEUE_CHANNELS_MAX][QUEUE_LANES_MAX];
    struct delivery *first; /* oldest first */
    struct ctps_timer *timer;
    void (*ready)(void *arg);
    void *ready_arg;
    unsigned under_way;
    bool stopped;
    bool turning;
    int64_t sent, failed, skipped; /* since the start */
};

static const char *const kinds[] = {
    [OUTCOME_SENT] = "notification.sent",
    [OUTCOME_RETRY] = KIND_QUEUED,
    [OUTCOME_DOWN] = KIND_QUEUED,
    [OUTCOME_FAILED] = "notification.failed",
    [OUTCOME_SKIPPED] = "notification.skipped",
};
static const char *const outcomes[] = {
    [OUTCOME_SENT] = "sent",     [OUTCOME_RETRY] = "waiting",   [OUTCOME_DOWN] = "waiting",
    [OUTCOME_FAILED] = "failed", [OUTCOME_SKIPPED] = "skipped",
};

static int64_t now_us(const struct queue *queue)
{
    return queue->asker->api->now_us(queue->asker->host);
}

static void figures_tell(const struct queue *queue)
{
    const struct ctps_host_api *api = queue->asker->api;
    struct ctps_host *host = queue->asker->host;
    int64_t waiting = 0;

    for (const struct delivery *at = queue->first; at; at = at->next)
        waiting++;
    api->metric(host, "deliveries.waiting", waiting);
    api->metric(host, "deliveries.sent", queue->sent);
    api->metric(host, "deliveries.failed", queue->failed);
    api->metric(host, "deliveries.skipped", queue->skipped);
}

/* --- the list --- */

static struct delivery *delivery_find(const struct queue *queue, const char *key)
{
    for (struct delivery *at = queue->first; at; at = at->next)
        if (strcmp(at->key, key) == 0)
            return at;
    return NULL;
}

static void delivery_insert(struct queue *queue, struct delivery *delivery)
{
    struct delivery **at = &queue->first;

    while (*at && (*at)->id < delivery->id)
        at = &(*at)->next;
    delivery->next = *at;
    *at = delivery;
}

static void delivery_free(struct queue *queue, struct delivery *delivery)
{
    for (struct delivery **at = &queue->first; *at; at = &(*at)->next)
        if (*at == delivery) {
            *at = delivery->next;
            break;
        }
    free(delivery);
}

static const struct channel *channel_find(const struct queue *queue, const char *code)
{
    for (size_t i = 0; code && i < queue->channel_count; i++)
        if (strcmp(queue->channels[i]->code, code) == 0)
            return queue->channels[i];
    return NULL;
}

static struct lane *lane_of(struct queue *queue, const struct delivery *delivery)
{
    const struct channel *channel = delivery->channel;
    unsigned lane = channel->lane ? channel->lane(channel->arg, delivery) : 0;
    size_t index = 0;

    while (queue->channels[index] != channel)
        index++;
    return &queue->lanes[index][lane < QUEUE_LANES_MAX ? lane : 0];
}

struct delivery *queue_find(struct queue *queue, const char *key)
{
    return delivery_find(queue, key);
}

struct delivery *queue_first(struct queue *queue)
{
    return queue->first;
}

unsigned queue_under_way(const struct queue *queue)
{
    return queue->under_way;
}

/* --- what ctpsd is told --- */

static void ended(void *arg, const Ctps__Reply *reply)
{
    struct queue *queue = arg;

    if (!ask_is_done(reply))
        queue->asker->api->log(queue->asker->host, CTPS_LEVEL_ERROR,
                               "the end of a delivery could not be recorded");
}

static void end_record(struct queue *queue, const struct delivery *delivery,
                       enum outcome outcome, const char *cause)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectRecord effect = CTPS__EFFECT_RECORD__INIT;
    char words[WORDS_LEN];

    snprintf(words, sizeof(words), "end %s %s %u %s", delivery->key, outcomes[outcome],
             delivery->tries, cause);
    effect.key = (char *)(uintptr_t)delivery->key;
    effect.kind = (char *)(uintptr_t)kinds[outcome];
    effect.outcome = (char *)(uintptr_t)outcomes[outcome];
    effect.cause = *cause ? (char *)(uintptr_t)cause : NULL;
    effect.has_tries = 1;
    effect.tries = delivery->tries;
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_RECORD;
    request.effect_record = &effect;
    if (!ask(queue->asker, &request, words, ended, queue))
        ended(queue, NULL);
}

/* --- tries --- */

static int64_t pause_us(const struct queue *queue, unsigned failures)
{
    int64_t pause_ms = queue->options.retry_first_ms;

    while (failures-- > 1 && pause_ms < queue->options.retry_max_ms)
        pause_ms *= 2;
    return (pause_ms < queue->options.retry_max_ms ? pause_ms : queue->options.retry_max_ms) *
           US_PER_MS;
}

static bool is_given_up(const struct queue *queue, const struct delivery *delivery)
{
    return now_us(queue) - delivery->queued_us >= queue->options.give_up_ms * US_PER_MS;
}

static void lane_note(struct queue *queue, struct lane *lane, enum outcome outcome)
{
    if (outcome == OUTCOME_HELD)
        return;
    lane->failures = outcome == OUTCOME_DOWN ? lane->failures + 1 : 0;
    lane->until_us = lane->failures ? now_us(queue) + pause_us(queue, lane->failures) : 0;
}

static void delivery_end(struct queue *queue, struct delivery *delivery, enum outcome outcome,
                         const char *cause)
{
    queue->sent += outcome == OUTCOME_SENT;
    queue->failed += outcome == OUTCOME_FAILED;
    queue->skipped += outcome == OUTCOME_SKIPPED;
    end_record(queue, delivery, outcome, cause);
    delivery_free(queue, delivery);
    figures_tell(queue);
}

static bool is_same_group(const struct delivery *one, const struct delivery *other)
{
    const struct channel *channel = one->channel;

    return channel == other->channel && channel->same_group &&
           channel->same_group(channel->arg, one, other);
}

/* Whether something newer says all that `delivery` would say. */
static bool is_replaced(const struct delivery *delivery)
{
    for (const struct delivery *at = delivery->next; at; at = at->next)
        if (is_same_group(delivery, at))
            return true;
    return false;
}

/* What a newer one stands for is not sent; one under way is looked at again when it ends. */
static void replaced_skip(struct queue *queue, const struct delivery *newer)
{
    for (struct delivery *next, *at = queue->first; at && at != newer; at = next) {
        next = at->next;
        if (!at->under_way && is_same_group(at, newer))
            delivery_end(queue, at, OUTCOME_SKIPPED, "superseded");
    }
}

void queue_settle(struct queue *queue, struct delivery *delivery, enum outcome outcome,
                  const char *cause)
{
    delivery_end(queue, delivery, outcome, cause);
}

void queue_end(struct queue *queue, struct delivery *delivery, enum outcome outcome,
               const char *cause)
{
    struct lane *lane = lane_of(queue, delivery);
    bool again = outcome == OUTCOME_RETRY || outcome == OUTCOME_DOWN;

    lane->under_way--;
    queue->under_way--;
    delivery->under_way = false;
    lane_note(queue, lane, outcome);
    if (outcome == OUTCOME_HELD) {
        delivery->due_us = now_us(queue) + HELD_US;
        return;
    }
    if (outcome != OUTCOME_SKIPPED)
        delivery->tries++;
    if (again && is_given_up(queue, delivery))
        outcome = OUTCOME_FAILED;
    else if (again && is_replaced(delivery)) {
        outcome = OUTCOME_SKIPPED;
        cause = "superseded";
    } else if (again) {
        if (outcome == OUTCOME_RETRY)
            delivery->due_us = now_us(queue) + pause_us(queue, delivery->tries);
        end_record(queue, delivery, outcome, cause);
        return;
    }
    delivery_end(queue, delivery, outcome, cause);
    if (!queue->turning)
        queue_turn(queue);
}

/* A clock set back must not make anything wait longer than the longest pause. */
static bool is_after(const struct queue *queue, int64_t due_us)
{
    int64_t now = now_us(queue);

    return now >= due_us || due_us - now > queue->options.retry_max_ms * US_PER_MS;
}

static bool may_try(struct queue *queue, const struct delivery *delivery)
{
    const struct channel *channel = delivery->channel;
    const struct lane *lane = lane_of(queue, delivery);

    if (delivery->under_way ||
        (channel->is_passive && channel->is_passive(channel->arg, delivery)))
        return false;
    if (lane->failures && (lane->under_way || !is_after(queue, lane->until_us)))
        return false;
    return lane->under_way < channel->at_once && is_after(queue, delivery->due_us);
}

/* What waits behind a lane that is down ends too when its time is over. */
static void overdue_fail(struct queue *queue)
{
    for (struct delivery *next, *at = queue->first; at; at = next) {
        next = at->next;
        if (!at->under_way && at->tries && is_given_up(queue, at))
            delivery_end(queue, at, OUTCOME_FAILED, "given_up");
    }
}

static void delivery_begin(struct queue *queue, struct delivery *delivery)
{
    delivery->under_way = true;
    lane_of(queue, delivery)->under_way++;
    queue->under_way++;
    delivery->channel->send(delivery->channel->arg, delivery);
}

static struct delivery *next_to_try(struct queue *queue)
{
    for (struct delivery *at = queue->first; at; at = at->next)
        if (may_try(queue, at))
            return at;
    return NULL;
}

void queue_turn(struct queue *queue)
{
    struct delivery *delivery;

    if (queue->stopped || queue->turning)
        return;
    queue->turning = true;
    overdue_fail(queue);
    for (unsigned i = 0; i < QUEUE_LANES_MAX && (delivery = next_to_try(queue)); i++)
        delivery_begin(queue, delivery);
    queue->turning = false;
}

static void on_turn(void *arg)
{
    struct queue *queue = arg;

    queue->timer = queue->asker->api->timer_add(queue->asker->host, TURN_MS, on_turn, queue);
    queue_turn(queue);
}

/* --- adding --- */

struct adding {
    struct queue *queue;
    struct delivery *delivery;
    queue_added *done;
    void *arg;
};

static void adding_end(struct adding *adding, bool ok)
{
    adding->done(adding->arg, ok);
    free(adding->delivery);
    free(adding);
}

/* Its row says whether it still waits: an event that comes again finds it sent. */
static void looked_up(void *arg, const Ctps__Reply *reply)
{
    struct adding *adding = arg;
    struct queue *queue = adding->queue;
    struct delivery *delivery = adding->delivery;
    const Ctps__EffectAnswer *answer;

    if (!ask_is_done(reply) || reply->answer_case != CTPS__REPLY__ANSWER_EFFECT_ANSWER ||
        reply->effect_answer->n_effects != 1) {
        adding_end(adding, false);
        return;
    }
    answer = reply->effect_answer;
    if (strcmp(answer->effects[0]->kind, KIND_QUEUED) == 0 &&
        !delivery_find(queue, delivery->key)) {
        delivery->id = answer->effects[0]->id;
        delivery->queued_us = answer->effects[0]->queued_us;
        delivery->tries = answer->effects[0]->tries;
        delivery_insert(queue, delivery);
        adding->delivery = NULL;
        replaced_skip(queue, delivery);
        figures_tell(queue);
    }
    adding_end(adding, true);
    queue_turn(queue);
}

static void added(void *arg, const Ctps__Reply *reply)
{
    struct adding *adding = arg;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectFind find = CTPS__EFFECT_FIND__INIT;
    char *key = adding->delivery->key;

    find.n_keys = 1;
    find.keys = &key;
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_FIND;
    request.effect_find = &find;
    if (!ask_is_done(reply) || !ask(adding->queue->asker, &request, NULL, looked_up, adding))
        adding_end(adding, false);
}

static bool adding_ask(struct adding *adding)
{
    const struct delivery *delivery = adding->delivery;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectRecord effect = CTPS__EFFECT_RECORD__INIT;
    char words[WORDS_LEN];

    snprintf(words, sizeof(words), "queue %s", delivery->key);
    effect.key = (char *)(uintptr_t)delivery->key;
    effect.kind = (char[]){KIND_QUEUED};
    effect.code = (char *)(uintptr_t)delivery->channel->code;
    effect.outcome = (char *)(uintptr_t)outcomes[OUTCOME_RETRY];
    effect.has_source = effect.has_object_kind = effect.has_object = 1;
    effect.source = delivery->source;
    effect.object_kind = (Ctps__ObjectKind)delivery->object_kind;
    effect.object = delivery->object;
    effect.has_agent = delivery->agent != 0;
    effect.agent = delivery->agent;
    effect.has_contact = delivery->contact != 0;
    effect.contact = delivery->contact;
    effect.has_day = delivery->day != 0;
    effect.day = delivery->day;
    effect.about = *delivery->about ? (char *)(uintptr_t)delivery->about : NULL;
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_RECORD;
    request.effect_record = &effect;
    return ask(adding->queue->asker, &request, words, added, adding);
}

void queue_add(struct queue *queue, const struct delivery *model, queue_added *done, void *arg)
{
    struct adding *adding = calloc(1, sizeof(*adding));

    if (adding)
        adding->delivery = calloc(1, sizeof(*adding->delivery));
    if (!adding || !adding->delivery) {
        free(adding);
        done(arg, false);
        return;
    }
    adding->queue = queue;
    adding->done = done;
    adding->arg = arg;
    *adding->delivery = *model;
    adding->delivery->next = NULL;
    if (!adding_ask(adding))
        adding_end(adding, false);
}

/* --- loading --- */

static void load_page(struct queue *queue, uint64_t before);

static void row_take(struct queue *queue, const Ctps__Effect *row)
{
    const struct channel *channel = channel_find(queue, row->code);
    struct delivery *delivery;

    /* Of a channel that is not configured any more: left until it is again. */
    if (!channel || !row->key || strlen(row->key) > CTPS_EFFECT_KEY_MAX)
        return;
    delivery = calloc(1, sizeof(*delivery));
    if (!delivery)
        return;
    snprintf(delivery->key, sizeof(delivery->key), "%s", row->key);
    delivery->channel = channel;
    delivery->id = row->id;
    delivery->source = row->source;
    delivery->object_kind = row->object_kind;
    delivery->object = row->object;
    delivery->agent = row->agent;
    delivery->contact = row->contact;
    delivery->day = row->day;
    snprintf(delivery->about, sizeof(delivery->about), "%s", row->about ? row->about : "");
    delivery->queued_us = row->queued_us;
    delivery->tries = row->tries;
    delivery_insert(queue, delivery);
}

static void loaded(void *arg, const Ctps__Reply *reply)
{
    struct queue *queue = arg;
    const Ctps__EffectAnswer *answer;

    if (!ask_is_done(reply) || reply->answer_case != CTPS__REPLY__ANSWER_EFFECT_ANSWER) {
        queue->asker->api->log(queue->asker->host, CTPS_LEVEL_ERROR,
                               "what waits to be sent cannot be read");
        return;
    }
    answer = reply->effect_answer;
    for (size_t i = 0; i < answer->n_effects; i++)
        row_take(queue, answer->effects[i]);
    if (answer->more && answer->n_effects) {
        load_page(queue, answer->effects[answer->n_effects - 1]->id);
        return;
    }
    for (const struct delivery *at = queue->first; at; at = at->next)
        replaced_skip(queue, at);
    figures_tell(queue);
    queue->ready(queue->ready_arg);
    on_turn(queue);
}

static void load_page(struct queue *queue, uint64_t before)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectFind find = CTPS__EFFECT_FIND__INIT;

    find.has_waiting = find.waiting = 1;
    find.has_limit = 1;
    find.limit = PAGE;
    find.has_before = before != 0;
    find.before = before;
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_FIND;
    request.effect_find = &find;
    if (!ask(queue->asker, &request, NULL, loaded, queue))
        loaded(queue, NULL);
}

void queue_load(struct queue *queue, void (*ready)(void *arg), void *arg)
{
    queue->ready = ready;
    queue->ready_arg = arg;
    load_page(queue, 0);
}

/* --- the queue --- */

struct queue *queue_open(struct asker *asker, const struct queue_options *options,
                         const struct channel *const *channels, size_t channel_count)
{
    struct queue *queue =
        channel_count <= QUEUE_CHANNELS_MAX ? calloc(1, sizeof(*queue)) : NULL;

    if (!queue)
        return NULL;
    queue->asker = asker;
    queue->options = *options;
    queue->channels = channels;
    queue->channel_count = channel_count;
    return queue;
}

void queue_stop(struct queue *queue)
{
    queue->stopped = true;
}

void queue_close(struct queue **held)
{
    struct queue *queue = *held;

    if (!queue)
        return;
    queue->asker->api->timer_remove(queue->asker->host, &queue->timer);
    while (queue->first)
        delivery_free(queue, queue->first);
    free(queue);
    *held = NULL;
}
