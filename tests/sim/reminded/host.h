/*
 * host: what ctps-host does for a plugin, in this process and under a virtual clock. Requests
 * wait until the scheduler takes them; one life of the plugin is dropped like a killed process:
 * nothing of it is called any more, and what it was waiting for is lost.
 */
#ifndef CTPS_SIM_REMINDED_HOST_H
#define CTPS_SIM_REMINDED_HOST_H

#include <ctps/plugin.h>

#include "base/bytes.h"

enum { HOST_WAITING_MAX = 1024, HOST_TIMERS_MAX = 8 };

struct ctps_timer {
    struct ctps_host *host;
    int64_t due_us; /* of the virtual clock that does not jump */
    ctps_due *due;
    void *arg;
    bool used;
};

struct host_request {
    struct buf bytes; /* own */
    ctps_answered *done;
    void *arg;
};

struct ctps_host {
    const struct ctps_plugin *plugin; /* borrow */
    void *self;                       /* NULL: not running */
    unsigned waiting_count;
    struct host_request waiting[HOST_WAITING_MAX]; /* oldest first */
    struct ctps_timer timers[HOST_TIMERS_MAX];
    bool verbose;

    /* given by the scheduler */
    int64_t (*wall_us)(void *ctx);
    int64_t (*mono_us)(void *ctx);
    /* All that was due is settled. */
    void (*settled)(void *ctx);
    void *ctx;
};

/* Loads the shared object; aborts when it is no plugin. */
void host_load(struct ctps_host *host, const char *path);
void host_start(struct ctps_host *host);
/* Forgets the life; what it held in memory is freed. */
void host_kill(struct ctps_host *host);
/* Takes the oldest request out. Own: buf_done on its bytes. */
struct host_request host_take(struct ctps_host *host);
/* The next timer, NULL when none stands. */
struct ctps_timer *host_timer(struct ctps_host *host);
void host_fire(struct ctps_timer *timer);

#endif
