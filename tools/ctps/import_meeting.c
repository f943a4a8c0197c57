#include "import_meeting.h"

#include "base/civil.h"
#include "text/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_POINTS_MAX = 120, DAY_MINUTES = 24 * 60, DURATION_MAX_MIN = 12 * 60 };

/* Digits at *text, at most `max` of them; -1 without any. */
static int digits(const char **text, int max)
{
    int value = 0;
    int count = 0;

    while (count < max && **text >= '0' && **text <= '9') {
        value = value * 10 + (*(*text)++ - '0');
        count++;
    }
    return count ? value : -1;
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t");
}

bool import_value_time(const char *text, uint32_t *ret_minute)
{
    const char *at = skip_spaces(text);
    int hours = digits(&at, 2);
    int minutes = 0;

    if (hours < 0 || (*at != ':' && *at != 'h' && *at != 'H'))
        return false;
    if (*at++ == ':' || *skip_spaces(at))
        minutes = digits(&at, 2);
    if (minutes < 0 || minutes > 59 || *skip_spaces(at) || hours * 60 + minutes >= DAY_MINUTES)
        return false;
    *ret_minute = (uint32_t)(hours * 60 + minutes);
    return true;
}

bool import_value_duration(const char *text, uint32_t *ret_minutes)
{
    const char *at = skip_spaces(text);
    int first = digits(&at, 3);
    int minutes = 0;
    int hours = 0;

    at = skip_spaces(at);
    if (first < 0)
        return false;
    if (*at == 'h' || *at == 'H' || *at == ':') {
        hours = first;
        at = skip_spaces(at + 1);
        if (*at)
            minutes = digits(&at, 2);
    } else {
        minutes = first;
    }
    at = skip_spaces(at);
    if (minutes < 0 || (*at && strcmp(at, "min") != 0 && strcmp(at, "mn") != 0))
        return false;
    minutes += hours * 60;
    *ret_minutes = (uint32_t)minutes;
    return minutes > 0 && minutes <= DURATION_MAX_MIN;
}

struct builder {
    struct cli *cli;
    struct arena *arena;
    const struct import_map *map;
    const struct import_record *record;
    struct import_fault fault;
    bool failed; /* out of memory */
};

static const char *cell(const struct builder *b, enum import_field field)
{
    return import_cell(b->map, b->record, field);
}

/* Nothing of a calendar row is nominative: its values may be shown. */
static bool fail(struct builder *b, enum import_cause cause, enum import_field field)
{
    b->fault = (struct import_fault){.cause = cause, .field = field, .value = cell(b, field)};
    return false;
}

static char *keep(struct builder *b, const char *text)
{
    char *copy = text && *text ? arena_strdup(b->arena, text) : NULL;

    b->failed = b->failed || (text && *text && !copy);
    return copy;
}

static bool take_start(struct builder *b, Ctps__MeetingSchedule *meeting)
{
    if (!*cell(b, FIELD_DATE))
        return fail(b, CAUSE_MEETING_DATE_MISSING, FIELD_DATE);
    if (!import_value_day(cell(b, FIELD_DATE), &meeting->day))
        return fail(b, CAUSE_DATE_BAD, FIELD_DATE);
    if (!import_value_time(cell(b, FIELD_TIME), &meeting->minute))
        return fail(b, CAUSE_TIME_BAD, FIELD_TIME);
    meeting->has_day = 1;
    meeting->has_minute = 1;
    if (!*cell(b, FIELD_DURATION))
        return true;
    if (!import_value_duration(cell(b, FIELD_DURATION), &meeting->duration_min))
        return fail(b, CAUSE_DURATION_BAD, FIELD_DURATION);
    meeting->has_duration_min = 1;
    return true;
}

static bool take_kind(struct builder *b, Ctps__MeetingSchedule *meeting)
{
    const char *code = import_value_code(b->cli, "instance", cell(b, FIELD_INSTANCE));

    if (!code)
        return fail(b, CAUSE_INSTANCE_UNKNOWN, FIELD_INSTANCE);
    meeting->instance = keep(b, code);
    return true;
}

static bool take_where(struct builder *b, Ctps__MeetingSchedule *meeting)
{
    const char *text = cell(b, FIELD_TERRITORY);
    const Ctps__Territory *territory = NULL;

    if (*text) {
        territory = (const Ctps__Territory *)reference_find(b->cli, REFERENCE_TERRITORIES, NULL,
                                                            text, NULL);
        if (!territory)
            return fail(b, CAUSE_TERRITORY_UNKNOWN, FIELD_TERRITORY);
        meeting->territory = keep(b, territory->code);
    }
    if (!text_is_utf8(bytes_of_str(cell(b, FIELD_PLACE)), PLACE_POINTS_MAX))
        return fail(b, CAUSE_TEXT_LONG, FIELD_PLACE);
    meeting->place = keep(b, cell(b, FIELD_PLACE));
    for (char *c = meeting->place; c && *c; c++)
        if (*c == '\n' || *c == '\t' || *c == '\r')
            *c = ' ';
    return true;
}

/* A calendar has no numbers: kind, place of the town and start tell its rows apart. */
static char *number_of(struct builder *b, const Ctps__MeetingSchedule *meeting)
{
    char day[CIVIL_TEXT_LEN];
    char *number;

    civil_format_iso(day, meeting->day);
    number = arena_printf(b->arena, "%sT%02u:%02u/%s/%s", day, meeting->minute / 60,
                          meeting->minute % 60, meeting->instance ? meeting->instance : "",
                          meeting->territory ? meeting->territory : "");
    b->failed = b->failed || !number;
    return number;
}

bool import_meeting_build(struct cli *cli, struct arena *arena, const struct import_map *map,
                          const struct import_record *record, Ctps__ImportMeeting **ret_row,
                          struct import_fault *ret_fault)
{
    struct builder b = {.cli = cli, .arena = arena, .map = map, .record = record};
    Ctps__ImportMeeting *row = arena_alloc(arena, sizeof *row);
    Ctps__MeetingSchedule *meeting = arena_alloc(arena, sizeof *meeting);

    *ret_fault = (struct import_fault){.cause = CAUSE_REFUSED, .field = FIELD_DATE};
    if (!row || !meeting)
        return false;
    ctps__import_meeting__init(row);
    ctps__meeting_schedule__init(meeting);
    row->meeting = meeting;
    if (!take_start(&b, meeting) || !take_kind(&b, meeting) || !take_where(&b, meeting)) {
        *ret_fault = b.fault;
        return false;
    }
    row->number = number_of(&b, meeting);
    if (b.failed)
        return false;
    *ret_row = row;
    return true;
}
