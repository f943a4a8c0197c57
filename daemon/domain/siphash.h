/*
 * siphash: SipHash-2-4 (Aumasson and Bernstein, 2012), the keyed hash of in-memory tables: who
 * chooses the keys of a table from outside cannot choose where they fall. Not for secrets.
 */
#ifndef CTPS_DOMAIN_SIPHASH_H
#define CTPS_DOMAIN_SIPHASH_H

#include "base/bytes.h"

enum { SIPHASH_KEY_LEN = 16 };

uint64_t siphash(const uint8_t key[SIPHASH_KEY_LEN], struct bytes in);

#endif
