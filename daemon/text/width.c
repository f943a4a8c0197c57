#include "text/width.h"

#include <string.h>
#include <utf8proc.h>

static bool is_control(utf8proc_int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

struct text_glyph text_glyph_next(const char *text)
{
    utf8proc_int32_t c;
    utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text,
                                            (utf8proc_ssize_t)strnlen(text, 4), &c);

    if (len <= 0)
        return (struct text_glyph){.len = 1, .columns = 1, .control = true};
    if (is_control(c))
        return (struct text_glyph){.len = (size_t)len, .columns = 1, .control = true};
    return (struct text_glyph){.len = (size_t)len, .columns = utf8proc_charwidth(c)};
}
