/*
 * note: the texts a log shows, as C2SP gives them: checkpoints
 * (https://c2sp.org/tlog-checkpoint), signed notes (https://c2sp.org/signed-note), cosignatures
 * of witnesses (https://c2sp.org/tlog-cosignature) and proofs (https://c2sp.org/tlog-proof).
 * Ed25519 only. Pure: no file, no clock.
 */
#ifndef AUDIT_NOTE_H
#define AUDIT_NOTE_H

#include "merkle.h"

enum {
    NOTE_NAME_MAX = 128, /* of a key or an origin; neither space nor plus */
    NOTE_KEY_LEN = 32,
    NOTE_SECRET_LEN = 64,
    NOTE_LEN_MAX = 8192,
    NOTE_VKEY_MAX = NOTE_NAME_MAX + 64,
    NOTE_FILE_MAX = 32,
    NOTE_PROOF_MAX = NOTE_LEN_MAX + 64 * 48 + 64,
};

/* What a signature says: the note itself, or that a witness saw it at a time and that it
 * continues what it saw before. */
enum note_algorithm { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 };

struct note_key {
    char name[NOTE_NAME_MAX + 1];
    enum note_algorithm algorithm;
    uint8_t id[4];
    uint8_t public_key[NOTE_KEY_LEN];
    uint8_t secret[NOTE_SECRET_LEN]; /* zero when only the public half is known */
};

struct note_checkpoint {
    char origin[NOTE_NAME_MAX + 1];
    uint64_t size;
    struct merkle_hash root;
};

/* A text that grows in place; `full` stays set once something did not fit. */
struct note_text {
    char *data; /* borrow; ends in zero */
    size_t len, max;
    bool full;
};

bool note_name_is_valid(const char *name);

/* The pair that `seed` stands for. False: no valid name. */
bool note_key_make(const char *name, enum note_algorithm algorithm,
                   const uint8_t seed[NOTE_KEY_LEN], struct note_key *out);
/* "<name>+<key id>+<base64>", what verifiers are given. */
void note_vkey_write(const struct note_key *key, char out[NOTE_VKEY_MAX]);
/* False: malformed, or an algorithm that is not ours. */
bool note_vkey_read(const char *text, struct note_key *out);

/* Where a log keeps the checkpoint that a witness cosigned last: "witness/<key id>". */
void note_witness_file(const struct note_key *witness, char out[NOTE_FILE_MAX]);

/* The three lines of a checkpoint, unsigned. */
void note_checkpoint_write(const struct note_checkpoint *checkpoint, struct note_text *out);
/* Reads them from the beginning of a note; further lines are passed over. */
bool note_checkpoint_read(const char *note, struct note_checkpoint *out);

/* Adds a signature to a text (the blank line too, when it is the first). NOTE_COSIGNATURE signs
 * `time_s`, seconds since 1970-01-01 UTC; else it is not looked at. */
void note_sign(const struct note_key *key, uint64_t time_s, struct note_text *note);
/* Whether the note bears a valid signature of this key; *ret_time_s (may be NULL): when a
 * cosignature was made, else 0. */
bool note_is_signed(const char *note, const struct note_key *key, uint64_t *ret_time_s);

/* Takes a valid signature of this key from `lines` (as a witness answers: lines of signatures)
 * and adds it to the note; false when there is none, or no room. */
bool note_signature_take(struct note_text *note, const char *lines, const struct note_key *key,
                         uint64_t *ret_time_s);

/* --- the parts of these formats --- */

void note_words_write(const char *words, struct note_text *out);
/* The words, the number in decimal, the end of the line. */
void note_number_write(const char *words, uint64_t number, struct note_text *out);
/* One hash a line. */
void note_path_write(const struct merkle_path *path, struct note_text *out);
/* A number to the end of its line: no sign, no leading zero. */
bool note_number_read(const char *text, uint64_t *ret_number);
/* Hashes up to an empty line; what comes after that, or NULL. */
const char *note_path_read(const char *text, struct merkle_path *out);

/* A proof for offline use: that leaf `index` is under the signed checkpoint `note`. */
void note_proof_write(uint64_t index, const struct merkle_path *path, const char *note,
                      struct note_text *out);
/* *ret_note: the checkpoint in it; borrow of `text`. */
bool note_proof_read(const char *text, uint64_t *ret_index, struct merkle_path *ret_path,
                     const char **ret_note);

#endif
