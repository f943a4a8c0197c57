/*
 * cosign: asks the witnesses of the configuration to cosign what the log shows, over
 * connections the host opens (C2SP tlog-witness over HTTP). One request of each witness is
 * under way at a time; what it answers stands or falls by its signature, so the way there need
 * not be trusted. Nothing waits for a witness: what one refuses or does not answer is shown.
 */
#ifndef AUDIT_COSIGN_H
#define AUDIT_COSIGN_H

#include <ctps/plugin.h>

#include "log.h"

enum { COSIGN_WITNESSES_MAX = 16 };

struct cosign;

/* From the option "witnesses": "http://HOST:PORT[/PREFIX] VKEY" each. Own. NULL: *ret_wrong. */
struct cosign *cosign_new(struct ctps_host *host, const struct ctps_host_api *api,
                          const char **ret_wrong);
/* Idempotent, nulls the pointer. */
void cosign_free(struct cosign **cosign);
/* Asks those that have not cosigned what is shown; called once in a while: who did not answer
 * is asked again, less and less often. `log` is borrowed until cosign_forget. */
void cosign_tend(struct cosign *cosign, struct audit_log *log);
/* Another log begins, or none is open: what is under way is given up. */
void cosign_forget(struct cosign *cosign);

#endif
