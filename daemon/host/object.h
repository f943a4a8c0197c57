/*
 * object: a file looked at before it is loaded, so that what is no shared object of this
 * machine is refused in words of ours, and not of the loader's.
 */
#ifndef CTPS_HOST_OBJECT_H
#define CTPS_HOST_OBJECT_H

#include "base/err.h"

/* CTPS_ABSENT, CTPS_IO (cannot be read), CTPS_INVALID (no shared object of this machine). The
 * error says what, why and what to do. */
enum ctps_code object_check(const char *path, struct ctps_err *err);

#endif
