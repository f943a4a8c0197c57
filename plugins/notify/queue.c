#include "queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURN_MS = 500, PAGE = 500, WORDS_LEN = 160, US_PER_MS = 1000, HELD_US = 1000000 };

#define KIND_QUEUED "notification.queued"

struct lane {
    const struct channel *channel;
    size_t count;      /* deliveries on it */
    struct heap ready; /* the oldest first */
    struct heap later; /* by due_us */
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
    unsigned lane_counts[QUEUE_CHANNELS_MAX]; /* lanes used so far, from the first on */
    struct waiting waiting;
    struct heap overdue; /* tried before and not under way, by when they were queued */
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

    api->metric(host, "deliveries.waiting", (int64_t)queue->waiting.count);
    api->metric(host, "deliveries.sent", queue->sent);
    api->metric(host, "deliveries.failed", queue->failed);
    api->metric(host, "deliveries.skipped", queue->skipped);
}

/* --- what waits --- */

static int64_t age_key(const struct delivery *delivery)
{
    return (int64_t)delivery->id;
}

static int64_t due_key(const struct delivery *delivery)
{
    return delivery->due_us;
}

static int64_t queued_key(const struct delivery *delivery)
{
    return delivery->queued_us;
}

static const struct channel *channel_find(const struct queue *queue, const char *code)
{
    for (size_t i = 0; code && i < queue->channel_count; i++)
        if (strcmp(queue->channels[i]->code, code) == 0)
            return queue->channels[i];
    return NULL;
}

static struct lane *lane_find(struct queue *queue, const struct delivery *delivery)
{
    const struct channel *channel = delivery->channel;
    unsigned number = channel->lane ? channel->lane(channel->arg, delivery) : 0;
    struct lane *lane;
    size_t index = 0;

    while (queue->channels[index] != channel)
        index++;
    number = number < QUEUE_LANES_MAX ? number : 0;
    if (number >= queue->lane_counts[index])
        queue->lane_counts[index] = number + 1;
    lane = &queue->lanes[index][number];
    lane->channel = channel;
    lane->ready.key = age_key;
    lane->later.key = due_key;
    lane->ready.place = lane->later.place = offsetof(struct delivery, place);
    return lane;
}

static bool is_passive(const struct delivery *delivery)
{
    const struct channel *channel = delivery->channel;

    return channel->is_passive && channel->is_passive(channel->arg, delivery);
}

/* Not under way (any more): where it is looked for from now on. */
static void delivery_wait(struct queue *queue, struct delivery *delivery)
{
    if (!is_passive(delivery))
        heap_add(delivery->due_us ? &delivery->lane->later : &delivery->lane->ready, delivery);
    if (delivery->tries)
        heap_add(&queue->overdue, delivery);
}

static void delivery_take(struct delivery *delivery)
{
    heap_remove(&delivery->place);
    heap_remove(&delivery->overdue);
}

/* Room is made in each heap it may come into: later nothing of it can fail. */
static bool delivery_insert(struct queue *queue, struct delivery *delivery)
{
    struct lane *lane = lane_find(queue, delivery);

    if (!heap_reserve(&lane->ready, lane->count + 1) ||
        !heap_reserve(&lane->later, lane->count + 1) ||
        !heap_reserve(&queue->overdue, queue->waiting.count + 1))
        return false;
    lane->count++;
    delivery->lane = lane;
    waiting_add(&queue->waiting, delivery);
    delivery_wait(queue, delivery);
    return true;
}

static void delivery_free(struct queue *queue, struct delivery *delivery)
{
    delivery_take(delivery);
    waiting_remove(&queue->waiting, delivery);
    delivery->lane->count--;
    free(delivery);
}

struct delivery *queue_find(struct queue *queue, const char *key)
{
    struct delivery like;

    snprintf(like.key, sizeof(like.key), "%s", key);
    return waiting_oldest(&queue->waiting, WAITING_BY_KEY, &like);
}

struct delivery *queue_first(struct queue *queue)
{
    return waiting_oldest(&queue->waiting, WAITING_BY_AGE, NULL);
}

const struct waiting *queue_waiting(const struct queue *queue)
{
    return &queue->waiting;
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
    for (const struct delivery *at = waiting_newer(delivery, WAITING_BY_ABOUT); at;
         at = waiting_newer(at, WAITING_BY_ABOUT))
        if (is_same_group(delivery, at))
            return true;
    return false;
}

/* What a newer one stands for is not sent; one under way is looked at again when it ends. */
static void replaced_skip(struct queue *queue, const struct delivery *newer)
{
    for (struct delivery *next, *at = waiting_older(newer, WAITING_BY_ABOUT); at; at = next) {
        next = waiting_older(at, WAITING_BY_ABOUT);
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
    struct lane *lane = delivery->lane;
    bool again = outcome == OUTCOME_RETRY || outcome == OUTCOME_DOWN;

    lane->under_way--;
    queue->under_way--;
    delivery->under_way = false;
    lane_note(queue, lane, outcome);
    if (outcome == OUTCOME_HELD) {
        delivery->due_us = now_us(queue) + HELD_US;
        delivery_wait(queue, delivery);
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
        delivery_wait(queue, delivery);
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

static bool may_try(const struct queue *queue, const struct lane *lane)
{
    if (!lane->count || lane->under_way >= lane->channel->at_once)
        return false;
    return !lane->failures || (!lane->under_way && is_after(queue, lane->until_us));
}

/* The oldest of those a lane may try now; NULL: none. */
static struct delivery *lane_next(const struct queue *queue, struct lane *lane)
{
    struct delivery *due;

    while ((due = heap_first(&lane->later)) && is_after(queue, due->due_us)) {
        heap_remove(&due->place);
        heap_add(&lane->ready, due);
    }
    return heap_first(&lane->ready);
}

/* What waits behind a lane that is down ends too when its time is over. */
static void overdue_fail(struct queue *queue)
{
    struct delivery *at;

    while ((at = heap_first(&queue->overdue)) && is_given_up(queue, at))
        delivery_end(queue, at, OUTCOME_FAILED, "given_up");
}

static void delivery_begin(struct queue *queue, struct delivery *delivery)
{
    delivery_take(delivery);
    delivery->under_way = true;
    delivery->lane->under_way++;
    queue->under_way++;
    delivery->channel->send(delivery->channel->arg, delivery);
}

static struct delivery *next_to_try(struct queue *queue)
{
    struct delivery *oldest = NULL;

    for (size_t i = 0; i < queue->channel_count; i++)
        for (unsigned number = 0; number < queue->lane_counts[i]; number++) {
            struct lane *lane = &queue->lanes[i][number];
            struct delivery *next = may_try(queue, lane) ? lane_next(queue, lane) : NULL;

            if (next && (!oldest || next->id < oldest->id))
                oldest = next;
        }
    return oldest;
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
        !queue_find(queue, delivery->key)) {
        delivery->id = answer->effects[0]->id;
        delivery->queued_us = answer->effects[0]->queued_us;
        delivery->tries = answer->effects[0]->tries;
        if (!delivery_insert(queue, delivery)) {
            adding_end(adding, false);
            return;
        }
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
    if (!delivery_insert(queue, delivery))
        free(delivery);
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
    for (const struct delivery *at = queue_first(queue); at;
         at = waiting_newer(at, WAITING_BY_AGE))
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

    if (!queue || !waiting_init(&queue->waiting)) {
        free(queue);
        return NULL;
    }
    queue->overdue.key = queued_key;
    queue->overdue.place = offsetof(struct delivery, overdue);
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

static void lanes_done(struct queue *queue)
{
    for (size_t i = 0; i < queue->channel_count; i++)
        for (unsigned number = 0; number < queue->lane_counts[i]; number++) {
            heap_done(&queue->lanes[i][number].ready);
            heap_done(&queue->lanes[i][number].later);
        }
}

void queue_close(struct queue **held)
{
    struct queue *queue = *held;
    struct delivery *delivery;

    if (!queue)
        return;
    queue->asker->api->timer_remove(queue->asker->host, &queue->timer);
    while ((delivery = queue_first(queue)))
        delivery_free(queue, delivery);
    lanes_done(queue);
    heap_done(&queue->overdue);
    waiting_done(&queue->waiting);
    free(queue);
    *held = NULL;
}
