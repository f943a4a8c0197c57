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

void meeting_schedule(struct year *year)
{
    uint64_t agents[2] = {year->town.agents[TOWN_EDUCATOR], year->town.agents[TOWN_NEIGHBOUR]};
    struct thing *thing;
    size_t agent_count = year_draw(year, 3);
    size_t contact_count = year_draw(year, CONTACTS);
    int32_t day = year_today(year) + (int32_t)year_draw(year, 25);
    uint32_t minute = minute_draw(year);
    bool by_night = year_chance(year, 4) && change_near(year, &day);
    TOWN_REQUEST(request, MEETING_SCHEDULE, MeetingSchedule, MEETING_SCHEDULE,
                 meeting_schedule);

    if (by_night) /* 00:30 to 05:15: in, before and after the hour that is not or comes twice */
        minute = 30 + 15 * (uint32_t)year_draw(year, 20);
    request_body.instance = town_text("adhoc");
    SET(&request_body, day, day);
    SET(&request_body, minute, minute);
    SET(&request_body, duration_min, 60);
    SET(&request_body, end_day, day + 100);
    SET(&request_body, chair, year->town.agents[TOWN_COORDINATOR]);
    request_body.agents = agents;
    request_body.n_agents = agent_count;
    request_body.contacts = year->contacts;
    request_body.n_contacts = contact_count;
    thing = year_thing_add(year, MEETING, year_made_by(year, TOWN_HEAD, &request));
    if (!thing)
        return;
    thing->day = day;
    thing->minute = minute;
    printf("%lld meeting %llu %d %u a%llu", (long long)year_wall(year),
           (unsigned long long)thing->id, day, minute,
           (unsigned long long)year->town.agents[TOWN_COORDINATOR]);
    for (size_t i = 0; i < agent_count; i++)
        printf(" a%llu", (unsigned long long)agents[i]);
    for (size_t i = 0; i < contact_count; i++)
        printf(" c%llu", (unsigned long long)year->contacts[i]);
    putchar('\n');
}

/* Sometimes to where it was before. */
void meeting_move(struct year *year)
{
    struct thing *thing = year_thing_pick(year, MEETING);
    int32_t day = year_today(year) + (int32_t)year_draw(year, 25);
    uint32_t minute = minute_draw(year);
    TOWN_REQUEST(request, MEETING_RESCHEDULE, MeetingReschedule, MEETING_RESCHEDULE,
                 meeting_reschedule);

    if (!thing)
        return;
    if (year_chance(year, 3))
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

void meeting_cancel(struct year *year)
{
    struct thing *thing = year_thing_pick(year, MEETING);
    TOWN_REQUEST(request, MEETING_CANCEL, MeetingCancel, MEETING_CANCEL, meeting_cancel);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    if (!year_done_by(year, TOWN_HEAD, &request))
        return;
    year_say(year, "gone meeting %llu", (unsigned long long)thing->id);
    year_thing_drop(year, thing);
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
