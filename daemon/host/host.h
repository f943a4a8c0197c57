/*
 * host: the process between ctpsd and one plugin. It holds the key and speaks on the bus, opens
 * the connections that were granted, starts the sandboxed plugin process and sees that it
 * lives. It decides nothing: what the plugin asks is asked in its own name, and ctpsd says no.
 */
#ifndef CTPS_HOST_HOST_H
#define CTPS_HOST_HOST_H

/* Runs until drained, or the plugin process or ctpsd is gone; the exit status. `fd`: its end of
 * the channel to ctpsd (take). */
int host_run(int fd);

#endif
