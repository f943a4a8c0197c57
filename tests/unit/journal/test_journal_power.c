/*
 * Power cut before every operation of a random run, under every policy: what was acknowledged
 * is there, in order, once. CTPS_SEEDS=N runs N seeds (the long form); each run prints counts.
 */
#include <errno.h>

#include "fixture.h"

enum { SEEDS = 15, SEGMENT_LEN = 1536, BATCHES = 9 };

/* What the journal must hold: the id of the last body tried as entry `seq`. */
struct model {
    uint64_t id[MODEL_MAX];
    uint64_t tried; /* last seq ever written, flushed or not */
    uint64_t acked; /* last seq that must be there */
    bool created;
    uint64_t next_id;
};

struct figures {
    unsigned long images;
    unsigned long faults; /* found by the oracle */
};

struct check {
    const struct model *model;
    uint64_t next;
    bool wrong;
};

static enum ctps_code check_one(void *arg, const struct journal_frame *frame)
{
    struct check *check = arg;

    if (frame->seq != check->next || frame->seq > check->model->tried ||
        !body_is(frame->body, check->model->id[frame->seq]))
        check->wrong = true;
    check->next++;
    return CTPS_OK;
}

/* The oracle: whether an open journal holds what the model says it must. */
static bool holds(struct journal *journal, const struct model *model)
{
    struct check check = {.model = model, .next = 1};
    struct journal_head head;

    if (journal_scan(journal, 1, check_one, &check, NULL) != CTPS_OK || check.wrong)
        return false;
    journal_head_get(journal, &head);
    return head.seq + 1 == check.next && head.seq >= model->acked;
}

static bool append(struct journal *journal, struct model *model, struct sim_disk *disk,
                   int count)
{
    for (int i = 0; i < count; i++) {
        uint8_t body[BODY_LEN_MAX];
        struct journal_place place;
        uint64_t id = ++model->next_id;
        uint64_t seq;

        if (journal_batch_add(journal, body_make(body, id, 8 + sim_disk_draw(disk) % 500), &seq,
                              &place, NULL) != CTPS_OK)
            return false;
        assert_true(seq < MODEL_MAX);
        model->id[seq] = id;
        model->tried = seq;
    }
    if (journal_batch_flush(journal, NULL) != CTPS_OK)
        return false;
    model->acked = model->tried;
    return true;
}

static enum ctps_code open_on(struct sim_disk *disk, const struct fixture *f,
                              struct journal **ret_journal)
{
    struct journal_options options = f->options;

    options.sys = sim_disk_sys(disk);
    return journal_open(ret_journal, &options, NULL);
}

/* After a start everything seen counts as acknowledged: clients may be told of it. */
static void adopt(struct journal *journal, struct model *model)
{
    model->tried = journal_next_seq(journal) - 1;
    model->acked = model->tried;
}

/* Starts on `disk`, checks, and checks once more after one more batch and power cut. */
static bool survives(struct sim_disk *disk, const struct fixture *f, const struct model *model)
{
    struct sim_cut cut = {.policy = SIM_CUT_FLUSHED};
    struct journal *journal = NULL;
    struct model later = *model;
    struct sim_disk *after;
    enum ctps_code code = open_on(disk, f, &journal);
    bool good;

    if (code == CTPS_ABSENT)
        return !model->created;
    if (code != CTPS_OK)
        return false;
    good = holds(journal, model);
    adopt(journal, &later);
    good = append(journal, &later, disk, 2) && good;
    journal_close(&journal);
    after = sim_disk_cut(disk, &cut);
    good = open_on(after, f, &journal) == CTPS_OK && holds(journal, &later) && good;
    journal_close(&journal);
    sim_disk_free(&after);
    return good;
}

/* Power is cut a second time, at a drawn operation of the start. */
static bool survives_twice(struct sim_disk *disk, const struct fixture *f,
                           const struct model *model, uint64_t pick)
{
    struct sim_fault off = {
        .kinds = SIM_OP_CHANGES, .at = 1 + pick % 6, .errnum = EIO, .sticky = true};
    struct sim_cut cut = {.policy = pick % 3 ? SIM_CUT_RANDOM : SIM_CUT_FLUSHED, .pick = pick};
    struct journal *journal = NULL;
    struct sim_disk *after;
    bool good;

    sim_disk_fault_set(disk, &off);
    open_on(disk, f, &journal);
    journal_close(&journal);
    sim_disk_fault_set(disk, NULL);
    after = sim_disk_cut(disk, &cut);
    good = survives(after, f, model);
    sim_disk_free(&after);
    return good;
}

struct run {
    struct fixture f;
    struct model model;
    struct figures figures;
    uint64_t seed;
    bool every_policy;
};

static void try_cut(struct run *run, const struct sim_cut *cut)
{
    struct sim_disk *after = sim_disk_cut(run->f.disk, cut);
    bool twice = run->figures.images % 8 == 7;
    bool good =
        twice ? survives_twice(after, &run->f, &run->model, run->seed + run->figures.images)
              : survives(after, &run->f, &run->model);

    run->figures.images++;
    if (!good)
        run->figures.faults++;
    sim_disk_free(&after);
}

static void try_units(struct run *run, size_t group_len)
{
    size_t units = sim_disk_unit_count(run->f.disk, group_len);
    size_t torn = sim_disk_torn_count(run->f.disk, group_len);

    for (size_t i = 0; i < units; i++)
        try_cut(run, &(struct sim_cut){SIM_CUT_ONE, group_len, i});
    for (size_t i = 0; i < torn; i++)
        try_cut(run, &(struct sim_cut){SIM_CUT_TORN, group_len, i});
}

static void before_op(void *arg, enum sim_op kind, uint64_t number)
{
    struct run *run = arg;

    if (!(kind & SIM_OP_CHANGES))
        return;
    try_cut(run, &(struct sim_cut){.policy = SIM_CUT_FLUSHED});
    if (!run->every_policy)
        return;
    try_cut(run, &(struct sim_cut){.policy = SIM_CUT_ALL});
    for (uint64_t i = 0; i < 6; i++)
        try_cut(run, &(struct sim_cut){.policy = SIM_CUT_RANDOM,
                                       .pick = run->seed * 1000003 + number * 8 + i});
    try_units(run, 512);
    try_units(run, 4096);
}

static void kill_and_start(struct run *run)
{
    sim_disk_kill(run->f.disk);
    journal_close(&run->f.journal);
    assert_int_equal(journal_open(&run->f.journal, &run->f.options, NULL), CTPS_OK);
    adopt(run->f.journal, &run->model);
}

/* One batch; now and then its flush fails and the process is started again, on a page cache
 * that shows what the disk may not have. */
static void run_batch(struct run *run)
{
    uint64_t draw = sim_disk_draw(run->f.disk);
    struct sim_fault fault = {
        .kinds = SIM_OP_SYNC | SIM_OP_SYNC_DIR, .at = 1 + (draw >> 16) % 3, .errnum = EIO};
    int count = 1 + (int)((draw >> 8) % 4);
    bool acked;

    if (draw % 4 == 0)
        journal_prepare(run->f.journal, NULL);
    if (draw % 5 == 0) {
        sim_disk_fault_set(run->f.disk, &fault);
        acked = append(run->f.journal, &run->model, run->f.disk, count);
        assert_int_not_equal(acked, sim_disk_fault_hit(run->f.disk));
        sim_disk_fault_set(run->f.disk, NULL);
        kill_and_start(run);
        return;
    }
    assert_true(append(run->f.journal, &run->model, run->f.disk, count));
    if (draw % 7 == 0)
        kill_and_start(run);
}

static struct figures run_seed(uint64_t seed, bool every_policy, bool sync_ignored)
{
    struct run run = {.seed = seed, .every_policy = every_policy};

    fixture_init(&run.f, seed, SEGMENT_LEN);
    sim_disk_sync_ignored(run.f.disk, sync_ignored);
    sim_disk_hook_set(run.f.disk, before_op, &run);
    assert_int_equal(journal_create(&run.f.options, first_incarnation, NULL), CTPS_OK);
    run.model.created = true;
    assert_int_equal(journal_open(&run.f.journal, &run.f.options, NULL), CTPS_OK);
    for (int i = 0; i < BATCHES; i++)
        run_batch(&run);
    before_op(&run, SIM_OP_SYNC, 0);
    sim_disk_hook_set(run.f.disk, NULL, NULL);
    fixture_done(&run.f);
    return run.figures;
}

static uint64_t seed_count(void)
{
    const char *text = getenv("CTPS_SEEDS");

    return text ? strtoull(text, NULL, 10) : SEEDS;
}

static void power_cut_at_every_operation_loses_nothing_acknowledged(void **state)
{
    struct figures all = {0};

    (void)state;
    for (uint64_t seed = 1; seed <= seed_count(); seed++) {
        struct figures one = run_seed(seed, true, false);

        if (one.faults)
            printf("power: seed %llu: %lu faults\n", (unsigned long long)seed, one.faults);
        all.images += one.images;
        all.faults += one.faults;
    }
    printf("power: %lu images, %lu faults, seeds 1..%llu\n", all.images, all.faults,
           (unsigned long long)seed_count());
    assert_int_equal(all.faults, 0);
    assert_true(all.images > 700 * seed_count());
}

static void power_cut_with_flushing_removed_is_found(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct figures figures = run_seed(seed, false, true);

        printf("power, control without flush: seed %llu: %lu of %lu images\n",
               (unsigned long long)seed, figures.faults, figures.images);
        assert_true(figures.faults > figures.images / 4);
    }
}

/* A failed flush, a start, an acknowledgement, a power cut; the start's writes are taken away
 * when `rewritten` is false. */
static bool failed_flush_then_cut(uint64_t seed, bool rewritten)
{
    struct run run = {.seed = seed};
    struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = EIO};
    struct sim_cut cut = {.policy = SIM_CUT_FLUSHED};
    struct sim_disk *after;
    bool good;

    fixture_init(&run.f, seed, 65536);
    fixture_create(&run.f);
    run.model.created = true;
    assert_true(append(run.f.journal, &run.model, run.f.disk, 2));
    sim_disk_fault_set(run.f.disk, &fault);
    assert_false(append(run.f.journal, &run.model, run.f.disk, 4));
    sim_disk_fault_set(run.f.disk, NULL);
    sim_disk_writes_lost(run.f.disk, !rewritten);
    kill_and_start(&run);
    sim_disk_writes_lost(run.f.disk, false);
    assert_true(append(run.f.journal, &run.model, run.f.disk, 1));
    after = sim_disk_cut(run.f.disk, &cut);
    good = survives(after, &run.f, &run.model);
    sim_disk_free(&after);
    fixture_done(&run.f);
    return good;
}

static void failed_flush_then_start_then_power_cut_loses_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++)
        assert_true(failed_flush_then_cut(seed, true));
}

static void failed_flush_with_rewriting_removed_is_found(void **state)
{
    int found = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++)
        found += !failed_flush_then_cut(seed, false);
    printf("power, control without rewriting: %d of 40 seeds\n", found);
    assert_true(found > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_cut_at_every_operation_loses_nothing_acknowledged),
        cmocka_unit_test(power_cut_with_flushing_removed_is_found),
        cmocka_unit_test(failed_flush_then_start_then_power_cut_loses_nothing),
        cmocka_unit_test(failed_flush_with_rewriting_removed_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
