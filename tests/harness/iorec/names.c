/* The calls on names: open, rename, unlink, mkdir. */
#include "iorec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What fortified programs call instead of open without a mode. */
int __open_2(const char *name, int flags);
int __open64_2(const char *name, int flags);
int __openat_2(int dir_fd, const char *name, int flags);
int __openat64_2(int dir_fd, const char *name, int flags);

static int fail_with(int errnum)
{
    errno = errnum;
    return -1;
}

static int open_watched(struct iorec_step *step, int dir_fd, const char *name, int flags,
                        mode_t mode)
{
    bool existed = syscall(SYS_faccessat, dir_fd, name, F_OK) == 0;
    int fd;

    if (step->verdict.fail_errno)
        return fail_with(step->verdict.fail_errno);
    fd = (int)syscall(SYS_openat, dir_fd, name, flags, mode);
    if (fd >= 0) {
        iorec_log(existed ? IOREC_OPEN : IOREC_CREATE, 0, step->path, 0, 0, NULL);
        if (existed && flags & O_TRUNC)
            iorec_log(IOREC_TRUNCATE, 0, step->path, 0, 0, NULL);
    }
    return fd;
}

static int open_any(int dir_fd, const char *name, int flags, mode_t mode)
{
    struct iorec_step step = {.kind = IOREC_KIND_OPEN};
    int fd;

    if (iorec_boot_path() && strcmp(name, "/proc/sys/kernel/random/boot_id") == 0)
        return (int)syscall(SYS_openat, AT_FDCWD, iorec_boot_path(), flags, mode);
    if (!iorec_path_of_name(dir_fd, name, step.path))
        return (int)syscall(SYS_openat, dir_fd, name, flags, mode);
    iorec_step_begin(&step);
    fd = open_watched(&step, dir_fd, name, flags, mode);
    iorec_step_end(&step);
    return fd;
}

/* The mode stands in the call only when a file may be made. */
#define READ_MODE(flags, mode)                                                                 \
    do {                                                                                       \
        va_list args;                                                                          \
        va_start(args, flags);                                                                 \
        (mode) = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                   \
        va_end(args);                                                                          \
    } while (0)

int open(const char *name, int flags, ...)
{
    mode_t mode;

    READ_MODE(flags, mode);
    return open_any(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
    mode_t mode;

    READ_MODE(flags, mode);
    return open_any(AT_FDCWD, name, flags, mode);
}

int openat(int dir_fd, const char *name, int flags, ...)
{
    mode_t mode;

    READ_MODE(flags, mode);
    return open_any(dir_fd, name, flags, mode);
}

int openat64(int dir_fd, const char *name, int flags, ...)
{
    mode_t mode;

    READ_MODE(flags, mode);
    return open_any(dir_fd, name, flags, mode);
}

int __open_2(const char *name, int flags)
{
    return open_any(AT_FDCWD, name, flags, 0);
}

int __open64_2(const char *name, int flags)
{
    return open_any(AT_FDCWD, name, flags, 0);
}

int __openat_2(int dir_fd, const char *name, int flags)
{
    return open_any(dir_fd, name, flags, 0);
}

int __openat64_2(int dir_fd, const char *name, int flags)
{
    return open_any(dir_fd, name, flags, 0);
}

int creat(const char *name, mode_t mode)
{
    return open_any(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *name, mode_t mode)
{
    return creat(name, mode);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    struct iorec_step step = {.kind = IOREC_KIND_RENAME};
    char target[PATH_MAX];
    int rc = 0;

    if (!iorec_path_of_name(from_fd, from, step.path) || !iorec_path_of_name(to_fd, to, target))
        return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    iorec_step_begin(&step);
    if (step.verdict.fail_errno)
        rc = fail_with(step.verdict.fail_errno);
    else
        rc = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    if (rc == 0)
        iorec_log(IOREC_RENAME, 0, step.path, 0, strlen(target), target);
    iorec_step_end(&step);
    return rc;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return renameat2(from_fd, from, to_fd, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int dir_fd, const char *name, int flags)
{
    struct iorec_step step = {.kind = IOREC_KIND_UNLINK};
    int rc = 0;

    if (!iorec_path_of_name(dir_fd, name, step.path))
        return (int)syscall(SYS_unlinkat, dir_fd, name, flags);
    iorec_step_begin(&step);
    if (step.verdict.fail_errno)
        rc = fail_with(step.verdict.fail_errno);
    else
        rc = (int)syscall(SYS_unlinkat, dir_fd, name, flags);
    if (rc == 0)
        iorec_log(flags & AT_REMOVEDIR ? IOREC_RMDIR : IOREC_UNLINK, 0, step.path, 0, 0, NULL);
    iorec_step_end(&step);
    return rc;
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int remove(const char *name)
{
    int rc = unlink(name);

    return rc < 0 && errno == EISDIR ? rmdir(name) : rc;
}

int mkdirat(int dir_fd, const char *name, mode_t mode)
{
    struct iorec_step step = {.kind = IOREC_KIND_MKDIR};
    int rc = 0;

    if (!iorec_path_of_name(dir_fd, name, step.path))
        return (int)syscall(SYS_mkdirat, dir_fd, name, mode);
    iorec_step_begin(&step);
    if (step.verdict.fail_errno)
        rc = fail_with(step.verdict.fail_errno);
    else
        rc = (int)syscall(SYS_mkdirat, dir_fd, name, mode);
    if (rc == 0)
        iorec_log(IOREC_MKDIR, 0, step.path, 0, 0, NULL);
    iorec_step_end(&step);
    return rc;
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}
