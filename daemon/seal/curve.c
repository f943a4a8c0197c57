#include "seal/curve.h"

#include <sodium.h>

_Static_assert(CURVE_KEY_LEN == crypto_scalarmult_SCALARBYTES, "Curve25519");

void curve_public_of(uint8_t ret_public[CURVE_KEY_LEN], const uint8_t secret[CURVE_KEY_LEN])
{
    /* Fails only for a secret whose public key is zero, which no clamped scalar has. */
    (void)crypto_scalarmult_base(ret_public, secret);
}

void curve_pair_make(const struct sys *sys, uint8_t ret_public[CURVE_KEY_LEN],
                     uint8_t ret_secret[CURVE_KEY_LEN])
{
    sys_random(sys, ret_secret, CURVE_KEY_LEN);
    curve_public_of(ret_public, ret_secret);
}
