#include "base/uuid.h"

#include "base/bytes.h"

enum { US_PER_MS = 1000, PARTS_OF_MS = 1 << 12, VERSION = 7, VARIANT = 2 };

static const uint64_t free_mask = ((uint64_t)1 << UUID_FREE_BITS) - 1;

void uuid_put(uint8_t out[UUID_LEN], int64_t unix_us, uint64_t free)
{
    uint64_t us = unix_us > 0 ? (uint64_t)unix_us : 0;
    uint64_t part = us % US_PER_MS * PARTS_OF_MS / US_PER_MS;

    be64_put(out, us / US_PER_MS << 16 | (uint64_t)VERSION << 12 | part);
    be64_put(out + 8, (uint64_t)VARIANT << UUID_FREE_BITS | (free & free_mask));
}

void uuid_make(const struct sys *sys, uint8_t out[UUID_LEN])
{
    uint64_t random;

    sys_random(sys, &random, sizeof(random));
    uuid_put(out, sys_wall_us(sys), random);
}

uint64_t uuid_free(const uint8_t uuid[UUID_LEN])
{
    return be64_get(uuid + 8) & free_mask;
}
