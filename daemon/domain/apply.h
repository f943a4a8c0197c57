/*
 * apply: what an entry does to the views. Deterministic: no clock, no random, no I/O, no keys,
 * and never a sealed part opened, so that a rebuild after erasures gives the same views.
 *
 * Errors of the tables are sticky in the transaction; a malformed entry is CTPS_DAMAGED, one
 * with an event of a later version CTPS_UNSUPPORTED.
 */
#ifndef CTPS_DOMAIN_APPLY_H
#define CTPS_DOMAIN_APPLY_H

#include "base/arena.h"
#include "base/err.h"
#include "ctps/record.pb-c.h"
#include "domain/tables.h"

enum { APPLY_REQUEST_WINDOW_DAYS = 30 };

/* Counters that change with every entry; the view layer keeps them with its head. */
struct apply_state {
    uint64_t next_slot;
    int64_t last_time_us;
    int64_t last_clock_us; /* what the clock said then: earlier when it was behind */
    bool clock_alarm;
    uint64_t audit_slot;
    uint32_t audit_month;
    uint64_t digest_slot;
    uint64_t digest_slot_before; /* of the window before */
    int32_t digest_window_before;
    int32_t digest_window;
    int32_t last_run_day;
    uint64_t entry_count;
    uint64_t read_count;
    uint64_t refusal_count;
    uint64_t last_published; /* number of the newest event of audience "plugins" */
    uint64_t last_audited;   /* the same of audience "audit" */
    uint32_t feed_count;     /* partners whose feed is open */
};

struct apply {
    const struct tables *tables;
    struct arena *arena; /* may be reset by the caller after each entry */
    struct apply_state *state;
    uint64_t seq;
    const Ctps__Entry *entry;
    /* Told of each event a partner's feed gets; NULL while replaying. The item is a borrow. */
    void (*on_told)(void *ctx, uint64_t partner, uint64_t number, Ctps__FeedItem *item);
    void *told_ctx;
};

enum ctps_code apply_entry(const struct apply *apply);

/* Key under which the answer to a request is remembered. */
struct table_key apply_request_key(int32_t window, const Ctps__Principal *principal,
                                   struct bytes request_id);
/* The 30-day window an instant lies in. */
int32_t apply_window_of(int64_t time_us);

#endif
