/* The host's start: the plugin process, its sockets, its folder, its recording. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/host_private.h"
#include "host/process.h"
#include "wire/wire.h"

enum { WHY_LEN = 160 };

/* How the plugin process ended, in words; false when it has not. */
static bool end_words(struct host *host, char why[WHY_LEN])
{
    int status;

    if (host->pid <= 0 || waitpid(host->pid, &status, WNOHANG) != host->pid)
        return false;
    host->pid = 0;
    if (WIFSIGNALED(status))
        snprintf(why, WHY_LEN, "the plugin process was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(why, WHY_LEN, "the plugin process ended by itself with %d",
                 WEXITSTATUS(status));
    return true;
}

static void on_down_ended(void *ctx, const char *why)
{
    struct host *host = ctx;
    char words[WHY_LEN];

    snprintf(words, sizeof(words), "the plugin process: %s", why);
    /* It may still be ending: its own end says more than its silence. */
    for (int tries = 0; tries < 50 && host->pid > 0 && !end_words(host, words); tries++)
        usleep(2000);
    host_end(host, EX_SOFTWARE, words);
}

/* All but the way to the bus. */
static void down_start(struct host *host)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = *host->start;

    start.has_public_key = start.has_secret_key = start.has_server_key = 0;
    start.commands = start.record = NULL;
    start.n_events = 0;
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    channel_send(host->down, &frame, -1);
}

static int address_listen(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* "ADDRESS:PORT", the address in figures. */
static int listener_open(const char *text)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    const char *colon = strrchr(text, ':');
    char host[64];
    int fd = -1;

    if (!colon || (size_t)(colon - text) >= sizeof(host))
        return -1;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    if (getaddrinfo(host, colon + 1, &hints, &found) == 0)
        fd = address_listen(found);
    if (found)
        freeaddrinfo(found);
    return fd;
}

static bool down_listeners(struct host *host, struct ctps_err *err)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkConnected body = CTPS__LINK_CONNECTED__INIT;

    frame.body_case = CTPS__LINK_FRAME__BODY_CONNECTED;
    frame.connected = &body;
    for (size_t i = 0; i < host->start->n_listen; i++) {
        int fd = listener_open(host->start->listen[i]);

        if (fd < 0) {
            err_set_errno(err, errno, "cannot listen on %s", host->start->listen[i]);
            return false;
        }
        channel_send(host->down, &frame, fd);
        close(fd);
    }
    channel_send(host->down, &frame, -1); /* no more of them */
    return true;
}

static bool record_begin(struct host *host, struct ctps_err *err)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = CTPS__LINK_START__INIT;

    if (!host->start->record || !*host->start->record)
        return true;
    if (record_open(host->start->record, &host->record, err) != CTPS_OK)
        return false;
    start.options = host->start->options;
    start.n_options = host->start->n_options;
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    record_add(host->record, &frame);
    return true;
}

/* --- its folder --- */

static void on_usage(void *ctx, uint64_t bytes)
{
    struct host *host = ctx;
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkUsage body = CTPS__LINK_USAGE__INIT;

    body.has_bytes = 1;
    body.bytes = bytes;
    frame.body_case = CTPS__LINK_FRAME__BODY_USAGE;
    frame.usage = &body;
    channel_send(host->up, &frame, -1);
}

static void on_passed(void *ctx, const char *why)
{
    host_end(ctx, EX_CANTCREAT, why);
}

static enum ctps_code folder_watch(struct host *host, struct ctps_err *err)
{
    struct quota_calls calls = {.ctx = host, .changed = on_usage, .passed = on_passed};

    if (!host->start->state_dir || !host->start->state_max)
        return CTPS_OK;
    return quota_open(host->loop, host->start->state_dir, host->start->state_max, &calls,
                      &host->quota, err);
}

/* --- its start --- */

static bool on_down_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    return host_take_down(ctx, frame, fd);
}

static void plugin_begin(struct host *host)
{
    struct bus_calls calls = host_bus_calls(host);
    struct channel_calls down = {.ctx = host, .frame = on_down_frame, .ended = on_down_ended};
    struct ctps_err err = {0};

    if (folder_watch(host, &err) != CTPS_OK || !record_begin(host, &err) ||
        process_open(host->loop, "--plugin", &down, &host->pid, &host->down, &err) != CTPS_OK ||
        connector_open(host->loop, host->start->connect, host->start->n_connect, host_connected,
                       host, &host->connector, &err) != CTPS_OK ||
        bus_open(host->loop, host->start, &calls, &host->bus, &err) != CTPS_OK) {
        host_end(host, EX_OSERR, err.text);
        return;
    }
    down_start(host);
    if (!down_listeners(host, &err))
        host_end(host, EX_CONFIG, err.text);
}

static bool start_keep(struct host *host, const Ctps__LinkStart *start)
{
    ProtobufCMessage *kept;
    struct bytes packed;

    if (host->start || wire_pack(&host->start_arena, &start->base, &packed) != CTPS_OK ||
        wire_unpack(&host->start_arena, &ctps__link_start__descriptor, packed, WIRE_STORED,
                    &kept, NULL) != CTPS_OK)
        return false;
    host->start = (Ctps__LinkStart *)kept;
    return true;
}

bool host_start(struct host *host, const Ctps__LinkStart *start)
{
    if (!start_keep(host, start))
        return false;
    plugin_begin(host);
    return true;
}
