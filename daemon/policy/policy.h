/*
 * policy: one function, one table, deny by default, used on every path.
 *
 * The table (who × action × scope → cell) is data; a cell names a condition. The function is
 * pure: it looks at the values it is given and at nothing else. docs/policy.md is printed from
 * it. Source: confidentiality.md "Policy"; CSI L132-5, CASF L121-6-2, CNIL 7 January 2020.
 */
#ifndef CTPS_POLICY_POLICY_H
#define CTPS_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/action.h"
#include "domain/principal.h"
#include "domain/refusal.h"

enum { POLICY_TRAIL_MAX = 8 };

struct policy_now {
    int64_t us;    /* UTC */
    int32_t today; /* civil day in the town's zone */
};

struct policy_answer {
    bool allowed;
    bool existence_only; /* refused, but the asker may know that it is followed and whom to call
                          */
    enum refusal reason; /* REFUSAL_NONE when allowed */
    const char
        *because; /* static: the table's cell that decided, e.g. "coordinator/own/always" */
    unsigned trail_count; /* what was looked at, in order, for `ctps policy explain` */
    const char *trail[POLICY_TRAIL_MAX]; /* static */
};

/* Fills *ret_answer; returns its `allowed`. */
bool policy_allows(const struct principal *principal, enum action action,
                   const struct resource *resource, const struct policy_now *now,
                   struct policy_answer *ret_answer);

/* One line of the table, for printing and for tests that invert cells. `index` from 0; false
 * past the end. The strings are static. */
struct policy_line {
    const char *who;    /* "coordinator", "contact", "operator"… */
    const char *action; /* "situation.read" */
    const char *scope;  /* "own", "elsewhere", "any" */
    const char *cell;   /* "always", "never", "purpose", "engaged", "typed_24h"… */
};
bool policy_line_get(size_t index, struct policy_line *ret_line);

#endif
