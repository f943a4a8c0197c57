#include "vault/keyring_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLEAN_MAX = 64, NAME_LEN = 64, ZEROS_LEN = 65536 };

static bool path_join(char out[KEYRING_PATH_LEN], const char *dir, uint32_t epoch,
                      const char *ending)
{
    return snprintf(out, KEYRING_PATH_LEN, "%s/epoch-%06u.%s", dir, epoch, ending) <
           KEYRING_PATH_LEN - NAME_LEN;
}

enum ctps_code keyring_paths_make(struct keyring_paths *out, const char *dir, uint32_t epoch,
                                  struct ctps_err *err)
{
    if (!path_join(out->keys, dir, epoch, "keys") ||
        !path_join(out->keys_new, dir, epoch, "keys.new") ||
        !path_join(out->secret, dir, epoch, "secret"))
        return err_set(err, CTPS_LIMIT, "keyring: the path of the folder is too long");
    return CTPS_OK;
}

/* The number in "epoch-000042.keys" and what follows it; 0 when the name is not of this form.
 */
static uint32_t name_parse(const char *name, const char **ret_ending)
{
    static const char stem[] = "epoch-";
    char *end;
    unsigned long number;

    if (strncmp(name, stem, sizeof(stem) - 1) != 0)
        return 0;
    name += sizeof(stem) - 1;
    if (*name < '0' || *name > '9')
        return 0;
    errno = 0;
    number = strtoul(name, &end, 10);
    if (errno || number > UINT32_MAX || *end != '.')
        return 0;
    *ret_ending = end + 1;
    return (uint32_t)number;
}

static int find_each(void *arg, const char *name)
{
    uint32_t *highest = arg;
    const char *ending = "";
    uint32_t number = name_parse(name, &ending);

    if (number > *highest && strcmp(ending, "keys") == 0)
        *highest = number;
    return 0;
}

enum ctps_code keyring_epoch_find(const struct sys *sys, const char *dir, uint32_t *ret_epoch,
                                  struct ctps_err *err)
{
    uint32_t highest = 0;
    int rc = sys->list_dir(sys->ctx, dir, find_each, &highest);

    if (rc < 0)
        return err_set_errno(err, -rc, "%s", dir);
    if (highest == 0)
        return err_set(err, CTPS_ABSENT, "%s: no keyring", dir);
    *ret_epoch = highest;
    return CTPS_OK;
}

static int overwrite(const struct sys *sys, int fd)
{
    static const uint8_t zeros[ZEROS_LEN];
    int64_t size = sys->size(sys->ctx, fd);
    int rc = size < 0 ? (int)size : 0;

    for (int64_t at = 0; rc == 0 && at < size; at += ZEROS_LEN)
        rc = sys_write_all(sys, fd, zeros,
                           size - at < ZEROS_LEN ? (size_t)(size - at) : ZEROS_LEN, at);
    /* Before the name goes: afterwards the blocks may never be written at all. */
    return rc == 0 ? sys->fsync(sys->ctx, fd) : rc;
}

enum ctps_code keyring_file_shred(const struct sys *sys, const char *path, struct ctps_err *err)
{
    int fd = sys->open(sys->ctx, path, O_WRONLY | O_CLOEXEC, 0);
    int rc;

    if (fd == -ENOENT)
        return CTPS_OK;
    if (fd < 0)
        return err_set_errno(err, -fd, "%s: overwrite", path);
    rc = overwrite(sys, fd);
    sys->close(sys->ctx, fd);
    if (rc == 0)
        rc = sys->unlink(sys->ctx, path);
    return rc < 0 ? err_set_errno(err, -rc, "%s: overwrite and remove", path) : CTPS_OK;
}

/* Names are gathered first: a folder is not changed while it is read. */
struct leftovers {
    uint32_t keep;
    unsigned count;
    char names[CLEAN_MAX][NAME_LEN];
};

static bool is_kept(uint32_t number, uint32_t keep, const char *ending)
{
    return number == keep && (strcmp(ending, "keys") == 0 || strcmp(ending, "secret") == 0 ||
                              strcmp(ending, "keys-lock") == 0);
}

static int clean_each(void *arg, const char *name)
{
    struct leftovers *left = arg;
    const char *ending = "";
    uint32_t number = name_parse(name, &ending);

    if (number == 0 || is_kept(number, left->keep, ending) || strlen(name) >= NAME_LEN)
        return 0;
    if (left->count == CLEAN_MAX)
        return 1;
    snprintf(left->names[left->count++], NAME_LEN, "%s", name);
    return 0;
}

static enum ctps_code clean_some(const struct sys *sys, const struct log *log, const char *dir,
                                 struct leftovers *left, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;
    char path[KEYRING_PATH_LEN];
    int rc;

    left->count = 0;
    rc = sys->list_dir(sys->ctx, dir, clean_each, left);
    /* The name of the epoch that is kept must be durable before the other one goes. */
    if (rc >= 0 && left->count)
        rc = sys->sync_dir(sys->ctx, dir);
    if (rc < 0)
        return err_set_errno(err, -rc, "%s", dir);
    for (unsigned i = 0; code == CTPS_OK && i < left->count; i++) {
        if (snprintf(path, sizeof(path), "%s/%s", dir, left->names[i]) >= (int)sizeof(path))
            return err_set(err, CTPS_LIMIT, "keyring: the path of the folder is too long");
        log_info(log, "keyring: overwriting and removing %s", left->names[i]);
        code = keyring_file_shred(sys, path, err);
    }
    return code;
}

enum ctps_code keyring_folder_clean(const struct sys *sys, const struct log *log,
                                    const char *dir, uint32_t keep, struct ctps_err *err)
{
    struct leftovers left = {.keep = keep};
    enum ctps_code code;
    unsigned total = 0;
    int rc;

    do {
        code = clean_some(sys, log, dir, &left, err);
        total += left.count;
    } while (code == CTPS_OK && left.count == CLEAN_MAX);
    if (code != CTPS_OK || total == 0)
        return code;
    rc = sys->sync_dir(sys->ctx, dir);
    return rc < 0 ? err_set_errno(err, -rc, "%s: flush", dir) : CTPS_OK;
}
