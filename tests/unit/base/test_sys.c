#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The real machine, with faults put in: short transfers, failures at the n-th call. */
struct faulty {
    struct sys sys;
    size_t most;     /* bytes one transfer may move */
    int fsync_error; /* negated errno, 0: none */
    int rename_error;
    int dir_syncs;
};

static ssize_t short_pread(void *ctx, int fd, void *out, size_t len, int64_t offset)
{
    const struct faulty *faulty = ctx;

    return sys_real()->pread(NULL, fd, out, len < faulty->most ? len : faulty->most, offset);
}

static ssize_t short_pwrite(void *ctx, int fd, const void *data, size_t len, int64_t offset)
{
    const struct faulty *faulty = ctx;

    return sys_real()->pwrite(NULL, fd, data, len < faulty->most ? len : faulty->most, offset);
}

static int failing_fsync(void *ctx, int fd)
{
    const struct faulty *faulty = ctx;

    return faulty->fsync_error ? faulty->fsync_error : sys_real()->fsync(NULL, fd);
}

static int failing_rename(void *ctx, const char *from, const char *to)
{
    const struct faulty *faulty = ctx;

    return faulty->rename_error ? faulty->rename_error : sys_real()->rename(NULL, from, to);
}

static int counted_sync_dir(void *ctx, const char *path)
{
    struct faulty *faulty = ctx;

    faulty->dir_syncs++;
    return sys_real()->sync_dir(NULL, path);
}

static void faulty_init(struct faulty *faulty)
{
    *faulty = (struct faulty){.sys = *sys_real(), .most = 3};
    faulty->sys.ctx = faulty;
    faulty->sys.pread = short_pread;
    faulty->sys.pwrite = short_pwrite;
    faulty->sys.fsync = failing_fsync;
    faulty->sys.rename = failing_rename;
    faulty->sys.sync_dir = counted_sync_dir;
}

static char folder[64];

static int folder_make(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/ctps-sys-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int name_remove(void *arg, const char *name)
{
    char path[512];

    (void)arg;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return remove(path);
}

static int folder_remove(void **state)
{
    (void)state;
    if (sys_real()->list_dir(NULL, folder, name_remove, NULL) < 0)
        return -1;
    return rmdir(folder);
}

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file_then_read_file_round_trips(void **state)
{
    const struct sys *sys = sys_real();
    struct stat st;
    char out[16];

    (void)state;
    assert_int_equal(sys_write_file(sys, path_of("a"), "hello", 5, 0600), 0);
    assert_int_equal(sys_read_file(sys, path_of("a"), out, sizeof(out)), 5);
    assert_memory_equal(out, "hello", 5);
    assert_int_equal(stat(path_of("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(access(path_of("a.new"), F_OK), -1);
    assert_int_equal(sys_write_file(sys, path_of("a"), "", 0, 0600), 0);
    assert_int_equal(sys_read_file(sys, path_of("a"), out, sizeof(out)), 0);
}

static void read_file_missing_or_too_long_says_so(void **state)
{
    const struct sys *sys = sys_real();
    char out[16];

    (void)state;
    assert_int_equal(sys_read_file(sys, path_of("none"), out, sizeof(out)), -ENOENT);
    assert_int_equal(sys_write_file(sys, path_of("a"), "hello", 5, 0600), 0);
    assert_int_equal(sys_read_file(sys, path_of("a"), out, 4), -EFBIG);
    assert_int_equal(sys_read_file(sys, path_of("a"), out, 5), 5);
    assert_int_equal(sys_read_file(sys, folder, out, sizeof(out)) < 0, 1);
}

static void transfers_go_on_after_short_ones(void **state)
{
    struct faulty faulty;
    char out[16];

    (void)state;
    faulty_init(&faulty);
    assert_int_equal(sys_write_file(&faulty.sys, path_of("a"), "hello world", 11, 0600), 0);
    assert_int_equal(sys_read_file(&faulty.sys, path_of("a"), out, sizeof(out)), 11);
    assert_memory_equal(out, "hello world", 11);
    assert_int_equal(faulty.dir_syncs, 1);
    faulty.most = 0;
    assert_int_equal(sys_write_file(&faulty.sys, path_of("a"), "x", 1, 0600), -EIO);
    assert_int_equal(sys_read_file(&faulty.sys, path_of("a"), out, sizeof(out)), -ENODATA);
}

static void write_file_failing_leaves_the_old_content(void **state)
{
    struct faulty faulty;
    char out[16];

    (void)state;
    faulty_init(&faulty);
    assert_int_equal(sys_write_file(&faulty.sys, path_of("a"), "old", 3, 0600), 0);
    faulty.fsync_error = -EIO;
    assert_int_equal(sys_write_file(&faulty.sys, path_of("a"), "new", 3, 0600), -EIO);
    faulty.fsync_error = 0;
    faulty.rename_error = -ENOSPC;
    assert_int_equal(sys_write_file(&faulty.sys, path_of("a"), "new", 3, 0600), -ENOSPC);
    assert_int_equal(sys_read_file(&faulty.sys, path_of("a"), out, sizeof(out)), 3);
    assert_memory_equal(out, "old", 3);
    assert_int_equal(access(path_of("a.new"), F_OK), -1);
}

/* As a crash between open and rename leaves it: other content, another mode. */
static void write_file_replaces_a_leftover(void **state)
{
    const struct sys *sys = sys_real();
    int fd = sys->open(NULL, path_of("a.new"), O_WRONLY | O_CREAT, 0644);
    struct stat st;
    char out[16];

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(sys->pwrite(NULL, fd, "leftover", 8, 0), 8);
    assert_int_equal(sys->close(NULL, fd), 0);
    assert_int_equal(sys_write_file(sys, path_of("a"), "new", 3, 0400), 0);
    assert_int_equal(sys_read_file(sys, path_of("a"), out, sizeof(out)), 3);
    assert_int_equal(stat(path_of("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0400);
    assert_int_equal(sys_write_file(sys, path_of("a"), "newer", 5, 0400), 0);
}

static void paths_too_long_are_refused(void **state)
{
    char path[5000];

    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(sys_write_file(sys_real(), path, "", 0, 0600), -ENAMETOOLONG);
}

static void files_have_their_size_and_can_be_cut(void **state)
{
    const struct sys *sys = sys_real();
    int fd = sys->open(NULL, path_of("a"), O_RDWR | O_CREAT, 0600);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(sys_write_all(sys, fd, "hello", 5, 10), 0);
    assert_int_equal(sys->size(NULL, fd), 15);
    assert_int_equal(sys->ftruncate(NULL, fd, 12), 0);
    assert_int_equal(sys->size(NULL, fd), 12);
    assert_int_equal(sys->fdatasync(NULL, fd), 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(sys->close(NULL, fd), 0);
    assert_int_equal(sys->size(NULL, fd), -EBADF);
}

static int name_count(void *arg, const char *name)
{
    int *count = arg;

    (*count)++;
    return strcmp(name, "stop") == 0 ? 7 : 0;
}

static void list_dir_gives_every_name_and_stops_when_told(void **state)
{
    const struct sys *sys = sys_real();
    int count = 0;

    (void)state;
    assert_int_equal(sys->list_dir(NULL, folder, name_count, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(sys_write_file(sys, path_of("a"), "", 0, 0600), 0);
    assert_int_equal(sys_write_file(sys, path_of(".b"), "", 0, 0600), 0);
    assert_int_equal(sys->mkdir(NULL, path_of("c"), 0700), 0);
    assert_int_equal(sys->mkdir(NULL, path_of("c"), 0700), 0);
    assert_int_equal(sys->list_dir(NULL, folder, name_count, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(sys_write_file(sys, path_of("stop"), "", 0, 0600), 0);
    assert_int_equal(sys->list_dir(NULL, folder, name_count, &count), 7);
    assert_int_equal(sys->list_dir(NULL, path_of("none"), name_count, &count), -ENOENT);
}

static void clocks_and_random_answer(void **state)
{
    const struct sys *sys = sys_real();
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    int64_t first = sys_mono_us(sys);

    (void)state;
    assert_true(sys_mono_us(sys) >= first);
    assert_true(sys_wall_us(sys) > INT64_C(1700000000000000));
    sys_random(sys, a, sizeof(a));
    sys_random(sys, b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

static void boot_mount_id_is_stable_and_bounded(void **state)
{
    const struct sys *sys = sys_real();
    char a[128];
    char b[128];

    (void)state;
    assert_int_equal(sys->boot_mount_id(NULL, folder, a, sizeof(a)), 0);
    assert_int_equal(sys->boot_mount_id(NULL, folder, b, sizeof(b)), 0);
    assert_string_equal(a, b);
    assert_true(strlen(a) > 36);
    assert_int_equal(sys->boot_mount_id(NULL, folder, a, 8), -ENAMETOOLONG);
    assert_int_equal(sys->boot_mount_id(NULL, path_of("none"), b, sizeof(b)), -ENOENT);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(write_file_then_read_file_round_trips),
        IN_FOLDER(read_file_missing_or_too_long_says_so),
        IN_FOLDER(transfers_go_on_after_short_ones),
        IN_FOLDER(write_file_failing_leaves_the_old_content),
        IN_FOLDER(write_file_replaces_a_leftover),
        IN_FOLDER(paths_too_long_are_refused),
        IN_FOLDER(files_have_their_size_and_can_be_cut),
        IN_FOLDER(list_dir_gives_every_name_and_stops_when_told),
        IN_FOLDER(clocks_and_random_answer),
        IN_FOLDER(boot_mount_id_is_stable_and_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
