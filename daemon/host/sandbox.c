#include "host/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/sandbox_private.h"

enum { FILES_MAX = 256, FILE_LEN_MAX = 256 << 20 /* of its state folder, each */ };

/* --- before loading --- */

static bool limit_set(int what, rlim_t value)
{
    struct rlimit limit = {value, value};

    return setrlimit((__rlimit_resource_t)what, &limit) == 0;
}

/* One that has no folder, being looked at only, writes nothing. */
static rlim_t file_len_max(const Ctps__LinkStart *start)
{
    if (!start->state_dir)
        return 0;
    return start->state_max && start->state_max < FILE_LEN_MAX ? start->state_max
                                                               : FILE_LEN_MAX;
}

/* RLIMIT_NPROC counts a user's processes, ours among many: seccomp says no to fork instead. */
static enum ctps_code limits_set(const Ctps__LinkStart *start, struct ctps_err *err)
{
    bool limited = start->memory_max != 0;

#ifdef __SANITIZE_ADDRESS__
    limited = false; /* its shadow alone is larger than any limit */
#endif
    if (!limit_set(RLIMIT_CORE, 0) || !limit_set(RLIMIT_NOFILE, FILES_MAX) ||
        !limit_set(RLIMIT_FSIZE, file_len_max(start)) ||
        (limited && !limit_set(RLIMIT_AS, (rlim_t)start->memory_max)))
        return err_set_errno(err, errno, "sandbox: limits");
    return CTPS_OK;
}

static enum ctps_code user_change(const Ctps__LinkStart *start, struct ctps_err *err)
{
    gid_t gid = start->gid;

    if (!start->uid)
        return CTPS_OK;
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
        setresuid(start->uid, start->uid, start->uid) < 0)
        return err_set_errno(err, errno, "sandbox: user %u", (unsigned)start->uid);
    return CTPS_OK;
}

/* The way to its folder leads through those of others, which may be closed to its user. */
static enum ctps_code folder_check(const Ctps__LinkStart *start, struct ctps_err *err)
{
    if (!start->state_dir || access(start->state_dir, R_OK | W_OK | X_OK) == 0)
        return CTPS_OK;
    return err_set(err, CTPS_IO,
                   "its folder %.150s is closed to its user (uid %u): set `data.plugins_dir` "
                   "to one that user may pass through",
                   start->state_dir, (unsigned)getuid());
}

enum ctps_code sandbox_prepare(const Ctps__LinkStart *start, struct ctps_err *err)
{
    enum ctps_code code;

    /* Not to outlive the host, whatever ends it. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
        return err_set_errno(err, errno, "sandbox: prctl");
    code = user_change(start, err);
    if (code != CTPS_OK)
        return code;
    /* A change of user clears it. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set_errno(err, errno, "sandbox: no_new_privs");
    code = limits_set(start, err);
    if (code == CTPS_OK)
        code = folder_check(start, err);
    if (code == CTPS_OK)
        code = landlock_load(start, err);
    return code == CTPS_OK ? seccomp_load_allow(err) : code;
}

enum ctps_code sandbox_close(const Ctps__LinkStart *start, char level[SANDBOX_LEVEL_LEN],
                             struct ctps_err *err)
{
    long version = landlock_version();
    enum ctps_code code = landlock_close(start, err);
    int len;

    if (code == CTPS_OK)
        code = seccomp_close(err);
    len = snprintf(level, SANDBOX_LEVEL_LEN, "no_new_privs, rlimits, seccomp, ");
    len += snprintf(level + len, (size_t)(SANDBOX_LEVEL_LEN - len),
                    version > 0 ? "landlock %ld" : "no landlock", version);
    if (start->uid)
        snprintf(level + len, (size_t)(SANDBOX_LEVEL_LEN - len), ", uid %u",
                 (unsigned)start->uid);
    return code;
}
