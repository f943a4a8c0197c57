/* A plugin's folder: measured whole, judged in a sentence, looked at the oftener the fuller. */
#include "host/quota.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const uint64_t mib = 1 << 20;

/* --- measuring --- */

static int forget(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static int setup(void **state)
{
    static char dir[32];

    strcpy(dir, "/tmp/ctps-quota.XXXXXX");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    return nftw(*state, forget, 64, FTW_DEPTH | FTW_PHYS);
}

static void file_make(const char *dir, const char *name, size_t len)
{
    static char bytes[1 << 16];
    char path[128];
    int fd;

    memset(bytes, 'x', sizeof(bytes));
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void usage_of_a_folder_counts_files_in_folders(void **state)
{
    const char *dir = *state;
    char inner[64];
    struct usage usage = usage_of(dir, mib);

    assert_int_equal(usage.bytes, 0);
    snprintf(inner, sizeof(inner), "%s/inner", dir);
    assert_int_equal(mkdir(inner, 0700), 0);
    file_make(dir, "a", 60000);
    file_make(inner, "b", 60000);
    usage = usage_of(dir, mib);
    assert_true(usage.bytes >= 120000 && usage.bytes < 140000);
    assert_false(usage.hides);
}

static void usage_of_empty_files_is_not_nothing(void **state)
{
    const char *dir = *state;
    char name[16];

    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof(name), "%d", i);
        file_make(dir, name, 0);
    }
    assert_int_equal(usage_of(dir, mib).bytes, 10 * 4096);
    assert_true(usage_of(dir, 5000).bytes < 10 * 4096); /* it stops when it is enough */
}

static void usage_of_a_folder_too_deep_hides(void **state)
{
    char path[256];
    size_t len = (size_t)snprintf(path, sizeof(path), "%s", (const char *)*state);

    for (int i = 0; i < USAGE_DEPTH_MAX; i++) {
        assert_false(usage_of(*state, mib).hides);
        len += (size_t)snprintf(path + len, sizeof(path) - len, "/d");
        assert_int_equal(mkdir(path, 0700), 0);
    }
    assert_true(usage_of(*state, mib).hides);
}

/* A process short of descriptors, as one short of memory, must not accuse its plugin. */
static void usage_without_descriptors_says_nothing(void **state)
{
    struct rlimit before;
    struct rlimit none;
    struct usage usage;
    int next = dup(0);

    assert_true(next >= 0);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){(rlim_t)next, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    usage = usage_of(*state, mib);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(usage.partial);
    assert_false(usage.hides);
    assert_false(usage_of(*state, mib).partial);
}

static void usage_of_what_is_not_there_is_nothing(void **state)
{
    struct usage usage = usage_of("/nowhere/at/all", mib);

    (void)state;
    assert_int_equal(usage.bytes, 0);
    assert_false(usage.hides);
}

/* --- judging --- */

static void judged(struct usage usage, uint64_t max, uint64_t left, const char *said)
{
    struct ctps_err err = {0};

    if (!said) {
        assert_int_equal(quota_judge("/d", &usage, max, left, &err), CTPS_OK);
        return;
    }
    assert_int_equal(quota_judge("/d", &usage, max, left, &err), CTPS_LIMIT);
    if (!strstr(err.text, said))
        fail_msg("\"%s\" does not say \"%s\"", err.text, said);
}

static void quota_judge_says_what_is_too_much(void **state)
{
    (void)state;
    judged((struct usage){.bytes = 5 * mib}, 5 * mib, 64 * mib, NULL);
    judged((struct usage){.bytes = 5 * mib + 1}, 5 * mib, 64 * mib, "the 5 MiB of `state_max`");
    judged((struct usage){.bytes = 5 * mib}, 5 * mib, 64 * mib - 1, "less than 64 MiB left");
    judged((struct usage){.hides = true}, 5 * mib, 64 * mib, "hides something");
}

/* --- how often --- */

static void quota_pause_is_shorter_the_less_room_is_left(void **state)
{
    struct usage none = {0};
    struct usage much = {.bytes = 4000 * mib};

    (void)state;
    assert_int_equal(quota_pause_ms(&none, 1 << 30, 1000000 * mib, 0), 1024);
    assert_int_equal(quota_pause_ms(&none, 100000 * mib, 1000000 * mib, 0), 10000);
    assert_int_equal(quota_pause_ms(&much, 4096 * mib, 1000000 * mib, 0), 100);
    assert_int_equal(quota_pause_ms(&much, 4000 * mib, 1000000 * mib, 0), 100);
    assert_int_equal(quota_pause_ms(&none, 100000 * mib, 564 * mib, 0), 500);
    assert_int_equal(quota_pause_ms(&none, 100000 * mib, 1 * mib, 0), 100);
}

static void quota_pause_leaves_time_for_others(void **state)
{
    struct usage much = {.bytes = 4000 * mib};

    (void)state;
    assert_int_equal(quota_pause_ms(&much, 4096 * mib, 1000000 * mib, 40000), 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(usage_of_a_folder_counts_files_in_folders, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(usage_of_empty_files_is_not_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(usage_of_a_folder_too_deep_hides, setup, teardown),
        cmocka_unit_test_setup_teardown(usage_without_descriptors_says_nothing, setup,
                                        teardown),
        cmocka_unit_test(usage_of_what_is_not_there_is_nothing),
        cmocka_unit_test(quota_judge_says_what_is_too_much),
        cmocka_unit_test(quota_pause_is_shorter_the_less_room_is_left),
        cmocka_unit_test(quota_pause_leaves_time_for_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
