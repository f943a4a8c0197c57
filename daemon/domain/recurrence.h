/*
 * recurrence: the days of a series of meetings, by closed fields and on civil dates only. RRULE
 * text belongs to whoever writes iCalendar.
 */
#ifndef CTPS_DOMAIN_RECURRENCE_H
#define CTPS_DOMAIN_RECURRENCE_H

#include <stddef.h>

#include "base/civil.h"

enum { RECURRENCE_LAST = -1 };

struct recurrence {
    int32_t first_day;
    unsigned every_weeks;  /* one of the two is > 0 */
    unsigned every_months; /* a day the month lacks: its last day */
    int nth;        /* months only: 0, or 1 to 5, or RECURRENCE_LAST weekday of the month; a
                       month without a fifth one has no meeting */
    int weekday;    /* with nth: 0 = Monday */
    bool has_until; /* at least one of until_day and count */
    int32_t until_day;
    unsigned count;
    unsigned month_skipped; /* 1 to 12; 0: none */
    /* A public holiday moves to the next working day. */
    const struct civil_holidays *holidays;
};

/* Fills `days`, in order, at most `max`; answers how many there are, `max + 1` for more. */
size_t recurrence_days(const struct recurrence *rule, int32_t *days, size_t max);

#endif
