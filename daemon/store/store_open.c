#include "store/inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FORMAT = 1,
    ABOUT_LEN = 4 + 4 + SEAL_COMMIT_LEN, /* format, schema version, key commitment */
    ROOM_MAX = 64 << 20,                 /* far more than the pages one batch can dirty */
    ROOM_SHARE = 8,
};

enum ctps_code store_code_of(int rc)
{
    switch (rc) {
    case 0:
        return CTPS_OK;
    case MDB_NOTFOUND:
    case ENOENT:
        return CTPS_ABSENT;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
        return CTPS_NOSPACE;
    case MDB_TXN_FULL:
    case MDB_CURSOR_FULL:
    case MDB_DBS_FULL:
        return CTPS_LIMIT;
    case MDB_READERS_FULL:
    case EAGAIN:
    case EBUSY:
        return CTPS_BUSY;
    case MDB_BAD_VALSIZE:
        return CTPS_INVALID;
    case ENOMEM:
        return CTPS_NOMEM;
    default:
        return rc < 0 ? CTPS_DAMAGED : CTPS_IO;
    }
}

enum ctps_code store_err_set(struct ctps_err *err, int rc, const struct store *store,
                             const char *what)
{
    return err_set(err, store_code_of(rc), "%s: %s: %s", store->path, what, mdb_strerror(rc));
}

/* Plain on purpose: it says which key and schema the rows want before any is opened. */
static void about_make(const struct store *store, uint8_t out[ABOUT_LEN])
{
    be32_put(out, FORMAT);
    be32_put(out + 4, store->schema_version);
    memcpy(out + 8, store->key->commit, SEAL_COMMIT_LEN);
}

static enum ctps_code about_compare(const struct store *store, const MDB_val *found,
                                    struct ctps_err *err)
{
    uint8_t wanted[ABOUT_LEN];
    const uint8_t *at = found->mv_data;

    about_make(store, wanted);
    if (found->mv_size != ABOUT_LEN)
        return err_set(err, CTPS_DAMAGED, "%s: malformed description", store->path);
    if (memcmp(at, wanted, 8) != 0)
        return err_set(err, CTPS_UNSUPPORTED, "%s: format %u, schema %u; expected %u, %u",
                       store->path, be32_get(at), be32_get(at + 4), FORMAT,
                       store->schema_version);
    if (memcmp(at + 8, wanted + 8, SEAL_COMMIT_LEN) != 0)
        return err_set(err, CTPS_FORGED, "%s: was made under another key", store->path);
    return CTPS_OK;
}

static enum ctps_code about_check(struct store *store, MDB_txn *txn, MDB_dbi dbi, bool may_make,
                                  struct ctps_err *err)
{
    char name[] = "about";
    uint8_t about[ABOUT_LEN];
    MDB_val key = {.mv_size = sizeof(name) - 1, .mv_data = name};
    MDB_val value;
    int rc = mdb_get(txn, dbi, &key, &value);

    if (rc == 0)
        return about_compare(store, &value, err);
    if (rc == MDB_NOTFOUND && !may_make)
        return err_set(err, CTPS_DAMAGED, "%s: no description", store->path);
    if (rc == MDB_NOTFOUND) {
        about_make(store, about);
        value = (MDB_val){.mv_size = sizeof(about), .mv_data = about};
        rc = mdb_put(txn, dbi, &key, &value, 0);
    }
    return rc ? store_err_set(err, rc, store, "description") : CTPS_OK;
}

/* Tables are made in an environment that holds none. In any other a name that is not found was
 * lost: making it again would pass an empty table for the one that was there. */
static int flags_of(const struct store *store, MDB_txn *txn, unsigned *ret_flags)
{
    MDB_stat stat;
    MDB_dbi names;
    int rc = mdb_dbi_open(txn, NULL, 0, &names);

    if (rc == 0)
        rc = mdb_stat(txn, names, &stat);
    if (rc == 0)
        *ret_flags = stat.ms_entries || store->read_only ? 0 : MDB_CREATE;
    return rc;
}

static enum ctps_code tables_open_in(struct store *store, MDB_txn *txn, struct ctps_err *err)
{
    unsigned flags = 0;
    MDB_dbi about;
    enum ctps_code code;
    int rc = flags_of(store, txn, &flags);

    if (rc == 0)
        rc = mdb_dbi_open(txn, "about", flags, &about);

    if (rc == 0) {
        code = about_check(store, txn, about, flags == MDB_CREATE, err);
        if (code != CTPS_OK)
            return code;
    }
    for (unsigned i = 0; rc == 0 && i < store->table_count; i++) {
        char name[16];

        snprintf(name, sizeof(name), "t%02u", i);
        rc = mdb_dbi_open(txn, name, flags, &store->tables[i]);
    }
    if (rc == MDB_NOTFOUND)
        return err_set(err, CTPS_DAMAGED, "%s: a table is missing", store->path);
    return rc ? store_err_set(err, rc, store, "open tables") : CTPS_OK;
}

static enum ctps_code tables_open(struct store *store, struct ctps_err *err)
{
    MDB_txn *txn;
    enum ctps_code code;
    int rc = mdb_txn_begin(store->env, NULL, store->read_only ? MDB_RDONLY : 0, &txn);

    if (rc)
        return store_err_set(err, rc, store, "begin");
    code = tables_open_in(store, txn, err);
    if (code != CTPS_OK) {
        mdb_txn_abort(txn);
        return code;
    }
    /* A commit also of the read transaction: it is what keeps the table handles open. */
    rc = mdb_txn_commit(txn);
    return rc ? store_err_set(err, rc, store, "commit tables") : CTPS_OK;
}

static uint64_t used_len(const struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;

    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    return ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
}

bool store_has_room(const struct store *store)
{
    MDB_envinfo info;
    uint64_t room;

    mdb_env_info(store->env, &info);
    room = info.me_mapsize / ROOM_SHARE < ROOM_MAX ? info.me_mapsize / ROOM_SHARE : ROOM_MAX;
    return used_len(store) + room <= info.me_mapsize;
}

/* LMDB reads through a map: a page past the end of a file cut short would be a SIGBUS. Zeros in
 * its place are no page, which LMDB answers as corruption. */
static enum ctps_code file_lengthen(struct store *store, struct ctps_err *err)
{
    mdb_filehandle_t fd;
    struct stat st;

    mdb_env_get_fd(store->env, &fd);
    if (fstat(fd, &st) < 0)
        return err_set_errno(err, errno, "%s: size", store->path);
    if ((uint64_t)st.st_size >= used_len(store))
        return CTPS_OK;
    if (store->read_only)
        return err_set(err, CTPS_DAMAGED, "%s: shorter than its content", store->path);
    if (ftruncate(fd, (off_t)used_len(store)) < 0)
        return err_set_errno(err, errno, "%s: lengthen", store->path);
    return CTPS_OK;
}

static enum ctps_code env_open(struct store *store, size_t map_len, struct ctps_err *err)
{
    /* NOTLS: read transactions are tied to their handle, so that one thread can hold several.
     */
    unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
    enum ctps_code code;
    int rc = mdb_env_create(&store->env);

    if (rc)
        return store_err_set(err, rc, store, "create");
    if (store->flavour == STORE_DISPOSABLE)
        flags |= MDB_NOSYNC;
    if (store->read_only)
        flags |= MDB_RDONLY;
    rc = mdb_env_set_maxdbs(store->env, store->table_count + 1);
    if (rc == 0)
        rc = mdb_env_set_mapsize(store->env, map_len);
    if (rc == 0)
        rc = mdb_env_open(store->env, store->path, flags, 0600);
    if (rc)
        return store_err_set(err, rc, store, "open");
    store_check_readers(store);
    code = file_lengthen(store, err);
    return code == CTPS_OK ? tables_open(store, err) : code;
}

enum ctps_code store_open(struct store **ret_store, const struct store_options *options,
                          struct ctps_err *err)
{
    struct store *store;
    enum ctps_code code;

    if (options->table_count == 0 || options->table_count > STORE_TABLES_MAX)
        return err_set(err, CTPS_INVALID, "%s: %u tables", options->path, options->table_count);
    store = calloc(1, sizeof(*store));
    if (store)
        store->path = strdup(options->path);
    if (!store || !store->path) {
        free(store);
        return err_set(err, CTPS_NOMEM, "%s: no memory", options->path);
    }
    store->sys = options->sys;
    store->key = options->key;
    store->flavour = options->flavour;
    store->schema_version = options->schema_version;
    store->table_count = options->table_count;
    store->read_only = options->read_only;
    seal_rng_init(&store->rng, options->sys);
    code = env_open(store, options->map_len, err);
    if (code != CTPS_OK) {
        store_close(&store);
        return code;
    }
    *ret_store = store;
    return CTPS_OK;
}

void store_close(struct store **store)
{
    struct store *old = *store;

    *store = NULL;
    if (!old)
        return;
    if (old->spare)
        arena_done(&old->spare->arena);
    free(old->spare);
    /* mdb_env_close does not flush; NULL is not allowed. */
    if (old->env)
        mdb_env_close(old->env);
    seal_rng_done(&old->rng);
    free(old->path);
    free(old);
}

enum ctps_code store_sync(struct store *store, struct ctps_err *err)
{
    int rc = mdb_env_sync(store->env, 1);

    if (rc) {
        store->failed = true;
        return store_err_set(err, rc, store, "flush");
    }
    return CTPS_OK;
}

void store_check_readers(struct store *store)
{
    int dead;

    mdb_reader_check(store->env, &dead);
}

static int count_line(const char *line, void *ctx)
{
    unsigned *lines = ctx;

    (void)line;
    ++*lines;
    return 0;
}

enum ctps_code store_figures_get(struct store *store, struct store_figures *ret_figures)
{
    struct store_figures figures = {0};
    MDB_envinfo info;
    MDB_txn *txn;
    MDB_stat stat;
    unsigned lines = 0;
    int rc;

    mdb_env_info(store->env, &info);
    figures.map_len = info.me_mapsize;
    figures.used_len = used_len(store);
    /* One line is the heading, or says that there are none. */
    mdb_reader_list(store->env, count_line, &lines);
    figures.readers = lines ? lines - 1 : 0;
    rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    if (rc)
        return store_code_of(rc);
    for (unsigned i = 0; rc == 0 && i < store->table_count; i++) {
        rc = mdb_stat(txn, store->tables[i], &stat);
        if (rc == 0)
            figures.row_count += stat.ms_entries;
    }
    mdb_txn_abort(txn);
    if (rc == 0)
        *ret_figures = figures;
    return store_code_of(rc);
}
