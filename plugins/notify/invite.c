#include "invite.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "template.h"

enum { US_PER_S = 1000000, ADDRESS_LEN = 300, DAY_S = 86400 };

static const char product[] = "-//CTPS//ctpsd notify//FR";

void invite_prepare(void)
{
    icalerror_set_errors_are_fatal(false);
    (void)icaltimezone_get_builtin_timezone("Europe/Paris");
}

const char *invite_method_name(enum invite_method method)
{
    return method == INVITE_CANCEL ? "CANCEL" : "REQUEST";
}

/* --- zones --- */

static icaltimetype local_time(int32_t day, uint32_t minute)
{
    icaltimetype time = icaltime_null_time();

    template_civil(day, &time.year, &time.month, &time.day);
    time.hour = (int)(minute / 60);
    time.minute = (int)(minute % 60);
    return time;
}

static icaltimetype utc_time(int64_t us)
{
    return icaltime_from_timet_with_zone((time_t)(us / US_PER_S), 0,
                                         icaltimezone_get_utc_timezone());
}

bool invite_wall_clock(const char *zone, int64_t us, int32_t *ret_day, uint32_t *ret_minute)
{
    icaltimezone *known = icaltimezone_get_builtin_timezone(zone);
    icaltimetype utc;
    int64_t local_s;
    int is_daylight;

    if (!known)
        return false;
    utc = utc_time(us);
    local_s =
        us / US_PER_S + icaltimezone_get_utc_offset_of_utc_time(known, &utc, &is_daylight);
    *ret_day = (int32_t)(local_s >= 0 ? local_s / DAY_S : (local_s - DAY_S + 1) / DAY_S);
    *ret_minute = (uint32_t)((local_s - (int64_t)*ret_day * DAY_S) / 60);
    return true;
}

/* The first rule of a kind is the one in force; what another decade brings only confuses. */
static void rules_keep_first(icalcomponent *zone, icalcomponent_kind kind)
{
    icalcomponent *first = icalcomponent_get_first_component(zone, kind);
    icalproperty *rule =
        first ? icalcomponent_get_first_property(first, ICAL_RRULE_PROPERTY) : NULL;
    icalcomponent *other;

    while (first && (other = icalcomponent_get_next_component(zone, kind))) {
        icalcomponent_remove_component(zone, other);
        icalcomponent_free(other);
        (void)icalcomponent_get_first_component(zone, kind);
    }
    if (rule) {
        struct icalrecurrencetype recurrence = icalproperty_get_rrule(rule);

        recurrence.until = icaltime_null_time();
        icalproperty_set_rrule(rule, recurrence);
    }
}

/* The rules of the zone from the meeting on, under its plain name: libical's own name for it
 * is no name to others. */
static icalcomponent *zone_component(const struct invite *invite)
{
    icaltimezone *known = icaltimezone_get_builtin_timezone(invite->zone);
    icalcomponent *zone, *found = known ? icaltimezone_get_component(known) : NULL;
    icalproperty *property;

    if (!found)
        return NULL;
    zone = icalcomponent_new_clone(found);
    property = icalcomponent_get_first_property(zone, ICAL_TZID_PROPERTY);
    if (property)
        icalproperty_set_tzid(property, invite->zone);
    while ((property = icalcomponent_get_first_property(zone, ICAL_X_PROPERTY))) {
        icalcomponent_remove_property(zone, property);
        icalproperty_free(property);
    }
    icaltimezone_truncate_vtimezone(zone, utc_time(invite->start_us), icaltime_null_time(), 1);
    rules_keep_first(zone, ICAL_XSTANDARD_COMPONENT);
    rules_keep_first(zone, ICAL_XDAYLIGHT_COMPONENT);
    return zone;
}

/* --- the event --- */

static icalproperty *time_property(icalproperty *property, const char *zone)
{
    icalproperty_add_parameter(property, icalparameter_new_tzid(zone));
    return property;
}

static icalproperty *organizer_property(const struct invite *invite)
{
    char address[ADDRESS_LEN];
    icalproperty *property;

    snprintf(address, sizeof(address), "mailto:%s", invite->organizer);
    property = icalproperty_new_organizer(address);
    icalproperty_add_parameter(property, icalparameter_new_cn(invite->organizer_name));
    return property;
}

static icalproperty *attendee_property(const struct invite *invite)
{
    char address[ADDRESS_LEN];
    icalproperty *property;

    snprintf(address, sizeof(address), "mailto:%s", invite->attendee);
    property = icalproperty_new_attendee(address);
    if (*invite->attendee_name)
        icalproperty_add_parameter(property, icalparameter_new_cn(invite->attendee_name));
    icalproperty_add_parameter(property, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
    if (invite->method == INVITE_REQUEST) {
        icalproperty_add_parameter(property,
                                   icalparameter_new_partstat(ICAL_PARTSTAT_NEEDSACTION));
        icalproperty_add_parameter(property, icalparameter_new_rsvp(ICAL_RSVP_TRUE));
    }
    return property;
}

/* In the night the clocks change, wall clock to wall clock is not how long it lasts. */
static icalproperty *end_property(const struct invite *invite)
{
    int64_t minutes = (int64_t)(invite->end_day - invite->start_day) * DAY_S / 60 +
                      invite->end_minute - invite->start_minute;
    icaltimetype end = local_time(invite->end_day, invite->end_minute);

    if (minutes != (int64_t)invite->duration_min)
        return icalproperty_new_duration(
            icaldurationtype_from_int((int)invite->duration_min * 60));
    return time_property(icalproperty_new_dtend(end), invite->zone);
}

static icalcomponent *event_component(const struct invite *invite)
{
    icaltimetype start = local_time(invite->start_day, invite->start_minute);
    icalproperty_status status =
        invite->method == INVITE_CANCEL ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED;
    icalcomponent *event = icalcomponent_vanew(
        ICAL_VEVENT_COMPONENT, icalproperty_new_uid(invite->uid),
        icalproperty_new_dtstamp(utc_time(invite->now_us)),
        icalproperty_new_sequence((int)invite->sequence),
        time_property(icalproperty_new_dtstart(start), invite->zone), end_property(invite),
        icalproperty_new_summary(invite->summary),
        icalproperty_new_description(invite->description), icalproperty_new_status(status),
        organizer_property(invite), attendee_property(invite), (void *)0);

    if (*invite->place)
        icalcomponent_add_property(event, icalproperty_new_location(invite->place));
    return event;
}

static icalcomponent *calendar_component(const struct invite *invite)
{
    icalproperty_method method =
        invite->method == INVITE_CANCEL ? ICAL_METHOD_CANCEL : ICAL_METHOD_REQUEST;
    icalcomponent *zone = zone_component(invite);

    if (!zone)
        return NULL;
    return icalcomponent_vanew(ICAL_VCALENDAR_COMPONENT, icalproperty_new_version("2.0"),
                               icalproperty_new_prodid(product),
                               icalproperty_new_method(method), zone, event_component(invite),
                               (void *)0);
}

char *invite_write(const struct invite *invite)
{
    icalcomponent *calendar = calendar_component(invite);
    char *text = NULL, *written;

    if (!calendar)
        return NULL;
    written = icalrestriction_check(calendar) ? icalcomponent_as_ical_string_r(calendar) : NULL;
    if (written)
        text = strdup(written);
    icalmemory_free_buffer(written);
    icalcomponent_free(calendar);
    return text;
}
