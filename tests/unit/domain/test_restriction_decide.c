/* Restricted: what it stops and what goes on; the policy's part is tests/unit/policy. */
#include "fixture.h"

#include "domain/retention.h"

static enum refusal restrict_it(struct fixture *f, uint64_t id, const char *reason)
{
    Ctps__SituationRestrict in = CTPS__SITUATION_RESTRICT__INIT;

    SET(&in, id, id);
    in.reason = text(reason);
    REQUEST(f, SITUATION_RESTRICT, situation_restrict, &in);
    return request_do(f);
}

static enum refusal lift_it(struct fixture *f, uint64_t id, const char *reason)
{
    Ctps__SituationLift in = CTPS__SITUATION_LIFT__INIT;

    SET(&in, id, id);
    in.reason = text(reason);
    REQUEST(f, SITUATION_LIFT, situation_lift, &in);
    return request_do(f);
}

static enum refusal erase_it(struct fixture *f, uint64_t id)
{
    Ctps__SituationErase in = CTPS__SITUATION_ERASE__INIT;

    SET(&in, id, id);
    in.reason = text("suivi");
    REQUEST(f, SITUATION_ERASE, situation_erase, &in);
    return request_do(f);
}

static const Ctps__SituationRecord *situation_of(struct fixture *f, uint64_t id)
{
    return record_situation(&f->tables, &f->arena, id);
}

static unsigned announce(struct fixture *f, int32_t today)
{
    ctps__request__init(&f->request);
    act_begin(f);
    f->act.today = today;
    retention_announce(&f->act);
    events_apply(f, f->act.events, f->act.event_count);
    return f->act.event_count;
}

static unsigned order(struct fixture *f, int32_t today)
{
    ctps__request__init(&f->request);
    act_begin(f);
    f->act.today = today;
    retention_order(&f->act);
    events_apply(f, f->act.events, f->act.event_count);
    return f->act.event_count;
}

static void run_days(struct fixture *f, int32_t from, int32_t to)
{
    for (int32_t day = from; day <= to; day++) {
        Ctps__DayRun run = CTPS__DAY_RUN__INIT;
        Ctps__Event event = CTPS__EVENT__INIT;
        Ctps__Event *events[] = {&event};

        SET(&run, day, day);
        event.body_case = CTPS__EVENT__BODY_DAY_RUN;
        event.day_run = &run;
        events_apply(f, events, 1);
    }
}

static void restrict_needs_a_reason_and_is_once(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);

    assert_int_equal(restrict_it(f, id, ""), REFUSAL_FIELD_MISSING);
    assert_int_equal(lift_it(f, id, "CANARI"), REFUSAL_STATE_WRONG);
    assert_int_equal(restrict_it(f, id, "CANARI"), REFUSAL_NONE);
    assert_int_equal(restrict_it(f, id, "CANARI"), REFUSAL_STATE_WRONG);
    assert_int_equal(lift_it(f, id, ""), REFUSAL_FIELD_MISSING);
    assert_int_equal(lift_it(f, id, "CANARI"), REFUSAL_NONE);
    assert_false(situation_of(f, id)->restricted);
    assert_int_equal(restrict_it(f, 12345, "CANARI"), REFUSAL_ABSENT);
}

static void restricted_is_neither_announced_nor_ordered(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    int32_t due = civil_add_months(FIXTURE_TODAY, 3);

    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    assert_int_equal(restrict_it(f, id, "CANARI"), REFUSAL_NONE);
    assert_int_equal(announce(f, due + 100), 0);
    run_days(f, due, due + 100);
    assert_int_equal(order(f, due + 400), 0);
}

static void lifted_waits_for_a_new_announcement(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    int32_t due = civil_add_months(FIXTURE_TODAY, 3);

    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    assert_int_equal(announce(f, due - 15), 1);
    run_days(f, due - 14, due);
    assert_int_equal(restrict_it(f, id, "CANARI"), REFUSAL_NONE);
    assert_int_equal(lift_it(f, id, "CANARI"), REFUSAL_NONE);
    assert_int_equal(order(f, due + 1), 0); /* the old announcement does not count */
    assert_int_equal(announce(f, due + 1), 1);
    run_days(f, due + 2, due + 16);
    assert_int_equal(order(f, due + 15), 0);
    assert_int_equal(order(f, due + 16), 1);
}

static void order_not_carried_out_is_taken_back(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    uint64_t saisine = situation_of(f, id)->saisines[0];

    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    assert_int_equal(erase_it(f, id), REFUSAL_NONE);
    assert_true(situation_of(f, id)->erasure_ordered);
    assert_int_equal(fake_count(f, TABLE_ERASURE), 1);
    assert_int_equal(restrict_it(f, id, "CANARI"), REFUSAL_NONE);
    assert_int_equal(fake_count(f, TABLE_ERASURE), 0); /* nothing is left to carry out */
    assert_false(situation_of(f, id)->erasure_ordered);
    assert_false(record_saisine(&f->tables, &f->arena, saisine)->erasure_ordered);
    assert_true(record_saisine(&f->tables, &f->arena, saisine)->restricted);
}

static void order_of_several_keeps_the_others(void **state)
{
    struct fixture *f = *state;
    int32_t due = civil_add_months(FIXTURE_TODAY, 3);
    uint64_t ids[3];
    Ctps__ErasureRecord *row;

    for (size_t i = 0; i < 3; i++) {
        ids[i] = situation_make(f);
        assert_int_equal(situation_close(f, ids[i], FIXTURE_TODAY), REFUSAL_NONE);
    }
    assert_int_equal(announce(f, due - 15), 3);
    run_days(f, due - 14, due);
    assert_int_equal(order(f, due), 1);
    assert_int_equal(restrict_it(f, ids[1], "CANARI"), REFUSAL_NONE);
    row = (Ctps__ErasureRecord *)record_get(&f->tables, TABLE_ERASURE,
                                            table_key_of_u64(f->seq - 1), &f->arena,
                                            &ctps__erasure_record__descriptor);
    assert_non_null(row);
    assert_int_equal(row->ordered->n_subjects, 2);
    assert_true(situation_of(f, ids[0])->erasure_ordered);
    assert_true(situation_of(f, ids[2])->erasure_ordered);
}

static void erased_is_past_restricting(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__ErasureDone done = CTPS__ERASURE_DONE__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};

    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    assert_int_equal(erase_it(f, id), REFUSAL_NONE);
    SET(&done, ordered_seq, f->seq);
    event.body_case = CTPS__EVENT__BODY_ERASURE_DONE;
    event.erasure_done = &done;
    events_apply(f, events, 1);
    assert_int_equal(restrict_it(f, id, "CANARI"), REFUSAL_ERASED);
}

static void saisine_is_not_attached_to_a_restricted_one(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

    assert_int_equal(restrict_it(f, id, "CANARI"), REFUSAL_NONE);
    SET(&in, id, saisine_make(f));
    SET(&in, attach_to, id);
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
    assert_int_equal(request_decide(f), REFUSAL_RESTRICTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(restrict_needs_a_reason_and_is_once),
        TEST(restricted_is_neither_announced_nor_ordered),
        TEST(lifted_waits_for_a_new_announcement),
        TEST(order_not_carried_out_is_taken_back),
        TEST(order_of_several_keeps_the_others),
        TEST(erased_is_past_restricting),
        TEST(saisine_is_not_attached_to_a_restricted_one),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
