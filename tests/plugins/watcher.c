/* A plugin that follows the audience `audit` and says which topics it heard; one its option
 * `poison` names it cannot deal with. */
#include "begin.h"

#include <stdlib.h>
#include <string.h>

struct watcher {
    struct ctps_host *host;
    const struct ctps_host_api *api;
};

static const struct ctps_option options[] = {
    {.name = "poison", .type = CTPS_OPTION_STRING, .help = "Topic it refuses."},
};

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    struct watcher *self = arg;
    const char *poison = self->api->option_string(self->host, "poison");

    if (poison && strcmp(poison, event->topic) == 0)
        return CTPS_VERDICT_POISON;
    self->api->metric(self->host, event->topic, (int64_t)event->number);
    return CTPS_VERDICT_DONE;
}

static enum ctps_status reload(void *arg)
{
    (void)arg; /* options are asked for with each event */
    return CTPS_STATUS_OK;
}

PLUGIN_START(watcher)

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "watcher",
    .version = "1",
    .summary = "Hears who read what.",
    .audiences = (const char *const[]){"audit", NULL},
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .reload = reload,
    .start = start,
    .on_event = on_event,
    .stop = free,
};
