#include "lead.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COUNT_MAX = 366, DIGITS_MAX = 3, DAY_HOURS = 24, HOURS_MAX = LEAD_DAYS_MAX * DAY_HOURS };

static const int64_t HOUR_US = INT64_C(3600) * 1000000;
static const char units[] = "JOH"; /* by enum lead_unit */

/* One to three digits at *at, which is moved behind them; -1 when there are none. */
static int32_t number_read(const char **at, const char *end)
{
    int32_t number = 0;
    int digits = 0;

    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++, digits++)
        if (digits < DIGITS_MAX)
            number = number * 10 + (**at - '0');
    return digits == 0 || digits > DIGITS_MAX || number > COUNT_MAX ? -1 : number;
}

static bool count_read(const char **at, const char *end, struct lead *lead)
{
    bool before = **at == '-';

    if (!before && **at != '+')
        return false;
    (*at)++;
    lead->count = number_read(at, end);
    if (lead->count < 0 || (before && lead->count > LEAD_DAYS_MAX))
        return false;
    if (before)
        lead->count = -lead->count;
    return true;
}

static bool every_read(const char **at, const char *end, struct lead *lead)
{
    if (**at != '/' || lead->unit != LEAD_DAYS)
        return false;
    (*at)++;
    lead->every = number_read(at, end);
    return lead->every > 0;
}

bool lead_read(const char *text, size_t len, struct lead *ret_lead)
{
    const char *at = text;
    const char *end = text + len;
    const char *unit = len ? strchr(units, *at) : NULL;
    struct lead lead = {0};

    if (!unit || !*unit)
        return false;
    lead.unit = (enum lead_unit)(unit - units);
    at++;
    if (at < end && !count_read(&at, end, &lead))
        return false;
    if (at < end && !every_read(&at, end, &lead))
        return false;
    if (at != end || lead.unit == LEAD_HOURS)
        return false;
    *ret_lead = lead;
    return true;
}

bool leads_add(struct leads *leads, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, ",");

        if (leads->count == LEADS_MAX || !lead_read(text, len, &leads->list[leads->count]))
            return false;
        leads->count++;
        text += len;
        text += *text == ',';
    }
    return true;
}

struct lead lead_of_hours(uint32_t hours)
{
    int32_t count = (int32_t)(hours < HOURS_MAX ? hours : HOURS_MAX);

    if (count % DAY_HOURS == 0)
        return (struct lead){.unit = LEAD_DAYS, .count = -count / DAY_HOURS};
    return (struct lead){.unit = LEAD_HOURS, .count = -count};
}

static int32_t count_of(const struct lead *lead, int32_t turn)
{
    return lead->count + turn * lead->every;
}

void lead_write(const struct lead *lead, int32_t turn, char out[LEAD_TEXT_LEN])
{
    int32_t count = count_of(lead, turn);

    if (count)
        snprintf(out, LEAD_TEXT_LEN, "%c%+" PRId32, units[lead->unit], count);
    else
        snprintf(out, LEAD_TEXT_LEN, "%c", units[lead->unit]);
}

int32_t lead_due(const struct lead *lead, int32_t turn, const struct calendar *calendar,
                 int32_t day, int64_t start_us, uint32_t at, int64_t *ret_us)
{
    int32_t count = count_of(lead, turn);

    if (lead->unit == LEAD_HOURS) {
        *ret_us = start_us + count * HOUR_US;
        return calendar_day(calendar, *ret_us, NULL);
    }
    if (lead->unit == LEAD_WORKING_DAYS)
        day = calendar_add_working(calendar, day, count);
    else
        day += count;
    day = calendar_working_day(calendar, day);
    *ret_us = calendar_instant(calendar, day, at);
    return day;
}

bool lead_is_overdue(const struct lead *lead, int32_t turn)
{
    return count_of(lead, turn) > 0;
}
