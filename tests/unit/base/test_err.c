#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void err_set_fills_code_and_text(void **state)
{
    struct ctps_err err;

    (void)state;
    assert_int_equal(err_set(&err, CTPS_LIMIT, "segment %d of %s", 3, "x"), CTPS_LIMIT);
    assert_int_equal(err.code, CTPS_LIMIT);
    assert_string_equal(err.text, "segment 3 of x");
    assert_int_equal(err_set(NULL, CTPS_BUSY, "%d", 1), CTPS_BUSY);
}

static void err_set_around_its_own_text_keeps_it(void **state)
{
    struct ctps_err err;

    (void)state;
    err_set(&err, CTPS_IO, "disk");
    err_set(&err, CTPS_DAMAGED, "journal: %s", err.text);
    assert_string_equal(err.text, "journal: disk");
}

static void err_set_too_long_is_cut(void **state)
{
    struct ctps_err err;
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, CTPS_IO, "%s", text);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    err_set_errno(&err, EIO, "%s", text);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void err_set_errno_maps_causes(void **state)
{
    static const struct {
        int errnum;
        enum ctps_code code;
    } causes[] = {{ENOSPC, CTPS_NOSPACE}, {EDQUOT, CTPS_NOSPACE}, {ENOMEM, CTPS_NOMEM},
                  {ENOENT, CTPS_ABSENT},  {EEXIST, CTPS_EXISTS},  {EIO, CTPS_IO},
                  {EACCES, CTPS_IO}};
    struct ctps_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
        assert_int_equal(err_set_errno(&err, causes[i].errnum, "open"), causes[i].code);
    err_set_errno(&err, ENOENT, "open %s", "/x");
    assert_string_equal(err.text, "open /x: No such file or directory");
    assert_int_equal(err.code, CTPS_ABSENT);
}

static void err_code_name_is_distinct_for_every_code(void **state)
{
    (void)state;
    for (unsigned a = CTPS_OK; a <= CTPS_NOMEM; a++)
        for (unsigned b = CTPS_OK; b < a; b++)
            assert_string_not_equal(err_code_name(a), err_code_name(b));
    assert_string_equal(err_code_name(CTPS_DAMAGED), "damaged");
    assert_string_equal(err_code_name((enum ctps_code)999), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_set_fills_code_and_text),
        cmocka_unit_test(err_set_around_its_own_text_keeps_it),
        cmocka_unit_test(err_set_too_long_is_cut),
        cmocka_unit_test(err_set_errno_maps_causes),
        cmocka_unit_test(err_code_name_is_distinct_for_every_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
