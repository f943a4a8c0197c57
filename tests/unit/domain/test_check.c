/* Checks that commands share: each refuses by its name and names the field. */
#include "fixture.h"

#include "base/civil.h"

static void refused_as(struct fixture *f, bool held, enum refusal refusal, const char *field)
{
    assert_false(held);
    assert_int_equal(f->act.refusal, refusal);
    assert_string_equal(f->act.detail, field);
    act_begin(f);
}

static void list_value_is_given_known_and_not_retired(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_true(check_list(&f->act, "motif", "errance", "motives"));
    refused_as(f, check_list(&f->act, "motif", NULL, "motives"), REFUSAL_FIELD_MISSING,
               "motives");
    refused_as(f, check_list(&f->act, "motif", "", "motives"), REFUSAL_FIELD_MISSING,
               "motives");
    refused_as(f, check_list(&f->act, "nature", "errance", "nature"),
               REFUSAL_LIST_VALUE_UNKNOWN, "nature");
    refused_as(f, check_list(&f->act, "motif", "retired", "motives"),
               REFUSAL_LIST_VALUE_RETIRED, "motives");
    f->act.history = true;
    assert_true(check_list(&f->act, "motif", "retired", "motives"));
}

static void optional_value_may_be_absent_and_not_wrong(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_true(check_list_optional(&f->act, "canal", NULL, "channel"));
    assert_true(check_list_optional(&f->act, "canal", "telephone", "channel"));
    refused_as(f, check_list_optional(&f->act, "canal", "pigeon", "channel"),
               REFUSAL_LIST_VALUE_UNKNOWN, "channel");
}

static void district_is_of_its_territory(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_true(check_territory(&f->act, "T1"));
    assert_true(check_district(&f->act, "T1", "north"));
    refused_as(f, check_territory(&f->act, "T9"), REFUSAL_TERRITORY_UNKNOWN, "territory");
    refused_as(f, check_district(&f->act, "T2", "north"), REFUSAL_DISTRICT_UNKNOWN, "district");
    refused_as(f, check_district(&f->act, "T1", "south"), REFUSAL_DISTRICT_UNKNOWN, "district");
    refused_as(f, check_district(&f->act, "T1", NULL), REFUSAL_FIELD_MISSING, "district");
}

static void day_is_given_in_range_and_past(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_true(check_day(&f->act, true, CIVIL_DAY_MAX, "day"));
    refused_as(f, check_day(&f->act, false, 0, "day"), REFUSAL_FIELD_MISSING, "day");
    refused_as(f, check_day(&f->act, true, CIVIL_DAY_MAX + 1, "day"), REFUSAL_FIELD_RANGE,
               "day");
    refused_as(f, check_day(&f->act, true, CIVIL_DAY_MIN - 1, "day"), REFUSAL_FIELD_RANGE,
               "day");
    assert_true(check_day_past(&f->act, true, FIXTURE_TODAY, "day"));
    refused_as(f, check_day_past(&f->act, true, FIXTURE_TODAY + 1, "day"), REFUSAL_DATE_FUTURE,
               "day");
}

static void lead_is_of_the_field_and_of_the_territory(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_true(check_agent(&f->act, 7, "agent"));
    assert_true(check_lead(&f->act, 7, "T1"));
    refused_as(f, check_agent(&f->act, 8, "agent"), REFUSAL_AGENT_UNKNOWN, "agent");
    refused_as(f, check_lead(&f->act, 8, "T1"), REFUSAL_AGENT_UNKNOWN, "lead_agent");
    refused_as(f, check_lead(&f->act, 7, "T2"), REFUSAL_LEAD_NOT_THERE, "lead_agent");
}

static void partner_may_be_none_and_not_unknown(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_true(check_partner(&f->act, 0, "partner"));
    refused_as(f, check_partner(&f->act, 3, "partner"), REFUSAL_PARTNER_UNKNOWN, "partner");
}

static void situation_is_worked_on_while_open(void **state)
{
    struct fixture *f = *state;
    Ctps__SituationRecord row = CTPS__SITUATION_RECORD__INIT;

    act_begin(f);
    assert_true(check_situation_open(&f->act, &row, "situation"));
    SET(&row, closed_day, FIXTURE_TODAY);
    refused_as(f, check_situation_open(&f->act, &row, "situation"), REFUSAL_STATE_WRONG,
               "situation");
    SET(&row, merged_into, 3);
    refused_as(f, check_situation_open(&f->act, &row, "situation"), REFUSAL_MERGED,
               "situation");
    SET(&row, restricted, 1);
    refused_as(f, check_situation_open(&f->act, &row, "situation"), REFUSAL_RESTRICTED,
               "situation");
    SET(&row, erasure_ordered, 1);
    refused_as(f, check_situation_open(&f->act, &row, "situation"), REFUSAL_ERASED,
               "situation");
}

static void accepted_saisine_is_judged_where_its_situation_is(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__SituationRecord *row = record_situation(&f->tables, &f->arena, id);
    Ctps__SaisineRecord *saisine = record_saisine(&f->tables, &f->arena, row->saisines[0]);

    act_begin(f);
    assert_string_equal(resource_of_saisine(&f->act, saisine).territory, "T1");
    row->territory = text("T2");
    record_put(&f->tables, TABLE_SITUATION, table_key_of_u64(id), &f->arena, &row->base);
    assert_string_equal(resource_of_saisine(&f->act, saisine).territory, "T2");
    assert_false(resource_of_situation(&f->act, row).restricted);
    SET(row, restricted, 1);
    assert_true(resource_of_situation(&f->act, row).restricted);
}

static void engaged_is_the_lead_and_nobody_else_of_another_kind(void **state)
{
    struct fixture *f = *state;
    Ctps__SituationRecord *row;

    row = record_situation(&f->tables, &f->arena, situation_make(f));
    SET(row, lead_agent, 7);
    act_begin(f);
    assert_true(resource_of_situation(&f->act, row).engaged);
    f->who.id = 8;
    assert_false(resource_of_situation(&f->act, row).engaged);
    f->who = (struct principal){.kind = PRINCIPAL_KIND_CONTACT, .id = 7};
    assert_false(resource_of_situation(&f->act, row).engaged);
}

static void names_are_read_while_the_signed_log_is_near(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    f->settings.audit_reads_refused_us = 60000000;
    f->act.audit_behind_us = 59999999;
    f->act.nominative = true;
    assert_true(check_audit_near(&f->act));
    f->act.audit_behind_us = 60000000;
    refused_as(f, check_audit_near(&f->act), REFUSAL_AUDIT_BEHIND, "60 s");
    f->act.audit_behind_us = INT64_MAX;
    f->act.nominative = false;
    assert_true(check_audit_near(&f->act));
    f->act.nominative = true;
    f->settings.audit_reads_refused_us = 0; /* off */
    assert_true(check_audit_near(&f->act));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(list_value_is_given_known_and_not_retired),
        TEST(optional_value_may_be_absent_and_not_wrong),
        TEST(district_is_of_its_territory),
        TEST(day_is_given_in_range_and_past),
        TEST(lead_is_of_the_field_and_of_the_territory),
        TEST(partner_may_be_none_and_not_unknown),
        TEST(situation_is_worked_on_while_open),
        TEST(accepted_saisine_is_judged_where_its_situation_is),
        TEST(names_are_read_while_the_signed_log_is_near),
        TEST(engaged_is_the_lead_and_nobody_else_of_another_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
