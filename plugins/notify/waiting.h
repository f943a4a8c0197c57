/*
 * waiting: the deliveries in memory, by age and found by what they share: their key, what they
 * are about, whom they go to. Finding costs the same among few and many.
 */
#ifndef NOTIFY_WAITING_H
#define NOTIFY_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery;

enum waiting_by {
    WAITING_BY_AGE, /* all of them */
    WAITING_BY_KEY,
    WAITING_BY_ABOUT,     /* channel, recipient, object */
    WAITING_BY_RECIPIENT, /* of any channel */
    WAITING_BY_COUNT
};

/* A delivery's place among those its number falls together with. */
struct waiting_links {
    struct delivery *older, *newer;
    uint64_t hash;
};

struct waiting_chain {
    struct delivery *oldest, *newest;
};

struct waiting {
    size_t count;
    struct waiting_chain all;
    struct waiting_chain *chains; /* own: WAITING_BY_COUNT times chain_count */
    size_t chain_count;           /* a power of two */
};

/* False without memory. */
bool waiting_init(struct waiting *waiting);
/* The deliveries are the caller's. */
void waiting_done(struct waiting *waiting);
void waiting_add(struct waiting *waiting, struct delivery *delivery);
void waiting_remove(struct waiting *waiting, struct delivery *delivery);

/* Those that share with `like` what is asked by; it need not be among them. NULL: none. */
struct delivery *waiting_oldest(const struct waiting *waiting, enum waiting_by by,
                                const struct delivery *like);
/* The next that shares it with `delivery`, which is among them. */
struct delivery *waiting_newer(const struct delivery *delivery, enum waiting_by by);
struct delivery *waiting_older(const struct delivery *delivery, enum waiting_by by);

#endif
