/*
 * audit: keeps a log of the journal that cannot be altered unseen. Each entry's chain hash is a
 * leaf of a Merkle tree; checkpoints of it are signed and stand in the state folder, with the
 * tiles, in the formats of C2SP (see tiles.h, note.h), for whoever wants to copy them
 * elsewhere.
 *
 * State folder: `seed` (0600, made at first start), `vkey` (what verifiers are given),
 * `checkpoint`, `tile/`. A checkpoint is shown once everything it stands on is on disk. Should
 * the journal's past no longer be the one in the log (a backup was restored, or it was
 * rewritten), nothing more is signed: a human must look.
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

#include "note.h"
#include "tiles.h"

enum {
    BUSY_MS = 1, /* until the next page when one was full */
    US_PER_S = 1000000,
};

struct audit {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    struct ctps_timer *timer;
    struct tiles *tiles; /* NULL after a failure: opened again at the last checkpoint */
    struct note_key key, timed;
    uint64_t shown;                /* size of the checkpoint on disk */
    int64_t shown_us;              /* when it was made; 0: by an earlier process */
    uint8_t last[TILES_ENTRY_LEN]; /* the newest entry of the log */
    uint64_t asked;                /* entries were asked for after this one */
    unsigned requests;
    bool forked;
};

static const struct ctps_option options[] = {
    {.name = "origin",
     .type = CTPS_OPTION_STRING,
     .required = true,
     .help = "Name of the log and of its key, as \"audit.town.example\"; never to be changed."},
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
};

static void say(struct audit *self, enum ctps_level level, const char *line)
{
    self->api->log(self->host, level, line);
}

static const char *folder_of(struct audit *self)
{
    return self->api->state_dir(self->host);
}

static bool is_there(struct audit *self, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", folder_of(self), name);
    return access(path, F_OK) == 0;
}

/* --- the checkpoint --- */

static bool checkpoint_show(struct audit *self)
{
    int64_t now_us = self->api->now_us(self->host);
    struct note_checkpoint checkpoint = {.size = tiles_size(self->tiles)};
    char data[NOTE_LEN_MAX];
    struct note_text text = {.data = data, .max = sizeof(data)};

    memcpy(checkpoint.origin, self->key.name, sizeof(checkpoint.origin));
    tiles_root(self->tiles, &checkpoint.root);
    note_checkpoint_write(&checkpoint, &text);
    note_sign(&self->key, 0, &text);
    note_sign(&self->timed, (uint64_t)(now_us / US_PER_S), &text);
    if (text.full || !tiles_flush(self->tiles) ||
        !tiles_write(folder_of(self), "checkpoint", data, text.len, 0644))
        return false;
    self->shown = checkpoint.size;
    self->shown_us = now_us;
    self->api->metric(self->host, "log.checkpoint_s", now_us / US_PER_S);
    return true;
}

static bool is_due(struct audit *self)
{
    int64_t age_us = self->api->now_us(self->host) - self->shown_us;

    /* The clock may have been set back. */
    return tiles_size(self->tiles) != self->shown || age_us < 0 ||
           age_us >= self->api->option_int(self->host, "refresh") * 1000;
}

/* Opens the log at the checkpoint on disk. NULL, or what is wrong. */
static const char *log_open(struct audit *self)
{
    struct note_checkpoint checkpoint = {0};
    struct tiles_reader reader = {.folder = folder_of(self)};
    struct merkle_hash root;
    char note[NOTE_LEN_MAX];
    long len = tiles_read(folder_of(self), "checkpoint", note, sizeof(note) - 1);

    if (len >= 0) {
        note[len] = '\0';
        if (!note_checkpoint_read(note, &checkpoint) ||
            strcmp(checkpoint.origin, self->key.name) != 0 ||
            !note_is_signed(note, &self->key, NULL))
            return "the checkpoint is not one this key signed for this origin";
    } else if (is_there(self, "checkpoint") || is_there(self, "tile")) {
        return "the checkpoint cannot be read";
    }
    self->tiles = tiles_open(reader.folder, checkpoint.size);
    if (!self->tiles)
        return "the tiles the checkpoint stands on cannot be read";
    tiles_root(self->tiles, &root);
    reader.size = self->shown = checkpoint.size;
    /* The first thing there is: from then on a log without a checkpoint has lost it. */
    if (len < 0)
        return checkpoint_show(self) ? NULL : "its folder cannot be written";
    if (!merkle_equal(&root, &checkpoint.root))
        return "the tiles are not those of the checkpoint";
    if (checkpoint.size && !tiles_entry(&reader, checkpoint.size - 1, self->last))
        return "the entries the checkpoint stands on cannot be read";
    return NULL;
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
    self->api->metric(self->host, "log.forked", 1);
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
    uint64_t size = tiles_size(self->tiles);

    return size == 0 || (answer->hashes.len >= TILES_ENTRY_LEN &&
                         memcmp(answer->hashes.data, self->last, TILES_ENTRY_LEN) == 0);
}

static bool entries_take(struct audit *self, const Ctps__EntryHashesAnswer *answer)
{
    size_t count = answer->hashes.len / TILES_ENTRY_LEN;

    for (size_t i = tiles_size(self->tiles) - self->asked; i < count; i++) {
        const uint8_t *entry = answer->hashes.data + i * TILES_ENTRY_LEN;

        if (!tiles_append(self->tiles, entry))
            return false;
        memcpy(self->last, entry, TILES_ENTRY_LEN);
    }
    return true;
}

static void figures_tell(struct audit *self, uint64_t head)
{
    self->api->metric(self->host, "log.size", (int64_t)self->shown);
    self->api->metric(self->host, "log.lag", (int64_t)(head - self->shown));
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
    *ret_more = tiles_size(self->tiles) < answer->head;
    if (!*ret_more && is_due(self) && !checkpoint_show(self))
        return false;
    figures_tell(self, answer->head);
    return true;
}

/* What is not on disk as it should be is forgotten: the log goes on from its checkpoint. */
static void log_abandon(struct audit *self)
{
    say(self, CTPS_LEVEL_ERROR, "the log cannot be written; it is tried again");
    tiles_close(&self->tiles);
}

static void answered(void *arg, enum ctps_status status, const uint8_t *data, size_t len)
{
    struct audit *self = arg;
    bool more = false;
    Ctps__Reply *reply = status == CTPS_STATUS_OK ? ctps__reply__unpack(NULL, len, data) : NULL;

    if (!reply || reply->answer_case != CTPS__REPLY__ANSWER_ENTRY_HASHES_ANSWER)
        say(self, CTPS_LEVEL_WARNING,
            "entries could not be asked for; they are asked for again");
    else if (!answer_take(self, reply->entry_hashes_answer, &more))
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
    uint64_t size = tiles_size(self->tiles);
    char words[64];

    /* The newest one is asked for again each time, to see that it is still the same. */
    self->asked = size ? size - 1 : 0;
    hashes.has_after = 1;
    hashes.after = self->asked;
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

static void follow(void *arg)
{
    struct audit *self = arg;
    const char *wrong = self->tiles ? NULL : log_open(self);

    self->timer = NULL;
    if (wrong) {
        say(self, CTPS_LEVEL_ERROR, wrong);
        tiles_close(&self->tiles);
    }
    if (wrong || !ask(self))
        follow_after(self, self->api->option_int(self->host, "interval"));
}

/* --- start --- */

static bool seed_make(struct audit *self, uint8_t seed[NOTE_KEY_LEN])
{
    randombytes_buf(seed, NOTE_KEY_LEN);
    return tiles_write(folder_of(self), "seed", seed, NOTE_KEY_LEN, 0600);
}

/* The key that says when is another one, made from the same seed. */
static bool keys_make(struct audit *self, const uint8_t seed[NOTE_KEY_LEN], const char *origin)
{
    uint8_t other[NOTE_KEY_LEN];

    crypto_generichash(other, sizeof(other), (const uint8_t *)"cosignature", 11, seed,
                       NOTE_KEY_LEN);
    return note_key_make(origin, NOTE_ED25519, seed, &self->key) &&
           note_key_make(origin, NOTE_COSIGNATURE, other, &self->timed);
}

static bool vkeys_show(struct audit *self)
{
    char first[NOTE_VKEY_MAX], second[NOTE_VKEY_MAX], both[2 * NOTE_VKEY_MAX + 2];

    note_vkey_write(&self->key, first);
    note_vkey_write(&self->timed, second);
    snprintf(both, sizeof(both), "%s\n%s\n", first, second);
    return tiles_write(folder_of(self), "vkey", both, strlen(both), 0644);
}

/* NULL, or what is wrong. */
static const char *keys_open(struct audit *self)
{
    uint8_t seed[NOTE_KEY_LEN];
    const uint8_t *given;
    size_t given_len;
    bool named;

    if (self->api->secret(self->host, "seed", &given, &given_len) == CTPS_STATUS_OK) {
        if (given_len != NOTE_KEY_LEN)
            return "seed: a file of 32 bytes is expected";
        memcpy(seed, given, NOTE_KEY_LEN);
    } else if (is_there(self, "seed") || is_there(self, "checkpoint")) {
        if (tiles_read(folder_of(self), "seed", seed, sizeof(seed)) != NOTE_KEY_LEN)
            return "the file seed of its folder cannot be read";
    } else if (!seed_make(self, seed)) {
        return "its folder cannot be written";
    }
    named = keys_make(self, seed, self->api->option_string(self->host, "origin"));
    sodium_memzero(seed, sizeof(seed));
    if (!named)
        return "origin: neither spaces, plus nor letters with accents";
    return vkeys_show(self) ? NULL : "its folder cannot be written";
}

static void stop(void *arg)
{
    struct audit *self = arg;

    tiles_close(&self->tiles);
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
    wrong = keys_open(self);
    if (!wrong)
        wrong = log_open(self);
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
