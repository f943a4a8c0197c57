/* Until when data are kept: three months, less as one likes, more with a reason, never past the
 * limits. */
#include "fixture.h"

#include "domain/retention_term.h"

enum { OPENED = FIXTURE_TODAY };

static enum refusal town_set(struct fixture *f, int months, const char *justification)
{
    Ctps__Town town = CTPS__TOWN__INIT;

    town.name = text("Town");
    if (months >= 0)
        SET(&town, retention_months, (uint32_t)months);
    town.retention_justification = justification ? text(justification) : NULL;
    REQUEST(f, TOWN_SET, town_set, &town);
    return request_do(f);
}

/* Closed today: the day its person, born so many years ago, is erased. */
static int32_t due_of(struct fixture *f, int32_t birth_day, const char *role)
{
    struct received in;
    Ctps__SaisineAccept accept = CTPS__SAISINE_ACCEPT__INIT;
    uint64_t id;

    received_init(&in);
    SET(&in.identity, birth_day, birth_day);
    in.person.role = text(role);
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    SET(&accept, id, f->act.made[0]->id);
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &accept);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    id = f->act.made[0]->id;
    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    return record_situation(&f->tables, &f->arena, id)->erase_due_day;
}

static int32_t born(int years, int days)
{
    return civil_add_months(FIXTURE_TODAY, -12 * years) + days;
}

static int32_t after(int months)
{
    return civil_add_months(FIXTURE_TODAY, months);
}

static void three_months_when_nobody_said_otherwise(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(due_of(f, born(14, 0), "concerned"), after(3));
    assert_int_equal(town_set(f, -1, NULL), REFUSAL_NONE);
    assert_int_equal(due_of(f, born(14, 0), "concerned"), after(3));
}

static void shorter_needs_no_reason(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(town_set(f, 1, NULL), REFUSAL_NONE);
    assert_int_equal(due_of(f, born(14, 0), "concerned"), after(1));
    assert_int_equal(town_set(f, 0, NULL), REFUSAL_NONE);
    assert_int_equal(due_of(f, born(14, 0), "concerned"), after(0));
}

static void longer_without_a_justification_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(town_set(f, 4, NULL), REFUSAL_RETENTION_UNJUSTIFIED);
    assert_int_equal(town_set(f, 36, ""), REFUSAL_RETENTION_UNJUSTIFIED);
    assert_int_equal(town_set(f, 3, NULL), REFUSAL_NONE);
    assert_int_equal(town_set(f, 36, "deliberation"), REFUSAL_NONE);
}

static void longer_than_three_years_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(town_set(f, 37, "deliberation"), REFUSAL_RETENTION_TOO_LONG);
}

static void justification_stands_in_the_event(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(town_set(f, 12, "deliberation"), REFUSAL_NONE);
    assert_string_equal(f->act.events[0]->settings_changed->retention_justification,
                        "deliberation");
}

static void lengthened_ends_at_the_25th_birthday_of_a_minor(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(town_set(f, 36, "deliberation"), REFUSAL_NONE);
    /* 17 when followed: 25 lies past the three years. */
    assert_int_equal(due_of(f, born(17, 0), "concerned"), after(36));
    /* An adult's birthday ends nothing. */
    assert_int_equal(due_of(f, born(24, 0), "concerned"), after(36));
    assert_int_equal(due_of(f, born(18, 0), "concerned"), after(36));
}

/* Followed from 17 to 24: the birthday comes first. */
static void birthday_wins_when_it_is_earlier(void **state)
{
    struct fixture *f = *state;
    struct retention_minors minors = {0};
    Ctps__Identity identity = CTPS__IDENTITY__INIT;

    assert_int_equal(town_set(f, 36, "deliberation"), REFUSAL_NONE);
    SET(&identity, birth_day, born(24, 0));
    retention_minor_note(&minors, "witness", &identity, born(24, 0) + 17 * 365);
    assert_false(minors.has_day);
    retention_minor_note(&minors, "concerned", &identity, civil_add_months(born(24, 0), 216));
    assert_false(minors.has_day); /* 18 that day */
    retention_minor_note(&minors, "concerned", &identity,
                         civil_add_months(born(24, 0), 216) - 1);
    assert_true(minors.has_day);
    assert_int_equal(retention_due_day(&f->act, FIXTURE_TODAY, &minors), after(12));
}

/* 25 already, or soon: the three months everybody has remain. */
static void birthday_never_takes_the_three_months(void **state)
{
    struct fixture *f = *state;
    struct retention_minors minors = {true, after(1)};

    assert_int_equal(town_set(f, 36, "deliberation"), REFUSAL_NONE);
    assert_int_equal(retention_due_day(&f->act, FIXTURE_TODAY, &minors), after(3));
    minors.day = FIXTURE_TODAY - 400;
    assert_int_equal(retention_due_day(&f->act, FIXTURE_TODAY, &minors), after(3));
    assert_int_equal(town_set(f, 2, NULL), REFUSAL_NONE);
    assert_int_equal(retention_due_day(&f->act, FIXTURE_TODAY, &minors), after(2));
}

static void declined_saisine_is_never_kept_longer(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(town_set(f, 36, "deliberation"), REFUSAL_NONE);
    assert_int_equal(retention_declined_due_day(&f->act, FIXTURE_TODAY), after(3));
    assert_int_equal(town_set(f, 1, NULL), REFUSAL_NONE);
    assert_int_equal(retention_declined_due_day(&f->act, FIXTURE_TODAY), after(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(three_months_when_nobody_said_otherwise),
        TEST(shorter_needs_no_reason),
        TEST(longer_without_a_justification_is_refused),
        TEST(longer_than_three_years_is_refused),
        TEST(justification_stands_in_the_event),
        TEST(lengthened_ends_at_the_25th_birthday_of_a_minor),
        TEST(birthday_wins_when_it_is_earlier),
        TEST(birthday_never_takes_the_three_months),
        TEST(declined_saisine_is_never_kept_longer),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
