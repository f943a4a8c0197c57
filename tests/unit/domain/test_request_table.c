/* Every command a client can send is in the table, and every event is applied and published. */
#include "fixture.h"

#include "domain/apply_private.h"
#include "domain/notice.h"

static void find_every_command_has_a_row(void **state)
{
    const ProtobufCMessageDescriptor *type = &ctps__request__descriptor;
    unsigned members = 0;

    (void)state;
    for (unsigned i = 0; i < type->n_fields; i++) {
        Ctps__Request request = CTPS__REQUEST__INIT;
        const struct request_row *row;

        if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        members++;
        request.command_case = (Ctps__Request__CommandCase)type->fields[i].id;
        row = request_row_find(&request);
        if (!row || !row->authorise)
            fail_msg("%s has no row", type->fields[i].name);
        else
            assert_true((row->run == NULL) ==
                        (row->kind == REQUEST_CONTROL || row->kind == REQUEST_TRAIL));
    }
    assert_true(members > 30);
}

static void find_no_command_is_absent(void **state)
{
    Ctps__Request request = CTPS__REQUEST__INIT;

    (void)state;
    assert_null(request_row_find(&request));
}

static void rows_are_unique(void **state)
{
    const struct request_row *a;
    const struct request_row *b;

    (void)state;
    for (size_t i = 0; (a = request_row_at(i)); i++)
        for (size_t j = 0; j < i; j++) {
            b = request_row_at(j);
            assert_int_not_equal(a->which, b->which);
            assert_string_not_equal(a->name, b->name);
        }
}

/* Reads that open nothing must not be told to be nominative by mistake of the table, and those
 * with a `nominative` field must. */
static void rows_with_nominative_field_are_nominative(void **state)
{
    const ProtobufCMessageDescriptor *type = &ctps__request__descriptor;

    (void)state;
    for (unsigned i = 0; i < type->n_fields; i++) {
        Ctps__Request request = CTPS__REQUEST__INIT;
        const ProtobufCMessageDescriptor *body = type->fields[i].descriptor;

        if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
            !protobuf_c_message_descriptor_get_field_by_name(body, "nominative"))
            continue;
        request.command_case = (Ctps__Request__CommandCase)type->fields[i].id;
        assert_int_equal(request_row_find(&request)->kind, REQUEST_NOMINATIVE);
    }
}

/* --- events --- */

struct listed {
    unsigned id;
    const char *name;
    const char *topic;
};

static const struct listed listed[] = {
#define X(Type, field, CASE, topic) {CTPS__EVENT__BODY_##CASE, #field, topic},
#include "domain/event_list.h"
#undef X
};

static void list_holds_every_event_of_the_schema(void **state)
{
    const ProtobufCMessageDescriptor *type = &ctps__event__descriptor;

    (void)state;
    assert_int_equal(type->n_fields, sizeof(listed) / sizeof(listed[0]));
    for (unsigned i = 0; i < type->n_fields; i++) {
        bool found = false;

        for (size_t j = 0; j < sizeof(listed) / sizeof(listed[0]); j++)
            found = found || (listed[j].id == type->fields[i].id &&
                              strcmp(listed[j].name, type->fields[i].name) == 0);
        if (!found)
            fail_msg("event %s is not in event_list.h", type->fields[i].name);
    }
}

/* An event with every field absent: each is known to apply, none makes it fall. */
static void apply_every_empty_event_is_known(void **state)
{
    struct fixture *f = *state;
    const ProtobufCMessageDescriptor *type = &ctps__event__descriptor;

    for (unsigned i = 0; i < type->n_fields; i++) {
        ProtobufCMessage *body = arena_alloc(
            &f->arena, type->fields[i].descriptor
                           ? ((const ProtobufCMessageDescriptor *)type->fields[i].descriptor)
                                 ->sizeof_message
                           : 1);
        struct apply apply = {
            .tables = &f->tables, .arena = &f->arena, .state = &f->state, .seq = 1};
        Ctps__Entry entry = CTPS__ENTRY__INIT;
        Ctps__Event event = CTPS__EVENT__INIT;
        Ctps__Event *events[] = {&event};
        enum ctps_code code;

        record_init(body, type, type->fields[i].name);
        event.body_case = (Ctps__Event__BodyCase)type->fields[i].id;
        memcpy((uint8_t *)&event + type->fields[i].offset, &body, sizeof(body));
        entry.n_events = 1;
        entry.events = events;
        apply.entry = &entry;
        /* Without its parts an event is damage or nothing, never a fall. */
        code = apply_entry(&apply);
        if (code != CTPS_OK && code != CTPS_DAMAGED)
            fail_msg("event %s: %s", type->fields[i].name, err_code_name(code));
    }
}

static void apply_event_of_no_known_kind_is_unsupported(void **state)
{
    struct fixture *f = *state;
    Ctps__Entry entry = CTPS__ENTRY__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};
    struct apply apply = {.tables = &f->tables,
                          .arena = &f->arena,
                          .state = &f->state,
                          .seq = 1,
                          .entry = &entry};

    entry.n_events = 1;
    entry.events = events;
    assert_int_equal(apply_entry(&apply), CTPS_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(find_every_command_has_a_row),
        TEST(find_no_command_is_absent),
        TEST(rows_are_unique),
        TEST(rows_with_nominative_field_are_nominative),
        TEST(list_holds_every_event_of_the_schema),
        TEST(apply_every_empty_event_is_known),
        TEST(apply_event_of_no_known_kind_is_unsupported),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
