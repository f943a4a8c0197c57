#include "sim_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_disk_private.h"

enum { FD_BASE = 1000, FILE_LEN_MAX = 1 << 30 };

uint64_t sim_disk_draw(struct sim_disk *disk)
{
    uint64_t z = (disk->random += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int64_t sim_wall_us(void *ctx)
{
    return ((struct sim_disk *)ctx)->wall_us;
}

static int64_t sim_mono_us(void *ctx)
{
    return ((struct sim_disk *)ctx)->mono_us;
}

static void sim_random(void *ctx, void *out, size_t len)
{
    uint8_t *at = out;

    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)(sim_disk_draw(ctx) >> 32);
}

enum verdict { GO_ON, CUT_SHORT, FAIL };

static enum verdict strike(struct sim_disk *disk, enum sim_op kind)
{
    struct sim_fault *fault = &disk->fault;

    if (!disk->fault_on || !(fault->kinds & (unsigned)kind))
        return GO_ON;
    if (fault->at > 1) {
        fault->at--;
        return GO_ON;
    }
    disk->fault_hit = true;
    disk->fault_on = fault->sticky;
    return fault->errnum ? FAIL : CUT_SHORT;
}

/* Counts, tells the hook, and says what shall become of the operation. */
static enum verdict enter(struct sim_disk *disk, enum sim_op kind)
{
    disk->counts.op_count++;
    if (disk->before)
        disk->before(disk->before_arg, kind, disk->counts.op_count);
    return strike(disk, kind);
}

/* For operations that cannot be cut short. */
static int enter_whole(struct sim_disk *disk, enum sim_op kind)
{
    return enter(disk, kind) == FAIL ? -disk->fault.errnum : 0;
}

static int fd_add(struct sim_disk *disk, uint32_t node, bool writable)
{
    size_t i = 0;

    while (i < disk->fd_count && disk->fds[i].used)
        i++;
    if (i == disk->fd_count) {
        struct sim_fd *grown = realloc(disk->fds, (disk->fd_count + 1) * sizeof(*grown));

        if (!grown)
            abort();
        disk->fds = grown;
        disk->fd_count++;
    }
    disk->fds[i] = (struct sim_fd){.used = true, .writable = writable, .node = node};
    disk->counts.open_count++;
    return FD_BASE + (int)i;
}

static struct sim_fd *fd_get(struct sim_disk *disk, int fd)
{
    size_t i = (size_t)fd - FD_BASE;

    if (fd < FD_BASE || i >= disk->fd_count || !disk->fds[i].used)
        return NULL;
    return &disk->fds[i];
}

static uint32_t file_create(struct sim_disk *disk, uint32_t parent, const char *last)
{
    uint32_t node = sim_node_add(disk, false);

    sim_name_set(&disk->seen, parent, last, node);
    sim_log_name(disk, node, 0, NULL, parent, last);
    return node;
}

static void file_truncate(struct sim_disk *disk, uint32_t node, int64_t len)
{
    sim_truncate(&disk->nodes[node].seen, len);
    if (!disk->writes_lost)
        sim_log_truncate(disk, node, len);
}

static int open_at(struct sim_disk *disk, uint32_t parent, const char *last, int flags)
{
    uint32_t node = *last ? sim_name_find(&disk->seen, parent, last) : SIM_ROOT;
    bool writable = (flags & O_ACCMODE) != O_RDONLY;

    if (node != SIM_NONE && (flags & O_CREAT) && (flags & O_EXCL))
        return -EEXIST;
    if (node == SIM_NONE && !(flags & O_CREAT))
        return -ENOENT;
    if (node != SIM_NONE && disk->nodes[node].is_dir && writable)
        return -EISDIR;
    if (node == SIM_NONE)
        node = file_create(disk, parent, last);
    else if (flags & O_TRUNC)
        file_truncate(disk, node, 0);
    return fd_add(disk, node, writable);
}

static int sim_open(void *ctx, const char *path, int flags, mode_t mode)
{
    struct sim_disk *disk = ctx;
    int rc = enter_whole(disk, SIM_OP_OPEN);
    uint32_t parent;
    char *last;

    (void)mode;
    if (rc < 0)
        return rc;
    if (!sim_path_split(disk, path, &parent, &last))
        return -ENOENT;
    rc = open_at(disk, parent, last, flags);
    free(last);
    return rc;
}

static int sim_close(void *ctx, int fd)
{
    struct sim_disk *disk = ctx;
    struct sim_fd *open = fd_get(disk, fd);

    if (!open)
        return -EBADF;
    open->used = false;
    disk->counts.open_count--;
    return 0;
}

static ssize_t sim_pread(void *ctx, int fd, void *out, size_t len, int64_t offset)
{
    struct sim_disk *disk = ctx;
    enum verdict verdict = enter(disk, SIM_OP_READ);
    struct sim_fd *open = fd_get(disk, fd);
    const struct buf *seen;

    if (verdict == FAIL)
        return -disk->fault.errnum;
    if (!open)
        return -EBADF;
    if (offset < 0)
        return -EINVAL;
    seen = &disk->nodes[open->node].seen;
    if ((uint64_t)offset >= seen->len)
        return 0;
    if (len > seen->len - (size_t)offset)
        len = seen->len - (size_t)offset;
    if (verdict == CUT_SHORT && len > 1)
        len /= 2;
    if (len)
        memcpy(out, seen->data + offset, len);
    return (ssize_t)len;
}

static void file_write(struct sim_disk *disk, uint32_t node, int64_t offset, const void *data,
                       size_t len)
{
    if (len == 0)
        return;
    disk->counts.write_len += len;
    sim_write(&disk->nodes[node].seen, offset, data, len);
    if (!disk->writes_lost)
        sim_log_write(disk, node, offset, data, len);
}

static ssize_t sim_pwrite(void *ctx, int fd, const void *data, size_t len, int64_t offset)
{
    struct sim_disk *disk = ctx;
    enum verdict verdict = enter(disk, SIM_OP_WRITE);
    struct sim_fd *open = fd_get(disk, fd);

    if (!open || !open->writable)
        return -EBADF;
    if (offset < 0 || offset > FILE_LEN_MAX || len > FILE_LEN_MAX - (size_t)offset)
        return -EFBIG;
    disk->counts.write_count++;
    if (verdict == FAIL) {
        file_write(disk, open->node, offset, data, sim_disk_draw(disk) % (len + 1));
        return -disk->fault.errnum;
    }
    if (verdict == CUT_SHORT && len > 1)
        len /= 2;
    file_write(disk, open->node, offset, data, len);
    return (ssize_t)len;
}

static int flush_node(struct sim_disk *disk, enum sim_op kind, uint32_t node)
{
    int rc = enter_whole(disk, kind);
    bool names = kind == SIM_OP_SYNC_DIR;

    disk->counts.sync_count++;
    if (disk->sync_ignored)
        return rc;
    if (rc == 0)
        sim_log_flush(disk, node, names, SIM_FLUSH_ALL);
    else if (!names)
        sim_log_flush(disk, node, names, disk->fault.lost ? SIM_FLUSH_NONE : SIM_FLUSH_DRAWN);
    return rc;
}

static int sim_fsync(void *ctx, int fd)
{
    struct sim_disk *disk = ctx;
    struct sim_fd *open = fd_get(disk, fd);

    return open ? flush_node(disk, SIM_OP_SYNC, open->node) : -EBADF;
}

static int sim_ftruncate(void *ctx, int fd, int64_t len)
{
    struct sim_disk *disk = ctx;
    int rc = enter_whole(disk, SIM_OP_TRUNCATE);
    struct sim_fd *open = fd_get(disk, fd);

    if (rc < 0)
        return rc;
    if (!open || !open->writable)
        return -EBADF;
    if (len < 0 || len > FILE_LEN_MAX)
        return -EFBIG;
    file_truncate(disk, open->node, len);
    return 0;
}

static int64_t sim_size(void *ctx, int fd)
{
    struct sim_disk *disk = ctx;
    int rc = enter_whole(disk, SIM_OP_SIZE);
    struct sim_fd *open = fd_get(disk, fd);

    if (rc < 0)
        return rc;
    return open ? (int64_t)disk->nodes[open->node].seen.len : -EBADF;
}

static int rename_in(struct sim_disk *disk, uint32_t from_parent, const char *from,
                     uint32_t to_parent, const char *to)
{
    uint32_t node = sim_name_find(&disk->seen, from_parent, from);
    uint32_t there = sim_name_find(&disk->seen, to_parent, to);

    if (node == SIM_NONE)
        return -ENOENT;
    if (there != SIM_NONE && disk->nodes[there].is_dir)
        return -EISDIR;
    sim_name_unset(&disk->seen, from_parent, from);
    sim_name_set(&disk->seen, to_parent, to, node);
    sim_log_name(disk, node, from_parent, from, to_parent, to);
    return 0;
}

static int sim_rename(void *ctx, const char *from, const char *to)
{
    struct sim_disk *disk = ctx;
    int rc = enter_whole(disk, SIM_OP_NAME);
    uint32_t from_parent;
    uint32_t to_parent;
    char *from_last;
    char *to_last;

    if (rc < 0)
        return rc;
    if (!sim_path_split(disk, from, &from_parent, &from_last))
        return -ENOENT;
    rc = -ENOENT;
    if (sim_path_split(disk, to, &to_parent, &to_last)) {
        rc = rename_in(disk, from_parent, from_last, to_parent, to_last);
        free(to_last);
    }
    free(from_last);
    return rc;
}

static int unlink_in(struct sim_disk *disk, uint32_t parent, const char *last)
{
    uint32_t node = sim_name_find(&disk->seen, parent, last);

    if (node == SIM_NONE)
        return -ENOENT;
    if (disk->nodes[node].is_dir)
        return -EISDIR;
    sim_name_unset(&disk->seen, parent, last);
    sim_log_name(disk, node, parent, last, 0, NULL);
    return 0;
}

static int sim_unlink(void *ctx, const char *path)
{
    struct sim_disk *disk = ctx;
    int rc = enter_whole(disk, SIM_OP_NAME);
    uint32_t parent;
    char *last;

    if (rc < 0)
        return rc;
    if (!sim_path_split(disk, path, &parent, &last))
        return -ENOENT;
    rc = unlink_in(disk, parent, last);
    free(last);
    return rc;
}

static int mkdir_in(struct sim_disk *disk, uint32_t parent, const char *last)
{
    uint32_t node = *last ? sim_name_find(&disk->seen, parent, last) : SIM_ROOT;

    if (node != SIM_NONE)
        return 0; /* as the real one: also when a file stands there */
    node = sim_node_add(disk, true);
    sim_name_set(&disk->seen, parent, last, node);
    sim_log_name(disk, node, 0, NULL, parent, last);
    return 0;
}

static int sim_mkdir(void *ctx, const char *path, mode_t mode)
{
    struct sim_disk *disk = ctx;
    int rc = enter_whole(disk, SIM_OP_NAME);
    uint32_t parent;
    char *last;

    (void)mode;
    if (rc < 0)
        return rc;
    if (!sim_path_split(disk, path, &parent, &last))
        return -ENOENT;
    rc = mkdir_in(disk, parent, last);
    free(last);
    return rc;
}

static int sim_sync_dir(void *ctx, const char *path)
{
    struct sim_disk *disk = ctx;
    uint32_t node = sim_path_find(disk, path);

    if (node == SIM_NONE)
        return -ENOENT;
    if (!disk->nodes[node].is_dir)
        return -ENOTDIR;
    return flush_node(disk, SIM_OP_SYNC_DIR, node);
}

/* Over a copy, so that `each` may make and remove names. */
static int list_names(const struct sim_disk *disk, uint32_t node,
                      int (*each)(void *arg, const char *name), void *arg)
{
    struct sim_names copy = {0};
    int rc = 0;

    sim_names_copy(&copy, &disk->seen);
    for (size_t i = 0; i < copy.count && rc == 0; i++)
        if (copy.at[i].parent == node)
            rc = each(arg, copy.at[i].text);
    sim_names_done(&copy);
    return rc;
}

static int sim_list_dir(void *ctx, const char *path, int (*each)(void *arg, const char *name),
                        void *arg)
{
    struct sim_disk *disk = ctx;
    int rc = enter_whole(disk, SIM_OP_LIST);
    uint32_t node = sim_path_find(disk, path);

    if (rc < 0)
        return rc;
    if (node == SIM_NONE)
        return -ENOENT;
    if (!disk->nodes[node].is_dir)
        return -ENOTDIR;
    return list_names(disk, node, each, arg);
}

static int sim_boot_mount_id(void *ctx, const char *path, char *out, size_t len)
{
    struct sim_disk *disk = ctx;

    if (sim_path_find(disk, path) == SIM_NONE)
        return -ENOENT;
    return snprintf(out, len, "boot-%u/sim", disk->boot) >= (int)len ? -ENAMETOOLONG : 0;
}

struct sim_disk *sim_disk_new(uint64_t seed)
{
    struct sim_disk *disk = calloc(1, sizeof(*disk));

    if (!disk)
        abort();
    disk->sys = (struct sys){
        .ctx = disk,
        .wall_us = sim_wall_us,
        .mono_us = sim_mono_us,
        .random = sim_random,
        .open = sim_open,
        .close = sim_close,
        .pread = sim_pread,
        .pwrite = sim_pwrite,
        .fdatasync = sim_fsync,
        .fsync = sim_fsync,
        .ftruncate = sim_ftruncate,
        .size = sim_size,
        .rename = sim_rename,
        .unlink = sim_unlink,
        .mkdir = sim_mkdir,
        .sync_dir = sim_sync_dir,
        .list_dir = sim_list_dir,
        .boot_mount_id = sim_boot_mount_id,
    };
    disk->random = seed;
    disk->wall_us = INT64_C(1767600000000000);
    disk->mono_us = 1000000;
    disk->boot = 1;
    sim_node_add(disk, true);
    return disk;
}

void sim_disk_free(struct sim_disk **disk)
{
    struct sim_disk *self = *disk;

    if (!self)
        return;
    for (size_t i = 0; i < self->node_count; i++) {
        buf_done(&self->nodes[i].seen);
        buf_done(&self->nodes[i].platter);
    }
    for (size_t i = 0; i < self->log_count; i++)
        sim_log_done(&self->log[i]);
    sim_names_done(&self->seen);
    sim_names_done(&self->platter);
    free(self->nodes);
    free(self->log);
    free(self->fds);
    free(self);
    *disk = NULL;
}
