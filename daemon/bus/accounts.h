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

struct account {
    uint8_t key[ACCOUNTS_KEY_LEN];
    uint32_t waiting;
    int64_t tokens_us; /* of credit: a request costs 1000000 / rate */
    int64_t seen_us;   /* when the credit was last brought up to date */
    struct account *next;
};

struct accounts {
    struct account **slots;
    size_t slot_count; /* a power of two */
    size_t count;
    uint32_t rate; /* requests a second */
    uint32_t burst;
};

/* `rate` and `burst` at least 1. */
void accounts_init(struct accounts *accounts, uint32_t rate, uint32_t burst);
void accounts_done(struct accounts *accounts);

/* Borrow until accounts_remove(); NULL when absent. */
struct account *accounts_find(const struct accounts *accounts, const uint8_t *key);
/* Finds or makes one, its bucket full; NULL without memory. */
struct account *accounts_get(struct accounts *accounts, const uint8_t *key, int64_t now_us);
void accounts_remove(struct accounts *accounts, const uint8_t *key);

/* Takes one request from the bucket; false when it is empty. `now_us` never goes back. */
bool accounts_take(const struct accounts *accounts, struct account *account, int64_t now_us);

#endif
