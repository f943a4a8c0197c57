/*
 * loop_zmq: the one wrapper of a ZeroMQ socket in the loop.
 *
 * ZMQ_FD is edge triggered and says nothing of what is ready: the wrapper reads until EAGAIN
 * with a budget, gives way to other events and goes on, and the loop looks at every socket once
 * a turn, because sending outside the socket's callback may swallow the edge. Callers need to
 * know none of it.
 *
 * libzmq's own heartbeats stay off here: 4.3.4 aborts the process when its timer fires for a
 * peer that left while its input was held back (stream_engine_base.cpp, timer_event calling
 * out_event after an I/O error). For the same reason an input queue without limit is the safer
 * choice where the reader keeps up.
 *
 * A socket reachable from outside (a listener) is a CURVE server with a ZAP domain that is
 * enforced: without a ZAP handler nobody gets in. It refuses to be anything less.
 */
#ifndef CTPS_LOOP_LOOP_ZMQ_H
#define CTPS_LOOP_LOOP_ZMQ_H

#include "base/bytes.h"
#include "base/err.h"
#include "loop/listener.h"

struct loop;
struct loop_zmq;

enum {
    LOOP_ZMQ_KEY_LEN = 32,
    LOOP_ZMQ_FRAMES_MAX = 8,
    LOOP_ZMQ_BUDGET = 64,           /* messages acted on before other events have their turn */
    LOOP_ZMQ_LIGHT_BUDGET = 2048,   /* messages of any kind before that */
    LOOP_ZMQ_KEEPALIVE_S = 30,      /* a silent tcp peer is asked by the kernel, */
    LOOP_ZMQ_KEEPALIVE_COUNT = 3,   /* this often, before it is taken for gone */
    LOOP_ZMQ_HANDSHAKE_MS = 3000,   /* to authenticate, from the connection on */
    LOOP_ZMQ_MESSAGE_OVERHEAD = 64, /* of CURVE on the wire, counted by libzmq's limit */
    LOOP_ZMQ_HANDSHAKE_SIZE = 640,  /* least limit under which any handshake fits */
};

/* One message, borrowed for the time of the callback. */
struct loop_zmq_message {
    size_t frame_count; /* as received: those past LOOP_ZMQ_FRAMES_MAX were thrown away */
    struct bytes frame[LOOP_ZMQ_FRAMES_MAX];
    const char *user_id;      /* what the ZAP handler named the sender; NULL: nobody */
    const char *peer_address; /* "192.0.2.7", "localhost:uid:gid:pid"; may be NULL */
};

struct loop_zmq_options {
    int type; /* ZMQ_ROUTER, ZMQ_PUB, ZMQ_REP */
    /* CURVE server: both, or none for a socket used within the process only */
    const char *zap_domain;
    const uint8_t *secret_key; /* LOOP_ZMQ_KEY_LEN bytes */
    size_t message_max;        /* largest frame accepted, bytes; its sender is disconnected */
    int queue_in;              /* messages waiting per peer; 0: no limit */
    int queue_out;             /* messages a peer does not read */
    /* Whether the message gave work to do, or was put aside at once (a flood is, and must not
     * use up the turn). NULL when nothing is ever read. */
    bool (*on_message)(void *ctx, struct loop_zmq *socket,
                       const struct loop_zmq_message *message);
    void *ctx;
};

/* Own: loop_zmq_close(), before the loop is closed. */
enum ctps_code loop_zmq_open(struct loop *loop, const struct loop_zmq_options *options,
                             struct loop_zmq **ret_socket, struct ctps_err *err);
/* Drops every connection and what was not sent. Allowed from its own callback. Idempotent,
 * nulls the pointer. */
void loop_zmq_close(struct loop_zmq **socket);

/* Accepts connections made to `listener`, which must outlive the socket. CTPS_REFUSED unless
 * the socket is a CURVE server. Several listeners may be bound. */
enum ctps_code loop_zmq_listen(struct loop_zmq *socket, const struct listener *listener,
                               struct ctps_err *err);
/* Binds within the process: "inproc://..." only, once; the text is borrowed until the close,
 * after which the name is free at once. */
enum ctps_code loop_zmq_bind_inproc(struct loop_zmq *socket, const char *endpoint,
                                    struct ctps_err *err);

/* Sends the frames (at least one) as one message, never waiting; the bytes are copied. On a
 * ROUTER the first frame is the routing id: CTPS_ABSENT when no such peer is connected,
 * CTPS_BUSY when it does not read what it was sent. A PUB drops silently instead. */
enum ctps_code loop_zmq_send(struct loop_zmq *socket, const struct bytes *frames, size_t count,
                             struct ctps_err *err);
/* The same with the parts one behind the other in a single frame. */
enum ctps_code loop_zmq_send_joint(struct loop_zmq *socket, const struct bytes *parts,
                                   size_t count, struct ctps_err *err);

/* Reads what is there now, as the loop does: for waits outside of it (self-tests). */
void loop_zmq_pump(struct loop_zmq *socket);
/* The libzmq socket (borrow), for zmq_poll() in such waits. */
void *loop_zmq_handle(struct loop_zmq *socket);
/* The loop's libzmq context (borrow). */
void *loop_zmq_context(struct loop *loop);

#endif
