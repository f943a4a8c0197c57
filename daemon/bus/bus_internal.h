/* bus_internal: what the files of this folder share. Not for other folders. */
#ifndef CTPS_BUS_BUS_INTERNAL_H
#define CTPS_BUS_BUS_INTERNAL_H

#include "bus/accounts.h"
#include "bus/bus.h"
#include "bus/pressure.h"
#include "bus/zap.h"

struct loop_timer;
struct loop_zmq;
struct loop_zmq_message;

enum { DOOR_KEYS_MAX = 64 };

/* A listening socket: the command one or an audience. */
struct door {
    char audience[BUS_AUDIENCE_NAME_MAX + 1]; /* empty: the command socket */
    struct listener listeners[BUS_ENDPOINTS_MAX];
    size_t listener_count;
    struct loop_zmq *socket; /* NULL while closed */
    /* An audience's keys let in since it was opened or reset, each once. */
    uint8_t keys[DOOR_KEYS_MAX][BUS_KEY_LEN];
    size_t key_count;
    bool keys_overflow; /* there were more: nobody can say who is in */
};

struct bus {
    struct loop *loop;
    const struct sys *sys;
    const struct log *log;
    struct bus_handler handler;
    struct bus_options limits; /* its borrowed parts are cleared */
    struct zap zap;
    struct door commands;
    struct door *audiences[BUS_AUDIENCES_MAX]; /* own */
    size_t audience_count;
    struct accounts accounts;
    struct bucket_rate asked; /* requests of a key */
    struct bucket_rate told;  /* refusals sent to it */
    struct buf refusal;
    struct pressure pressure;
    struct loop_timer *watch;
    struct bus_figures figures;
};

/* What came in on the command socket; whether it was handed over. */
bool request_receive(void *ctx, struct loop_zmq *socket,
                     const struct loop_zmq_message *message);

/* Proves that a door refuses a stranger and admits a legal key. */
enum ctps_code self_test_door(struct bus *bus, const struct door *door, struct ctps_err *err);

#endif
