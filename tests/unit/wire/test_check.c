#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctps/command.pb-c.h"
#include "wire/check.h"

static void assert_string(enum wire_class class, const char *text, enum ctps_code code)
{
    const struct wire_limit limit = {"*", "*", class, .max = 10};
    struct wire_fault fault;

    if (wire_check_string(bytes_of_str(text), &limit, WIRE_STRICT, &fault) != code)
        fail_msg("%s \"%s\"", wire_class_name(class), text);
}

static void assert_strings(enum wire_class class, const char *const *texts, enum ctps_code code)
{
    for (; *texts; texts++)
        assert_string(class, *texts, code);
}

static void check_string_text_holds_lines_and_tabs_only(void **state)
{
    static const char *const good[] = {"", "a\nb\tc", "\xc3\xa9", "\xe2\x80\xa8", "-.", NULL};
    static const char *const bad[] = {"\r", "\x1b[0m", "\x7f", "\xc2\x85", "\xff", NULL};

    (void)state;
    assert_strings(WIRE_TEXT, good, CTPS_OK);
    assert_strings(WIRE_TEXT, bad, CTPS_INVALID);
}

static void check_string_line_breaks_nowhere(void **state)
{
    static const char *const good[] = {"", "L\xe2\x80\x99\xc3\xa9t\xc3\xa9", ".a", "-1", NULL};
    static const char *const bad[] = {
        "a\nb", "a\tb", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\x85", "\xc3", NULL};

    (void)state;
    assert_strings(WIRE_LINE, good, CTPS_OK);
    assert_strings(WIRE_LINE, bad, CTPS_INVALID);
    assert_strings(WIRE_KEY, good, CTPS_OK);
    assert_strings(WIRE_KEY, bad, CTPS_INVALID);
}

static void check_string_code_and_slug_have_their_letters(void **state)
{
    static const char *const codes[] = {"", "T3", "L121-6-2", "v1.2_x", "_a", NULL};
    static const char *const not_codes[] = {"..",  ".a",       "-a",  "a b",
                                            "a/b", "\xc3\xa9", "a\n", NULL};
    static const char *const slugs[] = {"", "web-2", "a", NULL};
    static const char *const not_slugs[] = {"Web", "-a", "a_b", "a.b", "\xc3\xa9", NULL};

    (void)state;
    assert_strings(WIRE_CODE, codes, CTPS_OK);
    assert_strings(WIRE_CODE, not_codes, CTPS_INVALID);
    assert_strings(WIRE_SLUG, slugs, CTPS_OK);
    assert_strings(WIRE_SLUG, not_slugs, CTPS_INVALID);
}

static void check_string_is_measured_as_its_class_says(void **state)
{
    static const char accents[] = "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9";

    (void)state;
    assert_string(WIRE_TEXT, accents, CTPS_OK); /* six code points, twelve bytes */
    assert_string(WIRE_LINE, accents, CTPS_OK);
    assert_string(WIRE_KEY, accents, CTPS_LIMIT);
    assert_string(WIRE_CODE, "abcdefghij", CTPS_OK);
    assert_string(WIRE_CODE, "abcdefghijk", CTPS_LIMIT);
}

/* Runs of one- and two-byte letters are passed over quickly: what interrupts or ends them is
 * still seen, and counted. */
static void check_string_looks_behind_a_run_of_letters(void **state)
{
    static const char *const malformed[] = {
        "ab\xc3\xa9\xc3",     "ab\xc3(",        "ab\xdf",
        "ab\xc1\x81",         "ab\xc3\xa9\xa9", "ab\xed\xa0\x80",
        "ab\xe3\x81",         "ab\xe3\x81z",    "ab\xe0\x80\x80",
        "ab\xf0\x8f\xbf\xbf", "ab\xf0\x9d\x84", "ab\xf0\x9d\x84z",
        "ab\xf4\x90\x80\x80"};
    static const char *const controls[] = {"ab\xc3\xa9\xc2\x85", "ab\xc3\xa9\x7f", "ab\x01"};

    (void)state;
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        assert_string(WIRE_TEXT, malformed[i], CTPS_INVALID);
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
        assert_string(WIRE_TEXT, controls[i], CTPS_INVALID);
    assert_string(WIRE_LINE, "ab\xe2\x80\xa8", CTPS_INVALID);
    assert_string(WIRE_TEXT, "ab\xe2\x80\xa8", CTPS_OK);
    assert_string(WIRE_TEXT, "a\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\n\tab\xc2\xa0z", CTPS_OK);
    assert_string(WIRE_LINE,
                  "a\xc3\xa9"
                  "a\xc3\xa9"
                  "a\xc3\xa9"
                  "a\xc3\xa9"
                  "a\xc3\xa9",
                  CTPS_OK);
    assert_string(WIRE_LINE,
                  "a\xc3\xa9"
                  "a\xc3\xa9"
                  "a\xc3\xa9"
                  "a\xc3\xa9"
                  "a\xc3\xa9"
                  "a",
                  CTPS_LIMIT);
}

static void check_bytes_within_their_lengths(void **state)
{
    const struct wire_limit limit = {"*", "*", WIRE_BYTES, .min = 2, .max = 4};
    struct wire_fault fault;

    (void)state;
    assert_int_equal(wire_check_bytes(1, &limit, WIRE_STRICT, &fault), CTPS_INVALID);
    assert_string_equal(fault.reason, "shorter than 2 bytes");
    assert_int_equal(wire_check_bytes(2, &limit, WIRE_STRICT, &fault), CTPS_OK);
    assert_int_equal(wire_check_bytes(4, &limit, WIRE_STRICT, &fault), CTPS_OK);
    assert_int_equal(wire_check_bytes(5, &limit, WIRE_STRICT, &fault), CTPS_LIMIT);
    assert_string_equal(fault.reason, "longer than 4 bytes");
    assert_int_equal(wire_check_bytes(5, NULL, WIRE_STORED, &fault), CTPS_OK);
}

static enum ctps_code check_number(ProtobufCType type, const char *name, uint64_t raw,
                                   enum wire_strictness strictness)
{
    const struct wire_limit unlimited = {"*", "*", WIRE_NUMBER, .max = 0};
    const ProtobufCFieldDescriptor field = {
        .name = name, .type = type, .descriptor = &ctps__object_kind__descriptor};
    struct wire_fault fault;

    return wire_check_varint(&field, raw, &unlimited, strictness, &fault);
}

static void check_varint_fits_its_type_in_both_modes(void **state)
{
    const uint64_t past = UINT64_C(1) << 32;

    (void)state;
    for (int i = 0; i < 2; i++) {
        enum wire_strictness mode = i ? WIRE_STORED : WIRE_STRICT;

        assert_int_equal(check_number(PROTOBUF_C_TYPE_UINT32, "n", past - 1, mode), CTPS_OK);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_UINT32, "n", past, mode), CTPS_INVALID);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_SINT32, "n", past - 1, mode), CTPS_OK);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_SINT32, "n", past, mode), CTPS_INVALID);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_INT32, "n", UINT64_MAX, mode), CTPS_OK);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_INT32, "n", 0x80000000, mode),
                         CTPS_INVALID);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_BOOL, "n", 1, mode), CTPS_OK);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_BOOL, "n", 2, mode), CTPS_INVALID);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_UINT64, "n", UINT64_MAX, mode), CTPS_OK);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_ENUM, "n", past, mode), CTPS_INVALID);
    }
}

static void check_varint_unknown_enum_value_is_for_stored_messages(void **state)
{
    (void)state;
    assert_int_equal(check_number(PROTOBUF_C_TYPE_ENUM, "kind", 1, WIRE_STRICT), CTPS_OK);
    assert_int_equal(check_number(PROTOBUF_C_TYPE_ENUM, "kind", 99, WIRE_STRICT),
                     CTPS_UNSUPPORTED);
    assert_int_equal(check_number(PROTOBUF_C_TYPE_ENUM, "kind", 99, WIRE_STORED), CTPS_OK);
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static void check_varint_days_lie_within_the_calendar(void **state)
{
    static const struct {
        int64_t day;
        enum ctps_code code;
    } cases[] = {
        {CIVIL_DAY_MIN, CTPS_OK},
        {CIVIL_DAY_MIN - 1, CTPS_INVALID},
        {CIVIL_DAY_MAX, CTPS_OK},
        {CIVIL_DAY_MAX + 1, CTPS_INVALID},
        {INT32_MIN, CTPS_INVALID},
        {INT32_MAX, CTPS_INVALID},
        {0, CTPS_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t raw = zigzag(cases[i].day);

        assert_int_equal(check_number(PROTOBUF_C_TYPE_SINT32, "birth_day", raw, WIRE_STRICT),
                         cases[i].code);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_SINT32, "day", raw, WIRE_STRICT),
                         cases[i].code);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_SINT32, "window", raw, WIRE_STRICT),
                         CTPS_OK);
        assert_int_equal(check_number(PROTOBUF_C_TYPE_SINT32, "day", raw, WIRE_STORED),
                         CTPS_OK);
    }
}

static void check_varint_instants_lie_within_the_calendar(void **state)
{
    const int64_t day_us = INT64_C(86400000000);
    const int64_t least = CIVIL_DAY_MIN * day_us;
    const int64_t past = (CIVIL_DAY_MAX + 1) * day_us;
    const ProtobufCType type = PROTOBUF_C_TYPE_INT64;

    (void)state;
    assert_int_equal(check_number(type, "time_us", (uint64_t)least, WIRE_STRICT), CTPS_OK);
    assert_int_equal(check_number(type, "time_us", (uint64_t)(least - 1), WIRE_STRICT),
                     CTPS_INVALID);
    assert_int_equal(check_number(type, "time_us", (uint64_t)(past - 1), WIRE_STRICT), CTPS_OK);
    assert_int_equal(check_number(type, "time_us", (uint64_t)past, WIRE_STRICT), CTPS_INVALID);
    assert_int_equal(check_number(type, "time_us", (uint64_t)INT64_MIN, WIRE_STRICT),
                     CTPS_INVALID);
    assert_int_equal(check_number(type, "count", (uint64_t)INT64_MIN, WIRE_STRICT), CTPS_OK);
    assert_int_equal(check_number(type, "time_us", (uint64_t)past, WIRE_STORED), CTPS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_string_text_holds_lines_and_tabs_only),
        cmocka_unit_test(check_string_line_breaks_nowhere),
        cmocka_unit_test(check_string_code_and_slug_have_their_letters),
        cmocka_unit_test(check_string_is_measured_as_its_class_says),
        cmocka_unit_test(check_string_looks_behind_a_run_of_letters),
        cmocka_unit_test(check_bytes_within_their_lengths),
        cmocka_unit_test(check_varint_fits_its_type_in_both_modes),
        cmocka_unit_test(check_varint_unknown_enum_value_is_for_stored_messages),
        cmocka_unit_test(check_varint_days_lie_within_the_calendar),
        cmocka_unit_test(check_varint_instants_lie_within_the_calendar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
