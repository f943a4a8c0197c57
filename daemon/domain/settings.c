#include "domain/settings.h"

#include <string.h>

void settings_init(struct settings *settings)
{
    *settings = (struct settings){
        .charter_version = "v3",
#define X(field, fallback, least, most, unit, help) .field = (fallback),
#include "domain/settings_table.h"
#undef X
        .erase_interval_us = INT64_C(86400) * 1000000,
        .audit_alarm_us = INT64_C(900) * 1000000,
        .lag_alarm_entries = 10000,
        .clock_jump_us = INT64_C(86400) * 1000000,
        .holidays = {.alsace_moselle = true, .good_friday = true},
    };
}
