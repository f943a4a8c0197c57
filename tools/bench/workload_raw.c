#include "workload.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "raw.h"

struct raw {
    uint64_t state;
    uint8_t filling[RAW_REQUEST_LEN];
};

/* xorshift64*: the same keys in each run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

static void *raw_open(const struct workload_options *options)
{
    struct raw *raw = calloc(1, sizeof(*raw));

    (void)options;
    if (!raw)
        return NULL;
    raw->state = 0x9e3779b97f4a7c15ULL;
    for (size_t i = 0; i < sizeof(raw->filling); i++)
        raw->filling[i] = (uint8_t)next_random(&raw->state);
    return raw;
}

static size_t raw_build(void *ctx, uint32_t client, uint64_t number, uint8_t *out)
{
    struct raw *raw = ctx;

    (void)client;
    memcpy(out, raw->filling, RAW_REQUEST_LEN);
    le64_put(out, number);
    le64_put(out + 8, next_random(&raw->state) % RAW_KEY_COUNT);
    return RAW_REQUEST_LEN;
}

static bool raw_read_ack(void *ctx, const uint8_t *reply, size_t len, uint64_t *ret_number,
                         uint64_t *ret_seq)
{
    (void)ctx;
    if (len != RAW_ACK_LEN)
        return false;
    *ret_number = le64_get(reply);
    *ret_seq = le64_get(reply + 8);
    return true;
}

static bool raw_read_event(void *ctx, const struct workload_frame *frames, size_t count,
                           struct workload_event *ret_event)
{
    uint64_t seq;

    (void)ctx;
    if (count != 1 || frames[0].len != sizeof(RAW_TOPIC) + 8 + RAW_NOTICE_LEN)
        return false;
    seq = le64_get(frames[0].data + sizeof(RAW_TOPIC));
    *ret_event = (struct workload_event){.seq = seq, .number = seq, .previous = seq - 1};
    return true;
}

const struct workload workload_raw = {
    .name = "raw",
    .open = raw_open,
    .close = free,
    .build = raw_build,
    .read_ack = raw_read_ack,
    .read_event = raw_read_event,
};
