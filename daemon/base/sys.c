#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int sys_read_all(const struct sys *sys, int fd, void *out, size_t len, int64_t offset)
{
    char *at = out;

    while (len) {
        ssize_t n = sys->pread(sys->ctx, fd, at, len, offset);

        if (n < 0)
            return (int)n;
        if (n == 0)
            return -ENODATA;
        at += n;
        len -= (size_t)n;
        offset += n;
    }
    return 0;
}

int sys_write_all(const struct sys *sys, int fd, const void *data, size_t len, int64_t offset)
{
    const char *at = data;

    while (len) {
        ssize_t n = sys->pwrite(sys->ctx, fd, at, len, offset);

        if (n < 0)
            return (int)n;
        if (n == 0)
            return -EIO;
        at += n;
        len -= (size_t)n;
        offset += n;
    }
    return 0;
}

ssize_t sys_read_file(const struct sys *sys, const char *path, void *out, size_t max)
{
    int fd = sys->open(sys->ctx, path, O_RDONLY | O_CLOEXEC, 0);
    int64_t len;
    int rc;

    if (fd < 0)
        return fd;
    len = sys->size(sys->ctx, fd);
    if (len < 0)
        rc = (int)len;
    else if ((uint64_t)len > max)
        rc = -EFBIG;
    else
        rc = sys_read_all(sys, fd, out, (size_t)len, 0);
    sys->close(sys->ctx, fd);
    return rc < 0 ? rc : (ssize_t)len;
}

int sys_sync_parent(const struct sys *sys, const char *path)
{
    char copy[PATH_MAX];

    if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
        return -ENAMETOOLONG;
    return sys->sync_dir(sys->ctx, dirname(copy));
}

int sys_write_file(const struct sys *sys, const char *path, const void *data, size_t len,
                   mode_t mode)
{
    char temp[PATH_MAX];
    int fd;
    int rc;

    if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
        return -ENAMETOOLONG;
    /* A crash may have left one, with a mode (0400) that even its owner cannot open to write.
     */
    sys->unlink(sys->ctx, temp);
    fd = sys->open(sys->ctx, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return fd;
    rc = sys_write_all(sys, fd, data, len, 0);
    if (rc == 0)
        rc = sys->fsync(sys->ctx, fd);
    sys->close(sys->ctx, fd);
    if (rc == 0)
        rc = sys->rename(sys->ctx, temp, path);
    if (rc < 0) {
        sys->unlink(sys->ctx, temp);
        return rc;
    }
    return sys_sync_parent(sys, path);
}
