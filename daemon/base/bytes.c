#include "base/bytes.h"

#include <stdlib.h>

enum { BUF_FIRST_CAP = 256 };

static void wipe(void *data, size_t len)
{
    if (len)
        explicit_bzero(data, len);
}

void buf_init(struct buf *buf)
{
    *buf = (struct buf){0};
}

void buf_done(struct buf *buf)
{
    wipe(buf->data, buf->cap);
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_reset(struct buf *buf)
{
    wipe(buf->data, buf->len);
    buf->len = 0;
    buf->failed = false;
}

static bool buf_reserve(struct buf *buf, size_t more)
{
    size_t cap = buf->cap ? buf->cap : BUF_FIRST_CAP;
    uint8_t *grown;

    if (buf->failed || more > SIZE_MAX / 2 - buf->len) {
        buf->failed = true;
        return false;
    }
    if (buf->cap && buf->len + more <= buf->cap)
        return true;
    while (cap < buf->len + more)
        cap *= 2;
    /* Not realloc: the old block may hold opened text and must be wiped. */
    grown = malloc(cap);
    if (!grown) {
        buf->failed = true;
        return false;
    }
    if (buf->cap) {
        memcpy(grown, buf->data, buf->len);
        wipe(buf->data, buf->cap);
        free(buf->data);
    }
    buf->data = grown;
    buf->cap = cap;
    return true;
}

uint8_t *buf_extend(struct buf *buf, size_t len)
{
    if (!buf_reserve(buf, len))
        return NULL;
    buf->len += len;
    return buf->data + buf->len - len;
}

void buf_append(struct buf *buf, const void *data, size_t len)
{
    uint8_t *room = buf_extend(buf, len);

    if (room && len)
        memcpy(room, data, len);
}

void hex_encode(char *out, const void *in, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = in;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[from[i] >> 4];
        out[2 * i + 1] = digits[from[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hex_decode(uint8_t *out, size_t len, const char *text)
{
    if (strlen(text) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static const char z85_digits[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

void z85_encode(char *out, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i + 4 <= len; i += 4, out += 5) {
        uint32_t v = be32_get(in + i);

        for (int d = 4; d >= 0; d--, v /= 85)
            out[d] = z85_digits[v % 85];
    }
    *out = '\0';
}

bool z85_decode(uint8_t *out, size_t len, const char *text)
{
    if (len % 4 || strlen(text) != len / 4 * 5)
        return false;
    for (size_t i = 0; i < len; i += 4, text += 5) {
        uint64_t v = 0;

        for (int d = 0; d < 5; d++) {
            const char *at = strchr(z85_digits, text[d]);

            if (!at)
                return false;
            v = v * 85 + (uint64_t)(at - z85_digits);
        }
        if (v > UINT32_MAX)
            return false;
        be32_put(out + i, (uint32_t)v);
    }
    return true;
}
