/*
 * bench: a bus with real sockets in a temporary folder, its loop on the test's thread, and
 * clients in contexts of their own, as if they were other processes.
 */
#ifndef CTPS_TESTS_UNIT_BUS_BENCH_H
#define CTPS_TESTS_UNIT_BUS_BENCH_H

#include "base/sys.h"
#include "bus/bus.h"
#include "loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

enum {
    BENCH_KEYS = 4,
    BENCH_HELD_MAX = 256,
    BENCH_TICK_US = 500,
    BENCH_PATIENCE_MS = 8000,
    BENCH_KEY_TEXT = 41,
};

struct bench_key {
    char public_text[BENCH_KEY_TEXT];
    char secret_text[BENCH_KEY_TEXT];
    uint8_t public_key[BUS_KEY_LEN];
    uint8_t secret_key[BUS_KEY_LEN];
    bool allowed;
    bool unknown;         /* whether it is cannot be found out at the moment */
    const char *audience; /* the only one it may enter; NULL: any */
};

struct bench {
    struct loop *loop;
    struct bus *bus;
    struct loop_timer *tick;
    char folder[32];
    struct bench_key server;
    struct bench_key keys[BENCH_KEYS];
    bool hold;         /* requests are kept instead of answered with their own bytes */
    size_t reply_size; /* when not 0, of each reply */
    /* when set, does with each request what it likes */
    void (*on_request)(struct bench *bench, const struct bus_request *request);
    struct bus_request held[BENCH_HELD_MAX];
    size_t held_count;
    uint64_t turns;
    int64_t longest_turn_us;
};

struct client {
    void *context;
    void *socket;
    void *monitor;
};

static inline int64_t bench_now_us(void)
{
    return sys_mono_us(sys_real());
}

static inline void bench_make_key(struct bench_key *key)
{
    *key = (struct bench_key){.allowed = true};
    assert_int_equal(zmq_curve_keypair(key->public_text, key->secret_text), 0);
    assert_true(z85_decode(key->public_key, BUS_KEY_LEN, key->public_text));
    assert_true(z85_decode(key->secret_key, BUS_KEY_LEN, key->secret_text));
}

static inline enum bus_verdict bench_allow(void *ctx, enum bus_door door, const char *audience,
                                           const uint8_t *public_key)
{
    const struct bench *bench = ctx;

    for (size_t i = 0; i < BENCH_KEYS; i++) {
        const struct bench_key *key = &bench->keys[i];

        if (memcmp(key->public_key, public_key, BUS_KEY_LEN) != 0)
            continue;
        if (key->unknown)
            return BUS_NOT_NOW;
        return key->allowed && (door == BUS_COMMANDS || !key->audience ||
                                strcmp(key->audience, audience) == 0)
                   ? BUS_ALLOWED
                   : BUS_DENIED;
    }
    return BUS_DENIED;
}

static inline void bench_request(void *ctx, const struct bus_request *request)
{
    struct bench *bench = ctx;
    struct bytes reply = request->body;
    uint8_t *large;

    if (bench->on_request) {
        bench->on_request(bench, request);
        return;
    }
    if (bench->hold) {
        assert_true(bench->held_count < BENCH_HELD_MAX);
        bench->held[bench->held_count++] = *request;
        return;
    }
    large = calloc(1, bench->reply_size + 1);
    if (bench->reply_size)
        reply = bytes_of(large, bench->reply_size);
    bus_reply(bench->bus, &request->peer, reply);
    free(large);
}

static inline void bench_refusal(void *ctx, enum bus_refusal refusal, struct bytes body,
                                 struct buf *out)
{
    char text[16];

    (void)ctx;
    (void)body;
    snprintf(text, sizeof(text), "refused %d", refusal);
    buf_append(out, text, strlen(text));
}

static inline void bench_tick(void *ctx)
{
    loop_timer_set(((struct bench *)ctx)->tick, BENCH_TICK_US);
}

static inline void bench_keys_make(struct bench *bench)
{
    bench_make_key(&bench->server);
    for (size_t i = 0; i < BENCH_KEYS; i++)
        bench_make_key(&bench->keys[i]);
}

/* Opens the loop and a bus with audiences "plugins" and "audit". `tcp`: on tcp, else ipc. */
static inline enum ctps_code bench_open_bus(struct bench *bench, bool tcp,
                                            struct bus_options *options, struct ctps_err *err)
{
    const struct bus_handler handler = {.ctx = bench,
                                        .on_request = bench_request,
                                        .allow_key = bench_allow,
                                        .make_refusal = bench_refusal};
    static const char *const names[] = {"commands", "plugins", "audit"};
    char text[3][LISTENER_ENDPOINT_LEN];
    const char *endpoints[3] = {text[0], text[1], text[2]};
    const struct bus_audience audiences[] = {
        {"plugins", {&endpoints[1], 1}},
        {"audit", {&endpoints[2], 1}},
    };

    for (int i = 0; i < 3; i++)
        if (tcp)
            snprintf(text[i], sizeof(text[i]), "tcp://127.0.0.1:0");
        else
            snprintf(text[i], sizeof(text[i]), "ipc://%s/run/%s", bench->folder, names[i]);
    options->sys = sys_real();
    options->commands = (struct bus_endpoints){endpoints, 1};
    options->audiences = audiences;
    options->audience_count = 2;
    memcpy(options->secret_key, bench->server.secret_key, BUS_KEY_LEN);
    memcpy(options->public_key, bench->server.public_key, BUS_KEY_LEN);
    return bus_open(bench->loop, options, &handler, &bench->bus, err);
}

static inline struct bench *bench_new(void)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    snprintf(bench->folder, sizeof(bench->folder), "/tmp/ctps-bus-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    bench_keys_make(bench);
    assert_int_equal(loop_open(&bench->loop, NULL), CTPS_OK);
    loop_timer_add(bench->loop, BENCH_TICK_US, bench_tick, bench, &bench->tick, NULL);
    return bench;
}

static inline void bench_free(struct bench *bench)
{
    char run[48];

    bus_close(&bench->bus);
    loop_timer_remove(&bench->tick);
    loop_close(&bench->loop);
    snprintf(run, sizeof(run), "%s/run", bench->folder);
    rmdir(run);
    assert_int_equal(rmdir(bench->folder), 0);
    free(bench);
}

static inline void bench_turn(struct bench *bench)
{
    int64_t began = bench_now_us(), took;

    assert_int_equal(loop_turn(bench->loop, NULL), CTPS_OK);
    took = bench_now_us() - began;
    if (took > bench->longest_turn_us)
        bench->longest_turn_us = took;
    bench->turns++;
}

static inline struct bus_figures bench_figures(const struct bench *bench)
{
    struct bus_figures figures;

    bus_figures_get(bench->bus, &figures);
    return figures;
}

static inline void client_option(const struct client *client, int name, int value)
{
    assert_int_equal(zmq_setsockopt(client->socket, name, &value, sizeof(value)), 0);
}

/* `key` NULL: without CURVE. `audience` NULL: the command socket. */
static inline void client_prepare(struct client *client, const struct bench *bench, int type,
                                  const struct bench_key *key)
{
    char name[64];

    client->context = zmq_ctx_new();
    client->socket = zmq_socket(client->context, type);
    client->monitor = zmq_socket(client->context, ZMQ_PAIR);
    client_option(client, ZMQ_LINGER, 0);
    snprintf(name, sizeof(name), "inproc://monitor.%p", client->socket);
    zmq_socket_monitor(client->socket, name, ZMQ_EVENT_ALL);
    assert_int_equal(zmq_connect(client->monitor, name), 0);
    if (!key)
        return;
    zmq_setsockopt(client->socket, ZMQ_CURVE_SERVERKEY, bench->server.public_text,
                   BENCH_KEY_TEXT);
    zmq_setsockopt(client->socket, ZMQ_CURVE_PUBLICKEY, key->public_text, BENCH_KEY_TEXT);
    zmq_setsockopt(client->socket, ZMQ_CURVE_SECRETKEY, key->secret_text, BENCH_KEY_TEXT);
}

static inline void client_connect(struct client *client, const struct bench *bench,
                                  const char *audience)
{
    assert_int_equal(zmq_connect(client->socket, bus_endpoint(bench->bus, audience, 0)), 0);
}

static inline void client_open(struct client *client, const struct bench *bench,
                               const struct bench_key *key)
{
    client_prepare(client, bench, ZMQ_DEALER, key);
    client_connect(client, bench, NULL);
}

static inline void client_subscribe(struct client *client, const struct bench *bench,
                                    const struct bench_key *key, const char *audience)
{
    client_prepare(client, bench, ZMQ_SUB, key);
    zmq_setsockopt(client->socket, ZMQ_SUBSCRIBE, "", 0);
    client_connect(client, bench, audience);
}

static inline void client_close(struct client *client)
{
    zmq_socket_monitor(client->socket, NULL, 0);
    zmq_close(client->monitor);
    zmq_close(client->socket);
    zmq_ctx_term(client->context);
}

static inline void client_send(const struct client *client, const char *text)
{
    assert_true(zmq_send(client->socket, text, strlen(text), ZMQ_DONTWAIT) >= 0);
}

/* Turns the loop until the client has received one frame (terminated); false when its patience
 * ends first. */
static inline bool client_receive(struct bench *bench, const struct client *client, char *out,
                                  size_t cap)
{
    int64_t deadline = bench_now_us() + BENCH_PATIENCE_MS * INT64_C(1000);

    while (bench_now_us() < deadline) {
        int n = zmq_recv(client->socket, out, cap - 1, ZMQ_DONTWAIT);

        if (n >= 0) {
            out[(size_t)n < cap ? (size_t)n : cap - 1] = '\0';
            return true;
        }
        bench_turn(bench);
    }
    return false;
}

static inline void client_expect(struct bench *bench, const struct client *client,
                                 const char *expected)
{
    char text[64];

    assert_true(client_receive(bench, client, text, sizeof(text)));
    assert_string_equal(text, expected);
}

/* Turns the loop until the client's monitor tells of one of `events`; its number, or 0. */
static inline int client_wait(struct bench *bench, const struct client *client, int events)
{
    int64_t deadline = bench_now_us() + BENCH_PATIENCE_MS * INT64_C(1000);

    while (bench_now_us() < deadline) {
        uint8_t head[6], tail[256];
        uint16_t event;

        if (zmq_recv(client->monitor, head, sizeof(head), ZMQ_DONTWAIT) < 0) {
            bench_turn(bench);
            continue;
        }
        zmq_recv(client->monitor, tail, sizeof(tail), 0);
        memcpy(&event, head, sizeof(event));
        if (event & events)
            return event;
    }
    return 0;
}

#endif
