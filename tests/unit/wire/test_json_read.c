#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "ctps/link.pb-c.h"
#include "wire/json.h"
#include "wire/wire.h"

static void assert_back(const ProtobufCMessageDescriptor *type, const char *text)
{
    ProtobufCMessage *message;
    struct ctps_err err = {0};
    struct arena arena;
    json_t *from = json_loads(text, 0, NULL);
    json_t *to;

    arena_init(&arena, 1 << 20);
    assert_non_null(from);
    if (wire_from_json(&arena, type, from, &message, &err) != CTPS_OK)
        fail_msg("%s", err.text);
    to = wire_to_json(message, 0);
    assert_true(json_equal(from, to));
    json_decref(to);
    json_decref(from);
    arena_done(&arena);
}

static void assert_wrong(const ProtobufCMessageDescriptor *type, const char *text,
                         const char *why)
{
    ProtobufCMessage *message = NULL;
    struct ctps_err err = {0};
    struct arena arena;
    json_t *from = json_loads(text, JSON_DECODE_ANY, NULL);

    arena_init(&arena, 1 << 20);
    assert_int_equal(wire_from_json(&arena, type, from, &message, &err), CTPS_INVALID);
    assert_string_equal(err.text, why);
    assert_null(message);
    json_decref(from);
    arena_done(&arena);
}

static void from_json_is_the_way_back(void **state)
{
    (void)state;
    assert_back(&ctps__notice__descriptor, "{}");
    assert_back(&ctps__notice__descriptor,
                "{\"kind\":\"list_value\",\"id\":3073,\"code\":\"é\",\"day\":\"2026-11-20\","
                "\"tombstone\":true,\"other\":\"18446744073709551615\"}");
    assert_back(&ctps__event_header__descriptor,
                "{\"incarnation\":\"00ff\",\"time_us\":\"2026-11-20T09:00:00.000001Z\"}");
    assert_back(&ctps__link_frame__descriptor,
                "{\"start\":{\"options\":[{\"name\":\"a\",\"items\":[\"b\",\"c\"]},"
                "{\"number\":-5}]}}");
    assert_back(&ctps__request__descriptor, "{\"id\":\"0a\",\"status_get\":{}}");
}

static void from_json_names_what_is_wrong(void **state)
{
    (void)state;
    assert_wrong(&ctps__notice__descriptor, "[]", "not a ctps.Notice");
    assert_wrong(&ctps__notice__descriptor, "{\"idd\":1}", "idd: no such field");
    assert_wrong(&ctps__notice__descriptor, "{\"id\":\"x\"}", "id: no value for it");
    assert_wrong(&ctps__notice__descriptor, "{\"code\":1}", "code: no value for it");
    assert_wrong(&ctps__notice__descriptor, "{\"kind\":\"cloud\"}", "kind: no value for it");
    assert_wrong(&ctps__event_header__descriptor, "{\"incarnation\":\"0\"}",
                 "incarnation: no value for it");
    assert_wrong(&ctps__event_header__descriptor, "{\"time_us\":\"yesterday\"}",
                 "time_us: no value for it");
    assert_wrong(&ctps__link_frame__descriptor, "{\"start\":{\"options\":{}}}",
                 "options: no value for it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_json_is_the_way_back),
        cmocka_unit_test(from_json_names_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
