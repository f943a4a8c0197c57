/*
 * inside: what the files of store share. Not for other folders: it includes <lmdb.h>.
 */
#ifndef CTPS_STORE_INSIDE_H
#define CTPS_STORE_INSIDE_H

#include <lmdb.h>

#include "base/arena.h"
#include "seal/rng.h"
#include "store/store.h"

struct store {
    MDB_env *env;
    char *path;
    const struct sys *sys;
    const struct seal_key *key;
    struct seal_rng rng;
    enum store_flavour flavour;
    uint32_t schema_version;
    unsigned table_count;
    bool read_only;
    bool failed; /* a commit or flush failed: what is on disk is unknown */
    bool writing;
    struct store_txn *spare; /* an ended transaction kept for its memory */
    MDB_dbi tables[STORE_TABLES_MAX];
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
    bool write;
    unsigned cursor_count;
    uint64_t change_count; /* rows put or removed; a cursor that sees it move seeks anew */
    struct arena arena;    /* opened values */
    struct ctps_err err;   /* code CTPS_OK until the first error */
};

/* LMDB takes keys by a non-const pointer and only reads them. */
static inline MDB_val store_val_of(struct bytes key)
{
    union {
        const void *from;
        void *to;
    } cast = {.from = key.data};

    return (MDB_val){.mv_size = key.len, .mv_data = cast.to};
}

/* The code for an answer of LMDB (a MDB_ constant or an errno). */
enum ctps_code store_code_of(int rc);
/* Fills `err` (may be NULL) from an answer of LMDB and returns its code. */
enum ctps_code store_err_set(struct ctps_err *err, int rc, const struct store *store,
                             const char *what);
/* Keeps the first error of the transaction; returns its code. */
enum ctps_code store_txn_fail(struct store_txn *txn, int rc, unsigned table, const char *what);
/* Opens the box of a row into the transaction's memory; failure is sticky. */
enum ctps_code store_value_open(struct store_txn *txn, unsigned table, const MDB_val *key,
                                const MDB_val *box, struct bytes *ret_value);
/* Whether the map has the head-room a batch may need. */
bool store_has_room(const struct store *store);

#endif
