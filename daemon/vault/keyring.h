/*
 * keyring: the keys under which nominative parts are sealed, and their real destruction.
 *
 * A slot is a number naming one 256-bit key. Slots are made ahead in blocks (one durable LMDB
 * commit per block) so that opening a situation needs no flush of its own: the event names the
 * slot it took. Keys stand wrapped under a key-encryption key derived from the root key and the
 * secret of the current epoch. Destroying keys writes a new keyring without them under a new
 * epoch, then overwrites and removes the old file and the old secret: whoever later steals the
 * disk and the root key still lacks the old epoch secret.
 *
 * Files, in one folder: epoch-NNNNNN.keys (LMDB), epoch-NNNNNN.secret (32 bytes). The highest
 * number whose .keys file exists under its final name is the current one; any other epoch-*
 * file found at open is of an unfinished rewrite and is overwritten and removed, once the
 * current one was opened. So restore a backup into an empty folder.
 *
 * Destroyed slots are marked in a bitmap: a slot that has neither row nor mark was lost, which
 * is damage and never passes for an erasure.
 *
 * confidentiality.md, "Sealing"; CNIL recommendation on erasure.
 */
#ifndef CTPS_VAULT_KEYRING_H
#define CTPS_VAULT_KEYRING_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sys.h"
#include "seal/seal.h"

enum { KEYRING_BLOCK_COUNT = 1024, KEYRING_INCARNATION_LEN = 16 };

struct keyring;

struct keyring_options {
    const char *dir; /* made when absent (0700) */
    const struct sys *sys;
    const struct seal_key *root; /* the root key itself; borrow, outlives the keyring */
    const struct log *log;       /* may be NULL */
};

/* A place of the journal the keyring saw, to notice a journal that lost its tail. */
struct keyring_mark {
    uint8_t incarnation[KEYRING_INCARNATION_LEN];
    uint64_t seq;
    uint8_t hash[SEAL_HASH_LEN];
};

/* Makes epoch 1 with one block of slots; CTPS_EXISTS when the folder already holds a keyring.
 */
enum ctps_code keyring_create(const struct keyring_options *options, struct ctps_err *err);
/* Finishes or discards an interrupted rewrite. CTPS_FORGED when the root key is not the one,
 * CTPS_ABSENT when there is no keyring, CTPS_DAMAGED when secret, rows and epoch do not belong
 * together. A keyring restored from an older backup opens: compare its mark and slot count with
 * the journal. Own: keyring_close. */
enum ctps_code keyring_open(struct keyring **ret_keyring, const struct keyring_options *options,
                            struct ctps_err *err);
void keyring_close(struct keyring **keyring);

/* Number of slots ever made: slots 1 .. count exist or existed. */
uint64_t keyring_slot_count(const struct keyring *keyring);
uint32_t keyring_epoch(const struct keyring *keyring);
/* The mark given at the last extend or destroy; seq 0 when none. */
void keyring_mark_get(const struct keyring *keyring, struct keyring_mark *ret_mark);
/* Durably makes one more block, carrying `mark` (NULL: the one before); on success the caller
 * should have a keyring backup made. A failed commit is final for this process: CTPS_CLOSED
 * from then on. */
enum ctps_code keyring_extend(struct keyring *keyring, const struct keyring_mark *mark,
                              struct ctps_err *err);

/* Copies slot `slot`'s key into `out` (the caller's guarded memory). CTPS_ABSENT when the slot
 * was destroyed or never made, CTPS_DAMAGED when its row does not authenticate or was lost. */
enum ctps_code keyring_key_get(struct keyring *keyring, uint64_t slot, struct seal_key *out);

/* Seals `content` under `slot` for the field named by `field` (a number fixed in
 * docs/sealing.md); the box is bound to slot, field and key commitment. Result allocated in
 * `arena`: CTPS_NOMEM when it has no room. Other errors as keyring_key_get. */
enum ctps_code keyring_seal(struct keyring *keyring, struct arena *arena, uint64_t slot,
                            uint32_t field, struct bytes content, struct bytes *ret_box);
/* CTPS_ABSENT when the key is gone (erased), CTPS_FORGED when the box is not of this slot and
 * field. The opened bytes stand in `arena`, which is wiped when reset. */
enum ctps_code keyring_unseal(struct keyring *keyring, struct arena *arena, uint64_t slot,
                              uint32_t field, struct bytes box, struct bytes *ret_content);

/* Destroys the keys of `slots` (absent ones are passed over) in the order above, carrying
 * `mark` (NULL: the one before) into the next epoch. Crash-safe at each step: afterwards
 * either all stand or none. Only CTPS_OK says that old file and secret are gone: after an error
 * call again, or after CTPS_CLOSED open again (which finishes the removal), and then again. */
enum ctps_code keyring_destroy(struct keyring *keyring, const uint64_t *slots, size_t count,
                               const struct keyring_mark *mark, struct ctps_err *err);

/* Copies the current .keys and .secret into folder `dir` (made when absent), flushed. */
enum ctps_code keyring_backup(struct keyring *keyring, const char *dir, struct ctps_err *err);
/* Overwrites and removes the keyring files of a backup folder; the empty folder stays. */
enum ctps_code keyring_backup_remove(const struct sys *sys, const struct log *log,
                                     const char *dir, struct ctps_err *err);
/* Every row authenticates and every slot but destroyed ones is there; counts what it saw. */
enum ctps_code keyring_check(struct keyring *keyring, uint64_t *ret_live_count,
                             struct ctps_err *err);

#endif
