#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/tiles.h"

enum { NAME_LEN = 128 };
static const char none[] = "none\n"; /* `seen` of a log of which nothing was cosigned */

static bool __attribute__((format(printf, 2, 3)))
wrong(struct store *store, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, one line above */
    vsnprintf(store->why, sizeof(store->why), format, args);
    va_end(args);
    return false;
}

/* --- files --- */

static void name_of(char out[NAME_LEN], const struct store_log *log, const char *what)
{
    snprintf(out, NAME_LEN, "logs/%s/%s", log->id, what);
}

/* A text file of at most NOTE_LEN_MAX - 1 bytes, ended in zero. */
static bool text_read(struct store *store, const char *name, char out[NOTE_LEN_MAX])
{
    long len = tiles_read(store->folder, name, out, NOTE_LEN_MAX - 1);

    out[len < 0 ? 0 : len] = '\0';
    if (len < 0 || strlen(out) != (size_t)len)
        return wrong(store, "%s/%s cannot be read", store->folder, name);
    return true;
}

static bool file_write(struct store *store, const char *name, const void *data, size_t len,
                       unsigned mode)
{
    return tiles_write(store->folder, name, data, len, mode) ||
           wrong(store, "%s/%s cannot be written: %s", store->folder, name, strerror(errno));
}

static bool is_there(const struct store *store, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", store->folder, name);
    return access(path, F_OK) == 0;
}

/* Adding is waited for: it takes no time. */
static bool lock_take(struct store *store, enum store_use use)
{
    char path[4096];

    if (use == STORE_LOOK)
        return true;
    snprintf(path, sizeof(path), "%s/%s", store->folder, use == STORE_ADD ? "adding" : "lock");
    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0)
        return wrong(store, "%s: %s", path, strerror(errno));
    return flock(store->lock, use == STORE_ADD ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 ||
           wrong(store, "%s is in use by another process", store->folder);
}

/* --- keys --- */

/* What tells when a signature was made is signed by this kind of key. */
static bool key_make(struct store *store, const char *name, const uint8_t seed[NOTE_KEY_LEN])
{
    return note_key_make(name, NOTE_COSIGNATURE, seed, &store->key) ||
           wrong(store, "name: letters, figures and signs, neither spaces nor plus");
}

static bool key_open(struct store *store)
{
    char text[NOTE_LEN_MAX];
    uint8_t seed[NOTE_KEY_LEN];
    struct note_key shown;
    bool done;

    if (tiles_read(store->folder, "seed", seed, sizeof(seed)) != NOTE_KEY_LEN)
        return wrong(store, "%s/seed cannot be read", store->folder);
    done = text_read(store, "vkey", text) &&
           (note_vkey_read(text, &shown) || wrong(store, "vkey is not a verifier key")) &&
           key_make(store, shown.name, seed) &&
           (memcmp(shown.public_key, store->key.public_key, NOTE_KEY_LEN) == 0 ||
            wrong(store, "seed and vkey are not of one key"));
    sodium_memzero(seed, sizeof(seed));
    return done;
}

static bool vkey_write(struct store *store, const char *name, const struct note_key *key)
{
    char vkey[NOTE_VKEY_MAX], line[NOTE_VKEY_MAX + 2];

    note_vkey_write(key, vkey);
    snprintf(line, sizeof(line), "%s\n", vkey);
    return file_write(store, name, line, strlen(line), 0644);
}

bool store_init(struct store *store, const char *folder, const char *name)
{
    uint8_t seed[NOTE_KEY_LEN];
    bool done;

    *store = (struct store){.folder = folder, .lock = -1};
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return wrong(store, "%s: %s", folder, strerror(errno));
    if (!lock_take(store, STORE_COSIGN))
        return false;
    if (is_there(store, "seed"))
        return wrong(store, "%s is a witness already", folder);
    randombytes_buf(seed, sizeof(seed));
    /* The seed last: until it stands there, init may be run again. */
    done = key_make(store, name, seed) && vkey_write(store, "vkey", &store->key) &&
           file_write(store, "seed", seed, sizeof(seed), 0600);
    sodium_memzero(seed, sizeof(seed));
    return done;
}

/* --- logs --- */

static void id_of(const char *origin, char out[STORE_ID_LEN + 1])
{
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const uint8_t *)origin, strlen(origin));
    sodium_bin2hex(out, STORE_ID_LEN + 1, hash, sizeof(hash));
}

static bool seen_open(struct store *store, struct store_log *log)
{
    struct note_checkpoint checkpoint;
    char note[NOTE_LEN_MAX];

    if (!store_seen_read(store, log, note))
        return wrong(store,
                     "what was cosigned of %s is lost: a witness that forgot must not go on; "
                     "make a new one",
                     log->key.name);
    if (!*note)
        return true;
    if (!note_checkpoint_read(note, &checkpoint) ||
        strcmp(checkpoint.origin, log->key.name) != 0 || !note_is_signed(note, &log->key, NULL))
        return wrong(store, "what was cosigned of %s is not a checkpoint of it", log->key.name);
    log->seen = (struct witness_seen){.size = checkpoint.size, .root = checkpoint.root};
    return true;
}

static struct store_log *log_new(struct store *store)
{
    struct store_log *grown;

    if (store->log_count == STORE_LOGS_MAX) {
        wrong(store, "more than %d logs", STORE_LOGS_MAX);
        return NULL;
    }
    grown = realloc(store->logs, (store->log_count + 1) * sizeof(*grown));
    if (!grown) {
        wrong(store, "no memory");
        return NULL;
    }
    store->logs = grown;
    grown[store->log_count] = (struct store_log){0};
    return &grown[store->log_count];
}

static bool log_open(struct store *store, const char *id)
{
    struct store_log *log = log_new(store);
    char text[NOTE_LEN_MAX], name[NAME_LEN], expected[STORE_ID_LEN + 1];

    if (!log)
        return false;
    memcpy(log->id, id, STORE_ID_LEN + 1);
    name_of(name, log, "vkey");
    if (!is_there(store, name))
        return true; /* it was not added to its end */
    if (!text_read(store, name, text))
        return false;
    if (!note_vkey_read(text, &log->key))
        return wrong(store, "%s is not a verifier key", name);
    id_of(log->key.name, expected);
    if (strcmp(expected, id) != 0)
        return wrong(store, "%s is of another log", name);
    if (!seen_open(store, log))
        return false;
    store->log_count++;
    return true;
}

static bool logs_open(struct store *store)
{
    char path[4096];
    struct dirent *entry;
    DIR *dir;
    bool done = true;

    snprintf(path, sizeof(path), "%s/logs", store->folder);
    dir = opendir(path);
    if (!dir)
        return errno == ENOENT || wrong(store, "%s: %s", path, strerror(errno));
    while (done && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            done = strlen(entry->d_name) == STORE_ID_LEN
                       ? log_open(store, entry->d_name)
                       : wrong(store, "%s/%s: nothing of a witness", path, entry->d_name);
    closedir(dir);
    return done;
}

bool store_open(struct store *store, const char *folder, enum store_use use)
{
    *store = (struct store){.folder = folder, .lock = -1};
    return lock_take(store, use) && key_open(store) && logs_open(store);
}

void store_close(struct store *store)
{
    if (store->lock >= 0)
        close(store->lock);
    free(store->logs);
    sodium_memzero(store, sizeof(*store));
    store->lock = -1;
}

static struct store_log *log_find(const struct store *store, const char *origin)
{
    for (size_t i = 0; i < store->log_count; i++)
        if (strcmp(store->logs[i].key.name, origin) == 0)
            return &store->logs[i];
    return NULL;
}

/* Also one that was added since the store was opened. *ret_log NULL: it is not known. */
static bool log_look(struct store *store, const char *origin, struct store_log **ret_log)
{
    char id[STORE_ID_LEN + 1];

    *ret_log = log_find(store, origin);
    if (*ret_log)
        return true;
    id_of(origin, id);
    if (!log_open(store, id))
        return false;
    *ret_log = log_find(store, origin);
    return true;
}

bool store_add(struct store *store, const struct note_key *key)
{
    char name[NAME_LEN], seen[NOTE_LEN_MAX];
    struct store_log *log;

    if (key->algorithm != NOTE_ED25519)
        return wrong(store, "%s: not the key a log signs with", key->name);
    if (log_find(store, key->name))
        return wrong(store, "%s is known already", key->name);
    log = log_new(store);
    if (!log)
        return false;
    log->key = *key;
    id_of(key->name, log->id);
    name_of(name, log, "seen");
    if (is_there(store, name) && (!store_seen_read(store, log, seen) || *seen))
        return wrong(store, "%s was known before: something of it was cosigned", key->name);
    /* The key last: a folder without one was not added. */
    if (!file_write(store, name, none, strlen(none), 0600))
        return false;
    name_of(name, log, "vkey");
    if (!vkey_write(store, name, key))
        return false;
    store->log_count++;
    return true;
}

bool store_seen_read(struct store *store, const struct store_log *log, char out[NOTE_LEN_MAX])
{
    char name[NAME_LEN];

    name_of(name, log, "seen");
    if (!text_read(store, name, out))
        return false;
    if (strcmp(out, none) == 0)
        *out = '\0';
    return true;
}

/* --- cosigning --- */

static void evidence_keep(struct store *store, const struct store_log *log, const char *body)
{
    char name[NAME_LEN];

    name_of(name, log, "refused");
    file_write(store, name, body, strlen(body), 0600);
}

static void sign(const struct store *store, const char *note, uint64_t now_s,
                 struct note_text *out)
{
    char data[2 * NOTE_LEN_MAX];
    struct note_text signed_note = {.data = data, .max = sizeof(data)};

    note_words_write(note, &signed_note);
    note_sign(&store->key, now_s, &signed_note);
    out->full |= signed_note.full;
    note_words_write(data + strlen(note), out);
}

static bool seen_write(struct store *store, struct store_log *log,
                       const struct witness_request *request)
{
    char name[NAME_LEN];

    name_of(name, log, "seen");
    if (!file_write(store, name, request->note, strlen(request->note), 0600))
        return false;
    log->seen = (struct witness_seen){.size = request->checkpoint.size,
                                      .root = request->checkpoint.root};
    return true;
}

bool store_cosign(struct store *store, const char *body, uint64_t now_s, struct note_text *out,
                  enum witness_verdict *ret_verdict, const struct store_log **ret_log)
{
    struct witness_request request;
    struct store_log *log;

    *ret_log = NULL;
    *ret_verdict = WITNESS_MALFORMED;
    if (!witness_request_read(body, &request) || strlen(request.note) >= NOTE_LEN_MAX)
        return true;
    if (!log_look(store, request.checkpoint.origin, &log))
        return false;
    *ret_log = log;
    *ret_verdict = WITNESS_UNKNOWN_ORIGIN;
    if (!log)
        return true;
    *ret_verdict = witness_judge(&request, &log->key, &log->seen);
    if (witness_word(*ret_verdict)->tells_size)
        note_number_write("", log->seen.size, out);
    if (*ret_verdict == WITNESS_FORKED || *ret_verdict == WITNESS_BAD_PROOF)
        evidence_keep(store, log, body);
    if (*ret_verdict != WITNESS_COSIGN)
        return true;
    if (!seen_write(store, log, &request))
        return false;
    sign(store, request.note, now_s, out);
    return !out->full;
}
