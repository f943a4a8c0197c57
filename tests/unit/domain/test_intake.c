/* Taking in a saisine: what must stand on it, its number, what is a fact and what is sealed. */
#include "fixture.h"

#include "base/civil.h"
#include "domain/intake.h"

static enum refusal checked(struct fixture *f, struct received *in)
{
    bool held;

    act_begin(f);
    held = intake_check(&f->act, &in->body);
    assert_int_equal(held, f->act.refusal == REFUSAL_NONE);
    return f->act.refusal;
}

static void saisine_lacks_nothing_or_says_what(void **state)
{
    struct fixture *f = *state;
    struct received in;

    received_init(&in);
    assert_int_equal(checked(f, &in), REFUSAL_NONE);
    in.body.n_motives = 0;
    assert_int_equal(checked(f, &in), REFUSAL_FIELD_MISSING);
    received_init(&in);
    SET(&in.body, received_day, FIXTURE_TODAY + 1);
    assert_int_equal(checked(f, &in), REFUSAL_DATE_FUTURE);
    received_init(&in);
    in.body.urgency = text("tout de suite");
    assert_int_equal(checked(f, &in), REFUSAL_LIST_VALUE_UNKNOWN);
    received_init(&in);
    SET(&in.body, referrer_partner, 3);
    assert_int_equal(checked(f, &in), REFUSAL_PARTNER_UNKNOWN);
}

static void person_has_a_known_role_and_sex_and_is_born(void **state)
{
    struct fixture *f = *state;
    struct received in;

    received_init(&in);
    in.person.role = text("suspect");
    assert_int_equal(checked(f, &in), REFUSAL_FIELD_RANGE);
    in.person.role = text("witness");
    in.person.sex = text("f");
    assert_int_equal(checked(f, &in), REFUSAL_FIELD_RANGE);
    in.person.sex = text("F");
    SET(&in.identity, birth_day, FIXTURE_TODAY + 1);
    assert_int_equal(checked(f, &in), REFUSAL_DATE_FUTURE);
    SET(&in.identity, birth_day, FIXTURE_TODAY);
    assert_int_equal(checked(f, &in), REFUSAL_NONE);
}

static void age_bands_change_on_the_birthday(void **state)
{
    static const struct {
        int years;
        const char *before;
        const char *from;
    } rows[] = {{12, "lt12", "12-15"},
                {16, "12-15", "16-17"},
                {18, "16-17", "18-25"},
                {26, "18-25", "gt25"}};
    struct civil_date birth = {.year = 2000, .month = 5, .day = 17};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct civil_date day = birth;

        day.year += rows[i].years;
        assert_string_equal(intake_age_band(civil_day_of(birth), civil_day_of(day) - 1),
                            rows[i].before);
        assert_string_equal(intake_age_band(civil_day_of(birth), civil_day_of(day)),
                            rows[i].from);
        assert_int_equal(intake_is_minor(rows[i].from), rows[i].years < 18);
    }
    assert_true(intake_is_minor("lt12"));
    assert_false(intake_is_minor(NULL));
}

static const Ctps__SaisineReceived *received(struct fixture *f, struct received *in)
{
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in->body);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.events[0]->saisine_received;
}

static void age_and_sex_are_facts_of_individual_saisines_only(void **state)
{
    struct fixture *f = *state;
    struct received in;
    const Ctps__SaisineReceived *event;

    received_init(&in);
    in.person.sex = text("F");
    event = received(f, &in);
    assert_string_equal(event->age_band, "12-15");
    assert_string_equal(event->sex, "F");
    in.person.role = text("witness");
    event = received(f, &in);
    assert_null(event->age_band);
    assert_null(event->sex);
    in.person.role = NULL;
    in.body.nature = text("collective");
    event = received(f, &in);
    assert_null(event->age_band);
    assert_null(event->sex);
}

static void names_and_text_stand_in_boxes_only(void **state)
{
    struct fixture *f = *state;
    struct received in;
    const Ctps__SaisineReceived *event;
    uint8_t *packed;
    size_t len;

    received_init(&in);
    event = received(f, &in);
    len = protobuf_c_message_get_packed_size(&event->base);
    packed = arena_alloc(&f->arena, len);
    protobuf_c_message_pack(&event->base, packed);
    assert_null(memmem(packed, len, "CANARI", 6));
    assert_int_equal(event->n_persons, 1);
    assert_true(event->persons[0]->identity->slot != event->slot);
}

static void numbers_follow_in_each_series(void **state)
{
    struct fixture *f = *state;
    struct received in;
    uint32_t ordinal;

    received_init(&in);
    received(f, &in);
    assert_non_null(strstr(received(f, &in)->number, "-0002"));
    act_begin(f);
    intake_number(&f->act, "S-", "T2", FIXTURE_TODAY, &ordinal);
    assert_int_equal(ordinal, 1);
}

static void next_review_is_by_term(void **state)
{
    struct fixture *f = *state;
    int32_t from = civil_day_of((struct civil_date){.year = 2026, .month = 1, .day = 31});

    assert_int_equal(opening_next_review(&f->settings, "court", from),
                     civil_day_of((struct civil_date){.year = 2026, .month = 2, .day = 28}));
    assert_int_equal(opening_next_review(&f->settings, "moyen", from),
                     civil_add_months(from, 3));
    assert_int_equal(opening_next_review(&f->settings, "long", from),
                     civil_add_months(from, 6));
    f->settings.review_months_long = 4;
    assert_int_equal(opening_next_review(&f->settings, "long", from),
                     civil_add_months(from, 4));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(saisine_lacks_nothing_or_says_what),
        TEST(person_has_a_known_role_and_sex_and_is_born),
        TEST(age_bands_change_on_the_birthday),
        TEST(age_and_sex_are_facts_of_individual_saisines_only),
        TEST(names_and_text_stand_in_boxes_only),
        TEST(numbers_follow_in_each_series),
        TEST(next_review_is_by_term),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
