/*
 * saisine_count: how many saisines there are by territory, day received, origin and status.
 * Kept by apply, so that a figure costs the days asked for and not the saisines; figures stay
 * when what they count was erased.
 */
#ifndef CTPS_DOMAIN_SAISINE_COUNT_H
#define CTPS_DOMAIN_SAISINE_COUNT_H

#include "domain/tables.h"

struct table_key saisine_count_key(const char *territory, int32_t received_day,
                                   const char *origin, const char *status);

#endif
