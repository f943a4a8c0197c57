/*
 * fuzz_mutate: changes one field deep inside a message and keeps the lengths around it right.
 * Without it nearly every change breaks a length, and what lies behind the outermost checks is
 * hardly ever reached. For libFuzzer only; a plain test makes its own changes.
 */
#ifndef CTPS_FUZZ_MUTATE_H
#define CTPS_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MUTATE_LEN_MAX = 1 << 14, MUTATE_FIELDS_MAX = 64, MUTATE_DEPTH_MAX = 6 };

/* libFuzzer's, absent from a plain test. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* A length-prefixed field: where its length stands, and its content. */
struct mutate_span {
    size_t len_at;
    size_t at;
    size_t len;
};

static inline bool mutate_take_varint(const uint8_t *data, size_t size, size_t *at,
                                      uint64_t *ret)
{
    uint64_t value = 0;

    for (unsigned shift = 0; *at < size && shift < 64; shift += 7) {
        uint8_t byte = data[(*at)++];

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

/* The length-prefixed fields of a message; false when the bytes are not one. */
static inline bool mutate_spans(const uint8_t *data, size_t size,
                                struct mutate_span spans[MUTATE_FIELDS_MAX], size_t *ret_count)
{
    static const uint8_t fixed_len[8] = {[1] = 8, [5] = 4};
    size_t at = 0;

    *ret_count = 0;
    while (at < size && *ret_count < MUTATE_FIELDS_MAX) {
        uint64_t tag;
        uint64_t len;
        size_t len_at;

        if (!mutate_take_varint(data, size, &at, &tag))
            return false;
        len_at = at;
        len = fixed_len[tag & 7];
        if (len == 0 && !mutate_take_varint(data, size, &at, &len))
            return false;
        if ((tag & 7) == 0)
            continue;
        if (len > size - at)
            return false;
        if ((tag & 7) == 2)
            spans[(*ret_count)++] = (struct mutate_span){len_at, at, (size_t)len};
        at += len;
    }
    return true;
}

static inline size_t mutate_put_len(uint8_t *out, size_t len)
{
    size_t count = 0;

    for (; len >= 0x80; len >>= 7)
        out[count++] = (uint8_t)(len | 0x80);
    out[count++] = (uint8_t)len;
    return count;
}

/* Half the changes of a field's content put one letter, which most texts may hold; the others
 * are libFuzzer's own. */
static inline size_t mutate_leaf(uint8_t *data, size_t size, size_t max_size, unsigned seed,
                                 unsigned depth)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.AFMT";

    if (depth == 0 || size == 0 || seed / 4 % 2 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    data[seed / 8 % size] = (uint8_t)letters[seed / 1024 % (sizeof(letters) - 1)];
    return size;
}

/* Changes `data` in place, in a field chosen by `seed`, or whole when it has none. */
static inline size_t mutate_inside(uint8_t *data, size_t size, size_t max_size, unsigned seed,
                                   unsigned depth)
{
    struct mutate_span spans[MUTATE_FIELDS_MAX];
    uint8_t inner[MUTATE_LEN_MAX];
    uint8_t tail[MUTATE_LEN_MAX];
    struct mutate_span span;
    size_t tail_len;
    size_t room;
    size_t count;
    size_t len;
    size_t at;

    if (depth == MUTATE_DEPTH_MAX || seed % 4 == 0 || size > sizeof(inner) ||
        !mutate_spans(data, size, spans, &count) || count == 0)
        return mutate_leaf(data, size, max_size, seed, depth);
    span = spans[seed / 4 % count];
    tail_len = size - span.at - span.len;
    room = span.len_at + 3 + tail_len;
    if (max_size <= room)
        return mutate_leaf(data, size, max_size, seed, depth);
    room = max_size - room < sizeof(inner) ? max_size - room : sizeof(inner);
    if (span.len > room)
        return mutate_leaf(data, size, max_size, seed, depth);
    memcpy(inner, data + span.at, span.len);
    memcpy(tail, data + span.at + span.len, tail_len);
    len = mutate_inside(inner, span.len, room, seed * 2654435761U ^ seed >> 16, depth + 1);
    at = span.len_at + mutate_put_len(data + span.len_at, len);
    memcpy(data + at, inner, len);
    memcpy(data + at + len, tail, tail_len);
    return at + len + tail_len;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    return mutate_inside(data, size, max_size, seed, 0);
}

#endif
