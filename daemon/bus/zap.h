/*
 * zap: the authentication handler of the process (ZeroMQ RFC 27), bound before any socket that
 * relies on it. libzmq asks it at each handshake; it asks the bus's owner.
 */
#ifndef CTPS_BUS_ZAP_H
#define CTPS_BUS_ZAP_H

#include "bus/bus.h"

struct loop_zmq;

enum { ZAP_DOMAIN_LEN = BUS_AUDIENCE_NAME_MAX + 16 };

struct zap {
    struct loop_zmq *socket;
    const struct bus_handler *handler; /* borrow, as long as the zap is open */
    const struct log *log;
    /* Told of each key let into an audience; may be NULL. */
    void (*on_admitted)(void *ctx, const char *audience, const uint8_t *public_key);
    void *ctx;
    const uint8_t *stranger; /* a key nobody is told of; NULL but in self-tests */
    const uint8_t *guest; /* a key admitted whatever the handler says; NULL but in self-tests */
    uint64_t admitted;
    uint64_t refused;
};

enum ctps_code zap_open(struct zap *zap, struct loop *loop, const struct bus_handler *handler,
                        const struct log *log, struct ctps_err *err);
/* Idempotent. */
void zap_close(struct zap *zap);

/* The ZAP domain of a door into ZAP_DOMAIN_LEN bytes; `audience` NULL: the command socket. */
void zap_domain_write(char *out, const char *audience);

#endif
