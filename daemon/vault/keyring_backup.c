#include <stdio.h>

#include "vault/keyring_inside.h"

static enum ctps_code secret_copy(const struct sys *sys, const char *from, const char *to,
                                  struct ctps_err *err)
{
    uint8_t secret[KEYRING_SECRET_LEN];
    ssize_t n = sys_read_file(sys, from, secret, sizeof(secret));
    int rc = 0;

    if (n < 0)
        return err_set_errno(err, (int)-n, "%s: read", from);
    if (n == KEYRING_SECRET_LEN)
        rc = sys_write_file(sys, to, secret, sizeof(secret), 0600);
    explicit_bzero(secret, sizeof(secret));
    if (n != KEYRING_SECRET_LEN)
        return err_set(err, CTPS_DAMAGED, "%s: the secret of the epoch is malformed", from);
    return rc < 0 ? err_set_errno(err, -rc, "%s: write", to) : CTPS_OK;
}

/* A backup that was never read back is a hope. */
static enum ctps_code copy_verify(struct keyring *keyring, const struct keyring_paths *paths,
                                  struct ctps_err *err)
{
    const struct epoch_place place = {
        .sys = keyring->sys,
        .root = keyring->root,
        .keys_path = paths->keys,
        .secret_path = paths->secret,
        .number = keyring->epoch->number,
        .read_only = true,
    };
    char lock[KEYRING_PATH_LEN + 8];
    struct epoch *copy = NULL;
    enum ctps_code code = epoch_open(&copy, &place, err);

    if (code == CTPS_OK)
        code = epoch_check(copy, NULL, err);
    if (code == CTPS_OK && copy->meta.slot_count != keyring->epoch->meta.slot_count)
        code = err_set(err, CTPS_DAMAGED, "%s: not the keyring that was copied", paths->keys);
    epoch_close(&copy);
    snprintf(lock, sizeof(lock), "%s-lock", paths->keys);
    keyring->sys->unlink(keyring->sys->ctx, lock);
    return code;
}

enum ctps_code keyring_backup(struct keyring *keyring, const char *dir, struct ctps_err *err)
{
    const struct sys *sys = keyring->sys;
    struct keyring_paths from;
    struct keyring_paths to;
    enum ctps_code code;
    int rc;

    if (keyring->failed)
        return err_set(err, CTPS_CLOSED, "keyring: an earlier rewrite failed");
    rc = sys->mkdir(sys->ctx, dir, 0700);
    if (rc < 0)
        return err_set_errno(err, -rc, "%s", dir);
    code = keyring_paths_make(&from, keyring->dir, keyring->epoch->number, err);
    if (code == CTPS_OK)
        code = keyring_paths_make(&to, dir, keyring->epoch->number, err);
    if (code == CTPS_OK)
        code = secret_copy(sys, from.secret, to.secret, err);
    if (code == CTPS_OK)
        code = store_copy(keyring->epoch->store, to.keys, err);
    if (code == CTPS_OK)
        code = copy_verify(keyring, &to, err);
    if (code == CTPS_OK) {
        rc = sys_sync_parent(sys, dir);
        code = rc < 0 ? err_set_errno(err, -rc, "%s: flush of its name", dir) : CTPS_OK;
    }
    /* An older epoch in the same folder would keep what was erased since. */
    return code == CTPS_OK
               ? keyring_folder_clean(sys, keyring->log, dir, keyring->epoch->number, err)
               : code;
}

enum ctps_code keyring_backup_remove(const struct sys *sys, const struct log *log,
                                     const char *dir, struct ctps_err *err)
{
    return keyring_folder_clean(sys, log, dir, 0, err);
}
