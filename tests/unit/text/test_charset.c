#include "base/utf8.h"
#include "text/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define LITERAL(text) (text), sizeof(text) - 1
#define BYTES(text)   bytes_of((text), sizeof(text) - 1)

static void detect_says_what_the_bytes_are(void **state)
{
    (void)state;
    assert_int_equal(text_charset_detect(BYTES("\xef\xbb\xbf"
                                               "a")),
                     TEXT_UTF8_MARK);
    assert_int_equal(text_charset_detect(BYTES("\xff\xfe"
                                               "a\0")),
                     TEXT_UTF16LE);
    assert_int_equal(text_charset_detect(BYTES("\xfe\xff\0a")), TEXT_UTF16BE);
    assert_int_equal(text_charset_detect(BYTES("caf\xc3\xa9")), TEXT_UTF8);
    assert_int_equal(text_charset_detect(BYTES("cafe")), TEXT_UTF8);
    assert_int_equal(text_charset_detect(BYTES("")), TEXT_UTF8);
    assert_int_equal(text_charset_detect(BYTES("caf\xe9")), TEXT_WINDOWS_1252);
    assert_int_equal(text_charset_detect(BYTES("caf\xc3")), TEXT_WINDOWS_1252);
}

struct conversion {
    enum text_charset charset;
    const char *in;
    size_t in_len;
    const char *out; /* NULL: refused */
    const char *said;
};

static const struct conversion conversions[] = {
    {TEXT_UTF8, LITERAL("caf\xc3\xa9"), "café", NULL},
    {TEXT_UTF8, LITERAL(""), "", NULL},
    {TEXT_UTF8_MARK, LITERAL("\xef\xbb\xbf\xc3\xa9"), "é", NULL},
    {TEXT_UTF8_MARK, LITERAL("\xef\xbb\xbf"), "", NULL},
    {TEXT_WINDOWS_1252, LITERAL("\x80 K\x9cnig \x8c \x92 \xe9\xff"), "€ Kœnig Œ ’ éÿ", NULL},
    {TEXT_WINDOWS_1252, LITERAL("\x9f\x8e\x9e\x85\x96"), "ŸŽž…–", NULL},
    {TEXT_UTF16LE, LITERAL("\xff\xfe\xe9\0\xac\x20\x34\xd8\x1e\xdd"), "é€𝄞", NULL},
    {TEXT_UTF16BE, LITERAL("\xfe\xff\0\xe9\x20\xac\xd8\x34\xdd\x1e"), "é€𝄞", NULL},
    {TEXT_UTF16BE, LITERAL("\xfe\xff"), "", NULL},
    {TEXT_UTF8, LITERAL("ab\xe9"), NULL, "byte 0xe9 at offset 2 is not UTF-8 text"},
    {TEXT_UTF8, LITERAL("a\0b"), NULL, "byte 0x00 at offset 1"},
    {TEXT_UTF8_MARK, LITERAL("\xef\xbb\xbf\xed\xa0\x80"), NULL, "byte 0xed at offset 3"},
    {TEXT_WINDOWS_1252, LITERAL("ab\x81"), NULL, "byte 0x81 at offset 2 is not windows-1252"},
    {TEXT_WINDOWS_1252, LITERAL("\0"), NULL, "byte 0x00 at offset 0"},
    {TEXT_UTF16LE, LITERAL("\xff\xfe\xe9\0\xac"), NULL, "offset 4 is not UTF-16LE"},
    {TEXT_UTF16LE, LITERAL("\xff\xfe\x34\xd8"), NULL, "offset 2"},
    {TEXT_UTF16LE, LITERAL("\xff\xfe\x34\xd8\x41\0"), NULL, "offset 2"},
    {TEXT_UTF16BE, LITERAL("\xfe\xff\xdd\x1e"), NULL, "offset 2"},
    {TEXT_UTF16BE, LITERAL("\xfe\xff\0\0"), NULL, "offset 2"},
};

static void convert_gives_utf8_or_the_place_of_the_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(conversions); i++) {
        const struct conversion *c = &conversions[i];
        struct ctps_err err = {0};
        enum ctps_code code;
        struct buf out;

        buf_init(&out);
        code = text_charset_convert(bytes_of(c->in, c->in_len), c->charset, &out, &err);
        buf_append(&out, "", 1);
        if (c->out) {
            assert_int_equal(code, CTPS_OK);
            assert_string_equal((char *)out.data, c->out);
        } else {
            assert_int_equal(code, CTPS_INVALID);
            if (!strstr(err.text, c->said))
                fail_msg("case %zu said \"%s\"", i, err.text);
        }
        buf_done(&out);
    }
}

static void convert_every_byte_of_windows_1252_is_mapped_or_refused(void **state)
{
    unsigned refused = 0;

    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t in = (uint8_t)byte;
        struct buf out;

        buf_init(&out);
        if (text_charset_convert(bytes_of(&in, 1), TEXT_WINDOWS_1252, &out, NULL))
            refused++;
        else
            assert_true(out.len > 0 && utf8_is_valid(buf_bytes(&out), NULL));
        buf_done(&out);
    }
    assert_int_equal(refused, 6); /* NUL, 81, 8D, 8F, 90, 9D */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detect_says_what_the_bytes_are),
        cmocka_unit_test(convert_gives_utf8_or_the_place_of_the_fault),
        cmocka_unit_test(convert_every_byte_of_windows_1252_is_mapped_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
