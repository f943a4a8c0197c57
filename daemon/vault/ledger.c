#include "vault/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "vault/rootkey.h"

enum {
    HEADER_LEN = 32, /* magic, version, zero, commitment of the key */
    RECORD_LEN = 104,
    VERSION = 1,
    CHAIN_AT = 40, /* fields stand before, then chain, then MAC */
    MAC_AT = CHAIN_AT + SEAL_HASH_LEN,
    APPEND_MAX = 100000, /* records of one call */
};

static const char magic[8] = {'c', 't', 'p', 's', 'l', 'e', 'd', 'g'};

struct ledger {
    const struct sys *sys;
    char *path;
    int fd;
    bool failed; /* a write or flush failed: what is on disk is unknown */
    struct seal_key *key;
    uint64_t count;
    uint64_t torn_len;
    uint8_t chain[SEAL_HASH_LEN];
};

/* A record as it stands: index, first index of its batch, subject, slot, day, zero, chain, MAC
 */
struct row {
    uint64_t index;
    uint64_t batch;
    struct ledger_record record;
};

static int64_t offset_of(uint64_t index)
{
    return (int64_t)(HEADER_LEN + index * RECORD_LEN);
}

static void chain_next(uint8_t out[SEAL_HASH_LEN], const uint8_t before[SEAL_HASH_LEN],
                       const uint8_t *fields)
{
    const struct bytes parts[] = {bytes_of(before, SEAL_HASH_LEN), bytes_of(fields, CHAIN_AT)};

    seal_hash(out, parts, 2);
}

static void row_encode(uint8_t out[RECORD_LEN], const struct ledger *ledger,
                       const uint8_t chain[SEAL_HASH_LEN], const struct row *row)
{
    struct bytes signed_part = bytes_of(out, MAC_AT);

    be64_put(out, row->index);
    be64_put(out + 8, row->batch);
    be64_put(out + 16, row->record.subject);
    be64_put(out + 24, row->record.slot);
    be32_put(out + 32, (uint32_t)row->record.day);
    be32_put(out + 36, 0);
    chain_next(out + CHAIN_AT, chain, out);
    seal_mac(out + MAC_AT, ledger->key, &signed_part, 1);
}

/* Whether `in` was written by this ledger; its index and chain are checked apart. */
static bool row_decode(struct row *ret_row, const uint8_t in[RECORD_LEN],
                       const struct ledger *ledger)
{
    struct bytes signed_part = bytes_of(in, MAC_AT);
    uint8_t mac[SEAL_HASH_LEN];

    seal_mac(mac, ledger->key, &signed_part, 1);
    if (memcmp(mac, in + MAC_AT, sizeof(mac)) != 0)
        return false;
    ret_row->index = be64_get(in);
    ret_row->batch = be64_get(in + 8);
    ret_row->record.subject = be64_get(in + 16);
    ret_row->record.slot = be64_get(in + 24);
    ret_row->record.day = (int32_t)be32_get(in + 32);
    return true;
}

/* CTPS_OK, or CTPS_FORGED when record `index` is not the one that follows `chain`. */
static enum ctps_code row_read(struct ledger *ledger, uint64_t index, uint8_t *chain,
                               struct row *ret_row, struct ctps_err *err)
{
    uint8_t in[RECORD_LEN];
    uint8_t next[SEAL_HASH_LEN];
    int rc = sys_read_all(ledger->sys, ledger->fd, in, sizeof(in), offset_of(index));

    if (rc < 0)
        return err_set_errno(err, -rc, "%s: read", ledger->path);
    if (!row_decode(ret_row, in, ledger) || ret_row->index != index)
        return CTPS_FORGED;
    chain_next(next, chain, in);
    if (memcmp(next, in + CHAIN_AT, sizeof(next)) != 0)
        return CTPS_FORGED;
    memcpy(chain, next, sizeof(next));
    return CTPS_OK;
}

/* From record `bad` on nothing follows. A power cut leaves there records of one batch, each in
 * its place or unreadable. A record of a later batch, begun only once this one was flushed, or
 * one out of its place, means damage. */
static enum ctps_code tail_check(struct ledger *ledger, uint64_t bad, uint64_t end,
                                 struct ctps_err *err)
{
    uint8_t in[RECORD_LEN];
    struct row row;

    for (uint64_t i = bad; i < end; i++) {
        int rc = sys_read_all(ledger->sys, ledger->fd, in, sizeof(in), offset_of(i));

        if (rc < 0)
            return err_set_errno(err, -rc, "%s: read", ledger->path);
        if (row_decode(&row, in, ledger) && (i == bad || row.index != i || row.batch > bad))
            return err_set(err, CTPS_DAMAGED, "%s: record %llu of %llu is damaged",
                           ledger->path, (unsigned long long)bad + 1, (unsigned long long)end);
    }
    return CTPS_OK;
}

static enum ctps_code tail_cut(struct ledger *ledger, uint64_t size, struct ctps_err *err)
{
    const struct sys *sys = ledger->sys;
    int rc;

    ledger->torn_len = size - (uint64_t)offset_of(ledger->count);
    if (ledger->torn_len == 0)
        return CTPS_OK;
    rc = sys->ftruncate(sys->ctx, ledger->fd, offset_of(ledger->count));
    if (rc == 0)
        rc = sys->fsync(sys->ctx, ledger->fd);
    return rc < 0 ? err_set_errno(err, -rc, "%s: cut a torn record", ledger->path) : CTPS_OK;
}

/* The last batch may be known from the page cache alone, after a flush that failed: it is
 * written again and flushed before anything is built on it. */
static enum ctps_code batch_settle(struct ledger *ledger, uint64_t first, struct ctps_err *err)
{
    const struct sys *sys = ledger->sys;
    size_t len = (size_t)(ledger->count - first) * RECORD_LEN;
    uint8_t *data;
    int rc;

    if (len == 0)
        return CTPS_OK;
    data = malloc(len);
    if (!data)
        return err_set(err, CTPS_NOMEM, "%s: no memory", ledger->path);
    rc = sys_read_all(sys, ledger->fd, data, len, offset_of(first));
    if (rc == 0)
        rc = sys_write_all(sys, ledger->fd, data, len, offset_of(first));
    if (rc == 0)
        rc = sys->fdatasync(sys->ctx, ledger->fd);
    free(data);
    return rc < 0 ? err_set_errno(err, -rc, "%s: write the last batch again", ledger->path)
                  : CTPS_OK;
}

static enum ctps_code records_load(struct ledger *ledger, uint64_t size, struct ctps_err *err)
{
    uint64_t end = (size - HEADER_LEN) / RECORD_LEN;
    enum ctps_code code = CTPS_OK;
    uint64_t last = 0;
    struct row row = {0};

    while (ledger->count < end && code == CTPS_OK) {
        code = row_read(ledger, ledger->count, ledger->chain, &row, err);
        if (code == CTPS_OK) {
            ledger->count++;
            last = row.batch;
        }
    }
    if (code == CTPS_FORGED)
        code = tail_check(ledger, ledger->count, end, err);
    if (code == CTPS_OK)
        code = tail_cut(ledger, size, err);
    return code == CTPS_OK && ledger->count ? batch_settle(ledger, last, err) : code;
}

static void header_make(uint8_t out[HEADER_LEN], const struct ledger *ledger)
{
    memcpy(out, magic, sizeof(magic));
    be32_put(out + 8, VERSION);
    be32_put(out + 12, 0);
    memcpy(out + 16, ledger->key->commit, SEAL_COMMIT_LEN);
}

static enum ctps_code header_write(struct ledger *ledger, const uint8_t header[HEADER_LEN],
                                   struct ctps_err *err)
{
    const struct sys *sys = ledger->sys;
    char folder[PATH_MAX];
    int rc = sys->ftruncate(sys->ctx, ledger->fd, 0);

    if (rc == 0)
        rc = sys_write_all(sys, ledger->fd, header, HEADER_LEN, 0);
    if (rc == 0)
        rc = sys->fsync(sys->ctx, ledger->fd);
    if (rc == 0) {
        snprintf(folder, sizeof(folder), "%s", ledger->path);
        rc = sys->sync_dir(sys->ctx, dirname(folder));
    }
    return rc < 0 ? err_set_errno(err, -rc, "%s: write", ledger->path) : CTPS_OK;
}

static enum ctps_code header_check(struct ledger *ledger, const uint8_t wanted[HEADER_LEN],
                                   struct ctps_err *err)
{
    uint8_t found[HEADER_LEN];
    int rc = sys_read_all(ledger->sys, ledger->fd, found, sizeof(found), 0);

    if (rc < 0)
        return err_set_errno(err, -rc, "%s: read", ledger->path);
    if (memcmp(found, magic, sizeof(magic)) != 0)
        return err_set(err, CTPS_DAMAGED, "%s: not a ledger", ledger->path);
    if (memcmp(found, wanted, 16) != 0)
        return err_set(err, CTPS_UNSUPPORTED, "%s: version %u", ledger->path,
                       be32_get(found + 8));
    if (memcmp(found, wanted, HEADER_LEN) != 0)
        return err_set(err, CTPS_FORGED, "%s: was made under another root key", ledger->path);
    return CTPS_OK;
}

static enum ctps_code ledger_load(struct ledger *ledger, struct ctps_err *err)
{
    const struct sys *sys = ledger->sys;
    uint8_t header[HEADER_LEN];
    struct bytes part = bytes_of(header, sizeof(header));
    enum ctps_code code;
    int64_t size;

    ledger->fd = sys->open(sys->ctx, ledger->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (ledger->fd < 0)
        return err_set_errno(err, -ledger->fd, "%s", ledger->path);
    size = sys->size(sys->ctx, ledger->fd);
    if (size < 0)
        return err_set_errno(err, (int)-size, "%s: size", ledger->path);
    header_make(header, ledger);
    seal_hash(ledger->chain, &part, 1);
    /* Shorter than its header: it was being made, and nothing was ever acknowledged. */
    if (size < HEADER_LEN)
        return header_write(ledger, header, err);
    code = header_check(ledger, header, err);
    return code == CTPS_OK ? records_load(ledger, (uint64_t)size, err) : code;
}

enum ctps_code ledger_open(struct ledger **ret_ledger, const char *path, const struct sys *sys,
                           const struct seal_key *root, struct ctps_err *err)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    enum ctps_code code;

    if (!ledger)
        return err_set(err, CTPS_NOMEM, "%s: no memory", path);
    ledger->fd = -1;
    ledger->sys = sys;
    ledger->path = strdup(path);
    ledger->key = seal_key_new();
    if (!ledger->path || !ledger->key) {
        ledger_close(&ledger);
        return err_set(err, CTPS_NOMEM, "%s: no memory", path);
    }
    rootkey_derive(ledger->key, root, ROOTKEY_LEDGER);
    code = ledger_load(ledger, err);
    if (code != CTPS_OK) {
        ledger_close(&ledger);
        return code;
    }
    *ret_ledger = ledger;
    return CTPS_OK;
}

void ledger_close(struct ledger **ledger)
{
    struct ledger *old = *ledger;

    *ledger = NULL;
    if (!old)
        return;
    if (old->fd >= 0)
        old->sys->close(old->sys->ctx, old->fd);
    seal_key_free(&old->key);
    free(old->path);
    free(old);
}

static enum ctps_code batch_write(struct ledger *ledger, const uint8_t *data, size_t count,
                                  struct ctps_err *err)
{
    const struct sys *sys = ledger->sys;
    int rc = sys_write_all(sys, ledger->fd, data, count * RECORD_LEN, offset_of(ledger->count));

    if (rc == 0)
        rc = sys->fdatasync(sys->ctx, ledger->fd);
    if (rc < 0) {
        ledger->failed = true;
        return err_set_errno(err, -rc, "%s: append", ledger->path);
    }
    memcpy(ledger->chain, data + (count - 1) * RECORD_LEN + CHAIN_AT, SEAL_HASH_LEN);
    ledger->count += count;
    return CTPS_OK;
}

enum ctps_code ledger_append(struct ledger *ledger, const struct ledger_record *records,
                             size_t count, struct ctps_err *err)
{
    const uint8_t *chain = ledger->chain;
    uint8_t *data;
    enum ctps_code code;

    if (ledger->failed)
        return err_set(err, CTPS_CLOSED, "%s: an earlier append failed", ledger->path);
    if (count == 0)
        return CTPS_OK;
    if (count > APPEND_MAX)
        return err_set(err, CTPS_LIMIT, "%s: %zu records at once", ledger->path, count);
    data = malloc(count * RECORD_LEN);
    if (!data)
        return err_set(err, CTPS_NOMEM, "%s: no memory", ledger->path);
    for (size_t i = 0; i < count; i++) {
        const struct row row = {ledger->count + i, ledger->count, records[i]};

        row_encode(data + i * RECORD_LEN, ledger, chain, &row);
        chain = data + i * RECORD_LEN + CHAIN_AT;
    }
    code = batch_write(ledger, data, count, err);
    free(data);
    return code;
}

enum ctps_code ledger_each(struct ledger *ledger,
                           enum ctps_code (*each)(void *arg,
                                                  const struct ledger_record *record),
                           void *arg, struct ctps_err *err)
{
    uint8_t header[HEADER_LEN];
    uint8_t chain[SEAL_HASH_LEN];
    struct bytes part = bytes_of(header, sizeof(header));
    enum ctps_code code = CTPS_OK;

    header_make(header, ledger);
    seal_hash(chain, &part, 1);
    for (uint64_t i = 0; code == CTPS_OK && i < ledger->count; i++) {
        struct row row;

        code = row_read(ledger, i, chain, &row, err);
        if (code == CTPS_FORGED)
            code = err_set(err, CTPS_DAMAGED, "%s: record %llu is damaged", ledger->path,
                           (unsigned long long)i + 1);
        if (code == CTPS_OK)
            code = each(arg, &row.record);
    }
    return code;
}

uint64_t ledger_count(const struct ledger *ledger)
{
    return ledger->count;
}

uint64_t ledger_torn_len(const struct ledger *ledger)
{
    return ledger->torn_len;
}
