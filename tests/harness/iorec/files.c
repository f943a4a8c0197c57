/* The calls on open descriptors. */
#include "iorec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int fail_with(int errnum)
{
    errno = errnum;
    return -1;
}

int close(int fd)
{
    struct iorec_step step = {.kind = IOREC_KIND_CLOSE};
    int rc;

    if (!iorec_path_of_fd(fd, step.path))
        return (int)syscall(SYS_close, fd);
    iorec_step_begin(&step);
    rc = (int)syscall(SYS_close, fd); /* a failing close(2) closes all the same */
    iorec_log(IOREC_CLOSE, 0, step.path, 0, 0, NULL);
    if (step.verdict.fail_errno)
        rc = fail_with(step.verdict.fail_errno);
    iorec_step_end(&step);
    return rc;
}

/* Where a write without an offset lands. */
static int64_t place_of_write(int fd, int flags)
{
    return syscall(SYS_lseek, fd, 0L, flags & O_APPEND ? SEEK_END : SEEK_CUR);
}

/* `offset` -1: the descriptor's own. */
static ssize_t write_watched(struct iorec_step *step, int fd, const void *data, size_t len,
                             int64_t offset)
{
    int flags = (int)syscall(SYS_fcntl, fd, F_GETFL, 0);
    int64_t place = offset < 0 ? place_of_write(fd, flags) : offset;
    ssize_t n;

    if (step->verdict.fail_errno)
        return fail_with(step->verdict.fail_errno);
    if (step->verdict.drop)
        return (ssize_t)len;
    if (step->verdict.shorten && len > 1)
        len /= 2;
    if (offset < 0)
        n = syscall(SYS_write, fd, data, len);
    else
        n = syscall(SYS_pwrite64, fd, data, len, offset);
    if (n > 0)
        iorec_log(IOREC_WRITE, flags & O_DSYNC ? IOREC_FLAG_DSYNC : 0, step->path,
                  (uint64_t)place, (uint64_t)n, data);
    return n;
}

static ssize_t write_any(struct iorec_step *step, int fd, const void *data, size_t len,
                         int64_t offset)
{
    ssize_t n;

    iorec_step_begin(step);
    n = write_watched(step, fd, data, len, offset);
    iorec_step_end(step);
    return n;
}

ssize_t write(int fd, const void *data, size_t len)
{
    struct iorec_step step = {.kind = IOREC_KIND_WRITE};

    if (!iorec_path_of_fd(fd, step.path))
        return syscall(SYS_write, fd, data, len);
    return write_any(&step, fd, data, len, -1);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    struct iorec_step step = {.kind = IOREC_KIND_WRITE};

    if (!iorec_path_of_fd(fd, step.path))
        return syscall(SYS_pwrite64, fd, data, len, offset);
    return write_any(&step, fd, data, len, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
    return pwrite(fd, data, len, offset);
}

/* What a read may take after its rules: -1 with errno when it must fail. */
static ssize_t read_room(struct iorec_step *step, size_t len)
{
    iorec_step_begin(step);
    if (step->verdict.fail_errno)
        return fail_with(step->verdict.fail_errno);
    return (ssize_t)(step->verdict.shorten && len > 1 ? len / 2 : len);
}

ssize_t read(int fd, void *room, size_t len)
{
    struct iorec_step step = {.kind = IOREC_KIND_READ};
    ssize_t n;

    if (!iorec_path_of_fd(fd, step.path))
        return syscall(SYS_read, fd, room, len);
    n = read_room(&step, len);
    if (n >= 0)
        n = syscall(SYS_read, fd, room, n);
    iorec_step_end(&step);
    return n;
}

ssize_t pread(int fd, void *room, size_t len, off_t offset)
{
    struct iorec_step step = {.kind = IOREC_KIND_READ};
    ssize_t n;

    if (!iorec_path_of_fd(fd, step.path))
        return syscall(SYS_pread64, fd, room, len, offset);
    n = read_room(&step, len);
    if (n >= 0)
        n = syscall(SYS_pread64, fd, room, n, offset);
    iorec_step_end(&step);
    return n;
}

ssize_t pread64(int fd, void *room, size_t len, off64_t offset)
{
    return pread(fd, room, len, offset);
}

/* Gathered into one write, so that a record is one run of bytes. */
static ssize_t write_parts(struct iorec_step *step, int fd, const struct iovec *parts,
                           int count, int64_t offset)
{
    size_t len = 0;
    size_t at = 0;
    ssize_t n;
    char *whole;

    for (int i = 0; i < count; i++)
        len += parts[i].iov_len;
    whole = malloc(len ? len : 1);
    if (!whole)
        return fail_with(ENOMEM);
    for (int i = 0; i < count; at += parts[i++].iov_len)
        memcpy(whole + at, parts[i].iov_base, parts[i].iov_len);
    n = write_any(step, fd, whole, len, offset);
    free(whole);
    return n;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    struct iorec_step step = {.kind = IOREC_KIND_WRITE};

    if (!iorec_path_of_fd(fd, step.path))
        return syscall(SYS_writev, fd, parts, count);
    return write_parts(&step, fd, parts, count, -1);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    struct iorec_step step = {.kind = IOREC_KIND_WRITE};

    if (!iorec_path_of_fd(fd, step.path))
        return syscall(SYS_pwritev, fd, parts, count, offset, 0L);
    return write_parts(&step, fd, parts, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    return pwritev(fd, parts, count, offset);
}

/* A flush that failed is told too: the kernel may count its pages as clean from then on. */
static int flush_watched(struct iorec_step *step, int fd, long number)
{
    struct stat st;
    bool folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    int errnum = step->verdict.fail_errno;

    if (!errnum && step->verdict.drop)
        return 0;
    if (!errnum && syscall(number, fd) < 0)
        errnum = errno;
    if (errnum == EINTR)
        return fail_with(errnum); /* nothing was tried: what is dirty stays so */
    iorec_log(folder ? IOREC_SYNC_DIR : IOREC_SYNC, errnum ? IOREC_FLAG_FAILED : 0, step->path,
              0, 0, NULL);
    return errnum ? fail_with(errnum) : 0;
}

static int flush_any(enum iorec_kind kind, int fd, long number)
{
    struct iorec_step step = {.kind = kind};
    int rc;

    if (!iorec_path_of_fd(fd, step.path))
        return (int)syscall(number, fd);
    iorec_step_begin(&step);
    rc = flush_watched(&step, fd, number);
    iorec_step_end(&step);
    return rc;
}

int fsync(int fd)
{
    return flush_any(IOREC_KIND_FSYNC, fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return flush_any(IOREC_KIND_FDATASYNC, fd, SYS_fdatasync);
}

/* Stores through a mapping are not seen, so it never counts as a flush in the log. */
int msync(void *at, size_t len, int flags)
{
    struct iorec_step step = {.kind = IOREC_KIND_MSYNC};
    int rc = 0;

    if (!iorec_is_active())
        return (int)syscall(SYS_msync, at, len, flags);
    iorec_step_begin(&step);
    if (step.verdict.fail_errno)
        rc = fail_with(step.verdict.fail_errno);
    else if (!step.verdict.drop)
        rc = (int)syscall(SYS_msync, at, len, flags);
    iorec_step_end(&step);
    return rc;
}

int syncfs(int fd)
{
    int rc = (int)syscall(SYS_syncfs, fd);

    if (rc == 0 && iorec_is_active())
        iorec_log(IOREC_SYNC_ALL, 0, "", 0, 0, NULL);
    return rc;
}

void sync(void)
{
    syscall(SYS_sync);
    if (iorec_is_active())
        iorec_log(IOREC_SYNC_ALL, 0, "", 0, 0, NULL);
}

int ftruncate(int fd, off_t len)
{
    struct iorec_step step = {.kind = IOREC_KIND_TRUNCATE};
    int rc = 0;

    if (!iorec_path_of_fd(fd, step.path))
        return (int)syscall(SYS_ftruncate, fd, len);
    iorec_step_begin(&step);
    if (step.verdict.fail_errno)
        rc = fail_with(step.verdict.fail_errno);
    else if (!step.verdict.drop)
        rc = (int)syscall(SYS_ftruncate, fd, len);
    if (rc == 0 && !step.verdict.drop)
        iorec_log(IOREC_TRUNCATE, 0, step.path, 0, (uint64_t)len, NULL);
    iorec_step_end(&step);
    return rc;
}

int ftruncate64(int fd, off64_t len)
{
    return ftruncate(fd, len);
}
