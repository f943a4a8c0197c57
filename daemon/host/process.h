/* process: the sandboxed process of one plugin, seen from the one that starts it. */
#ifndef CTPS_HOST_PROCESS_H
#define CTPS_HOST_PROCESS_H

#include <sys/types.h>

#include "link/channel.h"

/* Starts this program again as `mode` ("--plugin"), with nothing of ours but its end of a
 * channel. Own: channel_close(), and its end is the caller's to wait for. CTPS_IO, CTPS_NOMEM.
 */
enum ctps_code process_open(struct loop *loop, const char *mode,
                            const struct channel_calls *calls, pid_t *ret_pid,
                            struct channel **ret_channel, struct ctps_err *err);

#endif
