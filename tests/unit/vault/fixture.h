/* A keyring in a folder of its own, for the tests of this folder. */
#ifndef TEST_VAULT_FIXTURE_H
#define TEST_VAULT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "vault/keyring.h"

struct fixture {
    char base[64];
    char dir[80];
    char backup[80];
    struct seal_key *root;
    struct keyring_options options;
    struct keyring *keyring;
    struct arena arena;
    struct ctps_err err;
};

static inline void fixture_init(struct fixture *fix)
{
    *fix = (struct fixture){.base = "/tmp/ctps-vault-XXXXXX"};
    assert_non_null(mkdtemp(fix->base));
    snprintf(fix->dir, sizeof(fix->dir), "%s/keyring", fix->base);
    snprintf(fix->backup, sizeof(fix->backup), "%s/backup", fix->base);
    fix->root = seal_key_new();
    assert_non_null(fix->root);
    seal_key_random(fix->root, sys_real());
    fix->options =
        (struct keyring_options){.dir = fix->dir, .sys = sys_real(), .root = fix->root};
    arena_init(&fix->arena, 1 << 20);
}

static inline void fixture_open(struct fixture *fix)
{
    assert_int_equal(keyring_open(&fix->keyring, &fix->options, &fix->err), CTPS_OK);
}

static inline void fixture_create(struct fixture *fix)
{
    assert_int_equal(keyring_create(&fix->options, &fix->err), CTPS_OK);
    fixture_open(fix);
}

static inline int fixture_unlink_each(void *arg, const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", (const char *)arg, name);
    return unlink(path);
}

static inline void fixture_empty(char *dir)
{
    sys_real()->list_dir(NULL, dir, fixture_unlink_each, dir);
}

static inline void fixture_done(struct fixture *fix)
{
    keyring_close(&fix->keyring);
    arena_done(&fix->arena);
    seal_key_free(&fix->root);
    fixture_empty(fix->dir);
    fixture_empty(fix->backup);
    rmdir(fix->dir);
    rmdir(fix->backup);
    fixture_empty(fix->base);
    assert_int_equal(rmdir(fix->base), 0);
}

static inline void assert_file(const char *dir, const char *name, bool there)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(access(path, F_OK), there ? 0 : -1);
}

static inline enum ctps_code slot_code(struct keyring *keyring, uint64_t slot)
{
    struct seal_key *key = seal_key_new();
    enum ctps_code code = keyring_key_get(keyring, slot, key);

    seal_key_free(&key);
    return code;
}

static inline struct keyring_mark mark_of(uint64_t seq)
{
    struct keyring_mark mark = {.seq = seq};

    memset(mark.incarnation, 0x5a, sizeof(mark.incarnation));
    memset(mark.hash, (int)seq, sizeof(mark.hash));
    return mark;
}

#endif
