/*
 * replay: a plugin against a recording, without a daemon. The plugin runs in its sandboxed
 * process as ever; what it is told comes from the lines, what it says must be what the lines
 * say, in their order, and nothing else. Its clock and its timers move with the lines.
 */
#ifndef CTPS_HOST_REPLAY_H
#define CTPS_HOST_REPLAY_H

/* 0 when it said all that was expected and no more; else a status of sysexits.h, after saying
 * on standard error which line was not met. */
int replay_run(const char *recording, const char *plugin);

#endif
