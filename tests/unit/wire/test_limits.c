#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "ctps/record.pb-c.h"
#include "sample.h"
#include "wire/field.h"
#include "wire/wire.h"

enum { TYPES_MAX = 256 };

/* Message types reachable from a root, each once. */
struct types {
    const ProtobufCMessageDescriptor *all[TYPES_MAX];
    size_t count;
};

static void types_add(struct types *types, const ProtobufCMessageDescriptor *type)
{
    for (size_t i = 0; i < types->count; i++)
        if (types->all[i] == type)
            return;
    assert_true(types->count < TYPES_MAX);
    types->all[types->count++] = type;
}

static struct types types_reachable(const ProtobufCMessageDescriptor *root)
{
    struct types types = {.count = 0};

    types_add(&types, root);
    for (size_t i = 0; i < types.count; i++)
        for (unsigned f = 0; f < types.all[i]->n_fields; f++)
            if (types.all[i]->fields[f].type == PROTOBUF_C_TYPE_MESSAGE)
                types_add(&types, types.all[i]->fields[f].descriptor);
    return types;
}

static const ProtobufCMessageDescriptor *type_named(const struct types *types, const char *name)
{
    for (size_t i = 0; i < types->count; i++)
        if (strcmp(types->all[i]->short_name, name) == 0)
            return types->all[i];
    return NULL;
}

static bool class_suits(enum wire_class class, ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
        return class <= WIRE_SLUG;
    case PROTOBUF_C_TYPE_BYTES:
        return class == WIRE_BYTES;
    case PROTOBUF_C_TYPE_MESSAGE:
        return class == WIRE_PARTS;
    case PROTOBUF_C_TYPE_UINT32:
        return class == WIRE_NUMBER;
    default:
        return false;
    }
}

static void limits_every_row_is_a_field_of_a_request_with_a_fitting_class(void **state)
{
    struct types types = types_reachable(&ctps__request__descriptor);
    struct wire_limits all = wire_limits_all();
    size_t good = 0;

    (void)state;
    for (size_t i = 0; i < all.count; i++) {
        const ProtobufCMessageDescriptor *type = type_named(&types, all.rows[i].message);
        const ProtobufCFieldDescriptor *field;

        if (!type)
            break;
        field = protobuf_c_message_descriptor_get_field_by_name(type, all.rows[i].field);
        if (!field || !class_suits(all.rows[i].class, field->type))
            break;
        assert_true(all.rows[i].min <= all.rows[i].max);
        assert_true(all.rows[i].count == 0 || field->label == PROTOBUF_C_LABEL_REPEATED);
        good++;
    }
    if (good < all.count)
        fail_msg("%s.%s", all.rows[good].message, all.rows[good].field);
}

static void limits_rows_are_sorted_and_each_is_found(void **state)
{
    struct wire_limits all = wire_limits_all();

    (void)state;
    for (size_t i = 0; i < all.count; i++) {
        struct wire_limits of = wire_limits_of(all.rows[i].message);
        ProtobufCFieldDescriptor field = {.name = all.rows[i].field};
        int order = i ? strcmp(all.rows[i - 1].message, all.rows[i].message) : -1;

        assert_true(order <= 0);
        assert_true(order < 0 || strcmp(all.rows[i - 1].field, all.rows[i].field) < 0);
        assert_ptr_equal(wire_limit_get(&of, &field), &all.rows[i]);
    }
    assert_int_equal(wire_limits_of("Nothing").count, 0);
    assert_int_equal(wire_limits_of("").count, 0);
    assert_int_equal(wire_limits_of("zzz").count, 0);
}

static void limits_every_text_of_a_request_has_a_row(void **state)
{
    struct types types = types_reachable(&ctps__request__descriptor);

    (void)state;
    for (size_t i = 0; i < types.count; i++) {
        struct wire_limits of = wire_limits_of(types.all[i]->short_name);

        for (unsigned f = 0; f < types.all[i]->n_fields; f++) {
            const ProtobufCFieldDescriptor *field = &types.all[i]->fields[f];
            bool sized =
                field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES;

            if (sized && wire_limit_get(&of, field)->message[0] == '*')
                fail_msg("%s.%s has no row", types.all[i]->short_name, field->name);
        }
    }
}

/* So that no signed number of a request goes without a range. */
static void limits_signed_numbers_of_requests_are_days_and_instants(void **state)
{
    struct types types = types_reachable(&ctps__request__descriptor);

    (void)state;
    for (size_t i = 0; i < types.count; i++) {
        for (unsigned f = 0; f < types.all[i]->n_fields; f++) {
            const ProtobufCFieldDescriptor *field = &types.all[i]->fields[f];

            if (field->type == PROTOBUF_C_TYPE_SINT32)
                assert_true(wire_field_is_day(field));
            if (field->type == PROTOBUF_C_TYPE_INT64)
                assert_true(wire_field_is_instant(field));
            assert_int_not_equal(field->type, PROTOBUF_C_TYPE_SINT64);
        }
    }
}

static void assert_one_value(const ProtobufCMessageDescriptor *type,
                             const ProtobufCFieldDescriptor *field, size_t len,
                             const char *unit, enum ctps_code code)
{
    struct buf data;

    buf_init(&data);
    put_repeated_char(&data, field->id, unit, len);
    if (wire_check(type, buf_bytes(&data), WIRE_STRICT, NULL) != code)
        fail_msg("%s.%s of %zu", type->short_name, field->name, len);
    buf_done(&data);
}

static void limits_longest_value_is_accepted_and_one_more_refused(void **state)
{
    struct types types = types_reachable(&ctps__request__descriptor);
    struct wire_limits all = wire_limits_all();

    (void)state;
    for (size_t i = 0; i < all.count; i++) {
        const struct wire_limit *row = &all.rows[i];
        const ProtobufCMessageDescriptor *type = type_named(&types, row->message);
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(type, row->field);
        bool in_points = row->class == WIRE_TEXT || row->class == WIRE_LINE;
        bool exact = row->class == WIRE_BYTES && row->min == row->max;

        if (row->class == WIRE_NUMBER || row->class == WIRE_PARTS)
            continue;
        assert_one_value(type, field, row->max, in_points ? "\xc3\xa9" : "a", CTPS_OK);
        assert_one_value(type, field, row->max + 1, in_points ? "\xc3\xa9" : "a",
                         exact ? CTPS_INVALID : CTPS_LIMIT);
    }
}

static void limits_largest_number_is_accepted_and_one_more_refused(void **state)
{
    struct types types = types_reachable(&ctps__request__descriptor);
    struct wire_limits all = wire_limits_all();

    (void)state;
    for (size_t i = 0; i < all.count; i++) {
        const struct wire_limit *row = &all.rows[i];
        const ProtobufCMessageDescriptor *type = type_named(&types, row->message);

        if (row->class != WIRE_NUMBER)
            continue;
        for (unsigned more = 0; more < 2; more++) {
            struct buf data;

            buf_init(&data);
            put_number(&data,
                       protobuf_c_message_descriptor_get_field_by_name(type, row->field)->id,
                       (uint64_t)row->max + more);
            assert_int_equal(wire_check(type, buf_bytes(&data), WIRE_STRICT, NULL),
                             more ? CTPS_LIMIT : CTPS_OK);
            buf_done(&data);
        }
    }
}

static size_t depth_of(const ProtobufCMessageDescriptor *type, size_t so_far)
{
    size_t deepest = so_far;

    assert_true(so_far <= WIRE_DEPTH_MAX);
    for (unsigned f = 0; f < type->n_fields; f++) {
        if (type->fields[f].type == PROTOBUF_C_TYPE_MESSAGE) {
            size_t depth = depth_of(type->fields[f].descriptor, so_far + 1);

            deepest = depth > deepest ? depth : deepest;
        }
    }
    return deepest;
}

static void limits_schemas_fit_the_scanner(void **state)
{
    static const ProtobufCMessageDescriptor *const roots[] = {
        &ctps__request__descriptor,
        &ctps__reply__descriptor,
        &ctps__entry__descriptor,
        &ctps__audit_record__descriptor,
        &ctps__situation_record__descriptor,
        &ctps__saisine_record__descriptor,
        &ctps__erasure_record__descriptor,
    };

    (void)state;
    for (size_t r = 0; r < sizeof(roots) / sizeof(roots[0]); r++) {
        struct types types = types_reachable(roots[r]);

        assert_true(depth_of(roots[r], 1) <= WIRE_DEPTH_MAX);
        for (size_t i = 0; i < types.count; i++)
            assert_true(types.all[i]->n_fields <= 256);
    }
}

/* Appends the fields of the rows with this class, minimum and maximum, and the end of the line.
 */
static void put_fields(struct buf *out, const struct wire_limit *like)
{
    struct wire_limits all = wire_limits_all();
    const char *between = "";

    for (size_t i = 0; i < all.count; i++) {
        const struct wire_limit *row = &all.rows[i];
        char name[80];

        if (row->class != like->class || row->min != like->min || row->max != like->max)
            continue;
        snprintf(name, sizeof(name), "%s%s.%s", between, row->message, row->field);
        buf_append(out, name, strlen(name));
        between = ", ";
    }
    buf_append(out, " |\n", 3);
}

static bool is_first_of_its_kind(const struct wire_limits *all, size_t index)
{
    const struct wire_limit *row = &all->rows[index];

    for (size_t i = 0; i < index; i++)
        if (all->rows[i].class == row->class && all->rows[i].min == row->min &&
            all->rows[i].max == row->max)
            return false;
    return true;
}

static void put_kind(struct buf *out, const struct wire_limit *row)
{
    static const char codes[] = "all other codes |\n";
    char start[80];

    snprintf(start, sizeof(start), "| %s | %s%u | ", wire_class_name(row->class),
             row->min && row->min == row->max ? "exactly " : "", row->max);
    buf_append(out, start, strlen(start));
    if (row->class == WIRE_CODE && row->max == 40)
        buf_append(out, codes, strlen(codes));
    else
        put_fields(out, row);
}

/* The table of docs/formats.md, one kind of limit a line, then the counts. */
static void put_table(struct buf *out)
{
    struct wire_limits all = wire_limits_all();

    for (unsigned class = 0; class < WIRE_PARTS; class ++)
        for (size_t i = 0; i < all.count; i++)
            if (all.rows[i].class == class && is_first_of_its_kind(&all, i))
                put_kind(out, &all.rows[i]);
    for (size_t i = 0; i < all.count; i++) {
        char line[120];

        if (all.rows[i].count == 0)
            continue;
        snprintf(line, sizeof(line), "| values | %u | %s.%s |\n", all.rows[i].count,
                 all.rows[i].message, all.rows[i].field);
        buf_append(out, line, strlen(line));
    }
    buf_append(out, "", 1);
}

static void read_whole(struct buf *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    char part[4096];
    size_t len;

    assert_non_null(file);
    while ((len = fread(part, 1, sizeof(part), file)) > 0)
        buf_append(out, part, len);
    fclose(file);
    buf_append(out, "", 1);
}

static void limits_are_the_table_of_the_docs(void **state)
{
    struct buf table;
    struct buf docs;

    (void)state;
    buf_init(&table);
    buf_init(&docs);
    put_table(&table);
    read_whole(&docs, TEST_DATA_DIR "/../../docs/formats.md");
    if (!strstr((const char *)docs.data, (const char *)table.data)) {
        printf("%s", (const char *)table.data);
        fail_msg("docs/formats.md lacks the table above");
    }
    buf_done(&table);
    buf_done(&docs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_every_row_is_a_field_of_a_request_with_a_fitting_class),
        cmocka_unit_test(limits_rows_are_sorted_and_each_is_found),
        cmocka_unit_test(limits_every_text_of_a_request_has_a_row),
        cmocka_unit_test(limits_signed_numbers_of_requests_are_days_and_instants),
        cmocka_unit_test(limits_longest_value_is_accepted_and_one_more_refused),
        cmocka_unit_test(limits_largest_number_is_accepted_and_one_more_refused),
        cmocka_unit_test(limits_schemas_fit_the_scanner),
        cmocka_unit_test(limits_are_the_table_of_the_docs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
