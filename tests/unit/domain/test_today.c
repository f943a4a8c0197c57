/* What is open stands in an index of its own, whatever becomes of it; and what is due of it. */
#include "fixture.h"

#include "base/civil.h"
#include "domain/page.h"
#include "domain/view_fill.h"

struct seen {
    size_t count;
    uint64_t ids[8];
};

static bool see(void *arg, uint64_t id)
{
    struct seen *seen = arg;

    seen->ids[seen->count++] = id;
    return seen->count < 8;
}

static struct seen open_ones(struct fixture *f, Ctps__ObjectKind kind)
{
    struct seen seen = {0};

    act_begin(f);
    assert_true(page_walk_open(&f->act, "T1", kind, 100, see, &seen));
    return seen;
}

static void open_is_what_is_received_or_followed(void **state)
{
    struct fixture *f = *state;
    uint64_t saisine = saisine_make(f);
    uint64_t situation;

    assert_int_equal(open_ones(f, CTPS__OBJECT_KIND__OBJECT_SAISINE).ids[0], saisine);
    situation = situation_make(f);
    assert_int_equal(open_ones(f, CTPS__OBJECT_KIND__OBJECT_SAISINE).count, 1);
    assert_int_equal(open_ones(f, CTPS__OBJECT_KIND__OBJECT_SITUATION).ids[0], situation);
    assert_int_equal(situation_close(f, situation, FIXTURE_TODAY), REFUSAL_NONE);
    assert_int_equal(open_ones(f, CTPS__OBJECT_KIND__OBJECT_SITUATION).count, 0);
    assert_int_equal(fake_count(f, TABLE_OPEN), 1);
}

static void open_walk_says_when_there_is_more(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};

    for (int i = 0; i < 3; i++)
        saisine_make(f);
    act_begin(f);
    assert_false(
        page_walk_open(&f->act, "T1", CTPS__OBJECT_KIND__OBJECT_SAISINE, 2, see, &seen));
    assert_int_equal(seen.count, 2);
    assert_true(
        page_walk_open(&f->act, "T1", CTPS__OBJECT_KIND__OBJECT_SAISINE, 3, see, &seen));
}

static void walk_all_is_newest_first_over_territories(void **state)
{
    static const char *const codes[] = {"T1", "T2", "T3"};
    struct fixture *f = *state;
    struct seen seen = {0};

    for (uint64_t id = 1; id <= 6; id++) {
        struct table_key key = {0};

        table_key_add_text(&key, codes[id % 2]);
        table_key_add_u32(&key, CTPS__OBJECT_KIND__OBJECT_MEETING);
        table_key_add_u64(&key, id);
        fake_put(f, TABLE_BY_TERRITORY, table_key_bytes(&key), bytes_of(NULL, 0));
    }
    act_begin(f);
    page_walk_all(&f->act, codes, 3, CTPS__OBJECT_KIND__OBJECT_MEETING, 6, see, &seen);
    assert_int_equal(seen.count, 5);
    for (size_t i = 0; i < seen.count; i++)
        assert_int_equal(seen.ids[i], 5 - i);
}

static void silent_is_open_and_45_days_without_a_step(void **state)
{
    struct fixture *f = *state;
    Ctps__SituationRecord record = CTPS__SITUATION_RECORD__INIT;

    act_begin(f);
    assert_false(view_is_silent(&f->act, &record, 145));
    SET(&record, last_entry_day, 100);
    assert_false(view_is_silent(&f->act, &record, 144));
    assert_true(view_is_silent(&f->act, &record, 145));
    f->settings.silent_days = 10;
    assert_int_equal(view_silent_day(&f->act, &record), 110);
    assert_true(view_is_silent(&f->act, &record, 110));
    SET(&record, closed_day, 120);
    assert_false(view_is_silent(&f->act, &record, 145));
}

static const Ctps__TodayItem *first_due(struct fixture *f, int32_t today)
{
    static Ctps__Reply reply;
    static Ctps__TodayGet in;

    ctps__today_get__init(&in);
    ctps__reply__init(&reply);
    REQUEST(f, TODAY_GET, today_get, &in);
    act_begin(f);
    f->act.reply = &reply;
    f->act.today = today;
    authorise_today(&f->act);
    answer_today(&f->act);
    return reply.today_answer->n_items ? reply.today_answer->items[0] : NULL;
}

static void saisine_is_unanswered_after_its_working_days(void **state)
{
    struct fixture *f = *state;
    int32_t due;

    saisine_make(f);
    due = first_due(f, FIXTURE_TODAY)->due_day;
    assert_string_equal(first_due(f, due)->kind, "saisine_new");
    assert_false(first_due(f, due)->late);
    assert_string_equal(first_due(f, due + 1)->kind, "saisine_unanswered");
    assert_true(first_due(f, due + 1)->late);
    f->allowed = false;
    assert_null(first_due(f, due + 1));
}

static const Ctps__TodayItem *due_of(struct fixture *f, int32_t today, const char *kind)
{
    if (!first_due(f, today))
        return NULL;
    for (size_t i = 0; i < f->act.reply->today_answer->n_items; i++)
        if (strcmp(f->act.reply->today_answer->items[i]->kind, kind) == 0)
            return f->act.reply->today_answer->items[i];
    return NULL;
}

static void person_is_to_be_told_within_fifteen_days(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    const Ctps__TodayItem *item;

    assert_null(due_of(f, FIXTURE_TODAY + 15, "not_informed"));
    item = due_of(f, FIXTURE_TODAY + 16, "not_informed");
    assert_int_equal(item->id, id);
    assert_int_equal(item->due_day, FIXTURE_TODAY + 15);
    assert_true(item->late);
    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    assert_null(due_of(f, FIXTURE_TODAY + 16, "not_informed"));
}

static void decision_put(struct fixture *f, uint64_t id, uint64_t agent, uint64_t contact)
{
    Ctps__DecisionRecord row = CTPS__DECISION_RECORD__INIT;
    Ctps__DecisionTaken taken = CTPS__DECISION_TAKEN__INIT;
    struct table_key key = table_key_of_two(agent ? agent : contact, id);

    row.taken = &taken;
    SET(&taken, id, id);
    taken.verb = text("contacter");
    SET(&taken, due_day, FIXTURE_TODAY);
    if (agent)
        SET(&taken, agent, agent);
    else
        SET(&taken, contact, contact);
    record_put(&f->tables, TABLE_DECISION, table_key_of_u64(id), &f->arena, &row.base);
    fake_put(f, TABLE_DECISION_OF, table_key_bytes(&key), bytes_of(NULL, 0));
}

static void decision_is_due_then_overdue_for_whom_it_is_charged_to(void **state)
{
    struct fixture *f = *state;

    decision_put(f, 31, 7, 0);
    decision_put(f, 32, 8, 0);
    assert_int_equal(due_of(f, FIXTURE_TODAY, "decision_due")->id, 31);
    assert_null(due_of(f, FIXTURE_TODAY - 30, "decision_due"));
    assert_null(due_of(f, FIXTURE_TODAY + 1, "decision_due"));
    assert_true(due_of(f, FIXTURE_TODAY + 1, "decision_overdue")->late);
    assert_int_equal(f->act.reply->today_answer->n_items, 1);
}

static void contact_s_day_holds_his_own_and_nothing_else(void **state)
{
    struct fixture *f = *state;

    saisine_make(f);
    situation_make(f);
    decision_put(f, 33, 0, 9);
    f->who = (struct principal){.kind = PRINCIPAL_KIND_CONTACT, .id = 9};
    assert_int_equal(due_of(f, FIXTURE_TODAY + 60, "decision_overdue")->id, 33);
    assert_int_equal(f->act.reply->today_answer->n_items, 1);
}

static void request_of_a_person_is_due_then_overdue_until_answered(void **state)
{
    struct fixture *f = *state;
    Ctps__RightsRecord row = CTPS__RIGHTS_RECORD__INIT;
    Ctps__RightsOpened opened = CTPS__RIGHTS_OPENED__INIT;
    Ctps__RightsAnswered answered = CTPS__RIGHTS_ANSWERED__INIT;

    row.opened = &opened;
    SET(&opened, id, 41);
    opened.territory = text("T1");
    SET(&row, due_day, FIXTURE_TODAY + 30);
    record_put(&f->tables, TABLE_RIGHTS, table_key_of_u64(41), &f->arena, &row.base);
    assert_null(due_of(f, FIXTURE_TODAY - 1, "rights_due"));
    assert_int_equal(due_of(f, FIXTURE_TODAY, "rights_due")->id, 41);
    assert_true(due_of(f, FIXTURE_TODAY + 31, "rights_overdue")->late);
    f->allowed = false;
    assert_null(due_of(f, FIXTURE_TODAY + 31, "rights_overdue"));
    f->allowed = true;
    row.answered = &answered;
    record_put(&f->tables, TABLE_RIGHTS, table_key_of_u64(41), &f->arena, &row.base);
    assert_null(due_of(f, FIXTURE_TODAY + 31, "rights_overdue"));
}

static void minutes_are_late_after_five_working_days(void **state)
{
    struct fixture *f = *state;
    Ctps__MeetingRecord row = CTPS__MEETING_RECORD__INIT;
    Ctps__MeetingScheduled scheduled = CTPS__MEETING_SCHEDULED__INIT;
    struct table_key key = {0};
    int32_t due = civil_add_working_days(&f->settings.holidays, FIXTURE_TODAY, 5);

    row.scheduled = &scheduled;
    row.state = text("scheduled");
    SET(&scheduled, id, 51);
    SET(&scheduled, day, FIXTURE_TODAY);
    table_key_add_day(&key, FIXTURE_TODAY);
    table_key_add_u64(&key, 51);
    fake_put(f, TABLE_MEETING_DAY, table_key_bytes(&key), bytes_of(NULL, 0));
    record_put(&f->tables, TABLE_MEETING, table_key_of_u64(51), &f->arena, &row.base);
    assert_null(due_of(f, due + 1, "minutes_overdue"));
    row.state = text("held");
    record_put(&f->tables, TABLE_MEETING, table_key_of_u64(51), &f->arena, &row.base);
    assert_null(due_of(f, due, "minutes_overdue"));
    assert_int_equal(due_of(f, due + 1, "minutes_overdue")->id, 51);
    assert_int_equal(due_of(f, due + 1, "minutes_overdue")->due_day, due);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open_is_what_is_received_or_followed),
        TEST(open_walk_says_when_there_is_more),
        TEST(walk_all_is_newest_first_over_territories),
        TEST(silent_is_open_and_45_days_without_a_step),
        TEST(saisine_is_unanswered_after_its_working_days),
        TEST(person_is_to_be_told_within_fifteen_days),
        TEST(decision_is_due_then_overdue_for_whom_it_is_charged_to),
        TEST(contact_s_day_holds_his_own_and_nothing_else),
        TEST(request_of_a_person_is_due_then_overdue_until_answered),
        TEST(minutes_are_late_after_five_working_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
