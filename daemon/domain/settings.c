#include "domain/settings.h"

#include <string.h>

void settings_init(struct settings *settings)
{
    *settings = (struct settings){
        .charter_version = "v3",
        .charter_years = 3,
        .answer_working_days = 5,
        .silent_days = 45,
        .inform_days = 15,
        .retention_months = 3,
        .announce_days = 15,
        .announce_run_days = 5,
        .erase_per_day_max = 50,
        .erase_interval_us = INT64_C(86400) * 1000000,
        .clock_jump_us = INT64_C(86400) * 1000000,
        .share_days_max = 183,
        .keyring_backup_days = 30,
        .holidays = {.alsace_moselle = true, .good_friday = true},
    };
}
