/* A plugin that writes down each event it sees, and records one effect of each that is not an
 * effect itself: what R3 counts. With `early` it says it is done before the effect is
 * recorded: R3's control. */
#include "begin.h"

#include <ctps/answer.pb-c.h>
#include <ctps/command.pb-c.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REQUEST_LEN = 512, KEY_LEN = 32, LINE_LEN = 64, PATH_LEN = 256 };

struct ledger {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    uint64_t event;
    int seen; /* file: "start", or "number previous" */
};

static const struct ctps_option options[] = {
    {.name = "early",
     .type = CTPS_OPTION_BOOL,
     .fallback = "false",
     .help = "Whether it is done with an event before its effect is recorded."},
    {.name = "pause", .type = CTPS_OPTION_INT, .fallback = "0", .help = "Not used."},
};

static bool note(const struct ledger *self, const char *line)
{
    return write(self->seen, line, strlen(line)) == (ssize_t)strlen(line);
}

static bool is_done(enum ctps_status status, const uint8_t *reply, size_t reply_len)
{
    Ctps__Reply *read =
        status == CTPS_STATUS_OK ? ctps__reply__unpack(NULL, reply_len, reply) : NULL;
    bool done = read && read->status == CTPS__REPLY_STATUS__REPLY_DONE;

    if (read)
        ctps__reply__free_unpacked(read, NULL);
    return done;
}

static void answered(void *arg, enum ctps_status status, const uint8_t *reply, size_t reply_len)
{
    struct ledger *self = arg;

    self->api->event_end(self->host, self->event,
                         is_done(status, reply, reply_len) ? CTPS_VERDICT_DONE
                                                           : CTPS_VERDICT_RETRY);
}

static void ignored(void *arg, enum ctps_status status, const uint8_t *reply, size_t reply_len)
{
    (void)arg;
    (void)status;
    (void)reply;
    (void)reply_len;
}

static enum ctps_status effect_record(struct ledger *self, uint64_t number, ctps_answered *done)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EffectRecord effect = CTPS__EFFECT_RECORD__INIT;
    uint8_t id[CTPS_REQUEST_ID_LEN];
    uint8_t packed[REQUEST_LEN];
    char key[KEY_LEN];

    snprintf(key, sizeof(key), "ledger:%" PRIu64, number);
    self->api->request_id(self->host, key, id);
    effect.key = key;
    effect.kind = (char[]){"reminder.due"};
    effect.outcome = (char[]){"on_time"};
    effect.has_source = 1;
    effect.source = number;
    request.has_id = 1;
    request.id.data = id;
    request.id.len = sizeof(id);
    request.command_case = CTPS__REQUEST__COMMAND_EFFECT_RECORD;
    request.effect_record = &effect;
    return self->api->request(self->host, packed, ctps__request__pack(&request, packed), done,
                              self);
}

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    struct ledger *self = arg;
    bool early = self->api->option_int(self->host, "early") != 0;
    char line[LINE_LEN];

    snprintf(line, sizeof(line), "%" PRIu64 " %" PRIu64 "\n", event->number,
             event->previous_number);
    if (!note(self, line))
        return CTPS_VERDICT_RETRY;
    if (strcmp(event->topic, "reminder.due") == 0)
        return CTPS_VERDICT_DONE;
    self->event = event->number;
    if (effect_record(self, event->number, early ? ignored : answered) != CTPS_STATUS_OK)
        return CTPS_VERDICT_RETRY;
    return early ? CTPS_VERDICT_DONE : CTPS_VERDICT_LATER;
}

PLUGIN_BEGIN(ledger)

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    struct ledger *self = begin(host, api, why, why_len);
    char path[PATH_LEN];

    if (!self)
        return CTPS_STATUS_NO_MEMORY;
    snprintf(path, sizeof(path), "%s/seen", api->state_dir(host));
    self->seen = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (self->seen < 0 || !note(self, "start\n")) {
        snprintf(why, why_len, "its file cannot be written");
        free(self);
        return CTPS_STATUS_IO;
    }
    *ret_self = self;
    return CTPS_STATUS_OK;
}

static void stop(void *arg)
{
    struct ledger *self = arg;

    close(self->seen);
    free(self);
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "ledger",
    .version = "ledger-1",
    .summary = "Writes down what it sees, and records an effect of each.",
    .actions = (const char *const[]){"effect.record", NULL},
    .audiences = (const char *const[]){"plugins", NULL},
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .start = start,
    .on_event = on_event,
    .stop = stop,
};
