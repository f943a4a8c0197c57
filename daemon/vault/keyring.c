#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vault/keyring_inside.h"

enum { BOX_AD_LEN = 12 };

enum ctps_code keyring_create(const struct keyring_options *options, struct ctps_err *err)
{
    const struct sys *sys = options->sys;
    struct keyring_rewrite rewrite = {
        .sys = sys,
        .log = options->log,
        .root = options->root,
        .dir = options->dir,
        .number = 1,
    };
    uint32_t found;
    enum ctps_code code;
    int rc = sys->mkdir(sys->ctx, options->dir, 0700);

    if (rc < 0)
        return err_set_errno(err, -rc, "%s", options->dir);
    code = keyring_epoch_find(sys, options->dir, &found, err);
    if (code == CTPS_OK)
        return err_set(err, CTPS_EXISTS, "%s: holds a keyring", options->dir);
    if (code == CTPS_ABSENT)
        code = keyring_folder_clean(sys, options->log, options->dir, 0, err);
    if (code == CTPS_OK)
        code = keyring_rewrite_run(&rewrite, err);
    if (code == CTPS_OK)
        code = keyring_folder_clean(sys, options->log, options->dir, 1, err);
    return code;
}

static struct keyring *keyring_new(const struct keyring_options *options)
{
    struct keyring *keyring = calloc(1, sizeof(*keyring));

    if (!keyring)
        return NULL;
    keyring->sys = options->sys;
    keyring->root = options->root;
    keyring->log = options->log;
    keyring->dir = strdup(options->dir);
    keyring->scratch = seal_key_new();
    if (!keyring->dir || !keyring->scratch)
        keyring_close(&keyring);
    return keyring;
}

static enum ctps_code current_open(struct keyring *keyring, struct ctps_err *err)
{
    struct keyring_paths paths;
    struct epoch_place place = {
        .sys = keyring->sys,
        .root = keyring->root,
        .keys_path = paths.keys,
        .secret_path = paths.secret,
    };
    enum ctps_code code = keyring_epoch_find(keyring->sys, keyring->dir, &place.number, err);

    if (code == CTPS_OK)
        code = keyring_paths_make(&paths, keyring->dir, place.number, err);
    if (code == CTPS_OK)
        code = epoch_open(&keyring->epoch, &place, err);
    /* Only now: before, the others might be all there is. */
    if (code == CTPS_OK)
        code =
            keyring_folder_clean(keyring->sys, keyring->log, keyring->dir, place.number, err);
    return code;
}

/* The newest transaction may be known from the page cache alone: its last page was written by a
 * commit that then failed. One more commit, before a slot is taken, makes all it rests on
 * durable (LMDB flushes the pages of a transaction before it writes the page that names them).
 */
static enum ctps_code newest_settle(struct keyring *keyring, struct ctps_err *err)
{
    struct epoch *epoch = keyring->epoch;
    struct store_txn *txn;
    enum ctps_code code = store_txn_begin(&txn, epoch->store, true, err);

    if (code != CTPS_OK)
        return code;
    epoch_meta_put(epoch, txn, &epoch->meta);
    return store_txn_commit(&txn, err);
}

enum ctps_code keyring_open(struct keyring **ret_keyring, const struct keyring_options *options,
                            struct ctps_err *err)
{
    struct keyring *keyring = keyring_new(options);
    enum ctps_code code;

    if (!keyring)
        return err_set(err, CTPS_NOMEM, "keyring: no memory");
    code = current_open(keyring, err);
    if (code == CTPS_OK)
        code = newest_settle(keyring, err);
    if (code != CTPS_OK) {
        keyring_close(&keyring);
        return code;
    }
    *ret_keyring = keyring;
    return CTPS_OK;
}

void keyring_close(struct keyring **keyring)
{
    struct keyring *old = *keyring;

    *keyring = NULL;
    if (!old)
        return;
    epoch_close(&old->epoch);
    seal_key_free(&old->scratch);
    free(old->dir);
    free(old);
}

uint64_t keyring_slot_count(const struct keyring *keyring)
{
    return keyring->epoch->meta.slot_count;
}

uint32_t keyring_epoch(const struct keyring *keyring)
{
    return keyring->epoch->number;
}

void keyring_mark_get(const struct keyring *keyring, struct keyring_mark *ret_mark)
{
    *ret_mark = keyring->epoch->meta.mark;
}

enum ctps_code keyring_extend(struct keyring *keyring, const struct keyring_mark *mark,
                              struct ctps_err *err)
{
    struct epoch *epoch = keyring->epoch;
    struct epoch_meta meta = epoch->meta;
    struct store_txn *txn;
    enum ctps_code code;

    if (keyring->failed)
        return err_set(err, CTPS_CLOSED, "keyring: an earlier rewrite failed");
    code = store_txn_begin(&txn, epoch->store, true, err);
    if (code != CTPS_OK)
        return code;
    keyring_slots_make(epoch, txn, keyring->sys, meta.slot_count + 1, KEYRING_BLOCK_COUNT);
    meta.slot_count += KEYRING_BLOCK_COUNT;
    if (mark)
        meta.mark = *mark;
    epoch_meta_put(epoch, txn, &meta);
    code = store_txn_commit(&txn, err);
    if (code == CTPS_OK)
        epoch->meta = meta;
    return code;
}

enum ctps_code keyring_key_get(struct keyring *keyring, uint64_t slot, struct seal_key *out)
{
    if (keyring->failed)
        return CTPS_CLOSED;
    return epoch_slot_get(keyring->epoch, slot, out);
}

static struct bytes box_ad(uint8_t out[BOX_AD_LEN], uint64_t slot, uint32_t field)
{
    be64_put(out, slot);
    be32_put(out + 8, field);
    return bytes_of(out, BOX_AD_LEN);
}

enum ctps_code keyring_seal(struct keyring *keyring, struct arena *arena, uint64_t slot,
                            uint32_t field, struct bytes content, struct bytes *ret_box)
{
    uint8_t ad[BOX_AD_LEN];
    enum ctps_code code;
    uint8_t *room;

    if (content.len > STORE_VALUE_MAX)
        return CTPS_LIMIT;
    room = arena_alloc(arena, content.len + SEAL_OVERHEAD);
    if (!room)
        return CTPS_NOMEM;
    code = keyring_key_get(keyring, slot, keyring->scratch);
    if (code != CTPS_OK)
        return code;
    seal_box_make(room, keyring->scratch, seal_rng_sys(&keyring->epoch->rng),
                  box_ad(ad, slot, field), content);
    explicit_bzero(keyring->scratch, sizeof(*keyring->scratch));
    *ret_box = bytes_of(room, content.len + SEAL_OVERHEAD);
    return CTPS_OK;
}

enum ctps_code keyring_unseal(struct keyring *keyring, struct arena *arena, uint64_t slot,
                              uint32_t field, struct bytes box, struct bytes *ret_content)
{
    uint8_t ad[BOX_AD_LEN];
    enum ctps_code code;
    uint8_t *room;

    code = keyring_key_get(keyring, slot, keyring->scratch);
    if (code != CTPS_OK)
        return code;
    if (box.len < SEAL_OVERHEAD)
        return CTPS_FORGED;
    room = arena_alloc(arena, box.len - SEAL_OVERHEAD + 1);
    if (!room)
        return CTPS_NOMEM;
    code = seal_box_open(room, keyring->scratch, box_ad(ad, slot, field), box);
    explicit_bzero(keyring->scratch, sizeof(*keyring->scratch));
    if (code == CTPS_OK)
        *ret_content = bytes_of(room, box.len - SEAL_OVERHEAD);
    return code;
}

enum ctps_code keyring_check(struct keyring *keyring, uint64_t *ret_live_count,
                             struct ctps_err *err)
{
    if (keyring->failed)
        return err_set(err, CTPS_CLOSED, "keyring: an earlier rewrite failed");
    return epoch_check(keyring->epoch, ret_live_count, err);
}
