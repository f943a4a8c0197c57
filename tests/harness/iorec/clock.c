#include "iorec.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct {
    pthread_once_t once;
    const volatile int64_t *offset_us; /* NULL: the clock is not shifted */
} state = {.once = PTHREAD_ONCE_INIT};

static void set_up(void)
{
    const char *path = getenv("IOREC_CLOCK");
    void *page;
    int fd;

    if (!path)
        return;
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        dprintf(STDERR_FILENO, "iorec: IOREC_CLOCK cannot be mapped\n");
        _exit(99);
    }
    syscall(SYS_close, fd);
    state.offset_us = page;
}

static void shift(struct timespec *ts)
{
    int64_t us;

    pthread_once(&state.once, set_up);
    if (!state.offset_us)
        return;
    us = (int64_t)ts->tv_sec * 1000000 + ts->tv_nsec / 1000 + *state.offset_us;
    ts->tv_nsec = ts->tv_nsec % 1000 + us % 1000000 * 1000;
    ts->tv_sec = (time_t)(us / 1000000);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    int rc = (int)syscall(SYS_clock_gettime, id, ts);

    if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        shift(ts);
    return rc;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return -1;
    *tv = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return (time_t)-1;
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
