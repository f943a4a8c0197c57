#include "key.h"

#include <inttypes.h>
#include <stdio.h>

void key_write(struct due *due, bool with_minute)
{
    char minute[8] = "";
    char lead[LEAD_TEXT_LEN];
    size_t len = 0;

    /* A plus sign is no letter of a key; the minus of a lead before stays. */
    for (const char *at = due->lead; *at; at++)
        if (*at != '+')
            lead[len++] = *at;
    lead[len] = '\0';

    if (with_minute)
        snprintf(minute, sizeof(minute), "T%04" PRIu32, due->minute % CALENDAR_DAY_MINUTES);
    snprintf(due->key, sizeof(due->key), "%s:%" PRIx64 ":%" PRId32 "%s:%s:%c%" PRIx64,
             due->kind, due->object, due->day, minute, lead, due->to_contact ? 'c' : 'a',
             due->to);
}
