#include "host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- requests and timers --- */

static enum ctps_status api_request(struct ctps_host *host, const uint8_t *request, size_t len,
                                    ctps_answered *done, void *arg)
{
    struct host_request *waiting = &host->waiting[host->waiting_count];

    if (host->waiting_count == HOST_WAITING_MAX)
        return CTPS_STATUS_INVALID;
    *waiting = (struct host_request){.done = done, .arg = arg};
    buf_init(&waiting->bytes);
    buf_append(&waiting->bytes, request, len);
    host->waiting_count++;
    return CTPS_STATUS_OK;
}

static void api_request_id(struct ctps_host *host, const char *words,
                           uint8_t out[CTPS_REQUEST_ID_LEN])
{
    uint64_t hash[2] = {UINT64_C(14695981039346656037), UINT64_C(0x9e3779b97f4a7c15)};

    (void)host;
    for (; *words; words++)
        for (unsigned i = 0; i < 2; i++)
            hash[i] = (hash[i] ^ (uint8_t)*words) * UINT64_C(1099511628211);
    memcpy(out, hash, sizeof(hash));
}

static struct ctps_timer *api_timer_add(struct ctps_host *host, int64_t after_ms, ctps_due *due,
                                        void *arg)
{
    for (unsigned i = 0; i < HOST_TIMERS_MAX; i++) {
        struct ctps_timer *timer = &host->timers[i];

        if (timer->used)
            continue;
        *timer = (struct ctps_timer){host, host->mono_us(host->ctx) + after_ms * 1000, due, arg,
                                     true};
        return timer;
    }
    return NULL;
}

static void api_timer_remove(struct ctps_host *host, struct ctps_timer **timer)
{
    (void)host;
    if (*timer)
        (*timer)->used = false;
    *timer = NULL;
}

static int64_t api_now_us(struct ctps_host *host)
{
    return host->wall_us(host->ctx);
}

/* --- words, figures, options: each as it is by default --- */

static void api_log(struct ctps_host *host, enum ctps_level level, const char *line)
{
    if (host->verbose || level <= CTPS_LEVEL_WARNING)
        fprintf(stderr, "plugin: %s\n", line);
}

static void api_metric(struct ctps_host *host, const char *name, int64_t value)
{
    (void)value;
    if (strcmp(name, "settled_us") == 0)
        host->settled(host->ctx);
}

static const char *fallback(const struct ctps_host *host, const char *name)
{
    for (size_t i = 0; i < host->plugin->option_count; i++)
        if (strcmp(host->plugin->options[i].name, name) == 0)
            return host->plugin->options[i].fallback;
    abort();
}

static const char *api_option_string(struct ctps_host *host, const char *name)
{
    return fallback(host, name);
}

static int64_t api_option_int(struct ctps_host *host, const char *name)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{" min", 60000}, {" d", 86400000}, {" h", 3600000}, {" s", 1000}};
    char *end;
    int64_t number = strtoll(fallback(host, name), &end, 10);

    /* Looked at so rarely, the clock alone does not take all the time of a simulated year. */
    if (strcmp(name, "tick") == 0)
        return 6 * INT64_C(3600000);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(end, units[i].unit) == 0)
            return number * units[i].ms;
    return number;
}

static const char *api_option_item(struct ctps_host *host, const char *name, unsigned index)
{
    static char item[32];
    const char *at = fallback(host, name);

    for (; index && at; index--) {
        at = strchr(at, ' ');
        at += at != NULL;
    }
    if (!at)
        return NULL;
    snprintf(item, sizeof(item), "%.*s", (int)strcspn(at, " "), at);
    return item;
}

static const struct ctps_host_api api = {
    .len = sizeof(api),
    .request = api_request,
    .request_id = api_request_id,
    .timer_add = api_timer_add,
    .timer_remove = api_timer_remove,
    .now_us = api_now_us,
    .log = api_log,
    .metric = api_metric,
    .option_string = api_option_string,
    .option_int = api_option_int,
    .option_item = api_option_item,
};

/* --- lives --- */

void host_load(struct ctps_host *host, const char *path)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    host->plugin = object ? dlsym(object, CTPS_PLUGIN_SYMBOL) : NULL;
    if (!host->plugin || host->plugin->magic != CTPS_PLUGIN_MAGIC) {
        fprintf(stderr, "%s: %s\n", path, object ? "no plugin" : dlerror());
        exit(64);
    }
}

void host_start(struct ctps_host *host)
{
    char why[200];

    if (host->plugin->start(host, &api, &host->self, why, sizeof(why)) != CTPS_STATUS_OK) {
        fprintf(stderr, "plugin does not start: %s\n", why);
        abort();
    }
}

void host_kill(struct ctps_host *host)
{
    if (host->self)
        host->plugin->stop(host->self);
    host->self = NULL;
    for (unsigned i = 0; i < host->waiting_count; i++)
        buf_done(&host->waiting[i].bytes);
    host->waiting_count = 0;
    memset(host->timers, 0, sizeof(host->timers));
}

struct host_request host_take(struct ctps_host *host)
{
    struct host_request oldest = host->waiting[0];

    host->waiting_count--;
    memmove(host->waiting, host->waiting + 1, host->waiting_count * sizeof(host->waiting[0]));
    return oldest;
}

struct ctps_timer *host_timer(struct ctps_host *host)
{
    struct ctps_timer *next = NULL;

    for (unsigned i = 0; i < HOST_TIMERS_MAX; i++)
        if (host->timers[i].used && (!next || host->timers[i].due_us < next->due_us))
            next = &host->timers[i];
    return next;
}

void host_fire(struct ctps_timer *timer)
{
    timer->used = false;
    timer->due(timer->arg);
}
