/*
 * uuid: identifiers of requests, UUID version 7 (RFC 9562, section 5.7): what is made later
 * sorts later, so that rows kept by them stand together and not all over a tree.
 */
#ifndef CTPS_BASE_UUID_H
#define CTPS_BASE_UUID_H

#include "base/sys.h"

enum { UUID_LEN = 16, UUID_FREE_BITS = 62 };

/* `unix_us`: microseconds since 1970, UTC; the twelve bits behind the milliseconds tell parts
 * of one (section 6.2, method 3). Of `free` the low 62 bits are taken. */
void uuid_put(uint8_t out[UUID_LEN], int64_t unix_us, uint64_t free);
/* Of now, with random bits. */
void uuid_make(const struct sys *sys, uint8_t out[UUID_LEN]);
/* The 62 bits given to uuid_put. */
uint64_t uuid_free(const uint8_t uuid[UUID_LEN]);

#endif
