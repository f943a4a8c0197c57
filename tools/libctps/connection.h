/*
 * connection: one CURVE client socket with its monitor, in a libzmq context given by the
 * caller. It tells apart an admitted key, a denied one and a daemon that is not there.
 */
#ifndef CTPS_LIBCTPS_CONNECTION_H
#define CTPS_LIBCTPS_CONNECTION_H

#include "ctps/client.h"

enum connection_state { CONNECTION_WAITING, CONNECTION_UP, CONNECTION_LOST, CONNECTION_DENIED };

struct connection {
    void *socket;
    void *monitor;
    enum connection_state state;
    bool was_reached; /* somebody accepted the connection, whoever it is */
};

/* `type`: ZMQ_DEALER or ZMQ_SUB (subscribed to everything). Does not wait. */
enum ctps_status connection_open(struct connection *connection, void *context, int type,
                                 const struct ctps_keyfile *key, const char *endpoint,
                                 struct ctps_error *error);
/* Idempotent. */
void connection_close(struct connection *connection);

/* Waits until the socket has a message (returns true), the state turns to lost or denied, or
 * `wait_ms` is over. */
bool connection_wait(struct connection *connection, int wait_ms);

int64_t connection_now_ms(void);

#endif
