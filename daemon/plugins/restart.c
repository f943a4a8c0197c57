#include "plugins/restart.h"

int64_t restart_failed(struct restart *restart, int64_t ready_us)
{
    int64_t pause_ms = RESTART_FIRST_MS;

    if (ready_us > INT64_C(1000) * RESTART_STEADY_MS)
        restart->failures = 0;
    restart->failures++;
    for (unsigned i = 1; i < restart->failures && pause_ms < RESTART_MAX_MS; i++)
        pause_ms *= 2;
    return pause_ms < RESTART_MAX_MS ? pause_ms : RESTART_MAX_MS;
}

bool restart_is_throttled(const struct restart *restart)
{
    return restart->failures >= RESTART_THROTTLED_AFTER;
}
