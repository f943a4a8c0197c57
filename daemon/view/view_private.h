/* What the files of view share; nobody else includes it. */
#ifndef CTPS_VIEW_VIEW_PRIVATE_H
#define CTPS_VIEW_VIEW_PRIVATE_H

#include <limits.h>

#include "store/store.h"
#include "view/view.h"

enum { VIEW_MARKER_LEN = 256, VIEW_SUM_LEN = SEAL_SHORT_LEN };

/* What changes with each entry, copied so that abort can go back. */
struct view_moment {
    struct view_head head;
    struct apply_state state;
    uint8_t sum[VIEW_SUM_LEN]; /* of the marks of all rows but the head's */
};

struct view {
    const struct sys *sys;
    const struct log *log;
    struct seal_key *key;     /* own copy: the store borrows it */
    struct seal_key *sum_key; /* own */
    struct store *store;
    struct view_cache *cache;
    struct view_replay *replay; /* NULL unless replaying */
    struct store_txn *txn;      /* open between batches too, while something is kept */
    bool begun;
    bool writing;
    bool kept;             /* `txn` holds what earlier batches wrote */
    uint64_t change_count; /* of `txn`, at view_begin */
    bool read_only;
    bool marked_clean;   /* by the marker found at open: */
    uint64_t marked_seq; /* …the last entry the views held then */
    struct tables tables;
    uint64_t tables_read;             /* bits, since view_reads_begin */
    uint64_t changes;                 /* of any table */
    uint64_t changed_at[TABLE_COUNT]; /* `changes` at the last one of each */
    struct view_moment now;
    struct view_moment before; /* at view_begin */
    struct view_moment stored; /* as last committed */
    char dir[PATH_MAX - 32];
    char env_path[PATH_MAX];
    char marker_path[PATH_MAX];
    size_t map_len;
};

/* --- marker --- */
bool view_marker_is_trusted(struct view *view);
enum ctps_code view_marker_write(struct view *view, bool clean, struct ctps_err *err);
void view_marker_remove(struct view *view);

/* Any row may be another one than before. */
void view_all_changed(struct view *view);

/* Aborts, and drops what is kept. */
void view_drop(struct view *view);

/* --- head row --- */
enum ctps_code view_meta_read(struct view *view, struct ctps_err *err);
void view_meta_write(struct store_txn *txn, struct view_moment *moment);

/* --- sum --- */
void view_sum_add(const struct view *view, uint8_t sum[VIEW_SUM_LEN],
                  const uint8_t mark[STORE_MARK_LEN]);
void view_sum_subtract(const struct view *view, uint8_t sum[VIEW_SUM_LEN],
                       const uint8_t mark[STORE_MARK_LEN]);

/* Whoever makes keys collide makes reading slower, never wrong. */
uint64_t view_row_hash(unsigned table, struct bytes key);

/* --- rows held back while replaying --- */
/* Own: view_bulk_free. */
struct view_bulk *view_bulk_new(void);
void view_bulk_free(struct view_bulk **bulk);
void view_bulk_clear(struct view_bulk *bulk);
/* CTPS_UNSUPPORTED: nothing is held of this row, ask the store. Borrow until written. */
enum ctps_code view_bulk_get(struct view_bulk *bulk, unsigned table, struct bytes key,
                             struct bytes *ret_value);
/* `value` NULL: the row is removed. false when it is full: write first. */
bool view_bulk_put(struct view_bulk *bulk, unsigned table, struct bytes key,
                   const struct bytes *value);
bool view_bulk_is_empty(const struct view_bulk *bulk);
/* Whether it is so full that it should be written between two entries. */
bool view_bulk_is_filling(const struct view_bulk *bulk);

/* Where rows are written: a transaction and the sum it moves. */
struct view_sink {
    const struct view *view;
    struct store_txn *txn;
    uint8_t *sum;
};
enum ctps_code view_row_put(const struct view_sink *sink, unsigned table, struct bytes key,
                            struct bytes value);
enum ctps_code view_row_remove(const struct view_sink *sink, unsigned table, struct bytes key);
/* Writes every row, in key order. What is held can be read meanwhile, by another thread too. */
void view_bulk_write(struct view_bulk *bulk, const struct view_sink *sink);

/* --- a replay: main thread only --- */
enum ctps_code view_replay_get(struct view *view, unsigned table, struct bytes key,
                               struct bytes *ret_value);
/* Holds the row back; false: write it into the transaction (`value` NULL: remove it). */
bool view_replay_put(struct view *view, unsigned table, struct bytes key,
                     const struct bytes *value);
/* Writes what is held into a transaction that sees it: for walks. Errors are sticky there. */
void view_replay_settle(struct view *view);
enum ctps_code view_replay_finish(struct view *view, struct ctps_err *err);
/* Drops what did not reach the file. */
void view_replay_drop(struct view *view);

/* --- rows opened lately: whatever is written or aborted must be told to the cache --- */
/* Own: view_cache_free. */
struct view_cache *view_cache_new(void);
void view_cache_free(struct view_cache **cache);
void view_cache_clear(struct view_cache *cache);
/* *ret_value is a borrow until the cache is next written. */
bool view_cache_get(struct view_cache *cache, unsigned table, struct bytes key,
                    struct bytes *ret_value);
void view_cache_put(struct view_cache *cache, unsigned table, struct bytes key,
                    struct bytes value);
void view_cache_remove(struct view_cache *cache, unsigned table, struct bytes key);

/* --- tables port --- */
void view_tables_init(struct view *view);

#endif
