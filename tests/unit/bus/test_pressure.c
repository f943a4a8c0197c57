#include "bus/pressure.h"

#include "base/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1024 * 1024 };

struct memory {
    const char *text; /* instead of the figures; NULL: none */
    long own_mib;
    bool is_absent;
};

static int fake_open(void *ctx, const char *path, int flags, mode_t mode)
{
    (void)flags;
    (void)mode;
    assert_string_equal(path, "/proc/self/statm");
    return ((struct memory *)ctx)->is_absent ? -ENOENT : 7;
}

static int fake_close(void *ctx, int fd)
{
    (void)ctx;
    assert_int_equal(fd, 7);
    return 0;
}

static ssize_t fake_pread(void *ctx, int fd, void *out, size_t len, int64_t offset)
{
    const struct memory *memory = ctx;
    long pages = memory->own_mib * (MIB / sysconf(_SC_PAGESIZE));

    assert_int_equal(fd, 7);
    assert_int_equal(offset, 0);
    if (memory->text)
        return snprintf(out, len, "%s", memory->text);
    return snprintf(out, len, "%ld %ld 50000 9 0 9 0\n", pages + 90000, pages + 50000);
}

static bool is_high_at(struct pressure *pressure, struct memory *memory, long own_mib)
{
    memory->own_mib = own_mib;
    return pressure_is_high(pressure);
}

static void pressure_is_high_once_for_each_growth(void **state)
{
    struct memory memory = {.own_mib = 20};
    const struct sys sys = {
        .ctx = &memory, .open = fake_open, .close = fake_close, .pread = fake_pread};
    struct pressure pressure;

    (void)state;
    pressure_open(&pressure, &sys, 100 * MIB);
    assert_false(is_high_at(&pressure, &memory, 20));
    assert_false(is_high_at(&pressure, &memory, 120));
    assert_true(is_high_at(&pressure, &memory, 121));
    assert_false(is_high_at(&pressure, &memory, 121));
    assert_false(is_high_at(&pressure, &memory, 221));
    assert_true(is_high_at(&pressure, &memory, 222));
    assert_false(is_high_at(&pressure, &memory, 10));
    assert_true(is_high_at(&pressure, &memory, 111));
    pressure_close(&pressure);
}

static void pressure_unknown_is_never_high(void **state)
{
    struct memory memory = {.is_absent = true};
    const struct sys sys = {
        .ctx = &memory, .open = fake_open, .close = fake_close, .pread = fake_pread};
    struct pressure pressure;

    (void)state;
    pressure_open(&pressure, &sys, 1);
    assert_false(is_high_at(&pressure, &memory, 1000));
    pressure_close(&pressure);
    memory = (struct memory){.text = "1 2 junk"};
    pressure_open(&pressure, &sys, 1);
    assert_false(pressure_is_high(&pressure));
    memory.text = "9 1 2";
    assert_false(pressure_is_high(&pressure));
    pressure_close(&pressure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pressure_is_high_once_for_each_growth),
        cmocka_unit_test(pressure_unknown_is_never_high),
    };

    return cmocka_run_group_tests_name("bus_pressure", tests, NULL, NULL);
}
