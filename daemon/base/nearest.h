/*
 * nearest: the known name closest to a misspelt one, for "did you mean" in messages. Distance
 * is the optimal string alignment form of Damerau-Levenshtein (insert, remove, replace, swap
 * two neighbours, one each), on bytes.
 */
#ifndef CTPS_BASE_NEAREST_H
#define CTPS_BASE_NEAREST_H

#include <stddef.h>

enum { NEAREST_LEN_MAX = 80 /* bytes; longer names are never near anything */ };

struct nearest {
    const char *name; /* borrow: what was written */
    char best[NEAREST_LEN_MAX + 1];
    size_t distance; /* of `best`; meaningless while best is empty */
};

/* Edits between two names; SIZE_MAX when one is longer than NEAREST_LEN_MAX. */
size_t nearest_distance(const char *a, const char *b);

/* Begins a search; `name` is borrowed until the last call on `nearest`. */
void nearest_init(struct nearest *nearest, const char *name);
/* Considers `len` bytes of `candidate`; the first of equally near ones stays. */
void nearest_offer(struct nearest *nearest, const char *candidate, size_t len);
/* The nearest candidate offered, if near enough to be meant: at most one edit per three letters
 * of the name, and at least one allowed. NULL otherwise. A borrow from `nearest`. */
const char *nearest_best(const struct nearest *nearest);

/* The same over an array: a borrow from `candidates`, or NULL. */
const char *nearest_find(const char *name, const char *const *candidates, size_t count);

#endif
