/*
 * fold: canonical forms by which names and addresses are compared. They are for comparing and
 * searching only, never for showing, and are as nominative as what they were made from: keep
 * them in an arena or in memory that is wiped, never on disk.
 *
 * Folding is, in order: compatibility decomposition (NFKD), case folding, removal of marks
 * (Unicode, through utf8proc), then
 *   - ligatures and letters without a decomposition: œ oe, æ ae, ß ss, ø o, đ ð d, ł l, ħ h,
 *     ŧ t, þ th, ı i (so that Turkish names written with and without the dot agree);
 *   - everything that is neither a letter nor a digit (apostrophes of every shape, hyphens,
 *     dots, commas, blanks) separates words; words are joined by one space.
 * "N'GUYEN-BÂ" and "N’Guyen Ba" give "n guyen ba"; "NGUYEN BA" is another name.
 * Folding a folded form changes nothing.
 *
 * All functions return a NUL-terminated text borrowed from `arena` until its reset ("" when
 * there is nothing to fold), or NULL when the input is not UTF-8 or longer than TEXT_FOLD_MAX
 * bytes, or the arena is exhausted (they use at most 96 times the input plus 1 KiB of it).
 */
#ifndef CTPS_TEXT_FOLD_H
#define CTPS_TEXT_FOLD_H

#include "base/arena.h"

enum { TEXT_FOLD_MAX = 2048 /* bytes of input */ };

/* Words in the order written. */
const char *text_fold_name(struct arena *arena, const char *in);

/* Words sorted by their bytes, repeated ones kept: "BENALI Sébastien" and "Sebastien BENALI",
 * "LE GALL Rayan" and "Rayan Le Gall" give the same. The form the duplicate rule compares. */
const char *text_fold_words(struct arena *arena, const char *in);

/* An address: words in order, digits split from letters ("12bis" = "12 bis"), numbers kept, and
 * usual abbreviations written out: bd bld bvd blvd boulevard; av ave avenue; r rue; pl place;
 * all allee; ch che chemin; imp impasse; rte route; sq square; crs cours; fg fbg faubourg;
 * st saint; ste sainte. */
const char *text_fold_address(struct arena *arena, const char *in);

/* Whether each word of `words` stands in `name`, as often as it is repeated. Both are results
 * of text_fold_words and need not end with NUL. No word at all: false. */
bool text_words_contain(struct bytes name, struct bytes words);

/* Whether `in` is well-formed UTF-8 without NUL, of at most `max_points` code points. */
bool text_is_utf8(struct bytes in, size_t max_points);

#endif
