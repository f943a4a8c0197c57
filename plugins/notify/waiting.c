#include "waiting.h"

#include <stdlib.h>
#include <string.h>

#include "queue.h"

enum { CHAINS_FIRST = 64 };

/* --- what they share --- */

static bool is_to_same(const struct delivery *one, const struct delivery *other)
{
    return one->agent == other->agent && one->contact == other->contact;
}

static bool is_same(enum waiting_by by, const struct delivery *one,
                    const struct delivery *other)
{
    switch (by) {
    case WAITING_BY_KEY:
        return strcmp(one->key, other->key) == 0;
    case WAITING_BY_ABOUT:
        return one->channel == other->channel && is_to_same(one, other) &&
               one->object_kind == other->object_kind && one->object == other->object;
    case WAITING_BY_RECIPIENT:
        return is_to_same(one, other);
    default:
        return true;
    }
}

/* FNV-1a: what is hashed is nobody's to choose. */
static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_of(enum waiting_by by, const struct delivery *delivery)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    if (by == WAITING_BY_KEY)
        return mix(hash, delivery->key, strlen(delivery->key));
    hash = mix(hash, &delivery->agent, sizeof(delivery->agent));
    hash = mix(hash, &delivery->contact, sizeof(delivery->contact));
    if (by == WAITING_BY_ABOUT) {
        hash = mix(hash, &delivery->channel, sizeof(delivery->channel));
        hash = mix(hash, &delivery->object, sizeof(delivery->object));
    }
    return hash;
}

/* --- chains: by age --- */

static struct waiting_chain *chain_of(const struct waiting *waiting, enum waiting_by by,
                                      uint64_t hash)
{
    size_t mask = waiting->chain_count - 1;

    return &waiting->chains[by * waiting->chain_count + ((hash ^ hash >> 32) & mask)];
}

/* They mostly come in order: of age, or, when they are loaded, the other way round. */
static struct delivery *older_find(const struct waiting_chain *chain, enum waiting_by by,
                                   uint64_t id)
{
    struct delivery *at = chain->newest;

    if (chain->oldest && chain->oldest->id > id)
        return NULL;
    while (at && at->links[by].older && at->id > id)
        at = at->links[by].older;
    return at;
}

static void chain_add(struct waiting_chain *chain, enum waiting_by by,
                      struct delivery *delivery)
{
    struct delivery *older = older_find(chain, by, delivery->id);
    struct delivery *newer = older ? older->links[by].newer : chain->oldest;

    delivery->links[by].older = older;
    delivery->links[by].newer = newer;
    *(older ? &older->links[by].newer : &chain->oldest) = delivery;
    *(newer ? &newer->links[by].older : &chain->newest) = delivery;
}

static void chain_remove(struct waiting_chain *chain, enum waiting_by by,
                         struct delivery *delivery)
{
    struct waiting_links *links = &delivery->links[by];

    *(links->older ? &links->older->links[by].newer : &chain->oldest) = links->newer;
    *(links->newer ? &links->newer->links[by].older : &chain->newest) = links->older;
}

/* Without memory the chains grow longer instead. */
static void chains_grow(struct waiting *waiting)
{
    size_t count = 2 * waiting->chain_count;
    struct waiting_chain *grown = calloc(WAITING_BY_COUNT * count, sizeof(*grown));

    if (!grown)
        return;
    free(waiting->chains);
    waiting->chains = grown;
    waiting->chain_count = count;
    for (struct delivery *at = waiting->all.oldest; at; at = at->links[WAITING_BY_AGE].newer)
        for (enum waiting_by by = WAITING_BY_AGE + 1; by < WAITING_BY_COUNT; by++)
            chain_add(chain_of(waiting, by, at->links[by].hash), by, at);
}

/* --- from outside --- */

bool waiting_init(struct waiting *waiting)
{
    *waiting = (struct waiting){.chain_count = CHAINS_FIRST};
    waiting->chains = calloc(WAITING_BY_COUNT * CHAINS_FIRST, sizeof(struct waiting_chain));
    return waiting->chains != NULL;
}

void waiting_done(struct waiting *waiting)
{
    free(waiting->chains);
    *waiting = (struct waiting){0};
}

void waiting_add(struct waiting *waiting, struct delivery *delivery)
{
    if (waiting->count >= waiting->chain_count)
        chains_grow(waiting);
    waiting->count++;
    chain_add(&waiting->all, WAITING_BY_AGE, delivery);
    for (enum waiting_by by = WAITING_BY_AGE + 1; by < WAITING_BY_COUNT; by++) {
        delivery->links[by].hash = hash_of(by, delivery);
        chain_add(chain_of(waiting, by, delivery->links[by].hash), by, delivery);
    }
}

void waiting_remove(struct waiting *waiting, struct delivery *delivery)
{
    waiting->count--;
    chain_remove(&waiting->all, WAITING_BY_AGE, delivery);
    for (enum waiting_by by = WAITING_BY_AGE + 1; by < WAITING_BY_COUNT; by++)
        chain_remove(chain_of(waiting, by, delivery->links[by].hash), by, delivery);
}

struct delivery *waiting_oldest(const struct waiting *waiting, enum waiting_by by,
                                const struct delivery *like)
{
    struct delivery *at = by == WAITING_BY_AGE
                              ? waiting->all.oldest
                              : chain_of(waiting, by, hash_of(by, like))->oldest;

    while (at && !is_same(by, at, like))
        at = at->links[by].newer;
    return at;
}

struct delivery *waiting_newer(const struct delivery *delivery, enum waiting_by by)
{
    struct delivery *at = delivery->links[by].newer;

    while (at && !is_same(by, at, delivery))
        at = at->links[by].newer;
    return at;
}

struct delivery *waiting_older(const struct delivery *delivery, enum waiting_by by)
{
    struct delivery *at = delivery->links[by].older;

    while (at && !is_same(by, at, delivery))
        at = at->links[by].older;
    return at;
}
