/*
 * witness: what a log asks of a witness and what the witness makes of it, as C2SP's
 * tlog-witness says (https://c2sp.org/tlog-witness): a checkpoint is cosigned when the log it
 * stands for begins with the one that was cosigned before, and never otherwise. Pure: no file,
 * no clock, no socket.
 */
#ifndef AUDIT_WITNESS_H
#define AUDIT_WITNESS_H

#include "note.h"

enum {
    WITNESS_PATH_MAX = 63, /* proof lines of one request */
    WITNESS_REQUEST_MAX = NOTE_LEN_MAX + WITNESS_PATH_MAX * 48 + 64,
    WITNESS_SIZE_MAX = 24, /* a size as text */
};
#define WITNESS_TARGET    "/add-checkpoint"
#define WITNESS_SIZE_TYPE "text/x.tlog.size"

struct witness_request {
    uint64_t old; /* size the log believes was cosigned last */
    struct merkle_path path;
    const char *note; /* borrow: the signed checkpoint */
    struct note_checkpoint checkpoint;
};

/* The body of a request. */
void witness_request_write(uint64_t old, const struct merkle_path *path, const char *note,
                           struct note_text *out);
/* Reads one; `text` ends in zero and outlives *out. */
bool witness_request_read(const char *text, struct witness_request *out);

enum witness_verdict {
    WITNESS_COSIGN,
    WITNESS_MALFORMED,
    WITNESS_UNKNOWN_ORIGIN,
    WITNESS_BAD_SIGNATURE,
    WITNESS_SHRINKING, /* smaller than what it says was cosigned, or than what was */
    WITNESS_NOT_LAST,  /* the last one cosigned has another size: ask again from that */
    WITNESS_FORKED,    /* of the size cosigned, with another root */
    WITNESS_BAD_PROOF, /* not shown to begin with what was cosigned */
    WITNESS_VERDICTS
};

/* What was cosigned last for the origin; size 0: nothing yet. */
struct witness_seen {
    uint64_t size;
    struct merkle_hash root;
};

/* `key`: the log's, by the checkpoint's origin; NULL when it is not known. */
enum witness_verdict witness_judge(const struct witness_request *request,
                                   const struct note_key *key, const struct witness_seen *seen);

struct witness_word {
    const char *name; /* "forked" */
    unsigned status;  /* of HTTP */
    bool tells_size;  /* the answer is the size cosigned last */
};
/* Static. */
const struct witness_word *witness_word(enum witness_verdict verdict);

#endif
