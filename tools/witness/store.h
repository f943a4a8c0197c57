/*
 * store: what a witness remembers, in a folder of its own: its key, the logs it knows, and of
 * each the checkpoint it cosigned last. That checkpoint is on disk before its cosignature
 * leaves, so a witness that was killed or cut off never cosigns two histories.
 *
 *     seed (0600)   vkey   lock   adding   logs/<SHA-256 of the origin>/vkey, seen, refused
 *
 * `seen` stands there from the day the log was added: a witness that lost it has forgotten, and
 * refuses to start. `refused` is the last request that the log's key had signed and that
 * contradicts what was seen: evidence. One process at a time cosigns (lock), and one adds a
 * log (adding), also while another cosigns: that one looks for an origin it does not know
 * before it says so. Files are replaced whole, so that whoever only looks needs no lock.
 */
#ifndef WITNESS_STORE_H
#define WITNESS_STORE_H

#include <stddef.h>

#include "audit/witness.h"

enum { STORE_WHY_MAX = 256, STORE_LOGS_MAX = 1024, STORE_ID_LEN = 64 };

/* What a store is opened for. */
enum store_use { STORE_LOOK, STORE_ADD, STORE_COSIGN };

struct store_log {
    struct note_key key; /* its name is the origin */
    char id[STORE_ID_LEN + 1];
    struct witness_seen seen;
};

struct store {
    const char *folder; /* borrow */
    int lock;           /* own; -1: none is held */
    struct note_key key;
    struct store_log *logs; /* own */
    size_t log_count;
    char why[STORE_WHY_MAX]; /* of the last failure, one line */
};

/* Makes a witness of that name in a folder that is empty or absent. */
bool store_init(struct store *store, const char *folder, const char *name);
/* Opens one and takes the lock of that use; false: `why`. store_close in any case. */
bool store_open(struct store *store, const char *folder, enum store_use use);
void store_close(struct store *store);
/* Knows a log from now on, of which nothing was cosigned yet; `origin`: its key's name. */
bool store_add(struct store *store, const struct note_key *log);
/* The signed checkpoint cosigned last; empty when there is none. */
bool store_seen_read(struct store *store, const struct store_log *log, char out[NOTE_LEN_MAX]);

/* Judges the body of a request (ends in zero) and, when it is to be cosigned, remembers it on
 * disk and puts the line of the signature into `out`; of a verdict that tells it, the size.
 * *ret_log: the log it is about, NULL when none is known. False: it could not be remembered. */
bool store_cosign(struct store *store, const char *body, uint64_t now_s, struct note_text *out,
                  enum witness_verdict *ret_verdict, const struct store_log **ret_log);

#endif
