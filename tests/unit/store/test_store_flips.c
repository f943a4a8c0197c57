#include "fixture.h"
#include "flips.h"

#include <lmdb.h>

enum { ROWS = 240, LONG_EVERY = 24, LONG_LEN = 6000, SHORT_LEN = 150, FLIPS = 2400 };

/* The value of a row in its first or second version. */
static struct bytes value_of(unsigned row, unsigned version, uint8_t room[LONG_LEN])
{
    size_t len = row % LONG_EVERY ? SHORT_LEN : LONG_LEN;

    for (size_t i = 0; i < len; i++)
        room[i] = (uint8_t)(row * 7 + version * 31 + i);
    return bytes_of(room, len);
}

static struct bytes key_of(unsigned row, uint8_t room[8])
{
    be64_put(room, (uint64_t)row * 0x9e3779b97f4a7c15U);
    return bytes_of(room, 8);
}

static enum flip_answer judge(unsigned row, struct bytes found)
{
    uint8_t room[LONG_LEN];

    if (bytes_equal(found, value_of(row, 1, room)))
        return FLIP_RIGHT;
    return bytes_equal(found, value_of(row, 0, room)) ? FLIP_STALE : FLIP_WRONG;
}

static enum flip_answer worse(enum flip_answer a, enum flip_answer b)
{
    return a > b ? a : b;
}

static void sealed_fill(struct fixture *fix)
{
    uint8_t key[8];
    uint8_t room[LONG_LEN];

    for (unsigned version = 0; version < 2; version++) {
        struct store_txn *txn = fixture_begin(fix, true);

        for (unsigned row = 0; row < ROWS; row++)
            assert_int_equal(
                store_put(txn, row % 2, key_of(row, key), value_of(row, version, room)),
                CTPS_OK);
        fixture_commit(fix, &txn);
    }
}

static enum flip_answer sealed_read(struct store_txn *txn)
{
    enum flip_answer answer = FLIP_RIGHT;
    uint8_t key[8];
    struct bytes found;

    for (unsigned row = 0; row < ROWS; row++) {
        enum ctps_code code = store_get(txn, row % 2, key_of(row, key), &found);

        if (code == CTPS_OK)
            answer = worse(answer, judge(row, found));
        else if (code == CTPS_ABSENT)
            answer = worse(answer, FLIP_ABSENT);
        else
            return FLIP_REFUSED;
    }
    return answer;
}

static enum flip_answer sealed_look(void *arg)
{
    struct fixture *fix = arg;
    struct store_txn *txn;
    enum flip_answer answer;

    if (store_open(&fix->store, &fix->options, NULL) != CTPS_OK ||
        store_txn_begin(&txn, fix->store, false, NULL) != CTPS_OK)
        return FLIP_REFUSED;
    answer = sealed_read(txn);
    store_txn_abort(&txn);
    store_close(&fix->store);
    return answer;
}

static void flipped_bits_of_a_store_never_give_wrong_data(void **state)
{
    struct fixture fix;
    struct flip_counts counts = {0};

    (void)state;
    fixture_init(&fix, STORE_DURABLE);
    fixture_open(&fix);
    sealed_fill(&fix);
    store_close(&fix.store);
    assert_int_equal(sealed_look(&fix), FLIP_RIGHT);
    flips_run(&counts, fix.path, FLIPS, sealed_look, &fix);
    flips_print("sealed store", &counts);
    assert_int_equal(counts.wrong, 0);
    assert_true(counts.refused > FLIPS / 10);
    assert_int_equal(counts.right + counts.refused + counts.absent + counts.stale +
                         counts.wrong + counts.crashed,
                     FLIPS);
    fixture_done(&fix);
}

/* The control: the same rows in LMDB alone, looked at by the same judge. */

static MDB_env *plain_open(const struct fixture *fix)
{
    MDB_env *env = NULL;

    if (mdb_env_create(&env) != 0 || mdb_env_set_mapsize(env, fix->options.map_len) != 0 ||
        mdb_env_open(env, fix->path, MDB_NOSUBDIR | MDB_NOSYNC, 0600) != 0)
        return NULL;
    return env;
}

static void plain_fill(const struct fixture *fix)
{
    MDB_env *env = plain_open(fix);
    uint8_t key[8];
    uint8_t room[LONG_LEN];

    assert_non_null(env);
    for (unsigned version = 0; version < 2; version++) {
        MDB_txn *txn;
        MDB_dbi dbi;

        assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
        assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
        for (unsigned row = 0; row < ROWS; row++) {
            MDB_val at = {.mv_size = key_of(row, key).len, .mv_data = key};
            MDB_val value = {.mv_size = value_of(row, version, room).len, .mv_data = room};

            assert_int_equal(mdb_put(txn, dbi, &at, &value, 0), 0);
        }
        assert_int_equal(mdb_txn_commit(txn), 0);
    }
    mdb_env_close(env);
}

static enum flip_answer plain_look(void *arg)
{
    MDB_env *env = plain_open(arg);
    enum flip_answer answer = FLIP_RIGHT;
    uint8_t key[8];
    MDB_txn *txn;
    MDB_dbi dbi;

    if (!env || mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0 ||
        mdb_dbi_open(txn, NULL, 0, &dbi) != 0)
        return FLIP_REFUSED;
    for (unsigned row = 0; row < ROWS; row++) {
        MDB_val at = {.mv_size = key_of(row, key).len, .mv_data = key};
        MDB_val found;
        int rc = mdb_get(txn, dbi, &at, &found);

        if (rc == 0)
            answer = worse(answer, judge(row, bytes_of(found.mv_data, found.mv_size)));
        else if (rc == MDB_NOTFOUND)
            answer = worse(answer, FLIP_ABSENT);
        else
            return FLIP_REFUSED;
    }
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return answer;
}

static void flipped_bits_without_seals_do_give_wrong_data(void **state)
{
    struct fixture fix;
    struct flip_counts counts = {0};

    (void)state;
    fixture_init(&fix, STORE_DURABLE);
    plain_fill(&fix);
    assert_int_equal(plain_look(&fix), FLIP_RIGHT);
    flips_run(&counts, fix.path, FLIPS / 4, plain_look, &fix);
    flips_print("control, plain LMDB", &counts);
    assert_true(counts.wrong > FLIPS / 40);
    fixture_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flipped_bits_of_a_store_never_give_wrong_data),
        cmocka_unit_test(flipped_bits_without_seals_do_give_wrong_data),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
