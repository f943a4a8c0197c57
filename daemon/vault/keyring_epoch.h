/*
 * keyring_epoch: one generation of the keyring, a durable store and the secret its keys are
 * wrapped under. For the keyring's own files.
 *
 * Tables: meta (one row), slots (slot -> wrapped key), gone (bitmap of destroyed slots, a row
 * per 8192). A slot that is neither there nor marked gone was lost: that is damage, never an
 * erasure.
 */
#ifndef CTPS_VAULT_KEYRING_EPOCH_H
#define CTPS_VAULT_KEYRING_EPOCH_H

#include "seal/rng.h"
#include "store/store.h"
#include "vault/keyring.h"
#include "vault/keyring_files.h"

struct epoch_meta {
    uint64_t slot_count;
    uint64_t gone_count;
    struct keyring_mark mark;
};

struct epoch {
    uint32_t number;
    struct store *store;
    struct seal_key *store_key; /* of the rows; from the root key alone */
    struct seal_key *kek;       /* of the keys in them; from the root key and the secret */
    struct seal_key *scratch;   /* one opened key at a time */
    struct seal_rng rng;
    struct epoch_meta meta; /* as last committed */
};

/* What an epoch is opened with. */
struct epoch_place {
    const struct sys *sys;
    const struct seal_key *root;
    const char *keys_path;
    const char *secret_path;
    uint32_t number;
    bool read_only;
};

/* Draws and writes the secret (durable), makes an empty store with no meta row yet. Own:
 * epoch_close. */
enum ctps_code epoch_make(struct epoch **ret_epoch, const struct epoch_place *place,
                          struct ctps_err *err);
/* CTPS_FORGED for another root key; CTPS_DAMAGED when secret, meta row and number disagree.
 * Own: epoch_close. */
enum ctps_code epoch_open(struct epoch **ret_epoch, const struct epoch_place *place,
                          struct ctps_err *err);
void epoch_close(struct epoch **epoch);

/* In a write transaction; errors are sticky in it. */
void epoch_meta_put(struct epoch *epoch, struct store_txn *txn, const struct epoch_meta *meta);
void epoch_slot_put(struct epoch *epoch, struct store_txn *txn, uint64_t slot,
                    const struct seal_key *key);
/* Marks one slot gone. */
void epoch_gone_put(struct store_txn *txn, uint64_t slot);
/* Copies the bitmap of another epoch. */
void epoch_gone_copy(struct store_txn *txn, struct store_txn *from);

/* The key of one row's value. CTPS_DAMAGED when it was not wrapped for this slot and epoch. */
enum ctps_code epoch_slot_unwrap(const struct epoch *epoch, uint64_t slot, struct bytes value,
                                 struct seal_key *out);
/* CTPS_ABSENT: destroyed, or never made. CTPS_DAMAGED: its row is bad or was lost. */
enum ctps_code epoch_slot_get(struct epoch *epoch, uint64_t slot, struct seal_key *out);
/* Walks every live slot in order, each key in `epoch->scratch` during the call. Stops at a
 * non-OK answer, returned. */
enum ctps_code epoch_each(struct epoch *epoch,
                          enum ctps_code (*each)(void *arg, uint64_t slot,
                                                 const struct seal_key *key),
                          void *arg, struct ctps_err *err);
/* keyring_check on one epoch. */
enum ctps_code epoch_check(struct epoch *epoch, uint64_t *ret_live_count, struct ctps_err *err);

#endif
