#include "fixture.h"

#include <errno.h>
#include <sys/stat.h>

static const char copy_name[] = "copy";

static void copy_path(const struct fixture *fix, char *out, size_t len)
{
    snprintf(out, len, "%s/%s", fix->dir, copy_name);
}

static void copy_gives_every_row_in_a_private_file(void **state)
{
    struct fixture fix;
    struct store_txn *txn;
    struct store *other;
    struct stat st;
    char path[128];

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    copy_path(&fix, path, sizeof(path));
    fixture_open(&fix);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "a", "one");
    put_text(txn, 2, "b", "two");
    fixture_commit(&fix, &txn);
    assert_int_equal(store_copy(fix.store, path, &fix.err), CTPS_OK);
    txn = fixture_begin(&fix, true);
    put_text(txn, 0, "c", "after the copy");
    fixture_commit(&fix, &txn);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    fix.options.path = path;
    assert_int_equal(store_open(&other, &fix.options, &fix.err), CTPS_OK);
    assert_int_equal(store_txn_begin(&txn, other, false, &fix.err), CTPS_OK);
    assert_row(txn, 0, "a", "one");
    assert_row(txn, 2, "b", "two");
    assert_no_row(txn, 0, "c");
    store_txn_abort(&txn);
    store_close(&other);
    fixture_done(&fix);
}

static int fsync_fails(void *ctx, int fd)
{
    (void)ctx;
    (void)fd;
    return -EIO;
}

static void copy_that_cannot_be_flushed_leaves_the_older_one(void **state)
{
    struct fixture fix;
    struct sys broken = *sys_real();
    struct stat before;
    struct stat after;
    char path[128];
    char temp[160];

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    copy_path(&fix, path, sizeof(path));
    snprintf(temp, sizeof(temp), "%s.new", path);
    fixture_open(&fix);
    assert_int_equal(store_copy(fix.store, path, &fix.err), CTPS_OK);
    assert_int_equal(stat(path, &before), 0);
    store_close(&fix.store);
    broken.fsync = fsync_fails;
    fix.options.sys = &broken;
    fixture_open(&fix);
    assert_int_equal(store_copy(fix.store, path, &fix.err), CTPS_IO);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(access(temp, F_OK), -1);
    fixture_done(&fix);
}

static void copy_into_an_absent_folder_is_absent(void **state)
{
    struct fixture fix;
    char path[128];

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    snprintf(path, sizeof(path), "%s/none/copy", fix.dir);
    fixture_open(&fix);
    assert_int_equal(store_copy(fix.store, path, &fix.err), CTPS_ABSENT);
    fixture_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_gives_every_row_in_a_private_file),
        cmocka_unit_test(copy_that_cannot_be_flushed_leaves_the_older_one),
        cmocka_unit_test(copy_into_an_absent_folder_is_absent),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
