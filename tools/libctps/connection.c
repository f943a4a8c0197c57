#include "connection.h"

#include "base/sys.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum {
    RECONNECT_MS = 50,
    RECONNECT_MAX_MS = 1000,
    HEARTBEAT_MS = 2000,
    HANDSHAKE_MS = 3000, /* the daemon may close the socket that took the connection */
    SILENCE_MS = 10000,
    REPLY_MAX = 64 * 1024 * 1024,
};

int64_t connection_now_ms(void)
{
    return sys_mono_us(sys_real()) / 1000;
}

static bool set_int(void *socket, int name, int value)
{
    return zmq_setsockopt(socket, name, &value, sizeof(value)) == 0;
}

static bool configure(void *socket, const struct ctps_keyfile *key)
{
    const int64_t largest = REPLY_MAX;

    return set_int(socket, ZMQ_LINGER, 0) && set_int(socket, ZMQ_IPV6, 1) &&
           set_int(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
           set_int(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) &&
           set_int(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, SILENCE_MS) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key->server_key, CTPS_KEY_LEN) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key->public_key, CTPS_KEY_LEN) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret_key, CTPS_KEY_LEN) == 0;
}

static bool watch(struct connection *connection, void *context)
{
    char name[64];

    snprintf(name, sizeof(name), "inproc://ctps.monitor.%p", connection->socket);
    connection->monitor = zmq_socket(context, ZMQ_PAIR);
    return connection->monitor && set_int(connection->monitor, ZMQ_LINGER, 0) &&
           zmq_socket_monitor(connection->socket, name,
                              ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                                  ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED) ==
               0 &&
           zmq_connect(connection->monitor, name) == 0;
}

enum ctps_status connection_open(struct connection *connection, void *context, int type,
                                 const struct ctps_keyfile *key, const char *endpoint,
                                 struct ctps_error *error)
{
    *connection = (struct connection){.socket = zmq_socket(context, type)};
    if (connection->socket && configure(connection->socket, key) &&
        (type != ZMQ_SUB || zmq_setsockopt(connection->socket, ZMQ_SUBSCRIBE, "", 0) == 0) &&
        watch(connection, context) && zmq_connect(connection->socket, endpoint) == 0)
        return CTPS_STATUS_OK;
    report(error, CTPS_STATUS_IO, "%s: %s", endpoint, zmq_strerror(errno));
    connection_close(connection);
    return CTPS_STATUS_IO;
}

void connection_close(struct connection *connection)
{
    if (connection->socket) {
        zmq_socket_monitor(connection->socket, NULL, 0);
        zmq_close(connection->socket);
    }
    if (connection->monitor)
        zmq_close(connection->monitor);
    *connection = (struct connection){0};
}

/* A monitor's message: event and value (6 bytes, host order), then the endpoint. */
static void read_monitor(struct connection *connection)
{
    uint8_t head[6], tail[CTPS_ENDPOINT_LEN];

    while (zmq_recv(connection->monitor, head, sizeof(head), ZMQ_DONTWAIT) >= 0) {
        uint16_t event;

        zmq_recv(connection->monitor, tail, sizeof(tail), ZMQ_DONTWAIT);
        memcpy(&event, head, sizeof(event));
        if (event == ZMQ_EVENT_CONNECTED)
            connection->was_reached = true;
        else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            connection->state = CONNECTION_UP;
        else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            connection->state = CONNECTION_DENIED;
        else if (connection->state == CONNECTION_UP)
            connection->state = CONNECTION_LOST;
    }
}

bool connection_wait(struct connection *connection, int wait_ms)
{
    int64_t deadline = connection_now_ms() + wait_ms;
    int64_t left = wait_ms;

    do {
        zmq_pollitem_t items[] = {
            {.socket = connection->socket, .events = ZMQ_POLLIN},
            {.socket = connection->monitor, .events = ZMQ_POLLIN},
        };

        zmq_poll(items, 2, left > 0 ? (long)left : 0);
        read_monitor(connection);
        if (items[0].revents & ZMQ_POLLIN)
            return true;
        left = deadline - connection_now_ms();
    } while (left > 0 && connection->state != CONNECTION_LOST &&
             connection->state != CONNECTION_DENIED);
    return false;
}
