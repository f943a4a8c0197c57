/*
 * verify: looks at a log in a folder as somebody who trusts nothing but a verifier key and,
 * best, a checkpoint copied away earlier. Without one, whoever holds the signing key could have
 * made the whole log anew. Reads only.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "note.h"

enum { VERIFY_WHY_MAX = 200 };

struct verify {
    const char *folder;         /* borrow */
    const struct note_key *key; /* borrow */
    const char *since;          /* a checkpoint of earlier, as text; NULL: none. Borrow */

    char note[NOTE_LEN_MAX]; /* out: the checkpoint as it stands there */
    struct note_checkpoint checkpoint;
    char why[VERIFY_WHY_MAX]; /* what does not hold, one line; empty when all does */
};

/* The checkpoint is signed by the key, under the key's name. */
bool verify_checkpoint(struct verify *verify);
/* Also: every tile follows from the entries, the root from the tiles, and the log begins with
 * the one of `since`. */
bool verify_log(struct verify *verify);
/* The proof of entry `seq` (from 1) under the checkpoint, which it holds before it is given. */
bool verify_prove(struct verify *verify, uint64_t seq, struct note_text *out);

#endif
