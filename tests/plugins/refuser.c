/* A plugin that cannot deal with some events: it poisons saisines of the urgency its option
 * `poison` names and asks again for those of `retry`, until the options change. */
#include "begin.h"

#include <ctps/notice.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct refuser {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    int64_t seen;
};

static const struct ctps_option options[] = {
    {.name = "poison", .type = CTPS_OPTION_STRING, .help = "Urgency it refuses."},
    {.name = "retry", .type = CTPS_OPTION_STRING, .help = "Urgency it asks for again."},
};

static bool is_option(const struct refuser *self, const char *name, const char *code)
{
    const char *value = self->api->option_string(self->host, name);

    return value && strcmp(value, code) == 0;
}

static enum ctps_verdict judge(struct refuser *self, const char *code)
{
    char line[64];

    snprintf(line, sizeof(line), "seen %s", code);
    self->api->log(self->host, CTPS_LEVEL_INFO, line);
    self->api->metric(self->host, "seen", ++self->seen);
    if (is_option(self, "poison", code))
        return CTPS_VERDICT_POISON;
    return is_option(self, "retry", code) ? CTPS_VERDICT_RETRY : CTPS_VERDICT_DONE;
}

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    enum ctps_verdict verdict;
    Ctps__Notice *notice;

    if (strcmp(event->topic, "saisine.received") != 0)
        return CTPS_VERDICT_DONE;
    notice = ctps__notice__unpack(NULL, event->notice_len, event->notice);
    if (!notice)
        return CTPS_VERDICT_POISON;
    verdict = judge(arg, notice->code ? notice->code : "");
    ctps__notice__free_unpacked(notice, NULL);
    return verdict;
}

PLUGIN_START(refuser)

static enum ctps_status reload(void *self)
{
    return self ? CTPS_STATUS_OK : CTPS_STATUS_INVALID;
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "refuser",
    .version = "1",
    .summary = "Refuses what it is told to refuse.",
    .audiences = (const char *const[]){"plugins", NULL},
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .start = start,
    .on_event = on_event,
    .reload = reload,
    .stop = free,
};
