/* curve: Curve25519 key pairs, as CurveZMQ (ZeroMQ RFC 26) uses them. 32 bytes each. */
#ifndef CTPS_SEAL_CURVE_H
#define CTPS_SEAL_CURVE_H

#include "base/sys.h"

enum { CURVE_KEY_LEN = 32 };

void curve_pair_make(const struct sys *sys, uint8_t ret_public[CURVE_KEY_LEN],
                     uint8_t ret_secret[CURVE_KEY_LEN]);
void curve_public_of(uint8_t ret_public[CURVE_KEY_LEN], const uint8_t secret[CURVE_KEY_LEN]);

#endif
