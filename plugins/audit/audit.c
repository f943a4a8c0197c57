/*
 * audit: keeps a log of the journal that cannot be altered unseen. Each entry's chain hash is a
 * leaf of a Merkle tree; checkpoints of it are signed, shown to witnesses that cosign them, and
 * stand in the state folder, with the tiles, in the formats of C2SP (see log.h, tiles.h,
 * note.h), for whoever wants to copy them elsewhere.
 *
 * State folder: `seed` (0600, made at first start), `current`, and a folder for each
 * incarnation of the journal. Should the journal's past no longer be the one in the log without
 * a restore that says so, nothing more is signed: a human must look.
 */
#include <ctps/answer.pb-c.h>
#include <ctps/command.pb-c.h>
#include <ctps/plugin.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cosign.h"
#include "log.h"

enum {
    BUSY_MS = 1, /* until the next page when one was full */
    US_PER_S = 1000000,
};

struct audit {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    struct ctps_timer *timer;
    uint8_t seed[NOTE_KEY_LEN];
    struct audit_log log; /* not open after a failure: opened again at the last checkpoint */
    struct cosign *cosign;
    int64_t shown_us; /* when the checkpoint was made; 0: by an earlier process */
    uint64_t asked;   /* entries were asked for after this one */
    unsigned requests;
    bool forked;
};

static const struct ctps_option options[] = {
    {.name = "origin",
     .type = CTPS_OPTION_STRING,
     .required = true,
     .help = "Name of the log and of its key, as \"audit.town.example\"; never to be changed. "
             "The journal's incarnation is added to it."},
    {.name = "seed",
     .type = CTPS_OPTION_SECRET,
     .help =
         "A file of 32 random bytes to sign with, kept elsewhere; else the folder has one."},
    {.name = "interval",
     .type = CTPS_OPTION_DURATION,
     .fallback = "10 s",
     .min = 10,
     .max = 3600000,
     .help = "How often new entries are taken and signed for."},
    {.name = "refresh",
     .type = CTPS_OPTION_DURATION,
     .fallback = "1 h",
     .min = 1000,
     .max = 86400000,
     .help = "A checkpoint is signed anew after so long even when nothing came."},
    {.name = "witnesses",
     .type = CTPS_OPTION_LIST,
     .help =
         "Who cosigns the log: \"http://HOST:PORT VKEY\" each; connect must grant HOST:PORT."},
};

static void say(struct audit *self, enum ctps_level level, const char *line)
{
    self->api->log(self->host, level, line);
}

static const char *folder_of(struct audit *self)
{
    return self->api->state_dir(self->host);
}

/* --- the checkpoint --- */

static bool checkpoint_show(struct audit *self)
{
    int64_t now_us = self->api->now_us(self->host);

    if (!log_show(&self->log, now_us))
        return false;
    self->shown_us = now_us;
    self->api->metric(self->host, "log.checkpoint_s", now_us / US_PER_S);
    return true;
}

static bool is_due(struct audit *self)
{
    int64_t age_us = self->api->now_us(self->host) - self->shown_us;

    /* The clock may have been set back. */
    return tiles_size(self->log.tiles) != self->log.shown.size || age_us < 0 ||
           age_us >= self->api->option_int(self->host, "refresh") * 1000;
}

/* Opens the log of an incarnation; NULL, or what is wrong. */
static const char *open_log(struct audit *self, const uint8_t *incarnation, bool make)
{
    log_close(&self->log);
    cosign_forget(self->cosign);
    return log_open(&self->log, folder_of(self), self->api->option_string(self->host, "origin"),
                    self->seed, incarnation, make, self->api->now_us(self->host));
}

static void complain(struct audit *self, const char *wrong)
{
    say(self, CTPS_LEVEL_ERROR, wrong);
    log_close(&self->log);
}

/* --- following the journal --- */

static void follow(void *arg);

static void follow_after(struct audit *self, int64_t after_ms)
{
    self->timer = self->api->timer_add(self->host, after_ms, follow, self);
}

static void fork_say(struct audit *self, uint64_t seq)
{
    char line[160];

    self->forked = true;
    self->api->metric(self->host, "alarm.forked", 1);
    snprintf(line, sizeof(line),
             "entry %" PRIu64
             " of the journal is not the one in the log: a backup was restored, "
             "or the journal was rewritten; nothing more is signed",
             seq);
    say(self, CTPS_LEVEL_ERROR, line);
}

/* Since an entry's hash chains all before it, one that is the same stands for its whole past.
 */
static bool past_is_the_same(struct audit *self, const Ctps__EntryHashesAnswer *answer)
{
    uint64_t size = tiles_size(self->log.tiles);

    return size == 0 || (answer->hashes.len >= TILES_ENTRY_LEN &&
                         memcmp(answer->hashes.data, self->log.last, TILES_ENTRY_LEN) == 0);
}

static bool entries_take(struct audit *self, const Ctps__EntryHashesAnswer *answer)
{
    size_t count = answer->hashes.len / TILES_ENTRY_LEN;

    for (size_t i = tiles_size(self->log.tiles) - self->asked; i < count; i++)
        if (!log_append(&self->log, answer->hashes.data + i * TILES_ENTRY_LEN))
            return false;
    return true;
}

static void figures_tell(struct audit *self, uint64_t head)
{
    self->api->metric(self->host, "log.size", (int64_t)self->log.shown.size);
    self->api->metric(self->host, "log.lag", (int64_t)(head - self->log.shown.size));
}

/* *ret_more: entries are left. */
static bool answer_take(struct audit *self, const Ctps__EntryHashesAnswer *answer,
                        bool *ret_more)
{
    if (!past_is_the_same(self, answer)) {
        fork_say(self, self->asked + 1);
        return true;
    }
    if (!entries_take(self, answer))
        return false;
    *ret_more = tiles_size(self->log.tiles) < answer->head;
    if (!*ret_more && is_due(self) && !checkpoint_show(self))
        return false;
    figures_tell(self, answer->head);
    if (!*ret_more)
        cosign_tend(self->cosign, &self->log);
    return true;
}

/* Whether the answer is about the journal the log is of; else that one's log is opened, or
 * begun, and the entries after it are asked for. */
static bool is_of_log(struct audit *self, const Ctps__EntryHashesAnswer *answer, bool *ret_more)
{
    const uint8_t *incarnation = answer->incarnation.data;
    const char *wrong;

    if (answer->incarnation.len != LOG_INCARNATION_LEN)
        return false;
    if (self->log.tiles && memcmp(self->log.incarnation, incarnation, LOG_INCARNATION_LEN) == 0)
        return true;
    if (self->log.tiles)
        say(self, CTPS_LEVEL_WARNING,
            "a backup was restored: the log ends here, and another one begins");
    wrong = open_log(self, incarnation, true);
    if (wrong)
        complain(self, wrong);
    *ret_more = !wrong;
    return false;
}

/* What is not on disk as it should be is forgotten: the log goes on from its checkpoint. */
static void log_abandon(struct audit *self)
{
    complain(self, "the log cannot be written; it is tried again");
}

static void answered(void *arg, enum ctps_status status, const uint8_t *data, size_t len)
{
    struct audit *self = arg;
    bool more = false;
    Ctps__Reply *reply = status == CTPS_STATUS_OK ? ctps__reply__unpack(NULL, len, data) : NULL;

    if (!reply || reply->answer_case != CTPS__REPLY__ANSWER_ENTRY_HASHES_ANSWER)
        say(self, CTPS_LEVEL_WARNING,
            "entries could not be asked for; they are asked for again");
    else if (is_of_log(self, reply->entry_hashes_answer, &more) &&
             !answer_take(self, reply->entry_hashes_answer, &more))
        log_abandon(self);
    if (reply)
        ctps__reply__free_unpacked(reply, NULL);
    if (!self->forked)
        follow_after(self, more ? BUSY_MS : self->api->option_int(self->host, "interval"));
}

static bool ask(struct audit *self)
{
    uint8_t id[CTPS_REQUEST_ID_LEN], packed[128];
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__EntryHashes hashes = CTPS__ENTRY_HASHES__INIT;
    uint64_t size = self->log.tiles ? tiles_size(self->log.tiles) : 0;
    char words[64];

    /* The newest one is asked for again each time, to see that it is still the same. */
    self->asked = size ? size - 1 : 0;
    hashes.has_after = 1;
    hashes.after = self->asked;
    hashes.has_signed_count = 1;
    hashes.signed_count = self->log.tiles ? self->log.shown.size : 0;
    snprintf(words, sizeof(words), "hashes %" PRIu64 " %u", size, self->requests++);
    self->api->request_id(self->host, words, id);
    request.has_id = 1;
    request.id = (ProtobufCBinaryData){sizeof(id), id};
    request.command_case = CTPS__REQUEST__COMMAND_ENTRY_HASHES;
    request.entry_hashes = &hashes;
    return ctps__request__get_packed_size(&request) <= sizeof(packed) &&
           self->api->request(self->host, packed, ctps__request__pack(&request, packed),
                              answered, self) == CTPS_STATUS_OK;
}

/* NULL, or what is wrong; with no log yet the journal's answer says of what to begin one. */
static const char *current_open(struct audit *self)
{
    uint8_t incarnation[LOG_INCARNATION_LEN];

    return self->log.tiles || !log_current(folder_of(self), incarnation)
               ? NULL
               : open_log(self, incarnation, false);
}

static void follow(void *arg)
{
    struct audit *self = arg;
    const char *wrong = current_open(self);

    self->timer = NULL;
    if (wrong)
        complain(self, wrong);
    if (wrong || !ask(self))
        follow_after(self, self->api->option_int(self->host, "interval"));
}

/* --- start --- */

/* NULL, or what is wrong. */
static const char *seed_open(struct audit *self)
{
    uint8_t incarnation[LOG_INCARNATION_LEN];
    const uint8_t *given;
    size_t given_len;
    char path[LOG_PATH_MAX];

    if (self->api->secret(self->host, "seed", &given, &given_len) == CTPS_STATUS_OK) {
        if (given_len != NOTE_KEY_LEN)
            return "seed: a file of 32 bytes is expected";
        memcpy(self->seed, given, NOTE_KEY_LEN);
        return NULL;
    }
    snprintf(path, sizeof(path), "%s/seed", folder_of(self));
    if (access(path, F_OK) == 0 || log_current(folder_of(self), incarnation))
        return tiles_read(folder_of(self), "seed", self->seed, NOTE_KEY_LEN) == NOTE_KEY_LEN
                   ? NULL
                   : "the file seed of its folder cannot be read";
    randombytes_buf(self->seed, NOTE_KEY_LEN);
    return tiles_write(folder_of(self), "seed", self->seed, NOTE_KEY_LEN, 0600)
               ? NULL
               : "its folder cannot be written";
}

/* NULL, or what is wrong. */
static const char *parts_open(struct audit *self)
{
    const char *origin = self->api->option_string(self->host, "origin");
    const char *wrong;

    if (!note_name_is_valid(origin) || strlen(origin) > LOG_ORIGIN_MAX)
        return "origin: neither spaces, plus nor letters with accents, at most 95 characters";
    self->cosign = cosign_new(self->host, self->api, &wrong);
    if (!wrong)
        wrong = seed_open(self);
    return wrong ? wrong : current_open(self);
}

static void stop(void *arg)
{
    struct audit *self = arg;

    cosign_free(&self->cosign);
    log_close(&self->log);
    sodium_memzero(self, sizeof(*self));
    free(self);
}

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    struct audit *self = calloc(1, sizeof(*self));
    const char *wrong;

    if (!self || sodium_init() < 0) {
        free(self);
        snprintf(why, why_len, "no memory");
        return CTPS_STATUS_NO_MEMORY;
    }
    self->host = host;
    self->api = api;
    wrong = parts_open(self);
    if (wrong) {
        snprintf(why, why_len, "%s", wrong);
        stop(self);
        return CTPS_STATUS_INVALID;
    }
    follow_after(self, BUSY_MS);
    *ret_self = self;
    return CTPS_STATUS_OK;
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "audit",
    .version = "1",
    .summary = "Keeps a signed log of the journal's hashes that cannot be altered unseen.",
    .actions = (const char *const[]){"audit.hashes", NULL},
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .start = start,
    .stop = stop,
};
