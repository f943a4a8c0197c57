/*
 * workload: what bench_load sends and how it reads the answers, so that the same clients,
 * clocks and subscribers measure ctpsd and the composed ceiling.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORKLOAD_REQUEST_MAX = 8192 };

struct workload_options {
    const char *data; /* the workload's own argument (a file, a folder); may be NULL */
    uint32_t client_count;
};

/* One event as a subscriber got it. */
struct workload_event {
    uint64_t seq;      /* of the command it comes from, as the ack named it */
    uint64_t number;   /* of the event in this audience */
    uint64_t previous; /* number of the one before it in this audience */
    bool is_heartbeat; /* carries no event */
};

struct workload_frame {
    const uint8_t *data;
    size_t len;
};

struct workload {
    const char *name;
    bool is_read; /* makes no events: acks are all there is to measure */
    /* Own: close. NULL with a message on stderr when it cannot start. */
    void *(*open)(const struct workload_options *options);
    void (*close)(void *ctx);
    /* Writes request `number` (unique in the run) of `client` to `out`
     * (WORKLOAD_REQUEST_MAX bytes); its length. */
    size_t (*build)(void *ctx, uint32_t client, uint64_t number, uint8_t *out);
    /* Reads an ack; false when the answer is a refusal or not understood. */
    bool (*read_ack)(void *ctx, const uint8_t *reply, size_t len, uint64_t *ret_number,
                     uint64_t *ret_seq);
    /* Reads the frames of one publication; false when not understood. */
    bool (*read_event)(void *ctx, const struct workload_frame *frames, size_t count,
                       struct workload_event *ret_event);
};

extern const struct workload workload_raw;
extern const struct workload workload_ctpsd;       /* durable-accept-and-deliver */
extern const struct workload workload_ctpsd_get;   /* one situation, facts */
extern const struct workload workload_ctpsd_names; /* one situation with names, audited */
extern const struct workload workload_ctpsd_list;  /* the 50 newest of a territory */

#endif
