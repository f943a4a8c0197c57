/*
 * bytes: a borrowed run of bytes, a growable owned buffer, and big/little-endian access.
 * A struct bytes never owns; a struct buf always does.
 */
#ifndef CTPS_BASE_BYTES_H
#define CTPS_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data; /* borrow; NULL only when len is 0 */
    size_t len;
};

static inline struct bytes bytes_of(const void *data, size_t len)
{
    return (struct bytes){.data = data, .len = len};
}

static inline struct bytes bytes_of_str(const char *text)
{
    return bytes_of(text, strlen(text));
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Growable buffer with a sticky failure: after an allocation failure appends do nothing and
 * `failed` stays set, so that callers write straight lines and check once. */
struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    bool failed;
};

void buf_init(struct buf *buf);
/* Releases the memory, wiping it first. Idempotent. */
void buf_done(struct buf *buf);
/* Forgets the content (wiped), keeps the memory. */
void buf_reset(struct buf *buf);
void buf_append(struct buf *buf, const void *data, size_t len);
/* Room for `len` more bytes at the end, already counted in buf->len; NULL once failed. The
 * pointer is a borrow until the next append. */
uint8_t *buf_extend(struct buf *buf, size_t len);

static inline struct bytes buf_bytes(const struct buf *buf)
{
    return bytes_of(buf->data, buf->len);
}

static inline void be64_put(uint8_t *out, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        out[i] = (uint8_t)v;
}

static inline uint64_t be64_get(const uint8_t *in)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v = v << 8 | in[i];
    return v;
}

static inline void be32_put(uint8_t *out, uint32_t v)
{
    for (int i = 3; i >= 0; i--, v >>= 8)
        out[i] = (uint8_t)v;
}

static inline uint32_t be32_get(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static inline void le64_put(uint8_t *out, uint64_t v)
{
    for (int i = 0; i < 8; i++, v >>= 8)
        out[i] = (uint8_t)v;
}

static inline uint64_t le64_get(const uint8_t *in)
{
    uint64_t v = 0;

    for (int i = 7; i >= 0; i--)
        v = v << 8 | in[i];
    return v;
}

static inline void le32_put(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++, v >>= 8)
        out[i] = (uint8_t)v;
}

static inline uint32_t le32_get(const uint8_t *in)
{
    return (uint32_t)in[3] << 24 | (uint32_t)in[2] << 16 | (uint32_t)in[1] << 8 | in[0];
}

/* Lower-case hexadecimal of `in` into `out` (2 * len + 1 bytes, terminated). */
void hex_encode(char *out, const void *in, size_t len);
/* Reads exactly 2 * len hex digits and the end of the string; false on anything else. */
bool hex_decode(uint8_t *out, size_t len, const char *text);

/* Z85 (ZeroMQ RFC 32) of `len` bytes (multiple of 4) into len * 5 / 4 + 1 chars, terminated. */
void z85_encode(char *out, const uint8_t *in, size_t len);
/* Reads exactly len * 5 / 4 characters and the end of the string; false on anything else. */
bool z85_decode(uint8_t *out, size_t len, const char *text);

#endif
