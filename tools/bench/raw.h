/* raw: the bytes the composed ceiling takes and gives. All numbers little-endian uint64. */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

enum {
    RAW_REQUEST_LEN = 1024, /* number, key, filling */
    RAW_ACK_LEN = 16,       /* number, seq */
    RAW_RECORD_LEN = 256,   /* of the keyed table: the first bytes of the request */
    RAW_NOTICE_LEN = 64,    /* of an event, one frame: topic, NUL, seq, this */
    RAW_KEY_COUNT = 100000,
};

#define RAW_TOPIC "record.updated"

#endif
