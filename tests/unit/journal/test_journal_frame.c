#include "fixture.h"
#include "journal/journal_private.h"

static const struct journal_header sample = {
    .seq = 7, .batch = 3, .index = 2, .sealed_len = SEAL_OVERHEAD};

static void header_read_gives_what_was_written(void **state)
{
    struct journal_header header = sample;
    struct journal_header read;
    uint8_t bytes[JOURNAL_HEADER_LEN];

    (void)state;
    assert_int_equal(seal_start(NULL), CTPS_OK);
    memset(header.incarnation, 1, sizeof(header.incarnation));
    memset(header.prev, 2, sizeof(header.prev));
    journal_header_write(bytes, &header);
    assert_int_equal(journal_header_read(&read, bytes), CTPS_OK);
    assert_memory_equal(&header, &read, sizeof(header));
}

static void header_read_any_bit_flipped_invalid(void **state)
{
    struct journal_header read;
    uint8_t bytes[JOURNAL_HEADER_LEN];

    (void)state;
    journal_header_write(bytes, &sample);
    for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(journal_header_read(&read, bytes), CTPS_INVALID);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* The bytes of docs/formats.md: what is written today must be read for ever. */
static void header_write_is_the_documented_layout(void **state)
{
    static const uint8_t begin[] = {0x89, 'C', 'T', 'P', 'S', 'J', 0x0d, 0x0a,
                                    1,    0,   96,  0,   0,   0,   0,    0};
    uint8_t bytes[JOURNAL_HEADER_LEN];

    (void)state;
    journal_header_write(bytes, &sample);
    assert_memory_equal(bytes, begin, sizeof(begin));
    assert_int_equal(le64_get(bytes + 32), 7);
    assert_int_equal(le64_get(bytes + 40), 3);
    assert_int_equal(le32_get(bytes + 80), SEAL_OVERHEAD);
    assert_int_equal(le32_get(bytes + 84), 2);
}

static void header_read_impossible_length_invalid(void **state)
{
    static const uint32_t lens[] = {0, SEAL_OVERHEAD - 1, JOURNAL_BODY_MAX + SEAL_OVERHEAD + 1,
                                    UINT32_MAX};
    struct journal_header read;

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct journal_header header = sample;
        uint8_t bytes[JOURNAL_HEADER_LEN];

        header.sealed_len = lens[i];
        journal_header_write(bytes, &header);
        assert_int_equal(journal_header_read(&read, bytes), CTPS_INVALID);
    }
}

static void chain_continues_only_with_the_next_frame(void **state)
{
    struct journal_chain chain = {
        .next_seq = 7, .batch = 3, .next_index = 2, .hash = {9}, .anchored = true};
    static const struct {
        struct journal_header header;
        bool anchored;
        bool unanchored;
        bool inside;
    } rows[] = {
        {{.seq = 7, .batch = 3, .index = 2, .prev = {9}}, true, false, true},
        {{.seq = 7, .batch = 4, .index = 0, .prev = {9}}, true, true, true},
        {{.seq = 7, .batch = 3, .index = 0, .prev = {9}}, false, true, true},
        {{.seq = 7, .batch = 3, .index = 3, .prev = {9}}, false, false, true},
        {{.seq = 7, .batch = 4, .index = 1, .prev = {9}}, false, false, true},
        {{.seq = 7, .batch = 5, .index = 0, .prev = {9}}, false, true, true},
        {{.seq = 7, .batch = 2, .index = 0, .prev = {9}}, false, true, true},
        {{.seq = 8, .batch = 4, .index = 0, .prev = {9}}, false, false, false},
        {{.seq = 6, .batch = 3, .index = 1, .prev = {9}}, false, false, false},
        {{.seq = 7, .batch = 4, .index = 0, .prev = {8}}, false, true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        chain.anchored = true;
        chain.inside = false;
        assert_int_equal(journal_chain_continues(&chain, &rows[i].header), rows[i].anchored);
        chain.anchored = false;
        assert_int_equal(journal_chain_continues(&chain, &rows[i].header), rows[i].unanchored);
        chain.inside = true;
        assert_int_equal(journal_chain_continues(&chain, &rows[i].header), rows[i].inside);
    }
}

static void frame_len_is_aligned_and_bounded(void **state)
{
    (void)state;
    assert_int_equal(journal_frame_len(SEAL_OVERHEAD), FRAME_MIN_LEN);
    assert_int_equal(journal_frame_len(JOURNAL_BODY_MAX + SEAL_OVERHEAD), FRAME_MAX_LEN);
    for (size_t len = SEAL_OVERHEAD; len < 300; len++) {
        assert_int_equal(journal_frame_len(len) % JOURNAL_FRAME_ALIGN, 0);
        assert_true(journal_frame_len(len) >= JOURNAL_HEADER_LEN + len);
        assert_true(journal_frame_len(len) < JOURNAL_HEADER_LEN + len + JOURNAL_FRAME_ALIGN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_read_gives_what_was_written),
        cmocka_unit_test(header_read_any_bit_flipped_invalid),
        cmocka_unit_test(header_write_is_the_documented_layout),
        cmocka_unit_test(header_read_impossible_length_invalid),
        cmocka_unit_test(chain_continues_only_with_the_next_frame),
        cmocka_unit_test(frame_len_is_aligned_and_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
