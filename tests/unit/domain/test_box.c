/* Nothing sealed is forgotten: every box of an event has its row, and the walk finds it. */
#include "fixture.h"

#include "domain/box.h"

/* The message a row's box is a field of, and that field's name. */
static const ProtobufCMessageDescriptor *parent_of(const struct box_row *row, const char **name)
{
    const ProtobufCMessageDescriptor *type = row->type;
    const char *path = row->path;
    char part[64];
    const char *dot;

    while ((dot = strchr(path, '.'))) {
        const ProtobufCFieldDescriptor *field;

        snprintf(part, sizeof(part), "%.*s", (int)(dot - path), path);
        field = protobuf_c_message_descriptor_get_field_by_name(type, part);
        if (!field || !field->descriptor)
            fail_msg("%s: no message %s", row->name, part);
        else
            type = field->descriptor;
        path = dot + 1;
    }
    *name = path;
    return type;
}

static bool is_named(const struct box_row *row, const char *what)
{
    for (size_t i = 0; i < BOX_ALSO_MAX && row->also[i]; i++)
        if (strcmp(row->also[i], what) == 0)
            return true;
    return false;
}

static bool has_row(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *at)
{
    const struct box_row *row;
    const char *name;
    char what[128];

    snprintf(what, sizeof(what), "%s.%s", type->short_name, at->name);
    if (strcmp(what, "BoxChange.box") == 0) /* of whatever field its number says */
        return true;
    for (size_t i = 0; (row = box_row_at(i)); i++)
        if (is_named(row, what) ||
            (parent_of(row, &name) == type && strcmp(name, at->name) == 0))
            return true;
    return false;
}

static unsigned sealed_check(const ProtobufCMessageDescriptor *type)
{
    unsigned count = 0;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        if (field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        if (field->descriptor != &ctps__sealed__descriptor) {
            count += sealed_check(field->descriptor);
            continue;
        }
        count++;
        if (!has_row(type, field))
            fail_msg("%s.%s is sealed and no row of domain/box_table.c speaks of it "
                     "(docs/sealing.md, A new sealed field)",
                     type->short_name, field->name);
    }
    return count;
}

static void every_box_of_an_event_has_a_row(void **state)
{
    (void)state;
    assert_true(sealed_check(&ctps__event__descriptor) >= 9);
}

/* The check above can fail: an entry of the journal holds a box that is no event's. */
static void box_without_row_is_noticed(void **state)
{
    const ProtobufCFieldDescriptor *audit =
        protobuf_c_message_descriptor_get_field_by_name(&ctps__entry__descriptor, "audit");

    (void)state;
    assert_false(has_row(&ctps__entry__descriptor, audit));
}

static void rows_are_whole(void **state)
{
    const struct box_row *row;
    const char *name;

    (void)state;
    for (size_t i = 0; (row = box_row_at(i)); i++) {
        const ProtobufCMessageDescriptor *parent = parent_of(row, &name);
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(parent, name);

        if (!field || field->descriptor != &ctps__sealed__descriptor)
            fail_msg("%s: %s is no box", row->name, row->path);
        assert_non_null(row->content);
        assert_true((row->find == NULL) == (row->owner == BOX_OF_ITSELF));
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(box_row_at(j)->field, row->field);
            assert_string_not_equal(box_row_at(j)->name, row->name);
        }
    }
}

struct seen {
    unsigned count;
    unsigned of_field[128];
    struct box_place last;
};

static void place_note(void *arg, const struct box_place *place)
{
    struct seen *seen = arg;

    seen->count++;
    seen->of_field[place->row->field]++;
    seen->last = *place;
}

static struct seen seen_of(struct fixture *f, uint64_t situation)
{
    struct seen seen = {0};
    struct box_search search = {&f->tables, &f->arena,
                                record_situation(&f->tables, &f->arena, situation)};

    assert_non_null(search.situation);
    box_each(&search, place_note, &seen);
    return seen;
}

static void entry_add(struct fixture *f, uint64_t situation)
{
    Ctps__SituationAddEntry in = CTPS__SITUATION_ADD_ENTRY__INIT;

    SET(&in, id, situation);
    in.kind = text("entretien");
    SET(&in, day, FIXTURE_TODAY);
    in.text = text("CANARI entry");
    REQUEST(f, SITUATION_ADD_ENTRY, situation_add_entry, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
}

static void each_finds_saisine_person_and_every_entry(void **state)
{
    struct fixture *f = *state;
    uint64_t other = situation_make(f);
    uint64_t id = situation_make(f);
    struct seen seen;

    entry_add(f, other);
    for (int i = 0; i < 150; i++) /* more than are looked up at once */
        entry_add(f, id);
    seen = seen_of(f, id);
    assert_int_equal(seen.of_field[SEALED_ENTRY_CONTENT], 150);
    assert_int_equal(seen.of_field[SEALED_SAISINE_CONTENT], 1);
    assert_int_equal(seen.of_field[SEALED_PERSON_IDENTITY], 1);
    assert_int_equal(seen_of(f, other).of_field[SEALED_ENTRY_CONTENT], 1);
}

static void each_passes_over_another_situation_s_key(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__SituationRecord *row;

    entry_add(f, id);
    row = record_situation(&f->tables, &f->arena, id);
    SET(row->opened, slot, 999);
    record_put(&f->tables, TABLE_SITUATION, table_key_of_u64(id), &f->arena, &row->base);
    assert_int_equal(seen_of(f, id).of_field[SEALED_ENTRY_CONTENT], 0);
    assert_int_equal(seen_of(f, id).of_field[SEALED_PERSON_IDENTITY], 1);
}

static void place_tells_of_the_message_around_it(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    struct box_search search = {&f->tables, &f->arena, NULL};
    struct seen seen;

    entry_add(f, id);
    search.situation = record_situation(&f->tables, &f->arena, id);
    box_each(&search, place_note, &(struct seen){0});
    seen = seen_of(f, id);
    assert_int_equal(seen.last.row->field, SEALED_ENTRY_CONTENT);
    assert_int_equal(box_number(&seen.last, "day"), FIXTURE_TODAY);
    assert_string_equal(box_word(&seen.last, "kind"), "entretien");
    assert_int_equal(box_number(&seen.last, "nothing"), 0);
    assert_string_equal(box_word(&seen.last, "nothing"), "");
}

static void put_takes_one_box_away_and_leaves_the_others(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    struct seen seen;

    entry_add(f, id);
    entry_add(f, id);
    seen = seen_of(f, id);
    box_put(&f->tables, &f->arena, SEALED_ENTRY_CONTENT, &seen.last.key, 0, NULL);
    assert_int_equal(seen_of(f, id).of_field[SEALED_ENTRY_CONTENT], 1);
    assert_int_equal(seen_of(f, id).count, seen.count - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(every_box_of_an_event_has_a_row),
        TEST(box_without_row_is_noticed),
        TEST(rows_are_whole),
        TEST(each_finds_saisine_person_and_every_entry),
        TEST(each_passes_over_another_situation_s_key),
        TEST(place_tells_of_the_message_around_it),
        TEST(put_takes_one_box_away_and_leaves_the_others),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
