/*
 * notify: tells people and systems outside what happened, by mail and by webhooks. What the
 * plugin's files share.
 *
 * Life of a message: an event comes; each channel says to whom it is to be told (`plan`), one
 * delivery is queued for each in ctpsd's journal (queue.h), and the event is done. Each
 * delivery then asks ctpsd, at the moment of sending, whether its recipient may be told and
 * what. Nothing nominative comes here; the state folder
 * holds the time of the first start.
 */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include "ask.h"
#include "queue.h"
#include "transport.h"

enum { NOTIFY_TOPIC_LEN = 48, NOTIFY_WHY_LEN = 256, NOTIFY_CHANNELS = QUEUE_CHANNELS_MAX };

struct notify {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    struct asker asker;
    struct transport *transport;
    struct queue *queue;
    struct mail *mail;         /* NULL: no server is configured */
    struct webhooks *webhooks; /* NULL: off */
    struct ctps_timer *load, *drain;
    const struct channel *channels[NOTIFY_CHANNELS];
    size_t channel_count;
    struct plan *plan; /* of the event at hand */
    bool loaded;       /* the queue is there */
    int64_t since_us;  /* what happened before is told to nobody */
};

/* An event as far as it says to whom something is to be told. Ids and codes only. */
struct happening {
    uint64_t number;
    int64_t time_us;
    char topic[NOTIFY_TOPIC_LEN];
    uint32_t kind; /* enum ObjectKind */
    uint64_t id;
    uint32_t other_kind;
    uint64_t other;
    uint64_t agent;
    int32_t day;
    char code[QUEUE_CODE_LEN];
    char outcome[QUEUE_CODE_LEN]; /* of a reminder */
};

/* What is being planned for one event. The event is done once every holder has let go; asked
 * for again when one said `ok` false. */
struct plan {
    struct notify *notify;
    struct happening happening;
    unsigned holders;
    bool failed;
    bool in_event; /* still inside on_event: its verdict says it */
};

void plan_hold(struct plan *plan);
/* `plan` may be gone afterwards. */
void plan_release(struct plan *plan, bool ok);
/* The event is to be looked at again. */
void plan_fail(struct plan *plan);
/* queue_add for a plan: held until it is queued. `model`: key, channel and recipient; the rest
 * is the event's. */
void plan_add(struct plan *plan, const struct delivery *model);

/* A line of one's own making in the log; ids only. */
void notify_say(struct notify *notify, enum ctps_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
