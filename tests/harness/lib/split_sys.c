#include "split_sys.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { REAL_FD = 1 << 20 };

uint64_t split_sys_draw(struct split_sys *split)
{
    uint64_t z = (split->random += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static bool is_real(const struct split_sys *split, const char *path)
{
    const char *last = strrchr(path, '/');

    if (last && strncmp(last, "/marker", 7) == 0)
        return false;
    for (unsigned i = 0; i < split->real_count; i++)
        if (strncmp(path, split->real[i], strlen(split->real[i])) == 0)
            return true;
    return false;
}

/* Whether the process is gone by now. */
static bool is_over(struct split_sys *split)
{
    split->op_count++;
    if (split->die_at && split->op_count >= split->die_at)
        split->dead = true;
    return split->dead;
}

static bool real_fails(struct split_sys *split)
{
    bool hit = split->real_fault_at && --split->real_fault_at == 0;

    split->real_hit = split->real_hit || hit;
    return hit;
}

/* Runs `sim` or `real` by where the path or the descriptor belongs. */
#define BY_PATH(split, path, call, ...)                                                        \
    (is_over(split)          ? -EIO                                                            \
     : !is_real(split, path) ? sim_of(split)->call(sim_of(split)->ctx, __VA_ARGS__)            \
     : real_fails(split)     ? -EIO                                                            \
                             : sys_real()->call(sys_real()->ctx, __VA_ARGS__))
#define BY_FD(split, fd, call, ...)                                                            \
    (is_over(split)      ? -EIO                                                                \
     : (fd) < REAL_FD    ? sim_of(split)->call(sim_of(split)->ctx, fd, __VA_ARGS__)            \
     : real_fails(split) ? -EIO                                                                \
                         : sys_real()->call(sys_real()->ctx, (fd)-REAL_FD, __VA_ARGS__))

static const struct sys *sim_of(struct split_sys *split)
{
    return sim_disk_sys(split->disk);
}

static int64_t split_wall(void *ctx)
{
    struct split_sys *split = ctx;

    return sys_wall_us(sim_of(split));
}

static int64_t split_mono(void *ctx)
{
    struct split_sys *split = ctx;

    return sys_mono_us(sim_of(split));
}

static void split_random(void *ctx, void *out, size_t len)
{
    uint8_t *at = out;

    for (size_t i = 0; i < len; i += 8) {
        uint8_t word[8];

        le64_put(word, split_sys_draw(ctx));
        memcpy(at + i, word, len - i < 8 ? len - i : 8);
    }
}

static int split_open(void *ctx, const char *path, int flags, mode_t mode)
{
    struct split_sys *split = ctx;
    int fd = BY_PATH(split, path, open, path, flags, mode);

    return fd >= 0 && is_real(split, path) ? fd + REAL_FD : fd;
}

/* Closing works for the dead too: descriptors of a process end with it. */
static int split_close(void *ctx, int fd)
{
    struct split_sys *split = ctx;

    if (fd >= REAL_FD)
        return sys_real()->close(sys_real()->ctx, fd - REAL_FD);
    if (fd == split->late_fd && split->flush_late && !split->dead)
        sim_of(split)->fdatasync(split->disk, fd);
    if (fd == split->late_fd)
        split->late_fd = -1;
    return sim_of(split)->close(split->disk, fd);
}

static ssize_t split_pread(void *ctx, int fd, void *out, size_t len, int64_t offset)
{
    return BY_FD((struct split_sys *)ctx, fd, pread, out, len, offset);
}

static ssize_t split_pwrite(void *ctx, int fd, const void *data, size_t len, int64_t offset)
{
    return BY_FD((struct split_sys *)ctx, fd, pwrite, data, len, offset);
}

static int sync_late(struct split_sys *split, int fd)
{
    int before = split->late_fd;

    if (is_over(split))
        return -EIO;
    split->late_fd = fd;
    return before >= 0 ? sim_of(split)->fdatasync(split->disk, before) : 0;
}

static int real_sync(struct split_sys *split, int fd, bool data_only)
{
    const struct sys *real = sys_real();

    if (is_over(split) || real_fails(split))
        return -EIO;
    return data_only ? real->fdatasync(real->ctx, fd) : real->fsync(real->ctx, fd);
}

static int split_sync(struct split_sys *split, int fd, bool data_only)
{
    if (fd >= REAL_FD)
        return real_sync(split, fd - REAL_FD, data_only);
    if (split->flush_late)
        return sync_late(split, fd);
    if (is_over(split))
        return -EIO;
    return data_only ? sim_of(split)->fdatasync(split->disk, fd)
                     : sim_of(split)->fsync(split->disk, fd);
}

static int split_fdatasync(void *ctx, int fd)
{
    return split_sync(ctx, fd, true);
}

static int split_fsync(void *ctx, int fd)
{
    return split_sync(ctx, fd, false);
}

static int split_ftruncate(void *ctx, int fd, int64_t len)
{
    return BY_FD((struct split_sys *)ctx, fd, ftruncate, len);
}

static int64_t split_size(void *ctx, int fd)
{
    struct split_sys *split = ctx;
    const struct sys *sys = fd < REAL_FD ? sim_of(split) : sys_real();

    if (is_over(split))
        return -EIO;
    return sys->size(sys->ctx, fd < REAL_FD ? fd : fd - REAL_FD);
}

static int split_rename(void *ctx, const char *from, const char *to)
{
    return BY_PATH((struct split_sys *)ctx, from, rename, from, to);
}

static int split_unlink(void *ctx, const char *path)
{
    return BY_PATH((struct split_sys *)ctx, path, unlink, path);
}

/* Real folders hold markers too, which are not real: both worlds have them. */
static int split_mkdir(void *ctx, const char *path, mode_t mode)
{
    struct split_sys *split = ctx;
    int rc = 0;

    if (is_over(split))
        return -EIO;
    if (is_real(split, path) || strcmp(path, split->dir) == 0)
        rc = sys_real()->mkdir(sys_real()->ctx, path, mode);
    return rc < 0 ? rc : sim_of(split)->mkdir(split->disk, path, mode);
}

static int split_sync_dir(void *ctx, const char *path)
{
    struct split_sys *split = ctx;
    int rc = 0;

    if (is_over(split))
        return -EIO;
    if (is_real(split, path))
        rc = sys_real()->sync_dir(sys_real()->ctx, path);
    return rc < 0 ? rc : sim_of(split)->sync_dir(split->disk, path);
}

static int split_list_dir(void *ctx, const char *path, int (*each)(void *arg, const char *name),
                          void *arg)
{
    return BY_PATH((struct split_sys *)ctx, path, list_dir, path, each, arg);
}

static int split_boot_mount_id(void *ctx, const char *path, char *out, size_t len)
{
    struct split_sys *split = ctx;

    return sim_of(split)->boot_mount_id(split->disk, path, out, len);
}

static const struct sys split_calls = {
    .wall_us = split_wall,
    .mono_us = split_mono,
    .random = split_random,
    .open = split_open,
    .close = split_close,
    .pread = split_pread,
    .pwrite = split_pwrite,
    .fdatasync = split_fdatasync,
    .fsync = split_fsync,
    .ftruncate = split_ftruncate,
    .size = split_size,
    .rename = split_rename,
    .unlink = split_unlink,
    .mkdir = split_mkdir,
    .sync_dir = split_sync_dir,
    .list_dir = split_list_dir,
    .boot_mount_id = split_boot_mount_id,
};

void split_sys_init(struct split_sys *split, struct sim_disk *disk, const char *dir,
                    uint64_t seed)
{
    static const char *const names[] = {"keyring", "views"};
    char keep[SPLIT_PATH_LEN + 8];

    *split = (struct split_sys){.sys = split_calls, .random = seed, .late_fd = -1};
    split->sys.ctx = split;
    snprintf(split->dir, sizeof(split->dir), "%s", dir);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        snprintf(split->real[split->real_count++], SPLIT_PATH_LEN, "%s/%s", dir, names[i]);
    split_sys_revive(split, disk);
    /* A file makes the folders above it, durably. */
    snprintf(keep, sizeof(keep), "%s/keep", dir);
    sim_disk_put(disk, keep, bytes_of(NULL, 0));
    sim_disk_remove(disk, keep);
    sys_real()->mkdir(sys_real()->ctx, dir, 0700);
}

void split_sys_revive(struct split_sys *split, struct sim_disk *disk)
{
    split->disk = disk;
    split->op_count = 0;
    split->die_at = 0;
    split->dead = false;
    split->real_fault_at = 0;
    split->real_hit = false;
    split->late_fd = -1;
}

static int entry_remove(void *arg, const char *name)
{
    char path[2 * SPLIT_PATH_LEN];

    snprintf(path, sizeof(path), "%s/%s", (const char *)arg, name);
    unlink(path);
    return 0;
}

static int folder_remove(void *arg, const char *name)
{
    char path[2 * SPLIT_PATH_LEN];

    snprintf(path, sizeof(path), "%s/%s", (const char *)arg, name);
    sys_real()->list_dir(sys_real()->ctx, path, entry_remove, path);
    rmdir(path);
    return 0;
}

void split_sys_clear(const struct split_sys *split)
{
    char dir[SPLIT_PATH_LEN];

    snprintf(dir, sizeof(dir), "%s", split->dir);
    sys_real()->list_dir(sys_real()->ctx, dir, folder_remove, dir);
    rmdir(dir);
}
