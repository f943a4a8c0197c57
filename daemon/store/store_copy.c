#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>

static enum ctps_code copy_to(struct store *store, const char *path, struct ctps_err *err)
{
    const struct sys *sys = store->sys;
    int fd = sys->open(sys->ctx, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum ctps_code code = CTPS_OK;
    int rc;

    if (fd < 0)
        return err_set_errno(err, -fd, "%s: open", path);
    rc = mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT);
    if (rc) {
        code = store_err_set(err, rc, store, "copy");
    } else {
        rc = sys->fsync(sys->ctx, fd);
        if (rc < 0)
            code = err_set_errno(err, -rc, "%s: flush", path);
    }
    sys->close(sys->ctx, fd);
    return code;
}

static enum ctps_code copy_place(const struct sys *sys, const char *temp, const char *path,
                                 struct ctps_err *err)
{
    char folder[PATH_MAX];
    int rc = sys->rename(sys->ctx, temp, path);

    if (rc == 0) {
        snprintf(folder, sizeof(folder), "%s", path);
        rc = sys->sync_dir(sys->ctx, dirname(folder));
    }
    return rc < 0 ? err_set_errno(err, -rc, "%s: rename", path) : CTPS_OK;
}

enum ctps_code store_copy(struct store *store, const char *path, struct ctps_err *err)
{
    char temp[PATH_MAX];
    enum ctps_code code;

    if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
        return err_set_errno(err, ENAMETOOLONG, "%s", path);
    code = copy_to(store, temp, err);
    if (code == CTPS_OK)
        code = copy_place(store->sys, temp, path, err);
    if (code != CTPS_OK)
        store->sys->unlink(store->sys->ctx, temp);
    return code;
}
