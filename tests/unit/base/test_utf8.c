#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"

static size_t encode(uint8_t out[4], uint32_t point)
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (uint8_t)(0xc0 | point >> 6);
        out[1] = (uint8_t)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | point >> 12);
        out[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | point >> 18);
    out[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (point & 0x3f));
    return 4;
}

static void decode_every_scalar_value_gives_itself(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        uint8_t out[4];
        size_t len = encode(out, point);
        uint32_t read = UINT32_MAX;

        if (point >= 0xd800 && point <= 0xdfff) {
            assert_int_equal(utf8_decode(bytes_of(out, len), &read), 0);
            continue;
        }
        assert_int_equal(utf8_decode(bytes_of(out, len), &read), len);
        assert_int_equal(read, point);
        assert_int_equal(utf8_decode(bytes_of(out, len - 1), &read), 0);
    }
}

/* Every string of two bytes, against the table of RFC 3629 section 4. */
static void is_valid_every_byte_pair_follows_the_rfc(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            uint8_t text[2] = {(uint8_t)a, (uint8_t)b};
            bool pair = a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf;

            assert_int_equal(utf8_is_valid(bytes_of(text, 2), NULL),
                             (a < 0x80 && b < 0x80) || pair);
        }
    }
}

static void is_valid_malformed_text_is_refused(void **state)
{
    static const char *const bad[] = {
        "\xc0\x80",             /* overlong NUL */
        "\xc1\xbf",             /* overlong U+007F */
        "\xe0\x9f\xbf",         /* overlong U+07FF */
        "\xf0\x8f\xbf\xbf",     /* overlong U+FFFF */
        "\xed\xa0\x80",         /* U+D800 */
        "\xed\xbf\xbf",         /* U+DFFF */
        "\xf4\x90\x80\x80",     /* U+110000 */
        "\xf5\x80\x80\x80",     /* no such lead */
        "\xf8\x88\x80\x80\x80", /* five bytes */
        "\xe9",                 /* Latin-1 */
        "abc\xe2\x82",          /* cut short */
        "\x80",                 /* tail alone */
        "\xc3(",                /* tail missing */
        "\xe2\x82(",            /* last tail missing */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(utf8_is_valid(bytes_of_str(bad[i]), NULL));
}

static void is_valid_counts_code_points(void **state)
{
    size_t count = 99;

    (void)state;
    assert_true(utf8_is_valid(bytes_of("", 0), &count));
    assert_int_equal(count, 0);
    assert_true(utf8_is_valid(bytes_of(NULL, 0), &count));
    assert_true(utf8_is_valid(bytes_of_str("d\xc3\xa9j\xc3\xa0 \xe2\x82\xac \xf0\x9f\x8f\xab"),
                              &count));
    assert_int_equal(count, 8);
    assert_true(utf8_is_valid(bytes_of("a\0b", 3), &count));
    assert_int_equal(count, 3);
}

static void is_control_is_category_cc(void **state)
{
    size_t count = 0;

    (void)state;
    for (uint32_t point = 0; point <= 0x10ffff; point++)
        count += utf8_is_control(point);
    assert_int_equal(count, 65);
    assert_true(utf8_is_control('\0') && utf8_is_control('\n') && utf8_is_control(0x7f));
    assert_true(utf8_is_control(0x80) && utf8_is_control(0x9f));
    assert_false(utf8_is_control(' ') || utf8_is_control('~') || utf8_is_control(0xa0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_every_scalar_value_gives_itself),
        cmocka_unit_test(is_valid_every_byte_pair_follows_the_rfc),
        cmocka_unit_test(is_valid_malformed_text_is_refused),
        cmocka_unit_test(is_valid_counts_code_points),
        cmocka_unit_test(is_control_is_category_cc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
