/* measure: times of each command by its sequence number, and what the server used. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SUBSCRIBER_COUNT = 3 };

struct times {
    int64_t sent_ns; /* 0: not known yet */
    int64_t delivered_ns[SUBSCRIBER_COUNT];
};

/* Times by sequence number. Own: measure_done. */
struct measure {
    uint64_t first_seq; /* of the table; set by the first number seen */
    struct times *times;
    size_t count;
    int64_t *acks_ns; /* latency of each ack */
    size_t ack_count;
    size_t ack_cap;
};

struct quantiles {
    double p50_us;
    double p99_us;
};

struct usage {
    uint64_t peak_rss_kib;
    uint64_t cpu_ms;        /* user and system, all threads */
    uint64_t written_bytes; /* passed to write calls (wchar of /proc/PID/io; not sockets) */
    uint64_t disk_bytes;    /* blocks of the folder's files */
};

int64_t measure_now_ns(void);
void measure_done(struct measure *measure);
/* The row of `seq`; NULL when it lies before the first seen, or without memory. */
struct times *measure_times(struct measure *measure, uint64_t seq);
bool measure_add_ack(struct measure *measure, int64_t latency_ns);
struct quantiles measure_acks(struct measure *measure);
/* From sending to reception, over the three subscribers; *ret_count events taken in. */
struct quantiles measure_deliveries(const struct measure *measure, size_t *ret_count);
/* Of process `pid` and folder `folder` (NULL: not asked). */
struct usage measure_usage(pid_t pid, const char *folder);

#endif
