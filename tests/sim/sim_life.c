/* The town's machine: starts, stops, faults, power, clocks. */
#include <errno.h>
#include <fcntl.h>

#include "sim.h"

enum { FOLDER_FILE_MAX = 8 << 20, BATCH_SENT_MAX = 6 };

/* --- the beginning every seed shares --- */

struct folder {
    struct sim *sim;
    const char *name;
};

static int file_keep(void *arg, const char *name)
{
    const struct folder *folder = arg;
    struct sim_genesis *genesis = &folder->sim->genesis;
    struct sim_file *file = &genesis->files[genesis->file_count];
    char path[2 * SPLIT_PATH_LEN];
    ssize_t len;

    if (genesis->file_count == SIM_FILES_MAX)
        abort();
    snprintf(file->name, sizeof(file->name), "%s/%s", folder->name, name);
    snprintf(path, sizeof(path), "%s/%s", folder->sim->town.split.dir, file->name);
    buf_init(&file->content);
    if (!buf_extend(&file->content, FOLDER_FILE_MAX))
        abort();
    len = sys_read_file(sys_real(), path, file->content.data, FOLDER_FILE_MAX);
    if (len < 0)
        abort();
    file->content.len = (size_t)len;
    genesis->file_count++;
    return 0;
}

static void folder_keep(struct sim *sim, const char *name)
{
    struct folder folder = {sim, name};
    char path[2 * SPLIT_PATH_LEN];

    snprintf(path, sizeof(path), "%s/%s", sim->town.split.dir, name);
    sys_real()->list_dir(sys_real()->ctx, path, file_keep, &folder);
}

void sim_genesis_make(struct sim *sim)
{
    struct town *town = &sim->town;
    struct sim_genesis *genesis = &sim->genesis;

    town_init(town, 1);
    town_found(town);
    if (engine_close(&town->engine, true, &town->err) != CTPS_OK)
        abort();
    genesis->disk = sim_disk_clone(town->disk);
    memcpy(genesis->agents, town->agents, sizeof(genesis->agents));
    genesis->partner = town->partner;
    genesis->next_id = town->next_id;
    folder_keep(sim, "keyring");
    folder_keep(sim, "views");
    sim_out_set(sim);
}

void sim_genesis_done(struct sim *sim)
{
    for (unsigned i = 0; i < sim->genesis.file_count; i++)
        buf_done(&sim->genesis.files[i].content);
    sim_disk_free(&sim->genesis.disk);
    town_done(&sim->town);
}

static void files_restore(struct sim *sim)
{
    const struct sys *real = sys_real();
    char path[2 * SPLIT_PATH_LEN];

    split_sys_clear(&sim->town.split);
    real->mkdir(real->ctx, sim->town.split.dir, 0700);
    for (unsigned i = 0; i < sim->town.split.real_count; i++)
        real->mkdir(real->ctx, sim->town.split.real[i], 0700);
    for (unsigned i = 0; i < sim->genesis.file_count; i++) {
        const struct sim_file *file = &sim->genesis.files[i];

        snprintf(path, sizeof(path), "%s/%s", sim->town.split.dir, file->name);
        if (sys_write_file(real, path, file->content.data, file->content.len, 0600) != 0)
            abort();
    }
}

/* --- starts and stops --- */

void sim_open(struct sim *sim)
{
    struct town *town = &sim->town;

    sim->counts.starts++;
    sim_disk_sync_ignored(town->disk, sim->control == SIM_CONTROL_FLUSH_NOTHING);
    town->split.flush_late = sim->control == SIM_CONTROL_REPLY_EARLY;
    if (town_open(town) != CTPS_OK)
        sim_fail(sim, "cannot start: %s", town->err.text);
    else if (sim_chance(sim, 3))
        sim_audit(sim);
}

static void engine_gone(struct sim *sim)
{
    sim->town.split.dead = true;
    engine_close(&sim->town.engine, false, NULL);
    /* A confirmation may be on disk and never have been published: from one life to the next it
     * is the walk of the journal that judges. */
    sim->alarm_due = false;
}

/* What LMDB had not flushed may be anything after a power cut. */
static void views_spoil(struct sim *sim)
{
    char path[2 * SPLIT_PATH_LEN];
    uint8_t noise[512];
    const struct sys *real = sys_real();
    int fd;
    int64_t len;

    snprintf(path, sizeof(path), "%s/views/views.mdb", sim->town.split.dir);
    memset(noise, 0x5a, sizeof(noise));
    fd = real->open(real->ctx, path, O_RDWR, 0);
    if (fd < 0)
        return;
    len = real->size(real->ctx, fd);
    for (int64_t at = 8192 + 16; at + 512 <= len; at += 4096)
        sys_write_all(real, fd, noise, sizeof(noise), at);
    real->close(real->ctx, fd);
}

static void kill_now(struct sim *sim)
{
    sim->counts.kills++;
    engine_gone(sim);
    sim_disk_kill(sim->town.disk);
    split_sys_revive(&sim->town.split, sim->town.disk);
}

static void power_cut_now(struct sim *sim, bool stopped)
{
    static const enum sim_cut_policy policies[] = {SIM_CUT_ALL,     SIM_CUT_FLUSHED,
                                                   SIM_CUT_FLUSHED, SIM_CUT_ONE,
                                                   SIM_CUT_RANDOM,  SIM_CUT_TORN};
    struct sim_cut cut = {.policy = policies[sim_draw(sim, 6)]};
    size_t units;

    sim->counts.cuts++;
    cut.group_len = sim_chance(sim, 3) ? 4096 : 512;
    units = cut.policy == SIM_CUT_TORN ? sim_disk_torn_count(sim->town.disk, cut.group_len)
                                       : sim_disk_unit_count(sim->town.disk, cut.group_len);
    cut.pick =
        cut.policy == SIM_CUT_RANDOM ? sim_draw(sim, UINT64_MAX) : sim_draw(sim, units + 1);
    if ((cut.policy == SIM_CUT_ONE || cut.policy == SIM_CUT_TORN) && cut.pick >= units)
        cut.policy = SIM_CUT_FLUSHED;
    engine_gone(sim);
    if (!stopped)
        views_spoil(sim);
    town_disk_set(&sim->town, sim_disk_cut(sim->town.disk, &cut));
    if (sim->control == SIM_CONTROL_BOOT_SAME)
        sim_disk_boot_set(sim->town.disk, 1);
}

/* The process is at its end, by a fault or by force: what does it find next? */
static void down(struct sim *sim)
{
    sim_hear_number(sim, 3);
    sim_disk_fault_set(sim->town.disk, NULL);
    if (sim_chance(sim, 2))
        kill_now(sim);
    else
        power_cut_now(sim, false);
    /* Starting may be cut short too. */
    if (sim_chance(sim, 4)) {
        sim->town.split.die_at = 1 + sim_draw(sim, 120);
        if (town_open(&sim->town) == CTPS_OK)
            sim_hear_number(sim, 4);
        if (sim_chance(sim, 2))
            kill_now(sim);
        else
            power_cut_now(sim, false);
    }
    sim_open(sim);
}

static void stop_clean(struct sim *sim)
{
    struct ctps_err err = {0};

    sim->counts.stops++;
    if (engine_close(&sim->town.engine, true, &err) != CTPS_OK &&
        !sim_disk_fault_hit(sim->town.disk) && !sim->town.split.dead)
        sim_fail(sim, "cannot stop: %s", err.text);
    sim_disk_fault_set(sim->town.disk, NULL);
    if (sim_chance(sim, 3))
        power_cut_now(sim, !sim->town.split.dead);
    else
        kill_now(sim);
    sim_open(sim);
}

/* --- what can be asked of the engine; a failure must be one we put in --- */

static void settle_with(struct sim *sim, enum ctps_code code, const char *what)
{
    if (code != CTPS_OK) {
        if (!sim_disk_fault_hit(sim->town.disk) && !sim->town.split.dead &&
            sim->town.split.real_fault_at == 0 && !sim->town.split.real_hit)
            sim_fail(sim, "%s fails by itself: %s", what, sim->town.err.text);
        sim_hear_number(sim, code);
        down(sim);
    } else if (sim->town.split.dead) {
        down(sim);
    }
}

static void turn(struct sim *sim)
{
    enum ctps_code code = CTPS_OK;

    while (code == CTPS_OK && engine_has_work(sim->town.engine))
        code = engine_turn(sim->town.engine, &sim->town.err);
    settle_with(sim, code, "a turn");
}

static void tick(struct sim *sim)
{
    settle_with(sim, engine_tick(sim->town.engine, &sim->town.err), "a tick");
}

static void idle(struct sim *sim)
{
    bool more;

    settle_with(sim, engine_idle(sim->town.engine, &more, &sim->town.err), "idle work");
}

/* --- the scheduler --- */

static void step_requests(struct sim *sim)
{
    uint64_t count = 1 + sim_draw(sim, BATCH_SENT_MAX);

    for (uint64_t i = 0; i < count; i++)
        sim_client_send(sim);
    turn(sim);
}

static void clock_go(struct sim *sim, int64_t us)
{
    sim->true_us += us;
    sim_disk_clock_step(sim->town.disk, us);
}

static void step_minutes(struct sim *sim)
{
    clock_go(sim, (int64_t)sim_draw(sim, 7200) * 1000000);
    tick(sim);
}

static void step_days(struct sim *sim)
{
    uint64_t days = 1 + sim_draw(sim, 12);

    for (uint64_t i = 0; i < days && !sim->failed; i++) {
        clock_go(sim, TOWN_US_PER_DAY - 1000);
        tick(sim);
    }
}

static void step_jump(struct sim *sim)
{
    static const int64_t days[] = {-3000, -400, -20, -2, 2, 20, 40, 400, 27000};
    int64_t wall = sys_wall_us(&sim->town.split.sys);
    int64_t by = sim_chance(sim, 3)
                     ? (int64_t)sim_draw(sim, 7200) * 1000000 - INT64_C(3600000000)
                     : days[sim_draw(sim, 9)] * TOWN_US_PER_DAY;

    uint64_t starts = sim->counts.starts;

    sim->counts.jumps++;
    if (sim->clock_off_us && sim_draw(sim, 3))
        by = -sim->clock_off_us; /* somebody set it right */
    if (sim->clock_off_us + by > 30000 * TOWN_US_PER_DAY ||
        sim->clock_off_us + by < -4000 * TOWN_US_PER_DAY)
        by = -sim->clock_off_us;
    sim->clock_off_us += by;
    sim->clock_was_wrong =
        sim->clock_was_wrong || by > TOWN_US_PER_DAY || by < -TOWN_US_PER_DAY;
    sim_disk_wall_set(sim->town.disk, wall + by);
    tick(sim); /* within a second, in a daemon */
    /* Over a stop the engine has only the last entry to compare with: it may see no jump. */
    if (by > 2 * TOWN_US_PER_DAY && sim->counts.starts == starts)
        sim->alarm_due = true;
}

static void step_fault(struct sim *sim)
{
    static const int errors[] = {EIO, ENOSPC, 0};
    struct sim_fault fault = {
        .kinds = sim_chance(sim, 2) ? SIM_OP_WRITE | SIM_OP_SYNC : SIM_OP_CHANGES,
        .at = 1 + sim_draw(sim, 12),
        .errnum = errors[sim_draw(sim, 3)],
        .sticky = sim_chance(sim, 2),
        .lost = sim_chance(sim, 2),
    };

    sim->counts.faults++;
    if (sim_chance(sim, 4))
        sim->town.split.real_fault_at = 1 + sim_draw(sim, 4);
    else
        sim_disk_fault_set(sim->town.disk, &fault);
}

static void step_die(struct sim *sim)
{
    sim->town.split.die_at = sim->town.split.op_count + 1 + sim_draw(sim, 12);
}

void sim_step(struct sim *sim)
{
    static const struct {
        unsigned weight;
        void (*run)(struct sim *sim);
    } choices[] = {
        {50, step_requests}, {10, step_minutes}, {12, step_days}, {2, step_jump},
        {6, idle},           {6, tick},          {4, step_fault}, {6, step_die},
        {3, down},           {2, stop_clean},
    };
    uint64_t total = 0;
    uint64_t at;

    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
        total += choices[i].weight;
    sim->counts.steps++;
    at = sim_draw(sim, total);
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        if (at < choices[i].weight) {
            choices[i].run(sim);
            return;
        }
        at -= choices[i].weight;
    }
}

/* --- one seed --- */

static void model_forget(struct sim *sim)
{
    sim->saisines.count = 0;
    sim->situations.count = 0;
    sim->canary_count = 0;
    sim->last_published = 0;
    sim->moment_count = 0;
    sim->true_us = 1;
    sim->clock_was_wrong = false;
    sim->alarm_due = false;
    sim->checked_op = 0;
    sim->clock_off_us = 0;
    sim->failed = false;
    sim->hash = UINT64_C(0xcbf29ce484222325);
}

void sim_begin(struct sim *sim, uint64_t seed)
{
    struct town *town = &sim->town;

    model_forget(sim);
    sim->seed = seed;
    sim->random = seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    files_restore(sim);
    town_disk_set(town, sim_disk_clone(sim->genesis.disk));
    for (uint64_t i = seed % 64; i > 0; i--)
        sim_disk_draw(town->disk);
    town->split.random = seed;
    memcpy(town->agents, sim->genesis.agents, sizeof(town->agents));
    town->partner = sim->genesis.partner;
    town_options(town);
    town->options.batch_max = (unsigned[]){1, 4, 64}[sim_draw(sim, 3)];
    town->options.settings.retention_months = (int)sim_draw(sim, 2);
    if (sim->control == SIM_CONTROL_CLOCK_TRUSTED)
        town->options.settings.clock_jump_us = INT64_MAX;
    sim_open(sim);
}

/* Everything acknowledged is asked for again. */
static void repeat_all(struct sim *sim)
{
    for (unsigned i = 0; i < sim->sent_count && !sim->failed; i++) {
        if (!sim->sent[i].acked || !sim->sent[i].made_count)
            continue;
        sim_client_repeat(sim, i);
        turn(sim);
    }
}

static void store_check(struct sim *sim)
{
    struct engine_report report;
    struct ctps_err err = {0};

    if (engine_store_check(&sim->town.options, &report, &err) != CTPS_OK)
        sim_fail(sim, "the store's own check: %s", err.text);
    else if (!report.views_trusted)
        sim_fail(sim, "the views of a clean stop are not trusted");
    sim_hear(sim, report.digest_rebuilt, sizeof(report.digest_rebuilt));
}

void sim_settle(struct sim *sim)
{
    struct ctps_err err = {0};

    sim_disk_fault_set(sim->town.disk, NULL);
    sim->town.split.die_at = 0;
    sim->town.split.real_fault_at = 0;
    power_cut_now(sim, false);
    sim_open(sim);
    if (!sim->failed)
        tick(sim);
    if (!sim->failed)
        repeat_all(sim);
    if (!sim->failed)
        sim_audit(sim);
    if (sim->failed)
        return;
    if (engine_close(&sim->town.engine, true, &err) != CTPS_OK)
        sim_fail(sim, "cannot stop: %s", err.text);
    store_check(sim);
    if (!sim->failed)
        sim_audit_keys(sim);
    sim_audit_files(sim);
}

void sim_end(struct sim *sim)
{
    sim->town.split.dead = true;
    engine_close(&sim->town.engine, false, NULL);
    /* A confirmation may be on disk and never have been published: from one life to the next it
     * is the walk of the journal that judges. */
    sim->alarm_due = false;
    split_sys_revive(&sim->town.split, sim->town.disk);
    for (unsigned i = 0; i < sim->sent_count; i++)
        free((void *)(uintptr_t)sim->sent[i].body.data);
    sim->sent_count = 0;
}
