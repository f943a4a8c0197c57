/*
 * lead: how long before (or after) its day a thing is reminded of, as people write it:
 *
 *     J-7     seven days before, at the time of day of the option `at`
 *     J       on the day
 *     J+7/7   seven days after, then every seven days
 *     O-3     three working days before
 *     H-2     two hours before a meeting begins (from its kind: lead_of_hours)
 *
 * A day so reached that is off gives way to the working day before it; hours never move.
 */
#ifndef REMINDERS_LEAD_H
#define REMINDERS_LEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "calendar.h"

enum {
    LEADS_MAX = 16,
    LEAD_DAYS_MAX = 60, /* before; what is farther ahead is not asked for */
    LEAD_TEXT_LEN = 16, /* "J+364" and its end */
};

enum lead_unit { LEAD_DAYS, LEAD_WORKING_DAYS, LEAD_HOURS };

struct lead {
    enum lead_unit unit;
    int32_t count; /* below 0: before */
    int32_t every; /* days between repetitions; 0: none */
};

struct leads {
    unsigned count;
    struct lead list[LEADS_MAX]; /* no order */
};

/* Reads one lead of `len` characters; false when it is none. Hours are a meeting's alone, and
 * no option's. */
bool lead_read(const char *text, size_t len, struct lead *ret_lead);
/* Adds the leads of a text separated by commas; false when one is none or there are too many.
 */
bool leads_add(struct leads *leads, const char *text);

/* The lead of so many hours before a meeting: whole days are counted as days. */
struct lead lead_of_hours(uint32_t hours);

/* Repetition `turn` (0 for a lead without) as people write it. */
void lead_write(const struct lead *lead, int32_t turn, char out[LEAD_TEXT_LEN]);
/* Its civil day, for something on `day`; of hours that of the instant. `start_us`: when that
 * begins; `at`: minute of the day. *ret_us: when it is due. */
int32_t lead_due(const struct lead *lead, int32_t turn, const struct calendar *calendar,
                 int32_t day, int64_t start_us, uint32_t at, int64_t *ret_us);
/* After the day: whoever reads it is overdue. */
bool lead_is_overdue(const struct lead *lead, int32_t turn);

#endif
