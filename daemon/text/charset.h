/*
 * charset: which encoding a town's file is in, and its text as UTF-8. Known: UTF-8 with or
 * without a mark, UTF-16 with a mark (Excel's "Unicode text"), Windows-1252 (everything else a
 * French PC writes; ISO 8859-1 is a subset of it). The 1252 table is our own 32 entries: iconv
 * would need glibc's gconv modules at run time, which a sandbox may hide and a small image
 * lack.
 */
#ifndef CTPS_TEXT_CHARSET_H
#define CTPS_TEXT_CHARSET_H

#include "base/bytes.h"
#include "base/err.h"

enum text_charset {
    TEXT_UTF8,
    TEXT_UTF8_MARK, /* with a byte order mark, as Excel writes "CSV UTF-8" */
    TEXT_UTF16LE,
    TEXT_UTF16BE,
    TEXT_WINDOWS_1252,
};

/* By the mark; else UTF-8 if all of `in` is valid UTF-8; else Windows-1252. */
enum text_charset text_charset_detect(struct bytes in);

/* "UTF-8", "UTF-16LE", "windows-1252". */
const char *text_charset_name(enum text_charset charset);

/*
 * Appends `in` to `out` as UTF-8, without the mark. CTPS_INVALID when a byte has no meaning in
 * that charset or is NUL (the text names its offset); CTPS_NOMEM.
 */
enum ctps_code text_charset_convert(struct bytes in, enum text_charset charset, struct buf *out,
                                    struct ctps_err *err);

#endif
