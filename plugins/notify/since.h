/*
 * since: when notify was first started. What happened before is told to nobody: a store that is
 * years old, given a mail server, must not write to everybody about all of it.
 */
#ifndef NOTIFY_SINCE_H
#define NOTIFY_SINCE_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the file `since` of the state folder; the first time, writes it with `now_us`. False
 * when it can be neither read nor written. */
bool since_read(const char *folder, int64_t now_us, int64_t *ret_since_us);

#endif
