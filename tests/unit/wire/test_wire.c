#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctps/command.pb-c.h"
#include "ctps/event.pb-c.h"
#include "sample.h"
#include "wire/wire.h"

static const ProtobufCMessageDescriptor *const request = &ctps__request__descriptor;

static void unpack_then_pack_gives_the_bytes_of_every_command(void **state)
{
    const struct wire_limits none = {.count = 0};
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < request->n_fields; i++) {
        ProtobufCMessage *message = NULL;
        struct bytes packed;
        struct buf data;

        if (!(request->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        buf_init(&data);
        sample_message(&data, request);
        sample_field(&data, &none, &request->fields[i]);
        assert_int_equal(
            wire_unpack(&arena, request, buf_bytes(&data), WIRE_STRICT, &message, NULL),
            CTPS_OK);
        assert_int_equal(((Ctps__Request *)message)->command_case, request->fields[i].id);
        assert_int_equal(wire_pack(&arena, message, &packed), CTPS_OK);
        assert_true(bytes_equal(packed, buf_bytes(&data)));
        buf_done(&data);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

static void unpack_reads_the_fields_of_a_command(void **state)
{
    ProtobufCMessage *message = NULL;
    struct arena arena;
    Ctps__Request *read;

    (void)state;
    arena_init(&arena, 1 << 16);
    assert_int_equal(
        wire_unpack(&arena, request, bytes_of(NULL, 0), WIRE_STRICT, &message, NULL), CTPS_OK);
    assert_int_equal(((Ctps__Request *)message)->command_case, CTPS__REQUEST__COMMAND__NOT_SET);
    assert_int_equal(wire_unpack(&arena, request,
                                 bytes_of("\x92\x07\x0a\x0a\x06Muller\x10\x27", 13),
                                 WIRE_STRICT, &message, NULL),
                     CTPS_OK);
    read = (Ctps__Request *)message;
    assert_int_equal(read->command_case, CTPS__REQUEST__COMMAND_NAME_SEARCH);
    assert_string_equal(read->name_search->name, "Muller");
    assert_true(read->name_search->has_birth_day);
    assert_int_equal(read->name_search->birth_day, -20);
    assert_false(read->has_id);
    arena_done(&arena);
}

static void unpack_stored_keeps_unknown_fields_when_packed_again(void **state)
{
    ProtobufCMessage *message = NULL;
    struct arena arena;
    struct bytes packed;
    struct buf data;

    (void)state;
    arena_init(&arena, 1 << 16);
    buf_init(&data);
    put_number(&data, 1, 2);
    put_str(&data, 500, "later");
    put_number(&data, 501, 77);
    assert_int_equal(wire_unpack(&arena, &ctps__entry__descriptor, buf_bytes(&data),
                                 WIRE_STORED, &message, NULL),
                     CTPS_OK);
    assert_int_equal(message->n_unknown_fields, 2);
    assert_int_equal(wire_pack(&arena, message, &packed), CTPS_OK);
    assert_true(bytes_equal(packed, buf_bytes(&data)));
    buf_done(&data);
    arena_done(&arena);
}

static void unpack_refused_leaves_ret_and_arena_alone(void **state)
{
    ProtobufCMessage *message = NULL;
    struct ctps_err err;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 16);
    assert_int_equal(
        wire_unpack(&arena, request, bytes_of("\x48\x01", 2), WIRE_STRICT, &message, &err),
        CTPS_UNSUPPORTED);
    assert_string_equal(err.text, "9: unknown field");
    assert_null(message);
    assert_int_equal(arena.used, 0);
    arena_done(&arena);
}

/* 4 KB that would unpack to some 40 times as much: 2,000 empty made, 2 bytes each. */
static void unpack_amplification_stops_at_the_arenas_cap(void **state)
{
    ProtobufCMessage *message = NULL;
    struct ctps_err err;
    struct arena arena;
    struct buf data;

    (void)state;
    buf_init(&data);
    for (unsigned i = 0; i < 2000; i++)
        put_str(&data, 7, "");
    arena_init(&arena, 1 << 16);
    assert_int_equal(wire_unpack(&arena, &ctps__entry__descriptor, buf_bytes(&data),
                                 WIRE_STORED, &message, &err),
                     CTPS_LIMIT);
    assert_string_equal(err.text, "message: takes more than 65536 bytes when unpacked");
    assert_null(message);
    assert_true(arena.used <= arena.cap);
    arena_done(&arena);

    arena_init(&arena, 1 << 20);
    assert_int_equal(wire_unpack(&arena, &ctps__entry__descriptor, buf_bytes(&data),
                                 WIRE_STORED, &message, &err),
                     CTPS_OK);
    assert_int_equal(((Ctps__Entry *)message)->n_made, 2000);
    assert_true(arena.used > 20 * data.len);
    arena_done(&arena);
    buf_done(&data);
}

static void unpack_any_cap_gives_the_message_or_a_limit(void **state)
{
    const struct wire_limits none = {.count = 0};
    size_t needed = 0;
    struct buf data;

    (void)state;
    buf_init(&data);
    sample_field(&data, &none, protobuf_c_message_descriptor_get_field(request, 61));
    for (size_t cap = 0; needed == 0; cap += 16) {
        ProtobufCMessage *message = NULL;
        struct arena arena;
        enum ctps_code code;

        arena_init(&arena, cap);
        code = wire_unpack(&arena, request, buf_bytes(&data), WIRE_STRICT, &message, NULL);
        assert_true(code == CTPS_LIMIT || code == CTPS_OK);
        assert_true((message != NULL) == (code == CTPS_OK));
        needed = code == CTPS_OK ? cap : 0;
        arena_done(&arena);
    }
    assert_true(needed > data.len);
    buf_done(&data);
}

static void pack_past_the_cap_is_a_limit(void **state)
{
    Ctps__NameSearch search = CTPS__NAME_SEARCH__INIT;
    char name[] = "Muller, first name not known";
    struct arena arena;
    struct bytes packed;

    (void)state;
    search.name = name;
    arena_init(&arena, 16);
    assert_int_equal(wire_pack(&arena, &search.base, &packed), CTPS_LIMIT);
    arena_done(&arena);
}

static void pack_buf_appends_what_pack_gives(void **state)
{
    Ctps__NameSearch search = CTPS__NAME_SEARCH__INIT;
    Ctps__Reload reload = CTPS__RELOAD__INIT;
    char name[] = "Muller";
    struct arena arena;
    struct bytes packed;
    struct buf buf;

    (void)state;
    search.name = name;
    arena_init(&arena, 1 << 12);
    buf_init(&buf);
    assert_int_equal(wire_pack(&arena, &reload.base, &packed), CTPS_OK);
    assert_int_equal(packed.len, 0);
    assert_int_equal(wire_pack(&arena, &search.base, &packed), CTPS_OK);
    assert_int_equal(wire_pack_buf(&buf, &search.base), CTPS_OK);
    assert_int_equal(wire_pack_buf(&buf, &reload.base), CTPS_OK);
    assert_int_equal(wire_pack_buf(&buf, &search.base), CTPS_OK);
    assert_int_equal(buf.len, 2 * packed.len);
    assert_memory_equal(buf.data, packed.data, packed.len);
    assert_memory_equal(buf.data + packed.len, packed.data, packed.len);
    buf.failed = true;
    assert_int_equal(wire_pack_buf(&buf, &search.base), CTPS_NOMEM);
    assert_int_equal(wire_pack_buf(&buf, &reload.base), CTPS_NOMEM);
    buf_done(&buf);
    arena_done(&arena);
}

static void arena_allocator_unpacks_into_the_arena(void **state)
{
    ProtobufCAllocator allocator;
    struct arena arena;
    Ctps__NameSearch *search;

    (void)state;
    arena_init(&arena, 1 << 12);
    allocator = wire_arena_allocator(&arena);
    search = ctps__name_search__unpack(&allocator, 8, (const uint8_t *)"\x0a\x06Muller");
    assert_non_null(search);
    assert_true(arena.used >= sizeof(*search) + 7);
    ctps__name_search__free_unpacked(search, &allocator);
    assert_string_equal(search->name, "Muller");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpack_then_pack_gives_the_bytes_of_every_command),
        cmocka_unit_test(unpack_reads_the_fields_of_a_command),
        cmocka_unit_test(unpack_stored_keeps_unknown_fields_when_packed_again),
        cmocka_unit_test(unpack_refused_leaves_ret_and_arena_alone),
        cmocka_unit_test(unpack_amplification_stops_at_the_arenas_cap),
        cmocka_unit_test(unpack_any_cap_gives_the_message_or_a_limit),
        cmocka_unit_test(pack_past_the_cap_is_a_limit),
        cmocka_unit_test(pack_buf_appends_what_pack_gives),
        cmocka_unit_test(arena_allocator_unpacks_into_the_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
