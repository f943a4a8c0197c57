#include <errno.h>

#include "fixture.h"

enum { LEN = 100 };

static void copy_opens_with_the_same_frames_and_goes_on(void **state)
{
    struct fixture f;
    struct journal_head head;
    struct journal_head copied;

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    for (int i = 0; i < 15; i++)
        fixture_append(&f, 2, LEN);
    journal_head_get(f.journal, &head);
    assert_int_equal(journal_copy(f.journal, "backup/", &f.err), CTPS_OK);
    fixture_append(&f, 2, LEN);
    fixture_expect(&f, 32);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    f.options.dir = "backup";
    fixture_expect(&f, 30);
    journal_head_get(f.journal, &copied);
    assert_memory_equal(&head, &copied, sizeof(head));
    assert_int_equal(journal_head_check(f.journal, &head, &f.err), CTPS_OK);
    fixture_append(&f, 8, LEN);
    fixture_append(&f, 8, LEN);
    fixture_expect(&f, 46);
    fixture_done(&f);
}

static void copy_empty_journal_opens(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    assert_int_equal(journal_copy(f.journal, "backup", &f.err), CTPS_OK);
    f.options.dir = "backup";
    fixture_expect(&f, 0);
    fixture_done(&f);
}

/* The active segment is new and empty: a power cut before its first batch. */
static void copy_with_empty_active_segment_opens(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 1024);
    fixture_create(&f);
    fixture_append(&f, 3, LEN);
    assert_int_equal(fixture_append(&f, 1, LEN).segment, 4);
    fixture_zero(&f, 4, 0, frame_len(LEN));
    fixture_expect(&f, 3);
    assert_int_equal(journal_copy(f.journal, "backup", &f.err), CTPS_OK);
    f.options.dir = "backup";
    fixture_expect(&f, 3);
    fixture_append(&f, 2, LEN);
    fixture_expect(&f, 5);
    fixture_done(&f);
}

static void copy_batch_not_flushed_is_left_out(void **state)
{
    struct fixture f;
    struct journal_place place;
    uint64_t seq;

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    fixture_append(&f, 2, LEN);
    assert_int_equal(journal_batch_add(f.journal, bytes_of("x", 1), &seq, &place, &f.err),
                     CTPS_OK);
    assert_int_equal(journal_copy(f.journal, "backup", &f.err), CTPS_OK);
    f.options.dir = "backup";
    fixture_expect(&f, 2);
    fixture_done(&f);
}

static void copy_onto_a_journal_exists(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    fixture_append(&f, 2, LEN);
    assert_int_equal(journal_copy(f.journal, "backup", &f.err), CTPS_OK);
    assert_int_equal(journal_copy(f.journal, "backup", &f.err), CTPS_EXISTS);
    assert_int_equal(journal_copy(f.journal, "store/journal", &f.err), CTPS_EXISTS);
    fixture_expect(&f, 2);
    fixture_done(&f);
}

static void copy_without_space_leaves_the_journal_usable(void **state)
{
    struct fixture f;
    struct sim_fault full = {.kinds = SIM_OP_WRITE, .at = 1, .errnum = ENOSPC};

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    fixture_append(&f, 2, LEN);
    sim_disk_fault_set(f.disk, &full);
    assert_int_equal(journal_copy(f.journal, "backup", &f.err), CTPS_NOSPACE);
    fixture_append(&f, 2, LEN);
    fixture_expect(&f, 4);
    fixture_done(&f);
}

static void copy_from_read_only_journal(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    fixture_append(&f, 2, LEN);
    f.options.read_only = true;
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(journal_copy(f.journal, "backup", &f.err), CTPS_OK);
    f.options.dir = "backup";
    fixture_expect(&f, 2);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_opens_with_the_same_frames_and_goes_on),
        cmocka_unit_test(copy_empty_journal_opens),
        cmocka_unit_test(copy_with_empty_active_segment_opens),
        cmocka_unit_test(copy_batch_not_flushed_is_left_out),
        cmocka_unit_test(copy_onto_a_journal_exists),
        cmocka_unit_test(copy_without_space_leaves_the_journal_usable),
        cmocka_unit_test(copy_from_read_only_journal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
