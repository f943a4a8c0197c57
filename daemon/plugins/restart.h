/*
 * restart: when a plugin that failed is started again: after a second, then twice that, and so
 * on up to a cap; one that was ready for long enough begins anew.
 */
#ifndef CTPS_PLUGINS_RESTART_H
#define CTPS_PLUGINS_RESTART_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RESTART_FIRST_MS = 1000,
    RESTART_MAX_MS = 300000,
    RESTART_THROTTLED_AFTER = 5, /* failures in a row */
    RESTART_STEADY_MS = 600000,  /* ready for so long: failures before are forgotten */
};

struct restart {
    unsigned failures; /* in a row */
};

/* It failed, having been ready for `ready_us` (0: it was not). Returns the pause in
 * milliseconds. */
int64_t restart_failed(struct restart *restart, int64_t ready_us);
bool restart_is_throttled(const struct restart *restart);

#endif
