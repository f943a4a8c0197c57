/*
 * mask: third parties taken out of a free text. Names are compared as fold.h folds them, by
 * whole words, in any order: "de la Tour, Zoé", "ZOE DE LA TOUR" and "Tour" are one person's. A
 * nickname a text ties to a name ("Tom Durand, dit Momo") is learnt and masked in all of them.
 * E-mail addresses, names of accounts (@momo68) and telephone numbers are masked whoever's they
 * are, the person's own numbers excepted; addresses when they are a known third party's.
 *
 * What it cannot know a human must: other nicknames, names misspelt, "his mother", "the red
 * house", and names that are also the person's own (a brother's last name alone stays). Whoever
 * hands the text out reads it again first.
 */
#ifndef CTPS_TEXT_MASK_H
#define CTPS_TEXT_MASK_H

#include <stdbool.h>

#include "base/arena.h"

enum {
    TEXT_MASK_NAMES_MAX = 64,
    TEXT_MASK_WORDS_MAX = 512,
    TEXT_MASK_NUMBERS_MAX = 64,
    TEXT_MASK_STREETS_MAX = 64,
    TEXT_MASK_STREET_WORDS_MAX = 12,
};

/* What was masked. */
enum text_mask_kind {
    TEXT_MASK_NAME,
    TEXT_MASK_PHONE,
    TEXT_MASK_EMAIL, /* and names of accounts */
    TEXT_MASK_ADDRESS,
    TEXT_MASK_KIND_COUNT
};

struct text_mask_word {
    const char *folded;
    unsigned name; /* which one it is of; TEXT_MASK_NAMES_MAX: the person's own */
    bool strong;   /* enough to know somebody by: no particle, no title, longer than a letter */
};

/* A telephone number: its digits, a French one as dialled inland. */
struct text_mask_number {
    const char *digits;
    bool own;
};

/* The street part of an address, folded. */
struct text_mask_street {
    const char *number; /* "" without one */
    unsigned word_count;
    const char *words[TEXT_MASK_STREET_WORDS_MAX];
    bool own;
};

/* Filled by the functions below. */
struct text_mask {
    struct arena *arena;
    unsigned name_count;
    const char *labels[TEXT_MASK_NAMES_MAX];
    unsigned word_count;
    struct text_mask_word words[TEXT_MASK_WORDS_MAX];
    unsigned number_count;
    struct text_mask_number numbers[TEXT_MASK_NUMBERS_MAX];
    unsigned street_count;
    struct text_mask_street streets[TEXT_MASK_STREETS_MAX];
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
 * begin with a capital count, and its numbers. */
void text_mask_add_free(struct text_mask *mask, const char *text, const char *label);
/* Telephone numbers in a text: the person's own stay, a third party's are known in any shape.
 */
void text_mask_phone(struct text_mask *mask, const char *text, bool own);
/* An address: the person's own stays, also where others live there too. */
void text_mask_address(struct text_mask *mask, const char *text, bool own);
/* Learns nicknames from a text that will be masked; to be called for each before the first
 * is.*/
void text_mask_learn(struct text_mask *mask, const char *text);

/* The text with labels in place of what is masked, which is added to `counts` (may be NULL).
 * `in` itself when nothing is met; NULL without memory or when it is not UTF-8 or the mask is
 * full. */
const char *text_mask_apply(struct text_mask *mask, const char *in,
                            unsigned counts[TEXT_MASK_KIND_COUNT]);

#endif
