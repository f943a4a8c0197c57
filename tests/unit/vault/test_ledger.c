#include <errno.h>

#include "faulty.h"
#include "fixture.h"

#include "sim_disk.h"
#include "vault/ledger.h"

enum { HEADER_LEN = 32, RECORD_LEN = 104, BATCHES = 3, PER_BATCH = 4 };

static void ledger_path(const struct fixture *fix, char *out, size_t len)
{
    snprintf(out, len, "%s/ledger", fix->base);
}

static struct ledger *open_as(struct fixture *fix, enum ctps_code expected)
{
    struct ledger *ledger = NULL;
    char path[128];

    ledger_path(fix, path, sizeof(path));
    assert_int_equal(ledger_open(&ledger, path, sys_real(), fix->root, &fix->err), expected);
    if (expected != CTPS_OK)
        assert_null(ledger);
    return ledger;
}

static struct ledger_record record_of(uint64_t n)
{
    return (struct ledger_record){.subject = n << 8 | 1, .slot = n + 10, .day = (int32_t)n - 5};
}

static void append_some(struct ledger *ledger, uint64_t first, size_t count)
{
    struct ledger_record records[16];

    for (size_t i = 0; i < count; i++)
        records[i] = record_of(first + i);
    assert_int_equal(ledger_append(ledger, records, count, NULL), CTPS_OK);
}

static enum ctps_code expect_each(void *arg, const struct ledger_record *record)
{
    uint64_t *next = arg;
    struct ledger_record wanted = record_of((*next)++);

    assert_int_equal(record->subject, wanted.subject);
    assert_int_equal(record->slot, wanted.slot);
    assert_int_equal(record->day, wanted.day);
    return CTPS_OK;
}

static void assert_records(struct ledger *ledger, uint64_t count)
{
    uint64_t next = 0;

    assert_int_equal(ledger_count(ledger), count);
    assert_int_equal(ledger_each(ledger, expect_each, &next, NULL), CTPS_OK);
    assert_int_equal(next, count);
}

static size_t file_load(const struct fixture *fix, uint8_t *out, size_t max)
{
    char path[128];
    ssize_t len;

    ledger_path(fix, path, sizeof(path));
    len = sys_read_file(sys_real(), path, out, max);
    assert_true(len >= 0);
    return (size_t)len;
}

static void file_store(const struct fixture *fix, const uint8_t *data, size_t len)
{
    char path[128];

    ledger_path(fix, path, sizeof(path));
    assert_int_equal(sys_write_file(sys_real(), path, data, len, 0600), 0);
}

/* A file of three batches of four records. */
static size_t batches_make(struct fixture *fix, uint8_t *out, size_t max)
{
    struct ledger *ledger;

    fixture_init(fix);
    ledger = open_as(fix, CTPS_OK);
    for (unsigned i = 0; i < BATCHES; i++)
        append_some(ledger, (uint64_t)i * PER_BATCH, PER_BATCH);
    ledger_close(&ledger);
    return file_load(fix, out, max);
}

static void records_stand_in_order_after_reopening(void **state)
{
    struct fixture fix;
    struct ledger *ledger;

    (void)state;
    fixture_init(&fix);
    ledger = open_as(&fix, CTPS_OK);
    assert_records(ledger, 0);
    append_some(ledger, 0, 3);
    append_some(ledger, 3, 0);
    append_some(ledger, 3, 1);
    assert_records(ledger, 4);
    ledger_close(&ledger);
    assert_null(ledger);
    ledger_close(&ledger);
    ledger = open_as(&fix, CTPS_OK);
    append_some(ledger, 4, 2);
    assert_records(ledger, 6);
    assert_int_equal(ledger_torn_len(ledger), 0);
    ledger_close(&ledger);
    fixture_done(&fix);
}

static enum ctps_code stop_at_two(void *arg, const struct ledger_record *record)
{
    unsigned *seen = arg;

    (void)record;
    return ++*seen == 2 ? CTPS_REFUSED : CTPS_OK;
}

static void each_stops_at_another_answer(void **state)
{
    struct fixture fix;
    struct ledger *ledger;
    unsigned seen = 0;

    (void)state;
    fixture_init(&fix);
    ledger = open_as(&fix, CTPS_OK);
    append_some(ledger, 0, 5);
    assert_int_equal(ledger_each(ledger, stop_at_two, &seen, NULL), CTPS_REFUSED);
    assert_int_equal(seen, 2);
    ledger_close(&ledger);
    fixture_done(&fix);
}

static void file_cut_anywhere_in_the_last_batch_keeps_what_is_whole(void **state)
{
    static uint8_t whole[4096];
    struct fixture fix;
    size_t len;

    (void)state;
    len = batches_make(&fix, whole, sizeof(whole));
    assert_int_equal(len, HEADER_LEN + BATCHES * PER_BATCH * RECORD_LEN);
    for (size_t cut = len - (size_t)PER_BATCH * RECORD_LEN; cut < len; cut++) {
        struct ledger *ledger;
        uint64_t kept = (cut - HEADER_LEN) / RECORD_LEN;

        file_store(&fix, whole, cut);
        ledger = open_as(&fix, CTPS_OK);
        assert_records(ledger, kept);
        assert_int_equal(ledger_torn_len(ledger), (cut - HEADER_LEN) % RECORD_LEN);
        append_some(ledger, kept, 1);
        ledger_close(&ledger);
        ledger = open_as(&fix, CTPS_OK);
        assert_records(ledger, kept + 1);
        ledger_close(&ledger);
    }
    fixture_done(&fix);
}

static void zeros_in_the_last_batch_are_a_torn_tail(void **state)
{
    static uint8_t whole[4096];
    struct fixture fix;
    size_t len;

    (void)state;
    len = batches_make(&fix, whole, sizeof(whole));
    for (unsigned bad = 0; bad < PER_BATCH; bad++) {
        static uint8_t torn[4096];
        size_t at = HEADER_LEN + ((BATCHES - 1) * PER_BATCH + bad) * (size_t)RECORD_LEN;
        struct ledger *ledger;

        memcpy(torn, whole, len);
        memset(torn + at, 0, RECORD_LEN);
        file_store(&fix, torn, len);
        ledger = open_as(&fix, CTPS_OK);
        assert_records(ledger, (BATCHES - 1) * PER_BATCH + bad);
        assert_int_equal(ledger_torn_len(ledger), len - at);
        ledger_close(&ledger);
    }
    fixture_done(&fix);
}

static void flipped_bit_before_the_last_batch_is_damage_and_touches_nothing(void **state)
{
    static uint8_t whole[4096];
    static uint8_t after[4096];
    struct fixture fix;
    size_t len;

    (void)state;
    len = batches_make(&fix, whole, sizeof(whole));
    for (size_t at = HEADER_LEN; at < len - (size_t)PER_BATCH * RECORD_LEN; at += 3) {
        whole[at] ^= (uint8_t)(1U << at % 8);
        file_store(&fix, whole, len);
        open_as(&fix, CTPS_DAMAGED);
        assert_int_equal(file_load(&fix, after, sizeof(after)), len);
        assert_memory_equal(whole, after, len);
        whole[at] ^= (uint8_t)(1U << at % 8);
    }
    fixture_done(&fix);
}

static void records_swapped_or_taken_out_are_damage(void **state)
{
    static uint8_t whole[4096];
    static uint8_t changed[4096];
    uint8_t *first = changed + HEADER_LEN;
    struct fixture fix;
    size_t len;

    (void)state;
    len = batches_make(&fix, whole, sizeof(whole));
    memcpy(changed, whole, len);
    memcpy(first, whole + HEADER_LEN + RECORD_LEN, RECORD_LEN);
    memcpy(first + RECORD_LEN, whole + HEADER_LEN, RECORD_LEN);
    file_store(&fix, changed, len);
    open_as(&fix, CTPS_DAMAGED);
    memcpy(changed, whole, len);
    memmove(first, first + RECORD_LEN, len - HEADER_LEN - RECORD_LEN);
    file_store(&fix, changed, len - RECORD_LEN);
    open_as(&fix, CTPS_DAMAGED);
    fixture_done(&fix);
}

static void open_of_a_foreign_file_is_refused(void **state)
{
    static uint8_t whole[4096];
    struct fixture fix;
    struct seal_key *other = seal_key_new();
    size_t len;
    struct seal_key *mine;

    (void)state;
    len = batches_make(&fix, whole, sizeof(whole));
    mine = fix.root;
    seal_key_random(other, sys_real());
    fix.root = other;
    open_as(&fix, CTPS_FORGED);
    fix.root = mine;
    whole[11]++;
    file_store(&fix, whole, len);
    open_as(&fix, CTPS_UNSUPPORTED);
    whole[0]++;
    file_store(&fix, whole, len);
    open_as(&fix, CTPS_DAMAGED);
    seal_key_free(&other);
    fixture_done(&fix);
}

static void append_after_a_failed_flush_is_closed(void **state)
{
    struct fixture fix;
    struct faulty faulty;
    struct ledger *ledger;
    struct ledger_record record = record_of(0);
    char path[128];

    (void)state;
    fixture_init(&fix);
    ledger_path(&fix, path, sizeof(path));
    faulty_init(&faulty, FAULTY_NONE, 0);
    assert_int_equal(ledger_open(&ledger, path, &faulty.sys, fix.root, &fix.err), CTPS_OK);
    faulty.mode = FAULTY_ONCE;
    faulty.at = faulty.count + 2;
    assert_int_equal(ledger_append(ledger, &record, 1, &fix.err), CTPS_IO);
    assert_int_equal(ledger_append(ledger, &record, 1, &fix.err), CTPS_CLOSED);
    assert_int_equal(ledger_count(ledger), 0);
    ledger_close(&ledger);
    fixture_done(&fix);
}

static void append_flushes_before_it_answers(void **state)
{
    struct fixture fix;
    struct faulty faulty;
    struct ledger *ledger;
    struct ledger_record record = record_of(0);
    char path[128];
    unsigned made;

    (void)state;
    fixture_init(&fix);
    ledger_path(&fix, path, sizeof(path));
    faulty_init(&faulty, FAULTY_NONE, 0);
    assert_int_equal(ledger_open(&ledger, path, &faulty.sys, fix.root, &fix.err), CTPS_OK);
    made = faulty.trace_count;
    assert_int_equal(ledger_append(ledger, &record, 1, &fix.err), CTPS_OK);
    assert_int_equal(faulty_find(&faulty, made, "write ledger"), made);
    assert_int_equal(faulty_find(&faulty, made, "flush ledger"), made + 1);
    assert_int_equal(faulty.trace_count, made + 2);
    ledger_close(&ledger);
    fixture_done(&fix);
}

/* Two records the page cache shows and the disk never got, then a batch behind them. */
static void batch_of_a_failed_flush_is_written_again_at_open(void **state)
{
    const struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = EIO, .lost = true};
    const struct sim_cut cut = {.policy = SIM_CUT_FLUSHED};
    const struct ledger_record records[] = {record_of(1), record_of(2)};
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_disk *after;
    struct fixture fix;
    struct ledger *ledger;

    (void)state;
    fixture_init(&fix);
    assert_int_equal(ledger_open(&ledger, "l", sim_disk_sys(disk), fix.root, NULL), CTPS_OK);
    append_some(ledger, 0, 1);
    sim_disk_fault_set(disk, &fault);
    assert_int_equal(ledger_append(ledger, records, 2, NULL), CTPS_IO);
    ledger_close(&ledger);
    sim_disk_fault_set(disk, NULL);
    sim_disk_kill(disk);
    assert_int_equal(ledger_open(&ledger, "l", sim_disk_sys(disk), fix.root, NULL), CTPS_OK);
    assert_int_equal(ledger_count(ledger), 3);
    append_some(ledger, 3, 2);
    ledger_close(&ledger);
    after = sim_disk_cut(disk, &cut);
    assert_int_equal(ledger_open(&ledger, "l", sim_disk_sys(after), fix.root, &fix.err),
                     CTPS_OK);
    assert_records(ledger, 5);
    ledger_close(&ledger);
    sim_disk_free(&after);
    sim_disk_free(&disk);
    fixture_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_stand_in_order_after_reopening),
        cmocka_unit_test(each_stops_at_another_answer),
        cmocka_unit_test(file_cut_anywhere_in_the_last_batch_keeps_what_is_whole),
        cmocka_unit_test(zeros_in_the_last_batch_are_a_torn_tail),
        cmocka_unit_test(flipped_bit_before_the_last_batch_is_damage_and_touches_nothing),
        cmocka_unit_test(records_swapped_or_taken_out_are_damage),
        cmocka_unit_test(open_of_a_foreign_file_is_refused),
        cmocka_unit_test(append_after_a_failed_flush_is_closed),
        cmocka_unit_test(append_flushes_before_it_answers),
        cmocka_unit_test(batch_of_a_failed_flush_is_written_again_at_open),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
