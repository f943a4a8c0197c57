/* The chain walked without any key: the same hashes, and where it ends. */
#include "fixture.h"

enum { LEN = 100, COUNT = 30 };

struct hashes {
    size_t count;
    uint64_t last;
    uint8_t all[MODEL_MAX][SEAL_HASH_LEN];
    bool opened; /* something was */
};

static enum ctps_code take(void *arg, const struct journal_frame *frame)
{
    struct hashes *hashes = arg;

    assert_int_equal(frame->seq, hashes->last + 1);
    hashes->last = frame->seq;
    hashes->opened |= frame->body.len != 0;
    memcpy(hashes->all[hashes->count++], frame->hash, SEAL_HASH_LEN);
    return CTPS_OK;
}

static enum ctps_code chain(struct fixture *f, struct hashes *hashes)
{
    *hashes = (struct hashes){0};
    return journal_chain_scan(f->options.sys, f->options.dir, take, hashes, &f->err);
}

static void fill(struct fixture *f)
{
    fixture_init(f, 1, 2048);
    fixture_create(f);
    for (int i = 0; i < COUNT / 2; i++)
        fixture_append(f, 2, LEN);
}

static void chain_has_the_hashes_of_a_scan_and_opens_nothing(void **state)
{
    struct hashes scanned = {0}, hashes;
    struct fixture f;

    (void)state;
    fill(&f);
    assert_int_equal(journal_scan(f.journal, 1, take, &scanned, &f.err), CTPS_OK);
    assert_true(scanned.opened);
    assert_int_equal(chain(&f, &hashes), CTPS_OK);
    assert_int_equal(hashes.count, COUNT);
    assert_memory_equal(hashes.all, scanned.all, COUNT * SEAL_HASH_LEN);
    assert_false(hashes.opened);
    fixture_done(&f);
}

static void chain_broken_in_a_closed_segment_is_damage(void **state)
{
    struct hashes hashes;
    struct fixture f;

    (void)state;
    fill(&f);
    fixture_zero(&f, 1, 600, 8);
    assert_int_equal(chain(&f, &hashes), CTPS_DAMAGED);
    assert_true(hashes.count < COUNT);
    fixture_done(&f);
}

static void chain_broken_in_the_last_segment_ends_there(void **state)
{
    struct journal_place place;
    struct hashes hashes;
    struct fixture f;

    (void)state;
    fill(&f);
    place = fixture_append(&f, 1, LEN);
    fixture_zero(&f, place.segment, place.offset + JOURNAL_HEADER_LEN, 8);
    assert_int_equal(chain(&f, &hashes), CTPS_OK);
    assert_int_equal(hashes.count, COUNT + 1); /* altered: of another hash, which a log shows */
    fixture_zero(&f, place.segment, place.offset, 8);
    assert_int_equal(chain(&f, &hashes), CTPS_OK);
    assert_int_equal(hashes.count, COUNT);
    fixture_done(&f);
}

static void chain_without_its_beginning_is_absent(void **state)
{
    struct hashes hashes;
    struct fixture f;

    (void)state;
    fill(&f);
    f.options.dir = "store";
    assert_int_equal(chain(&f, &hashes), CTPS_ABSENT);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_has_the_hashes_of_a_scan_and_opens_nothing),
        cmocka_unit_test(chain_broken_in_a_closed_segment_is_damage),
        cmocka_unit_test(chain_broken_in_the_last_segment_ends_there),
        cmocka_unit_test(chain_without_its_beginning_is_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
