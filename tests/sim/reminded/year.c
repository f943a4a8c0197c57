#include "year.h"

#include "base/zone.h"

/* --- chance and time --- */

uint64_t year_draw(struct year *year, uint64_t below)
{
    uint64_t z = (year->random += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

bool year_chance(struct year *year, uint64_t n)
{
    return year_draw(year, n) == 0;
}

int64_t year_wall(void *ctx)
{
    return sys_wall_us(&((struct year *)ctx)->town.split.sys);
}

int64_t year_mono(void *ctx)
{
    return sys_mono_us(&((struct year *)ctx)->town.split.sys);
}

int32_t year_today(struct year *year)
{
    return zone_day_of(year_wall(year));
}

void year_say(struct year *year, const char *fmt, ...)
{
    va_list args;

    printf("%lld ", (long long)year_wall(year));
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
}

/* --- requests --- */

const Ctps__Reply *year_ask(struct year *year, enum town_who who, Ctps__Request *request)
{
    const Ctps__Reply *reply = town_do(&year->town, who, request);

    if (!reply)
        abort();
    return reply;
}

uint64_t year_made_by(struct year *year, enum town_who who, Ctps__Request *request)
{
    return town_made(year_ask(year, who, request));
}

bool year_done_by(struct year *year, enum town_who who, Ctps__Request *request)
{
    return year_ask(year, who, request)->status == CTPS__REPLY_STATUS__REPLY_DONE;
}

/* --- what there is to act on --- */

struct thing *year_thing_pick(struct year *year, enum thing_kind kind)
{
    unsigned count = 0;
    struct thing *picked = NULL;

    for (unsigned i = 0; i < year->thing_count; i++)
        if (year->things[i].kind == kind && year_draw(year, ++count) == 0)
            picked = &year->things[i];
    return picked;
}

void year_thing_drop(struct year *year, struct thing *thing)
{
    *thing = year->things[--year->thing_count];
}

struct thing *year_thing_find(struct year *year, uint64_t id)
{
    for (unsigned i = 0; i < year->thing_count; i++)
        if (year->things[i].id == id)
            return &year->things[i];
    return NULL;
}

struct thing *year_thing_add(struct year *year, enum thing_kind kind, uint64_t id)
{
    struct thing *thing = &year->things[year->thing_count];

    if (id == 0 || year->thing_count == THINGS_MAX)
        return NULL;
    year->thing_count++;
    *thing = (struct thing){.kind = kind, .id = id};
    return thing;
}
