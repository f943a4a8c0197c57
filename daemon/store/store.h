/*
 * store: LMDB, with every value authenticated. The only folder that includes <lmdb.h>.
 *
 * A transaction keeps its first error (sticky): callers write straight lines and check once at
 * commit. A value is bound to its table, its key and the schema version: a flipped, moved or
 * foreign value is CTPS_DAMAGED, never data. What a missing or stale row looks like is seen in
 * the digest (view/digest).
 *
 * Two flavours: STORE_DISPOSABLE (views: MDB_NOSYNC, thrown away and rebuilt when in doubt) and
 * STORE_DURABLE (keyring: LMDB's default synchronous commit).
 *
 * One thread, or two of which one has the write transaction (store_txn_begin_behind) and the
 * other all else. At most one write transaction.
 */
#ifndef CTPS_STORE_STORE_H
#define CTPS_STORE_STORE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/sys.h"
#include "seal/seal.h"

/* The mark of a row is the nonce of its box: drawn anew by each put, so it names this writing
 * of the row and no other, and the box opens under this mark, table and key alone. */
enum { STORE_MARK_LEN = SEAL_NONCE_LEN };

enum { STORE_KEY_MAX = 400, STORE_VALUE_MAX = 16 << 20, STORE_TABLES_MAX = 64 };

enum store_flavour { STORE_DISPOSABLE, STORE_DURABLE };

struct store_options {
    const char *path; /* a file (MDB_NOSUBDIR); its lock file stands beside it */
    enum store_flavour flavour;
    size_t map_len;             /* bytes reserved, sparse */
    uint32_t schema_version;    /* bound into every value */
    unsigned table_count;       /* tables are numbered 0 .. table_count - 1 */
    const struct sys *sys;      /* randomness of nonces */
    const struct seal_key *key; /* borrow, outlives the store */
    bool read_only;
};

struct store;
struct store_txn;
struct store_cursor;

/* Makes the file when absent (0600). CTPS_FORGED when it was made under another key,
 * CTPS_UNSUPPORTED under another schema version. Own: store_close. */
enum ctps_code store_open(struct store **ret_store, const struct store_options *options,
                          struct ctps_err *err);
/* Closes without flushing a DISPOSABLE store. NULL allowed; nulls the pointer. */
void store_close(struct store **store);
/* mdb_env_sync, whatever the flavour. */
enum ctps_code store_sync(struct store *store, struct ctps_err *err);
/* Compacted, consistent copy under `path`: temporary name, flushed, renamed, folder flushed. */
enum ctps_code store_copy(struct store *store, const char *path, struct ctps_err *err);

struct store_figures {
    uint64_t used_len;  /* bytes of the file in use */
    uint64_t map_len;   /* bytes it may grow to */
    uint64_t row_count; /* over all tables */
    unsigned readers;
};
enum ctps_code store_figures_get(struct store *store, struct store_figures *ret_figures);
/* Clears readers of dead processes (mdb_reader_check). */
void store_check_readers(struct store *store);

/* A write transaction is CTPS_BUSY while another is open, and CTPS_NOSPACE when the map has
 * less head-room than a batch may need (an eighth of it, at most 64 MiB): known before the
 * batch is journalled. Own: commit or abort, its cursors closed before. */
enum ctps_code store_txn_begin(struct store_txn **ret_txn, struct store *store, bool write,
                               struct ctps_err *err);
/* What store_txn_begin looks at before it writes, as far as the file goes: CTPS_REFUSED,
 * CTPS_NOSPACE. */
enum ctps_code store_write_check(const struct store *store, struct ctps_err *err);
/* A write transaction for a second thread, which may not draw from `sys`: the first one has
 * called store_write_check for what is to be written, and store_reseed. */
enum ctps_code store_txn_begin_behind(struct store_txn **ret_txn, struct store *store,
                                      struct ctps_err *err);
/* Fresh randomness for the nonces of the next rows. Not while anything is being written. */
void store_reseed(struct store *store);
/* Ends the transaction whatever it answers; the sticky error when there was one, CTPS_NOSPACE
 * (nothing was written) when the map is full. After any other failure what is on disk is
 * unknown and every later write transaction is CTPS_CLOSED: exit, open again, verify. */
enum ctps_code store_txn_commit(struct store_txn **txn, struct ctps_err *err);
/* NULL allowed; nulls the pointer. */
void store_txn_abort(struct store_txn **txn);
/* The first error of this transaction (CTPS_OK when none). */
enum ctps_code store_txn_error(const struct store_txn *txn, struct ctps_err *err);

/* Gives back the memory of every value answered so far (they are wiped): for walks over whole
 * tables, since a transaction may hold 256 MiB of opened values; past it CTPS_LIMIT, sticky. */
void store_txn_forget(struct store_txn *txn);

/* A copy in the transaction's memory, as if store_get had answered it. */
enum ctps_code store_txn_dup(struct store_txn *txn, struct bytes value,
                             struct bytes *ret_value);
/* The caller had no memory for a row it must write or read: the transaction fails with
 * CTPS_NOMEM.
 */
enum ctps_code store_txn_starve(struct store_txn *txn, unsigned table);
/* The caller's own refusal of a write, sticky as store_put's: CTPS_REFUSED. */
enum ctps_code store_txn_refuse(struct store_txn *txn, unsigned table);
/* …for want of memory: CTPS_NOMEM. */
enum ctps_code store_txn_exhaust(struct store_txn *txn, unsigned table);
/* …when store_put would refuse this key, or a value of this length. */
enum ctps_code store_row_check(struct store_txn *txn, unsigned table, struct bytes key,
                               size_t value_len);

/* Borrow: *ret_value stands in memory of the transaction until its end. CTPS_ABSENT when there
 * is no row (not sticky), CTPS_DAMAGED (sticky) when it does not authenticate. */
enum ctps_code store_get(struct store_txn *txn, unsigned table, struct bytes key,
                         struct bytes *ret_value);
/* CTPS_INVALID for an empty key or one over STORE_KEY_MAX, CTPS_LIMIT for a value over
 * STORE_VALUE_MAX; every error is sticky. */
enum ctps_code store_put(struct store_txn *txn, unsigned table, struct bytes key,
                         struct bytes value);
struct store_marks {
    bool had_old;
    uint8_t old[STORE_MARK_LEN]; /* of the row replaced: as found, its box is not opened */
    uint8_t now[STORE_MARK_LEN];
};
/* As store_put, telling the marks. */
enum ctps_code store_put_marked(struct store_txn *txn, unsigned table, struct bytes key,
                                struct bytes value, struct store_marks *ret_marks);
/* CTPS_ABSENT when there was none (not sticky). `ret_old` may be NULL. */
enum ctps_code store_remove(struct store_txn *txn, unsigned table, struct bytes key,
                            uint8_t ret_old[STORE_MARK_LEN]);

/* Ordered walk over the rows whose key begins with `prefix` (may be empty), from the first key
 * >= `from` (or, backwards, the last key <= `from`; an empty `from` starts at the end that fits
 * the direction). Own: store_cursor_close, before the transaction ends. */
enum ctps_code store_cursor_open(struct store_cursor **ret_cursor, struct store_txn *txn,
                                 unsigned table, struct bytes prefix, struct bytes from,
                                 bool backwards);
/* Rows may be put and removed during a walk: it goes on from the last key answered. CTPS_ABSENT
 * at the end. Borrows as store_get; the key until the next call. */
enum ctps_code store_cursor_next(struct store_cursor *cursor, struct bytes *ret_key,
                                 struct bytes *ret_value);
/* Of the row answered last; a borrow until the next call. */
const uint8_t *store_cursor_mark(const struct store_cursor *cursor);
void store_cursor_close(struct store_cursor **cursor);

#endif
