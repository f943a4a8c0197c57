/* A plugin that asks: it records one reminder for each saisine, and is done with the event when
 * the daemon says so. */
#include "begin.h"

#include <ctps/answer.pb-c.h>
#include <ctps/command.pb-c.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_LEN = 512, KEY_LEN = 32 };

struct asker {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    uint64_t event;
};

static void answered(void *arg, enum ctps_status status, const uint8_t *reply, size_t reply_len)
{
    struct asker *self = arg;
    Ctps__Reply *read =
        status == CTPS_STATUS_OK ? ctps__reply__unpack(NULL, reply_len, reply) : NULL;

    self->api->event_end(self->host, self->event,
                         read && read->status == CTPS__REPLY_STATUS__REPLY_DONE
                             ? CTPS_VERDICT_DONE
                             : CTPS_VERDICT_RETRY);
    if (read)
        ctps__reply__free_unpacked(read, NULL);
}

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    struct asker *self = arg;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectRecord effect = CTPS__EFFECT_RECORD__INIT;
    uint8_t id[CTPS_REQUEST_ID_LEN];
    uint8_t packed[REQUEST_LEN];
    char key[KEY_LEN];

    if (strcmp(event->topic, "saisine.received") != 0)
        return CTPS_VERDICT_DONE;
    self->event = event->number;
    snprintf(key, sizeof(key), "seen:%" PRIu64, event->number);
    self->api->request_id(self->host, key, id);
    effect.key = key;
    effect.kind = (char[]){"reminder.due"};
    effect.outcome = (char[]){"on_time"};
    request.has_id = 1;
    request.id.data = id;
    request.id.len = sizeof(id);
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_RECORD;
    request.effect_record = &effect;
    if (self->api->request(self->host, packed, ctps__request__pack(&request, packed), answered,
                           self) != CTPS_STATUS_OK)
        return CTPS_VERDICT_RETRY;
    return CTPS_VERDICT_LATER;
}

PLUGIN_START(asker)

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "asker",
    .version = "1",
    .summary = "Records that it saw each saisine.",
    .actions = (const char *const[]){"effect.record", NULL},
    .audiences = (const char *const[]){"plugins", NULL},
    .start = start,
    .on_event = on_event,
    .stop = free,
};
