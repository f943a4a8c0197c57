#include "host/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of kernels newer than the headers this is built with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (UINT64_C(1) << 13) /* ABI 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14) /* ABI 3 */
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#endif

enum { FILES_MAX = 256, FILE_LEN_MAX = 256 << 20 /* of its state folder, each */ };

/* --- before loading --- */

static bool limit_set(int what, rlim_t value)
{
    struct rlimit limit = {value, value};

    return setrlimit((__rlimit_resource_t)what, &limit) == 0;
}

/* RLIMIT_NPROC counts a user's processes, ours among many: seccomp says no to fork instead. */
static enum ctps_code limits_set(const Ctps__LinkStart *start, struct ctps_err *err)
{
    bool limited = start->memory_max != 0;

#ifdef __SANITIZE_ADDRESS__
    limited = false; /* its shadow alone is larger than any limit */
#endif
    if (!limit_set(RLIMIT_CORE, 0) || !limit_set(RLIMIT_NOFILE, FILES_MAX) ||
        !limit_set(RLIMIT_FSIZE, FILE_LEN_MAX) ||
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
    return limits_set(start, err);
}

/* --- Landlock: files --- */

static long landlock_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* Rights the running kernel knows, of those this source knows. */
static uint64_t rights_known(long version)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 5)
        rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    return rights;
}

static bool path_allow(int ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights};
    long status;

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT;
    status = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return status == 0;
}

static bool paths_allow(int ruleset, const Ctps__LinkStart *start, uint64_t known)
{
    static const uint64_t look = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    static const uint64_t work = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                                 LANDLOCK_ACCESS_FS_WRITE_FILE |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_TRUNCATE;
    /* What libraries read late: zone rules, the character set of a message. */
    static const char *const shared[] = {"/usr/share/zoneinfo", "/etc/localtime"};

    if (start->state_dir && *start->state_dir &&
        !path_allow(ruleset, start->state_dir, work & known))
        return false;
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        (void)path_allow(ruleset, shared[i], look & known);
    for (size_t i = 0; i < start->n_readable; i++)
        if (!path_allow(ruleset, start->readable[i], LANDLOCK_ACCESS_FS_READ_FILE))
            return false;
    return true;
}

static enum ctps_code landlock_close(const Ctps__LinkStart *start, long version,
                                     struct ctps_err *err)
{
    struct landlock_ruleset_attr attributes = {.handled_access_fs = rights_known(version)};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    bool closed;

    if (ruleset < 0)
        return err_set_errno(err, errno, "sandbox: landlock");
    closed = paths_allow(ruleset, start, attributes.handled_access_fs) &&
             syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return closed ? CTPS_OK : err_set_errno(err, errno, "sandbox: landlock");
}

/* --- seccomp: system calls --- */

/* What an event loop, files in a folder, memory, threads and clocks need. Sockets come from
 * the host: none is made, bound or connected here. */
static const int calls_allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(preadv),
    SCMP_SYS(pwritev),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(shutdown),
    SCMP_SYS(accept4),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(lseek),
    SCMP_SYS(getdents64),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(flock),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rmdir),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(umask),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    SCMP_SYS(membarrier),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(uname),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Threads, but no processes; no page that is written and run; no other descriptors' owners. */
static bool rules_special(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, 0x00010000, 0x00010000);
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    static const int descriptor_calls[] = {F_GETFD,         F_SETFD, F_GETFL,  F_SETFL,
                                           F_DUPFD_CLOEXEC, F_SETLK, F_SETLKW, F_GETLK};

    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                         SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0)) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                         SCMP_A1(SCMP_CMP_EQ, FIONBIO, 0)) < 0)
        return false;
    for (size_t i = 0; i < sizeof(descriptor_calls) / sizeof(descriptor_calls[0]); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                             SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)descriptor_calls[i], 0)) < 0)
            return false;
    return true;
}

static enum ctps_code seccomp_close(struct ctps_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int status = filter ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < sizeof(calls_allowed) / sizeof(calls_allowed[0]); i++)
        status = calls_allowed[i] == __NR_SCMP_ERROR
                     ? 0
                     : seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls_allowed[i], 0);
    if (status == 0 && !rules_special(filter))
        status = -EINVAL;
    if (status == 0)
        status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (status == 0)
        status = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return status == 0 ? CTPS_OK : err_set_errno(err, -status, "sandbox: seccomp");
}

enum ctps_code sandbox_close(const Ctps__LinkStart *start, char level[SANDBOX_LEVEL_LEN],
                             struct ctps_err *err)
{
    long version = landlock_version();
    enum ctps_code code = CTPS_OK;
    int len;

    if (version > 0)
        code = landlock_close(start, version, err);
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
