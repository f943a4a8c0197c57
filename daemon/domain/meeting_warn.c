/* What is odd about a meeting's day, hour or room: taken as it is, and said. */
#include "base/civil.h"
#include "base/zone.h"
#include "domain/check.h"
#include "domain/meeting.h"
#include "domain/record.h"

enum {
    EARLIEST_MIN = 7 * 60,
    LATEST_MIN = 21 * 60,
    DURATION_UNKNOWN_MIN = 60,
    SUNDAY = 6,
    WARNINGS_MAX = 8,
};

struct room {
    struct act *act;
    const Ctps__MeetingScheduled *of;
    bool taken;
};

static uint32_t end_of(uint32_t minute, uint32_t duration)
{
    return minute + (duration ? duration : DURATION_UNKNOWN_MIN);
}

static bool room_row(void *arg, struct bytes key, struct bytes value)
{
    struct room *room = arg;
    const Ctps__MeetingScheduled *in = room->of;
    Ctps__MeetingRecord *row;
    const Ctps__MeetingScheduled *of;

    (void)value;
    if (key.len != 12 || be64_get(key.data + 4) == in->id)
        return true;
    row = record_meeting(room->act->tables, room->act->arena, be64_get(key.data + 4));
    if (!row || strcmp(or_empty(row->state), MEETING_CANCELLED) == 0)
        return !room->act->exhausted;
    of = row->scheduled;
    room->taken = strcmp(or_empty(of->place), or_empty(in->place)) == 0 &&
                  of->minute < end_of(in->minute, in->duration_min) &&
                  in->minute < end_of(of->minute, of->duration_min);
    return !room->taken;
}

static bool room_is_taken(struct act *act, const Ctps__MeetingScheduled *in)
{
    struct room room = {act, in, false};
    struct table_key day = {0};

    if (!is_given(in->place))
        return false;
    table_key_add_day(&day, in->day);
    act->tables->walk(act->tables->ctx, TABLE_MEETING_DAY, table_key_bytes(&day),
                      bytes_of(NULL, 0), false, room_row, &room);
    return room.taken;
}

static void warn(struct act *act, Ctps__MeetingScheduled *of, bool odd, const char *code)
{
    if (odd && of->n_warnings < WARNINGS_MAX)
        of->warnings[of->n_warnings++] = act_text(act, code);
}

void meeting_warn(struct act *act, Ctps__MeetingScheduled *of, const Ctps__Instance *instance)
{
    const unsigned month = (unsigned)civil_date_of(of->day).month;
    enum zone_fit fit;

    zone_instant_of(of->day, (int32_t)of->minute * 60, &fit);
    of->warnings = act_alloc(act, WARNINGS_MAX * sizeof(of->warnings[0]));
    of->n_warnings = 0;
    warn(act, of, civil_is_holiday(&act->settings->holidays, of->day), "on_holiday");
    warn(act, of, civil_weekday(of->day) == SUNDAY, "on_sunday");
    warn(act, of, fit == ZONE_MISSING, "hour_missing");
    warn(act, of, fit == ZONE_TWICE, "hour_twice");
    warn(act, of, of->minute < EARLIEST_MIN || of->minute > LATEST_MIN, "hour_odd");
    warn(act, of, instance->month_skipped && month == instance->month_skipped, "month_skipped");
    warn(act, of, room_is_taken(act, of), "room_taken");
}
