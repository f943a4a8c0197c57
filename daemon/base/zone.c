#include "base/zone.h"

#include <time.h>

#include "base/civil.h"

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
