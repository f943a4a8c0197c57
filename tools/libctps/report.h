/* report: the one way an error leaves this library. */
#ifndef CTPS_LIBCTPS_REPORT_H
#define CTPS_LIBCTPS_REPORT_H

#include "ctps/client.h"

/* Fills `error` (may be NULL) and returns `status`. */
enum ctps_status report(struct ctps_error *error, enum ctps_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
