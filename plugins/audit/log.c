#include "log.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { US_PER_S = 1000000, HEX_LEN = 2 * LOG_INCARNATION_LEN };

static bool is_there(const char *folder, const char *name)
{
    char path[LOG_PATH_MAX];

    return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
           access(path, F_OK) == 0;
}

bool log_current(const char *base, uint8_t out[LOG_INCARNATION_LEN])
{
    char hex[HEX_LEN + 1];
    size_t len;

    return tiles_read(base, "current", hex, sizeof(hex)) == HEX_LEN + 1 &&
           hex[HEX_LEN] == '\n' &&
           sodium_hex2bin(out, LOG_INCARNATION_LEN, hex, HEX_LEN, NULL, &len, NULL) == 0 &&
           len == LOG_INCARNATION_LEN;
}

/* --- keys --- */

/* The key that says when is another one, made from the same seed. */
static bool keys_make(struct audit_log *log, const uint8_t seed[NOTE_KEY_LEN],
                      const char *origin)
{
    uint8_t other[NOTE_KEY_LEN];

    crypto_generichash(other, sizeof(other), (const uint8_t *)"cosignature", 11, seed,
                       NOTE_KEY_LEN);
    return note_key_make(origin, NOTE_ED25519, seed, &log->key) &&
           note_key_make(origin, NOTE_COSIGNATURE, other, &log->timed);
}

static bool vkeys_show(const struct audit_log *log)
{
    char first[NOTE_VKEY_MAX], second[NOTE_VKEY_MAX], both[2 * NOTE_VKEY_MAX + 2];

    note_vkey_write(&log->key, first);
    note_vkey_write(&log->timed, second);
    snprintf(both, sizeof(both), "%s\n%s\n", first, second);
    return tiles_write(log->folder, "vkey", both, strlen(both), 0644);
}

/* --- checkpoints --- */

static bool shown_write(struct audit_log *log, const struct note_text *text)
{
    if (text->full || !tiles_write(log->folder, "checkpoint", text->data, text->len, 0644))
        return false;
    memcpy(log->note, text->data, text->len + 1);
    return true;
}

bool log_show(struct audit_log *log, int64_t now_us)
{
    struct note_checkpoint checkpoint = {.size = tiles_size(log->tiles)};
    char data[NOTE_LEN_MAX];
    struct note_text text = {.data = data, .max = sizeof(data)};

    memcpy(checkpoint.origin, log->key.name, sizeof(checkpoint.origin));
    tiles_root(log->tiles, &checkpoint.root);
    note_checkpoint_write(&checkpoint, &text);
    note_sign(&log->key, 0, &text);
    note_sign(&log->timed, (uint64_t)(now_us / US_PER_S), &text);
    if (!tiles_flush(log->tiles) || !shown_write(log, &text))
        return false;
    log->shown = checkpoint;
    return true;
}

static bool note_is_ours(const struct audit_log *log, struct note_checkpoint *out)
{
    return note_checkpoint_read(log->note, out) && strcmp(out->origin, log->key.name) == 0 &&
           note_is_signed(log->note, &log->key, NULL);
}

static const char *tiles_begin(struct audit_log *log)
{
    struct tiles_reader reader = {.folder = log->folder, .size = log->shown.size};

    log->tiles = tiles_open(log->folder, log->shown.size);
    if (!log->tiles)
        return "the tiles the checkpoint stands on cannot be read";
    if (log->shown.size && !tiles_entry(&reader, log->shown.size - 1, log->last))
        return "the entries the checkpoint stands on cannot be read";
    return NULL;
}

static const char *checkpoint_take(struct audit_log *log)
{
    struct merkle_hash root;
    const char *wrong;

    if (!note_is_ours(log, &log->shown))
        return "the checkpoint is not one this key signed for this origin";
    wrong = tiles_begin(log);
    if (wrong)
        return wrong;
    tiles_root(log->tiles, &root);
    return merkle_equal(&root, &log->shown.root) ? NULL
                                                 : "the tiles are not those of the checkpoint";
}

/* --- opening --- */

/* From then on a log without a checkpoint has lost it. */
static const char *log_make(struct audit_log *log, const char *base, const char *hex,
                            int64_t now_us)
{
    char line[HEX_LEN + 2];

    if (is_there(log->folder, "checkpoint") || is_there(log->folder, "tile"))
        return "the checkpoint cannot be read";
    snprintf(line, sizeof(line), "%s\n", hex);
    if ((mkdir(log->folder, 0755) < 0 && !is_there(base, hex)) || !vkeys_show(log))
        return "its folder cannot be written";
    log->shown = (struct note_checkpoint){0};
    if (tiles_begin(log) != NULL || !log_show(log, now_us) ||
        !tiles_write(base, "current", line, HEX_LEN + 1, 0644))
        return "its folder cannot be written";
    return NULL;
}

const char *log_open(struct audit_log *log, const char *base, const char *name,
                     const uint8_t seed[NOTE_KEY_LEN],
                     const uint8_t incarnation[LOG_INCARNATION_LEN], bool make, int64_t now_us)
{
    char hex[HEX_LEN + 1], origin[NOTE_NAME_MAX + 1];
    long len;

    *log = (struct audit_log){0};
    memcpy(log->incarnation, incarnation, LOG_INCARNATION_LEN);
    sodium_bin2hex(hex, sizeof(hex), incarnation, LOG_INCARNATION_LEN);
    if (strlen(name) > LOG_ORIGIN_MAX || snprintf(log->folder, sizeof(log->folder), "%s/%s",
                                                  base, hex) >= (int)sizeof(log->folder))
        return "origin: too long";
    snprintf(origin, sizeof(origin), "%s/%s", name, hex);
    if (!keys_make(log, seed, origin))
        return "origin: neither spaces, plus nor letters with accents";
    len = tiles_read(log->folder, "checkpoint", log->note, sizeof(log->note) - 1);
    log->note[len < 0 ? 0 : len] = '\0';
    if (len >= 0)
        return checkpoint_take(log);
    return make ? log_make(log, base, hex, now_us) : "the checkpoint cannot be read";
}

void log_close(struct audit_log *log)
{
    tiles_close(&log->tiles);
}

bool log_append(struct audit_log *log, const uint8_t entry[TILES_ENTRY_LEN])
{
    if (!tiles_append(log->tiles, entry))
        return false;
    memcpy(log->last, entry, TILES_ENTRY_LEN);
    return true;
}

/* --- witnesses --- */

bool log_growth(const struct audit_log *log, uint64_t old, struct merkle_path *out)
{
    struct tiles_reader reader = {.folder = log->folder, .size = log->shown.size};
    struct merkle_source source = tiles_source(&reader);

    out->count = 0;
    return old == 0 || merkle_consistency(&source, old, log->shown.size, out);
}

/* The checkpoint that is shown bears it too, as long as it is that one. */
static bool shown_add(struct audit_log *log, const char *note, const char *lines,
                      const struct note_key *witness)
{
    char data[NOTE_LEN_MAX];
    struct note_text text = {.data = data, .max = sizeof(data)};

    if (strncmp(log->note, note, strlen(note)) != 0 || note_is_signed(log->note, witness, NULL))
        return true;
    note_words_write(log->note, &text);
    return note_signature_take(&text, lines, witness, NULL) && shown_write(log, &text);
}

bool log_cosignature_add(struct audit_log *log, const char *note, const char *lines,
                         const struct note_key *witness)
{
    char data[NOTE_LEN_MAX], name[NOTE_FILE_MAX];
    struct note_text text = {.data = data, .max = sizeof(data)};

    note_words_write(note, &text);
    if (text.full || !note_signature_take(&text, lines, witness, NULL))
        return false;
    note_witness_file(witness, name);
    return tiles_write(log->folder, name, data, text.len, 0644) &&
           shown_add(log, note, lines, witness);
}

uint64_t log_cosigned(const struct audit_log *log, const struct note_key *witness)
{
    char data[NOTE_LEN_MAX], name[NOTE_FILE_MAX];
    struct note_checkpoint checkpoint;
    long len;

    note_witness_file(witness, name);
    len = tiles_read(log->folder, name, data, sizeof(data) - 1);
    data[len < 0 ? 0 : len] = '\0';
    return len > 0 && note_checkpoint_read(data, &checkpoint) &&
                   strcmp(checkpoint.origin, log->key.name) == 0 &&
                   note_is_signed(data, witness, NULL)
               ? checkpoint.size
               : 0;
}
