/* Meetings and their minutes. */
#include "base/zone.h"
#include "year.h"

static uint32_t minute_draw(struct year *year)
{
    static const uint32_t minutes[] = {9 * 60, 14 * 60, 150, 15, 1410, 630, 1080, 195};

    return minutes[year_draw(year, sizeof(minutes) / sizeof(minutes[0]))];
}

/* The Sunday the clocks change, when one is near. */
static bool change_near(struct year *year, int32_t *ret_day)
{
    for (int32_t day = year_today(year) + 1; day < year_today(year) + 25; day++)
        if (zone_instant_of(day + 1, 0, NULL) - zone_instant_of(day, 0, NULL) !=
            TOWN_US_PER_DAY) {
            *ret_day = day;
            return true;
        }
    return false;
}

/* Any agents (`agents` has room for two) and contacts, the coordinator in the chair. */
static void meeting_fill(struct year *year, Ctps__MeetingSchedule *body, uint64_t agents[2],
                         int32_t day, uint32_t minute)
{
    agents[0] = year->town.agents[TOWN_EDUCATOR];
    agents[1] = year->town.agents[TOWN_NEIGHBOUR];
    body->instance = town_text("adhoc");
    SET(body, day, day);
    SET(body, minute, minute);
    SET(body, duration_min, 60);
    SET(body, end_day, day + 4000);
    SET(body, chair, year->town.agents[TOWN_COORDINATOR]);
    body->agents = agents;
    body->n_agents = year_draw(year, 3);
    body->contacts = year->contacts;
    body->n_contacts = year_draw(year, CONTACTS);
}

/* The end of a line. */
static void invited_say(const Ctps__MeetingSchedule *body)
{
    printf(" a%llu", (unsigned long long)body->chair);
    for (size_t i = 0; i < body->n_agents; i++)
        printf(" a%llu", (unsigned long long)body->agents[i]);
    for (size_t i = 0; i < body->n_contacts; i++)
        printf(" c%llu", (unsigned long long)body->contacts[i]);
    putchar('\n');
}

void meeting_schedule(struct year *year)
{
    uint64_t agents[2];
    struct thing *thing;
    int32_t day = year_today(year) + (int32_t)year_draw(year, 25);
    uint32_t minute = minute_draw(year);
    bool by_night = year_chance(year, 4) && change_near(year, &day);
    TOWN_REQUEST(request, MEETING_SCHEDULE, MeetingSchedule, MEETING_SCHEDULE,
                 meeting_schedule);

    if (by_night) /* 00:30 to 05:15: in, before and after the hour that is not or comes twice */
        minute = 30 + 15 * (uint32_t)year_draw(year, 20);
    meeting_fill(year, &request_body, agents, day, minute);
    thing = year_thing_add(year, MEETING, year_made_by(year, TOWN_HEAD, &request));
    if (!thing)
        return;
    thing->day = day;
    thing->minute = minute;
    printf("%lld meeting %llu %d %u", (long long)year_wall(year), (unsigned long long)thing->id,
           day, minute);
    invited_say(&request_body);
}

/* --- series --- */

/* Weeks, the same day of the month, or the same weekday of it; so many, or until a day. */
static void recurrence_draw(struct year *year, int32_t first, Ctps__Recurrence *rule)
{
    struct civil_date date = civil_date_of(first);

    if (year_chance(year, 2)) {
        SET(rule, every_weeks, 1 + (uint32_t)year_draw(year, 3));
    } else {
        SET(rule, every_months, 1 + (uint32_t)year_draw(year, 2));
        if (year_chance(year, 2)) {
            SET(rule, nth, (uint32_t)(date.day - 1) / 7 + 1);
            SET(rule, weekday, (uint32_t)civil_weekday(first));
            if (civil_date_of(first + 7).month != date.month && year_chance(year, 2))
                SET(rule, nth, 6); /* the last one */
        }
    }
    if (year_chance(year, 3))
        SET(rule, skip_month, 1 + (uint32_t)year_draw(year, 12));
    if (year_chance(year, 2))
        SET(rule, count, 2 + (uint32_t)year_draw(year, 6));
    else
        SET(rule, until_day, first + 20 + (int32_t)year_draw(year, 100));
}

static void series_keep(struct year *year, const Ctps__Reply *reply, uint32_t minute)
{
    for (size_t i = 1; i < reply->n_made; i++) {
        struct thing *thing = year_thing_add(year, MEETING, reply->made[i]->id);

        if (!thing)
            abort(); /* there was room before it was asked */
        thing->series = reply->made[0]->id;
        thing->minute = minute;
    }
}

void meeting_series(struct year *year)
{
    uint64_t agents[2];
    int32_t first = year_today(year) + (int32_t)year_draw(year, 40);
    uint32_t minute = minute_draw(year);
    const Ctps__Reply *reply;
    Ctps__Recurrence rule = CTPS__RECURRENCE__INIT;
    TOWN_REQUEST(request, MEETING_SCHEDULE, MeetingSchedule, MEETING_SCHEDULE,
                 meeting_schedule);

    if (year->thing_count + SERIES_MOST > THINGS_MAX || year_chance(year, 2))
        return;
    recurrence_draw(year, first, &rule);
    meeting_fill(year, &request_body, agents, first, minute);
    request_body.recurrence = &rule;
    reply = year_ask(year, TOWN_HEAD, &request);
    if (reply->status != CTPS__REPLY_STATUS__REPLY_DONE)
        return;
    series_keep(year, reply, minute);
    printf("%lld series %llu %d %u %u %u %u %d %u %d %u %zu", (long long)year_wall(year),
           (unsigned long long)reply->made[0]->id, first, minute, rule.every_weeks,
           rule.every_months, rule.nth, rule.has_weekday ? (int)rule.weekday : -1, rule.count,
           rule.until_day, rule.skip_month, reply->n_made - 1);
    for (size_t i = 1; i < reply->n_made; i++)
        printf(" %llu", (unsigned long long)reply->made[i]->id);
    invited_say(&request_body);
}

/* Sometimes near where it was before. */
void meeting_move(struct year *year)
{
    struct thing *thing = year_thing_pick(year, MEETING);
    int32_t day = year_today(year) + (int32_t)year_draw(year, 25);
    uint32_t minute = minute_draw(year);
    TOWN_REQUEST(request, MEETING_RESCHEDULE, MeetingReschedule, MEETING_RESCHEDULE,
                 meeting_reschedule);

    if (!thing)
        return;
    if (thing->day && year_chance(year, 3))
        day = thing->day + (year_chance(year, 2) ? 1 : -1);
    SET(&request_body, id, thing->id);
    SET(&request_body, day, day);
    SET(&request_body, minute, minute);
    if (!year_done_by(year, TOWN_HEAD, &request))
        return;
    thing->day = day;
    thing->minute = minute;
    year_say(year, "moved %llu %d %u", (unsigned long long)thing->id, day, minute);
}

/* life.c lets those go that are cancelled. */
void meeting_cancel(struct year *year)
{
    const struct thing *thing = year_thing_pick(year, MEETING);
    uint64_t id;
    TOWN_REQUEST(request, MEETING_CANCEL, MeetingCancel, MEETING_CANCEL, meeting_cancel);

    if (!thing)
        return;
    id = thing->id;
    SET(&request_body, id, id);
    SET(&request_body, rest_of_series, thing->series && year_chance(year, 2));
    if (year_done_by(year, TOWN_HEAD, &request))
        year_say(year, request_body.rest_of_series ? "rest %llu" : "gone meeting %llu",
                 (unsigned long long)id);
}

void meeting_hold(struct year *year)
{
    struct thing *thing = year_thing_pick(year, MEETING);
    TOWN_REQUEST(request, MEETING_HOLD, MeetingHold, MEETING_HOLD, meeting_hold);

    if (!thing || thing->day >= year_today(year))
        return;
    SET(&request_body, id, thing->id);
    if (!year_done_by(year, TOWN_HEAD, &request))
        return;
    year_say(year, "held %llu", (unsigned long long)thing->id);
    thing->kind = HELD;
}

void minutes_send(struct year *year)
{
    struct thing *thing = year_thing_pick(year, HELD);
    TOWN_REQUEST(draft, MINUTES_DRAFT, MinutesDraft, MINUTES_DRAFT, minutes_draft);
    TOWN_REQUEST(validate, MINUTES_VALIDATE, MinutesValidate, MINUTES_VALIDATE,
                 minutes_validate);
    TOWN_REQUEST(distribute, MINUTES_DISTRIBUTE, MinutesDistribute, MINUTES_DISTRIBUTE,
                 minutes_distribute);

    if (!thing)
        return;
    SET(&draft_body, meeting, thing->id);
    draft_body.text = town_text("said");
    SET(&validate_body, meeting, thing->id);
    SET(&distribute_body, meeting, thing->id);
    if (!year_done_by(year, TOWN_HEAD, &draft) || !year_done_by(year, TOWN_HEAD, &validate) ||
        !year_done_by(year, TOWN_HEAD, &distribute))
        return;
    year_say(year, "gone minutes %llu", (unsigned long long)thing->id);
    year_thing_drop(year, thing);
}
