/*
 * pressure: whether the process has grown out of proportion. libzmq bounds the size of a frame
 * and the count of messages, but neither the frames of one message nor the subscriptions of
 * one peer, and holds both before anybody is asked: the only sign of it is memory.
 */
#ifndef CTPS_BUS_PRESSURE_H
#define CTPS_BUS_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

struct sys;

struct pressure {
    const struct sys *sys;
    int fd;              /* /proc/self/statm, kept open for after the sandbox; -1: unknown */
    uint64_t floor;      /* least seen, bytes of its own (not of mapped files) */
    uint64_t growth_max; /* bytes above that */
};

/* Never fails: without /proc nothing is ever high. */
void pressure_open(struct pressure *pressure, const struct sys *sys, uint64_t growth_max);
void pressure_close(struct pressure *pressure);

/* True once for each further growth: what was found is the floor from then on. */
bool pressure_is_high(struct pressure *pressure);

#endif
