/*
 * usage: what a folder takes on disk, files and folders in it counted as the blocks they hold,
 * a block at least for each.
 */
#ifndef CTPS_HOST_USAGE_H
#define CTPS_HOST_USAGE_H

#include <stdbool.h>
#include <stdint.h>

enum { USAGE_DEPTH_MAX = 16 };

struct usage {
    uint64_t bytes;
    bool hides;   /* something in it cannot be looked at, or lies deeper than USAGE_DEPTH_MAX */
    bool partial; /* we lacked memory or descriptors: says nothing, look again later */
};

/* Stops once it found more than `enough` bytes. A folder that is not there takes nothing. */
struct usage usage_of(const char *dir, uint64_t enough);

#endif
