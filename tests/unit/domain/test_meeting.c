/* Texts under a meeting's own key have a term of their own; a series is numbered and sealed
 * one by one; instants are never stored. */
#include "fixture.h"

#include "base/civil.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/retention.h"

static void kinds_fill(struct fixture *f)
{
    act_begin(f);
    instance_defaults_emit(&f->act);
    events_apply(f, f->act.events, f->act.event_count);
}

static int meeting_setup(void **state)
{
    fixture_setup(state);
    kinds_fill(*state);
    return 0;
}

static Ctps__MeetingSchedule plain(void)
{
    Ctps__MeetingSchedule in = CTPS__MEETING_SCHEDULE__INIT;

    in.instance = text("suivi");
    in.territory = text("T1");
    SET(&in, day, FIXTURE_TODAY + 7);
    SET(&in, minute, 14 * 60);
    return in;
}

static uint64_t schedule(struct fixture *f, Ctps__MeetingSchedule *in)
{
    REQUEST(f, MEETING_SCHEDULE, meeting_schedule, in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.events[0]->meeting_scheduled->id;
}

static Ctps__MeetingRecord *row_of(struct fixture *f, uint64_t id)
{
    return record_meeting(&f->tables, &f->arena, id);
}

static uint64_t text_add(struct fixture *f, uint64_t id, const char *words)
{
    Ctps__MeetingAgendaAdd in = CTPS__MEETING_AGENDA_ADD__INIT;

    SET(&in, id, id);
    in.text = text(words);
    REQUEST(f, MEETING_AGENDA_ADD, meeting_agenda_add, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.events[0]->agenda_item_added->item->id;
}

static void schedule_without_text_takes_no_key(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingSchedule in = plain();
    uint64_t before = f->next_slot;
    uint64_t id = schedule(f, &in);

    assert_int_equal(f->next_slot, before);
    assert_false(row_of(f, id)->scheduled->has_slot);
    assert_int_equal(fake_count(f, TABLE_DUE), 0);
}

static void agenda_first_text_takes_the_meeting_s_key_and_its_term(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingSchedule in = plain();
    uint64_t id = schedule(f, &in);
    uint64_t slot;

    text_add(f, id, "one");
    slot = row_of(f, id)->scheduled->slot;
    assert_true(slot);
    text_add(f, id, "two");
    assert_int_equal(row_of(f, id)->agenda[1]->text->slot, slot);
    assert_int_equal(row_of(f, id)->scheduled->erase_due_day,
                     civil_add_months(FIXTURE_TODAY + 7, MEETING_TEXT_MONTHS));
    assert_int_equal(fake_count(f, TABLE_DUE), 1);
}

static void reschedule_moves_the_term_with_the_day(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingSchedule in = plain();
    Ctps__MeetingReschedule move = CTPS__MEETING_RESCHEDULE__INIT;
    uint64_t id;

    in.title = text("title");
    id = schedule(f, &in);
    SET(&move, id, id);
    SET(&move, day, FIXTURE_TODAY + 40);
    REQUEST(f, MEETING_RESCHEDULE, meeting_reschedule, &move);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(row_of(f, id)->scheduled->erase_due_day,
                     civil_add_months(FIXTURE_TODAY + 40, MEETING_TEXT_MONTHS));
    assert_int_equal(fake_count(f, TABLE_DUE), 1);
    assert_int_equal(fake_count(f, TABLE_MEETING_DAY), 1);
}

static void day_begin(struct fixture *f, int32_t today)
{
    ctps__request__init(&f->request);
    act_begin(f);
    f->act.today = today;
}

static void days_run(struct fixture *f, int32_t from, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        Ctps__DayRun *run;

        day_begin(f, from + i);
        run = emit_day_run(&f->act);
        SET(run, day, from + i);
        events_apply(f, f->act.events, f->act.event_count);
    }
}

static void retention_ends_the_meeting_s_own_texts_at_their_term(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingSchedule in = plain();
    Ctps__ErasureDone *done;
    Ctps__ErasureSubject *subject;
    uint64_t id;
    int32_t due;

    in.title = text("title");
    id = schedule(f, &in);
    text_add(f, id, "words");
    due = row_of(f, id)->scheduled->erase_due_day;
    day_begin(f, due - f->settings.announce_days);
    retention_announce(&f->act);
    assert_int_equal(f->act.event_count, 1);
    assert_int_equal(f->act.events[0]->erasure_announced->kind,
                     CTPS__OBJECT_KIND__OBJECT_MEETING);
    events_apply(f, f->act.events, f->act.event_count);
    days_run(f, due - f->settings.announce_days, f->settings.announce_run_days + 1);
    day_begin(f, due);
    retention_order(&f->act);
    assert_int_equal(f->act.event_count, 1);
    subject = f->act.events[0]->erasure_ordered->subjects[0];
    assert_int_equal(subject->kind, CTPS__OBJECT_KIND__OBJECT_MEETING);
    assert_int_equal(subject->id, id);
    assert_int_equal(subject->n_slots, 1);
    assert_int_equal(subject->slots[0], row_of(f, id)->scheduled->slot);
    events_apply(f, f->act.events, f->act.event_count);
    assert_true(row_of(f, id)->erasure_ordered);
    assert_int_equal(fake_count(f, TABLE_DUE), 0);
    day_begin(f, due);
    done = emit_erasure_done(&f->act);
    SET(done, ordered_seq, f->seq);
    SET(done, day, due);
    events_apply(f, f->act.events, f->act.event_count);
    assert_true(row_of(f, id)->erased);
    assert_null(row_of(f, id)->scheduled->title);
    assert_null(row_of(f, id)->agenda[0]->text);
    assert_int_equal(row_of(f, id)->scheduled->day, FIXTURE_TODAY + 7);
}

static void series_numbers_each_meeting_and_gives_each_a_key(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingSchedule in = plain();
    Ctps__Recurrence every = CTPS__RECURRENCE__INIT;
    uint64_t slots[3];

    SET(&every, every_weeks, 1);
    SET(&every, count, 3);
    in.recurrence = &every;
    in.title = text("title");
    schedule(f, &in);
    assert_int_equal(f->act.event_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        const Ctps__MeetingScheduled *one = f->act.events[i]->meeting_scheduled;

        assert_int_equal(one->reference_ordinal, i + 1);
        assert_int_equal(one->series_index, i);
        assert_int_equal(one->series, f->act.events[0]->meeting_scheduled->series);
        slots[i] = one->slot;
        assert_true(i == 0 || slots[i] != slots[i - 1]);
    }
    schedule(f, &in);
    assert_int_equal(f->act.events[0]->meeting_scheduled->reference_ordinal, 4);
}

/* Agent 7 is habilitated from 100 days before FIXTURE_TODAY to 100 days after. */
static enum refusal hold_on(struct fixture *f, uint64_t id, int32_t today)
{
    Ctps__MeetingHold in = CTPS__MEETING_HOLD__INIT;
    uint64_t present[] = {7};

    SET(&in, id, id);
    in.n_present_agents = 1;
    in.present_agents = present;
    REQUEST(f, MEETING_HOLD, meeting_hold, &in);
    act_begin(f);
    f->act.today = today;
    request_row_find(&f->request)->authorise(&f->act);
    request_row_find(&f->request)->run(&f->act);
    return f->act.refusal;
}

static void hold_judges_who_was_there_on_the_day_of_the_meeting(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingSchedule in = plain();
    uint64_t id;

    SET(&in, day, FIXTURE_TODAY + 100);
    id = schedule(f, &in);
    assert_int_equal(hold_on(f, id, FIXTURE_TODAY + 110), REFUSAL_NONE);
    assert_int_equal(f->act.events[0]->meeting_held->attendance[0]->walk_in, 1);
    SET(&in, day, FIXTURE_TODAY + 101);
    id = schedule(f, &in);
    assert_int_equal(hold_on(f, id, FIXTURE_TODAY + 101), REFUSAL_AGENT_NOT_HABILITATED);
}

static void hold_takes_who_chairs_for_invited(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingSchedule in = plain();

    SET(&in, chair, 7);
    assert_int_equal(hold_on(f, schedule(f, &in), FIXTURE_TODAY + 7), REFUSAL_NONE);
    assert_false(f->act.events[0]->meeting_held->attendance[0]->walk_in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(schedule_without_text_takes_no_key, meeting_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(agenda_first_text_takes_the_meeting_s_key_and_its_term,
                                        meeting_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(reschedule_moves_the_term_with_the_day, meeting_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(retention_ends_the_meeting_s_own_texts_at_their_term,
                                        meeting_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(series_numbers_each_meeting_and_gives_each_a_key,
                                        meeting_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(hold_judges_who_was_there_on_the_day_of_the_meeting,
                                        meeting_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(hold_takes_who_chairs_for_invited, meeting_setup,
                                        fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
