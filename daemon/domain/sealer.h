/*
 * sealer: the port through which the domain takes key slots, seals and opens nominative parts
 * and looks for duplicates, without knowing a key or the index.
 */
#ifndef CTPS_DOMAIN_SEALER_H
#define CTPS_DOMAIN_SEALER_H

#include "base/arena.h"
#include "base/err.h"
/* What a box holds; bound into it. Numbers are for ever (docs/sealing.md). */
enum sealed_field {
    SEALED_SAISINE_CONTENT = 1,
    SEALED_PERSON_IDENTITY = 2,
    SEALED_SITUATION_CONTENT = 3,
    SEALED_ENTRY_CONTENT = 4,
    SEALED_BLOCKED_WHAT = 5,
    SEALED_DECLINE_TEXT = 6,
    SEALED_CLOSING_TEXT = 7,
    SEALED_AUDIT = 8,

    /* saisine: 60 to 69 */
    SEALED_REDIRECT_TEXT = 60,
    SEALED_DUPLICATE_TEXT = 61,

    /* situation: 10 to 19 */
    SEALED_COURSE_TEXT = 11,
    SEALED_ENTRY_BEFORE = 12,
    SEALED_CORRECTION_WHY = 13,
    SEALED_PERSON_ADDED = 10,

    /* erasure and rights: 20 to 24 */
    SEALED_RESTRICTION_REASON = 20,
    SEALED_LIFT_REASON = 21,
    SEALED_RIGHTS_REQUESTER = 22,
    SEALED_RIGHTS_REASON = 23,
    SEALED_RIGHTS_ANSWER = 24,

    /* meeting: 30 to 39 */
    SEALED_MEETING_TITLE = 30,
    SEALED_AGENDA_TEXT = 31,

    /* decision: 40 to 44 */
    SEALED_DECISION_TEXT = 40,
    SEALED_DECISION_RESULT = 41,
    SEALED_MINUTES_TEXT = 42,
    SEALED_MINUTES_ITEM = 43,

    /* share: 45 to 54 */
    SEALED_SHARE_PURPOSE = 45,
    SEALED_GLASS_REASON = 46,

    /* people: 55 to 59 */

    /* feed: 70 to 74 */
    SEALED_WEBHOOK_SECRET = 70,
};

enum { SEALER_MAC_LEN = 32 };

struct sealer {
    void *ctx;
    /* The next free slot, counted as taken for this decision only; 0 when none is left. */
    uint64_t (*take_slot)(void *ctx);
    enum ctps_code (*seal)(void *ctx, struct arena *arena, uint64_t slot,
                           enum sealed_field field, struct bytes content,
                           struct bytes *ret_box);
    /* CTPS_ABSENT once the key was destroyed. */
    enum ctps_code (*unseal)(void *ctx, struct arena *arena, uint64_t slot,
                             enum sealed_field field, struct bytes box,
                             struct bytes *ret_content);
    /* Keyed digest under the key of `slot`: worthless once that key is destroyed. */
    enum ctps_code (*mac)(void *ctx, uint64_t slot, struct bytes content,
                          uint8_t out[SEALER_MAC_LEN]);
};

/*
 * names: the port to the in-memory index of who is known under what name and address. Ids are
 * saisines', or situations' for persons added to them later. Nothing of it is ever on disk.
 */
struct name_subject {
    uint64_t saisine;
    const char *name; /* as written, any order; "" for a place */
    bool has_birth_day;
    int32_t birth_day;
    const char *address; /* as written; may be "" */
    char **motives;
    size_t motive_count;
    int32_t received_day;
};

struct name_hit {
    uint64_t saisine;
    bool by_address; /* else by name */
};

struct names {
    void *ctx;
    /* Subjects that the rule of domain.md calls probable duplicates; at most `max`. */
    size_t (*find_duplicates)(void *ctx, const struct name_subject *subject,
                              struct name_hit *hits, size_t max);
    /* Saisines about somebody of that name, any order and spelling; at most `max`. */
    size_t (*search)(void *ctx, const char *name, bool has_birth_day, int32_t birth_day,
                     uint64_t *saisines, size_t max);
    bool complete; /* false while the index is being built after start */
};

#endif
