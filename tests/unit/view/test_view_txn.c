/* Transactions, the tables port, the sum kept with every write and what a check finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <limits.h>
#include <unistd.h>

#include "split_sys.h"
#include "store/store.h"
#include "view/view.h"

struct fixture {
    char base[64];
    char dir[96];
    struct sim_disk *disk;
    struct split_sys split;
    struct seal_key *key;
    struct view *view;
    const struct tables *tables;
    struct ctps_err err;
};

static void view_open_again(struct fixture *f)
{
    struct view_options options = {
        .dir = f->dir, .sys = &f->split.sys, .key = f->key, .map_len = 16 << 20};
    bool fresh;

    assert_int_equal(view_open(&f->view, &options, &fresh, &f->err), CTPS_OK);
    f->tables = view_tables(f->view);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    strcpy(f->base, "/tmp/ctps-view-XXXXXX");
    assert_non_null(mkdtemp(f->base));
    assert_int_equal(seal_start(NULL), CTPS_OK);
    f->disk = sim_disk_new(1);
    snprintf(f->dir, sizeof(f->dir), "%s/store", f->base);
    split_sys_init(&f->split, f->disk, f->dir, 1);
    snprintf(f->dir, sizeof(f->dir), "%s/store/views", f->base);
    f->key = seal_key_new();
    seal_key_random(f->key, &f->split.sys);
    view_open_again(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    view_close(&f->view, false, NULL);
    split_sys_clear(&f->split);
    rmdir(f->base);
    sim_disk_free(&f->disk);
    seal_key_free(&f->key);
    free(f);
    return 0;
}

static void put(struct fixture *f, const char *key, const char *value)
{
    assert_int_equal(
        f->tables->put(f->tables->ctx, TABLE_COUNTER, bytes_of_str(key), bytes_of_str(value)),
        CTPS_OK);
}

static void commit_one(struct fixture *f, const char *key, const char *value)
{
    assert_int_equal(view_begin(f->view, true, &f->err), CTPS_OK);
    put(f, key, value);
    assert_int_equal(view_commit(f->view, &f->err), CTPS_OK);
}

/* Every row is one that was written; what the rows say. */
static void rows_check(struct fixture *f, uint8_t out[VIEW_DIGEST_LEN])
{
    assert_int_equal(view_check(f->view, out, &f->err), CTPS_OK);
}

static void digest_follows_put_replace_and_remove(void **state)
{
    struct fixture *f = *state;
    uint8_t one[VIEW_DIGEST_LEN];
    uint8_t two[VIEW_DIGEST_LEN];
    uint8_t three[VIEW_DIGEST_LEN];

    commit_one(f, "a", "1");
    rows_check(f, one);
    commit_one(f, "b", "2");
    rows_check(f, two);
    assert_memory_not_equal(one, two, VIEW_DIGEST_LEN);
    commit_one(f, "b", "3");
    rows_check(f, three);
    assert_memory_not_equal(two, three, VIEW_DIGEST_LEN);
    assert_int_equal(view_begin(f->view, true, &f->err), CTPS_OK);
    assert_int_equal(f->tables->remove(f->tables->ctx, TABLE_COUNTER, bytes_of_str("b")),
                     CTPS_OK);
    assert_int_equal(f->tables->remove(f->tables->ctx, TABLE_COUNTER, bytes_of_str("b")),
                     CTPS_ABSENT);
    assert_int_equal(view_commit(f->view, &f->err), CTPS_OK);
    rows_check(f, two);
    assert_memory_equal(one, two, VIEW_DIGEST_LEN);
}

static void digest_is_of_the_rows_whatever_their_order(void **state)
{
    struct fixture *f = *state;
    uint8_t one[VIEW_DIGEST_LEN];
    uint8_t two[VIEW_DIGEST_LEN];

    commit_one(f, "a", "1");
    commit_one(f, "b", "2");
    rows_check(f, one);
    assert_int_equal(view_reset(f->view, &f->err), CTPS_OK);
    commit_one(f, "b", "2");
    commit_one(f, "a", "1");
    rows_check(f, two);
    assert_memory_equal(one, two, VIEW_DIGEST_LEN);
}

static void abort_takes_everything_back(void **state)
{
    struct fixture *f = *state;
    uint8_t before[VIEW_DIGEST_LEN];
    uint8_t after[VIEW_DIGEST_LEN];
    struct view_head head = {.seq = 9};

    commit_one(f, "a", "1");
    rows_check(f, before);
    assert_int_equal(view_begin(f->view, true, &f->err), CTPS_OK);
    put(f, "a", "2");
    put(f, "c", "3");
    view_head_set(f->view, &head);
    view_state(f->view)->next_slot = 77;
    view_abort(f->view);
    view_abort(f->view);
    assert_int_equal(view_head(f->view)->seq, 0);
    assert_int_equal(view_state(f->view)->next_slot, 0);
    rows_check(f, after);
    assert_memory_equal(before, after, VIEW_DIGEST_LEN);
}

/* Writes to the store behind the view's back, as a disk that gives back old pages would. */
struct behind {
    struct store_options options;
    struct store *store;
    struct store_txn *txn;
};

static void behind_begin(struct fixture *f, struct behind *behind)
{
    static char path[PATH_MAX];

    assert_int_equal(view_close(&f->view, true, &f->err), CTPS_OK);
    snprintf(path, sizeof(path), "%s/views.mdb", f->dir);
    behind->options = (struct store_options){
        .path = path,
        .flavour = STORE_DISPOSABLE,
        .map_len = 16 << 20,
        .schema_version = VIEW_SCHEMA_VERSION,
        .table_count = TABLE_COUNT,
        .sys = sys_real(),
        .key = f->key,
    };
    assert_int_equal(store_open(&behind->store, &behind->options, &f->err), CTPS_OK);
    assert_int_equal(store_txn_begin(&behind->txn, behind->store, true, &f->err), CTPS_OK);
}

static void behind_end(struct fixture *f, struct behind *behind)
{
    assert_int_equal(store_txn_commit(&behind->txn, &f->err), CTPS_OK);
    store_close(&behind->store);
    view_open_again(f);
}

static void row_written_again_behind_its_back_is_found(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[VIEW_DIGEST_LEN];
    struct behind behind;

    commit_one(f, "a", "1");
    behind_begin(f, &behind);
    /* The very same content, under another mark: an older writing of the row. */
    store_put(behind.txn, TABLE_COUNTER, bytes_of_str("a"), bytes_of_str("1"));
    behind_end(f, &behind);
    assert_int_equal(view_check(f->view, digest, &f->err), CTPS_DAMAGED);
}

static void row_missing_is_found(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[VIEW_DIGEST_LEN];
    struct behind behind;

    commit_one(f, "a", "1");
    commit_one(f, "b", "1");
    behind_begin(f, &behind);
    assert_int_equal(store_remove(behind.txn, TABLE_COUNTER, bytes_of_str("a"), NULL), CTPS_OK);
    behind_end(f, &behind);
    assert_int_equal(view_check(f->view, digest, &f->err), CTPS_DAMAGED);
}

static void row_too_many_is_found(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[VIEW_DIGEST_LEN];
    struct behind behind;

    commit_one(f, "a", "1");
    behind_begin(f, &behind);
    store_put(behind.txn, TABLE_COUNTER, bytes_of_str("b"), bytes_of_str("1"));
    behind_end(f, &behind);
    assert_int_equal(view_check(f->view, digest, &f->err), CTPS_DAMAGED);
}

static void changes_are_counted_for_each_table(void **state)
{
    struct fixture *f = *state;
    const uint64_t counter = UINT64_C(1) << TABLE_COUNTER;
    const uint64_t town = UINT64_C(1) << TABLE_TOWN;
    struct bytes found;
    uint64_t before[2] = {view_changes(f->view, counter), view_changes(f->view, town)};

    assert_int_equal(view_begin(f->view, true, &f->err), CTPS_OK);
    put(f, "a", "1");
    assert_true(view_changes(f->view, counter) > before[0]);
    assert_int_equal(view_changes(f->view, town), before[1]);
    before[0] = view_changes(f->view, counter);
    view_reads_begin(f->view);
    f->tables->get(f->tables->ctx, TABLE_COUNTER, bytes_of_str("a"), &found);
    assert_int_equal(view_reads_end(f->view), counter);
    f->tables->remove(f->tables->ctx, TABLE_COUNTER, bytes_of_str("a"));
    assert_true(view_changes(f->view, counter) > before[0]);
    before[0] = view_changes(f->view, counter);
    view_abort(f->view);
    assert_true(view_changes(f->view, counter) > before[0]);
    assert_true(view_changes(f->view, town) > before[1]);
}

struct keys {
    size_t count;
    size_t stop_at;
    char text[8];
};

static bool key_note(void *arg, struct bytes key, struct bytes value)
{
    struct keys *keys = arg;

    (void)value;
    keys->text[keys->count++] = (char)key.data[key.len - 1];
    return keys->count != keys->stop_at;
}

static void walk_goes_both_ways_within_a_prefix(void **state)
{
    static const struct {
        const char *prefix, *after;
        bool backwards;
        size_t stop_at;
        const char *keys;
    } cases[] = {
        {"", "", false, 0, "abcz"},   {"", "", true, 0, "zcba"},   {"x", "", false, 0, "abc"},
        {"x", "", true, 0, "cba"},    {"x", "xa", false, 0, "bc"}, {"x", "xb", true, 0, "a"},
        {"x", "xaa", false, 0, "bc"}, {"x", "", false, 2, "ab"},   {"q", "", false, 0, ""},
        {"x", "xc", false, 0, ""},
    };
    struct fixture *f = *state;

    commit_one(f, "xb", "2");
    commit_one(f, "xa", "1");
    commit_one(f, "yz", "4");
    commit_one(f, "xc", "3");
    assert_int_equal(view_begin(f->view, false, &f->err), CTPS_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keys keys = {.stop_at = cases[i].stop_at};

        assert_int_equal(
            f->tables->walk(f->tables->ctx, TABLE_COUNTER, bytes_of_str(cases[i].prefix),
                            bytes_of_str(cases[i].after), cases[i].backwards, key_note, &keys),
            CTPS_OK);
        if (strcmp(keys.text, cases[i].keys) != 0)
            fail_msg("case %zu: %s", i, keys.text);
    }
    view_abort(f->view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(digest_follows_put_replace_and_remove),
        TEST(digest_is_of_the_rows_whatever_their_order),
        TEST(abort_takes_everything_back),
        TEST(row_written_again_behind_its_back_is_found),
        TEST(row_missing_is_found),
        TEST(row_too_many_is_found),
        TEST(changes_are_counted_for_each_table),
        TEST(walk_goes_both_ways_within_a_prefix),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
