/*
 * words: what a process writes to its standard error, line by line. A flood is held back: so
 * many lines at once and so many a second; the rest is counted, and that is said.
 */
#ifndef CTPS_PLUGINS_WORDS_H
#define CTPS_PLUGINS_WORDS_H

#include "loop/loop.h"

enum {
    WORDS_LINE_LEN = 512,
    WORDS_BURST = 200, /* lines at once… */
    WORDS_PER_S = 20,  /* …and over time */
};

struct words;

/* Takes `fd`, which must not block. `line` is borrowed for the call. Own: words_close(). */
enum ctps_code words_open(struct loop *loop, int fd, void (*call)(void *ctx, const char *line),
                          void *ctx, struct words **ret_words, struct ctps_err *err);
/* Tells what was written and not yet read. Idempotent, nulls the pointer. */
void words_close(struct words **words);

#endif
