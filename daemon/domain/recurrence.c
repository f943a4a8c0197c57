#include "domain/recurrence.h"

enum { STEPS_MAX = 5000, NO_DAY = INT32_MIN };

static int32_t month_start(int32_t day)
{
    struct civil_date date = civil_date_of(day);

    date.day = 1;
    return civil_day_of(date);
}

/* NO_DAY in a month without a fifth one. */
static int32_t nth_weekday(int32_t month, int nth, int weekday)
{
    int32_t next = civil_add_months(month, 1);
    int32_t day = month + (weekday - civil_weekday(month) + 7) % 7;

    if (nth == RECURRENCE_LAST)
        nth = day + 28 < next ? 5 : 4;
    day += 7 * (nth - 1);
    return day < next ? day : NO_DAY;
}

static int32_t rule_day(const struct recurrence *rule, unsigned step)
{
    unsigned months = rule->every_months * step;

    if (rule->every_weeks)
        return rule->first_day + (int32_t)(7 * rule->every_weeks * step);
    if (!rule->nth)
        return civil_add_months(rule->first_day, (int)months);
    return nth_weekday(civil_add_months(month_start(rule->first_day), (int)months), rule->nth,
                       rule->weekday);
}

static bool is_wanted(const struct recurrence *rule, int32_t day)
{
    return day != NO_DAY && day >= rule->first_day &&
           (unsigned)civil_date_of(day).month != rule->month_skipped;
}

static bool is_past_end(const struct recurrence *rule, int32_t day, size_t count)
{
    return (rule->count && count == rule->count) || day > CIVIL_DAY_MAX ||
           (rule->has_until && day != NO_DAY && day > rule->until_day);
}

size_t recurrence_days(const struct recurrence *rule, int32_t *days, size_t max)
{
    size_t count = 0;

    for (unsigned step = 0; step < STEPS_MAX; step++) {
        int32_t day = rule_day(rule, step);

        if (is_past_end(rule, day, count))
            break;
        if (!is_wanted(rule, day))
            continue;
        if (count == max)
            return max + 1;
        if (civil_is_holiday(rule->holidays, day))
            day = civil_add_working_days(rule->holidays, day, 1);
        days[count++] = day;
    }
    return count;
}
