#include "loop/loop_zmq.h"

#include "loop/loop_internal.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

/* zmq.h hides it among the drafts; the released library has it (RFC 27, "enforce") */
enum { OPTION_ZAP_ENFORCE_DOMAIN = 93 };

struct loop_zmq {
    struct loop *loop;
    struct loop_zmq *next;
    void *socket;
    struct event *readable; /* an edge on ZMQ_FD */
    struct event *again;    /* a zero timer: more to read, after the others */
    bool (*on_message)(void *ctx, struct loop_zmq *socket,
                       const struct loop_zmq_message *message);
    void *ctx;
    const char *inproc; /* NULL unless bound within the process */
    bool is_server;
    bool is_pumping;
    bool was_used;  /* since the last turn: its edge may have been swallowed */
    bool is_closed; /* by its own callback: freed when the pump ends */
};

struct received {
    zmq_msg_t parts[LOOP_ZMQ_FRAMES_MAX];
    size_t kept;
    struct loop_zmq_message message;
};

static enum ctps_code zmq_fail(struct ctps_err *err, const char *what)
{
    return err_set(err, errno == ENOMEM ? CTPS_NOMEM : CTPS_IO, "%s: %s", what,
                   zmq_strerror(errno));
}

static bool has_input(struct loop_zmq *socket)
{
    int events = 0;
    size_t len = sizeof(events);

    return zmq_getsockopt(socket->socket, ZMQ_EVENTS, &events, &len) == 0 &&
           (events & ZMQ_POLLIN) != 0;
}

static void pump_soon(struct loop_zmq *socket)
{
    const struct timeval now = {0, 0};

    event_add(socket->again, &now);
}

static void discard_rest(void *socket)
{
    int more = 1;

    while (more) {
        zmq_msg_t part;

        zmq_msg_init(&part);
        more = zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&part);
        zmq_msg_close(&part);
    }
}

static void release(struct received *in)
{
    for (size_t i = 0; i < in->kept; i++)
        zmq_msg_close(&in->parts[i]);
}

static void describe(struct received *in)
{
    zmq_msg_t *last = &in->parts[in->kept - 1];

    for (size_t i = 0; i < in->kept; i++)
        in->message.frame[i] =
            bytes_of(zmq_msg_data(&in->parts[i]), zmq_msg_size(&in->parts[i]));
    /* A ROUTER's first part, the routing id, carries no properties: the sender's do. */
    in->message.user_id = zmq_msg_gets(last, "User-Id");
    in->message.peer_address = zmq_msg_gets(last, "Peer-Address");
}

/* One whole message; false when there is none. */
static bool receive(void *socket, struct received *in)
{
    bool more = true;

    in->kept = 0;
    while (more && in->kept < LOOP_ZMQ_FRAMES_MAX) {
        zmq_msg_t *part = &in->parts[in->kept];

        zmq_msg_init(part);
        if (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(part);
            break;
        }
        in->kept++;
        more = zmq_msg_more(part);
    }
    if (in->kept == 0)
        return false;
    in->message.frame_count = in->kept;
    if (more && in->kept == LOOP_ZMQ_FRAMES_MAX) {
        discard_rest(socket);
        in->message.frame_count++;
    }
    describe(in);
    return true;
}

static void socket_free(struct loop_zmq *socket)
{
    if (socket->readable)
        event_free(socket->readable);
    if (socket->again)
        event_free(socket->again);
    /* Closing lets a name within the process go later, in a thread of libzmq's. */
    if (socket->inproc)
        zmq_unbind(socket->socket, socket->inproc);
    zmq_close(socket->socket);
    free(socket);
}

void loop_zmq_pump(struct loop_zmq *socket)
{
    struct received in;
    int heavy = 0;

    if (!socket->on_message) {
        has_input(socket); /* lets libzmq attach and drop peers */
        return;
    }
    socket->is_pumping = true;
    for (int i = 0; i < LOOP_ZMQ_LIGHT_BUDGET && heavy < LOOP_ZMQ_BUDGET; i++) {
        if (socket->is_closed || !receive(socket->socket, &in))
            break;
        heavy += socket->on_message(socket->ctx, socket, &in.message);
        release(&in);
    }
    socket->is_pumping = false;
    if (socket->is_closed)
        socket_free(socket);
    else if (has_input(socket))
        pump_soon(socket);
}

void loop_zmq_kick_all(struct loop *loop)
{
    for (struct loop_zmq *at = loop->sockets; at; at = at->next) {
        if (!at->on_message && !at->was_used)
            continue;
        at->was_used = false;
        if (has_input(at) && at->on_message)
            pump_soon(at);
    }
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    loop_zmq_pump(arg);
}

static int set_int(void *socket, int name, int value)
{
    return zmq_setsockopt(socket, name, &value, sizeof(value));
}

static bool set_limits(void *socket, const struct loop_zmq_options *options)
{
    int64_t largest = (int64_t)options->message_max + LOOP_ZMQ_MESSAGE_OVERHEAD;

    if (largest < LOOP_ZMQ_HANDSHAKE_SIZE)
        largest = LOOP_ZMQ_HANDSHAKE_SIZE;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) == 0 &&
           set_int(socket, ZMQ_LINGER, 0) == 0 &&
           set_int(socket, ZMQ_RCVHWM, options->queue_in) == 0 &&
           set_int(socket, ZMQ_SNDHWM, options->queue_out) == 0 &&
           set_int(socket, ZMQ_HANDSHAKE_IVL, LOOP_ZMQ_HANDSHAKE_MS) == 0 &&
           set_int(socket, ZMQ_TCP_KEEPALIVE, 1) == 0 &&
           set_int(socket, ZMQ_TCP_KEEPALIVE_IDLE, LOOP_ZMQ_KEEPALIVE_S) == 0 &&
           set_int(socket, ZMQ_TCP_KEEPALIVE_INTVL, LOOP_ZMQ_KEEPALIVE_S) == 0 &&
           set_int(socket, ZMQ_TCP_KEEPALIVE_CNT, LOOP_ZMQ_KEEPALIVE_COUNT) == 0;
}

static bool set_router(void *socket)
{
    return set_int(socket, ZMQ_ROUTER_MANDATORY, 1) == 0 &&
           set_int(socket, ZMQ_ROUTER_HANDOVER, 0) == 0;
}

static bool set_server(void *socket, const struct loop_zmq_options *options)
{
    return set_int(socket, ZMQ_CURVE_SERVER, 1) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, options->secret_key, LOOP_ZMQ_KEY_LEN) ==
               0 &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, options->zap_domain,
                          strlen(options->zap_domain)) == 0 &&
           set_int(socket, OPTION_ZAP_ENFORCE_DOMAIN, 1) == 0;
}

static bool watch(struct loop_zmq *socket)
{
    struct event_base *base = socket->loop->base;
    int fd = -1;
    size_t len = sizeof(fd);

    if (zmq_getsockopt(socket->socket, ZMQ_FD, &fd, &len) < 0)
        return false;
    socket->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_event, socket);
    socket->again = event_new(base, -1, 0, on_event, socket);
    return socket->readable && socket->again && event_add(socket->readable, NULL) == 0;
}

enum ctps_code loop_zmq_open(struct loop *loop, const struct loop_zmq_options *options,
                             struct loop_zmq **ret_socket, struct ctps_err *err)
{
    struct loop_zmq *socket = calloc(1, sizeof(*socket));

    assert(!options->secret_key == !options->zap_domain);
    if (!socket)
        return err_set(err, CTPS_NOMEM, "bus socket: no memory");
    socket->loop = loop;
    socket->on_message = options->on_message;
    socket->ctx = options->ctx;
    socket->is_server = options->secret_key != NULL;
    socket->socket = zmq_socket(loop->zmq_context, options->type);
    if (!socket->socket || !set_limits(socket->socket, options) ||
        (options->type == ZMQ_ROUTER && !set_router(socket->socket)) ||
        (socket->is_server && !set_server(socket->socket, options)) || !watch(socket)) {
        enum ctps_code code = zmq_fail(err, "bus socket");

        socket_free(socket);
        return code;
    }
    socket->next = loop->sockets;
    loop->sockets = socket;
    *ret_socket = socket;
    return CTPS_OK;
}

void loop_zmq_close(struct loop_zmq **ref)
{
    struct loop_zmq *socket = *ref;
    struct loop_zmq **at;

    *ref = NULL;
    if (!socket)
        return;
    for (at = &socket->loop->sockets; *at != socket; at = &(*at)->next)
        continue;
    *at = socket->next;
    if (socket->is_pumping)
        socket->is_closed = true;
    else
        socket_free(socket);
}

static enum ctps_code bind_to(struct loop_zmq *socket, const char *endpoint,
                              struct ctps_err *err)
{
    if (zmq_bind(socket->socket, endpoint) < 0)
        return zmq_fail(err, endpoint);
    socket->was_used = true;
    pump_soon(socket);
    return CTPS_OK;
}

enum ctps_code loop_zmq_listen(struct loop_zmq *socket, const struct listener *listener,
                               struct ctps_err *err)
{
    enum ctps_code code;
    int fd;

    if (!socket->is_server)
        return err_set(err, CTPS_REFUSED, "%s: only an authenticated socket may listen",
                       listener->endpoint);
    /* libzmq closes what it adopts: it gets its own descriptor of the same listening socket. */
    fd = fcntl(listener->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return err_set_errno(err, errno, "%s", listener->endpoint);
    if (set_int(socket->socket, ZMQ_USE_FD, fd) < 0) {
        close(fd);
        return zmq_fail(err, listener->endpoint);
    }
    code = bind_to(socket, listener->endpoint, err);
    set_int(socket->socket, ZMQ_USE_FD, -1);
    return code;
}

enum ctps_code loop_zmq_bind_inproc(struct loop_zmq *socket, const char *endpoint,
                                    struct ctps_err *err)
{
    enum ctps_code code;

    if (strncmp(endpoint, "inproc://", strlen("inproc://")) != 0)
        return err_set(err, CTPS_REFUSED, "%s: not within the process", endpoint);
    code = bind_to(socket, endpoint, err);
    if (code == CTPS_OK)
        socket->inproc = endpoint;
    return code;
}

/* Why a message did not leave, by errno. */
static enum ctps_code send_fail(struct ctps_err *err)
{
    if (errno == EAGAIN)
        return err_set(err, CTPS_BUSY, "the peer does not read");
    if (errno == EHOSTUNREACH)
        return err_set(err, CTPS_ABSENT, "the peer is gone");
    return zmq_fail(err, "sending");
}

enum ctps_code loop_zmq_send(struct loop_zmq *socket, const struct bytes *frames, size_t count,
                             struct ctps_err *err)
{
    assert(count > 0);
    socket->was_used = true;
    for (size_t i = 0; i < count; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0);

        if (zmq_send(socket->socket, frames[i].data, frames[i].len, flags) < 0)
            return send_fail(err);
    }
    return CTPS_OK;
}

enum ctps_code loop_zmq_send_joint(struct loop_zmq *socket, const struct bytes *parts,
                                   size_t count, struct ctps_err *err)
{
    zmq_msg_t frame;
    uint8_t *at;
    size_t len = 0;

    socket->was_used = true;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    if (zmq_msg_init_size(&frame, len) < 0)
        return send_fail(err);
    at = zmq_msg_data(&frame);
    for (size_t i = 0; i < count; at += parts[i++].len)
        if (parts[i].len)
            memcpy(at, parts[i].data, parts[i].len);
    if (zmq_msg_send(&frame, socket->socket, ZMQ_DONTWAIT) < 0) {
        enum ctps_code code = send_fail(err);

        zmq_msg_close(&frame);
        return code;
    }
    return CTPS_OK;
}

void *loop_zmq_handle(struct loop_zmq *socket)
{
    return socket->socket;
}

void *loop_zmq_context(struct loop *loop)
{
    return loop->zmq_context;
}
