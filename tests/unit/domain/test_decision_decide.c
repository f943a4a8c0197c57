/* Decisions as tasks: who may be given one, by when, and how it ends. */
#include "fixture.h"

#include "domain/decision.h"

static void agent_put(struct fixture *f, uint64_t id, const char *function, int32_t to_day)
{
    Ctps__Agent agent = CTPS__AGENT__INIT;

    SET(&agent, id, id);
    agent.function = text(function);
    SET(&agent, habilitation_from_day, 0);
    SET(&agent, habilitation_to_day, to_day);
    record_put(&f->tables, TABLE_AGENT, table_key_of_u64(id), &f->arena, &agent.base);
}

static void contact_put(struct fixture *f, uint64_t id, const char *version, bool inactive)
{
    Ctps__Contact contact = CTPS__CONTACT__INIT;

    SET(&contact, id, id);
    contact.charter_version = text(version);
    SET(&contact, charter_day, FIXTURE_TODAY - 10);
    if (inactive)
        SET(&contact, inactive, 1);
    record_put(&f->tables, TABLE_CONTACT, table_key_of_u64(id), &f->arena, &contact.base);
}

static int setup(void **state)
{
    struct fixture *f;

    fixture_setup(state);
    f = *state;
    list_put(f, "decision", "contacter", false);
    list_put(f, "resultat", "realisee", false);
    list_put(f, "resultat", "impossible", false);
    list_put(f, "resultat", "non_faite", false);
    agent_put(f, 7, "educateur", FIXTURE_TODAY);
    agent_put(f, 8, "coordinateur", FIXTURE_TODAY - 1);
    agent_put(f, 9, "auditeur", FIXTURE_TODAY);
    contact_put(f, 20, "v3", false);
    contact_put(f, 21, "v2", false);
    contact_put(f, 22, "v3", true);
    return 0;
}

static void take_init(Ctps__DecisionTake *in, uint64_t situation)
{
    ctps__decision_take__init(in);
    SET(in, situation, situation);
    SET(in, agent, 7);
    SET(in, due_day, FIXTURE_TODAY + 3);
    in->verb = text("contacter");
    in->text = text("CANARI");
}

static enum refusal take(struct fixture *f, Ctps__DecisionTake *in)
{
    REQUEST(f, DECISION_TAKE, decision_take, in);
    return request_do(f);
}

static uint64_t taken(struct fixture *f, uint64_t situation)
{
    Ctps__DecisionTake in;

    take_init(&in, situation);
    assert_int_equal(take(f, &in), REFUSAL_NONE);
    return f->act.made[0]->id;
}

static enum refusal complete(struct fixture *f, uint64_t id, const char *result, int32_t day)
{
    Ctps__DecisionComplete in = CTPS__DECISION_COMPLETE__INIT;

    SET(&in, id, id);
    SET(&in, day, day);
    in.result = text(result);
    in.text = text("CANARI end");
    REQUEST(f, DECISION_COMPLETE, decision_complete, &in);
    return request_do(f);
}

static void take_refuses_by_name(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    const struct {
        const char *verb;
        uint64_t agent, contact;
        int32_t day, due;
        enum refusal refusal;
    } cases[] = {
        {NULL, 7, 0, 0, 3, REFUSAL_FIELD_MISSING},
        {"voler", 7, 0, 0, 3, REFUSAL_LIST_VALUE_UNKNOWN},
        {"contacter", 0, 0, 0, 3, REFUSAL_DECISION_WHO},
        {"contacter", 7, 20, 0, 3, REFUSAL_DECISION_WHO},
        {"contacter", 99, 0, 0, 3, REFUSAL_AGENT_UNKNOWN},
        {"contacter", 8, 0, 0, 3, REFUSAL_DECISION_AGENT},
        {"contacter", 9, 0, 0, 3, REFUSAL_DECISION_AGENT},
        {"contacter", 0, 99, 0, 3, REFUSAL_ABSENT},
        {"contacter", 0, 21, 0, 3, REFUSAL_CHARTER_NOT_CURRENT},
        {"contacter", 0, 22, 0, 3, REFUSAL_CONTACT_INACTIVE},
        {"contacter", 0, 20, 0, 3, REFUSAL_NONE},
        {"contacter", 7, 0, 0, -1, REFUSAL_DATE_ORDER},
        {"contacter", 7, 0, 1, 3, REFUSAL_DATE_FUTURE},
        {"contacter", 7, 0, -2, -3, REFUSAL_DATE_ORDER},
        {"contacter", 7, 0, -2, -2, REFUSAL_NONE},
        {"contacter", 7, 0, 0, 0, REFUSAL_NONE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Ctps__DecisionTake in;

        take_init(&in, situation);
        in.verb = text(cases[i].verb);
        in.agent = cases[i].agent;
        in.contact = cases[i].contact;
        SET(&in, day, FIXTURE_TODAY + cases[i].day);
        SET(&in, due_day, FIXTURE_TODAY + cases[i].due);
        if (take(f, &in) != cases[i].refusal)
            fail_msg("case %zu: %s", i, refusal_row(f->act.refusal)->name);
    }
    assert_int_equal(fake_count(f, TABLE_DECISION), 3);
}

static void take_wants_an_open_situation(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    Ctps__DecisionTake in;

    take_init(&in, 4242);
    assert_int_equal(take(f, &in), REFUSAL_ABSENT);
    in.situation = 0;
    assert_int_equal(take(f, &in), REFUSAL_FIELD_MISSING);
    assert_int_equal(situation_close(f, situation, FIXTURE_TODAY), REFUSAL_NONE);
    in.situation = situation;
    assert_int_equal(take(f, &in), REFUSAL_STATE_WRONG);
}

static void take_seals_the_text_under_the_situation(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    const Ctps__DecisionRecord *record;
    struct bytes packed;

    record = decision_record(&f->tables, &f->arena, taken(f, situation));
    assert_int_equal(wire_pack(&f->arena, &record->base, &packed), CTPS_OK);
    assert_null(memmem(packed.data, packed.len, "CANARI", 6));
    assert_int_equal(record->taken->content->slot,
                     record_situation(&f->tables, &f->arena, situation)->opened->slot);
}

static void take_warns_of_a_day_nobody_works(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    Ctps__DecisionTake in;

    for (int32_t due = FIXTURE_TODAY; due < FIXTURE_TODAY + 14; due++) {
        bool works = civil_is_working_day(&f->settings.holidays, due);

        take_init(&in, situation);
        SET(&in, due_day, due);
        assert_int_equal(take(f, &in), REFUSAL_NONE);
        assert_int_equal(f->act.warning_count, works ? 0 : 1);
    }
}

static void state_overdue_is_computed(void **state)
{
    struct fixture *f = *state;
    uint64_t id = taken(f, situation_make(f));
    Ctps__DecisionRecord *record = decision_record(&f->tables, &f->arena, id);

    assert_string_equal(decision_state(record, FIXTURE_TODAY + 3), DECISION_OPEN);
    assert_string_equal(decision_state(record, FIXTURE_TODAY + 4), DECISION_OVERDUE);
    assert_true(decision_is_in(record, DECISION_UNDONE, FIXTURE_TODAY + 4));
    assert_int_equal(complete(f, id, "realisee", FIXTURE_TODAY), REFUSAL_NONE);
    record = decision_record(&f->tables, &f->arena, id);
    assert_string_equal(decision_state(record, FIXTURE_TODAY + 4), DECISION_DONE);
    assert_false(decision_is_in(record, DECISION_UNDONE, FIXTURE_TODAY + 4));
}

static void complete_ends_once_by_one_of_three_results(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    uint64_t id = taken(f, situation);
    const Ctps__DecisionRecord *record;

    assert_int_equal(complete(f, 4242, "realisee", FIXTURE_TODAY), REFUSAL_ABSENT);
    assert_int_equal(complete(f, id, NULL, FIXTURE_TODAY), REFUSAL_FIELD_MISSING);
    assert_int_equal(complete(f, id, "positif", FIXTURE_TODAY), REFUSAL_DECISION_RESULT);
    assert_int_equal(complete(f, id, "realisee", FIXTURE_TODAY + 1), REFUSAL_DATE_FUTURE);
    assert_int_equal(complete(f, id, "realisee", FIXTURE_TODAY - 1), REFUSAL_DATE_ORDER);
    assert_int_equal(complete(f, id, "non_faite", FIXTURE_TODAY), REFUSAL_NONE);
    assert_int_equal(complete(f, id, "realisee", FIXTURE_TODAY), REFUSAL_STATE_WRONG);
    record = decision_record(&f->tables, &f->arena, id);
    assert_string_equal(decision_state(record, FIXTURE_TODAY), DECISION_NOT_DONE);
    assert_non_null(record->completed->content);
}

static void complete_after_erasure_takes_no_text(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    uint64_t id = taken(f, situation);
    Ctps__SituationRecord *row = record_situation(&f->tables, &f->arena, situation);
    Ctps__DecisionComplete in = CTPS__DECISION_COMPLETE__INIT;

    SET(row, erased, 1);
    record_put(&f->tables, TABLE_SITUATION, table_key_of_u64(situation), &f->arena, &row->base);
    assert_int_equal(complete(f, id, "realisee", FIXTURE_TODAY), REFUSAL_ERASED);
    SET(&in, id, id);
    in.result = text("realisee");
    REQUEST(f, DECISION_COMPLETE, decision_complete, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
        TEST(take_refuses_by_name),
        TEST(take_wants_an_open_situation),
        TEST(take_seals_the_text_under_the_situation),
        TEST(take_warns_of_a_day_nobody_works),
        TEST(state_overdue_is_computed),
        TEST(complete_ends_once_by_one_of_three_results),
        TEST(complete_after_erasure_takes_no_text),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
