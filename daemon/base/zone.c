#include "base/zone.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/civil.h"

enum { ZONE_PATH_MAX = 256 };

bool zone_is_known(const char *name)
{
    char path[ZONE_PATH_MAX];
    struct stat found;
    int len = snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);

    return *name && *name != '/' && !strstr(name, "..") && len > 0 && len < (int)sizeof(path) &&
           stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

static struct tm local_of(int64_t us)
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm = {0};

    localtime_r(&seconds, &tm);
    return tm;
}

int32_t zone_day_of(int64_t us)
{
    struct tm tm = local_of(us);

    return civil_day_of((struct civil_date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday});
}

int32_t zone_second_of_day(int64_t us)
{
    struct tm tm = local_of(us);

    return tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

/* Local seconds since 1970-01-01 00:00 on the wall, at that instant. */
static int64_t wall_of(int64_t seconds)
{
    return (int64_t)zone_day_of(seconds * 1000000) * 86400 +
           zone_second_of_day(seconds * 1000000);
}

/* First second of the gap's far side: between the two the wall jumps over `wall`. */
static int64_t after_gap(int64_t before, int64_t after, int64_t wall)
{
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;

        if (wall_of(middle) < wall)
            before = middle;
        else
            after = middle;
    }
    return after;
}

int64_t zone_instant_of(int32_t day, int32_t second, enum zone_fit *ret_fit)
{
    const int64_t wall = (int64_t)day * 86400 + second;
    /* Offsets a day before and after: no zone changes twice in between. */
    int64_t early = wall - (wall_of(wall - 86400) - (wall - 86400));
    int64_t late = wall - (wall_of(wall + 86400) - (wall + 86400));
    int64_t first = early < late ? early : late;
    int64_t last = early < late ? late : early;
    bool first_fits = wall_of(first) == wall;
    bool last_fits = wall_of(last) == wall;
    enum zone_fit fit = ZONE_ONCE;
    int64_t at = first_fits ? first : last;

    if (!first_fits && !last_fits) {
        fit = ZONE_MISSING;
        at = after_gap(first - 1, last + 1, wall);
    } else if (first_fits && last_fits && first != last) {
        fit = ZONE_TWICE;
    }
    if (ret_fit)
        *ret_fit = fit;
    return at * 1000000;
}
