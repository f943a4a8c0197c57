/*
 * mask: names of third parties taken out of a free text. Compared as fold.h folds them, by
 * whole words, in any order: "de la Tour, Zoé", "ZOE DE LA TOUR" and "Tour" are one person's.
 *
 * What it cannot know a human must: nicknames, names misspelt, "his mother", and names that are
 * also the person's own (a brother's last name alone stays). Whoever hands the text out reads
 * it again first.
 */
#ifndef CTPS_TEXT_MASK_H
#define CTPS_TEXT_MASK_H

#include <stdbool.h>

#include "base/arena.h"

enum { TEXT_MASK_NAMES_MAX = 64, TEXT_MASK_WORDS_MAX = 512 };

struct text_mask_word {
    const char *folded;
    unsigned name; /* which one it is of; TEXT_MASK_NAMES_MAX: the person's own */
    bool strong;   /* enough to know somebody by: no particle, no title, longer than a letter */
};

/* Words of names; filled by text_mask_add. */
struct text_mask {
    struct arena *arena;
    unsigned name_count;
    const char *labels[TEXT_MASK_NAMES_MAX];
    unsigned word_count;
    struct text_mask_word words[TEXT_MASK_WORDS_MAX];
    bool full; /* something did not fit: no text may be handed out */
};

/* Everything is allocated in `arena`. */
void text_mask_init(struct text_mask *mask, struct arena *arena);
/* The name of whom the text is about: its words alone are not masked. */
void text_mask_own(struct text_mask *mask, const char *name);
/* A third party, put as `label` ("[personne 2]", a borrow) wherever it is met. Names given
 * under one label are the same person's. */
void text_mask_add(struct text_mask *mask, const char *name, const char *label);
/* A text that names somebody among other words ("mère : Mme Durand, 06…"): only its words that
 * begin with a capital count. */
void text_mask_add_free(struct text_mask *mask, const char *text, const char *label);

/* The text with labels in place of names; *ret_count (may be NULL) of them. `in` itself when
 * nothing is met; NULL without memory or when it is not UTF-8 or the mask is full. */
const char *text_mask_apply(const struct text_mask *mask, const char *in, unsigned *ret_count);

#endif
