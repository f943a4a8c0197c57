/*
 * bus: the daemon's side of the message bus. One ROUTER socket takes requests; one PUB socket
 * per audience carries events out. Every connection is CURVE, every key is asked about.
 *
 * It moves bytes: what a request means, and whether a key is legal, are asked of the handler. A
 * peer that sends junk, floods or does not read is refused or dropped and slows nobody else.
 * What libzmq does not bound (frames of a message, subscriptions) is bounded by memory: past
 * `growth_max` every connection is dropped, and clients come back and ask again.
 * All calls are made on the loop's thread.
 */
#ifndef CTPS_BUS_BUS_H
#define CTPS_BUS_BUS_H

#include "base/bytes.h"
#include "base/err.h"
#include "loop/listener.h"

struct bus;
struct log;
struct loop;
struct sys;

enum {
    BUS_KEY_LEN = 32,
    BUS_ROUTE_LEN = 5,
    BUS_ENDPOINTS_MAX = 8, /* per socket */
    BUS_AUDIENCES_MAX = 320,
    BUS_AUDIENCE_NAME_MAX = 40,
    BUS_PEER_ADDRESS_LEN = 64,
};

/* What a key asks to enter. */
enum bus_door { BUS_COMMANDS, BUS_AUDIENCE };

/* Why a message was not handed over; nothing was done for it. */
enum bus_refusal {
    BUS_REFUSAL_SHAPE,      /* not one non-empty frame (or an empty one, then that) */
    BUS_REFUSAL_ROUTING_ID, /* the peer chose its routing id: it must leave that to us */
    BUS_REFUSAL_KEY,        /* its key is no longer legal */
    BUS_REFUSAL_THROTTLED,  /* more requests a second than its key may send */
    BUS_REFUSAL_BUSY,       /* too many of this key's requests wait for their answer */
    BUS_REFUSAL_OVERLOADED, /* too many of everybody's do */
};

enum { BUS_REFUSAL_COUNT = BUS_REFUSAL_OVERLOADED + 1 };

/* Where a reply goes and who asked: copied freely, good until bus_close(). */
struct bus_peer {
    uint8_t public_key[BUS_KEY_LEN]; /* proved by the handshake: the only identity there is */
    uint8_t route[BUS_ROUTE_LEN];    /* of the connection; says nothing about who it is */
    bool is_delimited;               /* a REQ client: its reply begins with an empty frame */
};

/* Borrowed for the time of the call. */
struct bus_request {
    struct bus_peer peer;
    char peer_address[BUS_PEER_ADDRESS_LEN];
    struct bytes body; /* never empty */
};

/* Not now: nobody can tell at the moment. It may knock again, and is refused nothing. */
enum bus_verdict { BUS_DENIED, BUS_ALLOWED, BUS_NOT_NOW };

struct bus_handler {
    void *ctx;
    /* Takes the request; exactly one bus_reply() must follow, now or later. */
    void (*on_request)(void *ctx, const struct bus_request *request);
    /* Whether the key may enter now; asked at each handshake and again at each request.
     * `audience` is NULL for BUS_COMMANDS. Must be quick. */
    enum bus_verdict (*allow_key)(void *ctx, enum bus_door door, const char *audience,
                                  const uint8_t *public_key);
    /* Appends the bytes of a refusal to `out`; `body` is what was received and may be
     * anything, or empty. Left empty: nothing is sent. */
    void (*make_refusal)(void *ctx, enum bus_refusal refusal, struct bytes body,
                         struct buf *out);
    /* Told of each request and each connection refused; may be NULL. Must be quick. */
    void (*on_refused)(void *ctx, enum bus_refusal refusal, const uint8_t *public_key,
                       const char *peer_address);
};

struct bus_endpoints {
    const char *const *items; /* "ipc:///run/ctps/commands", "tcp://192.0.2.1:5570" */
    size_t count;             /* 1..BUS_ENDPOINTS_MAX */
};

struct bus_audience {
    const char *name; /* [a-z0-9_.-], at most BUS_AUDIENCE_NAME_MAX */
    struct bus_endpoints endpoints;
};

/* Borrowed for the time of bus_open(), `sys` and `log` until bus_close(). */
struct bus_options {
    const struct sys *sys;
    const struct log *log; /* may be NULL */
    uint8_t secret_key[BUS_KEY_LEN];
    uint8_t public_key[BUS_KEY_LEN];
    struct bus_endpoints commands;
    const struct bus_audience *audiences;
    size_t audience_count;
    struct listener_modes modes;
    uint32_t request_max;     /* bytes of one request; a larger one ends the connection */
    uint32_t waiting_max;     /* requests handed over and not answered */
    uint32_t waiting_max_key; /* of one key */
    uint32_t rate_key;        /* requests a second of one key */
    uint32_t burst_key;       /* requests it may send at once after a pause */
    uint32_t replies_unread;  /* replies a connection may leave unread; more are dropped. Well
                                 above waiting_max_key, or honest clients lose some */
    uint32_t events_unread;   /* events a subscriber may leave unread; more are dropped */
    uint64_t growth_max;   /* bytes the process may grow before all connections are dropped */
    uint32_t self_test_ms; /* longest wait for each connection of the self-test */
};

/* The limits' defaults; keys, endpoints and `sys` are left zeroed for the caller to fill. */
void bus_options_init(struct bus_options *options);

/* Totals since bus_open(), but for those said to be of now. */
struct bus_figures {
    uint64_t connections_admitted;
    uint64_t connections_refused;
    uint64_t requests; /* handed over */
    uint64_t replies;
    uint64_t replies_unread; /* dropped: the peer does not read */
    uint64_t replies_gone;   /* dropped: the peer left */
    uint64_t refused[BUS_REFUSAL_COUNT];
    uint64_t refused_silently; /* of those: one key is told at most so many a second */
    uint64_t published;
    uint64_t pressure_resets; /* times every connection was dropped to get memory back */
    uint32_t waiting;         /* now */
    uint32_t keys;            /* that sent a request and were not forgotten, now */
};

/* Opens the ZAP handler first, then the sockets, and proves on each of them that a stranger's
 * key is refused and that a legal one is admitted; fails when either is not so. `handler` is
 * copied. Own: bus_close(), before the loop is closed. */
enum ctps_code bus_open(struct loop *loop, const struct bus_options *options,
                        const struct bus_handler *handler, struct bus **ret_bus,
                        struct ctps_err *err);
/* Drops every connection. Idempotent, nulls the pointer. */
void bus_close(struct bus **bus);

/* Answers a request, without bytes by silence. They are copied. A reply that cannot leave at
 * once is dropped and counted: its client asks again with the same id. */
void bus_reply(struct bus *bus, const struct bus_peer *peer, struct bytes reply);

/* Sends one event, an EventRecord, as one frame (bus/publication.h): each frame is encrypted,
 * queued and copied for each subscriber. `topic` has no NUL. CTPS_ABSENT: no such audience.
 * Slow subscribers lose it and know by the next one's header. */
enum ctps_code bus_publish(struct bus *bus, const char *audience, struct bytes topic,
                           struct bytes event, struct ctps_err *err);

/* Opens one more audience while the bus runs, as bus_open() does; nothing of `audience` is
 * kept.
 */
enum ctps_code bus_audience_open(struct bus *bus, const struct bus_audience *audience,
                                 struct ctps_err *err);
/* Drops its connections and closes its endpoints; CTPS_ABSENT: there is none of that name. */
enum ctps_code bus_audience_close(struct bus *bus, const char *audience);
/* The name of an audience (borrow until one is opened or closed); NULL past the last one. */
const char *bus_audience_name(const struct bus *bus, size_t index);

/* Asks allow_key() again for every key that is in an audience, and resets those that one of
 * them lost. Failure as bus_audience_reset(). */
enum ctps_code bus_audiences_review(struct bus *bus, struct ctps_err *err);
/* Disconnects everybody from an audience and lets them in again one by one: call it once
 * allow_key() says no to a key that was in. Failure leaves the audience closed, so
 * that nobody is served with a revoked key; opening it is tried again by itself. */
enum ctps_code bus_audience_reset(struct bus *bus, const char *audience, struct ctps_err *err);
/* Forgets what is counted for a key. A revoked key needs nothing more on the command socket,
 * where each request asks allow_key(). */
void bus_forget_key(struct bus *bus, const uint8_t *public_key);

/* What a client connects to, with the real port (borrow); NULL past the last one. `audience`
 * NULL: the command socket. */
const char *bus_endpoint(const struct bus *bus, const char *audience, size_t index);
void bus_figures_get(const struct bus *bus, struct bus_figures *ret_figures);

#endif
