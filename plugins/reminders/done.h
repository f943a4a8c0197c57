/* done: keys known to be recorded, so that nothing is asked for twice in one life. */
#ifndef REMINDERS_DONE_H
#define REMINDERS_DONE_H

#include <ctps/plugin.h>
#include <stdbool.h>
#include <stddef.h>

struct done_key {
    char key[CTPS_EFFECT_KEY_MAX + 1]; /* empty: free */
    bool seen;                         /* since done_forget */
};

struct done {
    struct done_key *slots; /* own; `cap` is a power of two */
    size_t count, cap;
};

bool done_has(struct done *done, const char *key);
/* false without memory: it is only asked for again. */
bool done_add(struct done *done, const char *key);
/* Lets go of what nobody asked for since the last call. */
void done_forget(struct done *done);
void done_free(struct done *done);

#endif
