/*
 * server: takes add-checkpoint requests of C2SP's tlog-witness over HTTP and nothing else. Each
 * request must arrive whole within a deadline of its own, whatever trickles; connections,
 * heads and bodies are bounded. What comes is signed and what goes is signed, so the way
 * between need not be trusted; put TLS or a tunnel before it where it should not be seen.
 *
 * One thread.
 */
#ifndef WITNESS_SERVER_H
#define WITNESS_SERVER_H

#include <stdio.h>

#include "store.h"

/* Listens on "ADDRESS:PORT" (address in figures, IPv6 in brackets; port 0: any), says where on
 * `out` and serves until SIGTERM or SIGINT. An exit status; what is wrong goes to `err`. */
int server_run(struct store *store, const char *listen, FILE *out, FILE *err);

#endif
