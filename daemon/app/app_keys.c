/* The root key, the bus' own key, and the lock that says who owns the store. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/app_private.h"
#include "vault/rootkey.h"

enum ctps_code app_root_read(const struct conf *conf, struct seal_key *out,
                             struct ctps_err *err)
{
    const char *credential = conf_string(conf, "keys.root_credential");
    enum ctps_code code =
        rootkey_read_credential(out, getenv("CREDENTIALS_DIRECTORY"), credential, err);
    const char *path = conf_string(conf, "keys.root");

    if (code != CTPS_ABSENT)
        return code;
    if (!path)
        return err_set(err, CTPS_ABSENT, "no root key: give keys.root or a credential %s",
                       credential);
    return rootkey_read(out, path, err);
}

/* A server key has the form and the modes of a root key. */
enum ctps_code app_server_key_read(const struct app *app, uint8_t secret[CURVE_KEY_LEN],
                                   uint8_t public_key[CURVE_KEY_LEN], struct ctps_err *err)
{
    struct seal_key *key = seal_key_new();
    enum ctps_code code;

    if (!key)
        return err_set(err, CTPS_NOMEM, "server key");
    code = rootkey_read(key, conf_string(app->conf, "keys.server"), err);
    if (code == CTPS_OK) {
        memcpy(secret, key->bytes, CURVE_KEY_LEN);
        curve_public_of(public_key, secret);
    }
    seal_key_free(&key);
    return code;
}

enum ctps_code app_lock_take(const char *data_dir, int *ret_fd, struct ctps_err *err)
{
    char path[PATH_MAX];
    int fd;

    if (snprintf(path, sizeof(path), "%s/lock", data_dir) >= (int)sizeof(path))
        return err_set(err, CTPS_INVALID, "path too long: %s", data_dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return err_set(err, CTPS_BUSY, "another process holds the store %s", data_dir);
    }
    *ret_fd = fd;
    return CTPS_OK;
}
