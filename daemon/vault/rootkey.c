#include "vault/rootkey.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TEXT_LEN = 2 * SEAL_KEY_LEN,
    FILE_MAX = TEXT_LEN + 8,     /* the digits and some line ends */
    FORBIDDEN_FILE = 0177,       /* of the mode: all but 0400 and 0600 */
    FORBIDDEN_CREDENTIAL = 0137, /* the same, with 0440 */
};

static enum ctps_code owner_check(const struct stat *st, mode_t forbidden, const char *path,
                                  struct ctps_err *err)
{
    if (!S_ISREG(st->st_mode))
        return err_set(err, CTPS_REFUSED, "%s: not an ordinary file", path);
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return err_set(err, CTPS_REFUSED, "%s: belongs to user %u, not to user %u or root",
                       path, (unsigned)st->st_uid, (unsigned)geteuid());
    if (st->st_mode & forbidden)
        return err_set(err, CTPS_REFUSED, "%s: mode %04o lets others in; expected 0400 or 0600",
                       path, (unsigned)(st->st_mode & 07777));
    return CTPS_OK;
}

static enum ctps_code text_parse(struct seal_key *out, char *text, const char *path,
                                 struct ctps_err *err)
{
    uint8_t bytes[SEAL_KEY_LEN];
    size_t len = strlen(text);
    bool good;

    while (len && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    good = hex_decode(bytes, sizeof(bytes), text);
    if (good)
        seal_key_set(out, bytes);
    explicit_bzero(bytes, sizeof(bytes));
    return good ? CTPS_OK
                : err_set(err, CTPS_INVALID, "%s: not a key of %d hexadecimal digits", path,
                          TEXT_LEN);
}

static enum ctps_code fd_read(struct seal_key *out, int fd, mode_t forbidden, const char *path,
                              struct ctps_err *err)
{
    char text[FILE_MAX + 1];
    struct stat st;
    enum ctps_code code;
    int rc;

    if (fstat(fd, &st) < 0)
        return err_set_errno(err, errno, "%s", path);
    code = owner_check(&st, forbidden, path, err);
    if (code != CTPS_OK)
        return code;
    if (st.st_size > FILE_MAX)
        st.st_size = 0; /* a longer file holds no key: taken as empty */
    rc = sys_read_all(sys_real(), fd, text, (size_t)st.st_size, 0);
    if (rc < 0)
        return err_set_errno(err, -rc, "%s: read", path);
    text[st.st_size] = '\0';
    code = text_parse(out, text, path, err);
    explicit_bzero(text, sizeof(text));
    return code;
}

static enum ctps_code path_read(struct seal_key *out, const char *path, mode_t forbidden,
                                struct ctps_err *err)
{
    /* Not blocking: a pipe in the place of the key must be refused, not waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    enum ctps_code code;

    if (fd < 0)
        return err_set_errno(err, errno, "%s", path);
    code = fd_read(out, fd, forbidden, path, err);
    close(fd);
    return code;
}

enum ctps_code rootkey_read(struct seal_key *out, const char *path, struct ctps_err *err)
{
    return path_read(out, path, FORBIDDEN_FILE, err);
}

enum ctps_code rootkey_read_credential(struct seal_key *out, const char *dir, const char *name,
                                       struct ctps_err *err)
{
    char path[PATH_MAX];

    if (!dir || !*dir)
        return err_set(err, CTPS_ABSENT, "no credentials were given to this service");
    if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
        return err_set_errno(err, ENAMETOOLONG, "%s", dir);
    return path_read(out, path, FORBIDDEN_CREDENTIAL, err);
}

static int text_store(const struct sys *sys, int fd, const struct seal_key *key,
                      const char *path)
{
    char text[TEXT_LEN + 2];
    char folder[PATH_MAX];
    int rc;

    hex_encode(text, key->bytes, sizeof(key->bytes));
    text[TEXT_LEN] = '\n';
    rc = sys_write_all(sys, fd, text, TEXT_LEN + 1, 0);
    explicit_bzero(text, sizeof(text));
    if (rc == 0)
        rc = sys->fsync(sys->ctx, fd);
    if (rc == 0) {
        snprintf(folder, sizeof(folder), "%s", path);
        rc = sys->sync_dir(sys->ctx, dirname(folder));
    }
    return rc;
}

enum ctps_code rootkey_write(const struct seal_key *key, const char *path,
                             const struct sys *sys, struct ctps_err *err)
{
    int fd = sys->open(sys->ctx, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    int rc;

    if (fd < 0)
        return err_set_errno(err, -fd, "%s", path);
    rc = text_store(sys, fd, key, path);
    sys->close(sys->ctx, fd);
    if (rc < 0) {
        sys->unlink(sys->ctx, path);
        return err_set_errno(err, -rc, "%s: write", path);
    }
    return CTPS_OK;
}

void rootkey_derive(struct seal_key *out, const struct seal_key *root, enum rootkey_use use)
{
    static const char *const labels[] = {
        [ROOTKEY_STORE] = "store",
        [ROOTKEY_VIEWS] = "views",
        [ROOTKEY_KEYRING] = "keyring",
        [ROOTKEY_LEDGER] = "ledger",
    };

    seal_key_derive(out, root, labels[use], (struct bytes){0});
}
