/*
 * calendar: days and hours of the town, as the daemon told them (ReminderCalendar): which days
 * are off, and what local time is in UTC. The zone's rules and the holidays are computed in one
 * place, the daemon; here they are only looked up.
 *
 * Days are civil days since 1970-01-01, instants microseconds since then in UTC. Outside the
 * days told, the first and the last offset hold and no day is off.
 */
#ifndef REMINDERS_CALENDAR_H
#define REMINDERS_CALENDAR_H

#include <ctps/answer.pb-c.h>
#include <stdbool.h>
#include <stdint.h>

enum { CALENDAR_OFFSETS_MAX = 64, CALENDAR_DAYS_MAX = 1024, CALENDAR_DAY_MINUTES = 1440 };

struct calendar {
    int32_t from_day, to_day;
    bool off[CALENDAR_DAYS_MAX];
    unsigned offset_count; /* 0: nothing was told yet, UTC holds */
    int64_t offset_from_us[CALENDAR_OFFSETS_MAX];
    int64_t offset_us[CALENDAR_OFFSETS_MAX];
    bool clock_alarm;
};

/* Takes over what was told; false when it makes no sense, `calendar` being left as it was. */
bool calendar_set(struct calendar *calendar, const Ctps__ReminderCalendar *told);

bool calendar_is_told(const struct calendar *calendar, int32_t day);
/* The civil day at an instant; *ret_minute (may be NULL): minutes since local midnight. */
int32_t calendar_day(const struct calendar *calendar, int64_t us, uint32_t *ret_minute);
/* The instant at `minute` of `day`: what a gap skips is the first instant after it, what comes
 * twice the first. */
int64_t calendar_instant(const struct calendar *calendar, int32_t day, uint32_t minute);
/* `day`, or the last working day before it when it is off. */
int32_t calendar_working_day(const struct calendar *calendar, int32_t day);
/* The day reached by `count` working days from `day`, forward or (below 0) backward, not
 * counting `day` itself. */
int32_t calendar_add_working(const struct calendar *calendar, int32_t day, int32_t count);

#endif
