#include "seal/rng.h"

#include <sodium.h>
#include <string.h>

_Static_assert(SEAL_RNG_KEY_LEN == crypto_stream_chacha20_ietf_KEYBYTES, "key length");

static void refill(struct seal_rng *rng)
{
    static const uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES];
    uint8_t block[SEAL_RNG_KEY_LEN + SEAL_RNG_POOL_LEN];

    crypto_stream_chacha20_ietf(block, sizeof(block), nonce, rng->key);
    memcpy(rng->key, block, sizeof(rng->key));
    memcpy(rng->pool, block + sizeof(rng->key), sizeof(rng->pool));
    sodium_memzero(block, sizeof(block));
    rng->used = 0;
}

static void rng_random(void *ctx, void *out, size_t len)
{
    struct seal_rng *rng = ctx;
    uint8_t *at = out;

    while (len) {
        size_t part = sizeof(rng->pool) - rng->used;

        if (part == 0) {
            refill(rng);
            continue;
        }
        if (part > len)
            part = len;
        memcpy(at, rng->pool + rng->used, part);
        memset(rng->pool + rng->used, 0, part);
        rng->used += part;
        at += part;
        len -= part;
    }
}

void seal_rng_init(struct seal_rng *rng, const struct sys *source)
{
    rng->source = source;
    rng->sys = (struct sys){.ctx = rng, .random = rng_random};
    seal_rng_reseed(rng);
}

void seal_rng_reseed(struct seal_rng *rng)
{
    sys_random(rng->source, rng->key, sizeof(rng->key));
    rng->used = sizeof(rng->pool);
}

void seal_rng_done(struct seal_rng *rng)
{
    sodium_memzero(rng, sizeof(*rng));
}
