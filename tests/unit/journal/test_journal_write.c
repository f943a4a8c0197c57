#include <errno.h>

#include "fixture.h"

enum { LEN = 100 };

static void batch_flush_one_batch_one_write_one_flush(void **state)
{
    struct fixture f;
    struct journal_figures figures;
    struct sim_counts before;
    struct sim_counts after;

    (void)state;
    fixture_init(&f, 1, 65536);
    fixture_create(&f);
    sim_disk_counts_get(f.disk, &before);
    fixture_append(&f, 20, LEN);
    sim_disk_counts_get(f.disk, &after);
    assert_int_equal(after.write_count - before.write_count, 1);
    assert_int_equal(after.sync_count - before.sync_count, 1);
    assert_int_equal(after.op_count - before.op_count, 2);
    journal_figures_get(f.journal, &figures);
    assert_int_equal(figures.flush_count, 1);
    fixture_done(&f);
}

static void batch_flush_empty_does_nothing(void **state)
{
    struct fixture f;
    struct sim_counts before;
    struct sim_counts after;

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    sim_disk_counts_get(f.disk, &before);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_OK);
    sim_disk_counts_get(f.disk, &after);
    assert_int_equal(before.op_count, after.op_count);
    fixture_done(&f);
}

static void batch_flush_acknowledged_survives_power_cut(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    for (int i = 0; i < 20; i++) {
        fixture_append(&f, 1 + i % 4, 50 * (size_t)(i % 7));
        fixture_power_cut(&f, SIM_CUT_FLUSHED);
        assert_int_equal(fixture_reopen(&f), CTPS_OK);
    }
    fixture_expect(&f, 50);
    fixture_done(&f);
}

/* The control: when flushing does nothing the same run loses. */
static void batch_flush_that_flushes_nothing_loses(void **state)
{
    struct fixture f;
    struct journal_head head;

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    sim_disk_sync_ignored(f.disk, true);
    fixture_append(&f, 2, LEN);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    journal_head_get(f.journal, &head);
    assert_int_equal(head.seq, 0);
    fixture_done(&f);
}

static void batch_drop_added_frames_leaves_no_trace(void **state)
{
    struct fixture f;
    struct journal_head before;
    struct journal_head after;
    struct journal_place place;
    struct journal_place again;
    uint64_t seq;

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    fixture_append(&f, 2, LEN);
    journal_batch_head(f.journal, &before);
    assert_int_equal(journal_batch_add(f.journal, bytes_of("x", 1), &seq, &place, &f.err),
                     CTPS_OK);
    assert_int_equal(seq, 3);
    assert_int_equal(journal_next_seq(f.journal), 4);
    journal_batch_head(f.journal, &after);
    assert_int_equal(after.seq, 3);
    assert_int_equal(after.batch, before.batch + 1);
    journal_batch_drop(f.journal);
    journal_batch_head(f.journal, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    again = fixture_append(&f, 1, LEN);
    assert_int_equal(again.offset, place.offset);
    fixture_expect(&f, 3);
    fixture_done(&f);
}

static void batch_head_flushed_becomes_head(void **state)
{
    struct fixture f;
    struct journal_head promised;
    struct journal_head head;
    struct journal_place place;
    uint64_t seq;

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    for (int i = 0; i < 3; i++)
        assert_int_equal(journal_batch_add(f.journal, bytes_of("x", 1), &seq, &place, &f.err),
                         CTPS_OK);
    journal_batch_head(f.journal, &promised);
    journal_head_get(f.journal, &head);
    assert_int_equal(head.seq, 0);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_OK);
    journal_head_get(f.journal, &head);
    assert_memory_equal(&promised, &head, sizeof(head));
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    journal_head_get(f.journal, &head);
    assert_memory_equal(&promised, &head, sizeof(head));
    fixture_done(&f);
}

static void batch_add_too_large_limit_and_nothing_changed(void **state)
{
    struct fixture f;
    struct journal_place place;
    uint8_t *body = calloc(1, JOURNAL_BODY_MAX + 1);
    uint64_t seq;
    int count = 0;

    (void)state;
    assert_non_null(body);
    fixture_init(&f, 1, 0);
    fixture_create(&f);
    assert_int_equal(journal_batch_add(f.journal, bytes_of(body, JOURNAL_BODY_MAX + 1), &seq,
                                       &place, &f.err),
                     CTPS_LIMIT);
    assert_int_equal(journal_next_seq(f.journal), 1);
    while (journal_batch_add(f.journal, bytes_of(body, JOURNAL_BODY_MAX), &seq, &place,
                             &f.err) == CTPS_OK)
        count++;
    assert_int_equal(f.err.code, CTPS_LIMIT);
    assert_int_equal(count, 3);
    assert_int_equal(journal_next_seq(f.journal), 4);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_OK);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(journal_next_seq(f.journal), 4);
    free(body);
    fixture_done(&f);
}

/* Begun near the end of a segment, a long batch stays in one piece. */
static void batch_add_long_batch_never_spans_two_segments(void **state)
{
    struct fixture f;
    struct journal_place first;
    struct journal_place place = {0};
    struct journal_figures figures;
    uint8_t body[BODY_LEN_MAX];
    uint64_t seq;

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    first = fixture_append(&f, 1, LEN);
    for (int i = 0; i < 40; i++)
        assert_int_equal(journal_batch_add(f.journal,
                                           body_make(body, journal_next_seq(f.journal), LEN),
                                           &seq, &place, &f.err),
                         CTPS_OK);
    assert_int_equal(place.segment, first.segment);
    assert_true(place.offset > 2048);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_OK);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    fixture_expect(&f, 41);
    assert_int_equal(fixture_append(&f, 1, LEN).segment, 42);
    journal_figures_get(f.journal, &figures);
    assert_int_equal(figures.segment_count, 2);
    fixture_expect(&f, 42);
    fixture_done(&f);
}

static void batch_add_no_room_begins_next_segment(void **state)
{
    struct fixture f;
    struct journal_place place;

    (void)state;
    fixture_init(&f, 1, 1024);
    fixture_create(&f);
    fixture_append(&f, 3, LEN);
    place = fixture_append(&f, 1, LEN);
    assert_int_equal(place.segment, 4);
    assert_int_equal(place.offset, 0);
    fixture_expect(&f, 4);
    fixture_done(&f);
}

static void prepare_half_full_makes_next_segment_ahead(void **state)
{
    struct fixture f;
    struct sim_counts before;
    struct sim_counts after;

    (void)state;
    fixture_init(&f, 1, 1024);
    fixture_create(&f);
    assert_int_equal(journal_prepare(f.journal, &f.err), CTPS_OK);
    assert_int_equal(sim_disk_peek(f.disk, "store/journal/next.new").len, 0);
    fixture_append(&f, 3, LEN);
    assert_int_equal(journal_prepare(f.journal, &f.err), CTPS_OK);
    assert_int_equal(sim_disk_peek(f.disk, "store/journal/next.new").len, 1024);
    sim_disk_counts_get(f.disk, &before);
    assert_int_equal(journal_prepare(f.journal, &f.err), CTPS_OK);
    fixture_append(&f, 1, LEN);
    sim_disk_counts_get(f.disk, &after);
    assert_int_equal(after.write_count - before.write_count, 1);
    fixture_expect(&f, 4);
    fixture_done(&f);
}

static void prepare_without_space_is_not_final(void **state)
{
    struct fixture f;
    struct sim_fault full = {.kinds = SIM_OP_WRITE, .at = 1, .errnum = ENOSPC};

    (void)state;
    fixture_init(&f, 1, 2048);
    fixture_create(&f);
    fixture_append(&f, 5, LEN);
    sim_disk_fault_set(f.disk, &full);
    assert_int_equal(journal_prepare(f.journal, &f.err), CTPS_NOSPACE);
    assert_int_equal(sim_disk_peek(f.disk, "store/journal/next.new").len, 0);
    fixture_append(&f, 1, LEN);
    fixture_expect(&f, 6);
    fixture_done(&f);
}

static enum ctps_code no_frame(void *arg, const struct journal_frame *frame)
{
    (void)arg;
    (void)frame;
    return CTPS_EXISTS;
}

static void failed(struct fixture *f, const struct sim_fault *fault, enum ctps_code expected)
{
    struct journal_place place;
    struct journal_head head = {0};
    uint64_t seq;

    fixture_init(f, 1, 4096);
    fixture_create(f);
    fixture_append(f, 2, LEN);
    assert_int_equal(journal_batch_add(f->journal, bytes_of("x", 1), &seq, &place, &f->err),
                     CTPS_OK);
    sim_disk_fault_set(f->disk, fault);
    assert_int_equal(journal_batch_flush(f->journal, &f->err), expected);
    sim_disk_fault_set(f->disk, NULL);
    assert_int_equal(journal_batch_flush(f->journal, &f->err), CTPS_CLOSED);
    assert_int_equal(journal_batch_add(f->journal, bytes_of("x", 1), &seq, &place, &f->err),
                     CTPS_CLOSED);
    assert_int_equal(journal_prepare(f->journal, &f->err), CTPS_CLOSED);
    assert_int_equal(journal_scan(f->journal, 1, no_frame, NULL, &f->err), CTPS_CLOSED);
    assert_int_equal(journal_head_check(f->journal, &head, &f->err), CTPS_CLOSED);
    assert_int_equal(journal_copy(f->journal, "copy", &f->err), CTPS_CLOSED);
    fixture_done(f);
}

static void batch_flush_failed_flush_is_final(void **state)
{
    struct fixture f;
    struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = EIO};

    (void)state;
    failed(&f, &fault, CTPS_IO);
}

static void batch_flush_failed_write_is_final(void **state)
{
    struct fixture f;
    struct sim_fault fault = {.kinds = SIM_OP_WRITE, .at = 1, .errnum = ENOSPC};

    (void)state;
    failed(&f, &fault, CTPS_NOSPACE);
}

static void incarnation_set_is_carried_from_next_batch_on(void **state)
{
    static const uint8_t second[JOURNAL_INCARNATION_LEN] = "incarnation two";
    struct fixture f;
    struct journal_head head;
    struct journal_place place;
    uint64_t seq;

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    assert_int_equal(journal_batch_add(f.journal, bytes_of("x", 1), &seq, &place, &f.err),
                     CTPS_OK);
    journal_incarnation_set(f.journal, second);
    assert_int_equal(journal_batch_add(f.journal, bytes_of("x", 1), &seq, &place, &f.err),
                     CTPS_OK);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_OK);
    journal_head_get(f.journal, &head);
    assert_memory_equal(head.incarnation, first_incarnation, JOURNAL_INCARNATION_LEN);
    fixture_append(&f, 1, LEN);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    journal_head_get(f.journal, &head);
    assert_memory_equal(head.incarnation, second, JOURNAL_INCARNATION_LEN);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_flush_one_batch_one_write_one_flush),
        cmocka_unit_test(batch_flush_empty_does_nothing),
        cmocka_unit_test(batch_flush_acknowledged_survives_power_cut),
        cmocka_unit_test(batch_flush_that_flushes_nothing_loses),
        cmocka_unit_test(batch_drop_added_frames_leaves_no_trace),
        cmocka_unit_test(batch_head_flushed_becomes_head),
        cmocka_unit_test(batch_add_too_large_limit_and_nothing_changed),
        cmocka_unit_test(batch_add_long_batch_never_spans_two_segments),
        cmocka_unit_test(batch_add_no_room_begins_next_segment),
        cmocka_unit_test(prepare_half_full_makes_next_segment_ahead),
        cmocka_unit_test(prepare_without_space_is_not_final),
        cmocka_unit_test(batch_flush_failed_flush_is_final),
        cmocka_unit_test(batch_flush_failed_write_is_final),
        cmocka_unit_test(incarnation_set_is_carried_from_next_batch_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
