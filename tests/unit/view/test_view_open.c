/* When the views are trusted, and that nothing distrusted stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "split_sys.h"
#include "view/view.h"

struct fixture {
    char base[64];
    char dir[96];
    struct sim_disk *disk;
    struct split_sys split;
    struct seal_key *key;
    struct view_options options;
    struct view *view;
    bool fresh;
    struct ctps_err err;
};

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
    f->options = (struct view_options){
        .dir = f->dir, .sys = &f->split.sys, .key = f->key, .map_len = 16 << 20};
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

static enum ctps_code open_view(struct fixture *f)
{
    return view_open(&f->view, &f->options, &f->fresh, &f->err);
}

static const struct view_head head_of_seven = {.seq = 7, .batch = 3};

/* One row of TABLE_TOWN, committed with head 7. */
static void row_put(struct fixture *f)
{
    const struct tables *tables = view_tables(f->view);

    assert_int_equal(view_begin(f->view, true, &f->err), CTPS_OK);
    assert_int_equal(
        tables->put(tables->ctx, TABLE_TOWN, bytes_of_str("town"), bytes_of_str("value")),
        CTPS_OK);
    view_head_set(f->view, &head_of_seven);
    assert_int_equal(view_commit(f->view, &f->err), CTPS_OK);
}

static void with_a_row(struct fixture *f)
{
    assert_int_equal(open_view(f), CTPS_OK);
    assert_true(f->fresh);
    row_put(f);
}

static bool row_is_there(struct fixture *f)
{
    const struct tables *tables = view_tables(f->view);
    struct bytes value;
    enum ctps_code code;

    assert_int_equal(view_begin(f->view, false, &f->err), CTPS_OK);
    code = tables->get(tables->ctx, TABLE_TOWN, bytes_of_str("town"), &value);
    view_abort(f->view);
    return code == CTPS_OK;
}

static void open_after_clean_close_trusts(void **state)
{
    struct fixture *f = *state;

    with_a_row(f);
    assert_int_equal(view_close(&f->view, true, &f->err), CTPS_OK);
    sim_disk_boot_set(f->disk, 9);
    assert_int_equal(open_view(f), CTPS_OK);
    assert_false(f->fresh);
    assert_int_equal(view_head(f->view)->seq, 7);
    assert_true(row_is_there(f));
}

static void open_after_kill_in_same_boot_trusts(void **state)
{
    struct fixture *f = *state;

    with_a_row(f);
    view_close(&f->view, false, NULL);
    assert_int_equal(open_view(f), CTPS_OK);
    assert_false(f->fresh);
    assert_true(row_is_there(f));
}

static void open_in_other_boot_throws_away(void **state)
{
    struct fixture *f = *state;

    with_a_row(f);
    view_close(&f->view, false, NULL);
    sim_disk_boot_set(f->disk, 2);
    assert_int_equal(open_view(f), CTPS_OK);
    assert_true(f->fresh);
    assert_int_equal(view_head(f->view)->seq, 0);
    assert_false(row_is_there(f));
}

/* A clean marker is gone, durably, once the views are in use again. */
static void open_after_clean_then_power_cut_throws_away(void **state)
{
    struct fixture *f = *state;
    struct sim_cut cut = {.policy = SIM_CUT_FLUSHED};
    struct sim_disk *after;

    with_a_row(f);
    assert_int_equal(view_close(&f->view, true, &f->err), CTPS_OK);
    assert_int_equal(open_view(f), CTPS_OK);
    view_close(&f->view, false, NULL);
    after = sim_disk_cut(f->disk, &cut);
    sim_disk_free(&f->disk);
    f->disk = after;
    split_sys_revive(&f->split, after);
    assert_int_equal(open_view(f), CTPS_OK);
    assert_true(f->fresh);
}

static void open_after_distrust_throws_away(void **state)
{
    struct fixture *f = *state;

    with_a_row(f);
    view_distrust(f->view);
    view_close(&f->view, false, NULL);
    assert_int_equal(open_view(f), CTPS_OK);
    assert_true(f->fresh);
}

static void open_read_only_without_trust_is_absent(void **state)
{
    struct fixture *f = *state;

    with_a_row(f);
    view_distrust(f->view);
    view_close(&f->view, false, NULL);
    f->options.read_only = true;
    assert_int_equal(open_view(f), CTPS_ABSENT);
    assert_null(f->view);
}

static void open_under_other_key_throws_away(void **state)
{
    struct fixture *f = *state;

    with_a_row(f);
    assert_int_equal(view_close(&f->view, true, &f->err), CTPS_OK);
    seal_key_random(f->key, &f->split.sys);
    assert_int_equal(open_view(f), CTPS_OK);
    assert_true(f->fresh);
    assert_false(row_is_there(f));
}

/* A file that cannot be removed would be taken for an empty one. */
static void open_when_old_file_stays_fails(void **state)
{
    struct fixture *f = *state;

    with_a_row(f);
    view_close(&f->view, false, NULL);
    sim_disk_boot_set(f->disk, 2);
    /* First views.mdb is removed, then its lock. */
    for (uint64_t at = 1; at <= 2; at++) {
        struct split_sys *split = &f->split;

        split->real_fault_at = at;
        assert_int_not_equal(open_view(f), CTPS_OK);
        assert_true(split->real_hit);
        split_sys_revive(split, f->disk);
    }
    assert_int_equal(open_view(f), CTPS_OK);
    assert_false(row_is_there(f));
}

static void reset_empties_and_starts_over(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[VIEW_DIGEST_LEN];
    static const uint8_t none[VIEW_DIGEST_LEN];

    with_a_row(f);
    assert_int_equal(view_reset(f->view, &f->err), CTPS_OK);
    assert_false(row_is_there(f));
    assert_int_equal(view_head(f->view)->seq, 0);
    assert_int_equal(view_check(f->view, digest, &f->err), CTPS_OK);
    assert_memory_equal(digest, none, sizeof(none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(open_after_clean_close_trusts),
        TEST(open_after_kill_in_same_boot_trusts),
        TEST(open_in_other_boot_throws_away),
        TEST(open_after_clean_then_power_cut_throws_away),
        TEST(open_after_distrust_throws_away),
        TEST(open_read_only_without_trust_is_absent),
        TEST(open_under_other_key_throws_away),
        TEST(open_when_old_file_stays_fails),
        TEST(reset_empties_and_starts_over),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
