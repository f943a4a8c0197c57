/*
 * No silent corruption: every bit of a journal's files flipped, files cut short, old pages put
 * back. Each must be reported by the opening, by the scan, or by the comparison with the head
 * that others remember; and no scan may show anything but what was written.
 */
#include "fixture.h"

enum { SEGMENT_LEN = 1600, LEN = 30, BATCHES = 11 };

enum outcome { FOUND_OPENING, FOUND_SCANNING, FOUND_HEAD, HARMLESS, SILENT };

struct tally {
    unsigned long count[SILENT + 1];
};

struct image {
    struct fixture f;
    struct journal_head head; /* what others remember */
    uint64_t firsts[16];
    int segments;
};

static void image_make(struct image *image)
{
    struct fixture *f = &image->f;

    *image = (struct image){0};
    fixture_init(f, 1, SEGMENT_LEN);
    fixture_create(f);
    for (int i = 0; i < BATCHES; i++) {
        struct journal_place place = fixture_append(f, 1 + i % 3, LEN);

        if (image->segments == 0 || image->firsts[image->segments - 1] != place.segment)
            image->firsts[image->segments++] = place.segment;
    }
    journal_head_get(f->journal, &image->head);
    journal_close(&f->journal);
    f->options.read_only = true;
    assert_true(image->segments >= 3);
}

/* Frames shown must be 1, 2, 3... each with its body, whatever the code in the end. */
static bool scan_is_true(struct fixture *f, uint64_t *ret_count, enum ctps_code *ret_code)
{
    struct count count = {.next = 1};

    *ret_code = journal_scan(f->journal, 1, count_one, &count, &f->err);
    *ret_count = count.count;
    return !count.wrong;
}

static enum outcome outcome_of(struct image *image)
{
    struct fixture *f = &image->f;
    enum outcome outcome = SILENT;
    enum ctps_code code;
    uint64_t count;

    if (journal_open(&f->journal, &f->options, &f->err) != CTPS_OK)
        return FOUND_OPENING;
    if (!scan_is_true(f, &count, &code))
        outcome = SILENT;
    else if (code != CTPS_OK)
        outcome = FOUND_SCANNING;
    else if (journal_head_check(f->journal, &image->head, &f->err) == CTPS_DAMAGED)
        outcome = FOUND_HEAD;
    else if (count == image->head.seq)
        outcome = HARMLESS;
    journal_close(&f->journal);
    return outcome;
}

static void tally_print(const char *what, const struct tally *tally)
{
    printf("%s: found opening %lu, scanning %lu, by the head %lu; harmless %lu; silent %lu\n",
           what, tally->count[FOUND_OPENING], tally->count[FOUND_SCANNING],
           tally->count[FOUND_HEAD], tally->count[HARMLESS], tally->count[SILENT]);
}

/* Bytes of frames in the file: the rest is zeros. */
static size_t used_len(struct bytes content)
{
    size_t len = content.len;

    while (len && content.data[len - 1] == 0)
        len--;
    return (len + 63) / 64 * 64;
}

static void flip_every_bit_is_found(void **state)
{
    struct image image;
    struct tally tally = {0};

    (void)state;
    image_make(&image);
    for (int s = 0; s < image.segments; s++) {
        bool active = s + 1 == image.segments;
        char path[64];
        struct bytes content = sim_disk_peek(image.f.disk, fixture_path(path, image.firsts[s]));
        size_t used = used_len(content);

        for (size_t bit = 0; bit < used * 8; bit++) {
            enum outcome outcome;

            sim_disk_flip(image.f.disk, path, bit / 8, (uint8_t)(1u << bit % 8));
            outcome = outcome_of(&image);
            sim_disk_flip(image.f.disk, path, bit / 8, (uint8_t)(1u << bit % 8));
            tally.count[outcome]++;
            assert_true(outcome < HARMLESS);
            assert_true(active || outcome == FOUND_SCANNING);
        }
    }
    tally_print("flips in frames", &tally);
    assert_true(tally.count[FOUND_OPENING] > 0 && tally.count[FOUND_HEAD] > 0);
    assert_int_equal(outcome_of(&image), HARMLESS);
    fixture_done(&image.f);
}

/* The zeros behind the frames: found in closed segments, cut as a tear in the active one. */
static void flip_behind_frames_is_found_or_harmless(void **state)
{
    struct image image;
    struct tally tally = {0};

    (void)state;
    image_make(&image);
    for (int s = 0; s < image.segments; s++) {
        bool active = s + 1 == image.segments;
        char path[64];
        struct bytes content = sim_disk_peek(image.f.disk, fixture_path(path, image.firsts[s]));

        for (size_t at = used_len(content); at < content.len; at += 13) {
            enum outcome outcome;

            sim_disk_flip(image.f.disk, path, at, 0x40);
            outcome = outcome_of(&image);
            sim_disk_flip(image.f.disk, path, at, 0x40);
            tally.count[outcome]++;
            assert_int_equal(outcome, active ? HARMLESS : FOUND_SCANNING);
        }
    }
    tally_print("flips behind frames", &tally);
    fixture_done(&image.f);
}

static void truncate_at_every_length_is_found(void **state)
{
    struct image image;
    struct tally tally = {0};

    (void)state;
    image_make(&image);
    for (int s = 0; s < image.segments; s++) {
        char path[64];
        struct bytes content = sim_disk_peek(image.f.disk, fixture_path(path, image.firsts[s]));
        uint8_t whole[SEGMENT_LEN * 2];
        size_t len = content.len;
        size_t used = used_len(content);

        assert_true(len <= sizeof(whole));
        memcpy(whole, content.data, len);
        for (size_t cut = 0; cut < len; cut += 16) {
            enum outcome outcome;

            sim_disk_put(image.f.disk, path, bytes_of(whole, cut));
            outcome = outcome_of(&image);
            tally.count[outcome]++;
            assert_true(outcome < HARMLESS || (outcome == HARMLESS && cut >= used - 63));
        }
        sim_disk_put(image.f.disk, path, bytes_of(whole, len));
    }
    tally_print("files cut short", &tally);
    fixture_done(&image.f);
}

/* Each 512-byte page replaced by each other page of the journal, at every 64 bytes. */
static void replay_of_other_pages_is_found(void **state)
{
    enum { PAGE = 512 };
    struct image image;
    struct tally tally = {0};

    (void)state;
    image_make(&image);
    for (int s = 0; s < image.segments; s++) {
        for (size_t at = 0; at + PAGE <= SEGMENT_LEN; at += PAGE) {
            for (size_t from = 0; from + PAGE <= SEGMENT_LEN; from += 64) {
                char path[64];
                uint8_t saved[PAGE];
                uint8_t page[PAGE];
                uint64_t other = image.firsts[(s + (int)(from / 64)) % image.segments];
                enum outcome outcome;

                memcpy(page, sim_disk_peek(image.f.disk, fixture_path(path, other)).data + from,
                       PAGE);
                memcpy(saved,
                       sim_disk_peek(image.f.disk, fixture_path(path, image.firsts[s])).data +
                           at,
                       PAGE);
                fixture_put(&image.f, image.firsts[s], at, bytes_of(page, PAGE));
                outcome = outcome_of(&image);
                tally.count[outcome]++;
                if (outcome >= HARMLESS)
                    assert_int_equal(outcome, HARMLESS);
                fixture_put(&image.f, image.firsts[s], at, bytes_of(saved, PAGE));
            }
        }
    }
    tally_print("other pages put in place", &tally);
    assert_true(tally.count[FOUND_SCANNING] > 0);
    fixture_done(&image.f);
}

/* The control: compared with nothing remembered, a lost tail goes unseen. */
static void lost_tail_without_remembered_head_is_silent(void **state)
{
    struct image image;
    char path[64];

    (void)state;
    image_make(&image);
    sim_disk_remove(image.f.disk, fixture_path(path, image.firsts[image.segments - 1]));
    assert_int_equal(outcome_of(&image), FOUND_HEAD);
    image.head = (struct journal_head){0};
    assert_int_equal(outcome_of(&image), SILENT);
    fixture_done(&image.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flip_every_bit_is_found),
        cmocka_unit_test(flip_behind_frames_is_found_or_harmless),
        cmocka_unit_test(truncate_at_every_length_is_found),
        cmocka_unit_test(replay_of_other_pages_is_found),
        cmocka_unit_test(lost_tail_without_remembered_head_is_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
