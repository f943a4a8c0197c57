#include "base/utf8.h"

static bool is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

static size_t sequence_len(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

size_t utf8_decode(struct bytes text, uint32_t *ret_point)
{
    static const uint8_t lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = text.len > 0 ? sequence_len(text.data[0]) : 0;
    uint32_t point;

    if (len == 0 || len > text.len)
        return 0;
    point = text.data[0] & lead_mask[len];
    for (size_t i = 1; i < len; i++) {
        if (!is_tail(text.data[i]))
            return 0;
        point = point << 6 | (text.data[i] & 0x3f);
    }
    if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    if (ret_point)
        *ret_point = point;
    return len;
}

bool utf8_is_valid(struct bytes text, size_t *ret_count)
{
    size_t count = 0;
    size_t at = 0;

    for (; at < text.len; count++) {
        size_t len = utf8_decode(bytes_of(text.data + at, text.len - at), NULL);

        if (len == 0)
            return false;
        at += len;
    }
    if (ret_count)
        *ret_count = count;
    return true;
}
