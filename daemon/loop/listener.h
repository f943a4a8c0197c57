/*
 * listener: a listening socket made by us rather than by libzmq, for an endpoint such as
 * ipc:///run/ctps/commands or tcp://127.0.0.1:5570. It outlives the ZeroMQ sockets bound to it
 * (ZMQ_USE_FD), so that a socket can be closed and bound again at once: with libzmq's own bind
 * the closing of the old one, done later in its thread, would unlink the new one's file or
 * still hold the port.
 */
#ifndef CTPS_LOOP_LISTENER_H
#define CTPS_LOOP_LISTENER_H

#include "base/err.h"

#include <sys/types.h>

enum {
    LISTENER_PATH_MAX = 107,     /* unix(7): sun_path less its end */
    LISTENER_ENDPOINT_LEN = 128, /* with its end */
    LISTENER_BACKLOG = 256,
};

/* Zeroed modes mean 0700 and 0600. */
struct listener_modes {
    mode_t dir_mode;  /* of the socket's folder, when it has to be made */
    mode_t file_mode; /* of the socket's file */
};

struct listener {
    int fd;                               /* own; -1 when closed */
    char endpoint[LISTENER_ENDPOINT_LEN]; /* what a client connects to: the real port */
};

/* Opens and listens. tcp: a numeric IPv4 address, a bracketed IPv6 one or "*", and a port (0:
 * any free one). ipc: an absolute path; a socket file nobody listens on is replaced.
 * CTPS_INVALID: malformed endpoint or path too long; CTPS_BUSY: somebody listens there. */
enum ctps_code listener_open(struct listener *listener, const char *endpoint,
                             const struct listener_modes *modes, struct ctps_err *err);
/* Closes and removes the ipc file. Idempotent. A listener never opened has fd -1. */
void listener_close(struct listener *listener);

#endif
