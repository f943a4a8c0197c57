/*
 * session_bus: a session over the daemon's bus, through libctps.
 */
#ifndef CTPS_CLI_SESSION_BUS_H
#define CTPS_CLI_SESSION_BUS_H

#include "cli.h"

/* Opens cli->session with the key file of --as, $CTPS_KEY or ~/.config/ctps/key. CTPS_ABSENT
 * without a key file, CTPS_INVALID for a malformed one. Waits for nothing. */
enum ctps_code session_bus_open(struct cli *cli, struct ctps_err *err);

#endif
