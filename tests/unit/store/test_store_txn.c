#include "fixture.h"

#include <lmdb.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void get_of_a_committed_row_gives_its_value(void **state)
{
    struct fixture fix;
    struct store_txn *txn;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "one");
    put_text(txn, 1, "a", "other table");
    put_text(txn, 0, "b", "");
    assert_row(txn, 0, "a", "one");
    fixture_commit(&fix, &txn);
    store_close(&fix.store);
    fixture_open(&fix);
    txn = fixture_begin(&fix, false);
    assert_row(txn, 0, "a", "one");
    assert_row(txn, 1, "a", "other table");
    assert_row(txn, 0, "b", "");
    assert_no_row(txn, 2, "a");
    assert_int_equal(store_txn_error(txn, NULL), CTPS_OK);
    fixture_commit(&fix, &txn);
    fixture_done(&fix);
}

static void put_over_a_row_replaces_it(void **state)
{
    struct fixture fix;
    struct store_txn *txn;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "one");
    put_text(txn, 0, "a", "a longer one");
    assert_row(txn, 0, "a", "a longer one");
    fixture_commit(&fix, &txn);
    fixture_done(&fix);
}

static void abort_after_puts_leaves_nothing(void **state)
{
    struct fixture fix;
    struct store_txn *txn;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "one");
    store_txn_abort(&txn);
    assert_null(txn);
    store_txn_abort(&txn);
    txn = fixture_begin(&fix, false);
    assert_no_row(txn, 0, "a");
    store_txn_abort(&txn);
    fixture_done(&fix);
}

static void reader_during_a_write_sees_the_state_before(void **state)
{
    struct fixture fix;
    struct store_txn *writer;
    struct store_txn *reader;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    writer = fixture_begin(&fix, true);
    reader = fixture_begin(&fix, false);
    put_text(writer, 0, "a", "one");
    assert_no_row(reader, 0, "a");
    fixture_commit(&fix, &writer);
    assert_no_row(reader, 0, "a");
    store_txn_abort(&reader);
    reader = fixture_begin(&fix, false);
    assert_row(reader, 0, "a", "one");
    store_txn_abort(&reader);
    fixture_done(&fix);
}

static void begin_of_a_second_writer_is_busy(void **state)
{
    struct fixture fix;
    struct store_txn *txn;
    struct store_txn *second = NULL;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    assert_int_equal(store_txn_begin(&second, fix.store, true, &fix.err), CTPS_BUSY);
    assert_null(second);
    store_txn_abort(&txn);
    txn = fixture_begin(&fix, true);
    store_txn_abort(&txn);
    fixture_done(&fix);
}

static void value_read_before_other_puts_stands_until_the_end(void **state)
{
    struct fixture fix;
    struct store_txn *txn;
    struct bytes found;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "the first value");
    assert_int_equal(store_get(txn, 0, bytes_of_str("a"), &found), CTPS_OK);
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t key[8];

        be64_put(key, i);
        assert_int_equal(store_put(txn, 0, bytes_of(key, 8), bytes_of_str("filler of a row")),
                         CTPS_OK);
    }
    put_text(txn, 0, "a", "THE OTHER VALUE");
    assert_true(bytes_equal(found, bytes_of_str("the first value")));
    fixture_commit(&fix, &txn);
    fixture_done(&fix);
}

static void remove_answers_whether_there_was_a_row(void **state)
{
    struct fixture fix;
    struct store_txn *txn;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "one");
    assert_int_equal(store_remove(txn, 0, bytes_of_str("a"), NULL), CTPS_OK);
    assert_int_equal(store_remove(txn, 0, bytes_of_str("a"), NULL), CTPS_ABSENT);
    assert_int_equal(store_txn_error(txn, NULL), CTPS_OK);
    assert_no_row(txn, 0, "a");
    fixture_commit(&fix, &txn);
    fixture_done(&fix);
}

static void put_of_an_impossible_row_is_refused_and_sticks(void **state)
{
    static const uint8_t key[STORE_KEY_MAX + 1];
    struct fixture fix;
    struct store_txn *txn;
    struct bytes found;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    assert_int_equal(store_put(txn, 0, bytes_of(key, STORE_KEY_MAX), bytes_of("v", 1)),
                     CTPS_OK);
    assert_int_equal(store_get(txn, 0, bytes_of(key, STORE_KEY_MAX), &found), CTPS_OK);
    assert_int_equal(store_put(txn, 0, bytes_of(key, sizeof(key)), bytes_of("v", 1)),
                     CTPS_INVALID);
    assert_int_equal(store_put(txn, 0, bytes_of("k", 1), bytes_of("v", 1)), CTPS_INVALID);
    assert_int_equal(store_get(txn, 0, bytes_of(key, STORE_KEY_MAX), &found), CTPS_INVALID);
    assert_int_equal(store_txn_commit(&txn, &fix.err), CTPS_INVALID);
    assert_int_equal(fix.err.code, CTPS_INVALID);
    txn = fixture_begin(&fix, true);
    assert_int_equal(store_put(txn, 0, (struct bytes){0}, bytes_of("v", 1)), CTPS_INVALID);
    store_txn_abort(&txn);
    txn = fixture_begin(&fix, true);
    assert_int_equal(store_put(txn, 0, bytes_of("k", 1), bytes_of(key, STORE_VALUE_MAX + 1U)),
                     CTPS_LIMIT);
    store_txn_abort(&txn);
    txn = fixture_begin(&fix, false);
    assert_int_equal(store_get(txn, 0, bytes_of(key, STORE_KEY_MAX), &found), CTPS_ABSENT);
    store_txn_abort(&txn);
    fixture_done(&fix);
}

static void put_in_a_read_transaction_is_refused(void **state)
{
    struct fixture fix;
    struct store_txn *txn;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, false);
    assert_int_equal(store_put(txn, 0, bytes_of("k", 1), bytes_of("v", 1)), CTPS_REFUSED);
    store_txn_abort(&txn);
    fixture_done(&fix);
}

static void map_nearly_full_refuses_new_writers_and_keeps_what_stands(void **state)
{
    static uint8_t value[3000];
    struct fixture fix;
    struct store_txn *txn;
    uint64_t written = 0;
    uint64_t found = 0;
    enum ctps_code code;
    struct store_cursor *cursor;
    struct bytes row_key;
    struct bytes row;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fix.options.map_len = 1 << 20;
    fixture_open(&fix);
    while ((code = store_txn_begin(&txn, fix.store, true, &fix.err)) == CTPS_OK) {
        uint8_t key[8];

        be64_put(key, written++);
        assert_int_equal(store_put(txn, 0, bytes_of(key, 8), bytes_of(value, sizeof(value))),
                         CTPS_OK);
        fixture_commit(&fix, &txn);
    }
    assert_int_equal(code, CTPS_NOSPACE);
    txn = fixture_begin(&fix, false);
    assert_int_equal(
        store_cursor_open(&cursor, txn, 0, (struct bytes){0}, (struct bytes){0}, false),
        CTPS_OK);
    while (store_cursor_next(cursor, &row_key, &row) == CTPS_OK)
        found++;
    store_cursor_close(&cursor);
    store_txn_abort(&txn);
    assert_true(written > 100);
    assert_int_equal(found, written);
    fixture_done(&fix);
}

static void map_full_within_a_batch_sticks_and_writes_nothing(void **state)
{
    static uint8_t value[3000];
    struct fixture fix;
    struct store_txn *txn;
    enum ctps_code code = CTPS_OK;
    struct store_figures figures;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fix.options.map_len = 1 << 20;
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    for (uint64_t i = 0; code == CTPS_OK && i < 1000; i++) {
        uint8_t key[8];

        be64_put(key, i);
        code = store_put(txn, 0, bytes_of(key, 8), bytes_of(value, sizeof(value)));
    }
    assert_int_equal(code, CTPS_NOSPACE);
    assert_int_equal(store_txn_commit(&txn, &fix.err), CTPS_NOSPACE);
    assert_int_equal(store_figures_get(fix.store, &figures), CTPS_OK);
    assert_int_equal(figures.row_count, 0);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "goes on");
    fixture_commit(&fix, &txn);
    fixture_done(&fix);
}

static void forget_lets_one_transaction_read_more_than_it_may_hold(void **state)
{
    enum { VALUE_LEN = 8 << 20, READS = 40 };
    struct fixture fix;
    struct store_txn *txn;
    uint8_t *value = calloc(1, VALUE_LEN);
    struct bytes found;
    enum ctps_code code = CTPS_OK;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fix.options.map_len = 64 << 20;
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    assert_int_equal(store_put(txn, 0, bytes_of("k", 1), bytes_of(value, VALUE_LEN)), CTPS_OK);
    fixture_commit(&fix, &txn);
    txn = fixture_begin(&fix, false);
    for (unsigned i = 0; i < READS; i++) {
        assert_int_equal(store_get(txn, 0, bytes_of("k", 1), &found), CTPS_OK);
        store_txn_forget(txn);
    }
    for (unsigned i = 0; code == CTPS_OK && i < READS; i++)
        code = store_get(txn, 0, bytes_of("k", 1), &found);
    assert_int_equal(code, CTPS_LIMIT);
    store_txn_abort(&txn);
    free(value);
    fixture_done(&fix);
}

/* In a child: its files may not grow, so that the pages of a commit cannot be written. */
static int child_commit_fails(struct fixture *fix)
{
    static const uint8_t value[3000];
    const struct rlimit small = {64 << 10, 64 << 10};
    struct store_txn *txn;
    enum ctps_code code;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &small) != 0 ||
        store_open(&fix->store, &fix->options, NULL) != CTPS_OK ||
        store_txn_begin(&txn, fix->store, true, NULL) != CTPS_OK)
        return 1;
    for (uint64_t i = 0; i < 100; i++) {
        uint8_t key[8];

        be64_put(key, i);
        store_put(txn, 0, bytes_of(key, 8), bytes_of(value, sizeof(value)));
    }
    code = store_txn_commit(&txn, NULL);
    if (code != CTPS_IO)
        return 2;
    code = store_txn_begin(&txn, fix->store, true, NULL);
    if (code != CTPS_CLOSED)
        return 3;
    store_close(&fix->store);
    return 0;
}

static void writer_after_a_failed_commit_is_closed(void **state)
{
    struct fixture fix;
    int status = 0;
    pid_t pid;

    (void)state;
    fixture_init(&fix, STORE_DURABLE);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child_commit_fails(&fix));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    fixture_done(&fix);
}

/* Moves a raw box from one row to another with LMDB alone. */
static void box_move(const struct fixture *fix, const char *from_table, const char *from,
                     const char *to_table, const char *to)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi_from;
    MDB_dbi dbi_to;
    MDB_val key_from = {.mv_size = strlen(from), .mv_data = strdup(from)};
    MDB_val key_to = {.mv_size = strlen(to), .mv_data = strdup(to)};
    MDB_val found;
    MDB_val copy;

    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
    assert_int_equal(mdb_env_open(env, fix->path, MDB_NOSUBDIR | MDB_NOSYNC, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, from_table, 0, &dbi_from), 0);
    assert_int_equal(mdb_dbi_open(txn, to_table, 0, &dbi_to), 0);
    assert_int_equal(mdb_get(txn, dbi_from, &key_from, &found), 0);
    copy = (MDB_val){.mv_size = found.mv_size, .mv_data = malloc(found.mv_size)};
    memcpy(copy.mv_data, found.mv_data, found.mv_size);
    assert_int_equal(mdb_put(txn, dbi_to, &key_to, &copy, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    free(copy.mv_data);
    free(key_to.mv_data);
    free(key_from.mv_data);
}

static void get_of_a_moved_box_is_damaged(void **state)
{
    static const char *const places[][2] = {{"t00", "a"}, {"t00", "b"}, {"t01", "a"}};
    struct bytes found;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct fixture fix;
        struct store_txn *txn;

        fixture_init(&fix, STORE_DISPOSABLE);
        fixture_open(&fix);
        txn = fixture_begin(&fix, true);
        put_text(txn, 0, "a", "one");
        fixture_commit(&fix, &txn);
        store_close(&fix.store);
        box_move(&fix, "t00", "a", places[i][0], places[i][1]);
        fixture_open(&fix);
        txn = fixture_begin(&fix, false);
        /* The control: the same box put back under its own key still opens. */
        assert_int_equal(store_get(txn, i == 2, bytes_of_str(places[i][1]), &found),
                         i == 0 ? CTPS_OK : CTPS_DAMAGED);
        assert_int_equal(store_txn_error(txn, &fix.err), i == 0 ? CTPS_OK : CTPS_DAMAGED);
        assert_int_equal(store_txn_commit(&txn, &fix.err), i == 0 ? CTPS_OK : CTPS_DAMAGED);
        fixture_done(&fix);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_of_a_committed_row_gives_its_value),
        cmocka_unit_test(put_over_a_row_replaces_it),
        cmocka_unit_test(abort_after_puts_leaves_nothing),
        cmocka_unit_test(reader_during_a_write_sees_the_state_before),
        cmocka_unit_test(begin_of_a_second_writer_is_busy),
        cmocka_unit_test(value_read_before_other_puts_stands_until_the_end),
        cmocka_unit_test(remove_answers_whether_there_was_a_row),
        cmocka_unit_test(put_of_an_impossible_row_is_refused_and_sticks),
        cmocka_unit_test(put_in_a_read_transaction_is_refused),
        cmocka_unit_test(map_nearly_full_refuses_new_writers_and_keeps_what_stands),
        cmocka_unit_test(map_full_within_a_batch_sticks_and_writes_nothing),
        cmocka_unit_test(forget_lets_one_transaction_read_more_than_it_may_hold),
        cmocka_unit_test(writer_after_a_failed_commit_is_closed),
        cmocka_unit_test(get_of_a_moved_box_is_damaged),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
