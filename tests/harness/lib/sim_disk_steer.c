#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim_disk_private.h"

enum { LOADED_LEN_MAX = 1 << 28, DEPTH_MAX = 32 };

const struct sys *sim_disk_sys(struct sim_disk *disk)
{
    return &disk->sys;
}

void sim_disk_wall_set(struct sim_disk *disk, int64_t wall_us)
{
    disk->wall_us = wall_us;
}

void sim_disk_clock_step(struct sim_disk *disk, int64_t us)
{
    disk->wall_us += us;
    disk->mono_us += us;
}

void sim_disk_boot_set(struct sim_disk *disk, unsigned boot)
{
    disk->boot = boot;
}

void sim_disk_kill(struct sim_disk *disk)
{
    disk->fd_count = 0;
    disk->counts.open_count = 0;
}

void sim_disk_fault_set(struct sim_disk *disk, const struct sim_fault *fault)
{
    disk->fault_on = fault != NULL;
    disk->fault_hit = false;
    if (fault)
        disk->fault = *fault;
}

bool sim_disk_fault_hit(const struct sim_disk *disk)
{
    return disk->fault_hit;
}

void sim_disk_sync_ignored(struct sim_disk *disk, bool ignored)
{
    disk->sync_ignored = ignored;
}

void sim_disk_writes_lost(struct sim_disk *disk, bool lost)
{
    disk->writes_lost = lost;
}

void sim_disk_hook_set(struct sim_disk *disk,
                       void (*before)(void *arg, enum sim_op kind, uint64_t number), void *arg)
{
    disk->before = before;
    disk->before_arg = arg;
}

void sim_disk_counts_get(const struct sim_disk *disk, struct sim_counts *ret_counts)
{
    *ret_counts = disk->counts;
}

struct bytes sim_disk_peek(const struct sim_disk *disk, const char *path)
{
    uint32_t node = sim_path_find(disk, path);

    if (node == SIM_NONE || disk->nodes[node].seen.len == 0)
        return bytes_of(NULL, 0);
    return buf_bytes(&disk->nodes[node].seen);
}

static uint32_t name_make(struct sim_disk *disk, uint32_t parent, const char *text, bool is_dir)
{
    uint32_t node = sim_name_find(&disk->seen, parent, text);

    if (node == SIM_NONE)
        node = sim_node_add(disk, is_dir);
    sim_name_set(&disk->seen, parent, text, node);
    sim_name_set(&disk->platter, parent, text, node);
    return node;
}

void sim_disk_put(struct sim_disk *disk, const char *path, struct bytes content)
{
    uint32_t node = SIM_ROOT;

    for (;;) {
        size_t len;
        char *part;

        path += strspn(path, "/");
        len = strcspn(path, "/");
        if (len == 0)
            break;
        part = sim_text(path, len);
        path += len;
        node = name_make(disk, node, part, *path == '/');
        free(part);
    }
    sim_truncate(&disk->nodes[node].seen, 0);
    sim_write(&disk->nodes[node].seen, 0, content.data, content.len);
    sim_truncate(&disk->nodes[node].platter, 0);
    sim_write(&disk->nodes[node].platter, 0, content.data, content.len);
}

void sim_disk_flip(struct sim_disk *disk, const char *path, size_t offset, uint8_t mask)
{
    uint32_t node = sim_path_find(disk, path);
    struct sim_node *file;

    if (node == SIM_NONE)
        abort();
    file = &disk->nodes[node];
    if (offset < file->seen.len)
        file->seen.data[offset] ^= mask;
    if (offset < file->platter.len)
        file->platter.data[offset] ^= mask;
}

void sim_disk_remove(struct sim_disk *disk, const char *path)
{
    uint32_t parent;
    char *last;

    if (!sim_path_split(disk, path, &parent, &last))
        return;
    sim_name_unset(&disk->seen, parent, last);
    sim_name_unset(&disk->platter, parent, last);
    free(last);
}

static const struct sim_name *name_of(const struct sim_disk *disk, uint32_t node)
{
    for (size_t i = 0; i < disk->seen.count; i++)
        if (disk->seen.at[i].node == node)
            return &disk->seen.at[i];
    return NULL;
}

/* Path of a name below `real_dir`, made from its end; false when it hangs nowhere. */
static bool path_below(const struct sim_disk *disk, const struct sim_name *name,
                       const char *real_dir, char out[PATH_MAX])
{
    char rest[PATH_MAX] = "";
    char longer[PATH_MAX];

    for (int depth = 0; name && depth < DEPTH_MAX; depth++) {
        if (snprintf(longer, sizeof(longer), "/%s%s", name->text, rest) >= (int)sizeof(longer))
            return false;
        memcpy(rest, longer, sizeof(rest));
        if (name->parent == SIM_ROOT)
            return snprintf(out, PATH_MAX, "%s%s", real_dir, rest) < PATH_MAX;
        name = name_of(disk, name->parent);
    }
    return false;
}

static int folders_make(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        int rc;

        *at = '\0';
        rc = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
        *at = '/';
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int file_dump(const struct buf *content, const char *path)
{
    FILE *file = fopen(path, "we");
    int rc = 0;

    if (!file)
        return -errno;
    if (content->len && fwrite(content->data, 1, content->len, file) != content->len)
        rc = -EIO;
    if (fclose(file) != 0 && rc == 0)
        rc = -errno;
    return rc;
}

int sim_disk_dump(const struct sim_disk *disk, const char *real_dir)
{
    for (size_t i = 0; i < disk->seen.count; i++) {
        const struct sim_name *name = &disk->seen.at[i];
        const struct sim_node *node = &disk->nodes[name->node];
        char path[PATH_MAX];
        int rc;

        if (!path_below(disk, name, real_dir, path))
            continue;
        rc = folders_make(path);
        if (rc == 0 && !node->is_dir)
            rc = file_dump(&node->seen, path);
        else if (rc == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
            rc = -errno;
        if (rc < 0)
            return rc;
    }
    return 0;
}

struct loading {
    struct sim_disk *disk;
    const char *path;
    const char *real_dir;
};

static int file_load(struct sim_disk *disk, const char *path, const char *real_path)
{
    const struct sys *real = sys_real();
    int fd = real->open(real->ctx, real_path, O_RDONLY, 0);
    struct buf content;
    int64_t len;
    int rc = -EFBIG;

    if (fd < 0)
        return fd;
    buf_init(&content);
    len = real->size(real->ctx, fd);
    if (len >= 0 && len <= LOADED_LEN_MAX) {
        sim_truncate(&content, len);
        rc = sys_read_all(real, fd, content.data, content.len, 0);
    }
    real->close(real->ctx, fd);
    if (rc == 0)
        sim_disk_put(disk, path, buf_bytes(&content));
    buf_done(&content);
    return rc;
}

static int load_one(void *arg, const char *name)
{
    const struct loading *loading = arg;
    char path[PATH_MAX];
    char real_path[PATH_MAX];
    struct stat st;

    if (snprintf(path, sizeof(path), "%s/%s", loading->path, name) >= (int)sizeof(path) ||
        snprintf(real_path, sizeof(real_path), "%s/%s", loading->real_dir, name) >=
            (int)sizeof(real_path))
        return -ENAMETOOLONG;
    if (stat(real_path, &st) < 0)
        return -errno;
    return S_ISREG(st.st_mode) ? file_load(loading->disk, path, real_path) : 0;
}

int sim_disk_load(struct sim_disk *disk, const char *path, const char *real_dir)
{
    struct loading loading = {.disk = disk, .path = path, .real_dir = real_dir};
    const struct sys *real = sys_real();

    return real->list_dir(real->ctx, real_dir, load_one, &loading);
}
