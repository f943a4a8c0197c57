/*
 * refusal: every way the daemon says no to somebody, by a stable name, with the rule it rests
 * on and a sentence in French and English saying what, why and what to do. `%s` in a sentence
 * stands for the field or value at fault (never nominative).
 */
#ifndef CTPS_DOMAIN_REFUSAL_H
#define CTPS_DOMAIN_REFUSAL_H

enum refusal {
    REFUSAL_NONE = 0,
#define X(id, name, rule, fr, en) REFUSAL_##id,
#include "domain/refusal_table.h"
#undef X
    REFUSAL_COUNT
};

struct refusal_row {
    const char *name;
    const char *rule;
    const char *text_fr;
    const char *text_en;
};

/* Static row; for REFUSAL_NONE all strings are empty. */
const struct refusal_row *refusal_row(enum refusal refusal);
/* REFUSAL_NONE when there is none of that name. */
enum refusal refusal_find(const char *name);

#endif
