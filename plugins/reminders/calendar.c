#include "calendar.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;
static const int64_t MINUTE_US = INT64_C(60) * 1000000;

static bool is_sound(const Ctps__ReminderCalendar *told)
{
    if (!told->has_from_day || !told->has_to_day || told->to_day < told->from_day ||
        told->to_day - told->from_day >= CALENDAR_DAYS_MAX || told->n_offsets == 0 ||
        told->n_offsets > CALENDAR_OFFSETS_MAX)
        return false;
    for (size_t i = 1; i < told->n_offsets; i++)
        if (told->offsets[i]->from_us <= told->offsets[i - 1]->from_us)
            return false;
    return true;
}

bool calendar_set(struct calendar *calendar, const Ctps__ReminderCalendar *told)
{
    if (!is_sound(told))
        return false;
    *calendar = (struct calendar){
        .from_day = told->from_day,
        .to_day = told->to_day,
        .offset_count = (unsigned)told->n_offsets,
        .clock_alarm = told->clock_alarm,
    };
    for (size_t i = 0; i < told->n_days_off; i++)
        if (calendar_is_told(calendar, told->days_off[i]))
            calendar->off[told->days_off[i] - told->from_day] = true;
    for (size_t i = 0; i < told->n_offsets; i++) {
        calendar->offset_from_us[i] = told->offsets[i]->from_us;
        calendar->offset_us[i] = (int64_t)told->offsets[i]->seconds * 1000000;
    }
    return true;
}

bool calendar_is_told(const struct calendar *calendar, int32_t day)
{
    return calendar->offset_count && day >= calendar->from_day && day <= calendar->to_day;
}

static bool is_off(const struct calendar *calendar, int32_t day)
{
    return calendar_is_told(calendar, day) && calendar->off[day - calendar->from_day];
}

static int64_t offset_at(const struct calendar *calendar, int64_t us)
{
    unsigned at = calendar->offset_count;

    while (at > 1 && calendar->offset_from_us[at - 1] > us)
        at--;
    return at ? calendar->offset_us[at - 1] : 0;
}

int32_t calendar_day(const struct calendar *calendar, int64_t us, uint32_t *ret_minute)
{
    int64_t wall = us + offset_at(calendar, us);
    int64_t day = wall / DAY_US - (wall % DAY_US < 0);

    if (ret_minute)
        *ret_minute = (uint32_t)((wall - day * DAY_US) / MINUTE_US);
    return (int32_t)day;
}

int64_t calendar_instant(const struct calendar *calendar, int32_t day, uint32_t minute)
{
    int64_t wall = (int64_t)day * DAY_US + (int64_t)minute * MINUTE_US;

    for (unsigned i = 0; i + 1 < calendar->offset_count; i++) {
        int64_t end = calendar->offset_from_us[i + 1];

        if (wall - calendar->offset_us[i] < end)
            return wall - calendar->offset_us[i];
        if (wall - calendar->offset_us[i + 1] < end)
            return end; /* skipped: the wall jumps over it there */
    }
    return wall -
           (calendar->offset_count ? calendar->offset_us[calendar->offset_count - 1] : 0);
}

int32_t calendar_working_day(const struct calendar *calendar, int32_t day)
{
    while (is_off(calendar, day))
        day--;
    return day;
}

int32_t calendar_add_working(const struct calendar *calendar, int32_t day, int32_t count)
{
    int32_t step = count < 0 ? -1 : 1;

    for (; count; count -= step)
        do
            day += step;
        while (is_off(calendar, day));
    return day;
}
