/*
 * sandbox: what a plugin process gives up before it sees its first event. It may read and write
 * the descriptors it has, work in its state folder, read the files its options name, make
 * threads and memory: nothing else. Connections and listening sockets come from the host, as
 * descriptors.
 *
 * Layers, each said in the level reached: no_new_privs; own uid and gid when started as root;
 * rlimits (no core; memory, descriptors and size of files bounded); Landlock (kernel ABI 1 or
 * later: files); seccomp (system calls). Where the kernel has no Landlock the rest still holds
 * and the level says so.
 */
#ifndef CTPS_HOST_SANDBOX_H
#define CTPS_HOST_SANDBOX_H

#include "base/err.h"
#include "ctps/link.pb-c.h"

enum { SANDBOX_LEVEL_LEN = 128 };

/* Before the object is loaded: uid, no_new_privs, rlimits; and already no process, no socket
 * and no signal to others, no file but libraries and what they read, those the options name and
 * its folder. Its constructors and its `start` run under that. */
enum ctps_code sandbox_prepare(const Ctps__LinkStart *start, struct ctps_err *err);
/* After `start` of the plugin returned: Landlock, then seccomp on all threads. Nothing opens
 * again. `level`: the layers in force. */
enum ctps_code sandbox_close(const Ctps__LinkStart *start, char level[SANDBOX_LEVEL_LEN],
                             struct ctps_err *err);

#endif
