/*
 * utf8: strict reading of UTF-8 (RFC 3629). Overlong forms, surrogates, values above U+10FFFF
 * and truncated sequences are malformed. Nothing is repaired, folded or normalised here.
 */
#ifndef CTPS_BASE_UTF8_H
#define CTPS_BASE_UTF8_H

#include "base/bytes.h"

/* Length in bytes (1 to 4) of the sequence `text` begins with and its code point, or 0 when it
 * begins with none or is empty; `ret_point` may be NULL. */
size_t utf8_decode(struct bytes text, uint32_t *ret_point);

/* Whether all of `text` is well formed; `ret_count` (may be NULL) gets its code points. */
bool utf8_is_valid(struct bytes text, size_t *ret_count);

/* Whether a code point is a control character: C0, DEL or C1 (Unicode category Cc). */
static inline bool utf8_is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f);
}

#endif
