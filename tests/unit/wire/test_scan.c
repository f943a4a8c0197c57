#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctps/command.pb-c.h"
#include "ctps/event.pb-c.h"
#include "sample.h"
#include "wire/wire.h"

enum {
    REQUEST_ID = 1,
    REQUEST_PURPOSE_TEXT = 3,
    REQUEST_DRY_RUN = 4,
    REQUEST_TERRITORY_SET = 12,
    REQUEST_SAISINE_RECEIVE = 30,
    REQUEST_SAISINE_ACCEPT = 31,
    REQUEST_KEY_REGISTER = 20,
    REQUEST_REFERENCE_LIST = 101,
    RECEIVE_DAY = 1,
    RECEIVE_MOTIVES = 9,
    RECEIVE_TEXT = 11,
    RECEIVE_PERSONS = 13,
    PERSON_IDENTITY = 1,
    IDENTITY_LAST_NAME = 1,
};

static const ProtobufCMessageDescriptor *const request = &ctps__request__descriptor;

static void assert_check(const ProtobufCMessageDescriptor *type, struct bytes data,
                         enum wire_strictness strictness, enum ctps_code code, const char *text)
{
    struct ctps_err err = {.text = ""};

    assert_int_equal(wire_check(type, data, strictness, &err), code);
    assert_string_equal(err.text, text);
}

static void assert_refused(struct buf *data, enum ctps_code code, const char *text)
{
    assert_check(request, buf_bytes(data), WIRE_STRICT, code, text);
    buf_done(data);
}

static void assert_accepted(struct buf *data)
{
    assert_refused(data, CTPS_OK, "");
}

/* A request whose command `number` is the message in `inner`, which is released. */
static struct buf request_of(uint32_t number, struct buf *inner)
{
    struct buf out;

    buf_init(&out);
    put_bytes(&out, number, buf_bytes(inner));
    buf_done(inner);
    return out;
}

static struct buf receive_with_str(uint32_t number, struct bytes text)
{
    struct buf inner;

    buf_init(&inner);
    put_bytes(&inner, number, text);
    return request_of(REQUEST_SAISINE_RECEIVE, &inner);
}

/* saisine_receive with `before` empty persons, then one whose last name is `name`. */
static struct buf receive_with_name(unsigned before, struct bytes name)
{
    struct buf identity;
    struct buf person;
    struct buf receive;

    buf_init(&identity);
    buf_init(&person);
    buf_init(&receive);
    put_bytes(&identity, IDENTITY_LAST_NAME, name);
    put_bytes(&person, PERSON_IDENTITY, buf_bytes(&identity));
    for (unsigned i = 0; i < before; i++)
        put_str(&receive, RECEIVE_PERSONS, "");
    put_bytes(&receive, RECEIVE_PERSONS, buf_bytes(&person));
    buf_done(&identity);
    buf_done(&person);
    return request_of(REQUEST_SAISINE_RECEIVE, &receive);
}

static void check_empty_request_is_accepted(void **state)
{
    (void)state;
    assert_check(request, bytes_of(NULL, 0), WIRE_STRICT, CTPS_OK, "");
}

static void check_every_command_with_every_field_is_accepted(void **state)
{
    unsigned commands = 0;

    (void)state;
    for (unsigned i = 0; i < request->n_fields; i++) {
        const struct wire_limits none = {.count = 0};
        struct buf data;

        if (!(request->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        buf_init(&data);
        sample_message(&data, request);
        sample_field(&data, &none, &request->fields[i]);
        assert_accepted(&data);
        commands++;
    }
    assert_int_equal(commands, request->n_fields - 4);
}

static void check_bad_text_names_the_path_and_not_the_content(void **state)
{
    struct buf data = receive_with_name(3, bytes_of_str("M\xfcller"));

    (void)state;
    assert_refused(&data, CTPS_INVALID,
                   "saisine_receive.persons[3].identity.last_name: not UTF-8");
}

static void check_nul_in_a_string_is_refused(void **state)
{
    struct buf data = receive_with_name(0, bytes_of("a\0b", 3));

    (void)state;
    assert_refused(&data, CTPS_INVALID,
                   "saisine_receive.persons[0].identity.last_name: holds a control character");
}

static void check_unknown_field_is_refused_at_every_level(void **state)
{
    struct buf data;
    struct buf inner;

    (void)state;
    buf_init(&data);
    put_number(&data, 9, 1);
    assert_refused(&data, CTPS_UNSUPPORTED, "9: unknown field");

    buf_init(&inner);
    put_str(&inner, 99, "x");
    data = request_of(REQUEST_SAISINE_RECEIVE, &inner);
    assert_refused(&data, CTPS_UNSUPPORTED, "saisine_receive.99: unknown field");
}

static void check_unknown_enum_value_is_refused(void **state)
{
    static const uint64_t bad[] = {CTPS__OBJECT_KIND__OBJECT_ENGAGEMENT + 1,
                                   UINT64_MAX /* -1 */, 0x7fffffff};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf inner;
        struct buf data;

        buf_init(&inner);
        put_number(&inner, 1, bad[i]);
        data = request_of(REQUEST_REFERENCE_LIST, &inner);
        assert_refused(&data, CTPS_UNSUPPORTED, "reference_list.kind: unknown value");
    }
}

static void check_enum_wider_than_its_type_is_refused(void **state)
{
    struct buf inner;
    struct buf data;

    (void)state;
    buf_init(&inner);
    put_number(&inner, 1, (UINT64_C(1) << 32) + 1); /* would be cut to OBJECT_SAISINE */
    data = request_of(REQUEST_REFERENCE_LIST, &inner);
    assert_refused(&data, CTPS_INVALID, "reference_list.kind: number out of range");
}

static void check_flag_other_than_0_or_1_is_refused(void **state)
{
    struct buf data;

    (void)state;
    buf_init(&data);
    put_number(&data, REQUEST_DRY_RUN, 2);
    assert_refused(&data, CTPS_INVALID, "dry_run: number out of range");
}

static void check_singular_field_given_twice_is_refused(void **state)
{
    struct buf data;

    (void)state;
    buf_init(&data);
    put_number(&data, REQUEST_DRY_RUN, 1);
    put_number(&data, REQUEST_DRY_RUN, 0);
    assert_refused(&data, CTPS_INVALID, "dry_run: given twice");
}

static void check_two_commands_are_refused(void **state)
{
    struct buf data;

    (void)state;
    buf_init(&data);
    put_str(&data, REQUEST_SAISINE_RECEIVE, "");
    put_str(&data, REQUEST_SAISINE_ACCEPT, "");
    assert_refused(&data, CTPS_INVALID,
                   "saisine_accept: excluded by another field of the same choice");
}

static void check_other_wire_type_is_refused(void **state)
{
    struct buf data;

    (void)state;
    buf_init(&data);
    put_number(&data, REQUEST_ID, 16);
    assert_refused(&data, CTPS_INVALID, "id: of another type");
    buf_init(&data);
    put_str(&data, REQUEST_DRY_RUN, "1");
    assert_refused(&data, CTPS_INVALID, "dry_run: of another type");
    buf_init(&data);
    put_tag(&data, REQUEST_DRY_RUN, PROTOBUF_C_WIRE_TYPE_32BIT);
    buf_append(&data, "\1\0\0\0", 4);
    assert_refused(&data, CTPS_INVALID, "dry_run: of another type");
}

static void check_groups_and_reserved_wire_types_are_refused(void **state)
{
    (void)state;
    for (unsigned wire_type = 3; wire_type < 8; wire_type++) {
        struct buf data;

        if (wire_type == PROTOBUF_C_WIRE_TYPE_32BIT)
            continue;
        buf_init(&data);
        put_tag(&data, REQUEST_DRY_RUN, wire_type);
        put_tag(&data, REQUEST_DRY_RUN, 4);
        assert_refused(&data, CTPS_INVALID, "dry_run: malformed");
        buf_init(&data);
        put_tag(&data, 99, wire_type);
        put_tag(&data, 99, 4);
        assert_check(request, buf_bytes(&data), WIRE_STORED, CTPS_INVALID, "99: malformed");
        buf_done(&data);
    }
}

static void check_malformed_bytes_are_refused(void **state)
{
    static const struct {
        struct bytes data;
        const char *text;
    } cases[] = {
        {{(const uint8_t *)"\x80", 1}, "message: malformed"},         /* tag cut short */
        {{(const uint8_t *)"\x00\x00", 2}, "message: malformed"},     /* field 0 */
        {{(const uint8_t *)"\x80\x00\x00", 3}, "message: malformed"}, /* the same, longer */
        {{(const uint8_t *)"\x88\x80\x80\x80\x80\x00", 6},
         "message: malformed"}, /* tag of six */
        {{(const uint8_t *)"\x80\x80\x80\x80\x10\x00", 6}, "message: malformed"}, /* 2^29 */
        {{(const uint8_t *)"\x0a", 1}, "id: malformed"}, /* no length */
        {{(const uint8_t *)"\x0a\x05"
                           "abc",
          5},
         "id: malformed"}, /* length past the end */
        {{(const uint8_t *)"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
         "id: malformed"},
        {{(const uint8_t *)"\x20", 1}, "dry_run: malformed"},
        {{(const uint8_t *)"\x20\x81", 2}, "dry_run: malformed"},
        {{(const uint8_t *)"\x20\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12},
         "dry_run: malformed"}, /* eleven bytes */
        {{(const uint8_t *)"\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11},
         "dry_run: malformed"}, /* 65 bits */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_check(request, cases[i].data, WIRE_STRICT, CTPS_INVALID, cases[i].text);
        assert_check(request, cases[i].data, WIRE_STORED, CTPS_INVALID, cases[i].text);
    }
}

static void check_every_truncation_of_a_message_is_refused(void **state)
{
    const struct wire_limits none = {.count = 0};
    struct buf data;

    (void)state;
    buf_init(&data);
    sample_field(&data, &none,
                 protobuf_c_message_descriptor_get_field(request, REQUEST_SAISINE_RECEIVE));
    for (size_t len = 1; len < data.len; len++)
        assert_int_equal(wire_check(request, bytes_of(data.data, len), WIRE_STRICT, NULL),
                         CTPS_INVALID);
    buf_done(&data);
}

static void check_counts_stop_at_their_limit(void **state)
{
    struct buf inner;
    struct buf data;

    (void)state;
    data = receive_with_name(15, bytes_of_str("Muller"));
    assert_accepted(&data);
    data = receive_with_name(16, bytes_of_str("Muller"));
    assert_refused(&data, CTPS_LIMIT, "saisine_receive.persons[16]: too many values");

    buf_init(&inner);
    for (unsigned i = 0; i < 9; i++)
        put_str(&inner, RECEIVE_MOTIVES, "errance");
    data = request_of(REQUEST_SAISINE_RECEIVE, &inner);
    assert_refused(&data, CTPS_LIMIT, "saisine_receive.motives[8]: too many values");

    buf_init(&inner);
    for (unsigned i = 0; i < 65; i++)
        put_str(&inner, 4, "Drouot");
    data = request_of(REQUEST_TERRITORY_SET, &inner);
    assert_refused(&data, CTPS_LIMIT, "territory_set.districts[64]: too many values");
}

static void check_texts_are_measured_in_code_points(void **state)
{
    struct buf inner;
    struct buf data;

    (void)state;
    for (unsigned len = 500; len <= 501; len++) {
        buf_init(&inner);
        put_repeated_char(&inner, RECEIVE_TEXT, "\xf0\x9f\x8f\xab", len);
        data = request_of(REQUEST_SAISINE_RECEIVE, &inner);
        if (len == 500)
            assert_accepted(&data);
        else
            assert_refused(&data, CTPS_LIMIT,
                           "saisine_receive.text: longer than 500 characters");
    }
}

static void check_lines_and_tabs_are_for_texts(void **state)
{
    struct buf data = receive_with_str(RECEIVE_TEXT, bytes_of_str("a\nb\tc"));

    (void)state;
    assert_accepted(&data);
    data = receive_with_str(RECEIVE_TEXT, bytes_of_str("a\rb"));
    assert_refused(&data, CTPS_INVALID, "saisine_receive.text: holds a control character");
    data = receive_with_str(12, bytes_of_str("a\nb"));
    assert_refused(&data, CTPS_INVALID, "saisine_receive.place: holds a control character");
}

static void check_code_with_other_characters_is_refused(void **state)
{
    struct buf data = receive_with_str(RECEIVE_MOTIVES, bytes_of_str("d\xc3\xa9tention"));

    (void)state;
    assert_refused(&data, CTPS_INVALID,
                   "saisine_receive.motives[0]: not a code (A-Z a-z 0-9 _ . -)");
}

static void check_bytes_of_another_length_are_refused(void **state)
{
    struct buf data;

    (void)state;
    for (size_t len = 0; len <= 17; len++) {
        buf_init(&data);
        put_repeated_char(&data, REQUEST_ID, "i", len);
        if (len == 16)
            assert_accepted(&data);
        else
            assert_refused(&data, CTPS_INVALID, "id: not 16 bytes");
    }
}

static void check_day_out_of_the_calendar_is_refused(void **state)
{
    struct buf inner;
    struct buf data;

    (void)state;
    buf_init(&inner);
    put_number(&inner, RECEIVE_DAY, 2 * (CIVIL_DAY_MAX + 1));
    data = request_of(REQUEST_SAISINE_RECEIVE, &inner);
    assert_refused(&data, CTPS_INVALID,
                   "saisine_receive.received_day: day outside the calendar");
}

static void check_stored_keeps_what_a_newer_version_wrote(void **state)
{
    struct buf data;

    (void)state;
    buf_init(&data);
    put_number(&data, 1, 99);       /* kind: an entry kind not known yet */
    put_str(&data, 500, "\xff\0x"); /* a field not known yet */
    put_repeated_char(&data, 10, "x", 5000);
    assert_check(&ctps__entry__descriptor, buf_bytes(&data), WIRE_STORED, CTPS_OK, "");
    buf_done(&data);
}

static void check_stored_refuses_text_that_is_not_text(void **state)
{
    struct buf data;

    (void)state;
    buf_init(&data);
    put_str(&data, 9, "\xc0\x80");
    assert_check(&ctps__entry__descriptor, buf_bytes(&data), WIRE_STORED, CTPS_INVALID,
                 "import_outcome: not UTF-8");
    buf_reset(&data);
    put_bytes(&data, 9, bytes_of("a\0", 2));
    assert_check(&ctps__entry__descriptor, buf_bytes(&data), WIRE_STORED, CTPS_INVALID,
                 "import_outcome: holds a control character");
    buf_done(&data);
}

static void check_repeated_numbers_in_one_run_are_read_one_by_one(void **state)
{
    struct buf data;

    (void)state;
    buf_init(&data);
    put_bytes(&data, 3, bytes_of("\x01\x80\x01", 3)); /* StoreRestored.erased, packed */
    put_number(&data, 3, 7);
    assert_check(&ctps__store_restored__descriptor, buf_bytes(&data), WIRE_STORED, CTPS_OK, "");
    put_bytes(&data, 3, bytes_of("\x01\x80", 2));
    assert_check(&ctps__store_restored__descriptor, buf_bytes(&data), WIRE_STORED, CTPS_INVALID,
                 "erased[4]: malformed");
    buf_done(&data);
}

/* No schema nests so deep: a type that holds itself, made here. */
static void check_nesting_stops_at_its_limit(void **state)
{
    static const ProtobufCIntRange ranges[] = {{1, 0}, {0, 1}};
    static ProtobufCFieldDescriptor field = {.name = "in",
                                             .id = 1,
                                             .label = PROTOBUF_C_LABEL_OPTIONAL,
                                             .type = PROTOBUF_C_TYPE_MESSAGE};
    static const ProtobufCMessageDescriptor type = {.magic =
                                                        PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
                                                    .short_name = "Nest",
                                                    .n_fields = 1,
                                                    .fields = &field,
                                                    .n_field_ranges = 1,
                                                    .field_ranges = ranges};
    uint8_t data[2 * WIRE_DEPTH_MAX];

    (void)state;
    field.descriptor = &type;
    for (unsigned i = 0; i < WIRE_DEPTH_MAX; i++) {
        data[2 * i] = 0x0a;
        data[2 * i + 1] = (uint8_t)(2 * (WIRE_DEPTH_MAX - 1 - i));
    }
    assert_check(&type, bytes_of(data + 2, sizeof(data) - 2), WIRE_STORED, CTPS_OK, "");
    assert_check(&type, bytes_of(data, sizeof(data)), WIRE_STORED, CTPS_LIMIT,
                 "in.in.in.in.in.in.in.in: nested too deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_empty_request_is_accepted),
        cmocka_unit_test(check_every_command_with_every_field_is_accepted),
        cmocka_unit_test(check_bad_text_names_the_path_and_not_the_content),
        cmocka_unit_test(check_nul_in_a_string_is_refused),
        cmocka_unit_test(check_unknown_field_is_refused_at_every_level),
        cmocka_unit_test(check_unknown_enum_value_is_refused),
        cmocka_unit_test(check_enum_wider_than_its_type_is_refused),
        cmocka_unit_test(check_flag_other_than_0_or_1_is_refused),
        cmocka_unit_test(check_singular_field_given_twice_is_refused),
        cmocka_unit_test(check_two_commands_are_refused),
        cmocka_unit_test(check_other_wire_type_is_refused),
        cmocka_unit_test(check_groups_and_reserved_wire_types_are_refused),
        cmocka_unit_test(check_malformed_bytes_are_refused),
        cmocka_unit_test(check_every_truncation_of_a_message_is_refused),
        cmocka_unit_test(check_counts_stop_at_their_limit),
        cmocka_unit_test(check_texts_are_measured_in_code_points),
        cmocka_unit_test(check_lines_and_tabs_are_for_texts),
        cmocka_unit_test(check_code_with_other_characters_is_refused),
        cmocka_unit_test(check_bytes_of_another_length_are_refused),
        cmocka_unit_test(check_day_out_of_the_calendar_is_refused),
        cmocka_unit_test(check_stored_keeps_what_a_newer_version_wrote),
        cmocka_unit_test(check_stored_refuses_text_that_is_not_text),
        cmocka_unit_test(check_repeated_numbers_in_one_run_are_read_one_by_one),
        cmocka_unit_test(check_nesting_stops_at_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
