/* What the files of view share; nobody else includes it. */
#ifndef CTPS_VIEW_VIEW_PRIVATE_H
#define CTPS_VIEW_VIEW_PRIVATE_H

#include <limits.h>
#include <pthread.h>

#include "store/store.h"
#include "view/view.h"

enum { VIEW_MARKER_LEN = 256, VIEW_SUM_LEN = SEAL_SHORT_LEN };

/* What changes with each entry, copied so that abort can go back. */
struct view_moment {
    struct view_head head;
    struct apply_state state;
    uint8_t sum[VIEW_SUM_LEN]; /* of the marks of all rows but the head's */
};

/* The second thread and what it works on: nobody else changes it until it has ended. */
struct view_writer {
    pthread_t thread;
    bool busy;     /* handed over and not settled */
    bool threaded; /* …to a thread that is to be joined */
    struct view_bulk *bulk;
    struct view_moment moment; /* stored with the rows */
    enum ctps_code code;
    struct ctps_err err;
};

struct view {
    const struct sys *sys;
    const struct log *log;
    struct seal_key *key;     /* own copy: the store borrows it */
    struct seal_key *sum_key; /* own */
    struct store *store;
    struct view_cache *cache;
    struct store_txn *txn;  /* reads the file as it was before the last handing over */
    struct view_bulk *held; /* rows not handed over yet */
    size_t held_max;
    struct view_writer writer;
    bool begun;
    bool writing;
    bool read_only;
    bool marked_clean;   /* by the marker found at open: */
    uint64_t marked_seq; /* …the last entry the views held then */
    struct tables tables;
    uint64_t tables_read;             /* bits, since view_reads_begin */
    uint64_t changes;                 /* of any table */
    uint64_t changed_at[TABLE_COUNT]; /* `changes` at the last one of each */
    struct view_moment now;
    struct view_moment before; /* at view_begin */
    struct view_moment stored; /* as in the file; its sum alone is kept up */
    char dir[PATH_MAX - 32];
    char env_path[PATH_MAX];
    char marker_path[PATH_MAX];
    size_t map_len;
};

/* --- marker --- */
/* CTPS_ABSENT when nothing says that the environment may be trusted; else what kept the marker
 * from being read. */
enum ctps_code view_marker_read(struct view *view, struct ctps_err *err);
enum ctps_code view_marker_write(struct view *view, bool clean, struct ctps_err *err);
void view_marker_remove(struct view *view);

/* Any row may be another one than before. */
void view_all_changed(struct view *view);

/* Aborts, and drops what is not in the file. */
void view_drop(struct view *view);

/* --- head row --- */
enum ctps_code view_meta_read(struct view *view, struct ctps_err *err);
void view_meta_write(struct store_txn *txn, struct view_moment *moment);

/* --- sum --- */
void view_sum_add(const struct view *view, uint8_t sum[VIEW_SUM_LEN],
                  const uint8_t mark[STORE_MARK_LEN]);
void view_sum_subtract(const struct view *view, uint8_t sum[VIEW_SUM_LEN],
                       const uint8_t mark[STORE_MARK_LEN]);

/* --- rows by name --- */
struct view_name {
    unsigned table;
    uint64_t hash;
    struct bytes key;
};
/* Whoever makes keys collide makes reading slower, never wrong. */
uint64_t view_row_hash(unsigned table, struct bytes key);
/* As LMDB's order: bytes, then length. */
int view_key_compare(struct bytes a, struct bytes b);

/* --- rows held --- */
enum view_row_state { VIEW_ROW_NOTHING, VIEW_ROW_PUT, VIEW_ROW_REMOVED };
struct view_row {
    unsigned table;
    enum view_row_state state;
    uint64_t hash;
    struct bytes key;
    struct bytes value;
};
/* In key order. */
struct view_rows {
    struct view_row *const *at;
    size_t count;
};
/* Own: view_bulk_free. */
struct view_bulk *view_bulk_new(void);
void view_bulk_free(struct view_bulk **bulk);
void view_bulk_clear(struct view_bulk *bulk);
/* CTPS_UNSUPPORTED: nothing is held of this row, ask who is behind. Borrow until cleared. */
enum ctps_code view_bulk_get(const struct view_bulk *bulk, const struct view_name *name,
                             struct bytes *ret_value);
/* `value` NULL: the row is removed. false: no memory. */
bool view_bulk_put(struct view_bulk *bulk, const struct view_name *name,
                   const struct bytes *value);
/* What was put since the last of these two stays, or was never put (whether there was any). */
void view_bulk_keep(struct view_bulk *bulk);
bool view_bulk_undo(struct view_bulk *bulk);
size_t view_bulk_count(const struct view_bulk *bulk);
size_t view_bulk_bytes(const struct view_bulk *bulk);
/* Rows of one table, those that hold nothing too; a borrow until the next put. */
struct view_rows view_bulk_rows(struct view_bulk *bulk, unsigned table);

/* Where rows are written: a transaction and the sum it moves. */
struct view_sink {
    const struct view *view;
    struct store_txn *txn;
    uint8_t *sum;
};
enum ctps_code view_row_put(const struct view_sink *sink, unsigned table, struct bytes key,
                            struct bytes value);
enum ctps_code view_row_remove(const struct view_sink *sink, unsigned table, struct bytes key);
/* Writes every row, in order of tables and keys. By the second thread, while the first reads.
 */
void view_bulk_write(struct view_bulk *bulk, const struct view_sink *sink);

/* --- the second thread --- */
/* What is held is written from now on. Errors of the writing before, as view_commit. */
enum ctps_code view_hand_over(struct view *view, struct ctps_err *err);
/* Until what was handed over is in the file, and read from there. */
enum ctps_code view_settle(struct view *view, struct ctps_err *err);
/* `view->txn` shows the file as it is now. */
enum ctps_code view_snapshot(struct view *view, struct ctps_err *err);

/* --- walks over what is held, being written and in the file --- */
enum ctps_code view_walk(struct view *view, unsigned table, struct bytes prefix,
                         struct bytes after, bool backwards, tables_each *each, void *arg);

/* --- rows of the file opened lately: whatever is held or aborted must be told to the cache ---
 */
/* Own: view_cache_free. */
struct view_cache *view_cache_new(void);
void view_cache_free(struct view_cache **cache);
void view_cache_clear(struct view_cache *cache);
/* *ret_value is a borrow until the cache is next written. */
bool view_cache_get(struct view_cache *cache, const struct view_name *name,
                    struct bytes *ret_value);
void view_cache_put(struct view_cache *cache, const struct view_name *name, struct bytes value);
void view_cache_remove(struct view_cache *cache, const struct view_name *name);

/* --- tables port --- */
void view_tables_init(struct view *view);

#endif
