/*
 * A struct sys over the real one that fails or ends the process at the n-th effect, keeps a
 * trace of effects, and can lie about overwriting and removing. Files are real: LMDB stands
 * beside.
 */
#ifndef TEST_VAULT_FAULTY_H
#define TEST_VAULT_FAULTY_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"

enum faulty_mode {
    FAULTY_NONE,
    FAULTY_ONCE, /* the n-th effect answers EIO */
    FAULTY_ON,   /* so do all after it */
    FAULTY_EXIT, /* the process ends in its place */
};

enum { FAULTY_EXIT_STATUS = 99, FAULTY_TRACE_MAX = 256, FAULTY_FD_MAX = 256 };

struct faulty {
    struct sys sys;
    enum faulty_mode mode;
    unsigned at; /* 1 is the first effect */
    unsigned count;
    bool no_overwrite; /* writes to files opened without O_CREAT are dropped */
    bool no_unlink;
    /* Called before a file is removed. */
    void (*removing)(void *arg, const char *path);
    void *arg;
    char trace[FAULTY_TRACE_MAX][80];
    unsigned trace_count;
    struct {
        bool existing; /* opened without O_CREAT, to be written */
        char name[64];
    } fds[FAULTY_FD_MAX];
};

static inline const char *faulty_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static inline int faulty_effect(struct faulty *faulty, const char *what, const char *name)
{
    if (faulty->trace_count < FAULTY_TRACE_MAX)
        snprintf(faulty->trace[faulty->trace_count++], 80, "%s %s", what, name);
    faulty->count++;
    if (faulty->mode == FAULTY_NONE || faulty->count < faulty->at)
        return 0;
    if (faulty->mode == FAULTY_EXIT)
        _exit(FAULTY_EXIT_STATUS);
    return faulty->mode == FAULTY_ON || faulty->count == faulty->at ? -EIO : 0;
}

static inline int faulty_open(void *ctx, const char *path, int flags, mode_t mode)
{
    struct faulty *faulty = ctx;
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    int rc = writes ? faulty_effect(faulty, "open", faulty_name(path)) : 0;

    if (rc == 0)
        rc = sys_real()->open(NULL, path, flags, mode);
    if (rc >= 0 && rc < FAULTY_FD_MAX) {
        faulty->fds[rc].existing = writes && !(flags & O_CREAT);
        snprintf(faulty->fds[rc].name, sizeof(faulty->fds[rc].name), "%s", faulty_name(path));
    }
    return rc;
}

static inline const char *faulty_fd_name(const struct faulty *faulty, int fd)
{
    return fd < FAULTY_FD_MAX ? faulty->fds[fd].name : "?";
}

static inline ssize_t faulty_pwrite(void *ctx, int fd, const void *data, size_t len,
                                    int64_t offset)
{
    struct faulty *faulty = ctx;
    int rc = faulty_effect(faulty, "write", faulty_fd_name(faulty, fd));

    if (rc < 0)
        return rc;
    if (faulty->no_overwrite && fd < FAULTY_FD_MAX && faulty->fds[fd].existing)
        return (ssize_t)len;
    return sys_real()->pwrite(NULL, fd, data, len, offset);
}

static inline int faulty_fsync(void *ctx, int fd)
{
    int rc = faulty_effect(ctx, "flush", faulty_fd_name(ctx, fd));

    return rc < 0 ? rc : sys_real()->fsync(NULL, fd);
}

static inline int faulty_fdatasync(void *ctx, int fd)
{
    int rc = faulty_effect(ctx, "flush", faulty_fd_name(ctx, fd));

    return rc < 0 ? rc : sys_real()->fdatasync(NULL, fd);
}

static inline int faulty_ftruncate(void *ctx, int fd, int64_t len)
{
    int rc = faulty_effect(ctx, "cut", faulty_fd_name(ctx, fd));

    return rc < 0 ? rc : sys_real()->ftruncate(NULL, fd, len);
}

static inline int faulty_rename(void *ctx, const char *from, const char *to)
{
    int rc = faulty_effect(ctx, "rename", faulty_name(from));

    return rc < 0 ? rc : sys_real()->rename(NULL, from, to);
}

static inline int faulty_unlink(void *ctx, const char *path)
{
    struct faulty *faulty = ctx;
    int rc = faulty_effect(faulty, "unlink", faulty_name(path));

    if (rc < 0)
        return rc;
    if (faulty->removing)
        faulty->removing(faulty->arg, path);
    return faulty->no_unlink ? 0 : sys_real()->unlink(NULL, path);
}

static inline int faulty_mkdir(void *ctx, const char *path, mode_t mode)
{
    int rc = faulty_effect(ctx, "mkdir", faulty_name(path));

    return rc < 0 ? rc : sys_real()->mkdir(NULL, path, mode);
}

static inline int faulty_sync_dir(void *ctx, const char *path)
{
    int rc = faulty_effect(ctx, "flush_dir", faulty_name(path));

    return rc < 0 ? rc : sys_real()->sync_dir(NULL, path);
}

/* The other functions of the real sys take no context. `faulty` must not move. */
static inline void faulty_init(struct faulty *faulty, enum faulty_mode mode, unsigned at)
{
    memset(faulty, 0, sizeof(*faulty));
    faulty->sys = *sys_real();
    faulty->sys.ctx = faulty;
    faulty->sys.open = faulty_open;
    faulty->sys.pwrite = faulty_pwrite;
    faulty->sys.fsync = faulty_fsync;
    faulty->sys.fdatasync = faulty_fdatasync;
    faulty->sys.ftruncate = faulty_ftruncate;
    faulty->sys.rename = faulty_rename;
    faulty->sys.unlink = faulty_unlink;
    faulty->sys.mkdir = faulty_mkdir;
    faulty->sys.sync_dir = faulty_sync_dir;
    faulty->mode = mode;
    faulty->at = at;
}

/* The place of an effect at or after `from`; FAULTY_TRACE_MAX when it did not happen. */
static inline unsigned faulty_find(const struct faulty *faulty, unsigned from, const char *what)
{
    for (unsigned i = from; i < faulty->trace_count; i++)
        if (strcmp(faulty->trace[i], what) == 0)
            return i;
    return FAULTY_TRACE_MAX;
}

#endif
