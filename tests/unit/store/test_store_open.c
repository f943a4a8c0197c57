#include "fixture.h"

#include <sys/stat.h>
#include <sys/wait.h>

static void fill(struct fixture *fix, uint64_t count)
{
    struct store_txn *txn = fixture_begin(fix, true);

    for (uint64_t i = 0; i < count; i++) {
        uint8_t key[8];

        be64_put(key, i);
        assert_int_equal(
            store_put(txn, 0, bytes_of(key, 8), bytes_of("a row of some text", 18)), CTPS_OK);
    }
    fixture_commit(fix, &txn);
}

static void open_of_an_absent_file_makes_it_private(void **state)
{
    struct fixture fix;
    struct stat st;

    (void)state;
    fixture_init(&fix, STORE_DURABLE);
    fixture_open(&fix);
    assert_int_equal(stat(fix.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    fixture_done(&fix);
}

static void open_for_reading_of_an_absent_file_is_absent(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix, STORE_DURABLE);
    fix.options.read_only = true;
    assert_int_equal(store_open(&fix.store, &fix.options, &fix.err), CTPS_ABSENT);
    assert_null(fix.store);
    fixture_done(&fix);
}

static void open_for_reading_reads_and_refuses_writers(void **state)
{
    struct fixture fix;
    struct store_txn *txn = NULL;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "one");
    fixture_commit(&fix, &txn);
    store_close(&fix.store);
    fix.options.read_only = true;
    fixture_open(&fix);
    assert_int_equal(store_txn_begin(&txn, fix.store, true, &fix.err), CTPS_REFUSED);
    txn = fixture_begin(&fix, false);
    assert_row(txn, 0, "a", "one");
    store_txn_abort(&txn);
    fixture_done(&fix);
}

static void open_under_another_key_is_forged(void **state)
{
    struct fixture fix;
    struct seal_key *other = seal_key_new();

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    store_close(&fix.store);
    seal_key_random(other, sys_real());
    fix.options.key = other;
    assert_int_equal(store_open(&fix.store, &fix.options, &fix.err), CTPS_FORGED);
    fix.options.key = fix.key;
    fixture_open(&fix);
    seal_key_free(&other);
    fixture_done(&fix);
}

static void open_under_another_schema_is_unsupported(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    store_close(&fix.store);
    fix.options.schema_version++;
    assert_int_equal(store_open(&fix.store, &fix.options, &fix.err), CTPS_UNSUPPORTED);
    assert_null(fix.store);
    fixture_done(&fix);
}

static void open_with_an_impossible_table_count_is_invalid(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fix.options.table_count = 0;
    assert_int_equal(store_open(&fix.store, &fix.options, &fix.err), CTPS_INVALID);
    fix.options.table_count = STORE_TABLES_MAX + 1;
    assert_int_equal(store_open(&fix.store, &fix.options, &fix.err), CTPS_INVALID);
    fix.options.table_count = STORE_TABLES_MAX;
    fixture_open(&fix);
    fixture_done(&fix);
}

static void open_of_a_file_of_junk_is_an_error(void **state)
{
    struct fixture fix;
    uint8_t junk[16384];

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    sys_random(sys_real(), junk, sizeof(junk));
    assert_int_equal(sys_write_file(sys_real(), fix.path, junk, sizeof(junk), 0600), 0);
    assert_int_equal(store_open(&fix.store, &fix.options, &fix.err), CTPS_DAMAGED);
    fixture_done(&fix);
}

static int child_read_all(struct fixture *fix, uint64_t count)
{
    struct store_txn *txn;
    struct bytes found;
    enum ctps_code worst = CTPS_OK;

    worst = store_open(&fix->store, &fix->options, NULL);
    if (worst != CTPS_OK)
        return (int)worst;
    worst = store_txn_begin(&txn, fix->store, false, NULL);
    for (uint64_t i = 0; worst == CTPS_OK && i < count; i++) {
        uint8_t key[8];

        be64_put(key, i);
        worst = store_get(txn, 0, bytes_of(key, 8), &found);
    }
    return (int)worst;
}

static void get_in_a_file_cut_short_is_damaged_and_no_crash(void **state)
{
    enum { ROWS = 2000 };
    struct fixture fix;
    struct stat st;
    int status = 0;
    pid_t pid;

    (void)state;
    fixture_init(&fix, STORE_DURABLE);
    fixture_open(&fix);
    fill(&fix, ROWS);
    store_close(&fix.store);
    assert_int_equal(stat(fix.path, &st), 0);
    assert_int_equal(truncate(fix.path, st.st_size / 2), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child_read_all(&fix, ROWS));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), CTPS_DAMAGED);
    fixture_done(&fix);
}

static void figures_count_rows_readers_and_growth(void **state)
{
    struct fixture fix;
    struct store_txn *one;
    struct store_txn *two;
    struct store_figures before;
    struct store_figures after;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    assert_int_equal(store_figures_get(fix.store, &before), CTPS_OK);
    assert_int_equal(before.row_count, 0);
    assert_int_equal(before.readers, 0);
    assert_int_equal(before.map_len, 16 << 20);
    fill(&fix, 1000);
    one = fixture_begin(&fix, false);
    two = fixture_begin(&fix, false);
    assert_int_equal(store_figures_get(fix.store, &after), CTPS_OK);
    assert_int_equal(after.row_count, 1000);
    assert_int_equal(after.readers, 2);
    assert_true(after.used_len > before.used_len);
    store_txn_abort(&one);
    store_txn_abort(&two);
    assert_int_equal(store_figures_get(fix.store, &after), CTPS_OK);
    assert_int_equal(after.readers, 0);
    fixture_done(&fix);
}

static void check_readers_clears_those_of_a_killed_process(void **state)
{
    struct fixture fix;
    struct store_figures figures;
    int status;
    pid_t pid;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fixture_open(&fix);
        (void)fixture_begin(&fix, false);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    fixture_open(&fix);
    store_check_readers(fix.store);
    assert_int_equal(store_figures_get(fix.store, &figures), CTPS_OK);
    assert_int_equal(figures.readers, 0);
    assert_int_equal(store_sync(fix.store, &fix.err), CTPS_OK);
    fixture_done(&fix);
}

static void close_of_null_is_harmless(void **state)
{
    struct store *store = NULL;

    (void)state;
    store_close(&store);
    assert_null(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_of_an_absent_file_makes_it_private),
        cmocka_unit_test(open_for_reading_of_an_absent_file_is_absent),
        cmocka_unit_test(open_for_reading_reads_and_refuses_writers),
        cmocka_unit_test(open_under_another_key_is_forged),
        cmocka_unit_test(open_under_another_schema_is_unsupported),
        cmocka_unit_test(open_with_an_impossible_table_count_is_invalid),
        cmocka_unit_test(open_of_a_file_of_junk_is_an_error),
        cmocka_unit_test(get_in_a_file_cut_short_is_damaged_and_no_crash),
        cmocka_unit_test(figures_count_rows_readers_and_growth),
        cmocka_unit_test(check_readers_clears_those_of_a_killed_process),
        cmocka_unit_test(close_of_null_is_harmless),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
