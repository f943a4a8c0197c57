/* What the files of the host share; nobody else includes it. */
#ifndef CTPS_HOST_HOST_PRIVATE_H
#define CTPS_HOST_HOST_PRIVATE_H

#include <sys/types.h>

#include "base/arena.h"
#include "host/bus.h"
#include "host/connect.h"
#include "host/quota.h"
#include "host/record.h"
#include "link/channel.h"

enum {
    HOST_LOGS_BURST = 200, /* lines at once… */
    HOST_LOGS_PER_S = 20,  /* …and over time; the rest are counted */
};

/* One plugin's host: everything it has. */
struct host {
    struct loop *loop;
    struct channel *up;   /* ctpsd */
    struct channel *down; /* the plugin process */
    struct arena start_arena;
    struct arena arena; /* of one frame made here */
    Ctps__LinkStart *start;
    struct bus *bus;
    struct record *record; /* NULL: not recorded */
    struct connector *connector;
    struct quota *quota;
    struct loop_timer *timer; /* once a second */
    pid_t pid;
    uint64_t pings;
    uint64_t pongs;
    int64_t silent_ms; /* since the last ping that was answered */
    unsigned log_tokens;
    unsigned logs_dropped;
    bool ready;
    bool draining;
    int status;
};

/* --- host.c --- */
/* Ends the process with `status`, telling ctpsd `why` when it is the first to. */
void host_end(struct host *host, int status, const char *why);
/* One line to ctpsd. */
void host_say(struct host *host, enum ctps_level level, const char *line);

/* --- host_start.c --- */
/* Keeps the start and begins the plugin process. False: no such start. */
bool host_start(struct host *host, const Ctps__LinkStart *start);

/* --- host_down.c --- */
/* What stands in recordings goes this way. */
void host_send_down(struct host *host, const Ctps__LinkFrame *frame, int fd);
/* A frame of the plugin process: `fd` own, -1 when none came. False: it makes no sense. */
bool host_take_down(struct host *host, const Ctps__LinkFrame *frame, int fd);
struct bus_calls host_bus_calls(struct host *host);
/* connect_done */
void host_connected(void *ctx, uint64_t ticket, enum ctps_status status, int fd);

#endif
