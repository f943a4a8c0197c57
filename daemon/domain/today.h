/* today: rules about time that lists and tables share. */
#ifndef CTPS_DOMAIN_TODAY_H
#define CTPS_DOMAIN_TODAY_H

#include "domain/act.h"

enum { SITUATION_SILENT_DAYS = 45 };

/* Open, and without any step for 45 days (domain.md, review). */
static inline bool situation_is_silent(const Ctps__SituationRecord *record, int32_t today)
{
    return !record->has_closed_day && record->has_last_entry_day &&
           record->last_entry_day + SITUATION_SILENT_DAYS <= today;
}

#endif
