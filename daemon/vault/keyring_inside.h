/*
 * keyring_inside: what the files of the keyring share. Not for other folders.
 */
#ifndef CTPS_VAULT_KEYRING_INSIDE_H
#define CTPS_VAULT_KEYRING_INSIDE_H

#include "vault/keyring_epoch.h"

struct keyring {
    const struct sys *sys;
    const struct seal_key *root;
    const struct log *log;
    char *dir;
    struct epoch *epoch;
    struct seal_key *scratch; /* one slot's key while it seals or opens */
    bool failed;              /* which epoch stands on disk is unknown until the next open */
};

/* A new epoch, made from the one before or from nothing. */
struct keyring_rewrite {
    const struct sys *sys;
    const struct log *log;
    const struct seal_key *root;
    const char *dir;
    uint32_t number;
    struct epoch *from;   /* NULL: the first epoch, with one block of slots */
    const uint64_t *gone; /* sorted: slots left behind */
    size_t gone_count;
    const struct keyring_mark *mark; /* NULL: as in `from` */
    bool renamed;                    /* set once the new epoch may stand under its final name */
};

/* Writes secret and keys of the new epoch, flushed, under their final names. On failure before
 * `renamed` nothing of it is left. */
enum ctps_code keyring_rewrite_run(struct keyring_rewrite *rewrite, struct ctps_err *err);
/* Makes slots `first` .. `first + count - 1` in a write transaction of the epoch. */
void keyring_slots_make(struct epoch *epoch, struct store_txn *txn, const struct sys *sys,
                        uint64_t first, uint64_t count);

#endif
