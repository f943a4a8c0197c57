#include "host/connect.h"
#include "host/address.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOST_LEN = 254, PORT_LEN = 8 };

/* What outlives the connector: its threads hold it too. */
struct shared {
    atomic_uint holders;
    int pipe[2]; /* answers, one struct answer each: smaller than PIPE_BUF, so never torn */
};

struct connector {
    struct loop_watch *watch;
    struct shared *shared;
    char **granted;
    size_t granted_count;
    connect_done *done;
    void *ctx;
    unsigned under_way;
};

struct answer {
    uint64_t ticket;
    enum ctps_status status;
    int fd;
};

struct attempt {
    struct shared *shared;
    uint64_t ticket;
    char host[HOST_LEN];
    char port[PORT_LEN];
    bool public_only; /* granted as any host: not those of the machine and its network */
};

static void shared_release(struct shared *shared)
{
    if (atomic_fetch_sub(&shared->holders, 1) > 1)
        return;
    close(shared->pipe[0]);
    close(shared->pipe[1]);
    free(shared);
}

/* --- on a thread of its own --- */

static bool is_connected(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    socklen_t len = sizeof(int);
    int error = 0;

    if (poll(&wait, 1, CONNECT_S * 1000) != 1)
        return false;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0;
}

static int address_connect(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    address->ai_protocol);

    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 ||
        (errno == EINPROGRESS && is_connected(fd)))
        return fd;
    close(fd);
    return -1;
}

static int attempt_connect(const struct attempt *attempt)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    int fd = -1;

    if (getaddrinfo(attempt->host, attempt->port, &hints, &found) != 0)
        return -1;
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
        if (!attempt->public_only || address_is_public(at->ai_addr))
            fd = address_connect(at);
    freeaddrinfo(found);
    return fd;
}

static void *attempt_run(void *arg)
{
    struct attempt *attempt = arg;
    struct answer answer = {.ticket = attempt->ticket, .fd = attempt_connect(attempt)};

    answer.status = answer.fd < 0 ? CTPS_STATUS_IO : CTPS_STATUS_OK;
    if (write(attempt->shared->pipe[1], &answer, sizeof(answer)) != sizeof(answer) &&
        answer.fd >= 0)
        close(answer.fd);
    shared_release(attempt->shared);
    free(attempt);
    return NULL;
}

/* --- on the loop --- */

static void on_answer(void *ctx, unsigned ready)
{
    struct connector *connector = ctx;
    struct answer answer;

    (void)ready;
    if (read(connector->shared->pipe[0], &answer, sizeof(answer)) != sizeof(answer))
        return;
    if (answer.status != CTPS_STATUS_REFUSED)
        connector->under_way--;
    connector->done(connector->ctx, answer.ticket, answer.status, answer.fd);
}

static bool attempt_start(struct connector *connector, uint64_t ticket, const char *host,
                          uint32_t port, bool public_only)
{
    struct attempt *attempt = calloc(1, sizeof(*attempt));
    pthread_t thread;

    if (!attempt)
        return false;
    attempt->shared = connector->shared;
    attempt->ticket = ticket;
    snprintf(attempt->host, sizeof(attempt->host), "%s", host);
    snprintf(attempt->port, sizeof(attempt->port), "%u", (unsigned)port);
    attempt->public_only = public_only;
    atomic_fetch_add(&connector->shared->holders, 1);
    if (pthread_create(&thread, NULL, attempt_run, attempt) == 0) {
        pthread_detach(thread);
        return true;
    }
    atomic_fetch_sub(&connector->shared->holders, 1); /* never the last one */
    free(attempt);
    return false;
}

enum connect_grant connect_grant_find(char **granted, size_t granted_count, const char *host,
                                      uint32_t port)
{
    enum connect_grant found = CONNECT_NOT;

    for (size_t i = 0; i < granted_count; i++) {
        const char *colon = strrchr(granted[i], ':');
        size_t len = colon ? (size_t)(colon - granted[i]) : 0;

        if (!colon || strtoul(colon + 1, NULL, 10) != port)
            continue;
        if (strlen(host) == len && strncasecmp(granted[i], host, len) == 0)
            return CONNECT_NAMED;
        if (len == 1 && granted[i][0] == '*')
            found = CONNECT_PUBLIC;
    }
    return found;
}

/* A refusal takes the same way as an answer: `done` is never called from within the asking. */
void connector_ask(struct connector *connector, uint64_t ticket, const char *host,
                   uint32_t port)
{
    struct answer no = {.ticket = ticket, .status = CTPS_STATUS_REFUSED, .fd = -1};
    enum connect_grant grant = CONNECT_NOT;

    if (host && strlen(host) < HOST_LEN && connector->under_way < CONNECT_MAX)
        grant = connect_grant_find(connector->granted, connector->granted_count, host, port);
    if (grant != CONNECT_NOT &&
        attempt_start(connector, ticket, host, port, grant == CONNECT_PUBLIC)) {
        connector->under_way++;
        return;
    }
    if (write(connector->shared->pipe[1], &no, sizeof(no)) != sizeof(no))
        connector->done(connector->ctx, ticket, CTPS_STATUS_REFUSED, -1);
}

enum ctps_code connector_open(struct loop *loop, char **granted, size_t granted_count,
                              connect_done *done, void *ctx, struct connector **ret_connector,
                              struct ctps_err *err)
{
    struct connector *connector = calloc(1, sizeof(*connector));
    struct shared *shared = calloc(1, sizeof(*shared));
    enum ctps_code code;

    if (!connector || !shared || pipe2(shared->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
        free(connector);
        free(shared);
        return err_set(err, CTPS_NOMEM, "connections: no memory or no pipe");
    }
    atomic_init(&shared->holders, 1);
    *connector = (struct connector){.shared = shared,
                                    .granted = granted,
                                    .granted_count = granted_count,
                                    .done = done,
                                    .ctx = ctx};
    code = loop_watch_add(loop, shared->pipe[0], LOOP_READABLE, on_answer, connector,
                          &connector->watch, err);
    if (code != CTPS_OK)
        connector_close(&connector);
    else
        *ret_connector = connector;
    return code;
}

void connector_close(struct connector **held)
{
    struct connector *connector = *held;

    if (!connector)
        return;
    loop_watch_remove(&connector->watch);
    shared_release(connector->shared);
    free(connector);
    *held = NULL;
}
