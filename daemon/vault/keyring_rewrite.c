#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "vault/keyring_inside.h"

enum { COMMIT_EVERY = 32768 }; /* rows of one transaction of a rewrite */

void keyring_slots_make(struct epoch *epoch, struct store_txn *txn, const struct sys *sys,
                        uint64_t first, uint64_t count)
{
    /* Keys come from the system's randomness itself; only nonces are stretched. */
    for (uint64_t slot = first; slot < first + count; slot++) {
        seal_key_random(epoch->scratch, sys);
        epoch_slot_put(epoch, txn, slot, epoch->scratch);
    }
}

struct fill {
    const struct keyring_rewrite *rewrite;
    struct epoch *to;
    struct store_txn *txn;
    struct epoch_meta meta;
    uint64_t rows;
    struct ctps_err *err;
};

static int compare_slots(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;

    return *left < *right ? -1 : *left > *right;
}

static enum ctps_code fill_each(void *arg, uint64_t slot, const struct seal_key *key)
{
    struct fill *fill = arg;
    const struct keyring_rewrite *rewrite = fill->rewrite;
    enum ctps_code code = CTPS_OK;

    if (rewrite->gone_count &&
        bsearch(&slot, rewrite->gone, rewrite->gone_count, sizeof(slot), compare_slots)) {
        epoch_gone_put(fill->txn, slot);
        fill->meta.gone_count++;
    } else {
        epoch_slot_put(fill->to, fill->txn, slot, key);
    }
    if (++fill->rows % COMMIT_EVERY == 0) {
        code = store_txn_commit(&fill->txn, fill->err);
        if (code == CTPS_OK)
            code = store_txn_begin(&fill->txn, fill->to->store, true, fill->err);
    }
    return code;
}

static enum ctps_code gone_carry(struct fill *fill)
{
    struct store_txn *from;
    enum ctps_code code = store_txn_begin(&from, fill->rewrite->from->store, false, fill->err);

    if (code != CTPS_OK)
        return code;
    epoch_gone_copy(fill->txn, from);
    return store_txn_commit(&from, fill->err);
}

static enum ctps_code rows_fill(struct fill *fill)
{
    const struct keyring_rewrite *rewrite = fill->rewrite;
    enum ctps_code code;

    if (!rewrite->from) {
        fill->meta.slot_count = KEYRING_BLOCK_COUNT;
        keyring_slots_make(fill->to, fill->txn, rewrite->sys, 1, KEYRING_BLOCK_COUNT);
        return CTPS_OK;
    }
    fill->meta = rewrite->from->meta;
    code = gone_carry(fill);
    if (code != CTPS_OK)
        return code;
    return epoch_each(rewrite->from, fill_each, fill, fill->err);
}

static enum ctps_code epoch_fill(const struct keyring_rewrite *rewrite, struct epoch *to,
                                 struct ctps_err *err)
{
    struct fill fill = {.rewrite = rewrite, .to = to, .err = err};
    enum ctps_code code = store_txn_begin(&fill.txn, to->store, true, err);

    if (code == CTPS_OK)
        code = rows_fill(&fill);
    if (code != CTPS_OK) {
        store_txn_abort(&fill.txn);
        return code;
    }
    if (rewrite->mark)
        fill.meta.mark = *rewrite->mark;
    epoch_meta_put(to, fill.txn, &fill.meta);
    return store_txn_commit(&fill.txn, err);
}

static enum ctps_code file_flush(const struct sys *sys, const char *path, struct ctps_err *err)
{
    int fd = sys->open(sys->ctx, path, O_RDWR | O_CLOEXEC, 0);
    int rc;

    if (fd < 0)
        return err_set_errno(err, -fd, "%s: open", path);
    rc = sys->fsync(sys->ctx, fd);
    sys->close(sys->ctx, fd);
    return rc < 0 ? err_set_errno(err, -rc, "%s: flush", path) : CTPS_OK;
}

static enum ctps_code epoch_write(const struct keyring_rewrite *rewrite,
                                  const struct keyring_paths *paths, struct ctps_err *err)
{
    const struct epoch_place place = {
        .sys = rewrite->sys,
        .root = rewrite->root,
        .keys_path = paths->keys_new,
        .secret_path = paths->secret,
        .number = rewrite->number,
    };
    struct epoch *to = NULL;
    enum ctps_code code = epoch_make(&to, &place, err);

    if (code == CTPS_OK)
        code = epoch_fill(rewrite, to, err);
    epoch_close(&to);
    return code == CTPS_OK ? file_flush(rewrite->sys, paths->keys_new, err) : code;
}

static enum ctps_code epoch_place_final(struct keyring_rewrite *rewrite,
                                        const struct keyring_paths *paths, struct ctps_err *err)
{
    const struct sys *sys = rewrite->sys;
    int rc;

    rewrite->renamed = true;
    rc = sys->rename(sys->ctx, paths->keys_new, paths->keys);
    if (rc == 0)
        rc = sys->sync_dir(sys->ctx, rewrite->dir);
    return rc < 0 ? err_set_errno(err, -rc, "%s: rename", paths->keys) : CTPS_OK;
}

enum ctps_code keyring_rewrite_run(struct keyring_rewrite *rewrite, struct ctps_err *err)
{
    struct keyring_paths paths;
    enum ctps_code code = keyring_paths_make(&paths, rewrite->dir, rewrite->number, err);

    if (code != CTPS_OK)
        return code;
    code = epoch_write(rewrite, &paths, err);
    if (code == CTPS_OK)
        return epoch_place_final(rewrite, &paths, err);
    keyring_folder_clean(rewrite->sys, rewrite->log, rewrite->dir,
                         rewrite->from ? rewrite->from->number : 0, NULL);
    return code;
}

static uint64_t *slots_sorted(const uint64_t *slots, size_t count)
{
    uint64_t *sorted =
        count <= SIZE_MAX / sizeof(*sorted) - 1 ? malloc((count + 1) * sizeof(*sorted)) : NULL;

    if (sorted && count) {
        memcpy(sorted, slots, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), compare_slots);
    }
    return sorted;
}

/* The new epoch is in force: take it up, then remove the old one for good. */
static enum ctps_code epoch_switch(struct keyring *keyring, uint32_t number,
                                   struct ctps_err *err)
{
    struct keyring_paths paths;
    const struct epoch_place place = {
        .sys = keyring->sys,
        .root = keyring->root,
        .keys_path = paths.keys,
        .secret_path = paths.secret,
        .number = number,
    };
    struct epoch *epoch = NULL;
    enum ctps_code code = keyring_paths_make(&paths, keyring->dir, number, err);

    if (code == CTPS_OK)
        code = epoch_open(&epoch, &place, err);
    if (code != CTPS_OK) {
        keyring->failed = true;
        return code;
    }
    epoch_close(&keyring->epoch);
    keyring->epoch = epoch;
    return keyring_folder_clean(keyring->sys, keyring->log, keyring->dir, number, err);
}

enum ctps_code keyring_destroy(struct keyring *keyring, const uint64_t *slots, size_t count,
                               const struct keyring_mark *mark, struct ctps_err *err)
{
    struct keyring_rewrite rewrite = {
        .sys = keyring->sys,
        .log = keyring->log,
        .root = keyring->root,
        .dir = keyring->dir,
        .number = keyring->epoch->number + 1,
        .from = keyring->epoch,
        .gone_count = count,
        .mark = mark,
    };
    uint64_t *sorted;
    enum ctps_code code;

    if (keyring->failed)
        return err_set(err, CTPS_CLOSED, "keyring: an earlier rewrite failed");
    sorted = slots_sorted(slots, count);
    if (!sorted)
        return err_set(err, CTPS_NOMEM, "keyring: no memory");
    rewrite.gone = sorted;
    code = keyring_folder_clean(keyring->sys, keyring->log, keyring->dir,
                                keyring->epoch->number, err);
    if (code == CTPS_OK)
        code = keyring_rewrite_run(&rewrite, err);
    free(sorted);
    if (code == CTPS_OK)
        return epoch_switch(keyring, rewrite.number, err);
    keyring->failed = rewrite.renamed;
    return code;
}
