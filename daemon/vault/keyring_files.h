/*
 * keyring_files: names and fates of the files of a keyring's folder: which epoch is the current
 * one, and real removal (overwritten, flushed, unlinked) of the others.
 */
#ifndef CTPS_VAULT_KEYRING_FILES_H
#define CTPS_VAULT_KEYRING_FILES_H

#include "base/err.h"
#include "base/log.h"
#include "base/sys.h"

enum { KEYRING_PATH_LEN = 4096, KEYRING_SECRET_LEN = 32 };

struct keyring_paths {
    char keys[KEYRING_PATH_LEN];
    char keys_new[KEYRING_PATH_LEN]; /* while it is being written */
    char secret[KEYRING_PATH_LEN];
};

/* CTPS_LIMIT when a path would be too long. */
enum ctps_code keyring_paths_make(struct keyring_paths *out, const char *dir, uint32_t epoch,
                                  struct ctps_err *err);
/* The highest epoch whose .keys stands under its final name; CTPS_ABSENT when there is none or
 * no folder. */
enum ctps_code keyring_epoch_find(const struct sys *sys, const char *dir, uint32_t *ret_epoch,
                                  struct ctps_err *err);

/* Overwrites with zeros, flushes and unlinks; CTPS_OK when there is none. */
enum ctps_code keyring_file_shred(const struct sys *sys, const char *path,
                                  struct ctps_err *err);
/* Shreds every keyring file of the folder but those of epoch `keep` (0: keeps none), then
 * flushes the folder. Files that are not a keyring's are left alone. */
enum ctps_code keyring_folder_clean(const struct sys *sys, const struct log *log,
                                    const char *dir, uint32_t keep, struct ctps_err *err);

#endif
