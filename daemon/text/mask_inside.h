/* mask_inside: what the files of mask share. */
#ifndef CTPS_TEXT_MASK_INSIDE_H
#define CTPS_TEXT_MASK_INSIDE_H

#include "text/mask.h"

enum {
    MASK_TOKENS_MAX = 4096,
    MASK_GAP_MAX = 3, /* bytes between two words of one name, ", " at most */
};

/* A word of a text: where it stands, and how it folds. */
struct mask_token {
    size_t from;
    size_t to;
    const char *folded;
    bool capital;
};

struct mask_tokens {
    size_t count;
    size_t room;
    struct mask_token list[];
};

/* NULL when not UTF-8, without memory, or of too many words. */
struct mask_tokens *mask_tokens_of(struct arena *arena, const char *in);

/* Whether two words stand side by side: on one line, at most `gap` bytes between them. */
bool mask_is_beside(const char *in, const struct mask_token *a, const struct mask_token *b,
                    size_t gap);

/* A text being copied with labels in place of spans, in order. */
struct mask_copy {
    struct arena *arena;
    const char *in;
    size_t kept; /* bytes of `in` dealt with */
    size_t len;
    size_t cap;
    char *text;
    bool failed;
};

void mask_copy_span(struct mask_copy *copy, size_t from, size_t to, const char *label);
/* The whole; `in` itself when no span was given, NULL without memory. */
const char *mask_copy_end(struct mask_copy *copy);

/* How to reach somebody or where he lives; each adds to *count. NULL without memory. */
const char *mask_emails(struct text_mask *mask, const char *in, unsigned *count);
const char *mask_phones(struct text_mask *mask, const char *in, unsigned *count);
const char *mask_addresses(struct text_mask *mask, const char *in, unsigned *count);

#endif
