#include "bus/pressure.h"

#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { STATM_LEN = 128 };

/* proc(5): pages in all, resident, and of these those of files; 0 when unknown. */
static uint64_t read_own_len(const struct pressure *pressure)
{
    unsigned long long total, resident, shared;
    char text[STATM_LEN];
    ssize_t n = pressure->sys->pread(pressure->sys->ctx, pressure->fd, text, STATM_LEN - 1, 0);

    if (n <= 0)
        return 0;
    text[n] = '\0';
    /* NOLINTNEXTLINE(cert-err34-c): written by the kernel, and any number of pages will do */
    if (sscanf(text, "%llu %llu %llu", &total, &resident, &shared) != 3 || resident < shared)
        return 0;
    return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

void pressure_open(struct pressure *pressure, const struct sys *sys, uint64_t growth_max)
{
    *pressure = (struct pressure){.sys = sys, .growth_max = growth_max};
    pressure->fd = sys->open(sys->ctx, "/proc/self/statm", O_RDONLY, 0);
    if (pressure->fd >= 0)
        pressure->floor = read_own_len(pressure);
}

void pressure_close(struct pressure *pressure)
{
    if (pressure->sys && pressure->fd >= 0)
        pressure->sys->close(pressure->sys->ctx, pressure->fd);
    pressure->fd = -1;
}

bool pressure_is_high(struct pressure *pressure)
{
    uint64_t now = pressure->fd >= 0 ? read_own_len(pressure) : 0;
    bool high = now > pressure->floor + pressure->growth_max;

    if (now > 0 && (high || now < pressure->floor))
        pressure->floor = now;
    return high;
}
