#include "domain/action.h"

#include <string.h>

static const char *const names[ACTION_COUNT] = {
#define X(id, name) [ACTION_##id] = (name),
    ACTION_LIST(X)
#undef X
};

const char *action_name(enum action action)
{
    return names[action];
}

enum action action_find(const char *name)
{
    for (unsigned i = 0; i < ACTION_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return (enum action)i;
    return ACTION_COUNT;
}
