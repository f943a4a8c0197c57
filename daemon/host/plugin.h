/*
 * plugin: the sandboxed process. It has one channel, to the host, and one shared object; it
 * knows no key and opens no connection itself.
 */
#ifndef CTPS_HOST_PLUGIN_H
#define CTPS_HOST_PLUGIN_H

/* Runs until drained or its channel ends; the exit status. `fd`: its end of the channel (take).
 * The first frame must be a start. */
int plugin_run(int fd);

#endif
