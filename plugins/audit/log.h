/*
 * log: the signed log of one incarnation of the journal (a restored backup begins another one),
 * in a folder of its own under the plugin's. Its origin is the name given and the incarnation,
 * so that a restored past cannot be taken for the old future.
 *
 *     current               which incarnation
 *     INCARNATION/vkey      what verifiers are given
 *     INCARNATION/checkpoint, tile/
 *     INCARNATION/witness/KEYID    the checkpoint that witness cosigned last
 *
 * A checkpoint is shown once everything it stands on is on disk.
 */
#ifndef AUDIT_LOG_H
#define AUDIT_LOG_H

#include "note.h"
#include "tiles.h"

enum {
    LOG_INCARNATION_LEN = 16,
    LOG_PATH_MAX = 4096,
    LOG_ORIGIN_MAX = NOTE_NAME_MAX - 2 * LOG_INCARNATION_LEN - 1, /* of the name given */
};

struct audit_log {
    char folder[LOG_PATH_MAX];
    struct tiles *tiles; /* own; NULL: not open */
    struct note_key key, timed;
    uint8_t incarnation[LOG_INCARNATION_LEN];
    struct note_checkpoint shown;  /* the checkpoint on disk */
    char note[NOTE_LEN_MAX];       /* the same as it stands there */
    uint8_t last[TILES_ENTRY_LEN]; /* the newest entry */
};

/* The incarnation whose log is current in the plugin's folder; false: none yet. */
bool log_current(const char *base, uint8_t out[LOG_INCARNATION_LEN]);
/* Opens its log at the checkpoint on disk; with `make` it is made when absent, shown (empty, at
 * `now_us`) and current from then on. NULL, or what is wrong (static). */
const char *log_open(struct audit_log *log, const char *base, const char *name,
                     const uint8_t seed[NOTE_KEY_LEN],
                     const uint8_t incarnation[LOG_INCARNATION_LEN], bool make, int64_t now_us);
/* Closes the tiles; NULL-safe, idempotent. */
void log_close(struct audit_log *log);

/* After false the log must be opened again. */
bool log_append(struct audit_log *log, const uint8_t entry[TILES_ENTRY_LEN]);
/* Signs what there is and shows it. */
bool log_show(struct audit_log *log, int64_t now_us);
/* What the log wants to prove of `old` entries it has: how they are the beginning of those
 * shown. False: they are not, or the tiles cannot be read. */
bool log_growth(const struct audit_log *log, uint64_t old, struct merkle_path *out);
/* Keeps what a witness answered about the checkpoint `note`; shown with the checkpoint as long
 * as it is the newest. False: no valid signature of that key is in it, or no room on disk. */
bool log_cosignature_add(struct audit_log *log, const char *note, const char *lines,
                         const struct note_key *witness);
/* How many entries that witness cosigned last; 0: none. */
uint64_t log_cosigned(const struct audit_log *log, const struct note_key *witness);

#endif
