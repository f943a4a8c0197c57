/* What the files of the sandbox share; nobody else includes it. */
#ifndef CTPS_HOST_SANDBOX_PRIVATE_H
#define CTPS_HOST_SANDBOX_PRIVATE_H

#include "host/sandbox.h"

/* Version of Landlock the running kernel has; 0 or less: none. */
long landlock_version(void);
/* Files that loading the object needs: it, libraries, what libraries read at their start, the
 * files its options name, all to be read; its folder to work in. Does nothing without Landlock.
 */
enum ctps_code landlock_load(const Ctps__LinkStart *start, struct ctps_err *err);
/* What it may reach once it runs: less. Does nothing without Landlock. */
enum ctps_code landlock_close(const Ctps__LinkStart *start, struct ctps_err *err);

/* System calls for loading: those of a plugin that runs, pages of code, and what closes the
 * sandbox further. */
enum ctps_code seccomp_load_allow(struct ctps_err *err);
/* System calls of a plugin that runs, on all its threads. */
enum ctps_code seccomp_close(struct ctps_err *err);

#endif
