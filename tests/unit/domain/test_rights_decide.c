/* Requests of persons: terms by the civil month, and the end of who asked. */
#include "fixture.h"

#include "domain/retention.h"
#include "domain/rights.h"

static uint64_t rights_open(struct fixture *f, int32_t received)
{
    Ctps__RightsOpen in = CTPS__RIGHTS_OPEN__INIT;

    in.kind = text("access");
    in.territory = text("T1");
    in.name = text("CANARI");
    SET(&in, received_day, received);
    REQUEST(f, RIGHTS_OPEN, rights_open, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.made[0]->id;
}

static enum refusal answer(struct fixture *f, uint64_t id)
{
    Ctps__RightsAnswer in = CTPS__RIGHTS_ANSWER__INIT;

    SET(&in, id, id);
    in.outcome = text("granted");
    in.text = text("CANARI answer");
    REQUEST(f, RIGHTS_ANSWER, rights_answer, &in);
    return request_do(f);
}

static int32_t due_of(struct fixture *f, uint64_t id)
{
    return rights_record(&f->tables, &f->arena, id)->due_day;
}

/* The last day of a shorter month stands for one that is not there (Règlement 1182/71). */
static void due_day_is_the_same_day_of_the_next_month(void **state)
{
    struct fixture *f = *state;
    struct civil_date end = {2025, 1, 31};
    struct civil_date last = {2025, 2, 28};

    assert_int_equal(due_of(f, rights_open(f, civil_day_of(end))), civil_day_of(last));
    assert_int_equal(due_of(f, rights_open(f, FIXTURE_TODAY)),
                     civil_add_months(FIXTURE_TODAY, 1));
}

static void extension_counts_from_reception(void **state)
{
    struct fixture *f = *state;
    uint64_t id = rights_open(f, FIXTURE_TODAY - 20);
    Ctps__RightsExtend in = CTPS__RIGHTS_EXTEND__INIT;

    SET(&in, id, id);
    in.reason = text("CANARI reason");
    REQUEST(f, RIGHTS_EXTEND, rights_extend, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(due_of(f, id), civil_add_months(FIXTURE_TODAY - 20, 3));
    REQUEST(f, RIGHTS_EXTEND, rights_extend, &in);
    assert_int_equal(request_do(f), REFUSAL_RIGHTS_EXTENDED);
}

static void extension_after_the_term_is_refused(void **state)
{
    struct fixture *f = *state;
    Ctps__RightsExtend in = CTPS__RIGHTS_EXTEND__INIT;

    SET(&in, id, rights_open(f, FIXTURE_TODAY - 60));
    in.reason = text("CANARI reason");
    REQUEST(f, RIGHTS_EXTEND, rights_extend, &in);
    assert_int_equal(request_do(f), REFUSAL_RIGHTS_LATE);
}

static void numbers_are_of_the_town_and_the_year(void **state)
{
    struct fixture *f = *state;
    uint64_t first = rights_open(f, civil_day_of((struct civil_date){2025, 3, 1}));
    uint64_t second = rights_open(f, civil_day_of((struct civil_date){2025, 3, 2}));
    uint64_t other = rights_open(f, civil_day_of((struct civil_date){2024, 3, 2}));

    assert_string_equal(rights_record(&f->tables, &f->arena, first)->opened->number,
                        "D-2025-0001");
    assert_string_equal(rights_record(&f->tables, &f->arena, second)->opened->number,
                        "D-2025-0002");
    assert_string_equal(rights_record(&f->tables, &f->arena, other)->opened->number,
                        "D-2024-0001");
}

/* Announced, waited for, run days counted: as for a situation. */
static void who_asked_ends_three_months_after_the_answer(void **state)
{
    struct fixture *f = *state;
    uint64_t id = rights_open(f, FIXTURE_TODAY);
    int32_t due = civil_add_months(FIXTURE_TODAY, 3);
    uint64_t slot = rights_record(&f->tables, &f->arena, id)->opened->slot;
    const Ctps__ErasureSubject *subject;
    Ctps__ErasureDone done = CTPS__ERASURE_DONE__INIT;
    Ctps__DayRun run = CTPS__DAY_RUN__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};

    assert_int_equal(answer(f, id), REFUSAL_NONE);
    ctps__request__init(&f->request);
    act_begin(f);
    f->act.today = due - 15;
    retention_announce(&f->act);
    assert_int_equal(f->act.event_count, 1);
    events_apply(f, f->act.events, f->act.event_count);
    for (int32_t day = due - 14; day <= due; day++) {
        SET(&run, day, day);
        event.body_case = CTPS__EVENT__BODY_DAY_RUN;
        event.day_run = &run;
        events_apply(f, events, 1);
    }
    act_begin(f);
    f->act.today = due;
    retention_order(&f->act);
    assert_int_equal(f->act.event_count, 1);
    subject = f->act.events[0]->erasure_ordered->subjects[0];
    assert_int_equal(subject->kind, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST);
    assert_int_equal(subject->n_slots, 1);
    assert_int_equal(subject->slots[0], slot);
    events_apply(f, f->act.events, f->act.event_count);
    SET(&done, ordered_seq, f->seq);
    event.body_case = CTPS__EVENT__BODY_ERASURE_DONE;
    event.erasure_done = &done;
    events_apply(f, events, 1);
    assert_null(rights_record(&f->tables, &f->arena, id)->opened->requester);
    assert_null(rights_record(&f->tables, &f->arena, id)->answered->text);
    assert_string_equal(rights_record(&f->tables, &f->arena, id)->answered->outcome, "granted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(due_day_is_the_same_day_of_the_next_month),
        TEST(extension_counts_from_reception),
        TEST(extension_after_the_term_is_refused),
        TEST(numbers_are_of_the_town_and_the_year),
        TEST(who_asked_ends_three_months_after_the_answer),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
