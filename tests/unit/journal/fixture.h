/*
 * What the journal's tests share: a store key, a journal on a simulated disk, bodies that can
 * be recognised, and a model of what a journal must hold.
 */
#ifndef CTPS_TEST_JOURNAL_FIXTURE_H
#define CTPS_TEST_JOURNAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "journal/journal.h"
#include "sim_disk.h"

enum { BODY_LEN_MAX = 2048, MODEL_MAX = 512 };

static const uint8_t first_incarnation[JOURNAL_INCARNATION_LEN] = "incarnation one";

struct fixture {
    struct sim_disk *disk;
    struct seal_key *key;
    struct journal_options options;
    struct journal *journal;
    struct ctps_err err;
};

/* A disk with an empty, open journal in segments of `segment_len` bytes. */
static inline void fixture_init(struct fixture *f, uint64_t seed, size_t segment_len)
{
    static const uint8_t bytes[SEAL_KEY_LEN] = "the store key of these tests";

    *f = (struct fixture){.disk = sim_disk_new(seed)};
    assert_int_equal(seal_start(NULL), CTPS_OK);
    f->key = seal_key_new();
    assert_non_null(f->key);
    seal_key_set(f->key, bytes);
    f->options = (struct journal_options){.dir = "store/journal",
                                          .sys = sim_disk_sys(f->disk),
                                          .key = f->key,
                                          .segment_len = segment_len};
    assert_int_equal(f->options.sys->mkdir(f->disk, "store", 0700), 0);
    assert_int_equal(f->options.sys->sync_dir(f->disk, "."), 0);
}

static inline void fixture_done(struct fixture *f)
{
    journal_close(&f->journal);
    sim_disk_free(&f->disk);
    seal_key_free(&f->key);
}

static inline void fixture_create(struct fixture *f)
{
    assert_int_equal(journal_create(&f->options, first_incarnation, &f->err), CTPS_OK);
    assert_int_equal(journal_open(&f->journal, &f->options, &f->err), CTPS_OK);
}

static inline enum ctps_code fixture_reopen(struct fixture *f)
{
    journal_close(&f->journal);
    return journal_open(&f->journal, &f->options, &f->err);
}

/* Another disk takes the place of the fixture's. */
static inline void fixture_swap(struct fixture *f, struct sim_disk *disk)
{
    journal_close(&f->journal);
    sim_disk_free(&f->disk);
    f->disk = disk;
    f->options.sys = sim_disk_sys(disk);
}

static inline void fixture_power_cut(struct fixture *f, enum sim_cut_policy policy)
{
    struct sim_cut cut = {.policy = policy};

    fixture_swap(f, sim_disk_cut(f->disk, &cut));
}

/* Body number `id`: the id, then bytes that follow from it. */
static inline struct bytes body_make(uint8_t out[BODY_LEN_MAX], uint64_t id, size_t len)
{
    le64_put(out, id);
    for (size_t i = 8; i < len; i++)
        out[i] = (uint8_t)(id * 31 + i);
    return bytes_of(out, len < 8 ? 8 : len);
}

static inline bool body_is(struct bytes body, uint64_t id)
{
    uint8_t expected[BODY_LEN_MAX];

    return body.len <= BODY_LEN_MAX && bytes_equal(body, body_make(expected, id, body.len));
}

/* Appends one flushed batch of `count` frames of `len` bytes; body ids are the seqs. */
static inline struct journal_place fixture_append(struct fixture *f, int count, size_t len)
{
    struct journal_place first = {0};

    for (int i = 0; i < count; i++) {
        uint8_t body[BODY_LEN_MAX];
        struct journal_place place;
        uint64_t seq;

        assert_int_equal(journal_batch_add(f->journal,
                                           body_make(body, journal_next_seq(f->journal), len),
                                           &seq, &place, &f->err),
                         CTPS_OK);
        if (i == 0)
            first = place;
    }
    assert_int_equal(journal_batch_flush(f->journal, &f->err), CTPS_OK);
    return first;
}

static inline const char *fixture_path(char out[64], uint64_t segment)
{
    snprintf(out, 64, "store/journal/%016llx.seg", (unsigned long long)segment);
    return out;
}

/* Length of a frame with a body of `len` bytes. */
static inline size_t frame_len(size_t len)
{
    return (JOURNAL_HEADER_LEN + len + SEAL_OVERHEAD + 63) / 64 * 64;
}

/* Bytes that never reached the disk. */
static inline void fixture_zero(struct fixture *f, uint64_t segment, size_t offset, size_t len)
{
    char path[64];
    struct bytes content = sim_disk_peek(f->disk, fixture_path(path, segment));
    uint8_t *copy = malloc(content.len + 1);

    assert_non_null(copy);
    assert_true(offset + len <= content.len);
    memcpy(copy, content.data, content.len);
    memset(copy + offset, 0, len);
    sim_disk_put(f->disk, path, bytes_of(copy, content.len));
    free(copy);
}

static inline void fixture_put(struct fixture *f, uint64_t segment, size_t offset,
                               struct bytes bytes)
{
    char path[64];
    struct bytes content = sim_disk_peek(f->disk, fixture_path(path, segment));
    uint8_t *copy = malloc(content.len + 1);

    assert_non_null(copy);
    assert_true(offset + bytes.len <= content.len);
    memcpy(copy, content.data, content.len);
    memcpy(copy + offset, bytes.data, bytes.len);
    sim_disk_put(f->disk, path, bytes_of(copy, content.len));
    free(copy);
}

struct count {
    uint64_t next; /* seq expected next */
    uint64_t count;
    bool wrong;
};

static inline enum ctps_code count_one(void *arg, const struct journal_frame *frame)
{
    struct count *count = arg;

    if (frame->seq != count->next || !body_is(frame->body, frame->seq))
        count->wrong = true;
    count->next++;
    count->count++;
    return CTPS_OK;
}

/* Scans all; the frames seen must be 1, 2, 3... with their own bodies. */
static inline enum ctps_code fixture_scan(struct fixture *f, uint64_t *ret_count)
{
    struct count count = {.next = 1};
    enum ctps_code code = journal_scan(f->journal, 1, count_one, &count, &f->err);

    assert_false(count.wrong);
    *ret_count = count.count;
    return code;
}

/* Opens and scans: `count` frames and no more. */
static inline void fixture_expect(struct fixture *f, uint64_t expected)
{
    struct journal_head head;
    uint64_t count;

    assert_int_equal(fixture_reopen(f), CTPS_OK);
    journal_head_get(f->journal, &head);
    assert_int_equal(head.seq, expected);
    assert_int_equal(fixture_scan(f, &count), CTPS_OK);
    assert_int_equal(count, expected);
}

/* Opening answers CTPS_DAMAGED and changes not one byte. */
static inline void fixture_expect_damaged(struct fixture *f)
{
    struct sim_counts before;
    struct sim_counts after;

    sim_disk_counts_get(f->disk, &before);
    assert_int_equal(fixture_reopen(f), CTPS_DAMAGED);
    assert_null(f->journal);
    sim_disk_counts_get(f->disk, &after);
    assert_int_equal(before.write_len, after.write_len);
    assert_int_equal(after.open_count, 0);
}

#endif
