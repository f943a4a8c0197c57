#include "note.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SIGNATURE_MARK "\xe2\x80\x94 " /* an em dash and a space */
#define PROOF_MARK     "c2sp.org/tlog-proof@v1\n"

enum {
    BASE64 = sodium_base64_VARIANT_ORIGINAL,
    TIME_LEN = 8,
    SIGNATURE_MAX = 4 + TIME_LEN + crypto_sign_BYTES, /* with key id and time */
    LINES_MAX = 128,                                  /* signatures looked at */
};

/* --- texts --- */

static void __attribute__((format(printf, 2, 3)))
add(struct note_text *out, const char *format, ...)
{
    va_list args;
    int len;

    if (out->full)
        return;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, one line above */
    len = vsnprintf(out->data + out->len, out->max - out->len, format, args);
    va_end(args);
    out->full = len < 0 || (size_t)len >= out->max - out->len;
    if (out->full)
        out->data[out->len] = '\0';
    else
        out->len += (size_t)len;
}

static void add_base64(struct note_text *out, const uint8_t *data, size_t len)
{
    char text[sodium_base64_ENCODED_LEN(SIGNATURE_MAX, BASE64)];

    add(out, "%s", sodium_bin2base64(text, sizeof(text), data, len, BASE64));
}

/* The bytes of the base64 that ends at the end of the line; 0: none, or more than `max`. */
static size_t read_base64(const char *text, uint8_t *out, size_t max)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789+/=";
    size_t len = 0, text_len = strcspn(text, "\n");
    const char *end;

    /* libsodium takes some bytes past 127 for letters. */
    if (strspn(text, letters) != text_len)
        return 0;
    if (sodium_base642bin(out, max, text, text_len, NULL, &len, &end, BASE64) != 0 ||
        end != text + text_len)
        return 0;
    return len;
}

static const char *line_after(const char *text)
{
    const char *end = strchr(text, '\n');

    return end ? end + 1 : NULL;
}

/* A number as the formats want it: decimal, no sign, no leading zero, to the end of the line.
 */
bool note_number_read(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t len = strspn(text, "0123456789");

    if (!len || text[len] != '\n' || (text[0] == '0' && len > 1))
        return false;
    for (size_t i = 0; i < len; i++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text[i] - '0'), &number))
            return false;
    *ret_number = number;
    return true;
}

static bool read_hash(const char *line, struct merkle_hash *out)
{
    return read_base64(line, out->bytes, MERKLE_HASH_LEN) == MERKLE_HASH_LEN;
}

void note_words_write(const char *words, struct note_text *out)
{
    add(out, "%s", words);
}

void note_number_write(const char *words, uint64_t number, struct note_text *out)
{
    add(out, "%s%" PRIu64 "\n", words, number);
}

void note_path_write(const struct merkle_path *path, struct note_text *out)
{
    for (unsigned i = 0; i < path->count; i++) {
        add_base64(out, path->hashes[i].bytes, MERKLE_HASH_LEN);
        add(out, "\n");
    }
}

const char *note_path_read(const char *text, struct merkle_path *out)
{
    out->count = 0;
    while (text && *text != '\n') {
        if (out->count == MERKLE_PATH_MAX || !read_hash(text, &out->hashes[out->count++]))
            return NULL;
        text = line_after(text);
    }
    return text ? text + 1 : NULL;
}

/* --- keys --- */

bool note_name_is_valid(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '+')
            return false;
    return len > 0 && len <= NOTE_NAME_MAX;
}

static void key_identify(struct note_key *key)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    uint8_t kind[2] = {'\n', (uint8_t)key->algorithm};
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)key->name, strlen(key->name));
    crypto_hash_sha256_update(&state, kind, sizeof(kind));
    crypto_hash_sha256_update(&state, key->public_key, NOTE_KEY_LEN);
    crypto_hash_sha256_final(&state, hash);
    memcpy(key->id, hash, sizeof(key->id));
}

bool note_key_make(const char *name, enum note_algorithm algorithm,
                   const uint8_t seed[NOTE_KEY_LEN], struct note_key *out)
{
    if (!note_name_is_valid(name))
        return false;
    *out = (struct note_key){.algorithm = algorithm};
    memcpy(out->name, name, strlen(name));
    crypto_sign_seed_keypair(out->public_key, out->secret, seed);
    key_identify(out);
    return true;
}

void note_vkey_write(const struct note_key *key, char out[NOTE_VKEY_MAX])
{
    struct note_text text = {.data = out, .max = NOTE_VKEY_MAX};
    uint8_t bytes[1 + NOTE_KEY_LEN];

    bytes[0] = (uint8_t)key->algorithm;
    memcpy(bytes + 1, key->public_key, NOTE_KEY_LEN);
    add(&text, "%s+%02x%02x%02x%02x+", key->name, key->id[0], key->id[1], key->id[2],
        key->id[3]);
    add_base64(&text, bytes, sizeof(bytes));
}

bool note_vkey_read(const char *text, struct note_key *out)
{
    const char *first = strchr(text, '+'), *second = first ? strchr(first + 1, '+') : NULL;
    uint8_t id[4], bytes[1 + NOTE_KEY_LEN];
    size_t id_len = 0;

    *out = (struct note_key){0};
    if (!second || first - text > NOTE_NAME_MAX || second - first != 9 ||
        sodium_hex2bin(id, sizeof(id), first + 1, 8, NULL, &id_len, NULL) != 0 ||
        read_base64(second + 1, bytes, sizeof(bytes)) != sizeof(bytes) ||
        (bytes[0] != NOTE_ED25519 && bytes[0] != NOTE_COSIGNATURE))
        return false;
    memcpy(out->name, text, (size_t)(first - text));
    out->algorithm = (enum note_algorithm)bytes[0];
    memcpy(out->public_key, bytes + 1, NOTE_KEY_LEN);
    key_identify(out);
    return note_name_is_valid(out->name) && id_len == 4 && memcmp(id, out->id, 4) == 0;
}

void note_witness_file(const struct note_key *witness, char out[NOTE_FILE_MAX])
{
    snprintf(out, NOTE_FILE_MAX, "witness/%02x%02x%02x%02x", witness->id[0], witness->id[1],
             witness->id[2], witness->id[3]);
}

/* --- checkpoints --- */

void note_checkpoint_write(const struct note_checkpoint *checkpoint, struct note_text *out)
{
    add(out, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size);
    add_base64(out, checkpoint->root.bytes, MERKLE_HASH_LEN);
    add(out, "\n");
}

bool note_checkpoint_read(const char *note, struct note_checkpoint *out)
{
    const char *size = line_after(note), *root = size ? line_after(size) : NULL;
    size_t origin_len = strcspn(note, "\n");

    *out = (struct note_checkpoint){0};
    if (!root || !line_after(root) || !origin_len || origin_len > NOTE_NAME_MAX)
        return false;
    memcpy(out->origin, note, origin_len);
    return note_number_read(size, &out->size) && read_hash(root, &out->root);
}

/* --- signatures --- */

/* The text that was signed: everything before the blank line. NULL: there is none. */
static const char *end_of_text(const char *note)
{
    const char *blank = strstr(note, "\n\n");

    return blank ? blank + 1 : NULL;
}

static void put_time(uint8_t out[TIME_LEN], uint64_t time_s)
{
    for (unsigned i = 0; i < TIME_LEN; i++)
        out[i] = (uint8_t)(time_s >> 8 * (TIME_LEN - 1 - i));
}

static uint64_t get_time(const uint8_t in[TIME_LEN])
{
    uint64_t time_s = 0;

    for (unsigned i = 0; i < TIME_LEN; i++)
        time_s = time_s << 8 | in[i];
    return time_s;
}

/* What Ed25519 runs over: the text, after a header when a witness says when it saw it. */
static bool signed_bytes(const struct note_key *key, uint64_t time_s, const char *text,
                         size_t text_len, struct note_text *out)
{
    if (key->algorithm == NOTE_COSIGNATURE)
        add(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
    if (text_len >= NOTE_LEN_MAX)
        return false;
    add(out, "%.*s", (int)text_len, text);
    return !out->full;
}

void note_sign(const struct note_key *key, uint64_t time_s, struct note_text *note)
{
    char data[NOTE_LEN_MAX + 64];
    struct note_text message = {.data = data, .max = sizeof(data)};
    uint8_t signature[SIGNATURE_MAX], *at = signature + sizeof(key->id);
    const char *end = end_of_text(note->data);

    if (!signed_bytes(key, time_s, note->data, end ? (size_t)(end - note->data) : note->len,
                      &message)) {
        note->full = true;
        return;
    }
    memcpy(signature, key->id, sizeof(key->id));
    if (key->algorithm == NOTE_COSIGNATURE) {
        put_time(at, time_s);
        at += TIME_LEN;
    }
    crypto_sign_detached(at, NULL, (const uint8_t *)data, message.len, key->secret);
    add(note, "%s" SIGNATURE_MARK "%s ", end ? "" : "\n", key->name);
    add_base64(note, signature, (size_t)(at - signature) + crypto_sign_BYTES);
    add(note, "\n");
}

/* One signature line of this key. */
static bool line_holds(const char *note, size_t text_len, const char *base64,
                       const struct note_key *key, uint64_t *ret_time_s)
{
    char data[NOTE_LEN_MAX + 64];
    struct note_text message = {.data = data, .max = sizeof(data)};
    uint8_t signature[SIGNATURE_MAX];
    size_t time_len = key->algorithm == NOTE_COSIGNATURE ? TIME_LEN : 0;
    size_t head = sizeof(key->id) + time_len;
    uint64_t time_s = 0;

    if (read_base64(base64, signature, sizeof(signature)) != head + crypto_sign_BYTES ||
        memcmp(signature, key->id, sizeof(key->id)) != 0)
        return false;
    if (time_len)
        time_s = get_time(signature + sizeof(key->id));
    if (!signed_bytes(key, time_s, note, text_len, &message) ||
        crypto_sign_verify_detached(signature + head, (const uint8_t *)data, message.len,
                                    key->public_key) != 0)
        return false;
    if (ret_time_s)
        *ret_time_s = time_s;
    return true;
}

/* The first of `lines` that is a valid signature of the key over the note's text; NULL: none.
 */
static const char *line_find(const char *note, const char *lines, const struct note_key *key,
                             uint64_t *ret_time_s)
{
    size_t mark = strlen(SIGNATURE_MARK), name_len = strlen(key->name);
    const char *end = end_of_text(note), *line = lines;

    for (unsigned i = 0; end && line && *line && i < LINES_MAX; i++, line = line_after(line)) {
        if (strncmp(line, SIGNATURE_MARK, mark) != 0 || !strchr(line, '\n'))
            return NULL;
        if (strncmp(line + mark, key->name, name_len) == 0 && line[mark + name_len] == ' ' &&
            line_holds(note, (size_t)(end - note), line + mark + name_len + 1, key, ret_time_s))
            return line;
    }
    return NULL;
}

bool note_is_signed(const char *note, const struct note_key *key, uint64_t *ret_time_s)
{
    const char *end = end_of_text(note);

    return end && line_find(note, end + 1, key, ret_time_s) != NULL;
}

bool note_signature_take(struct note_text *note, const char *lines, const struct note_key *key,
                         uint64_t *ret_time_s)
{
    const char *line = line_find(note->data, lines, key, ret_time_s);

    if (line)
        add(note, "%.*s\n", (int)strcspn(line, "\n"), line);
    return line && !note->full;
}

/* --- proofs --- */

void note_proof_write(uint64_t index, const struct merkle_path *path, const char *note,
                      struct note_text *out)
{
    note_number_write(PROOF_MARK "index ", index, out);
    note_path_write(path, out);
    add(out, "\n%s", note);
}

bool note_proof_read(const char *text, uint64_t *ret_index, struct merkle_path *ret_path,
                     const char **ret_note)
{
    const char *line = text + strlen(PROOF_MARK);

    if (strncmp(text, PROOF_MARK, strlen(PROOF_MARK)) != 0)
        return false;
    if (strncmp(line, "extra ", 6) == 0)
        line = line_after(line);
    if (!line || strncmp(line, "index ", 6) != 0 || !note_number_read(line + 6, ret_index))
        return false;
    *ret_note = note_path_read(line_after(line), ret_path);
    return *ret_note != NULL;
}
