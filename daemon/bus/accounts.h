/*
 * accounts: what each key has used of the bus: requests waiting for an answer, and a token
 * bucket of requests a second. Keys are few (those admitted), so an account lives until its
 * key is forgotten.
 */
#ifndef CTPS_BUS_ACCOUNTS_H
#define CTPS_BUS_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ACCOUNTS_KEY_LEN = 32 };

/* A token bucket: `burst` at once, then `rate` a second, both at least 1. */
struct bucket_rate {
    uint32_t rate;
    uint32_t burst;
};

/* Zeroed: full. */
struct bucket {
    int64_t spent_us; /* of the credit; one token costs 1000000 / rate */
    int64_t seen_us;  /* when that was last brought up to date */
};

/* Takes one token; false when there is none. `now_us` never goes back. */
bool bucket_take(const struct bucket_rate *rate, struct bucket *bucket, int64_t now_us);

struct account {
    uint8_t key[ACCOUNTS_KEY_LEN];
    uint32_t waiting;
    struct bucket asked;
    struct bucket told;
    struct account *next;
};

/* Zeroed: empty. */
struct accounts {
    struct account **slots;
    size_t slot_count; /* a power of two */
    size_t count;
};

void accounts_done(struct accounts *accounts);

/* Borrow until accounts_remove(); NULL when absent. */
struct account *accounts_find(const struct accounts *accounts, const uint8_t *key);
/* Finds or makes one, zeroed; NULL without memory. */
struct account *accounts_get(struct accounts *accounts, const uint8_t *key);
void accounts_remove(struct accounts *accounts, const uint8_t *key);

#endif
