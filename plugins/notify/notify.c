#include "notify.h"

#include <ctps/notice.pb-c.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail.h"
#include "since.h"
#include "webhook.h"

enum { DRAIN_MS = 100, LOAD_MS = 1, LINE_LEN = 200 };

static const struct ctps_option options[] = {
    {.name = "retry_first",
     .type = CTPS_OPTION_DURATION,
     .fallback = "1 min",
     .min = 10,
     .max = 3600000,
     .help = "Pause after a first failure; each further one doubles it."},
    {.name = "retry_max",
     .type = CTPS_OPTION_DURATION,
     .fallback = "4 h",
     .min = 10,
     .max = 86400000,
     .help = "Longest pause between two tries."},
    {.name = "give_up",
     .type = CTPS_OPTION_DURATION,
     .fallback = "5 d",
     .min = 270000000, /* 75 h: a week-end and a day, with the server down */
     .max = 2592000000,
     .help = "What could not be delivered for so long has failed."},
    {.name = "timeout",
     .type = CTPS_OPTION_DURATION,
     .fallback = "2 min",
     .min = 500,
     .max = 600000,
     .help = "Longest time one delivery may take, from connecting to its answer."},
    {.name = "ca",
     .type = CTPS_OPTION_FILE,
     .help = "Certificates trusted, in PEM; else those of the system."},
    MAIL_OPTIONS,
    WEBHOOK_OPTIONS,
};

void notify_say(struct notify *notify, enum ctps_level level, const char *format, ...)
{
    char line[LINE_LEN];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    notify->api->log(notify->host, level, line);
}

/* --- planning --- */

/* Each channel looks at the event here. */
static void plan_run(struct plan *plan)
{
    if (plan->happening.time_us < plan->notify->since_us)
        return;
    if (plan->notify->mail)
        mail_plan(plan->notify->mail, plan);
    if (plan->notify->webhooks)
        webhook_plan(plan->notify->webhooks, plan);
}

static enum ctps_verdict plan_begin(struct plan *plan)
{
    plan->in_event = true;
    plan_run(plan);
    plan->in_event = false;
    if (plan->holders)
        return CTPS_VERDICT_LATER;
    plan->notify->plan = NULL;
    return plan->failed ? CTPS_VERDICT_RETRY : CTPS_VERDICT_DONE;
}

static bool happening_read(const struct ctps_event *event, struct happening *ret)
{
    Ctps__Notice *notice = ctps__notice__unpack(NULL, event->notice_len, event->notice);

    if (!notice)
        return false;
    *ret = (struct happening){.number = event->number,
                              .time_us = event->time_us,
                              .kind = notice->kind,
                              .id = notice->id,
                              .other_kind = notice->other_kind,
                              .other = notice->other,
                              .agent = notice->agent,
                              .day = notice->day};
    snprintf(ret->topic, sizeof(ret->topic), "%s", event->topic);
    snprintf(ret->code, sizeof(ret->code), "%s", notice->code ? notice->code : "");
    snprintf(ret->outcome, sizeof(ret->outcome), "%s", notice->outcome ? notice->outcome : "");
    ctps__notice__free_unpacked(notice, NULL);
    return true;
}

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    struct notify *self = arg;
    struct plan *plan = calloc(1, sizeof(*plan));
    enum ctps_verdict verdict;

    if (!plan)
        return CTPS_VERDICT_RETRY;
    plan->notify = self;
    if (!happening_read(event, &plan->happening)) {
        free(plan);
        return CTPS_VERDICT_POISON;
    }
    self->plan = plan;
    if (!self->loaded)
        return CTPS_VERDICT_LATER;
    verdict = plan_begin(plan);
    if (verdict != CTPS_VERDICT_LATER)
        free(plan);
    return verdict;
}

/* The event that came before the queue was there. */
static void on_loaded(void *arg)
{
    struct notify *self = arg;
    struct plan *plan = self->plan;

    self->loaded = true;
    if (self->mail)
        mail_begin(self->mail);
    if (!plan)
        return;
    plan_hold(plan);
    plan_run(plan);
    plan_release(plan, true);
}

/* --- start and end --- */

static void load(void *arg)
{
    struct notify *self = arg;

    self->load = NULL;
    queue_load(self->queue, on_loaded, self);
}

static void stop(void *arg)
{
    struct notify *self = arg;

    self->api->timer_remove(self->host, &self->drain);
    self->api->timer_remove(self->host, &self->load);
    transport_close(&self->transport);
    mail_close(&self->mail);
    webhook_close(&self->webhooks);
    queue_close(&self->queue);
    free(self->plan);
    free(self);
}

static void drain_look(void *arg)
{
    struct notify *self = arg;

    self->drain = NULL;
    if (self->plan || queue_under_way(self->queue) || transport_under_way(self->transport))
        self->drain = self->api->timer_add(self->host, DRAIN_MS, drain_look, self);
    else
        self->api->drained(self->host);
}

static void drain(void *arg)
{
    struct notify *self = arg;

    queue_stop(self->queue);
    drain_look(self);
}

static enum ctps_status parts_open(struct notify *self, char *why, size_t why_len)
{
    const struct ctps_host_api *api = self->api;
    struct queue_options queue = {
        .retry_first_ms = api->option_int(self->host, "retry_first"),
        .retry_max_ms = api->option_int(self->host, "retry_max"),
        .give_up_ms = api->option_int(self->host, "give_up"),
    };
    const char *trust = api->option_string(self->host, "ca");
    enum ctps_status status = transport_open(self->host, api, trust, &self->transport);

    if (!since_read(api->state_dir(self->host), api->now_us(self->host), &self->since_us)) {
        snprintf(why, why_len, "its folder cannot be read or written");
        return CTPS_STATUS_IO;
    }
    if (status != CTPS_STATUS_OK) {
        snprintf(why, why_len, "ca: the certificates to trust cannot be read");
        return status;
    }
    status = mail_open(self, &self->mail, why, why_len);
    if (status != CTPS_STATUS_OK)
        return status;
    if (self->mail)
        mail_channels(self->mail, self->channels, &self->channel_count);
    status = webhook_open(self, &self->webhooks, why, why_len);
    if (status != CTPS_STATUS_OK)
        return status;
    if (self->webhooks)
        webhook_channels(self->webhooks, self->channels, &self->channel_count);
    self->queue = queue_open(&self->asker, &queue, self->channels, self->channel_count);
    if (!self->queue) {
        snprintf(why, why_len, "no memory");
        return CTPS_STATUS_NO_MEMORY;
    }
    self->load = api->timer_add(self->host, LOAD_MS, load, self);
    return CTPS_STATUS_OK;
}

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    struct notify *self = calloc(1, sizeof(*self));
    enum ctps_status status;

    if (!self) {
        snprintf(why, why_len, "no memory");
        return CTPS_STATUS_NO_MEMORY;
    }
    self->host = host;
    self->api = api;
    self->asker = (struct asker){.host = host, .api = api};
    status = parts_open(self, why, why_len);
    if (status != CTPS_STATUS_OK)
        stop(self);
    else
        *ret_self = self;
    return status;
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "notify",
    .version = "1",
    .summary = "Tells people and systems what happened, by mail and to webhooks: never a name.",
    .actions = (const char *const[]){"effect.record", "notification.prepare", NULL},
    .audiences = (const char *const[]){"plugins", NULL},
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .start = start,
    .on_event = on_event,
    .drain = drain,
    .stop = stop,
};
