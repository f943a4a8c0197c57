/* What the files of the plugin process share; nobody else includes it. */
#ifndef CTPS_HOST_PLUGIN_PRIVATE_H
#define CTPS_HOST_PLUGIN_PRIVATE_H

#include "ctps/plugin.h"
#include "link/channel.h"

enum { TICKETS_MAX = 1024, TICKET_TEXT_LEN = 512 };

/* A request or a connection under way. */
struct ticket {
    uint64_t number; /* 0: free */
    ctps_answered *answered;
    ctps_connected *connected;
    void *arg;
};

struct ctps_timer {
    struct ctps_host *host;
    struct loop_timer *timer; /* NULL while replayed */
    int64_t due_us;           /* while replayed */
    ctps_due *due;
    void *arg;
    struct ctps_timer *next;
};

struct ctps_watch {
    struct ctps_host *host;
    struct loop_watch *watch;
    ctps_ready *ready;
    void *arg;
    struct ctps_watch *next;
};

/* One process, one plugin: everything it has. */
struct ctps_host {
    struct loop *loop;
    struct channel *channel;
    struct arena start_arena;
    struct arena options_arena; /* of the options in force once reloaded */
    const Ctps__LinkStart *start;
    Ctps__LinkOption **options;
    size_t option_count;
    const struct ctps_plugin *plugin;
    void *self;
    struct ticket tickets[TICKETS_MAX];
    uint64_t next_ticket;
    struct ctps_timer *timers;
    struct ctps_watch *watches;
    int *listeners;
    size_t listener_count;
    uint64_t event_number; /* the one it has; 0: none */
    char event_audience[64];
    bool is_replayed;
    int64_t clock_us; /* while replayed */
    bool draining;
    int status; /* of the exit */
};

extern const struct ctps_host_api plugin_api;

/* --- plugin.c --- */
/* NULL without memory. Own: plugin_host_free(). */
struct ctps_host *plugin_host_new(void);
/* With its channel and its loop. Nulls the pointer. */
void plugin_host_free(struct ctps_host **host);
/* A frame of the host: `fd` own, -1 when none came. False: it makes no sense. */
bool plugin_take_frame(struct ctps_host *host, const Ctps__LinkFrame *frame, int fd);
/* Frames to the host. */
void plugin_say_state(struct ctps_host *host, Ctps__LinkPhase phase, const char *why,
                      const char *sandbox);
void plugin_say_verdict(struct ctps_host *host, enum ctps_verdict verdict);

/* --- plugin_api.c --- */
/* Frames of the host that answer a ticket. False: there is no such ticket. */
bool plugin_take_reply(struct ctps_host *host, const Ctps__LinkReply *reply);
bool plugin_take_connected(struct ctps_host *host, const Ctps__LinkConnected *connected,
                           int fd);
/* It is `now_us`: timers that are due come due, in their order. */
void plugin_clock_move(struct ctps_host *host, int64_t now_us);
void plugin_api_done(struct ctps_host *host);

#endif
