#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim_disk.h"

enum { NAMES_LEN = 256 };

struct box {
    struct sim_disk *disk;
    const struct sys *sys;
};

static struct box box_new(uint64_t seed)
{
    struct box box = {.disk = sim_disk_new(seed)};

    box.sys = sim_disk_sys(box.disk);
    return box;
}

static int open_file(struct box *box, const char *path)
{
    int fd = box->sys->open(box->disk, path, O_RDWR | O_CREAT, 0600);

    assert_true(fd >= 0);
    return fd;
}

/* A flushed file of `len` bytes `c`, its name durable; left open. */
static int durable_file(struct box *box, const char *path, char c, size_t len)
{
    uint8_t data[16384];
    int fd = open_file(box, path);

    memset(data, c, len);
    assert_int_equal(sys_write_all(box->sys, fd, data, len, 0), 0);
    assert_int_equal(box->sys->fsync(box->disk, fd), 0);
    assert_int_equal(box->sys->sync_dir(box->disk, "."), 0);
    return fd;
}

static void write_run(struct box *box, int fd, char c, size_t len, int64_t offset)
{
    uint8_t data[16384];

    memset(data, c, len);
    assert_int_equal(box->sys->pwrite(box->disk, fd, data, len, offset), (ssize_t)len);
}

static struct sim_disk *cut(const struct box *box, enum sim_cut_policy policy, uint64_t pick)
{
    return sim_disk_cut(box->disk, &(struct sim_cut){.policy = policy, .pick = pick});
}

static bool holds(const struct sim_disk *disk, const char *path, const char *text)
{
    return bytes_equal(sim_disk_peek(disk, path), bytes_of_str(text));
}

/* Bytes equal to `c` among the first `len`. */
static size_t count_of(const struct sim_disk *disk, const char *path, char c)
{
    struct bytes content = sim_disk_peek(disk, path);
    size_t count = 0;

    for (size_t i = 0; i < content.len; i++)
        count += content.data[i] == (uint8_t)c;
    return count;
}

static void cut_flushed_drops_what_was_not_flushed(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 4);
    struct sim_disk *after;

    (void)state;
    write_run(&box, fd, 'y', 4, 0);
    assert_true(holds(box.disk, "a", "yyyy"));
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "xxxx"));
    sim_disk_free(&after);
    assert_int_equal(box.sys->fdatasync(box.disk, fd), 0);
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "yyyy"));
    sim_disk_free(&after);
    sim_disk_free(&box.disk);
}

static void cut_flushed_drops_names_not_flushed(void **state)
{
    struct box box = box_new(1);
    int fd = open_file(&box, "a");
    struct sim_disk *after;

    (void)state;
    write_run(&box, fd, 'x', 4, 0);
    assert_int_equal(box.sys->fsync(box.disk, fd), 0);
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_int_equal(sim_disk_sys(after)->open(after, "a", O_RDONLY, 0), -ENOENT);
    sim_disk_free(&after);
    assert_int_equal(box.sys->sync_dir(box.disk, "/"), 0);
    assert_int_equal(box.sys->rename(box.disk, "a", "b"), 0);
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "xxxx"));
    sim_disk_free(&after);
    after = cut(&box, SIM_CUT_ALL, 0);
    assert_true(holds(after, "b", "xxxx"));
    assert_int_equal(sim_disk_peek(after, "a").len, 0);
    sim_disk_free(&after);
    sim_disk_free(&box.disk);
}

static void cut_one_keeps_each_group_alone(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 4096);

    (void)state;
    write_run(&box, fd, 'y', 1024, 256);
    assert_int_equal(sim_disk_unit_count(box.disk, 512), 3);
    assert_int_equal(sim_disk_unit_count(box.disk, 4096), 1);
    for (uint64_t i = 0; i < 3; i++) {
        static const size_t lens[] = {256, 512, 256};
        struct sim_disk *after = cut(&box, SIM_CUT_ONE, i);

        assert_int_equal(count_of(after, "a", 'y'), lens[i]);
        sim_disk_free(&after);
    }
    sim_disk_free(&box.disk);
}

static void cut_torn_keeps_the_beginning_of_the_last_write(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 2048);
    struct sim_disk *after;

    (void)state;
    write_run(&box, fd, 'y', 512, 0);
    write_run(&box, fd, 'z', 1536, 512);
    assert_int_equal(sim_disk_torn_count(box.disk, 512), 3);
    after = cut(&box, SIM_CUT_TORN, 2);
    assert_int_equal(count_of(after, "a", 'y'), 512);
    assert_int_equal(count_of(after, "a", 'z'), 1024);
    assert_int_equal(count_of(after, "a", 'x'), 512);
    sim_disk_free(&after);
    sim_disk_free(&box.disk);
}

static void cut_random_reaches_every_subset(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 1536);
    unsigned seen = 0;

    (void)state;
    write_run(&box, fd, 'y', 1536, 0);
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sim_disk *after = cut(&box, SIM_CUT_RANDOM, seed);
        struct sim_disk *again = cut(&box, SIM_CUT_RANDOM, seed);
        struct bytes content = sim_disk_peek(after, "a");
        unsigned subset = 0;

        for (unsigned i = 0; i < 3; i++)
            subset |= (content.data[(size_t)i * 512] == 'y' ? 1u : 0u) << i;
        seen |= 1u << subset;
        assert_true(bytes_equal(content, sim_disk_peek(again, "a")));
        sim_disk_free(&after);
        sim_disk_free(&again);
    }
    assert_int_equal(seen, 0xff);
    sim_disk_free(&box.disk);
}

static void cut_random_later_write_without_earlier(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 512);
    unsigned seen = 0;

    (void)state;
    write_run(&box, fd, 'y', 512, 0);
    write_run(&box, fd, 'z', 512, 0);
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct sim_disk *after = cut(&box, SIM_CUT_RANDOM, seed);

        seen |= 1u << (sim_disk_peek(after, "a").data[0] - 'x');
        sim_disk_free(&after);
    }
    assert_int_equal(seen, 7);
    sim_disk_free(&box.disk);
}

static void failed_sync_is_not_made_good_by_a_later_one(void **state)
{
    struct box box = box_new(1);
    struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = EIO, .lost = true};
    int fd = durable_file(&box, "a", 'x', 4);
    struct sim_disk *after;

    (void)state;
    write_run(&box, fd, 'y', 4, 0);
    sim_disk_fault_set(box.disk, &fault);
    assert_int_equal(box.sys->fdatasync(box.disk, fd), -EIO);
    assert_int_equal(box.sys->fdatasync(box.disk, fd), 0);
    assert_true(holds(box.disk, "a", "yyyy"));
    after = cut(&box, SIM_CUT_ALL, 0);
    assert_true(holds(after, "a", "xxxx"));
    sim_disk_free(&after);
    write_run(&box, fd, 'y', 4, 0);
    assert_int_equal(box.sys->fdatasync(box.disk, fd), 0);
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "yyyy"));
    sim_disk_free(&after);
    sim_disk_free(&box.disk);
}

static void controls_flush_ignored_and_writes_lost(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 4);
    struct sim_disk *after;

    (void)state;
    sim_disk_sync_ignored(box.disk, true);
    write_run(&box, fd, 'y', 4, 0);
    assert_int_equal(box.sys->fsync(box.disk, fd), 0);
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "xxxx"));
    sim_disk_free(&after);
    sim_disk_sync_ignored(box.disk, false);
    sim_disk_writes_lost(box.disk, true);
    write_run(&box, fd, 'z', 4, 0);
    assert_int_equal(box.sys->fsync(box.disk, fd), 0);
    assert_true(holds(box.disk, "a", "zzzz"));
    after = cut(&box, SIM_CUT_ALL, 0);
    assert_true(holds(after, "a", "yyyy"));
    sim_disk_free(&after);
    sim_disk_free(&box.disk);
}

static void fault_strikes_the_nth_of_its_kind(void **state)
{
    struct box box = box_new(1);
    struct sim_fault once = {.kinds = SIM_OP_WRITE, .at = 2, .errnum = ENOSPC};
    struct sim_fault sticky = {.kinds = SIM_OP_ANY, .at = 1, .errnum = EIO, .sticky = true};
    int fd = durable_file(&box, "a", 'x', 8);
    uint8_t data[8] = {0};

    (void)state;
    sim_disk_fault_set(box.disk, &once);
    assert_int_equal(box.sys->pwrite(box.disk, fd, data, 8, 0), 8);
    assert_false(sim_disk_fault_hit(box.disk));
    assert_int_equal(box.sys->pwrite(box.disk, fd, data, 8, 0), -ENOSPC);
    assert_true(sim_disk_fault_hit(box.disk));
    assert_int_equal(box.sys->pwrite(box.disk, fd, data, 8, 0), 8);
    sim_disk_fault_set(box.disk, &sticky);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(box.sys->pread(box.disk, fd, data, 8, 0), -EIO);
        assert_int_equal(box.sys->open(box.disk, "a", O_RDONLY, 0), -EIO);
        assert_int_equal(box.sys->unlink(box.disk, "a"), -EIO);
    }
    sim_disk_free(&box.disk);
}

static void fault_without_errno_is_a_short_count(void **state)
{
    struct box box = box_new(1);
    struct sim_fault brief = {.kinds = SIM_OP_READ | SIM_OP_WRITE, .at = 1, .sticky = true};
    int fd = durable_file(&box, "a", 'x', 8);
    uint8_t data[8] = {0};

    (void)state;
    sim_disk_fault_set(box.disk, &brief);
    assert_int_equal(box.sys->pwrite(box.disk, fd, data, 8, 0), 4);
    assert_int_equal(box.sys->pread(box.disk, fd, data, 8, 0), 4);
    assert_int_equal(sys_write_all(box.sys, fd, data, 8, 0), 0);
    assert_int_equal(count_of(box.disk, "a", 0), 8);
    sim_disk_free(&box.disk);
}

static void kill_closes_files_and_keeps_the_page_cache(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 4);
    struct sim_disk *after;
    uint8_t data[4];

    (void)state;
    write_run(&box, fd, 'y', 4, 0);
    sim_disk_kill(box.disk);
    assert_int_equal(box.sys->pread(box.disk, fd, data, 4, 0), -EBADF);
    assert_true(holds(box.disk, "a", "yyyy"));
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "xxxx"));
    sim_disk_free(&after);
    sim_disk_free(&box.disk);
}

static void clone_keeps_what_is_not_flushed_apart(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 4);
    struct box copy;
    struct sim_disk *after;

    (void)state;
    write_run(&box, fd, 'y', 4, 0);
    copy = (struct box){.disk = sim_disk_clone(box.disk)};
    copy.sys = sim_disk_sys(copy.disk);
    assert_true(holds(copy.disk, "a", "yyyy"));
    assert_int_equal(copy.sys->fsync(copy.disk, open_file(&copy, "a")), 0);
    after = cut(&copy, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "yyyy"));
    sim_disk_free(&after);
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_true(holds(after, "a", "xxxx"));
    sim_disk_free(&after);
    assert_int_equal(sim_disk_draw(copy.disk), sim_disk_draw(box.disk));
    sim_disk_free(&copy.disk);
    sim_disk_free(&box.disk);
}

static int join(void *arg, const char *name)
{
    char *text = arg;
    size_t used = strlen(text);

    snprintf(text + used, NAMES_LEN - used, "%s ", name);
    return 0;
}

static void tree_behaves_as_posix(void **state)
{
    struct box box = box_new(1);
    const struct sys *sys = box.sys;
    char names[NAMES_LEN] = "";

    (void)state;
    assert_int_equal(sys->mkdir(box.disk, "d/e", 0700), -ENOENT);
    assert_int_equal(sys->mkdir(box.disk, "/d", 0700), 0);
    assert_int_equal(sys->mkdir(box.disk, "d/", 0700), 0);
    assert_int_equal(sys->open(box.disk, "d", O_RDWR, 0), -EISDIR);
    assert_int_equal(sys->open(box.disk, "d/f", O_RDWR, 0), -ENOENT);
    sys->close(box.disk, open_file(&box, "./d//f"));
    assert_int_equal(sys->open(box.disk, "d/f", O_RDWR | O_CREAT | O_EXCL, 0), -EEXIST);
    sys->close(box.disk, open_file(&box, "d/g"));
    assert_int_equal(sys->rename(box.disk, "d/g", "d/f"), 0);
    assert_int_equal(sys->rename(box.disk, "d/g", "d/f"), -ENOENT);
    sys->close(box.disk, open_file(&box, "d/h"));
    assert_int_equal(sys->rename(box.disk, "d", "k"), 0);
    assert_int_equal(sys->list_dir(box.disk, "k", join, names), 0);
    assert_string_equal(names, "f h ");
    assert_int_equal(sys->unlink(box.disk, "k/h"), 0);
    assert_int_equal(sys->unlink(box.disk, "k/h"), -ENOENT);
    assert_int_equal(sys->list_dir(box.disk, "d", join, names), -ENOENT);
    assert_int_equal(sys->sync_dir(box.disk, "k/f"), -ENOTDIR);
    sim_disk_free(&box.disk);
}

static void truncate_and_reopen_with_trunc(void **state)
{
    struct box box = box_new(1);
    int fd = durable_file(&box, "a", 'x', 1000);
    struct sim_disk *after;

    (void)state;
    assert_int_equal(box.sys->ftruncate(box.disk, fd, 10), 0);
    assert_int_equal(box.sys->ftruncate(box.disk, fd, 20), 0);
    assert_int_equal(box.sys->size(box.disk, fd), 20);
    assert_int_equal(count_of(box.disk, "a", 'x'), 10);
    assert_int_equal(sim_disk_unit_count(box.disk, 512), 2);
    after = cut(&box, SIM_CUT_FLUSHED, 0);
    assert_int_equal(sim_disk_peek(after, "a").len, 1000);
    sim_disk_free(&after);
    assert_true(box.sys->open(box.disk, "a", O_WRONLY | O_TRUNC, 0) >= 0);
    assert_int_equal(box.sys->size(box.disk, fd), 0);
    sim_disk_free(&box.disk);
}

static void clocks_and_boot_are_the_tests_own(void **state)
{
    struct box box = box_new(1);
    char first[64];
    char second[64];
    struct sim_disk *after;

    (void)state;
    sim_disk_wall_set(box.disk, 5000);
    sim_disk_clock_step(box.disk, 7);
    assert_int_equal(sys_wall_us(box.sys), 5007);
    assert_int_equal(sys_mono_us(box.sys), 1000007);
    assert_int_equal(box.sys->boot_mount_id(box.disk, "/", first, sizeof(first)), 0);
    after = cut(&box, SIM_CUT_ALL, 0);
    assert_int_equal(sim_disk_sys(after)->boot_mount_id(after, "/", second, sizeof(second)), 0);
    assert_string_not_equal(first, second);
    assert_int_equal(sys_wall_us(sim_disk_sys(after)), 5007);
    sim_disk_free(&after);
    sim_disk_free(&box.disk);
}

struct watched {
    uint64_t count;
    unsigned kinds;
};

static void watch(void *arg, enum sim_op kind, uint64_t number)
{
    struct watched *watched = arg;

    watched->count++;
    watched->kinds |= kind;
    assert_true(number > 0);
}

static void hook_sees_every_operation(void **state)
{
    struct box box = box_new(1);
    struct watched watched = {0};
    struct sim_counts counts;

    (void)state;
    sim_disk_hook_set(box.disk, watch, &watched);
    box.sys->close(box.disk, durable_file(&box, "a", 'x', 4));
    sim_disk_counts_get(box.disk, &counts);
    assert_int_equal(watched.count, 4);
    assert_int_equal(watched.kinds, SIM_OP_OPEN | SIM_OP_WRITE | SIM_OP_SYNC | SIM_OP_SYNC_DIR);
    assert_int_equal(counts.op_count, 4);
    assert_int_equal(counts.write_len, 4);
    assert_int_equal(counts.sync_count, 2);
    assert_int_equal(counts.open_count, 0);
    sim_disk_free(&box.disk);
}

static void same_seed_same_bytes(void **state)
{
    struct box one = box_new(9);
    struct box two = box_new(9);
    struct box other = box_new(10);
    uint8_t a[32];
    uint8_t b[32];
    uint8_t c[32];

    (void)state;
    sys_random(one.sys, a, sizeof(a));
    sys_random(two.sys, b, sizeof(b));
    sys_random(other.sys, c, sizeof(c));
    assert_memory_equal(a, b, sizeof(a));
    assert_memory_not_equal(a, c, sizeof(a));
    sim_disk_free(&one.disk);
    sim_disk_free(&two.disk);
    sim_disk_free(&other.disk);
}

static void dump_then_load_gives_the_same_files(void **state)
{
    struct box box = box_new(1);
    struct box back = box_new(2);
    char dir[] = "/tmp/sim_disk_XXXXXX";
    char path[128];

    (void)state;
    assert_non_null(mkdtemp(dir));
    sim_disk_put(box.disk, "d/a", bytes_of_str("hello"));
    sim_disk_put(box.disk, "d/b", bytes_of_str("there"));
    assert_int_equal(sim_disk_dump(box.disk, dir), 0);
    snprintf(path, sizeof(path), "%s/d", dir);
    assert_int_equal(sim_disk_load(back.disk, "e", path), 0);
    assert_true(holds(back.disk, "e/a", "hello"));
    assert_true(holds(back.disk, "e/b", "there"));
    snprintf(path, sizeof(path), "%s/d/a", dir);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof(path), "%s/d/b", dir);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof(path), "%s/d", dir);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir), 0);
    sim_disk_free(&box.disk);
    sim_disk_free(&back.disk);
}

static void write_file_atomically_survives_any_cut_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct box box = box_new(seed);
        struct sim_fault stop = {
            .kinds = SIM_OP_ANY, .at = 1 + seed % 6, .errnum = EIO, .sticky = true};
        struct sim_disk *after;
        int rc;

        assert_int_equal(sys_write_file(box.sys, "key", "old", 3, 0600), 0);
        sim_disk_fault_set(box.disk, &stop);
        rc = sys_write_file(box.sys, "key", "new", 3, 0600);
        after = cut(&box, SIM_CUT_RANDOM, seed);
        assert_true(holds(after, "key", "new") || (rc < 0 && holds(after, "key", "old")));
        sim_disk_free(&after);
        sim_disk_free(&box.disk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_flushed_drops_what_was_not_flushed),
        cmocka_unit_test(cut_flushed_drops_names_not_flushed),
        cmocka_unit_test(cut_one_keeps_each_group_alone),
        cmocka_unit_test(cut_torn_keeps_the_beginning_of_the_last_write),
        cmocka_unit_test(cut_random_reaches_every_subset),
        cmocka_unit_test(cut_random_later_write_without_earlier),
        cmocka_unit_test(failed_sync_is_not_made_good_by_a_later_one),
        cmocka_unit_test(controls_flush_ignored_and_writes_lost),
        cmocka_unit_test(fault_strikes_the_nth_of_its_kind),
        cmocka_unit_test(fault_without_errno_is_a_short_count),
        cmocka_unit_test(kill_closes_files_and_keeps_the_page_cache),
        cmocka_unit_test(clone_keeps_what_is_not_flushed_apart),
        cmocka_unit_test(tree_behaves_as_posix),
        cmocka_unit_test(truncate_and_reopen_with_trunc),
        cmocka_unit_test(clocks_and_boot_are_the_tests_own),
        cmocka_unit_test(hook_sees_every_operation),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(dump_then_load_gives_the_same_files),
        cmocka_unit_test(write_file_atomically_survives_any_cut_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
