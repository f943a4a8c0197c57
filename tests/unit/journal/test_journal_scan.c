#include "fixture.h"

enum { LEN = 100, ENTRY_COUNT = 40, SEGMENT_LEN = 2048 };

/* Several segments; the heads after each batch of two are noted. */
static void several_segments(struct fixture *f, struct journal_head heads[ENTRY_COUNT / 2])
{
    fixture_init(f, 1, SEGMENT_LEN);
    fixture_create(f);
    for (int i = 0; i < ENTRY_COUNT / 2; i++) {
        fixture_append(f, 2, LEN);
        journal_head_get(f->journal, &heads[i]);
    }
}

static void scan_from_any_seq_walks_to_head(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];

    (void)state;
    several_segments(&f, heads);
    for (uint64_t from = 1; from <= ENTRY_COUNT + 2; from++) {
        struct count count = {.next = from};

        assert_int_equal(journal_scan(f.journal, from, count_one, &count, &f.err), CTPS_OK);
        assert_false(count.wrong);
        assert_int_equal(count.next, from > ENTRY_COUNT ? from : ENTRY_COUNT + 1);
    }
    fixture_done(&f);
}

static enum ctps_code stop_at_seven(void *arg, const struct journal_frame *frame)
{
    *(uint64_t *)arg = frame->seq;
    return frame->seq == 7 ? CTPS_BUSY : CTPS_OK;
}

static void scan_stopped_returns_the_callers_code(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    uint64_t last = 0;

    (void)state;
    several_segments(&f, heads);
    assert_int_equal(journal_scan(f.journal, 1, stop_at_seven, &last, &f.err), CTPS_BUSY);
    assert_int_equal(last, 7);
    fixture_done(&f);
}

static void scan_pending_frames_are_not_seen(void **state)
{
    struct fixture f;
    struct journal_place place;
    uint64_t seq;
    uint64_t count;

    (void)state;
    fixture_init(&f, 1, 4096);
    fixture_create(&f);
    fixture_append(&f, 2, LEN);
    assert_int_equal(journal_batch_add(f.journal, bytes_of("x", 1), &seq, &place, &f.err),
                     CTPS_OK);
    assert_int_equal(fixture_scan(&f, &count), CTPS_OK);
    assert_int_equal(count, 2);
    fixture_done(&f);
}

/* First seqs of the segments, found by their names. */
static int find_segments(struct fixture *f, uint64_t firsts[64])
{
    int count = 0;

    for (uint64_t seq = 1; seq <= ENTRY_COUNT; seq++) {
        char path[64];

        if (sim_disk_peek(f->disk, fixture_path(path, seq)).len)
            firsts[count++] = seq;
    }
    return count;
}

static void scan_damage_in_closed_segment_damaged(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    char path[64];
    uint64_t count;

    (void)state;
    several_segments(&f, heads);
    sim_disk_flip(f.disk, fixture_path(path, 1), 700, 1);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(fixture_scan(&f, &count), CTPS_DAMAGED);
    assert_int_equal(journal_copy(f.journal, "copy", &f.err), CTPS_DAMAGED);
    fixture_done(&f);
}

static void scan_closed_segment_rest_not_zero_damaged(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    char path[64];
    uint64_t count;

    (void)state;
    several_segments(&f, heads);
    sim_disk_flip(f.disk, fixture_path(path, 1), SEGMENT_LEN - 1, 1);
    assert_int_equal(fixture_scan(&f, &count), CTPS_DAMAGED);
    fixture_done(&f);
}

static void scan_closed_segment_without_its_last_frame_damaged(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    uint64_t firsts[64];
    uint64_t count;

    (void)state;
    several_segments(&f, heads);
    assert_true(find_segments(&f, firsts) > 2);
    fixture_zero(&f, 1, 192 + (size_t)(firsts[1] - 2) * frame_len(LEN), frame_len(LEN));
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(fixture_scan(&f, &count), CTPS_DAMAGED);
    fixture_done(&f);
}

static void scan_missing_segment_damaged(void **state)
{
    struct journal_head heads[ENTRY_COUNT / 2];
    uint64_t firsts[64];
    struct fixture f;
    int segments;

    (void)state;
    several_segments(&f, heads);
    segments = find_segments(&f, firsts);
    fixture_done(&f);
    for (int i = 1; i + 1 < segments; i++) {
        char path[64];
        uint64_t count;

        several_segments(&f, heads);
        journal_close(&f.journal);
        sim_disk_remove(f.disk, fixture_path(path, firsts[i]));
        assert_int_equal(fixture_reopen(&f), CTPS_OK);
        assert_int_equal(fixture_scan(&f, &count), CTPS_DAMAGED);
        fixture_done(&f);
    }
}

static void scan_segment_removed_while_open_damaged(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    char path[64];
    uint64_t count;

    (void)state;
    several_segments(&f, heads);
    sim_disk_remove(f.disk, fixture_path(path, 1));
    assert_int_equal(fixture_scan(&f, &count), CTPS_DAMAGED);
    fixture_done(&f);
}

static void scan_before_first_segment_kept_absent(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    uint64_t firsts[64];
    struct count count;
    char path[64];

    (void)state;
    several_segments(&f, heads);
    find_segments(&f, firsts);
    journal_close(&f.journal);
    sim_disk_remove(f.disk, fixture_path(path, 1));
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    count = (struct count){.next = 1};
    assert_int_equal(journal_scan(f.journal, 1, count_one, &count, &f.err), CTPS_ABSENT);
    count = (struct count){.next = firsts[1]};
    assert_int_equal(journal_scan(f.journal, firsts[1], count_one, &count, &f.err), CTPS_OK);
    assert_false(count.wrong);
    assert_int_equal(journal_head_check(f.journal, &heads[0], &f.err), CTPS_ABSENT);
    fixture_done(&f);
}

/* Two segments swapped: each whole, in each other's place. */
static void scan_swapped_segments_damaged(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    uint64_t firsts[64];
    struct bytes one;
    struct bytes two;
    uint8_t first[SEGMENT_LEN];
    uint8_t second[SEGMENT_LEN];
    char path[64];
    uint64_t count;

    (void)state;
    several_segments(&f, heads);
    assert_true(find_segments(&f, firsts) > 3);
    one = sim_disk_peek(f.disk, fixture_path(path, firsts[1]));
    two = sim_disk_peek(f.disk, fixture_path(path, firsts[2]));
    memcpy(first, one.data, sizeof(first));
    memcpy(second, two.data, sizeof(second));
    fixture_put(&f, firsts[1], 0, bytes_of(second, sizeof(second)));
    fixture_put(&f, firsts[2], 0, bytes_of(first, sizeof(first)));
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(fixture_scan(&f, &count), CTPS_DAMAGED);
    fixture_done(&f);
}

static void head_check_every_past_head_ok(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    struct journal_head zero = {0};

    (void)state;
    several_segments(&f, heads);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(journal_head_check(f.journal, &zero, &f.err), CTPS_OK);
    for (int i = 0; i < ENTRY_COUNT / 2; i++) {
        assert_int_equal(journal_head_check(f.journal, &heads[i], &f.err), CTPS_OK);
        memset(heads[i].incarnation, 7, JOURNAL_INCARNATION_LEN);
        assert_int_equal(journal_head_check(f.journal, &heads[i], &f.err), CTPS_OK);
    }
    fixture_done(&f);
}

static void head_check_other_hash_damaged(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    struct journal_head zero = {.hash = {1}};

    (void)state;
    several_segments(&f, heads);
    assert_int_equal(journal_head_check(f.journal, &zero, &f.err), CTPS_DAMAGED);
    for (int i = 0; i < ENTRY_COUNT / 2; i++) {
        heads[i].hash[i % SEAL_HASH_LEN] ^= 1;
        assert_int_equal(journal_head_check(f.journal, &heads[i], &f.err), CTPS_DAMAGED);
    }
    fixture_done(&f);
}

static void head_check_lost_tail_damaged(void **state)
{
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];
    uint64_t firsts[64];
    char path[64];
    int segments;

    (void)state;
    several_segments(&f, heads);
    segments = find_segments(&f, firsts);
    journal_close(&f.journal);
    sim_disk_remove(f.disk, fixture_path(path, firsts[segments - 1]));
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(journal_head_check(f.journal, &heads[ENTRY_COUNT / 2 - 1], &f.err),
                     CTPS_DAMAGED);
    assert_non_null(strstr(f.err.text, "lost"));
    fixture_done(&f);
}

static void scan_at_known_places_walks_to_head(void **state)
{
    struct fixture f;
    struct journal_place places[ENTRY_COUNT + 1];

    (void)state;
    fixture_init(&f, 1, SEGMENT_LEN);
    fixture_create(&f);
    for (uint64_t seq = 1; seq <= ENTRY_COUNT; seq++) {
        uint8_t body[BODY_LEN_MAX];
        uint64_t given;

        assert_int_equal(journal_batch_add(f.journal, body_make(body, seq, LEN), &given,
                                           &places[seq], &f.err),
                         CTPS_OK);
        if (seq % 3 == 0 || seq == ENTRY_COUNT)
            assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_OK);
    }
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    for (uint64_t from = 1; from <= ENTRY_COUNT; from++) {
        struct count count = {.next = from};

        assert_int_equal(
            journal_scan_at(f.journal, from, &places[from], count_one, &count, &f.err),
            CTPS_OK);
        assert_false(count.wrong);
        assert_int_equal(count.next, ENTRY_COUNT + 1);
    }
    fixture_done(&f);
}

static void scan_at_wrong_place_damaged(void **state)
{
    static const struct journal_place wrong[] = {
        {1, 0},   {1, 192},         {1, 192 + 256 + 64},   {1, UINT32_MAX},
        {2, 448}, {1, SEGMENT_LEN}, {1, SEGMENT_LEN - 64}, {99, 448},
    };
    struct fixture f;
    struct journal_head heads[ENTRY_COUNT / 2];

    (void)state;
    several_segments(&f, heads);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct count count = {.next = 2};

        assert_int_equal(journal_scan_at(f.journal, 2, &wrong[i], count_one, &count, &f.err),
                         CTPS_DAMAGED);
        assert_int_equal(count.count, 0);
    }
    fixture_done(&f);
}

static enum ctps_code len_take(void *arg, const struct journal_frame *frame)
{
    size_t *lens = arg;

    assert_in_range(frame->seq, 1, 2);
    lens[frame->seq - 1] = frame->body.len;
    for (size_t i = 0; i < frame->body.len; i++)
        assert_int_equal(frame->body.data[i], 0x5a);
    return CTPS_OK;
}

static void scan_largest_and_empty_bodies(void **state)
{
    struct fixture f;
    struct journal_place place;
    uint8_t *body = malloc(JOURNAL_BODY_MAX);
    size_t lens[2] = {0, 1};
    uint64_t seq;

    (void)state;
    assert_non_null(body);
    memset(body, 0x5a, JOURNAL_BODY_MAX);
    fixture_init(&f, 1, 65536);
    fixture_create(&f);
    assert_int_equal(
        journal_batch_add(f.journal, bytes_of(body, JOURNAL_BODY_MAX), &seq, &place, &f.err),
        CTPS_OK);
    assert_int_equal(journal_batch_add(f.journal, bytes_of(NULL, 0), &seq, &place, &f.err),
                     CTPS_OK);
    assert_int_equal(journal_batch_flush(f.journal, &f.err), CTPS_OK);
    assert_int_equal(fixture_reopen(&f), CTPS_OK);
    assert_int_equal(journal_scan(f.journal, 1, len_take, lens, &f.err), CTPS_OK);
    assert_int_equal(lens[0], JOURNAL_BODY_MAX);
    assert_int_equal(lens[1], 0);
    free(body);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_from_any_seq_walks_to_head),
        cmocka_unit_test(scan_stopped_returns_the_callers_code),
        cmocka_unit_test(scan_pending_frames_are_not_seen),
        cmocka_unit_test(scan_damage_in_closed_segment_damaged),
        cmocka_unit_test(scan_closed_segment_rest_not_zero_damaged),
        cmocka_unit_test(scan_closed_segment_without_its_last_frame_damaged),
        cmocka_unit_test(scan_missing_segment_damaged),
        cmocka_unit_test(scan_segment_removed_while_open_damaged),
        cmocka_unit_test(scan_before_first_segment_kept_absent),
        cmocka_unit_test(scan_swapped_segments_damaged),
        cmocka_unit_test(scan_at_known_places_walks_to_head),
        cmocka_unit_test(scan_at_wrong_place_damaged),
        cmocka_unit_test(head_check_every_past_head_ok),
        cmocka_unit_test(head_check_other_hash_damaged),
        cmocka_unit_test(head_check_lost_tail_damaged),
        cmocka_unit_test(scan_largest_and_empty_bodies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
