/*
 * rng: nonces without a system call each. 32 bytes drawn from the caller's sys are stretched
 * with ChaCha20 (fast key erasure: each refill replaces the key and served bytes are wiped), so
 * that what was served cannot be computed from a later state, and so that one seed of a
 * simulated sys gives one sequence.
 *
 * Measured (docs/sealing.md): a getrandom(2) of 24 bytes costs several times the stretched one.
 * For nonces only: they are public. Keys are drawn from the sys itself.
 *
 * Two copies of one state (fork, machine snapshot) would repeat nonces: reseed at the start of
 * each batch, and do not fork in the middle of one.
 */
#ifndef CTPS_SEAL_RNG_H
#define CTPS_SEAL_RNG_H

#include "base/sys.h"

enum { SEAL_RNG_KEY_LEN = 32, SEAL_RNG_POOL_LEN = 960 };

struct seal_rng {
    struct sys sys;           /* only `random` is set */
    const struct sys *source; /* borrow */
    size_t used;              /* bytes of the pool already served */
    uint8_t key[SEAL_RNG_KEY_LEN];
    uint8_t pool[SEAL_RNG_POOL_LEN];
};

/* Seeds from `source`, which outlives the generator. `rng` must not move afterwards: its sys
 * points to it. */
void seal_rng_init(struct seal_rng *rng, const struct sys *source);
/* Takes a new seed; what was pooled is dropped. */
void seal_rng_reseed(struct seal_rng *rng);
/* Wipes. Idempotent. */
void seal_rng_done(struct seal_rng *rng);

/* Borrow: a sys with nothing but `random`, for seal_box_make. */
static inline const struct sys *seal_rng_sys(const struct seal_rng *rng)
{
    return &rng->sys;
}

#endif
