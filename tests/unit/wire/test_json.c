#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "ctps/event.pb-c.h"
#include "sample.h"
#include "wire/json.h"
#include "wire/wire.h"

static void assert_json(const ProtobufCMessage *message, unsigned flags, const char *expected)
{
    json_t *value = wire_to_json(message, flags);
    char *text;

    assert_non_null(value);
    text = json_dumps(value, JSON_COMPACT);
    assert_string_equal(text, expected);
    free(text);
    json_decref(value);
}

static void to_json_absent_fields_are_left_out(void **state)
{
    Ctps__Notice notice = CTPS__NOTICE__INIT;
    char empty[] = "";

    (void)state;
    assert_json(&notice.base, 0, "{}");
    notice.has_id = 1;
    notice.has_tombstone = 1;
    notice.territory = empty;
    assert_json(&notice.base, 0, "{\"id\":0,\"territory\":\"\",\"tombstone\":false}");
}

static void to_json_notice_in_full(void **state)
{
    Ctps__Notice notice = CTPS__NOTICE__INIT;
    char reference[] = "T3-2026-0123";
    char code[] = "resolue";

    (void)state;
    notice.has_kind = 1;
    notice.kind = CTPS__OBJECT_KIND__OBJECT_LIST_VALUE;
    notice.has_id = 1;
    notice.id = 12 << 8 | 1;
    notice.reference = reference;
    notice.code = code;
    notice.has_day = 1;
    notice.day = 20777;
    notice.has_other_kind = 1;
    notice.other_kind = (Ctps__ObjectKind)99;
    notice.has_tombstone = 1;
    notice.tombstone = 1;
    assert_json(&notice.base, 0,
                "{\"kind\":\"list_value\",\"id\":3073,\"reference\":\"T3-2026-0123\","
                "\"code\":\"resolue\",\"day\":\"2026-11-20\",\"other_kind\":99,"
                "\"tombstone\":true}");
}

static void assert_instant(int64_t instant_us, const char *expected)
{
    Ctps__EventHeader header = CTPS__EVENT_HEADER__INIT;
    char text[64];

    header.has_time_us = 1;
    header.time_us = instant_us;
    snprintf(text, sizeof(text), "{\"time_us\":%s}", expected);
    assert_json(&header.base, 0, text);
}

static void to_json_instants_are_rfc_3339(void **state)
{
    (void)state;
    assert_instant(0, "\"1970-01-01T00:00:00.000000Z\"");
    assert_instant(-1, "\"1969-12-31T23:59:59.999999Z\"");
    assert_instant(1795170896789012, "\"2026-11-20T10:34:56.789012Z\"");
    assert_instant(-3155673600000000, "\"1870-01-01T00:00:00.000000Z\"");
    assert_instant(-3155760000000001, "-3155760000000001");
    assert_instant(INT64_MAX, "\"9223372036854775807\"");
    assert_instant(INT64_MIN, "\"-9223372036854775808\"");
}

static void assert_day(int32_t day, const char *expected)
{
    Ctps__DayRun run = CTPS__DAY_RUN__INIT;
    char text[64];

    run.has_day = 1;
    run.day = day;
    snprintf(text, sizeof(text), "{\"day\":%s}", expected);
    assert_json(&run.base, 0, text);
}

static void to_json_days_are_dates_within_the_calendar(void **state)
{
    (void)state;
    assert_day(0, "\"1970-01-01\"");
    assert_day(-36524, "\"1870-01-01\"");
    assert_day(-36526, "-36526");
    assert_day(84005, "\"2199-12-31\"");
    assert_day(84008, "84008");
    assert_day(INT32_MAX, "2147483647");
    assert_day(INT32_MIN, "-2147483648");
}

static void to_json_signed_number_that_is_no_day_stays_a_number(void **state)
{
    Ctps__DigestKeySet set = CTPS__DIGEST_KEY_SET__INIT;

    (void)state;
    set.has_window = 1;
    set.window = -3;
    assert_json(&set.base, 0, "{\"window\":-3}");
}

static void to_json_numbers_beyond_2_53_are_strings(void **state)
{
    Ctps__DelegationEnd end = CTPS__DELEGATION_END__INIT;

    (void)state;
    end.has_id = 1;
    end.id = (UINT64_C(1) << 53) - 1;
    assert_json(&end.base, 0, "{\"id\":9007199254740991}");
    end.id = UINT64_C(1) << 53;
    assert_json(&end.base, 0, "{\"id\":\"9007199254740992\"}");
    end.id = UINT64_MAX;
    assert_json(&end.base, 0, "{\"id\":\"18446744073709551615\"}");
}

static void to_json_bytes_are_hexadecimal(void **state)
{
    Ctps__KeyRevoke revoke = CTPS__KEY_REVOKE__INIT;
    uint8_t key[] = {0x00, 0xa7, 0xff};

    (void)state;
    revoke.has_public_key = 1;
    assert_json(&revoke.base, 0, "{\"public_key\":\"\"}");
    revoke.public_key = (ProtobufCBinaryData){.len = sizeof(key), .data = key};
    assert_json(&revoke.base, 0, "{\"public_key\":\"00a7ff\"}");
}

static void to_json_lists_appear_when_they_have_values_or_are_asked_for(void **state)
{
    Ctps__Territory territory = CTPS__TERRITORY__INIT;
    char drouot[] = "Drouot";
    char nouveau[] = "Nouveau Bassin";
    char *districts[] = {drouot, nouveau};

    (void)state;
    assert_json(&territory.base, 0, "{}");
    assert_json(&territory.base, WIRE_JSON_EMPTY_LISTS, "{\"districts\":[]}");
    territory.n_districts = 2;
    territory.districts = districts;
    assert_json(&territory.base, 0, "{\"districts\":[\"Drouot\",\"Nouveau Bassin\"]}");
}

static void to_json_lists_of_numbers_keep_their_order(void **state)
{
    Ctps__ImportUndone undone = CTPS__IMPORT_UNDONE__INIT;
    uint64_t saisines[] = {513, 257, UINT64_C(1) << 60};

    (void)state;
    undone.n_saisines = 3;
    undone.saisines = saisines;
    assert_json(&undone.base, 0, "{\"saisines\":[513,257,\"1152921504606846976\"]}");
}

static void to_json_command_stands_under_its_name(void **state)
{
    Ctps__SaisineReceive receive = CTPS__SAISINE_RECEIVE__INIT;
    Ctps__Identity identity = CTPS__IDENTITY__INIT;
    Ctps__Person person = CTPS__PERSON__INIT;
    Ctps__Person *persons[] = {&person};
    Ctps__Request request = CTPS__REQUEST__INIT;
    char name[] = "M\xc3\xbcller \"l\xe2\x80\x99"
                  "a\xc3\xaen\xc3\xa9\"";

    (void)state;
    identity.last_name = name;
    person.identity = &identity;
    receive.n_persons = 1;
    receive.persons = persons;
    request.command_case = CTPS__REQUEST__COMMAND_SAISINE_RECEIVE;
    request.saisine_receive = &receive;
    assert_json(&request.base, 0,
                "{\"saisine_receive\":{\"persons\":[{\"identity\":{\"last_name\":"
                "\"M\xc3\xbcller \\\"l\xe2\x80\x99"
                "a\xc3\xaen\xc3\xa9\\\"\"}}]}}");
}

static void to_json_every_command_gives_every_field(void **state)
{
    const ProtobufCMessageDescriptor *type = &ctps__request__descriptor;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const struct wire_limits none = {.count = 0};
        const ProtobufCMessageDescriptor *command = type->fields[i].descriptor;
        ProtobufCMessage *message = NULL;
        struct buf data;
        json_t *value;

        if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        buf_init(&data);
        sample_field(&data, &none, &type->fields[i]);
        assert_int_equal(
            wire_unpack(&arena, type, buf_bytes(&data), WIRE_STRICT, &message, NULL), CTPS_OK);
        value = wire_to_json(message, 0);
        assert_int_equal(json_object_size(value), 1);
        assert_int_equal(json_object_size(json_object_get(value, type->fields[i].name)),
                         command->n_fields);
        json_decref(value);
        buf_done(&data);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

static void to_json_text_that_is_not_utf8_gives_nothing(void **state)
{
    Ctps__Made made = CTPS__MADE__INIT;
    Ctps__Made *list[] = {&made};
    Ctps__Reply reply = CTPS__REPLY__INIT;
    char bad[] = "M\xfcller";

    (void)state;
    made.reference = bad;
    reply.n_made = 1;
    reply.made = list;
    assert_null(wire_to_json(&reply.base, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_json_absent_fields_are_left_out),
        cmocka_unit_test(to_json_notice_in_full),
        cmocka_unit_test(to_json_instants_are_rfc_3339),
        cmocka_unit_test(to_json_days_are_dates_within_the_calendar),
        cmocka_unit_test(to_json_signed_number_that_is_no_day_stays_a_number),
        cmocka_unit_test(to_json_numbers_beyond_2_53_are_strings),
        cmocka_unit_test(to_json_bytes_are_hexadecimal),
        cmocka_unit_test(to_json_lists_appear_when_they_have_values_or_are_asked_for),
        cmocka_unit_test(to_json_lists_of_numbers_keep_their_order),
        cmocka_unit_test(to_json_command_stands_under_its_name),
        cmocka_unit_test(to_json_every_command_gives_every_field),
        cmocka_unit_test(to_json_text_that_is_not_utf8_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
