/*
 * conf_scan: looks over the source before libconfig does, for what libconfig 1.5 lets pass: an
 * integer that does not fit is wrapped silently (4294967296 is read as 0), @include opens any
 * file, a NUL ends the text early, time grows as the square of the settings. Internal to conf.
 */
#ifndef CTPS_CONF_CONF_SCAN_H
#define CTPS_CONF_CONF_SCAN_H

#include "base/bytes.h"
#include "base/err.h"

/* CTPS_OK, or CTPS_INVALID or CTPS_LIMIT with a text beginning "name:line: ". */
enum ctps_code conf_scan(struct bytes source, const char *name, struct ctps_err *err);

/* Of a source conf_scan() let pass: whether a name is given twice in one group, and then which
 * and where, in *err; libconfig says the second line alone. Time grows as the square. */
bool conf_scan_twice(struct bytes source, const char *name, struct ctps_err *err);

#endif
