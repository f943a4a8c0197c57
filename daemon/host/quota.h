/*
 * quota: holds a plugin's folder to what its section allows (`state_max`), without the kernel's
 * help: no user but root may set a quota there. The folder is measured now and then, the
 * oftener the less room is left, and a plugin that passed it is ended. Promised: it takes no
 * more than `state_max` and what the disk takes between two looks, which are a tenth of a
 * second apart when little is left. Files that were unlinked while open are not seen in the
 * folder; against them, and for the journal's sake, plugins also end when the disk has less
 * than QUOTA_FREE_MIN left.
 */
#ifndef CTPS_HOST_QUOTA_H
#define CTPS_HOST_QUOTA_H

#include "base/err.h"
#include "host/usage.h"
#include "loop/loop.h"

enum {
    QUOTA_FREE_MIN = 64 << 20,
    QUOTA_PAUSE_MIN_MS = 100,
    QUOTA_PAUSE_MAX_MS = 10000,
};

struct quota;

struct quota_calls {
    void *ctx;
    /* The folder takes another amount than last time. */
    void (*changed)(void *ctx, uint64_t bytes);
    /* It takes too much: one sentence. The quota may be closed in it. */
    void (*passed)(void *ctx, const char *why);
};

/* `dir` is borrowed and outlives it. CTPS_LIMIT with a sentence when the folder takes too much
 * already. Own: quota_close(). */
enum ctps_code quota_open(struct loop *loop, const char *dir, uint64_t max,
                          const struct quota_calls *calls, struct quota **ret_quota,
                          struct ctps_err *err);
/* Idempotent, nulls the pointer. */
void quota_close(struct quota **quota);

/* CTPS_LIMIT with a sentence when that is too much, or too little is left (`free`: bytes). */
enum ctps_code quota_judge(const char *dir, const struct usage *usage, uint64_t max,
                           uint64_t free, struct ctps_err *err);
/* How long until the next look, when the last one took `took_us`. */
int64_t quota_pause_ms(const struct usage *usage, uint64_t max, uint64_t free, int64_t took_us);

#endif
