/*
 * policy: one function, one table, deny by default, used on every path.
 *
 * The table (who × action × scope → cell) is data; a cell names a condition. The function is
 * pure: it looks at the values it is given and at nothing else. docs/policy.md says the rules
 * and shows the table; a test holds the two together. Law: CSI L132-5, CASF L121-6-2, CNIL
 * 7 January 2020.
 *
 * What the caller owes it: a list is judged territory by territory (a resource that names none
 * is "town": refused to coordinators and educators where rights are theirs by territory), and
 * item by item for assistants and contacts; a name search is judged as a question without
 * territory and then for each hit with the hit's. It does not know states: that a closed sheet
 * takes no entry is the domain's.
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
    /* Refused, but the asker may know that the situation is followed, in which territory and
     * whom to call: nothing else of it. */
    bool existence_only;
    bool shared_only;    /* allowed by a share: what it gives and nothing else */
    bool glass;          /* allowed because the asker broke the glass */
    enum refusal reason; /* REFUSAL_NONE when allowed */
    /* What decided, static: "coordinator/own/always" for a cell of the table, else
     * "agent/habilitation", "contact/active", "contact/charter" or "nobody". */
    const char *because;
    unsigned trail_count; /* what was looked at, in order, for `ctps policy explain` */
    const char *trail[POLICY_TRAIL_MAX]; /* static */
};

/* Fills *ret_answer whatever the answer; returns its `allowed`. Nothing may be NULL; a resource
 * of kind RESOURCE_NONE stands for no object. */
bool policy_allows(const struct principal *principal, enum action action,
                   const struct resource *resource, const struct policy_now *now,
                   struct policy_answer *ret_answer);

/* One cell of the table, for printing and for tests that alter cells. */
struct policy_line {
    const char *who;    /* "coordinator", "contact", "operator"… */
    const char *action; /* "situation.read" */
    const char *scope;  /* "own", "elsewhere", "town" (no territory named), "any" */
    const char *cell;   /* "always", "never", "purpose", "engaged", "typed_24h"… */
};
/* Action by action, in the order of enum action. `index` from 0; false past the end. The
 * strings are static. */
bool policy_line_get(size_t index, struct policy_line *ret_line);

#endif
