#include "server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "audit/http.h"

enum {
    ADDRESS_MAX = 64,
    CONNECTIONS_MAX = 64,
    REQUEST_S = 5,       /* from the first byte it could send to the last one taken */
    LINGER_S = 1,        /* for it to read the answer that ends the connection */
    ANSWERS_MAX = 65536, /* bytes not yet read by who asked */
    LINES_BURST = 20,
    LINES_PER_S = 1, /* said about refusals: nobody fills a disk by asking */
};

struct server {
    struct store *store;
    FILE *err;
    struct event_base *base;
    unsigned connections;
    int64_t said_at_s;
    unsigned said;
};

struct connection {
    struct server *server;
    struct bufferevent *buffer;
    struct event *deadline;
    bool ending; /* nothing more is taken */
};

static void connection_free(struct connection *connection)
{
    connection->server->connections--;
    if (connection->deadline)
        event_free(connection->deadline);
    bufferevent_free(connection->buffer);
    free(connection);
}

/* --- answers --- */

static const char *reason_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {422, "Unprocessable Content"},
        {500, "Internal Server Error"},
    };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "-";
}

static void answer(struct connection *connection, unsigned status, const char *type,
                   const char *body, bool closes)
{
    evbuffer_add_printf(
        bufferevent_get_output(connection->buffer),
        "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s%s\r\n%s", status,
        reason_of(status), type, strlen(body), status == 405 ? "Allow: POST\r\n" : "",
        closes ? "Connection: close\r\n" : "", body);
    connection->ending |= closes;
}

/* What is wrong with the message itself: where the next one begins is not known. */
static void answer_end(struct connection *connection, unsigned status, const char *words)
{
    char body[64];

    snprintf(body, sizeof(body), "%s\n", words);
    answer(connection, status, "text/plain", body, true);
}

static bool may_say(struct server *server, int64_t now_s)
{
    int64_t earned = (now_s - server->said_at_s) * LINES_PER_S;

    if (earned > 0 || earned < -3600) {
        server->said_at_s = now_s;
        server->said =
            earned > 0 && server->said > earned ? server->said - (unsigned)earned : 0;
    }
    return server->said++ < LINES_BURST;
}

static void refusal_say(struct server *server, enum witness_verdict verdict,
                        const struct store_log *log, int64_t now_s)
{
    if (verdict != WITNESS_COSIGN && verdict != WITNESS_NOT_LAST && may_say(server, now_s))
        fprintf(server->err, "ctps-witness: refused: %s: %s\n", witness_word(verdict)->name,
                log ? log->key.name : "-");
}

static void cosign(struct connection *connection, const char *body, bool closes)
{
    struct server *server = connection->server;
    char data[NOTE_LEN_MAX];
    struct note_text text = {.data = data, .max = sizeof(data)};
    const struct witness_word *word;
    enum witness_verdict verdict;
    const struct store_log *log;
    int64_t now_s = (int64_t)time(NULL);

    *data = '\0';
    if (now_s < 0 ||
        !store_cosign(server->store, body, (uint64_t)now_s, &text, &verdict, &log)) {
        fprintf(server->err, "ctps-witness: %s\n", server->store->why);
        answer_end(connection, 500, "not_remembered");
        return;
    }
    refusal_say(server, verdict, log, now_s);
    word = witness_word(verdict);
    if (verdict == WITNESS_COSIGN || word->tells_size) {
        answer(connection, word->status, word->tells_size ? WITNESS_SIZE_TYPE : "text/plain",
               data, closes);
        return;
    }
    snprintf(data, sizeof(data), "%s\n", word->name);
    answer(connection, word->status, "text/plain", data, closes);
}

/* --- requests --- */

/* A status of HTTP, 0 when the head asks for what there is. */
static unsigned head_refuse(const struct http_head *head)
{
    if (strcmp(head->target, WITNESS_TARGET) != 0)
        return 404;
    if (strcmp(head->method, "POST") != 0)
        return 405;
    return head->has_body_len ? 0 : 411;
}

/* Deals with one whole request; false when none is there. */
static bool request_take(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->buffer);
    size_t len = evbuffer_get_length(input);
    const char *data = (const char *)evbuffer_pullup(input, -1);
    char body[HTTP_BODY_MAX + 1];
    struct http_head head;
    enum http_result result = data ? http_request_read(data, len, &head) : HTTP_MORE;
    unsigned status;

    if (!data || result == HTTP_MORE)
        return false;
    status = result == HTTP_BAD ? (head.too_large ? 413 : 400) : head_refuse(&head);
    if (status) {
        answer_end(connection, status, "refused");
        return false;
    }
    if (len < head.len + head.body_len)
        return false;
    memcpy(body, data + head.len, head.body_len);
    body[head.body_len] = '\0';
    evbuffer_drain(input, head.len + head.body_len);
    /* A zero inside ends it there: it is not what was signed. */
    if (strlen(body) != head.body_len)
        answer_end(connection, 400, "malformed");
    else
        cosign(connection, body, head.closes);
    return !connection->ending;
}

static void deadline_set(struct connection *connection, time_t seconds)
{
    event_add(connection->deadline, &(struct timeval){.tv_sec = seconds});
}

static void on_read(struct bufferevent *buffer, void *arg)
{
    struct connection *connection = arg;

    (void)buffer;
    if (connection->ending) {
        evbuffer_drain(bufferevent_get_input(connection->buffer), SIZE_MAX);
        return;
    }
    while (request_take(connection))
        deadline_set(connection, REQUEST_S);
    if (evbuffer_get_length(bufferevent_get_output(connection->buffer)) > ANSWERS_MAX) {
        connection_free(connection);
        return;
    }
}

static void on_written(struct bufferevent *buffer, void *arg)
{
    struct connection *connection = arg;

    if (!connection->ending)
        return;
    /* Closed with bytes unread, the answer would be lost with them. */
    shutdown(bufferevent_getfd(buffer), SHUT_WR);
    deadline_set(connection, LINGER_S);
}

static void on_end(struct bufferevent *buffer, short what, void *arg)
{
    (void)buffer, (void)what;
    connection_free(arg);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    connection_free(arg);
}

/* --- listening --- */

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *address, int address_len, void *arg)
{
    struct server *server = arg;
    struct connection *connection =
        server->connections < CONNECTIONS_MAX ? calloc(1, sizeof(*connection)) : NULL;

    (void)listener, (void)address, (void)address_len;
    if (!connection) {
        evutil_closesocket(fd);
        return;
    }
    connection->server = server;
    connection->buffer = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!connection->buffer) {
        evutil_closesocket(fd);
        free(connection);
        return;
    }
    server->connections++;
    connection->deadline = evtimer_new(server->base, on_deadline, connection);
    if (!connection->deadline) {
        connection_free(connection);
        return;
    }
    bufferevent_setcb(connection->buffer, on_read, on_written, on_end, connection);
    bufferevent_setwatermark(connection->buffer, EV_READ, 0, HTTP_HEAD_MAX + HTTP_BODY_MAX);
    deadline_set(connection, REQUEST_S);
    bufferevent_enable(connection->buffer, EV_READ | EV_WRITE);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    event_base_loopbreak(arg);
}

static void address_say(FILE *out, evutil_socket_t fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);
    char host[ADDRESS_MAX] = "", port[8] = "";
    bool is_six;

    getsockname(fd, (struct sockaddr *)&address, &len);
    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
                NI_NUMERICHOST | NI_NUMERICSERV);
    is_six = strchr(host, ':') != NULL;
    fprintf(out, "listening on %s%s%s:%s\n", is_six ? "[" : "", host, is_six ? "]" : "", port);
    fflush(out);
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT": figures only. NULL when it is not. */
static struct addrinfo *address_read(const char *listen)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    const char *colon = strrchr(listen, ':');
    size_t len = colon ? (size_t)(colon - listen) : 0;
    char host[ADDRESS_MAX];
    struct addrinfo *found;

    if (len > 1 && listen[0] == '[' && colon[-1] == ']')
        listen++, len -= 2;
    if (!len || len >= sizeof(host))
        return NULL;
    memcpy(host, listen, len);
    host[len] = '\0';
    return getaddrinfo(host, colon + 1, &hints, &found) == 0 ? found : NULL;
}

static struct evconnlistener *listener_open(struct server *server, const char *listen)
{
    struct addrinfo *address = address_read(listen);
    struct evconnlistener *listener = NULL;

    if (address)
        listener = evconnlistener_new_bind(server->base, on_connection, server,
                                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
                                               LEV_OPT_REUSEABLE,
                                           -1, address->ai_addr, (int)address->ai_addrlen);
    if (address)
        freeaddrinfo(address);
    return listener;
}

static int serve(struct server *server, const char *listen, FILE *out)
{
    struct event *term = evsignal_new(server->base, SIGTERM, on_signal, server->base);
    struct event *interrupt = evsignal_new(server->base, SIGINT, on_signal, server->base);
    struct evconnlistener *listener = listener_open(server, listen);
    bool ready = term && interrupt && listener && event_add(term, NULL) == 0 &&
                 event_add(interrupt, NULL) == 0;

    if (ready) {
        address_say(out, evconnlistener_get_fd(listener));
        event_base_dispatch(server->base);
    } else {
        fprintf(server->err, "ctps-witness: cannot listen on %s\n", listen);
    }
    if (listener)
        evconnlistener_free(listener);
    if (term)
        event_free(term);
    if (interrupt)
        event_free(interrupt);
    return ready ? EX_OK : EX_UNAVAILABLE;
}

int server_run(struct store *store, const char *listen, FILE *out, FILE *err)
{
    struct server server = {.store = store, .err = err, .base = event_base_new()};
    int status;

    if (!server.base)
        return EX_OSERR;
    signal(SIGPIPE, SIG_IGN);
    status = serve(&server, listen, out);
    event_base_free(server.base);
    return status;
}
