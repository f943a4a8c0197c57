/*
 * queue: what is to be delivered, to whom, and what came of it. The queue stands in ctpsd's
 * journal (effects `notification.queued`, ended once by `.sent`, `.failed` or `.skipped` under
 * the same key): it survives this process, `ctps notification list` shows it, and nothing is
 * kept in the state folder. In memory is what is needed to choose the next one.
 *
 * A channel does the delivering (mail, digest, webhook). Within a channel, deliveries go by
 * lanes: all mails are one, each webhook endpoint is its own. A lane that is down is tried with
 * one delivery at a time, after a growing pause; the others wait without being counted as
 * tries. Of deliveries in one group (see channel.same_group) only the newest goes out: after an
 * outage nobody gets a flood.
 *
 * What a lane is to try stands in two heaps: ready, the oldest first, and later, by the time of
 * the next try; so a turn costs the same whether ten wait or a hundred thousand.
 */
#ifndef NOTIFY_QUEUE_H
#define NOTIFY_QUEUE_H

#include "ask.h"
#include "heap.h"
#include "waiting.h"

enum { QUEUE_LANES_MAX = 256, QUEUE_CHANNELS_MAX = 4, QUEUE_CODE_LEN = 41 };

struct queue;

/* One delivery; owned by the queue. Ids and codes only. */
struct delivery {
    char key[CTPS_EFFECT_KEY_MAX + 1]; /* deterministic: same event, same recipient, same key */
    const struct channel *channel;
    uint64_t id;          /* of its effect: grows with what is queued */
    uint64_t source;      /* number of the event it comes from */
    uint32_t object_kind; /* enum ObjectKind */
    uint64_t object;
    uint64_t agent, contact;    /* recipient: one of them, or none */
    int32_t day;                /* of the event's notice; 0: none */
    char about[QUEUE_CODE_LEN]; /* code of the event's notice; "": none */
    int64_t queued_us;
    unsigned tries;
    int64_t due_us; /* not before; 0: at once */
    bool under_way;

    /* the queue's own */
    struct lane *lane;
    struct waiting_links links[WAITING_BY_COUNT];
    struct heap_place place;   /* among what its lane is to try */
    struct heap_place overdue; /* among what may be given up */
};

enum outcome {
    OUTCOME_SENT,
    OUTCOME_RETRY,   /* this one again later */
    OUTCOME_DOWN,    /* the whole lane again later */
    OUTCOME_FAILED,  /* never: a human is told */
    OUTCOME_SKIPPED, /* not wanted any more, or not allowed: `cause` says why */
    OUTCOME_HELD,    /* not now, and not counted: looked at again at the next turn */
};

/* What delivers. Static. */
struct channel {
    const char *code; /* Effect.code: "mail", "webhook" */
    unsigned at_once; /* deliveries under way on one lane */
    /* Begins a delivery: queue_end() says what came of it, now or later. `delivery` lives until
     * then. */
    void (*send)(void *arg, struct delivery *delivery);
    /* Lane of a delivery, below QUEUE_LANES_MAX: asked once. NULL: 0. Lanes are each
     * channel's own. */
    unsigned (*lane)(void *arg, const struct delivery *delivery);
    /* Of two deliveries only the newer one is worth sending. NULL: each is. */
    bool (*same_group)(void *arg, const struct delivery *one, const struct delivery *other);
    /* Not to be sent by itself (an item of a digest): asked once. NULL: each is. */
    bool (*is_passive)(void *arg, const struct delivery *delivery);
    void *arg;
};

struct queue_options {
    int64_t retry_first_ms, retry_max_ms; /* pause after the first failure; then doubled */
    int64_t give_up_ms;                   /* after queueing: failed */
};

/* Own: queue_close(). The channels are borrowed and outlive it. */
struct queue *queue_open(struct asker *asker, const struct queue_options *options,
                         const struct channel *const *channels, size_t channel_count);
/* Idempotent. Calls nobody any more. */
void queue_close(struct queue **queue);

/* Loads what waits from ctpsd; `ready` once it is all there. Call once, before queue_add. */
void queue_load(struct queue *queue, void (*ready)(void *arg), void *arg);

/* Called once. `fresh`: this adding queued it; `ok` false: ctpsd would not, try the event
 * again. */
typedef void queue_added(void *arg, bool ok);
/* Queues a copy of `model` (key, channel, source, object…, recipient). Known already under its
 * key, sent or not, it is not queued again. */
void queue_add(struct queue *queue, const struct delivery *model, queue_added *done, void *arg);
/* Ends a try. `cause`: code for people, [a-z0-9_.-], at most 40; "" for none. `delivery` is
 * gone after any outcome but RETRY, DOWN and HELD. */
void queue_end(struct queue *queue, struct delivery *delivery, enum outcome outcome,
               const char *cause);
/* Ends a passive one, or one that is not under way, without a try of its own. */
void queue_settle(struct queue *queue, struct delivery *delivery, enum outcome outcome,
                  const char *cause);
/* Looks for what may be sent now; also called by a timer twice a second. */
void queue_turn(struct queue *queue);
/* No try is begun any more; for draining. */
void queue_stop(struct queue *queue);
unsigned queue_under_way(const struct queue *queue);
/* The deliveries, to be walked over: not to be added or ended meanwhile. */
const struct waiting *queue_waiting(const struct queue *queue);
/* The oldest. */
struct delivery *queue_first(struct queue *queue);
/* NULL when none of that key waits. */
struct delivery *queue_find(struct queue *queue, const char *key);

#endif
