#include "vault/keyring_epoch.h"

#include <errno.h>
#include <stdlib.h>

#include "vault/rootkey.h"

enum { TABLE_META, TABLE_SLOTS, TABLE_GONE, TABLE_COUNT };

enum {
    SCHEMA = 1,
    GONE_SLOTS = 8192, /* per bitmap row */
    GONE_LEN = GONE_SLOTS / 8,
    SLOT_KEY_LEN = 8,
    WRAP_AD_LEN = 12,
    WRAP_LEN = SEAL_KEY_LEN + SEAL_OVERHEAD,
    META_LEN = 8 + 8 + 8 + KEYRING_INCARNATION_LEN + 8 + SEAL_HASH_LEN + SEAL_COMMIT_LEN,
    FORGET_EVERY = 1024, /* rows of a walk between two releases of its memory */
};

static const size_t map_len = (size_t)8 << 30; /* sparse; 10^7 slots take 1.4 GiB */

static const char meta_key[] = "meta";

static struct bytes meta_name(void)
{
    return bytes_of(meta_key, sizeof(meta_key) - 1);
}

static void keys_derive(struct epoch *epoch, const struct epoch_place *place,
                        const uint8_t secret[KEYRING_SECRET_LEN])
{
    uint8_t context[4 + KEYRING_SECRET_LEN];

    /* kek stands in for the keyring's key until it gets its own content. */
    rootkey_derive(epoch->kek, place->root, ROOTKEY_KEYRING);
    seal_key_derive(epoch->store_key, epoch->kek, "rows", (struct bytes){0});
    be32_put(context, place->number);
    memcpy(context + 4, secret, KEYRING_SECRET_LEN);
    seal_key_derive(epoch->kek, epoch->kek, "wrap", bytes_of(context, sizeof(context)));
    explicit_bzero(context, sizeof(context));
}

static enum ctps_code rows_open(struct epoch *epoch, const struct epoch_place *place,
                                struct ctps_err *err)
{
    const struct store_options options = {
        .path = place->keys_path,
        .flavour = STORE_DURABLE,
        .map_len = map_len,
        .schema_version = SCHEMA,
        .table_count = TABLE_COUNT,
        .sys = place->sys,
        .key = epoch->store_key,
        .read_only = place->read_only,
    };

    return store_open(&epoch->store, &options, err);
}

static struct epoch *epoch_new(const struct epoch_place *place)
{
    struct epoch *epoch = calloc(1, sizeof(*epoch));

    if (!epoch)
        return NULL;
    epoch->number = place->number;
    epoch->store_key = seal_key_new();
    epoch->kek = seal_key_new();
    epoch->scratch = seal_key_new();
    seal_rng_init(&epoch->rng, place->sys);
    if (!epoch->store_key || !epoch->kek || !epoch->scratch)
        epoch_close(&epoch);
    return epoch;
}

void epoch_close(struct epoch **epoch)
{
    struct epoch *old = *epoch;

    *epoch = NULL;
    if (!old)
        return;
    store_close(&old->store);
    seal_key_free(&old->scratch);
    seal_key_free(&old->kek);
    seal_key_free(&old->store_key);
    seal_rng_done(&old->rng);
    free(old);
}

static enum ctps_code secret_make(uint8_t secret[KEYRING_SECRET_LEN],
                                  const struct epoch_place *place, struct ctps_err *err)
{
    int rc;

    sys_random(place->sys, secret, KEYRING_SECRET_LEN);
    rc = sys_write_file(place->sys, place->secret_path, secret, KEYRING_SECRET_LEN, 0600);
    return rc < 0 ? err_set_errno(err, -rc, "%s: write", place->secret_path) : CTPS_OK;
}

static enum ctps_code secret_read(uint8_t secret[KEYRING_SECRET_LEN],
                                  const struct epoch_place *place, struct ctps_err *err)
{
    ssize_t n = sys_read_file(place->sys, place->secret_path, secret, KEYRING_SECRET_LEN);

    if (n == KEYRING_SECRET_LEN)
        return CTPS_OK;
    if (n == -ENOENT || n == -EFBIG || n >= 0)
        return err_set(err, CTPS_DAMAGED, "%s: the secret of the epoch is missing or malformed",
                       place->secret_path);
    return err_set_errno(err, (int)-n, "%s: read", place->secret_path);
}

static enum ctps_code meta_get(struct epoch *epoch, struct ctps_err *err)
{
    struct store_txn *txn;
    struct bytes row = {0};
    enum ctps_code code = store_txn_begin(&txn, epoch->store, false, err);

    if (code != CTPS_OK)
        return code;
    code = store_get(txn, TABLE_META, meta_name(), &row);
    store_txn_error(txn, err);
    if (code == CTPS_ABSENT || (code == CTPS_OK && row.len != META_LEN))
        code = err_set(err, CTPS_DAMAGED, "keyring: no description of the epoch");
    if (code == CTPS_OK) {
        const uint8_t *at = row.data;

        epoch->meta.slot_count = be64_get(at + 8);
        epoch->meta.gone_count = be64_get(at + 16);
        memcpy(epoch->meta.mark.incarnation, at + 24, KEYRING_INCARNATION_LEN);
        epoch->meta.mark.seq = be64_get(at + 40);
        memcpy(epoch->meta.mark.hash, at + 48, SEAL_HASH_LEN);
        if (be64_get(at) != epoch->number)
            code = err_set(err, CTPS_DAMAGED, "keyring: epoch %u under the name of epoch %u",
                           (unsigned)be64_get(at), epoch->number);
        else if (memcmp(at + 80, epoch->kek->commit, SEAL_COMMIT_LEN) != 0)
            code = err_set(err, CTPS_DAMAGED, "keyring: the secret is not that of epoch %u",
                           epoch->number);
    }
    store_txn_abort(&txn);
    return code;
}

enum ctps_code epoch_make(struct epoch **ret_epoch, const struct epoch_place *place,
                          struct ctps_err *err)
{
    uint8_t secret[KEYRING_SECRET_LEN];
    struct epoch *epoch = epoch_new(place);
    enum ctps_code code;

    if (!epoch)
        return err_set(err, CTPS_NOMEM, "keyring: no memory");
    code = secret_make(secret, place, err);
    if (code == CTPS_OK) {
        keys_derive(epoch, place, secret);
        code = rows_open(epoch, place, err);
    }
    explicit_bzero(secret, sizeof(secret));
    if (code == CTPS_OK)
        *ret_epoch = epoch;
    else
        epoch_close(&epoch);
    return code;
}

enum ctps_code epoch_open(struct epoch **ret_epoch, const struct epoch_place *place,
                          struct ctps_err *err)
{
    uint8_t secret[KEYRING_SECRET_LEN];
    struct epoch *epoch = epoch_new(place);
    enum ctps_code code;

    if (!epoch)
        return err_set(err, CTPS_NOMEM, "keyring: no memory");
    code = secret_read(secret, place, err);
    if (code == CTPS_OK) {
        keys_derive(epoch, place, secret);
        code = rows_open(epoch, place, err);
    }
    explicit_bzero(secret, sizeof(secret));
    if (code == CTPS_OK)
        code = meta_get(epoch, err);
    if (code == CTPS_OK)
        *ret_epoch = epoch;
    else
        epoch_close(&epoch);
    return code;
}

void epoch_meta_put(struct epoch *epoch, struct store_txn *txn, const struct epoch_meta *meta)
{
    uint8_t row[META_LEN];

    be64_put(row, epoch->number);
    be64_put(row + 8, meta->slot_count);
    be64_put(row + 16, meta->gone_count);
    memcpy(row + 24, meta->mark.incarnation, KEYRING_INCARNATION_LEN);
    be64_put(row + 40, meta->mark.seq);
    memcpy(row + 48, meta->mark.hash, SEAL_HASH_LEN);
    memcpy(row + 80, epoch->kek->commit, SEAL_COMMIT_LEN);
    store_put(txn, TABLE_META, meta_name(), bytes_of(row, sizeof(row)));
}

static struct bytes wrap_ad(uint8_t out[WRAP_AD_LEN], const struct epoch *epoch, uint64_t slot)
{
    be64_put(out, slot);
    be32_put(out + 8, epoch->number);
    return bytes_of(out, WRAP_AD_LEN);
}

void epoch_slot_put(struct epoch *epoch, struct store_txn *txn, uint64_t slot,
                    const struct seal_key *key)
{
    uint8_t name[SLOT_KEY_LEN];
    uint8_t ad[WRAP_AD_LEN];
    uint8_t box[WRAP_LEN];

    be64_put(name, slot);
    seal_box_make(box, epoch->kek, seal_rng_sys(&epoch->rng), wrap_ad(ad, epoch, slot),
                  bytes_of(key->bytes, SEAL_KEY_LEN));
    store_put(txn, TABLE_SLOTS, bytes_of(name, sizeof(name)), bytes_of(box, sizeof(box)));
}

static struct bytes gone_name(uint8_t out[SLOT_KEY_LEN], uint64_t slot)
{
    be64_put(out, slot / GONE_SLOTS);
    return bytes_of(out, SLOT_KEY_LEN);
}

void epoch_gone_put(struct store_txn *txn, uint64_t slot)
{
    uint8_t name[SLOT_KEY_LEN];
    uint8_t bits[GONE_LEN] = {0};
    struct bytes found = {0};

    if (store_get(txn, TABLE_GONE, gone_name(name, slot), &found) == CTPS_OK &&
        found.len == GONE_LEN)
        memcpy(bits, found.data, GONE_LEN);
    bits[slot % GONE_SLOTS / 8] |= (uint8_t)(1U << slot % 8);
    store_put(txn, TABLE_GONE, gone_name(name, slot), bytes_of(bits, sizeof(bits)));
    store_txn_forget(txn);
}

void epoch_gone_copy(struct store_txn *txn, struct store_txn *from)
{
    struct store_cursor *cursor;
    struct bytes none = {0};
    struct bytes name;
    struct bytes bits;

    if (store_cursor_open(&cursor, from, TABLE_GONE, none, none, false) != CTPS_OK)
        return;
    while (store_cursor_next(cursor, &name, &bits) == CTPS_OK) {
        store_put(txn, TABLE_GONE, name, bits);
        store_txn_forget(from);
    }
    store_cursor_close(&cursor);
}

enum ctps_code epoch_slot_unwrap(const struct epoch *epoch, uint64_t slot, struct bytes value,
                                 struct seal_key *out)
{
    uint8_t ad[WRAP_AD_LEN];

    if (value.len != WRAP_LEN ||
        seal_box_open(out->bytes, epoch->kek, wrap_ad(ad, epoch, slot), value) != CTPS_OK) {
        explicit_bzero(out, sizeof(*out));
        return CTPS_DAMAGED;
    }
    seal_key_set(out, out->bytes);
    return CTPS_OK;
}

/* Which row of the bitmap was read last, for walks. */
struct gone_view {
    bool loaded;
    uint64_t chunk;
    uint8_t bits[GONE_LEN];
};

static bool gone_has(struct gone_view *view, struct store_txn *txn, uint64_t slot)
{
    uint8_t name[SLOT_KEY_LEN];
    struct bytes found = {0};

    if (!view->loaded || view->chunk != slot / GONE_SLOTS) {
        memset(view->bits, 0, GONE_LEN);
        if (store_get(txn, TABLE_GONE, gone_name(name, slot), &found) == CTPS_OK &&
            found.len == GONE_LEN)
            memcpy(view->bits, found.data, GONE_LEN);
        view->chunk = slot / GONE_SLOTS;
        view->loaded = true;
    }
    return view->bits[slot % GONE_SLOTS / 8] >> slot % 8 & 1;
}

static enum ctps_code slot_get_in(struct epoch *epoch, struct store_txn *txn, uint64_t slot,
                                  struct seal_key *out)
{
    uint8_t name[SLOT_KEY_LEN];
    struct gone_view view = {.loaded = false};
    struct bytes value;
    enum ctps_code code;

    be64_put(name, slot);
    code = store_get(txn, TABLE_SLOTS, bytes_of(name, sizeof(name)), &value);
    if (code == CTPS_OK)
        return epoch_slot_unwrap(epoch, slot, value, out);
    if (code != CTPS_ABSENT || gone_has(&view, txn, slot))
        return code;
    code = store_txn_error(txn, NULL);
    return code == CTPS_OK ? CTPS_DAMAGED : code;
}

enum ctps_code epoch_slot_get(struct epoch *epoch, uint64_t slot, struct seal_key *out)
{
    struct store_txn *txn;
    enum ctps_code code;

    if (slot == 0 || slot > epoch->meta.slot_count)
        return CTPS_ABSENT;
    code = store_txn_begin(&txn, epoch->store, false, NULL);
    if (code != CTPS_OK)
        return code;
    code = slot_get_in(epoch, txn, slot, out);
    store_txn_abort(&txn);
    return code;
}

typedef enum ctps_code each_fn(void *arg, uint64_t slot, const struct seal_key *key);

static enum ctps_code each_in(struct epoch *epoch, struct store_cursor *cursor,
                              struct store_txn *txn, each_fn *each, void *arg,
                              struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;
    struct bytes name;
    struct bytes value;

    for (uint64_t rows = 1; code == CTPS_OK; rows++) {
        uint64_t slot;

        code = store_cursor_next(cursor, &name, &value);
        if (code != CTPS_OK)
            break;
        slot = name.len == SLOT_KEY_LEN ? be64_get(name.data) : 0;
        if (epoch_slot_unwrap(epoch, slot, value, epoch->scratch) != CTPS_OK)
            return err_set(err, CTPS_DAMAGED, "keyring: slot %llu does not unwrap",
                           (unsigned long long)slot);
        code = each(arg, slot, epoch->scratch);
        if (rows % FORGET_EVERY == 0)
            store_txn_forget(txn);
    }
    if (code != CTPS_ABSENT)
        return code;
    return store_txn_error(txn, err);
}

enum ctps_code epoch_each(struct epoch *epoch, each_fn *each, void *arg, struct ctps_err *err)
{
    struct store_txn *txn;
    struct store_cursor *cursor = NULL;
    struct bytes none = {0};
    enum ctps_code code = store_txn_begin(&txn, epoch->store, false, err);

    if (code != CTPS_OK)
        return code;
    code = store_cursor_open(&cursor, txn, TABLE_SLOTS, none, none, false);
    if (code == CTPS_OK)
        code = each_in(epoch, cursor, txn, each, arg, err);
    store_txn_error(txn, err);
    store_cursor_close(&cursor);
    store_txn_abort(&txn);
    return code;
}

struct check {
    struct store_txn *txn;
    struct gone_view view;
    uint64_t next; /* the slot expected now */
    uint64_t live_count;
    uint64_t gone_count;
    uint64_t bad; /* the first slot at fault */
};

/* Slots from the expected one up to `end`, not included, have no row: each must be gone. */
static enum ctps_code check_gap(struct check *check, uint64_t end)
{
    for (; check->next < end; check->next++, check->gone_count++)
        if (!gone_has(&check->view, check->txn, check->next)) {
            check->bad = check->next;
            return CTPS_DAMAGED;
        }
    return CTPS_OK;
}

static enum ctps_code check_each(void *arg, uint64_t slot, const struct seal_key *key)
{
    struct check *check = arg;
    enum ctps_code code = check_gap(check, slot);

    (void)key;
    if (code == CTPS_OK && gone_has(&check->view, check->txn, slot)) {
        check->bad = slot;
        code = CTPS_DAMAGED;
    }
    check->next = slot + 1;
    check->live_count++;
    return code;
}

static enum ctps_code check_counts(const struct epoch *epoch, const struct check *check,
                                   struct ctps_err *err)
{
    uint64_t all = epoch->meta.slot_count;

    if (check->bad)
        return err_set(err, CTPS_DAMAGED, "keyring: slot %llu is lost, or destroyed and back",
                       (unsigned long long)check->bad);
    if (check->live_count + check->gone_count != all ||
        check->gone_count != epoch->meta.gone_count)
        return err_set(err, CTPS_DAMAGED, "keyring: %llu live and %llu destroyed slots of %llu",
                       (unsigned long long)check->live_count,
                       (unsigned long long)check->gone_count, (unsigned long long)all);
    return CTPS_OK;
}

enum ctps_code epoch_check(struct epoch *epoch, uint64_t *ret_live_count, struct ctps_err *err)
{
    struct check check = {.next = 1};
    enum ctps_code code = store_txn_begin(&check.txn, epoch->store, false, err);

    if (code != CTPS_OK)
        return code;
    code = epoch_each(epoch, check_each, &check, err);
    if (code == CTPS_OK)
        code = check_gap(&check, epoch->meta.slot_count + 1);
    /* What could not be read is not lost. */
    if (store_txn_error(check.txn, err) != CTPS_OK)
        code = store_txn_error(check.txn, err);
    else if (code == CTPS_OK || check.bad)
        code = check_counts(epoch, &check, err);
    store_txn_abort(&check.txn);
    if (code == CTPS_OK && ret_live_count)
        *ret_live_count = check.live_count;
    return code;
}
