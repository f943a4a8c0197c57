/*
 * sys: clock, randomness and file effects behind one small interface, so that tests move time,
 * replay seeds and break disks. The journal, the keyring's files and everything else that must
 * be durable go through it; LMDB does its own file work and is covered by recording its system
 * calls from outside.
 *
 * File calls return a value >= 0, or a negated errno. Paths are absolute or relative to the
 * working directory, as in POSIX. Nothing is retried here but EINTR.
 */
#ifndef CTPS_BASE_SYS_H
#define CTPS_BASE_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sys {
    void *ctx;

    int64_t (*wall_us)(void *ctx); /* microseconds since 1970-01-01 UTC; may jump */
    int64_t (*mono_us)(void *ctx); /* microseconds, never goes back */
    void (*random)(void *ctx, void *out, size_t len);

    int (*open)(void *ctx, const char *path, int flags, mode_t mode); /* -> fd */
    int (*close)(void *ctx, int fd);
    ssize_t (*pread)(void *ctx, int fd, void *out, size_t len, int64_t offset);
    ssize_t (*pwrite)(void *ctx, int fd, const void *data, size_t len, int64_t offset);
    int (*fdatasync)(void *ctx, int fd);
    int (*fsync)(void *ctx, int fd);
    int (*ftruncate)(void *ctx, int fd, int64_t len);
    int64_t (*size)(void *ctx, int fd);
    int (*rename)(void *ctx, const char *from, const char *to);
    int (*unlink)(void *ctx, const char *path);
    int (*mkdir)(void *ctx, const char *path, mode_t mode); /* 0 also when it exists */
    int (*sync_dir)(void *ctx, const char *path);           /* makes names in it durable */
    /* Calls `each` for every entry but "." and ".."; stops at a non-zero answer, returned. */
    int (*list_dir)(void *ctx, const char *path, int (*each)(void *arg, const char *name),
                    void *arg);
    /* What names this boot and this mount of `path`, into `out` (terminated). */
    int (*boot_mount_id)(void *ctx, const char *path, char *out, size_t len);
};

/* The real machine. The result is immutable and lives for the whole process. */
const struct sys *sys_real(void);

static inline int64_t sys_wall_us(const struct sys *sys)
{
    return sys->wall_us(sys->ctx);
}

static inline int64_t sys_mono_us(const struct sys *sys)
{
    return sys->mono_us(sys->ctx);
}

static inline void sys_random(const struct sys *sys, void *out, size_t len)
{
    sys->random(sys->ctx, out, len);
}

/* Reads exactly `len` bytes; 0, or a negated errno (-ENODATA at the end of the file). */
int sys_read_all(const struct sys *sys, int fd, void *out, size_t len, int64_t offset);
/* Writes exactly `len` bytes, going on after short writes; 0 or a negated errno. */
int sys_write_all(const struct sys *sys, int fd, const void *data, size_t len, int64_t offset);
/* Reads a whole file of at most `max` bytes into `out` (room for `max`); its length or a
 * negated errno (-EFBIG when longer). */
ssize_t sys_read_file(const struct sys *sys, const char *path, void *out, size_t max);
/* Flushes the folder `path` stands in: what makes its name last. 0 or a negated errno. */
int sys_sync_parent(const struct sys *sys, const char *path);
/* Writes `path` so that after a crash it is either as before or complete: temporary name in the
 * same folder, flush, rename, flush of the folder. 0 or a negated errno. */
int sys_write_file(const struct sys *sys, const char *path, const void *data, size_t len,
                   mode_t mode);

#endif
