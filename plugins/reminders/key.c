#include "key.h"

#include <inttypes.h>
#include <stdio.h>

void key_write(struct due *due, bool with_minute)
{
    char minute[8] = "";

    if (with_minute)
        snprintf(minute, sizeof(minute), "T%04" PRIu32, due->minute % CALENDAR_DAY_MINUTES);
    snprintf(due->key, sizeof(due->key), "%s:%" PRIx64 ":%" PRId32 "%s:%s:%c%" PRIx64,
             due->kind, due->object, due->day, minute, due->lead, due->to_contact ? 'c' : 'a',
             due->to);
}
