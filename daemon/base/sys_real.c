#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RETRY(result, call)                                                                    \
    do {                                                                                       \
        (result) = (call);                                                                     \
    } while ((result) < 0 && errno == EINTR)

static int64_t clock_us(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t real_wall_us(void *ctx)
{
    (void)ctx;
    return clock_us(CLOCK_REALTIME);
}

static int64_t real_mono_us(void *ctx)
{
    (void)ctx;
    return clock_us(CLOCK_MONOTONIC);
}

static void real_random(void *ctx, void *out, size_t len)
{
    char *at = out;

    (void)ctx;
    while (len) {
        ssize_t n = getrandom(at, len, 0);

        if (n < 0 && errno != EINTR)
            abort(); /* no key may ever be made without randomness */
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
}

static int real_open(void *ctx, const char *path, int flags, mode_t mode)
{
    int fd;

    (void)ctx;
    RETRY(fd, open(path, flags | O_CLOEXEC, mode));
    return fd < 0 ? -errno : fd;
}

static int real_close(void *ctx, int fd)
{
    (void)ctx;
    return close(fd) < 0 ? -errno : 0;
}

static ssize_t real_pread(void *ctx, int fd, void *out, size_t len, int64_t offset)
{
    ssize_t n;

    (void)ctx;
    RETRY(n, pread(fd, out, len, offset));
    return n < 0 ? -errno : n;
}

static ssize_t real_pwrite(void *ctx, int fd, const void *data, size_t len, int64_t offset)
{
    ssize_t n;

    (void)ctx;
    RETRY(n, pwrite(fd, data, len, offset));
    return n < 0 ? -errno : n;
}

static int real_fdatasync(void *ctx, int fd)
{
    int rc;

    (void)ctx;
    RETRY(rc, fdatasync(fd));
    return rc < 0 ? -errno : 0;
}

static int real_fsync(void *ctx, int fd)
{
    int rc;

    (void)ctx;
    RETRY(rc, fsync(fd));
    return rc < 0 ? -errno : 0;
}

static int real_ftruncate(void *ctx, int fd, int64_t len)
{
    int rc;

    (void)ctx;
    RETRY(rc, ftruncate(fd, len));
    return rc < 0 ? -errno : 0;
}

static int64_t real_size(void *ctx, int fd)
{
    struct stat st;

    (void)ctx;
    return fstat(fd, &st) < 0 ? -errno : (int64_t)st.st_size;
}

static int real_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    return rename(from, to) < 0 ? -errno : 0;
}

static int real_unlink(void *ctx, const char *path)
{
    (void)ctx;
    return unlink(path) < 0 ? -errno : 0;
}

static int real_mkdir(void *ctx, const char *path, mode_t mode)
{
    (void)ctx;
    if (mkdir(path, mode) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

static int real_sync_dir(void *ctx, const char *path)
{
    int fd = real_open(ctx, path, O_RDONLY | O_DIRECTORY, 0);
    int rc;

    if (fd < 0)
        return fd;
    rc = real_fsync(ctx, fd);
    close(fd);
    return rc;
}

static int real_list_dir(void *ctx, const char *path, int (*each)(void *arg, const char *name),
                         void *arg)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int rc = 0;

    (void)ctx;
    if (!dir)
        return -errno;
    while (rc == 0) {
        errno = 0; /* an unreadable folder must not look like a shorter one */
        entry = readdir(dir);
        if (!entry) {
            rc = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = each(arg, entry->d_name);
    }
    closedir(dir);
    return rc;
}

static int real_boot_mount_id(void *ctx, const char *path, char *out, size_t len)
{
    char boot[64] = "";
    struct statx stx;
    int fd = real_open(ctx, "/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
    ssize_t n;

    if (fd < 0)
        return fd;
    n = real_pread(ctx, fd, boot, sizeof(boot) - 1, 0);
    close(fd);
    if (n < 0)
        return (int)n;
    boot[strcspn(boot, "\n")] = '\0';
    if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &stx) < 0)
        return -errno;
    if (snprintf(out, len, "%s/%llu/%x:%x", boot, (unsigned long long)stx.stx_mnt_id,
                 stx.stx_dev_major, stx.stx_dev_minor) >= (int)len)
        return -ENAMETOOLONG;
    return 0;
}

const struct sys *sys_real(void)
{
    static const struct sys real = {
        .wall_us = real_wall_us,
        .mono_us = real_mono_us,
        .random = real_random,
        .open = real_open,
        .close = real_close,
        .pread = real_pread,
        .pwrite = real_pwrite,
        .fdatasync = real_fdatasync,
        .fsync = real_fsync,
        .ftruncate = real_ftruncate,
        .size = real_size,
        .rename = real_rename,
        .unlink = real_unlink,
        .mkdir = real_mkdir,
        .sync_dir = real_sync_dir,
        .list_dir = real_list_dir,
        .boot_mount_id = real_boot_mount_id,
    };

    return &real;
}
