#include "domain/refusal.h"

#include <string.h>

static const struct refusal_row rows[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = {"", "", "", ""},
#define X(id, name, rule, fr, en) [REFUSAL_##id] = {name, rule, fr, en},
#include "domain/refusal_table.h"
#undef X
};

const struct refusal_row *refusal_row(enum refusal refusal)
{
    return &rows[(unsigned)refusal < REFUSAL_COUNT ? refusal : REFUSAL_NONE];
}

enum refusal refusal_find(const char *name)
{
    for (unsigned i = 1; i < REFUSAL_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return (enum refusal)i;
    return REFUSAL_NONE;
}
