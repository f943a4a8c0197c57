/*
 * policy_private: the table's shape, for policy.c, the table itself and the tests that judge
 * with an altered copy of it. Nothing else includes this.
 */
#ifndef CTPS_POLICY_POLICY_PRIVATE_H
#define CTPS_POLICY_POLICY_PRIVATE_H

#include "policy/policy.h"

/* Who and scope. Functions bound to territories have three columns, in this order. */
#define POLICY_COLUMN_LIST(X)                                                                  \
    X(COORDINATOR_OWN, "coordinator", "own")                                                   \
    X(COORDINATOR_ELSEWHERE, "coordinator", "elsewhere")                                       \
    X(COORDINATOR_TOWN, "coordinator", "town")                                                 \
    X(EDUCATOR_OWN, "educator", "own")                                                         \
    X(EDUCATOR_ELSEWHERE, "educator", "elsewhere")                                             \
    X(EDUCATOR_TOWN, "educator", "town")                                                       \
    X(HEAD, "head", "any")                                                                     \
    X(ASSISTANT, "assistant", "any")                                                           \
    X(DPO, "dpo", "any")                                                                       \
    X(AUDITOR, "auditor", "any")                                                               \
    X(ADMIN, "admin", "any")                                                                   \
    X(OPERATOR, "operator", "any")                                                             \
    X(CONTACT, "contact", "any")                                                               \
    X(PLUGIN, "plugin", "any")                                                                 \
    X(PARTNER, "partner", "any")

enum policy_column {
#define X(id, who, scope) POLICY_COLUMN_##id,
    POLICY_COLUMN_LIST(X)
#undef X
        POLICY_COLUMN_COUNT
};

/* Conditions, with the word docs/policy.md explains. `arg` is passed on to X. */
#define POLICY_CELL_LIST(X, arg)                                                               \
    X(NEVER, "never", arg)                                                                     \
    X(ALWAYS, "always", arg)                                                                   \
    X(NO_CONTENTS, "no_contents", arg)                                                         \
    X(ELSEWHERE, "elsewhere", arg)                                                             \
    X(EXISTENCE, "existence", arg)                                                             \
    X(PURPOSE, "purpose", arg)                                                                 \
    X(ENGAGED, "engaged", arg)                                                                 \
    X(ENGAGED_OR_EXISTENCE, "engaged_or_existence", arg)                                       \
    X(TYPED_24H, "typed_24h", arg)                                                             \
    X(REFERRER, "referrer", arg)                                                               \
    X(INVITED, "invited", arg)                                                                 \
    X(CHARGED, "charged", arg)                                                                 \
    X(GRANTED, "granted", arg)                                                                 \
    X(GRANTED_AUDIENCE, "granted_audience", arg)                                               \
    X(OWN_FEED, "own_feed", arg)                                                               \
    X(SHARED, "shared", arg)                                                                   \
    X(SHARED_OR_EXISTENCE, "shared_or_existence", arg)                                         \
    X(GLASS, "glass", arg)

/* An action nobody wrote a row for is zero: never. */
enum policy_cell {
#define X(id, word, arg) POLICY_CELL_##id,
    POLICY_CELL_LIST(X, )
#undef X
        POLICY_CELL_COUNT
};

struct policy_table {
    uint8_t cells[ACTION_COUNT][POLICY_COLUMN_COUNT]; /* enum policy_cell */
};

extern const struct policy_table policy_table;

/* policy_allows with another table; the same promises. */
bool policy_judge(const struct policy_table *table, const struct principal *principal,
                  enum action action, const struct resource *resource,
                  const struct policy_now *now, struct policy_answer *ret_answer);

/* Static words, for valid values. */
const char *policy_cell_word(enum policy_cell cell);

#endif
