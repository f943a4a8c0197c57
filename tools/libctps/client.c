#include "connection.h"
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    FIRST_ATTEMPT_MS = 1000, /* silence after which the same bytes are sent again; doubled */
    LAST_ATTEMPT_MS = 8000,
    BROKEN_PAUSE_MS = 100,
};

struct ctps_client {
    struct ctps_keyfile key;
    void *context;
    struct connection connection;
};

enum ctps_status ctps_client_open(const struct ctps_keyfile *key,
                                  struct ctps_client **ret_client, struct ctps_error *error)
{
    struct ctps_client *client = calloc(1, sizeof(*client));

    if (!client)
        return report(error, CTPS_STATUS_NO_MEMORY, "no memory for a client");
    client->context = zmq_ctx_new();
    if (!client->context) {
        free(client);
        return report(error, CTPS_STATUS_IO, "cannot start libzmq: %s", zmq_strerror(errno));
    }
    client->key = *key;
    *ret_client = client;
    return CTPS_STATUS_OK;
}

void ctps_client_close(struct ctps_client **ref)
{
    struct ctps_client *client = *ref;

    *ref = NULL;
    if (!client)
        return;
    connection_close(&client->connection);
    zmq_ctx_term(client->context);
    ctps_keyfile_wipe(&client->key);
    free(client);
}

void ctps_bytes_free(struct ctps_bytes *bytes)
{
    if (bytes->data)
        explicit_bzero(bytes->data, bytes->len);
    free(bytes->data);
    *bytes = (struct ctps_bytes){0};
}

static enum ctps_status take_reply(void *socket, struct ctps_bytes *ret_reply,
                                   struct ctps_error *error)
{
    enum ctps_status status = CTPS_STATUS_OK;
    struct ctps_bytes reply = {0};
    zmq_msg_t message;

    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0 || zmq_msg_more(&message)) {
        zmq_msg_close(&message);
        return report(error, CTPS_STATUS_INVALID, "the answer is not one frame");
    }
    reply.len = zmq_msg_size(&message);
    reply.data = malloc(reply.len ? reply.len : 1);
    if (reply.data) {
        memcpy(reply.data, zmq_msg_data(&message), reply.len);
        *ret_reply = reply;
    } else {
        status = report(error, CTPS_STATUS_NO_MEMORY, "no memory for an answer");
    }
    zmq_msg_close(&message);
    return status;
}

/* One sending over the present connection, or a new one. TIMEOUT: not answered this time. */
static enum ctps_status attempt(struct ctps_client *client, const void *request,
                                size_t request_len, int wait_ms, struct ctps_bytes *ret_reply,
                                struct ctps_error *error)
{
    struct connection *connection = &client->connection;
    enum ctps_status status = CTPS_STATUS_OK;

    if (!connection->socket)
        status = connection_open(connection, client->context, ZMQ_DEALER, &client->key,
                                 client->key.commands, error);
    if (status != CTPS_STATUS_OK)
        return status;
    if (zmq_send(connection->socket, request, request_len, ZMQ_DONTWAIT) < 0)
        return CTPS_STATUS_TIMEOUT;
    if (connection_wait(connection, wait_ms))
        return take_reply(connection->socket, ret_reply, error);
    if (connection->state == CONNECTION_DENIED)
        return report(error, CTPS_STATUS_DENIED,
                      "%s: the daemon does not admit the key of %s (unknown or revoked)",
                      client->key.commands, client->key.principal);
    return CTPS_STATUS_TIMEOUT;
}

static enum ctps_status explain_silence(const struct ctps_client *client,
                                        enum connection_state state, bool was_reached,
                                        int timeout_ms, struct ctps_error *error)
{
    const char *why = "nobody listens there: is the daemon running?";

    if (state == CONNECTION_UP || state == CONNECTION_LOST)
        why = "the daemon is there and did not answer";
    else if (was_reached)
        why = "somebody listens there and the handshake failed: is `server` its key?";
    return report(error, CTPS_STATUS_TIMEOUT, "%s: no answer within %d ms: %s",
                  client->key.commands, timeout_ms, why);
}

enum ctps_status ctps_client_request(struct ctps_client *client, const void *request,
                                     size_t request_len, int timeout_ms,
                                     struct ctps_bytes *ret_reply, struct ctps_error *error)
{
    int64_t deadline = connection_now_ms() + timeout_ms;
    enum connection_state state = CONNECTION_WAITING;
    int wait_ms = FIRST_ATTEMPT_MS;
    bool was_reached = false;

    if (request_len == 0 || request_len > CTPS_REQUEST_MAX)
        return report(error, request_len ? CTPS_STATUS_TOO_LARGE : CTPS_STATUS_INVALID,
                      "a request has 1 to %d bytes, this one %zu", CTPS_REQUEST_MAX,
                      request_len);
    for (;;) {
        int64_t left = deadline - connection_now_ms();
        enum ctps_status status =
            attempt(client, request, request_len, (int)(left < wait_ms ? left : wait_ms),
                    ret_reply, error);

        if (status == CTPS_STATUS_OK)
            return status;
        state = client->connection.state;
        was_reached |= client->connection.was_reached;
        /* A late answer to this sending must not be taken for the next request's. */
        connection_close(&client->connection);
        if (status != CTPS_STATUS_TIMEOUT)
            return status;
        left = deadline - connection_now_ms();
        if (left <= 0)
            return explain_silence(client, state, was_reached, timeout_ms, error);
        if (state == CONNECTION_LOST)
            zmq_poll(NULL, 0, left < BROKEN_PAUSE_MS ? (long)left : BROKEN_PAUSE_MS);
        else if (wait_ms < LAST_ATTEMPT_MS)
            wait_ms *= 2;
    }
}
