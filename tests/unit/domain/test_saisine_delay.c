/* How long an answer may take, in working days of the town; how saisines are counted. */
#include "fixture.h"

#include "domain/saisine_count.h"
#include "domain/view_fill.h"

static const struct civil_holidays metropole = {0};
static const struct civil_holidays alsace = {.alsace_moselle = true};
static const struct civil_holidays mulhouse = {.alsace_moselle = true, .good_friday = true};

static int32_t day(int year, int month, int of_month)
{
    return civil_day_of((struct civil_date){year, month, of_month});
}

static bool is_overdue(struct fixture *f, const struct civil_holidays *holidays,
                       int32_t received_day, int32_t today)
{
    Ctps__SaisineReceived received = CTPS__SAISINE_RECEIVED__INIT;
    Ctps__SaisineRecord record = CTPS__SAISINE_RECORD__INIT;

    SET(&received, received_day, received_day);
    record.received = &received;
    record.status = text(SAISINE_RECEIVED);
    f->settings.holidays = *holidays;
    act_begin(f);
    f->act.today = today;
    return view_saisine_is_overdue(&f->act, &record);
}

/* On the fifth working day the answer is still in time, on the sixth it is late. */
static void overdue_from_the_sixth_working_day(void **state)
{
    static const struct {
        const char *why;
        const struct civil_holidays *holidays;
        int received[3], fifth[3], sixth[3];
    } rows[] = {
        {"a plain week", &mulhouse, {2026, 11, 16}, {2026, 11, 23}, {2026, 11, 24}},
        {"received on a Saturday", &mulhouse, {2026, 11, 14}, {2026, 11, 20}, {2026, 11, 23}},
        /* Easter 2026: Good Friday 3 April, Monday 6 April */
        {"Easter, Mulhouse", &mulhouse, {2026, 3, 31}, {2026, 4, 9}, {2026, 4, 10}},
        {"Easter, Good Friday worked", &alsace, {2026, 3, 31}, {2026, 4, 8}, {2026, 4, 9}},
        {"Easter, elsewhere", &metropole, {2026, 3, 31}, {2026, 4, 8}, {2026, 4, 9}},
        {"eve of Good Friday", &mulhouse, {2026, 4, 2}, {2026, 4, 13}, {2026, 4, 14}},
        /* 25 December 2024 is a Wednesday, the 26th a Thursday */
        {"26 December", &mulhouse, {2024, 12, 23}, {2025, 1, 2}, {2025, 1, 3}},
        {"26 December, elsewhere", &metropole, {2024, 12, 23}, {2024, 12, 31}, {2025, 1, 2}},
        /* 26 December 2026 is a Saturday: no day is lost */
        {"26 December on a Saturday",
         &mulhouse,
         {2026, 12, 21},
         {2026, 12, 29},
         {2026, 12, 30}},
        {"26 December on a Saturday, elsewhere",
         &metropole,
         {2026, 12, 21},
         {2026, 12, 29},
         {2026, 12, 30}},
        /* 2008: Ascension and 1 May are one day */
        {"Ascension on 1 May", &mulhouse, {2008, 4, 29}, {2008, 5, 7}, {2008, 5, 9}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int *in = rows[i].received;
        const int *fifth = rows[i].fifth;
        const int *sixth = rows[i].sixth;
        int32_t received = day(in[0], in[1], in[2]);

        if (is_overdue(*state, rows[i].holidays, received, day(fifth[0], fifth[1], fifth[2])))
            fail_msg("%s: late on the fifth working day", rows[i].why);
        if (!is_overdue(*state, rows[i].holidays, received, day(sixth[0], sixth[1], sixth[2])))
            fail_msg("%s: not late on the sixth", rows[i].why);
    }
}

static void overdue_goes_by_the_days_configured(void **state)
{
    struct fixture *f = *state;
    int32_t friday = day(2026, 11, 20);

    f->settings.answer_working_days = 0;
    assert_false(is_overdue(f, &mulhouse, friday, friday));
    assert_true(is_overdue(f, &mulhouse, friday, friday + 1));
    f->settings.answer_working_days = 1;
    assert_false(is_overdue(f, &mulhouse, friday, friday + 3));
    assert_true(is_overdue(f, &mulhouse, friday, friday + 4));
}

static void overdue_only_while_nobody_answered(void **state)
{
    struct fixture *f = *state;
    uint64_t id = saisine_make(f);
    Ctps__SaisineDecline in = CTPS__SAISINE_DECLINE__INIT;

    act_begin(f);
    f->act.today = FIXTURE_TODAY + 30;
    assert_true(view_saisine_is_overdue(&f->act, record_saisine(&f->tables, &f->arena, id)));
    SET(&in, id, id);
    in.motive = text("autre");
    REQUEST(f, SAISINE_DECLINE, saisine_decline, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    f->act.today = FIXTURE_TODAY + 30;
    assert_false(view_saisine_is_overdue(&f->act, record_saisine(&f->tables, &f->arena, id)));
}

static uint64_t counted(struct fixture *f, const char *status)
{
    Ctps__CounterRecord *row = (Ctps__CounterRecord *)record_get(
        &f->tables, TABLE_SAISINE_COUNT,
        saisine_count_key("T1", FIXTURE_TODAY - 1, "habitant", status), &f->arena,
        &ctps__counter_record__descriptor);

    return row ? row->value : 0;
}

static void counts_follow_the_state_and_empty_ones_go(void **state)
{
    struct fixture *f = *state;

    saisine_make(f);
    assert_int_equal(counted(f, SAISINE_RECEIVED), 1);
    saisine_make(f);
    assert_int_equal(counted(f, SAISINE_RECEIVED), 2);
    situation_make(f);
    assert_int_equal(counted(f, SAISINE_RECEIVED), 2);
    assert_int_equal(counted(f, SAISINE_ACCEPTED), 1);
    assert_int_equal(fake_count(f, TABLE_SAISINE_COUNT), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(overdue_from_the_sixth_working_day),
        TEST(overdue_goes_by_the_days_configured),
        TEST(overdue_only_while_nobody_answered),
        TEST(counts_follow_the_state_and_empty_ones_go),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
