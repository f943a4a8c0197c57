/* What is held, what a second thread writes meanwhile, what an abort takes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"
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

static enum ctps_code row_remove(struct fixture *f, uint64_t id)
{
    const struct tables *tables = view_tables(f->view);
    struct table_key key = table_key_of_u64(id);

    return tables->remove(tables->ctx, TABLE_SITUATION, table_key_bytes(&key));
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

static void abort_takes_back_this_batch_alone(void **state)
{
    struct fixture *f = *state;

    batch_keep(f, 1, 1, "one");
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    batch_keep(f, 2, 1, "two");
    batch_keep(f, 2, 4, "four");
    write_begin(f, 3);
    put(f, 1, "three");
    put(f, 1, "three again");
    put(f, 2, "new");
    row_remove(f, 4);
    assert_false(holds(f, 4, "four"));
    view_abort(f->view);
    assert_int_equal(view_head(f->view)->seq, 2);
    assert_true(holds(f, 1, "two"));
    assert_true(holds(f, 4, "four"));
    assert_false(holds(f, 2, "new"));
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    assert_true(holds(f, 1, "two"));
    assert_true(holds(f, 4, "four"));
    assert_false(holds(f, 2, "new"));
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

/* The same writes in one batch and in many, held longer or shorter: the same rows. */
static void rows_do_not_depend_on_when_they_are_written(void **state)
{
    static const size_t held[] = {1, 100, 1000000};
    enum { WAYS = sizeof(held) / sizeof(held[0]) };
    struct fixture *f = *state;
    uint8_t digests[WAYS][VIEW_DIGEST_LEN];

    for (int way = 0; way < WAYS; way++) {
        assert_int_equal(view_reset(f->view, NULL), CTPS_OK);
        view_hold(f->view, held[way]);
        for (uint64_t id = 1; id <= ROWS; id++)
            batch_keep(f, id, id, "first");
        write_begin(f, ROWS + 1);
        for (uint64_t id = 1; id <= ROWS; id += 2)
            put(f, id, "second");
        assert_true(holds(f, 1, "second"));
        assert_true(holds(f, 2, "first"));
        assert_int_equal(row_remove(f, 3), CTPS_OK);
        assert_int_equal(row_remove(f, 3), CTPS_ABSENT);
        assert_int_equal(row_remove(f, ROWS + 1), CTPS_ABSENT);
        assert_int_equal(view_commit(f->view, NULL), CTPS_OK);
        assert_int_equal(view_check(f->view, digests[way], NULL), CTPS_OK);
        assert_true(holds(f, 5, "second"));
        assert_false(holds(f, 3, "second"));
        assert_memory_equal(digests[0], digests[way], VIEW_DIGEST_LEN);
    }
}

/* What is being written is seen meanwhile, and what came after hides it. */
static void writing_hides_nothing(void **state)
{
    struct fixture *f = *state;

    view_hold(f->view, 500);
    for (uint64_t round = 1; round <= 20; round++) {
        const char *value = round % 2 ? "odd" : "even";

        write_begin(f, 2 * round);
        for (uint64_t id = 1; id <= 500; id++)
            put(f, id, value);
        assert_int_equal(row_remove(f, 2), CTPS_OK);
        assert_int_equal(view_keep(f->view, NULL), CTPS_OK);
        assert_true(holds(f, 1, value));
        assert_false(holds(f, 2, value));
        write_begin(f, 2 * round + 1);
        assert_int_equal(row_remove(f, 2), CTPS_ABSENT);
        put(f, 3, "after");
        assert_true(holds(f, 3, "after"));
        assert_int_equal(view_keep(f->view, NULL), CTPS_OK);
    }
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    assert_true(holds(f, 1, "even"));
    assert_true(holds(f, 3, "after"));
    assert_false(holds(f, 2, "even"));
    rows_are_those_written(f);
}

static void batch_of_very_many_rows_is_whole(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 70000 };

    batch_keep(f, 1, MANY + 1, "before");
    write_begin(f, 2);
    for (uint64_t id = 1; id <= MANY; id++)
        put(f, id, "row");
    assert_true(holds(f, 1, "row"));
    assert_true(holds(f, MANY, "row"));
    put(f, MANY + 1, "after");
    assert_int_equal(view_keep(f->view, NULL), CTPS_OK);
    batch_keep(f, 3, 1, "last");
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    assert_true(holds(f, 1, "last"));
    assert_true(holds(f, MANY, "row"));
    assert_true(holds(f, MANY + 1, "after"));
    assert_int_equal(view_head(f->view)->seq, 3);
    rows_are_those_written(f);
}

/* The map is 64 MiB: what cannot be written is not seen any longer either. */
static void writing_that_fails_goes_back_to_the_file(void **state)
{
    struct fixture *f = *state;
    char *text = calloc(1, (1 << 20) + 1);
    struct ctps_err err = {0};

    assert_non_null(text);
    memset(text, 'x', 1 << 20);
    batch_keep(f, 1, 1, "one");
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    write_begin(f, 2);
    for (uint64_t id = 1; id <= 80; id++)
        put(f, id, text);
    /* Handed over: nobody knows yet. */
    assert_int_equal(view_keep(f->view, &err), CTPS_OK);
    assert_true(holds(f, 80, text));
    assert_int_equal(view_flush(f->view, &err), CTPS_NOSPACE);
    assert_non_null(strstr(err.text, "MAP_FULL"));
    assert_int_equal(view_head(f->view)->seq, 1);
    assert_true(holds(f, 1, "one"));
    assert_false(holds(f, 80, text));
    rows_are_those_written(f);
    free(text);
}

/* Every id of a walk, with the value it had. */
struct walked {
    size_t count;
    uint64_t ids[ROWS];
    char values[ROWS];
};

static bool row_note(void *arg, struct bytes key, struct bytes value)
{
    struct walked *walked = arg;

    walked->ids[walked->count] = be64_get(key.data + key.len - 8);
    walked->values[walked->count++] = (char)value.data[0];
    return true;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

enum { GROUPS = 4, MODEL_IDS = 64 };

static struct table_key pair_key(uint64_t group, uint64_t id)
{
    return table_key_of_two(group, id);
}

/* A walk over one group, or over all, against a plain array. */
static void walk_is(struct fixture *f, char (*model)[MODEL_IDS], int group, int after,
                    bool backwards)
{
    const struct tables *tables = view_tables(f->view);
    struct table_key prefix = table_key_of_u64((uint64_t)group);
    struct table_key last = pair_key((uint64_t)group, (uint64_t)after);
    struct walked walked = {0};
    size_t expected = 0;

    tables->walk(tables->ctx, TABLE_SITUATION, table_key_bytes(&prefix),
                 after >= 0 ? table_key_bytes(&last) : bytes_of(NULL, 0), backwards, row_note,
                 &walked);
    for (int i = 0; i < MODEL_IDS; i++) {
        int id = backwards ? MODEL_IDS - 1 - i : i;

        if (!model[group][id] || (after >= 0 && (backwards ? id >= after : id <= after)))
            continue;
        assert_true(expected < walked.count);
        assert_int_equal(walked.ids[expected], id);
        assert_int_equal(walked.values[expected], model[group][id]);
        expected++;
    }
    assert_int_equal(walked.count, expected);
}

/* Rows put, removed and taken back at random, in the file, being written and held: walks both
 * ways, from any place, tell what an array tells. */
static void walks_see_every_layer_in_order(void **state)
{
    struct fixture *f = *state;
    char model[GROUPS][MODEL_IDS] = {{0}};
    char before[GROUPS][MODEL_IDS];
    const struct tables *tables = view_tables(f->view);
    uint64_t random = 0x9e3779b97f4a7c15ULL;

    view_hold(f->view, 40);
    for (uint64_t round = 1; round <= 600; round++) {
        bool keep = next_random(&random) % 4;

        memcpy(before, model, sizeof(model));
        write_begin(f, round);
        for (int i = 0; i < 6; i++) {
            uint64_t group = next_random(&random) % GROUPS;
            uint64_t id = next_random(&random) % MODEL_IDS;
            char letter = (char)('a' + next_random(&random) % 26);
            struct table_key key = pair_key(group, id);

            if (next_random(&random) % 3) {
                tables->put(tables->ctx, TABLE_SITUATION, table_key_bytes(&key),
                            bytes_of(&letter, 1));
                model[group][id] = letter;
            } else {
                enum ctps_code found = model[group][id] ? CTPS_OK : CTPS_ABSENT;

                assert_int_equal(
                    tables->remove(tables->ctx, TABLE_SITUATION, table_key_bytes(&key)), found);
                model[group][id] = 0;
            }
            walk_is(f, model, (int)group, (int)(next_random(&random) % 80) - 16, i % 2);
        }
        if (keep) {
            assert_int_equal(view_keep(f->view, NULL), CTPS_OK);
        } else {
            view_abort(f->view);
            memcpy(model, before, sizeof(model));
        }
        assert_int_equal(view_begin(f->view, false, NULL), CTPS_OK);
        for (int group = 0; group < GROUPS; group++)
            walk_is(f, model, group, -1, round % 2);
        view_abort(f->view);
    }
    assert_int_equal(view_flush(f->view, NULL), CTPS_OK);
    rows_are_those_written(f);
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
        TEST(abort_takes_back_this_batch_alone),
        TEST(abort_of_a_batch_that_only_read_keeps),
        TEST(put_while_reading_is_refused_also_over_kept_rows),
        TEST(remove_forgets_the_row_in_memory),
        TEST(rows_do_not_depend_on_when_they_are_written),
        TEST(writing_hides_nothing),
        TEST(batch_of_very_many_rows_is_whole),
        TEST(writing_that_fails_goes_back_to_the_file),
        TEST(walks_see_every_layer_in_order),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
