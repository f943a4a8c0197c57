/*
 * verify: looks at a log in a folder as somebody who trusts nothing but a verifier key and,
 * best, a checkpoint copied away earlier. Without one, whoever holds the signing key could have
 * made the whole log anew. Reads only.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "note.h"
#include "tiles.h"

enum { VERIFY_WHY_MAX = 320, VERIFY_WITNESSES_MAX = 16 };

/* Somebody whose cosignature is wanted. */
struct verify_witness {
    struct note_key key;
    uint64_t size;   /* out: how many entries it cosigned last… */
    uint64_t time_s; /* …and when */
};

struct verify {
    const char *folder;         /* borrow */
    const struct note_key *key; /* borrow */
    const char *since;          /* a checkpoint of earlier, as text; NULL: none. Borrow */

    struct verify_witness *witnesses; /* borrow */
    size_t witness_count;
    uint64_t not_before_s; /* an older cosignature is none; 0: however old */

    uint64_t bundle; /* the one in `entries`, plus one; 0: none */
    uint8_t entries[MERKLE_TILE_WIDTH][TILES_ENTRY_LEN];

    char note[NOTE_LEN_MAX]; /* out: the checkpoint as it stands there */
    struct note_checkpoint checkpoint;
    char why[VERIFY_WHY_MAX]; /* what does not hold, one line; empty when all does */
};

/* The checkpoint is signed by the key, under the key's name. */
bool verify_checkpoint(struct verify *verify);
/* Also: every tile follows from the entries, the root from the tiles, and the log begins with
 * the one of `since`. */
bool verify_log(struct verify *verify);
/* Also: each witness cosigned it, or an earlier state this one begins with. */
bool verify_witnessed(struct verify *verify);
/* Holds the journal against a log that verify_log found sound: `hash` is what chains the
 * journal's entry `seq`, from 1 on, in order; entries past the log are passed over. */
bool verify_entry(struct verify *verify, uint64_t seq, const uint8_t hash[TILES_ENTRY_LEN]);
/* The journal ended with entry `head`. */
bool verify_head(struct verify *verify, uint64_t head);
/* The proof of entry `seq` (from 1) under the checkpoint, which it holds before it is given. */
bool verify_prove(struct verify *verify, uint64_t seq, struct note_text *out);

#endif
