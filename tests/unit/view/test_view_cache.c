/* What is kept between commits, what an abort takes with it, and rows read from memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "view/view.h"

enum { ROWS = 5000, KEPT_ROWS = 20000 };

struct fixture {
    char dir[64];
    struct seal_key *key;
    struct view *view;
};

static void view_open_again(struct fixture *f)
{
    struct view_options options = {
        .dir = f->dir, .sys = sys_real(), .key = f->key, .map_len = 64 << 20};
    bool fresh;

    assert_int_equal(view_open(&f->view, &options, &fresh, NULL), CTPS_OK);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    strcpy(f->dir, "/tmp/ctps-view-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(seal_start(NULL), CTPS_OK);
    f->key = seal_key_new();
    seal_key_random(f->key, sys_real());
    view_open_again(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"views.mdb", "views.mdb-lock", "marker"};
    struct fixture *f = *state;
    char path[128];

    view_close(&f->view, false, NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
        unlink(path);
    }
    rmdir(f->dir);
    seal_key_free(&f->key);
    free(f);
    return 0;
}

static void put(struct fixture *f, uint64_t id, const char *value)
{
    const struct tables *tables = view_tables(f->view);
    struct table_key key = table_key_of_u64(id);

    assert_int_equal(
        tables->put(tables->ctx, TABLE_SITUATION, table_key_bytes(&key), bytes_of_str(value)),
        CTPS_OK);
}

static bool holds(struct fixture *f, uint64_t id, const char *value)
{
    const struct tables *tables = view_tables(f->view);
    struct table_key key = table_key_of_u64(id);
    struct bytes found;
    bool own = !view_is_begun(f->view);
    bool same;

    if (own)
        assert_int_equal(view_begin(f->view, false, NULL), CTPS_OK);
    same =
        tables->get(tables->ctx, TABLE_SITUATION, table_key_bytes(&key), &found) == CTPS_OK &&
        bytes_equal(found, bytes_of_str(value));
    if (own)
        view_abort(f->view);
    return same;
}

static void write_begin(struct fixture *f, uint64_t seq)
{
    struct view_head head = {.seq = seq};

    assert_int_equal(view_begin(f->view, true, NULL), CTPS_OK);
    view_head_set(f->view, &head);
}

static void batch_keep(struct fixture *f, uint64_t seq, uint64_t id, const char *value)
{
    write_begin(f, seq);
    put(f, id, value);
    assert_int_equal(view_keep(f->view, NULL), CTPS_OK);
}

static void rows_are_those_written(struct fixture *f)
{
    uint8_t digest[VIEW_DIGEST_LEN];

    assert_int_equal(view_check(f->view, digest, NULL), CTPS_OK);
}

static void keep_then_read_sees_it(void **state)
{
    struct fixture *f = *state;

    batch_keep(f, 1, 1, "one");
    assert_true(holds(f, 1, "one"));
    batch_keep(f, 2, 1, "two");
    assert_true(holds(f, 1, "two"));
    assert_int_equal(view_head(f->view)->seq, 2);
}

static void keep_then_kill_is_behind_and_says_so(void **state)
{
    struct fixture *f = *state;

    write_begin(f, 1);
    put(f, 1, "one");
    assert_int_equal(view_commit(f->view, NULL), CTPS_OK);
    batch_keep(f, 2, 1, "two");
    view_close(&f->view, false, NULL);
    view_open_again(f);
    assert_int_equal(view_head(f->view)->seq, 1);
    assert_true(holds(f, 1, "one"));
    rows_are_those_written(f);
}

static void keep_then_clean_close_loses_nothing(void **state)
{
    struct fixture *f = *state;

    batch_keep(f, 1, 1, "one");
    batch_keep(f, 2, 1, "two");
    assert_int_equal(view_close(&f->view, true, NULL), CTPS_OK);
    view_open_again(f);
    assert_int_equal(view_head(f->view)->seq, 2);
    assert_true(holds(f, 1, "two"));
    rows_are_those_written(f);
}

static void keep_of_many_rows_reaches_the_file(void **state)
{
    struct fixture *f = *state;

    for (uint64_t id = 1; id <= KEPT_ROWS; id++)
        batch_keep(f, id, id, "row");
    view_close(&f->view, false, NULL);
    view_open_again(f);
    assert_in_range(view_head(f->view)->seq, KEPT_ROWS / 2, KEPT_ROWS);
    assert_true(holds(f, view_head(f->view)->seq, "row"));
    assert_false(holds(f, view_head(f->view)->seq + 1, "row"));
    rows_are_those_written(f);
}

static void keep_of_long_rows_reaches_the_file(void **state)
{
    struct fixture *f = *state;
    char *text = calloc(1, (1 << 20) + 1);

    assert_non_null(text);
    memset(text, 'x', 1 << 20);
    for (uint64_t id = 1; id <= 20; id++)
        batch_keep(f, id, id, text);
    view_close(&f->view, false, NULL);
    view_open_again(f);
    assert_in_range(view_head(f->view)->seq, 10, 20);
    assert_true(holds(f, 10, text));
    free(text);
}

static void abort_of_a_batch_that_wrote_goes_back_to_the_commit(void **state)
{
    struct fixture *f = *state;

    batch_keep(f, 1, 1, "one");
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    batch_keep(f, 2, 1, "two");
    write_begin(f, 3);
    put(f, 1, "three");
    view_abort(f->view);
    assert_int_equal(view_head(f->view)->seq, 1);
    assert_true(holds(f, 1, "one"));
    rows_are_those_written(f);
}

static void abort_of_a_batch_that_only_read_keeps(void **state)
{
    struct fixture *f = *state;

    batch_keep(f, 1, 1, "one");
    write_begin(f, 2);
    assert_true(holds(f, 1, "one"));
    view_abort(f->view);
    assert_int_equal(view_head(f->view)->seq, 1);
    assert_true(holds(f, 1, "one"));
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    rows_are_those_written(f);
}

static void put_while_reading_is_refused_also_over_kept_rows(void **state)
{
    struct fixture *f = *state;
    const struct tables *tables = view_tables(f->view);
    struct table_key key = table_key_of_u64(1);

    batch_keep(f, 1, 1, "one");
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    batch_keep(f, 2, 2, "two");
    assert_int_equal(view_begin(f->view, false, NULL), CTPS_OK);
    assert_int_equal(
        tables->put(tables->ctx, TABLE_SITUATION, table_key_bytes(&key), bytes_of_str("no")),
        CTPS_REFUSED);
    assert_int_equal(view_error(f->view, NULL), CTPS_REFUSED);
    view_abort(f->view);
    assert_true(holds(f, 1, "one"));
    rows_are_those_written(f);
}

static void remove_forgets_the_row_in_memory(void **state)
{
    struct fixture *f = *state;
    const struct tables *tables = view_tables(f->view);
    struct table_key key = table_key_of_u64(1);

    batch_keep(f, 1, 1, "one");
    assert_true(holds(f, 1, "one"));
    write_begin(f, 2);
    assert_int_equal(tables->remove(tables->ctx, TABLE_SITUATION, table_key_bytes(&key)),
                     CTPS_OK);
    assert_false(holds(f, 1, "one"));
    assert_int_equal(view_commit(f->view, NULL), CTPS_OK);
    assert_false(holds(f, 1, "one"));
    rows_are_those_written(f);
}

/* The same writes one by one and held back: the same rows, the same digest. */
static void replay_gives_what_single_batches_give(void **state)
{
    struct fixture *f = *state;
    const struct tables *tables = view_tables(f->view);
    struct table_key gone = table_key_of_u64(3);
    struct table_key late = table_key_of_u64(ROWS + 1);
    uint8_t digests[2][VIEW_DIGEST_LEN];

    for (int round = 0; round < 2; round++) {
        assert_int_equal(view_reset(f->view, NULL), CTPS_OK);
        if (round)
            assert_int_equal(view_begin_replay(f->view, NULL), CTPS_OK);
        else
            assert_int_equal(view_begin(f->view, true, NULL), CTPS_OK);
        for (uint64_t id = 1; id <= ROWS; id++)
            put(f, id, "first");
        for (uint64_t id = 1; id <= ROWS; id += 2)
            put(f, id, "second");
        assert_true(holds(f, 1, "second"));
        assert_true(holds(f, 2, "first"));
        assert_int_equal(tables->remove(tables->ctx, TABLE_SITUATION, table_key_bytes(&gone)),
                         CTPS_OK);
        assert_false(holds(f, 3, "second"));
        assert_int_equal(tables->remove(tables->ctx, TABLE_SITUATION, table_key_bytes(&late)),
                         CTPS_ABSENT);
        assert_int_equal(view_commit(f->view, NULL), CTPS_OK);
        assert_int_equal(view_check(f->view, digests[round], NULL), CTPS_OK);
        assert_true(holds(f, 5, "second"));
        assert_false(holds(f, 3, "second"));
    }
    assert_memory_equal(digests[0], digests[1], VIEW_DIGEST_LEN);
}

static void replay_put(struct fixture *f, uint64_t seq, uint64_t id, const char *value)
{
    struct view_head head = {.seq = seq};

    put(f, id, value);
    view_head_set(f->view, &head);
}

/* What was handed over is seen while it is being written, and what came after hides it. */
static void replay_step_hides_nothing(void **state)
{
    struct fixture *f = *state;
    const struct tables *tables = view_tables(f->view);
    struct table_key gone = table_key_of_u64(2);

    assert_int_equal(view_begin_replay(f->view, NULL), CTPS_OK);
    for (uint64_t round = 1; round <= 20; round++) {
        for (uint64_t id = 1; id <= 500; id++)
            replay_put(f, round, id, round % 2 ? "odd" : "even");
        assert_int_equal(tables->remove(tables->ctx, TABLE_SITUATION, table_key_bytes(&gone)),
                         CTPS_OK);
        assert_int_equal(view_replay_step(f->view, NULL), CTPS_OK);
        assert_true(holds(f, 1, round % 2 ? "odd" : "even"));
        assert_false(holds(f, 2, round % 2 ? "odd" : "even"));
        assert_int_equal(tables->remove(tables->ctx, TABLE_SITUATION, table_key_bytes(&gone)),
                         CTPS_ABSENT);
        replay_put(f, round, 3, "after the step");
        assert_true(holds(f, 3, "after the step"));
    }
    assert_int_equal(view_commit(f->view, NULL), CTPS_OK);
    assert_true(holds(f, 1, "even"));
    assert_true(holds(f, 3, "after the step"));
    assert_false(holds(f, 2, "even"));
    rows_are_those_written(f);
}

static void replay_abort_goes_back_to_the_last_step(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(view_begin_replay(f->view, NULL), CTPS_OK);
    replay_put(f, 1, 1, "one");
    assert_int_equal(view_replay_step(f->view, NULL), CTPS_OK);
    replay_put(f, 2, 1, "two");
    view_abort(f->view);
    assert_int_equal(view_head(f->view)->seq, 1);
    assert_true(holds(f, 1, "one"));
    rows_are_those_written(f);
}

/* One entry may be larger than what is held back at once. */
static void replay_of_an_entry_that_fills_the_memory_is_whole(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 70000 };

    assert_int_equal(view_begin_replay(f->view, NULL), CTPS_OK);
    replay_put(f, 1, MANY + 1, "before");
    assert_int_equal(view_replay_step(f->view, NULL), CTPS_OK);
    assert_false(view_replay_is_filling(f->view));
    for (uint64_t id = 1; id <= MANY; id++)
        put(f, id, "row");
    assert_true(holds(f, 1, "row"));
    assert_true(holds(f, MANY, "row"));
    assert_true(holds(f, MANY + 1, "before"));
    replay_put(f, 2, MANY + 1, "after");
    assert_int_equal(view_replay_step(f->view, NULL), CTPS_OK);
    replay_put(f, 3, 1, "last");
    assert_int_equal(view_commit(f->view, NULL), CTPS_OK);
    assert_true(holds(f, 1, "last"));
    assert_true(holds(f, MANY, "row"));
    assert_true(holds(f, MANY + 1, "after"));
    assert_int_equal(view_head(f->view)->seq, 3);
    rows_are_those_written(f);
}

static bool rows_count(void *arg, struct bytes key, struct bytes value)
{
    unsigned *count = arg;

    (void)key;
    (void)value;
    ++*count;
    return true;
}

static void replay_walk_sees_rows_held_back(void **state)
{
    struct fixture *f = *state;
    const struct tables *tables = view_tables(f->view);
    unsigned count = 0;

    assert_int_equal(view_begin_replay(f->view, NULL), CTPS_OK);
    put(f, 1, "one");
    put(f, 2, "two");
    tables->walk(tables->ctx, TABLE_SITUATION, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                 rows_count, &count);
    assert_int_equal(count, 2);
    view_abort(f->view);
    assert_false(holds(f, 1, "one"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(keep_then_read_sees_it),
        TEST(keep_then_kill_is_behind_and_says_so),
        TEST(keep_then_clean_close_loses_nothing),
        TEST(keep_of_many_rows_reaches_the_file),
        TEST(keep_of_long_rows_reaches_the_file),
        TEST(abort_of_a_batch_that_wrote_goes_back_to_the_commit),
        TEST(abort_of_a_batch_that_only_read_keeps),
        TEST(put_while_reading_is_refused_also_over_kept_rows),
        TEST(remove_forgets_the_row_in_memory),
        TEST(replay_gives_what_single_batches_give),
        TEST(replay_walk_sees_rows_held_back),
        TEST(replay_step_hides_nothing),
        TEST(replay_abort_goes_back_to_the_last_step),
        TEST(replay_of_an_entry_that_fills_the_memory_is_whole),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
