/*
 * seal: the few cryptographic forms the project uses, over libsodium.
 *
 *  - a box: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), random 24-byte nonce in front,
 *    16-byte tag behind. Not key-committing by itself, so the key's commitment stands in the
 *    associated data of every box.
 *  - hashes: BLAKE2b-256 (RFC 7693), keyed or not; key derivation by keyed BLAKE2b.
 *
 * Keys live in sodium_malloc memory owned by whoever made them (seal_key_new/free). Nothing
 * here keeps state: randomness is the caller's sys.
 */
#ifndef CTPS_SEAL_SEAL_H
#define CTPS_SEAL_SEAL_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/sys.h"

enum {
    SEAL_KEY_LEN = 32,
    SEAL_NONCE_LEN = 24,
    SEAL_TAG_LEN = 16,
    SEAL_OVERHEAD = SEAL_NONCE_LEN + SEAL_TAG_LEN, /* bytes a box is longer than its content */
    SEAL_HASH_LEN = 32,
    SEAL_COMMIT_LEN = 16,
    SEAL_SHORT_LEN = 16,
    SEAL_AD_MAX = 512, /* most associated data a box takes; longer is a mistake of ours */
};

struct seal_key {
    uint8_t bytes[SEAL_KEY_LEN];
    uint8_t commit[SEAL_COMMIT_LEN]; /* public: BLAKE2b-128 of the key under a fixed label */
};

/* Once per process, before anything else here (sodium_init). */
enum ctps_code seal_start(struct ctps_err *err);

/* Guarded memory, locked when RLIMIT_MEMLOCK allows (past it libsodium goes on with unlocked
 * pages: the key works and may be swapped); NULL without memory. Takes three to four pages of
 * address space and four system calls: for keys that live, not for one per value. The content
 * is zero until one of the functions below fills it. Own: seal_key_free. */
struct seal_key *seal_key_new(void);
/* Wipes, frees, nulls the caller's pointer. Idempotent. */
void seal_key_free(struct seal_key **key);
/* Sets the 32 bytes (which may be the key's own) and computes the commitment. */
void seal_key_set(struct seal_key *key, const uint8_t bytes[SEAL_KEY_LEN]);
void seal_key_random(struct seal_key *key, const struct sys *sys);
/* Sub-key named `label` (at most 64 bytes) and bound to `context`. */
void seal_key_derive(struct seal_key *out, const struct seal_key *from, const char *label,
                     struct bytes context);

/* Hash of a concatenation of `count` parts. Lengths are not bound: fix them in the format. */
void seal_hash(uint8_t out[SEAL_HASH_LEN], const struct bytes *parts, size_t count);
/* Keyed, for digests that must not be guessable. */
void seal_mac(uint8_t out[SEAL_HASH_LEN], const struct seal_key *key, const struct bytes *parts,
              size_t count);

/* SipHash-2-4 with 128 bits under the first half of the key: a keyed function cheaper than
 * seal_mac and as hard to guess for who has not the key; not a hash to show others. */
void seal_short(uint8_t out[SEAL_SHORT_LEN], const struct seal_key *key, struct bytes content);

/* Writes content.len + SEAL_OVERHEAD bytes at `out`. Associated data is the key's commitment,
 * then `ad` (at most SEAL_AD_MAX bytes). The nonce is drawn from `sys`: pass the sys of a
 * seal/rng.h where many boxes are made. Never fails. `out` and `content` must not overlap. */
void seal_box_make(uint8_t *out, const struct seal_key *key, const struct sys *sys,
                   struct bytes ad, struct bytes content);
/* Writes box.len - SEAL_OVERHEAD bytes at `out`; CTPS_FORGED (and `out` zeroed) when the box,
 * the associated data or the key is not the one it was made with; CTPS_FORGED (and `out` left
 * alone) when the box is too short to hold a nonce and a tag. */
enum ctps_code seal_box_open(uint8_t *out, const struct seal_key *key, struct bytes ad,
                             struct bytes box);

#endif
