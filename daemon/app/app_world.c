/* The process as the system sees it: hardening, service manager. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#ifdef CTPS_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "app/app_private.h"

/* Opened text must not reach a swap file; locking all memory would count LMDB's map too. */
enum { FILES_WANTED = 8192 };

static void swap_warn(const struct log *log)
{
    FILE *swaps = fopen("/proc/swaps", "re");
    char line[256];
    int lines = 0;

    if (!swaps)
        return;
    while (fgets(line, sizeof(line), swaps))
        lines++;
    fclose(swaps);
    if (lines > 1)
        log_warning(log,
                    "swap is on: use encrypted swap, or the unit that ships (MemorySwapMax=0)");
}

/* Each feed takes three descriptors and each connection one: more than a shell's 1,024 allow.
 */
static void files_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= FILES_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void app_harden(const struct log *log)
{
    struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
        log_warning(log, "core dumps could not be forbidden");
    files_raise();
    swap_warn(log);
}

#ifdef CTPS_SYSTEMD
void app_notify_ready(struct app *app)
{
    uint64_t usec = 0;

    sd_notify(0, "READY=1");
    if (sd_watchdog_enabled(0, &usec) > 0)
        app->watchdog_us = (int64_t)usec;
}

void app_notify_stopping(struct app *app)
{
    (void)app;
    sd_notify(0, "STOPPING=1");
}

/* Called once a second, which is well within any sensible watchdog. */
void app_notify_alive(struct app *app)
{
    if (app->watchdog_us)
        sd_notify(0, "WATCHDOG=1");
}
#else
void app_notify_ready(struct app *app)
{
    (void)app;
}

void app_notify_stopping(struct app *app)
{
    (void)app;
}

void app_notify_alive(struct app *app)
{
    (void)app;
}
#endif
