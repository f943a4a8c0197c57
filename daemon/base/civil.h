/*
 * civil: dates without a clock. A civil day is an int32 count of days since 1970-01-01 in the
 * proleptic Gregorian calendar; it names a date on a wall calendar, not an instant.
 */
#ifndef CTPS_BASE_CIVIL_H
#define CTPS_BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CIVIL_DAY_MIN = -36524, /* 1870-01-01: nobody followed is older */
    CIVIL_DAY_MAX = 84005,  /* 2199-12-31 */
    CIVIL_TEXT_LEN = 11,    /* "2026-11-20" and its end */
};

struct civil_date {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

/* `date` as civil_is_valid wants it, but for the limits: any year from 1 to 9999. */
int32_t civil_day_of(struct civil_date date);
/* Any int32 is a day: nothing read from outside can make this overflow. */
struct civil_date civil_date_of(int32_t day);
/* Whether year, month and day name a date that exists and lies between the limits above. */
bool civil_is_valid(struct civil_date date);
/* 0 = Monday .. 6 = Sunday (ISO 8601). */
int civil_weekday(int32_t day);
/* The same day `months` later (or earlier), clamped to the end of a shorter month. Both stay
 * within the years 1 to 9999. */
int32_t civil_add_months(int32_t day, int months);
/* Full years between two days, as a birthday counts them (29 February: on 1 March). */
int civil_age_years(int32_t born, int32_t on);

/* Reads "2026-11-20" whole; false when malformed or when no such date exists. */
bool civil_parse_iso(const char *text, int32_t *ret_day);
/* Reads "20/11/2026" (one or two digits for day and month, four for the year) whole. */
bool civil_parse_french(const char *text, int32_t *ret_day);
/* Writes "2026-11-20" into CIVIL_TEXT_LEN bytes. */
void civil_format_iso(char *out, int32_t day);

/* Public holidays of a regime (Code du travail L3133-1; L3134-13 for Alsace-Moselle). */
struct civil_holidays {
    bool alsace_moselle; /* adds 26 December */
    bool good_friday;    /* observed in communes with a Protestant church or a mixed one */
};

bool civil_is_holiday(const struct civil_holidays *rules, int32_t day);
/* Monday to Friday and not a holiday. */
bool civil_is_working_day(const struct civil_holidays *rules, int32_t day);
/* The day reached after `count` (>= 0) working days from `day`, not counting `day` itself;
 * CIVIL_DAY_MAX when it would lie behind. */
int32_t civil_add_working_days(const struct civil_holidays *rules, int32_t day, int count);

#endif
