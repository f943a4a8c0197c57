#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void bytes_equal_compares_content(void **state)
{
    (void)state;
    assert_true(bytes_equal(bytes_of_str("ab"), bytes_of("abc", 2)));
    assert_false(bytes_equal(bytes_of_str("ab"), bytes_of_str("ac")));
    assert_false(bytes_equal(bytes_of_str("ab"), bytes_of_str("a")));
    assert_true(bytes_equal(bytes_of(NULL, 0), bytes_of_str("")));
}

static void buf_append_grows_and_keeps_content(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf);
    for (int i = 0; i < 10000; i++) {
        uint8_t byte = (uint8_t)i;

        buf_append(&buf, &byte, 1);
    }
    assert_false(buf.failed);
    assert_int_equal(buf.len, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buf.data[i], (uint8_t)i);
    buf_done(&buf);
    assert_null(buf.data);
    buf_done(&buf);
}

static void buf_append_nothing_to_an_empty_buffer_is_nothing(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf);
    buf_append(&buf, NULL, 0);
    assert_non_null(buf_extend(&buf, 0));
    assert_int_equal(buf.len, 0);
    assert_false(buf.failed);
    buf_done(&buf);
}

static void buf_extend_impossible_size_stays_failed(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf);
    buf_append(&buf, "ab", 2);
    assert_null(buf_extend(&buf, SIZE_MAX / 2));
    assert_true(buf.failed);
    buf_append(&buf, "c", 1);
    assert_int_equal(buf.len, 2);
    buf_reset(&buf);
    assert_false(buf.failed);
    buf_append(&buf, "d", 1);
    assert_int_equal(buf.len, 1);
    buf_done(&buf);
}

static void buf_reset_wipes_what_was_written(void **state)
{
    struct buf buf;
    uint8_t *memory;

    (void)state;
    buf_init(&buf);
    buf_append(&buf, "secret", 6);
    memory = buf.data;
    buf_reset(&buf);
    assert_ptr_equal(buf.data, memory);
    assert_memory_equal(memory, "\0\0\0\0\0\0", 6);
    buf_done(&buf);
}

static void integers_have_their_byte_order(void **state)
{
    uint8_t out[8];

    (void)state;
    be64_put(out, 0x0102030405060708);
    assert_memory_equal(out, "\1\2\3\4\5\6\7\10", 8);
    assert_true(be64_get(out) == 0x0102030405060708);
    assert_true(le64_get(out) == 0x0807060504030201);
    assert_int_equal(be32_get(out), 0x01020304);
    assert_int_equal(le32_get(out), 0x04030201);
    le64_put(out, UINT64_MAX - 1);
    assert_memory_equal(out, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
    le32_put(out, 0xfffefdfc);
    assert_memory_equal(out, "\xfc\xfd\xfe\xff", 4);
    be32_put(out, 0xfffefdfc);
    assert_int_equal(be32_get(out), 0xfffefdfc);
}

static void hex_round_trips_and_refuses_the_rest(void **state)
{
    uint8_t out[3];
    char text[7];

    (void)state;
    hex_encode(text, "\x00\xab\xff", 3);
    assert_string_equal(text, "00abff");
    assert_true(hex_decode(out, 3, "00ABff"));
    assert_memory_equal(out, "\x00\xab\xff", 3);
    assert_false(hex_decode(out, 3, "00abf"));
    assert_false(hex_decode(out, 3, "00abff0"));
    assert_false(hex_decode(out, 3, "00abfg"));
    assert_false(hex_decode(out, 3, " 0abff"));
    assert_true(hex_decode(out, 0, ""));
}

/* ZeroMQ RFC 32: the test case of the specification. */
static void z85_reference_vector(void **state)
{
    static const uint8_t in[] = {0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b};
    uint8_t out[8];
    char text[11];

    (void)state;
    z85_encode(text, in, sizeof(in));
    assert_string_equal(text, "HelloWorld");
    assert_true(z85_decode(out, sizeof(out), text));
    assert_memory_equal(out, in, sizeof(in));
}

static void z85_decode_malformed_is_refused(void **state)
{
    uint8_t out[8];

    (void)state;
    assert_false(z85_decode(out, 8, "HelloWorl"));
    assert_false(z85_decode(out, 8, "HelloWorldX"));
    assert_false(z85_decode(out, 8, "Hello\"orld"));
    assert_false(z85_decode(out, 8, "Hello orld"));
    assert_false(z85_decode(out, 8, "#####World")); /* over 32 bits */
    assert_false(z85_decode(out, 7, "HelloWorl"));
    assert_true(z85_decode(out, 4, "%nSc0")); /* 0xffffffff, the largest */
    assert_false(z85_decode(out, 4, "%nSc1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_equal_compares_content),
        cmocka_unit_test(buf_append_grows_and_keeps_content),
        cmocka_unit_test(buf_append_nothing_to_an_empty_buffer_is_nothing),
        cmocka_unit_test(buf_extend_impossible_size_stays_failed),
        cmocka_unit_test(buf_reset_wipes_what_was_written),
        cmocka_unit_test(integers_have_their_byte_order),
        cmocka_unit_test(hex_round_trips_and_refuses_the_rest),
        cmocka_unit_test(z85_reference_vector),
        cmocka_unit_test(z85_decode_malformed_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
