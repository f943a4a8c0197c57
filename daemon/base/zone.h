/*
 * zone: which civil day an instant falls on in the town. The rules are those of the process'
 * time zone, loaded once at start (TZ and tzset, set by app); nothing stored depends on them.
 */
#ifndef CTPS_BASE_ZONE_H
#define CTPS_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the machine's tables have an IANA zone of that name ("Europe/Paris"): tzset takes any
 * other word for UTC without a sound. */
bool zone_is_known(const char *name);
/* Civil day of an instant (microseconds since 1970-01-01 UTC) in the process' zone. */
int32_t zone_day_of(int64_t us);
/* Seconds since local midnight at that instant, 0 .. 86400. */
int32_t zone_second_of_day(int64_t us);

/* The instant a wall clock of the process' zone shows `second` (0 .. 86399) of `day`. An hour
 * that does not exist is the first instant after the gap; one that comes twice, the first. */
enum zone_fit { ZONE_ONCE, ZONE_MISSING, ZONE_TWICE };
/* ret_fit may be NULL. */
int64_t zone_instant_of(int32_t day, int32_t second, enum zone_fit *ret_fit);

#endif
