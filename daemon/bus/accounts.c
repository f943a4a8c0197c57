#include "bus/accounts.h"

#include "base/bytes.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64, SECOND_US = 1000000 };

bool bucket_take(const struct bucket_rate *rate, struct bucket *bucket, int64_t now_us)
{
    int64_t cost = SECOND_US / rate->rate;

    bucket->spent_us -= now_us - bucket->seen_us;
    bucket->seen_us = now_us;
    if (bucket->spent_us < 0)
        bucket->spent_us = 0;
    if (bucket->spent_us > cost * (rate->burst - 1))
        return false;
    bucket->spent_us += cost;
    return true;
}

void accounts_done(struct accounts *accounts)
{
    for (size_t i = 0; i < accounts->slot_count; i++)
        while (accounts->slots[i]) {
            struct account *first = accounts->slots[i];

            accounts->slots[i] = first->next;
            free(first);
        }
    free(accounts->slots);
    accounts->slots = NULL;
    accounts->slot_count = accounts->count = 0;
}

/* Public keys are points of a curve: their bytes are as good as a hash. */
static struct account **slot_of(const struct accounts *accounts, const uint8_t *key)
{
    return &accounts->slots[le64_get(key) & (accounts->slot_count - 1)];
}

static struct account **place_of(const struct accounts *accounts, const uint8_t *key)
{
    struct account **at = slot_of(accounts, key);

    while (*at && memcmp((*at)->key, key, ACCOUNTS_KEY_LEN) != 0)
        at = &(*at)->next;
    return at;
}

static bool grow(struct accounts *accounts)
{
    struct accounts grown = *accounts;

    grown.slot_count = accounts->slot_count ? 2 * accounts->slot_count : FIRST_SLOTS;
    grown.slots = calloc(grown.slot_count, sizeof(struct account *));
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < accounts->slot_count; i++)
        while (accounts->slots[i]) {
            struct account *moved = accounts->slots[i];
            struct account **to = slot_of(&grown, moved->key);

            accounts->slots[i] = moved->next;
            moved->next = *to;
            *to = moved;
        }
    free(accounts->slots);
    *accounts = grown;
    return true;
}

struct account *accounts_find(const struct accounts *accounts, const uint8_t *key)
{
    return accounts->slot_count ? *place_of(accounts, key) : NULL;
}

struct account *accounts_get(struct accounts *accounts, const uint8_t *key)
{
    struct account *account = accounts_find(accounts, key);
    struct account **slot;

    if (account)
        return account;
    if (accounts->count >= accounts->slot_count && !grow(accounts))
        return NULL;
    account = calloc(1, sizeof(*account));
    if (!account)
        return NULL;
    memcpy(account->key, key, ACCOUNTS_KEY_LEN);
    slot = slot_of(accounts, key);
    account->next = *slot;
    *slot = account;
    accounts->count++;
    return account;
}

void accounts_remove(struct accounts *accounts, const uint8_t *key)
{
    struct account **at = accounts->slot_count ? place_of(accounts, key) : NULL;

    if (at && *at) {
        struct account *gone = *at;

        *at = gone->next;
        free(gone);
        accounts->count--;
    }
}
