/*
 * view: everything answered from, in LMDB, always disposable: rebuilt from the journal whenever
 * in doubt. Implements the domain's tables port, keeps the head (which entry was applied last)
 * and the sum that shows stale and missing rows.
 *
 * Trust. A marker file says in which boot and mount the environment was last written, or that
 * it was closed clean. A killed process leaves LMDB consistent (the page cache survives) and at
 * most behind; a power loss leaves nothing to trust. view_open throws the environment away
 * unless the marker says clean, or live in this very boot and mount.
 *
 * Written behind. What a batch writes is held in memory and seen at once; when enough is held a
 * second thread writes it, each row once and in key order, while the next batches go on. The
 * file is behind by what is held and what is being written, and its head says so.
 *
 * One thread calls; one transaction at a time.
 */
#ifndef CTPS_VIEW_VIEW_H
#define CTPS_VIEW_VIEW_H

#include "base/log.h"
#include "base/sys.h"
#include "domain/apply.h"
#include "domain/tables.h"
#include "seal/seal.h"

enum {
    VIEW_SCHEMA_VERSION = 7,
    VIEW_DIGEST_LEN = 32,
    VIEW_INCARNATION_LEN = 16,
    VIEW_HELD_ROWS = 16384, /* some 6 MiB */
};

struct view;

struct view_options {
    const char *dir; /* made when absent (0700) */
    const struct sys *sys;
    const struct seal_key *key; /* borrow, outlives the view */
    const struct log *log;      /* may be NULL */
    size_t map_len;             /* 0: 64 GiB, sparse */
    bool read_only;             /* trusts or refuses, never throws away, writes no marker */
};

struct view_head {
    uint8_t incarnation[VIEW_INCARNATION_LEN];
    uint64_t seq;
    uint64_t batch;
    uint8_t hash[SEAL_HASH_LEN];
};

struct view_figures {
    uint64_t used_len;
    uint64_t map_len;
    uint64_t row_count;
};

/* *ret_fresh: the environment is empty and must be rebuilt. Own: view_close. read_only answers
 * CTPS_ABSENT when there is nothing to trust. */
enum ctps_code view_open(struct view **ret_view, const struct view_options *options,
                         bool *ret_fresh, struct ctps_err *err);
/* clean: flush and mark so (an ordinary stop). Otherwise the marker stays as it is. */
enum ctps_code view_close(struct view **view, bool clean, struct ctps_err *err);
/* Removes the marker: after an I/O error nothing here may be trusted at the next start. */
void view_distrust(struct view *view);
/* Empties every table and starts over from seq 0. No transaction may be open. */
enum ctps_code view_reset(struct view *view, struct ctps_err *err);

enum ctps_code view_begin(struct view *view, bool write, struct ctps_err *err);
/* Ends the batch: what it wrote is seen by the next ones, and the file learns of it later: at
 * view_flush, or once enough is held. A kill loses what is not in the file, and the head found
 * then says so: whoever keeps must have the entries in the journal and apply them again. On
 * error (of this batch, or of the writing behind of earlier ones) everything is back to what is
 * in the file and the process must not go on with this view. */
enum ctps_code view_keep(struct view *view, struct ctps_err *err);
/* What is kept begins to be written, and this does not wait for it: only, if need be, for the
 * writing before. Not within a transaction. Errors as view_keep. */
enum ctps_code view_spill(struct view *view, struct ctps_err *err);
/* Everything kept is in the file, with head, state and sum. Not within a transaction. Errors as
 * view_keep. */
enum ctps_code view_flush(struct view *view, struct ctps_err *err);
/* view_keep, then view_flush. */
enum ctps_code view_commit(struct view *view, struct ctps_err *err);
/* How many rows are held before they are written: VIEW_HELD_ROWS unless told. For a replay of
 * many entries, which writes each row the fewer times the more are held. */
void view_hold(struct view *view, size_t rows);
/* Head, state and rows are back to what they were at view_begin. Idempotent. */
void view_abort(struct view *view);
bool view_is_begun(const struct view *view);
bool view_is_writing(const struct view *view);
/* The first error of the transaction (sticky), CTPS_OK when none. */
enum ctps_code view_error(const struct view *view, struct ctps_err *err);

/* Valid within a transaction. */
const struct tables *view_tables(struct view *view);
/* For answers a caller keeps: between begin and end, the tables read are noted as bits
 * (1 << table); the number of changes of a set of tables grows whenever a row of theirs was
 * put, removed or taken back by an abort, and with view_reset. Equal numbers: the answer still
 * holds. */
void view_reads_begin(struct view *view);
uint64_t view_reads_end(struct view *view);
uint64_t view_changes(const struct view *view, uint64_t tables);
/* Outside a transaction: as kept. Inside a write transaction: apply changes it in place. */
struct apply_state *view_state(struct view *view);
const struct view_head *view_head(const struct view *view);
void view_head_set(struct view *view, const struct view_head *head);

/* Looks at every committed row, in a read transaction of its own. CTPS_DAMAGED when one does
 * not authenticate or is found by no search, and when they are not the rows written: one is
 * stale, missing or too many (the sum kept with each write says so, docs/adr/0002). The digest
 * tells what the rows say, so that two views of one journal can be compared: the sum over all
 * rows of BLAKE2b-256(table, key length, key, value), modulo 2^256. */
enum ctps_code view_check(struct view *view, uint8_t ret_digest[VIEW_DIGEST_LEN],
                          struct ctps_err *err);

enum ctps_code view_figures_get(struct view *view, struct view_figures *ret_figures);
void view_tend(struct view *view); /* clears readers of dead processes: on a timer */

#endif
