/* A store in a folder of its own, for the tests of this folder. */
#ifndef TEST_STORE_FIXTURE_H
#define TEST_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store.h"

struct fixture {
    char dir[64];
    char path[96];
    struct seal_key *key;
    struct store_options options;
    struct store *store;
    struct ctps_err err;
};

static inline void fixture_init(struct fixture *fix, enum store_flavour flavour)
{
    *fix = (struct fixture){.dir = "/tmp/ctps-store-XXXXXX"};
    assert_non_null(mkdtemp(fix->dir));
    snprintf(fix->path, sizeof(fix->path), "%s/rows", fix->dir);
    fix->key = seal_key_new();
    assert_non_null(fix->key);
    seal_key_random(fix->key, sys_real());
    fix->options = (struct store_options){
        .path = fix->path,
        .flavour = flavour,
        .map_len = 16 << 20,
        .schema_version = 3,
        .table_count = 3,
        .sys = sys_real(),
        .key = fix->key,
    };
}

static inline void fixture_open(struct fixture *fix)
{
    assert_int_equal(store_open(&fix->store, &fix->options, &fix->err), CTPS_OK);
}

static inline void fixture_remove(const struct fixture *fix, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", fix->dir, name);
    unlink(path);
}

static inline void fixture_done(struct fixture *fix)
{
    store_close(&fix->store);
    seal_key_free(&fix->key);
    fixture_remove(fix, "rows");
    fixture_remove(fix, "rows-lock");
    fixture_remove(fix, "copy");
    fixture_remove(fix, "copy-lock");
    assert_int_equal(rmdir(fix->dir), 0);
}

static inline struct store_txn *fixture_begin(struct fixture *fix, bool write)
{
    struct store_txn *txn = NULL;

    assert_int_equal(store_txn_begin(&txn, fix->store, write, &fix->err), CTPS_OK);
    return txn;
}

static inline void fixture_commit(struct fixture *fix, struct store_txn **txn)
{
    assert_int_equal(store_txn_commit(txn, &fix->err), CTPS_OK);
    assert_null(*txn);
}

static inline void put_text(struct store_txn *txn, unsigned table, const char *key,
                            const char *value)
{
    assert_int_equal(store_put(txn, table, bytes_of_str(key), bytes_of_str(value)), CTPS_OK);
}

static inline void assert_row(struct store_txn *txn, unsigned table, const char *key,
                              const char *value)
{
    struct bytes found;

    assert_int_equal(store_get(txn, table, bytes_of_str(key), &found), CTPS_OK);
    assert_true(bytes_equal(found, bytes_of_str(value)));
}

static inline void assert_no_row(struct store_txn *txn, unsigned table, const char *key)
{
    struct bytes found;

    assert_int_equal(store_get(txn, table, bytes_of_str(key), &found), CTPS_ABSENT);
}

#endif
