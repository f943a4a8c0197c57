/* A plugin that misbehaves as its option says, at its start or when the first event comes. */
#include "begin.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLOOD = 200000, BLOCK = 1 << 20, LINK_FD = 3, THREADS = 2000 };

struct rogue {
    struct ctps_host *host;
    const struct ctps_host_api *api;
};

static const struct ctps_option options[] = {
    {.name = "behaviour",
     .type = CTPS_OPTION_STRING,
     .fallback = "none",
     .help = "What it does when the first event comes; with start_ before it, at its start."},
};

/* --- ends and hangs --- */

static void do_crash(struct rogue *self)
{
    *(volatile char *)((uintptr_t)self & 0xfff) = 1; /* the first page is nobody's */
}
static void do_abort(struct rogue *self)
{
    (void)self;
    abort();
}
static void do_exit(struct rogue *self)
{
    (void)self;
    exit(0);
}
static void do_signal(struct rogue *self)
{
    (void)self;
    raise(SIGKILL);
}
static void do_loop(struct rogue *self)
{
    for (volatile unsigned turns = 1; self && turns; turns |= 1)
        ;
}
static void do_sleep(struct rogue *self)
{
    (void)self;
    sleep(3600);
}
static unsigned deeper(volatile char *above, unsigned depth)
{
    volatile char here[4096];

    here[0] = above[0];
    return depth ? deeper(here, depth + 1) + (unsigned)here[0] : 0;
}
static void do_stack(struct rogue *self)
{
    volatile char here = 1;

    (void)self;
    deeper(&here, 1);
}

/* --- floods --- */

static void do_logs(struct rogue *self)
{
    for (int i = 0; i < FLOOD; i++)
        self->api->log(self->host, CTPS_LEVEL_ERROR, "look at me");
}
static void do_figures(struct rogue *self)
{
    char name[32];

    for (int i = 0; i < FLOOD; i++) {
        snprintf(name, sizeof(name), "figure.%d", i);
        self->api->metric(self->host, name, i);
    }
}
static void ignore(void *arg, enum ctps_status status, const uint8_t *reply, size_t reply_len)
{
    (void)arg;
    (void)status;
    (void)reply;
    (void)reply_len;
}
static void do_requests(struct rogue *self)
{
    static const uint8_t junk[] = {0x0a, 0x10, 1,  2,  3,  4,  5,  6,  7,
                                   8,    9,    10, 11, 12, 13, 14, 15, 16};

    for (int i = 0; i < FLOOD; i++)
        (void)self->api->request(self->host, junk, sizeof(junk), ignore, NULL);
}
static void do_large(struct rogue *self)
{
    uint8_t *bytes = calloc(1, CTPS_REQUEST_MAX);

    for (int i = 0; bytes && i < 500; i++)
        (void)self->api->request(self->host, bytes, CTPS_REQUEST_MAX, ignore, NULL);
    free(bytes);
}
static void unconnected(void *arg, enum ctps_status status, int fd)
{
    (void)arg;
    (void)status;
    if (fd >= 0)
        close(fd);
}
static void do_connections(struct rogue *self)
{
    for (int i = 0; i < FLOOD; i++)
        (void)self->api->connect(self->host, "127.0.0.1", 1, unconnected, NULL);
}
static void again(void *arg)
{
    struct rogue *self = arg;

    for (int i = 0; i < 2; i++)
        (void)self->api->timer_add(self->host, 0, again, self);
}
static void do_timers(struct rogue *self)
{
    again(self);
}

/* --- what is not its own --- */

static void do_memory(struct rogue *self)
{
    char *block;

    (void)self;
    while ((block = malloc(BLOCK)))
        memset(block, 1, BLOCK);
    abort();
}
static void do_forks(struct rogue *self)
{
    (void)self;
    for (int i = 0; i < 1000; i++)
        if (fork() == 0)
            pause();
}
static void *wait_for_ever(void *arg)
{
    pause();
    return arg;
}
static void do_threads(struct rogue *self)
{
    pthread_t thread;

    (void)self;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
            break;
}
static void do_junk(struct rogue *self)
{
    (void)self;
    for (int i = 0; i < 100; i++)
        (void)send(LINK_FD, "\xff\xff\xff\xffjunk", 8, MSG_NOSIGNAL | MSG_DONTWAIT);
}
static void do_close(struct rogue *self)
{
    (void)self;
    for (int fd = 0; fd < 64; fd++)
        close(fd);
}
static void do_disk(struct rogue *self)
{
    char path[256];
    static char block[BLOCK];
    FILE *file;

    snprintf(path, sizeof(path), "%s/full", self->api->state_dir(self->host));
    file = fopen(path, "w");
    for (int i = 0; file && i < 100000; i++)
        if (fwrite(block, 1, sizeof(block), file) != sizeof(block))
            break;
    if (file)
        fclose(file);
}
/* Each as large as a file may be, and as many as there is room for. */
static void do_files(struct rogue *self)
{
    char path[256];
    static char block[BLOCK];
    int fd;

    for (int i = 0; i < 100000; i++) {
        snprintf(path, sizeof(path), "%s/%d", self->api->state_dir(self->host), i);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        for (int j = 0; fd >= 0 && j < 8; j++)
            if (write(fd, block, sizeof(block)) < 0)
                break;
        if (fd >= 0)
            close(fd);
    }
}
static void do_verdicts(struct rogue *self)
{
    for (int i = 0; i < FLOOD; i++)
        self->api->event_end(self->host, (uint64_t)i, CTPS_VERDICT_DONE);
}
static void do_nothing(struct rogue *self)
{
    (void)self;
}

static const struct {
    const char *name;
    void (*act)(struct rogue *self);
} behaviours[] = {
    {"crash", do_crash},       {"abort", do_abort},   {"exit", do_exit},
    {"signal", do_signal},     {"loop", do_loop},     {"sleep", do_sleep},
    {"stack", do_stack},       {"logs", do_logs},     {"figures", do_figures},
    {"requests", do_requests}, {"large", do_large},   {"connections", do_connections},
    {"timers", do_timers},     {"memory", do_memory}, {"forks", do_forks},
    {"threads", do_threads},   {"junk", do_junk},     {"close", do_close},
    {"disk", do_disk},         {"files", do_files},   {"verdicts", do_verdicts},
    {"later", do_nothing},
};

static void behave(struct rogue *self, const char *name)
{
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++)
        if (strcmp(behaviours[i].name, name) == 0)
            behaviours[i].act(self);
}

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    struct rogue *self = arg;
    const char *name = self->api->option_string(self->host, "behaviour");

    if (strcmp(event->topic, "saisine.received") != 0)
        return CTPS_VERDICT_DONE;
    behave(self, name);
    /* One it never judges: no other event comes then. */
    return strcmp(name, "later") == 0 ? CTPS_VERDICT_LATER : CTPS_VERDICT_DONE;
}

PLUGIN_BEGIN(rogue)

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    struct rogue *self = begin(host, api, why, why_len);
    const char *name = api->option_string(host, "behaviour");

    if (!self)
        return CTPS_STATUS_NO_MEMORY;
    if (strncmp(name, "start_", 6) == 0)
        behave(self, name + 6);
    *ret_self = self;
    return CTPS_STATUS_OK;
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "rogue",
    .version = "1",
    .summary = "Misbehaves.",
    .audiences = (const char *const[]){"plugins", NULL},
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .start = start,
    .on_event = on_event,
    .stop = free,
};
