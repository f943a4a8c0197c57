/*
 * Never a false yes: one scenario with its n-th operation failing, for every n until a run
 * passes without meeting the fault, then what was acknowledged must be there: after a restart
 * of the process, and after a power cut.
 */
#include <errno.h>

#include "fixture.h"

enum { SEGMENT_LEN = 1024, BATCHES = 6, LEN = 100 };

struct run {
    struct fixture f;
    uint64_t acked; /* last seq acknowledged */
    bool created;
};

static enum ctps_code nothing(void *arg, const struct journal_frame *frame)
{
    (void)arg;
    (void)frame;
    return CTPS_OK;
}

static enum ctps_code batch(struct run *run, int count)
{
    struct fixture *f = &run->f;
    enum ctps_code code = CTPS_OK;

    for (int i = 0; i < count && code == CTPS_OK; i++) {
        uint8_t body[BODY_LEN_MAX];
        struct journal_place place;
        uint64_t seq;

        code = journal_batch_add(f->journal, body_make(body, journal_next_seq(f->journal), LEN),
                                 &seq, &place, &f->err);
    }
    if (code == CTPS_OK)
        code = journal_batch_flush(f->journal, &f->err);
    if (code == CTPS_OK)
        run->acked = journal_next_seq(f->journal) - 1;
    return code;
}

/* As a process would: the first error ends it. Preparing and copying may fail and be done
 * without. */
static enum ctps_code scenario(struct run *run)
{
    struct fixture *f = &run->f;
    enum ctps_code code = journal_create(&f->options, first_incarnation, &f->err);

    if (code != CTPS_OK)
        return code;
    run->created = true;
    code = journal_open(&f->journal, &f->options, &f->err);
    for (int i = 0; i < BATCHES && code == CTPS_OK; i++) {
        journal_prepare(f->journal, &f->err);
        code = batch(run, 1 + i % 3);
    }
    if (code == CTPS_OK)
        journal_copy(f->journal, "copy", &f->err);
    journal_close(&f->journal);
    if (code == CTPS_OK)
        code = journal_open(&f->journal, &f->options, &f->err);
    if (code == CTPS_OK)
        code = journal_scan(f->journal, 1, nothing, NULL, &f->err);
    return code == CTPS_OK ? batch(run, 2) : code;
}

static void check_acknowledged(struct run *run)
{
    struct journal_head head;
    enum ctps_code code = fixture_reopen(&run->f);
    uint64_t count;

    if (code == CTPS_ABSENT) {
        assert_false(run->created);
        return;
    }
    assert_int_equal(code, CTPS_OK);
    journal_head_get(run->f.journal, &head);
    assert_true(head.seq >= run->acked);
    assert_int_equal(fixture_scan(&run->f, &count), CTPS_OK);
    assert_int_equal(count, head.seq);
}

/* One run; whether the fault struck. */
static bool run_with(const struct sim_fault *fault, uint64_t seed)
{
    struct run run = {0};
    struct sim_counts counts;
    enum ctps_code code;
    bool hit;

    fixture_init(&run.f, seed, SEGMENT_LEN);
    sim_disk_fault_set(run.f.disk, fault);
    code = scenario(&run);
    hit = sim_disk_fault_hit(run.f.disk);
    if (!hit || fault->errnum == 0)
        assert_int_equal(code, CTPS_OK);
    if (code != CTPS_OK && run.f.journal && run.created)
        assert_true(code == CTPS_IO || code == CTPS_NOSPACE);
    sim_disk_fault_set(run.f.disk, NULL);
    journal_close(&run.f.journal);
    sim_disk_counts_get(run.f.disk, &counts);
    assert_int_equal(counts.open_count, 0);
    check_acknowledged(&run);
    sim_disk_kill(run.f.disk);
    fixture_power_cut(&run.f, SIM_CUT_FLUSHED);
    check_acknowledged(&run);
    fixture_done(&run.f);
    return hit;
}

static void fail_every(unsigned kinds, int errnum, bool sticky, bool lost, const char *what)
{
    uint64_t n = 0;
    struct sim_fault fault;

    do {
        fault = (struct sim_fault){
            .kinds = kinds, .at = ++n, .errnum = errnum, .sticky = sticky, .lost = lost};
        assert_true(n < 10000);
    } while (run_with(&fault, n));
    printf("%s: %llu operations failed in turn\n", what, (unsigned long long)n - 1);
    assert_true(n > 5);
}

static void scenario_any_operation_eio_never_a_false_yes(void **state)
{
    (void)state;
    fail_every(SIM_OP_ANY, EIO, false, false, "any, EIO once");
    fail_every(SIM_OP_ANY, EIO, true, false, "any, EIO from then on");
}

static void scenario_full_disk_never_a_false_yes(void **state)
{
    (void)state;
    fail_every(SIM_OP_WRITE, ENOSPC, false, false, "write, ENOSPC once");
    fail_every(SIM_OP_CHANGES, ENOSPC, true, false, "changes, ENOSPC from then on");
}

static void scenario_failed_sync_losing_all_never_a_false_yes(void **state)
{
    (void)state;
    fail_every(SIM_OP_SYNC | SIM_OP_SYNC_DIR, EIO, false, true, "sync, EIO, nothing written");
    fail_every(SIM_OP_SYNC | SIM_OP_SYNC_DIR, EIO, true, true, "sync, EIO from then on");
}

static void scenario_short_reads_and_writes_pass(void **state)
{
    (void)state;
    fail_every(SIM_OP_READ | SIM_OP_WRITE, 0, false, false, "short read or write once");
}

/* Every read and write short, all through: slow and right. */
static void scenario_all_short_passes(void **state)
{
    struct sim_fault fault = {
        .kinds = SIM_OP_READ | SIM_OP_WRITE, .at = 1, .errnum = 0, .sticky = true};

    (void)state;
    assert_true(run_with(&fault, 1));
}

/* The control: a disk that answers yes to a flush it did not do is found by the same check. */
static void scenario_flush_result_ignored_is_found(void **state)
{
    struct run run = {0};
    struct journal_head head;

    (void)state;
    fixture_init(&run.f, 1, SEGMENT_LEN);
    fixture_create(&run.f);
    run.created = true;
    assert_int_equal(batch(&run, 2), CTPS_OK);
    sim_disk_sync_ignored(run.f.disk, true);
    assert_int_equal(batch(&run, 1), CTPS_OK);
    fixture_power_cut(&run.f, SIM_CUT_FLUSHED);
    assert_int_equal(fixture_reopen(&run.f), CTPS_OK);
    journal_head_get(run.f.journal, &head);
    assert_true(head.seq < run.acked);
    fixture_done(&run.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_any_operation_eio_never_a_false_yes),
        cmocka_unit_test(scenario_full_disk_never_a_false_yes),
        cmocka_unit_test(scenario_failed_sync_losing_all_never_a_false_yes),
        cmocka_unit_test(scenario_short_reads_and_writes_pass),
        cmocka_unit_test(scenario_all_short_passes),
        cmocka_unit_test(scenario_flush_result_ignored_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
