#include "fixture.h"
#include "journal/journal_private.h"

/* Genesis, then frames of 100-byte bodies. */
enum { LEN = 100, GENESIS = 192 };

static size_t at(int frame)
{
    return GENESIS + (size_t)(frame - 1) * frame_len(LEN);
}

/* Three batches: frames 1-2, 3-4, 5-8. */
static void three_batches(struct fixture *f)
{
    fixture_init(f, 1, 16384);
    fixture_create(f);
    fixture_append(f, 2, LEN);
    fixture_append(f, 2, LEN);
    fixture_append(f, 4, LEN);
    journal_close(&f->journal);
}

static void create_empty_opens_with_zero_head(void **state)
{
    struct fixture f;
    struct journal_head head;
    uint8_t zero[SEAL_HASH_LEN] = {0};

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    journal_head_get(f.journal, &head);
    assert_int_equal(head.seq, 0);
    assert_int_equal(journal_next_seq(f.journal), 1);
    assert_memory_equal(head.hash, zero, sizeof(zero));
    assert_memory_equal(head.incarnation, first_incarnation, JOURNAL_INCARNATION_LEN);
    fixture_expect(&f, 0);
    fixture_done(&f);
}

static void create_acknowledged_survives_power_cut(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 4096);
    assert_int_equal(journal_create(&f.options, first_incarnation, NULL), CTPS_OK);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    fixture_expect(&f, 0);
    fixture_done(&f);
}

static void create_over_journal_exists(void **state)
{
    struct fixture f;

    (void)state;
    three_batches(&f);
    assert_int_equal(journal_create(&f.options, first_incarnation, &f.err), CTPS_EXISTS);
    fixture_expect(&f, 8);
    fixture_done(&f);
}

static void create_odd_segment_len_invalid(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 4100);
    assert_int_equal(journal_create(&f.options, first_incarnation, &f.err), CTPS_INVALID);
    f.options.segment_len = 64;
    assert_int_equal(journal_create(&f.options, first_incarnation, &f.err), CTPS_INVALID);
    fixture_done(&f);
}

static void open_nothing_there_absent(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 1, 4096);
    assert_int_equal(journal_open(&f.journal, &f.options, &f.err), CTPS_ABSENT);
    f.options.dir = "store";
    assert_int_equal(journal_open(&f.journal, &f.options, &f.err), CTPS_ABSENT);
    fixture_done(&f);
}

static void open_last_batch_whole_stays(void **state)
{
    struct fixture f;
    struct journal_figures figures;

    (void)state;
    three_batches(&f);
    fixture_expect(&f, 8);
    journal_figures_get(f.journal, &figures);
    assert_int_equal(figures.torn_len, 0);
    assert_int_equal(figures.used_len, at(9));
    fixture_done(&f);
}

/* Every subset of the last batch's four frames missing: what stands before the first hole
 * stays, the rest is zeroed on the disk, and appending goes on from there. */
static void open_last_batch_holes_cut_at_first(void **state)
{
    (void)state;
    for (unsigned missing = 1; missing < 16; missing++) {
        struct fixture f;
        struct journal_figures figures;
        struct bytes content;
        char path[64];
        int first = 5;

        three_batches(&f);
        for (int i = 0; i < 4; i++)
            if (missing & 1u << i)
                fixture_zero(&f, 1, at(5 + i), frame_len(LEN));
        while (!(missing & 1u << (first - 5)))
            first++;
        fixture_expect(&f, (uint64_t)first - 1);
        journal_figures_get(f.journal, &figures);
        assert_true((figures.torn_len > 0) ==
                    (missing >> (first - 5) != (16u >> (first - 5)) - 1));
        fixture_power_cut(&f, SIM_CUT_FLUSHED);
        content = sim_disk_peek(f.disk, fixture_path(path, 1));
        assert_true(journal_is_zero(content.data + at(first), content.len - at(first)));
        fixture_expect(&f, (uint64_t)first - 1);
        fixture_append(&f, 2, LEN);
        fixture_expect(&f, (uint64_t)first + 1);
        fixture_done(&f);
    }
}

static void open_last_batch_part_of_frame_torn(void **state)
{
    struct fixture f;

    (void)state;
    three_batches(&f);
    fixture_zero(&f, 1, at(6) + 64, 64);
    fixture_expect(&f, 5);
    fixture_done(&f);
}

static void open_bad_frame_before_later_batch_damaged(void **state)
{
    (void)state;
    for (int frame = 1; frame <= 4; frame++) {
        for (size_t part = 0; part < frame_len(LEN); part += 64) {
            struct fixture f;
            char path[64];

            three_batches(&f);
            sim_disk_flip(f.disk, fixture_path(path, 1), at(frame) + part + 7, 0x10);
            fixture_expect_damaged(&f);
            fixture_done(&f);
        }
    }
}

static void open_whole_batch_missing_before_later_damaged(void **state)
{
    struct fixture f;

    (void)state;
    three_batches(&f);
    fixture_zero(&f, 1, at(3), 2 * frame_len(LEN));
    fixture_expect_damaged(&f);
    assert_non_null(strstr(f.err.text, "entry 3"));
    fixture_done(&f);
}

/* Batch 2 lost its last frame, of batch 3 the first: not a torn tail, whatever is left. */
static void open_hole_across_batches_damaged(void **state)
{
    struct fixture f;

    (void)state;
    three_batches(&f);
    fixture_zero(&f, 1, at(4), 2 * frame_len(LEN));
    fixture_expect_damaged(&f);
    fixture_done(&f);
}

static void open_genesis_bad_damaged(void **state)
{
    struct fixture f;
    char path[64];

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    journal_close(&f.journal);
    sim_disk_flip(f.disk, fixture_path(path, 1), 40, 1);
    fixture_expect_damaged(&f);
    fixture_done(&f);
}

/* What a cut tail might leave behind is not taken for a later batch. */
static void open_stale_frames_of_cut_batch_torn(void **state)
{
    struct fixture f;
    struct bytes content;
    uint8_t stale[4096];
    char path[64];

    (void)state;
    three_batches(&f);
    content = sim_disk_peek(f.disk, fixture_path(path, 1));
    memcpy(stale, content.data + at(7), 2 * frame_len(LEN));
    fixture_zero(&f, 1, at(5), frame_len(LEN));
    fixture_expect(&f, 4);
    fixture_append(&f, 1, LEN);
    journal_close(&f.journal);
    fixture_put(&f, 1, at(7), bytes_of(stale, 2 * frame_len(LEN)));
    fixture_expect(&f, 5);
    journal_close(&f.journal);
    fixture_put(&f, 1, at(7), bytes_of(stale, 2 * frame_len(LEN)));
    fixture_zero(&f, 1, at(5), frame_len(LEN));
    fixture_expect(&f, 4);
    fixture_done(&f);
}

/* A page of the past in the place of a torn one. */
static void open_old_frames_behind_tear_torn(void **state)
{
    struct fixture f;
    struct bytes content;
    uint8_t old[4096];
    char path[64];

    (void)state;
    three_batches(&f);
    content = sim_disk_peek(f.disk, fixture_path(path, 1));
    memcpy(old, content.data + at(1), 4 * frame_len(LEN));
    fixture_put(&f, 1, at(5), bytes_of(old, 4 * frame_len(LEN)));
    fixture_expect(&f, 4);
    fixture_done(&f);
}

/* A frame of the future without the room for what must lie between. */
static void open_frame_far_ahead_torn(void **state)
{
    struct fixture f;
    uint8_t frame[256];
    struct journal_header header = {.seq = 400, .batch = 90};
    struct journal_chain chain = {0};

    (void)state;
    three_batches(&f);
    journal_frame_write(frame, f.key, f.options.sys, &header, bytes_of(NULL, 0), &chain);
    fixture_put(&f, 1, at(10), bytes_of(frame, FRAME_MIN_LEN));
    fixture_expect(&f, 8);
    fixture_done(&f);
}

/* A frame sealed under the key, with room, whose batch number cannot come later. */
static void open_frame_of_no_later_batch_torn(void **state)
{
    struct fixture f;
    uint8_t frame[256];
    struct journal_header header = {.seq = 10, .batch = 3};
    struct journal_chain chain = {0};

    (void)state;
    three_batches(&f);
    journal_frame_write(frame, f.key, f.options.sys, &header, bytes_of(NULL, 0), &chain);
    fixture_put(&f, 1, at(10), bytes_of(frame, FRAME_MIN_LEN));
    fixture_expect(&f, 8);
    fixture_done(&f);
}

/* An intact header proves nothing without its seal; with it, the same place is damage. */
static void open_later_header_counts_only_when_sealed(void **state)
{
    struct fixture f;
    uint8_t frame[256];
    struct journal_header header = {.seq = 10, .batch = 5};
    struct journal_chain chain = {0};

    (void)state;
    three_batches(&f);
    journal_frame_write(frame, f.key, f.options.sys, &header, bytes_of(NULL, 0), &chain);
    frame[JOURNAL_HEADER_LEN] ^= 1;
    fixture_put(&f, 1, at(10), bytes_of(frame, FRAME_MIN_LEN));
    fixture_expect(&f, 8);
    journal_close(&f.journal);
    frame[JOURNAL_HEADER_LEN] ^= 1;
    fixture_put(&f, 1, at(10), bytes_of(frame, FRAME_MIN_LEN));
    fixture_expect_damaged(&f);
    fixture_done(&f);
}

/* A frame of another history of the same journal, sealed under the same key. */
static void open_frame_of_a_fork_does_not_continue(void **state)
{
    struct fixture f;
    struct bytes content;
    uint8_t other[256];
    char path[64];

    (void)state;
    three_batches(&f);
    content = sim_disk_peek(f.disk, fixture_path(path, 1));
    memcpy(other, content.data + at(8), sizeof(other));
    fixture_zero(&f, 1, at(5), frame_len(LEN));
    fixture_expect(&f, 4);
    fixture_append(&f, 4, LEN);
    journal_close(&f.journal);
    fixture_put(&f, 1, at(8), bytes_of(other, frame_len(LEN)));
    fixture_expect(&f, 7);
    fixture_done(&f);
}

static void open_other_key_damaged_and_untouched(void **state)
{
    struct fixture f;
    struct seal_key *other = seal_key_new();

    (void)state;
    three_batches(&f);
    seal_key_random(other, f.options.sys);
    f.options.key = other;
    fixture_expect_damaged(&f);
    f.options.key = f.key;
    fixture_expect(&f, 8);
    seal_key_free(&other);
    fixture_done(&f);
}

static void open_later_version_unsupported_and_untouched(void **state)
{
    struct fixture f;
    struct bytes content;
    struct bytes part;
    uint8_t header[JOURNAL_HEADER_LEN];
    uint8_t hash[SEAL_HASH_LEN];
    struct sim_counts before;
    struct sim_counts after;
    char path[64];

    (void)state;
    three_batches(&f);
    content = sim_disk_peek(f.disk, fixture_path(path, 1));
    memcpy(header, content.data + at(8), sizeof(header));
    header[8] = 2;
    part = bytes_of(header, sizeof(header) - 8);
    seal_hash(hash, &part, 1);
    memcpy(header + sizeof(header) - 8, hash, 8);
    fixture_put(&f, 1, at(8), bytes_of(header, sizeof(header)));
    sim_disk_counts_get(f.disk, &before);
    assert_int_equal(fixture_reopen(&f), CTPS_UNSUPPORTED);
    sim_disk_counts_get(f.disk, &after);
    assert_int_equal(before.write_len, after.write_len);
    fixture_done(&f);
}

static void open_read_only_torn_reports_and_touches_nothing(void **state)
{
    struct fixture f;
    struct journal_figures figures;
    struct journal_place place;
    struct sim_counts before;
    struct sim_counts after;
    uint64_t count;

    (void)state;
    three_batches(&f);
    fixture_zero(&f, 1, at(5), frame_len(LEN));
    f.options.read_only = true;
    sim_disk_counts_get(f.disk, &before);
    fixture_expect(&f, 4);
    sim_disk_counts_get(f.disk, &after);
    assert_int_equal(before.write_count, after.write_count);
    assert_int_equal(before.sync_count, after.sync_count);
    journal_figures_get(f.journal, &figures);
    assert_int_equal(figures.torn_len, 4 * frame_len(LEN));
    assert_int_equal(journal_batch_add(f.journal, bytes_of(NULL, 0), &count, &place, &f.err),
                     CTPS_REFUSED);
    fixture_done(&f);
}

/* A flush fails; its frames are still seen. The next start must bring them to the disk. */
static void open_frames_seen_only_rewritten(void **state)
{
    struct fixture f;
    struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = 5, .lost = true};
    uint8_t body[BODY_LEN_MAX];
    struct journal_place place;
    uint64_t seq;

    (void)state;
    three_batches(&f);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    sim_disk_fault_set(f.disk, &fault);
    assert_int_equal(
        journal_batch_add(f.journal, body_make(body, 9, LEN), &seq, &place, &f.err), CTPS_OK);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_IO);
    sim_disk_kill(f.disk);
    fixture_expect(&f, 9);
    fixture_append(&f, 1, LEN);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    fixture_expect(&f, 10);
    fixture_done(&f);
}

/* Its control: the same with the rewriting taken away loses what was acknowledged. */
static void open_frames_seen_only_not_rewritten_lost(void **state)
{
    struct fixture f;
    struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = 5, .lost = true};
    uint8_t body[BODY_LEN_MAX];
    struct journal_place place;
    struct journal_head head;
    uint64_t seq;

    (void)state;
    three_batches(&f);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    sim_disk_fault_set(f.disk, &fault);
    assert_int_equal(
        journal_batch_add(f.journal, body_make(body, 9, LEN), &seq, &place, &f.err), CTPS_OK);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_IO);
    sim_disk_kill(f.disk);
    sim_disk_writes_lost(f.disk, true);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    sim_disk_writes_lost(f.disk, false);
    fixture_append(&f, 1, LEN);
    journal_head_get(f.journal, &head);
    assert_int_equal(head.seq, 10);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    assert_int_not_equal(fixture_reopen(&f), CTPS_OK);
    fixture_done(&f);
}

/* A tail was cut, the flush of that start failed: zeros are seen, frames are on the disk. */
static void open_zeros_seen_only_zeroed_again(void **state)
{
    struct fixture f;
    struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = 5, .lost = true};
    struct bytes content;
    char path[64];

    (void)state;
    three_batches(&f);
    fixture_zero(&f, 1, at(5), frame_len(LEN));
    sim_disk_fault_set(f.disk, &fault);
    assert_int_equal(fixture_reopen(&f), CTPS_IO);
    sim_disk_kill(f.disk);
    fixture_expect(&f, 4);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    content = sim_disk_peek(f.disk, fixture_path(path, 1));
    assert_true(journal_is_zero(content.data + at(5), content.len - at(5)));
    fixture_done(&f);
}

/* Segments of 1024 bytes: the genesis and three frames, then five a segment. */
static uint64_t fill_two_segments(struct fixture *f)
{
    fixture_init(f, 1, 1024);
    fixture_create(f);
    while (fixture_append(f, 1, LEN).segment == 1)
        continue;
    return journal_next_seq(f->journal) - 1;
}

static void open_first_batch_of_segment_torn_head_from_segment_before(void **state)
{
    struct fixture f;
    uint64_t last;

    (void)state;
    last = fill_two_segments(&f);
    fixture_zero(&f, last, 0, 64);
    fixture_expect(&f, last - 1);
    assert_int_equal(fixture_append(&f, 1, LEN).segment, last);
    fixture_expect(&f, last);
    fixture_done(&f);
}

static void open_empty_next_segment_head_from_segment_before(void **state)
{
    struct fixture f;
    struct journal_figures figures;
    uint64_t last;

    (void)state;
    last = fill_two_segments(&f);
    fixture_zero(&f, last, 0, frame_len(LEN));
    fixture_expect(&f, last - 1);
    journal_figures_get(f.journal, &figures);
    assert_int_equal(figures.segment_count, 2);
    fixture_append(&f, 3, LEN);
    fixture_expect(&f, last + 2);
    fixture_done(&f);
}

static void open_empty_next_segment_and_damage_before_damaged(void **state)
{
    struct fixture f;
    char path[64];
    uint64_t last;

    (void)state;
    last = fill_two_segments(&f);
    fixture_zero(&f, last, 0, frame_len(LEN));
    sim_disk_flip(f.disk, fixture_path(path, 1), GENESIS + 3, 4);
    fixture_expect_damaged(&f);
    fixture_done(&f);
}

/* What a closed segment ends with was flushed before the next one was named. */
static void open_empty_next_segment_and_last_frame_before_missing_damaged(void **state)
{
    struct fixture f;
    uint64_t last;

    (void)state;
    last = fill_two_segments(&f);
    fixture_zero(&f, last, 0, frame_len(LEN));
    fixture_zero(&f, 1, at((int)last - 1), frame_len(LEN));
    fixture_expect_damaged(&f);
    fixture_done(&f);
}

/* The name of a new segment was not flushed, the process ended, the next one sees it. */
static void open_segment_name_seen_only_made_durable(void **state)
{
    struct fixture f;
    struct sim_fault fault = {.kinds = SIM_OP_SYNC_DIR, .at = 1, .errnum = 5, .lost = true};
    uint8_t body[BODY_LEN_MAX];
    struct journal_place place;
    uint64_t seq;

    (void)state;
    fixture_init(&f, 1, 1024);
    fixture_create(&f);
    fixture_append(&f, 3, LEN);
    sim_disk_fault_set(f.disk, &fault);
    assert_int_equal(
        journal_batch_add(f.journal, body_make(body, 4, LEN), &seq, &place, &f.err), CTPS_OK);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_IO);
    sim_disk_kill(f.disk);
    fixture_expect(&f, 3);
    fixture_append(&f, 1, LEN);
    fixture_power_cut(&f, SIM_CUT_FLUSHED);
    fixture_expect(&f, 4);
    fixture_done(&f);
}

static void open_other_key_and_empty_next_segment_damaged(void **state)
{
    struct fixture f;
    struct seal_key *other = seal_key_new();
    uint64_t last;

    (void)state;
    last = fill_two_segments(&f);
    (void)last;
    seal_key_random(other, f.options.sys);
    f.options.key = other;
    fixture_expect_damaged(&f);
    seal_key_free(&other);
    fixture_done(&f);
}

static void open_short_next_segment_made_whole(void **state)
{
    static const size_t lens[] = {0, 1, 63, 500, 1000};

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct fixture f;
        uint8_t zeros[1024] = {0};
        char path[64];
        uint64_t last = fill_two_segments(&f);

        sim_disk_put(f.disk, fixture_path(path, last), bytes_of(zeros, lens[i]));
        fixture_expect(&f, last - 1);
        assert_int_equal(sim_disk_peek(f.disk, path).len, 1024);
        fixture_append(&f, 1, LEN);
        fixture_power_cut(&f, SIM_CUT_FLUSHED);
        fixture_expect(&f, last);
        fixture_done(&f);
    }
}

static void open_unfinished_preparation_ignored(void **state)
{
    struct fixture f;
    uint8_t junk[700];
    uint64_t last;

    (void)state;
    last = fill_two_segments(&f);
    memset(junk, 0xa5, sizeof(junk));
    sim_disk_put(f.disk, "store/journal/next.new", bytes_of(junk, sizeof(junk)));
    sim_disk_put(f.disk, "store/journal/note.txt", bytes_of(junk, 3));
    fixture_expect(&f, last);
    for (int i = 0; i < 8; i++)
        fixture_append(&f, 1, LEN);
    fixture_expect(&f, last + 8);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_empty_opens_with_zero_head),
        cmocka_unit_test(create_acknowledged_survives_power_cut),
        cmocka_unit_test(create_over_journal_exists),
        cmocka_unit_test(create_odd_segment_len_invalid),
        cmocka_unit_test(open_nothing_there_absent),
        cmocka_unit_test(open_last_batch_whole_stays),
        cmocka_unit_test(open_last_batch_holes_cut_at_first),
        cmocka_unit_test(open_last_batch_part_of_frame_torn),
        cmocka_unit_test(open_bad_frame_before_later_batch_damaged),
        cmocka_unit_test(open_whole_batch_missing_before_later_damaged),
        cmocka_unit_test(open_hole_across_batches_damaged),
        cmocka_unit_test(open_genesis_bad_damaged),
        cmocka_unit_test(open_stale_frames_of_cut_batch_torn),
        cmocka_unit_test(open_old_frames_behind_tear_torn),
        cmocka_unit_test(open_frame_far_ahead_torn),
        cmocka_unit_test(open_frame_of_no_later_batch_torn),
        cmocka_unit_test(open_later_header_counts_only_when_sealed),
        cmocka_unit_test(open_frame_of_a_fork_does_not_continue),
        cmocka_unit_test(open_empty_next_segment_and_last_frame_before_missing_damaged),
        cmocka_unit_test(open_segment_name_seen_only_made_durable),
        cmocka_unit_test(open_other_key_damaged_and_untouched),
        cmocka_unit_test(open_later_version_unsupported_and_untouched),
        cmocka_unit_test(open_read_only_torn_reports_and_touches_nothing),
        cmocka_unit_test(open_frames_seen_only_rewritten),
        cmocka_unit_test(open_frames_seen_only_not_rewritten_lost),
        cmocka_unit_test(open_zeros_seen_only_zeroed_again),
        cmocka_unit_test(open_first_batch_of_segment_torn_head_from_segment_before),
        cmocka_unit_test(open_empty_next_segment_head_from_segment_before),
        cmocka_unit_test(open_empty_next_segment_and_damage_before_damaged),
        cmocka_unit_test(open_other_key_and_empty_next_segment_damaged),
        cmocka_unit_test(open_short_next_segment_made_whole),
        cmocka_unit_test(open_unfinished_preparation_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
