/* Announced, waited for, run days counted, capped, in this order. */
#include "fixture.h"

#include "domain/retention.h"
#include "domain/situation.h"

static void day_begin(struct fixture *f, int32_t today)
{
    ctps__request__init(&f->request);
    act_begin(f);
    f->act.today = today;
}

static void run_day(struct fixture *f, int32_t day)
{
    Ctps__DayRun run = CTPS__DAY_RUN__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};

    SET(&run, day, day);
    event.body_case = CTPS__EVENT__BODY_DAY_RUN;
    event.day_run = &run;
    events_apply(f, events, 1);
}

static unsigned announce(struct fixture *f, int32_t today)
{
    day_begin(f, today);
    retention_announce(&f->act);
    events_apply(f, f->act.events, f->act.event_count);
    return f->act.event_count;
}

/* Subjects ordered. */
static size_t order(struct fixture *f, int32_t today)
{
    size_t count = 0;

    day_begin(f, today);
    retention_order(&f->act);
    events_apply(f, f->act.events, f->act.event_count);
    for (unsigned i = 0; i < f->act.event_count; i++)
        count += f->act.events[i]->erasure_ordered->n_subjects;
    return count;
}

/* A closed situation whose term is FIXTURE_TODAY + 3 months. */
static uint64_t closed_make(struct fixture *f, int32_t *ret_due)
{
    uint64_t id = situation_make(f);

    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    *ret_due = civil_add_months(FIXTURE_TODAY, 3);
    return id;
}

static void announce_comes_15_days_before_the_term_once(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    closed_make(f, &due);
    assert_int_equal(announce(f, due - 16), 0);
    assert_int_equal(announce(f, due - 15), 1);
    assert_int_equal(f->act.events[0]->erasure_announced->due_day, due);
    assert_int_equal(announce(f, due - 15), 0);
    assert_int_equal(announce(f, due), 0);
}

static void announce_late_moves_the_term(void **state)
{
    struct fixture *f = *state;
    int32_t due;
    uint64_t id = closed_make(f, &due);

    assert_int_equal(announce(f, due + 40), 1);
    assert_int_equal(record_situation(&f->tables, &f->arena, id)->erase_due_day, due + 55);
    for (int32_t day = due + 41; day <= due + 50; day++)
        run_day(f, day);
    assert_int_equal(order(f, due + 54), 0);
    assert_int_equal(order(f, due + 55), 1);
}

static void order_without_announcement_never(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    closed_make(f, &due);
    for (int32_t day = due; day < due + 30; day++)
        run_day(f, day);
    assert_int_equal(order(f, due + 400), 0);
}

static void order_needs_five_days_run_since(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    closed_make(f, &due);
    run_day(f, due - 15);
    assert_int_equal(announce(f, due - 15), 1);
    for (int32_t day = due - 14; day <= due - 11; day++) {
        run_day(f, day);
        run_day(f, day); /* the same day again is no other day */
    }
    assert_int_equal(order(f, due + 100), 0);
    run_day(f, due + 100);
    assert_int_equal(order(f, due + 100), 1);
    assert_int_equal(order(f, due + 100), 0);
}

static void order_keeps_to_the_cap_of_a_day(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    for (int i = 0; i < 5; i++)
        closed_make(f, &due);
    f->settings.erase_per_day_max = 2;
    assert_int_equal(announce(f, due - 15), 5);
    for (int32_t day = due - 14; day <= due; day++)
        run_day(f, day);
    assert_int_equal(order(f, due), 2);
    assert_int_equal(order(f, due), 0);
    assert_int_equal(order(f, due + 1), 2);
    assert_int_equal(order(f, due + 2), 1);
}

static void announce_many_goes_on_where_it_stopped(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    for (int i = 0; i < ACT_EVENTS_MAX + 3; i++)
        closed_make(f, &due);
    assert_int_equal(announce(f, due - 15), ACT_EVENTS_MAX - 1);
    assert_int_equal(announce(f, due - 15), 4);
    assert_int_equal(announce(f, due - 15), 0);
}

static void done_blanks_what_was_sealed_and_keeps_facts(void **state)
{
    struct fixture *f = *state;
    Ctps__ErasureDone done = CTPS__ERASURE_DONE__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};
    const Ctps__SituationRecord *row;
    const Ctps__SaisineRecord *saisine;
    int32_t due;
    uint64_t id = closed_make(f, &due);

    announce(f, due - 15);
    for (int32_t day = due - 14; day <= due; day++)
        run_day(f, day);
    assert_int_equal(order(f, due), 1);
    SET(&done, ordered_seq, f->seq);
    SET(&done, day, due);
    event.body_case = CTPS__EVENT__BODY_ERASURE_DONE;
    event.erasure_done = &done;
    events_apply(f, events, 1);
    row = record_situation(&f->tables, &f->arena, id);
    assert_true(row->erased);
    assert_null(row->opened->content);
    assert_string_equal(row->status, STATUS_ERASED);
    assert_string_equal(row->opened->nature, "individuelle");
    saisine = record_saisine(&f->tables, &f->arena, row->saisines[0]);
    assert_true(saisine->erased);
    assert_null(saisine->received->content);
    assert_int_equal(saisine->received->n_persons, 0);
    assert_string_equal(saisine->received->age_band, "12-15");
}

/* Announced on a day the clock was behind: days run before that announcement are not days since
 * it, whatever their dates. */
static void order_counts_days_run_after_the_announcement_only(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    closed_make(f, &due);
    for (int32_t day = due; day <= due + 10; day++)
        run_day(f, day);
    assert_int_equal(announce(f, due - 15), 1); /* the clock was set back */
    assert_int_equal(order(f, due + 11), 0);
    for (int32_t day = due + 12; day <= due + 16; day++)
        run_day(f, day);
    assert_int_equal(order(f, due + 16), 1);
}

static void order_waits_anew_after_a_confirmed_clock_alarm(void **state)
{
    struct fixture *f = *state;
    Ctps__ClockAlarmConfirmed confirmed = CTPS__CLOCK_ALARM_CONFIRMED__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};
    int32_t due;

    closed_make(f, &due);
    run_day(f, due - 15);
    assert_int_equal(announce(f, due - 15), 1); /* the clock was behind */
    SET(&confirmed, day, due);
    event.body_case = CTPS__EVENT__BODY_CLOCK_ALARM_CONFIRMED;
    event.clock_alarm_confirmed = &confirmed;
    events_apply(f, events, 1);
    for (int32_t day = due; day <= due + 14; day++)
        run_day(f, day);
    assert_int_equal(order(f, due + 14), 0);
    assert_int_equal(order(f, due + 15), 1);
}

static enum refusal attach(struct fixture *f, uint64_t situation)
{
    Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

    SET(&in, id, saisine_make(f));
    SET(&in, attach_to, situation);
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
    return request_do(f);
}

/* Each saisine has a key, and its person one: 400 keys end together, and no other waits for it.
 */
static void order_takes_a_situation_of_many_keys(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    int32_t due;

    for (int i = 1; i < SITUATION_SAISINES_MAX; i++)
        assert_int_equal(attach(f, id), REFUSAL_NONE);
    assert_int_equal(attach(f, id), REFUSAL_LIMIT);
    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    closed_make(f, &due);
    assert_int_equal(announce(f, due - 15), 2);
    for (int32_t day = due - 14; day <= due; day++)
        run_day(f, day);
    assert_int_equal(order(f, due), 2);
    assert_int_equal(f->act.refusal, REFUSAL_NONE);
    assert_int_equal(f->act.events[0]->erasure_ordered->subjects[0]->n_slots,
                     2 * SITUATION_SAISINES_MAX + 1);
}

/* What does not fit is the next order's; one that is larger alone goes alone. */
static void order_names_no_more_keys_than_are_destroyed_in_one_go(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    for (int i = 0; i < 3; i++)
        closed_make(f, &due);
    assert_int_equal(announce(f, due - 15), 3);
    for (int32_t day = due - 14; day <= due; day++)
        run_day(f, day);
    for (int i = 0; i < 3; i++) {
        day_begin(f, due);
        retention_order_within(&f->act, 1);
        assert_int_equal(f->act.event_count, 1);
        assert_int_equal(f->act.events[0]->erasure_ordered->n_subjects, 1);
        assert_true(f->act.events[0]->erasure_ordered->subjects[0]->n_slots > 1);
        events_apply(f, f->act.events, f->act.event_count);
    }
    assert_int_equal(order(f, due), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(announce_comes_15_days_before_the_term_once),
        TEST(announce_late_moves_the_term),
        TEST(order_without_announcement_never),
        TEST(order_needs_five_days_run_since),
        TEST(order_keeps_to_the_cap_of_a_day),
        TEST(announce_many_goes_on_where_it_stopped),
        TEST(done_blanks_what_was_sealed_and_keeps_facts),
        TEST(order_counts_days_run_after_the_announcement_only),
        TEST(order_waits_anew_after_a_confirmed_clock_alarm),
        TEST(order_takes_a_situation_of_many_keys),
        TEST(order_names_no_more_keys_than_are_destroyed_in_one_go),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
