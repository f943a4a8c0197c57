#include "done.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *key; key++)
        hash = (hash ^ (uint8_t)*key) * UINT64_C(1099511628211);
    return hash;
}

/* The slot that holds the key, or the free one where it would stand. */
static struct done_key *slot_of(const struct done *done, const char *key)
{
    size_t at = (size_t)hash_of(key) & (done->cap - 1);

    while (*done->slots[at].key && strcmp(done->slots[at].key, key) != 0)
        at = (at + 1) & (done->cap - 1);
    return &done->slots[at];
}

bool done_has(struct done *done, const char *key)
{
    struct done_key *slot = done->cap ? slot_of(done, key) : NULL;

    if (!slot || !*slot->key)
        return false;
    slot->seen = true;
    return true;
}

/* Moves those `wanted` says yes to into a table of `cap` slots. */
static bool rebuild(struct done *done, size_t cap, bool only_seen)
{
    struct done grown = {.slots = calloc(cap, sizeof(*grown.slots)), .cap = cap};

    if (!grown.slots)
        return false;
    for (size_t i = 0; i < done->cap; i++) {
        struct done_key *slot = &done->slots[i];

        if (!*slot->key || (only_seen && !slot->seen))
            continue;
        *slot_of(&grown, slot->key) = *slot;
        grown.count++;
    }
    free(done->slots);
    *done = grown;
    return true;
}

bool done_add(struct done *done, const char *key)
{
    struct done_key *slot;

    if (done->count * 2 >= done->cap && !rebuild(done, done->cap ? done->cap * 2 : 256, false))
        return false;
    slot = slot_of(done, key);
    if (!*slot->key) {
        strncpy(slot->key, key, sizeof(slot->key) - 1);
        done->count++;
    }
    slot->seen = true;
    return true;
}

void done_forget(struct done *done)
{
    if (!done->cap || !rebuild(done, done->cap, true))
        return;
    for (size_t i = 0; i < done->cap; i++)
        done->slots[i].seen = false;
}

void done_free(struct done *done)
{
    free(done->slots);
    *done = (struct done){0};
}
