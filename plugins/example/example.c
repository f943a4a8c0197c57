/*
 * example: the plugin to copy. It counts saisines (`ctps plugin show example` has the figure)
 * and says in the log, at most once in a while, when urgent ones came in.
 */
#include <ctps/notice.pb-c.h>
#include <ctps/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct example {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    struct ctps_timer *timer;
    unsigned urgent; /* since the last line */
    int64_t received;
};

static const struct ctps_option options[] = {
    {.name = "urgency",
     .type = CTPS_OPTION_STRING,
     .fallback = "urgente",
     .help = "Code of the urgency that is worth a line (list \"urgence\")."},
    {.name = "quiet",
     .type = CTPS_OPTION_DURATION,
     .fallback = "1 min",
     .min = 10,
     .max = 3600000,
     .help = "At most one line in so long."},
};

static void say(void *arg)
{
    struct example *self = arg;
    char line[80];

    self->timer = NULL;
    snprintf(line, sizeof(line), "%u urgent saisines came in", self->urgent);
    self->api->log(self->host, CTPS_LEVEL_INFO, line);
    self->urgent = 0;
}

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    struct example *self = arg;
    Ctps__Notice *notice;

    if (strcmp(event->topic, "saisine.received") != 0)
        return CTPS_VERDICT_DONE;
    notice = ctps__notice__unpack(NULL, event->notice_len, event->notice);
    if (!notice)
        return CTPS_VERDICT_POISON;
    self->api->metric(self->host, "saisines.received", ++self->received);
    if (notice->code &&
        strcmp(notice->code, self->api->option_string(self->host, "urgency")) == 0)
        self->urgent++;
    ctps__notice__free_unpacked(notice, NULL);
    if (self->urgent && !self->timer)
        self->timer = self->api->timer_add(
            self->host, self->api->option_int(self->host, "quiet"), say, self);
    return CTPS_VERDICT_DONE;
}

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    struct example *self = calloc(1, sizeof(*self));

    if (!self) {
        snprintf(why, why_len, "no memory");
        return CTPS_STATUS_NO_MEMORY;
    }
    *self = (struct example){.host = host, .api = api};
    *ret_self = self;
    return CTPS_STATUS_OK;
}

/* Options are read where they are used. */
static enum ctps_status reload(void *self)
{
    return self ? CTPS_STATUS_OK : CTPS_STATUS_INVALID;
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "example",
    .version = "1",
    .summary = "Counts saisines, and says when urgent ones come in.",
    .audiences = (const char *const[]){"plugins", NULL},
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .start = start,
    .on_event = on_event,
    .reload = reload,
    .stop = free,
};
