#include "text/charset.h"

#include "base/utf8.h"

#include <utf8proc.h>

enum { FIRST_HIGH = 0x80, LAST_HIGH = 0x9f };

/* Bytes 0x80 to 0x9F of Windows-1252 (Unicode's CP1252.TXT); 0: not assigned. The others are
 * their own code points. */
static const uint16_t windows_high[LAST_HIGH - FIRST_HIGH + 1] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

static size_t mark_len(enum text_charset charset)
{
    switch (charset) {
    case TEXT_UTF8_MARK:
        return 3;
    case TEXT_UTF16LE:
    case TEXT_UTF16BE:
        return 2;
    default:
        return 0;
    }
}

static bool starts_with(struct bytes in, const char *mark, size_t len)
{
    return in.len >= len && memcmp(in.data, mark, len) == 0;
}

enum text_charset text_charset_detect(struct bytes in)
{
    if (starts_with(in, "\xef\xbb\xbf", 3))
        return TEXT_UTF8_MARK;
    if (starts_with(in, "\xff\xfe", 2))
        return TEXT_UTF16LE;
    if (starts_with(in, "\xfe\xff", 2))
        return TEXT_UTF16BE;
    return utf8_is_valid(in, NULL) ? TEXT_UTF8 : TEXT_WINDOWS_1252;
}

const char *text_charset_name(enum text_charset charset)
{
    static const char *const names[] = {
        [TEXT_UTF8] = "UTF-8",
        [TEXT_UTF8_MARK] = "UTF-8",
        [TEXT_UTF16LE] = "UTF-16LE",
        [TEXT_UTF16BE] = "UTF-16BE",
        [TEXT_WINDOWS_1252] = "windows-1252",
    };

    return names[charset];
}

static void point_append(struct buf *out, uint32_t point)
{
    uint8_t bytes[4];
    utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)point, bytes);

    buf_append(out, bytes, (size_t)len);
}

static size_t utf8_convert(struct bytes in, struct buf *out)
{
    size_t at = 0;

    while (at < in.len && in.data[at] != '\0') {
        size_t len = utf8_decode(bytes_of(in.data + at, in.len - at), NULL);

        if (len == 0)
            break;
        at += len;
    }
    if (at == in.len)
        buf_append(out, in.data, in.len);
    return at;
}

static size_t windows_convert(struct bytes in, struct buf *out)
{
    size_t at = 0;

    for (; at < in.len; at++) {
        uint32_t point = in.data[at];

        if (point >= FIRST_HIGH && point <= LAST_HIGH)
            point = windows_high[point - FIRST_HIGH];
        if (point == 0)
            break;
        point_append(out, point);
    }
    return at;
}

static uint32_t unit_get(const uint8_t *at, bool big)
{
    return big ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

/* The code point at `in` and its length in bytes; 0 when malformed (RFC 2781). */
static size_t utf16_decode(struct bytes in, bool big, uint32_t *ret_point)
{
    uint32_t high = in.len >= 2 ? unit_get(in.data, big) : 0;
    uint32_t low;

    if (high == 0 || (high >= 0xdc00 && high <= 0xdfff))
        return 0;
    *ret_point = high;
    if (high < 0xd800 || high > 0xdbff)
        return 2;
    low = in.len >= 4 ? unit_get(in.data + 2, big) : 0;
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *ret_point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    return 4;
}

static size_t utf16_convert(struct bytes in, bool big, struct buf *out)
{
    size_t at = 0;

    while (at < in.len) {
        uint32_t point;
        size_t len = utf16_decode(bytes_of(in.data + at, in.len - at), big, &point);

        if (len == 0)
            break;
        point_append(out, point);
        at += len;
    }
    return at;
}

enum ctps_code text_charset_convert(struct bytes in, enum text_charset charset, struct buf *out,
                                    struct ctps_err *err)
{
    size_t skip = mark_len(charset);
    struct bytes body;
    size_t done;

    if (skip > in.len)
        skip = in.len;
    body = skip < in.len ? bytes_of(in.data + skip, in.len - skip) : bytes_of(NULL, 0);
    if (charset == TEXT_WINDOWS_1252)
        done = windows_convert(body, out);
    else if (charset == TEXT_UTF16LE || charset == TEXT_UTF16BE)
        done = utf16_convert(body, charset == TEXT_UTF16BE, out);
    else
        done = utf8_convert(body, out);
    if (done < body.len)
        return err_set(err, CTPS_INVALID, "byte 0x%02x at offset %zu is not %s text",
                       body.data[done], skip + done, text_charset_name(charset));
    return out->failed ? err_set(err, CTPS_NOMEM, "out of memory") : CTPS_OK;
}
