/*
 * width: columns a text takes on a terminal, by Unicode (UAX #11, through utf8proc) and not by
 * the system's locale, which may know less.
 */
#ifndef CTPS_TEXT_WIDTH_H
#define CTPS_TEXT_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

struct text_glyph {
    size_t len;   /* bytes, at least 1 */
    int columns;  /* 0 for combining marks, 2 for wide characters */
    bool control; /* C0, DEL, C1, a mark that turns the direction of a line, or no UTF-8 */
};

/* The next code point of a text that is not empty; what is not UTF-8 is one byte. */
struct text_glyph text_glyph_next(const char *text);

#endif
