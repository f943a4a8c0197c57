/* Reference data: what is missing, out of range or taken is refused by its name. */
#include "fixture.h"

static enum refusal territory_set(struct fixture *f, const char *code, char **districts,
                                  size_t count)
{
    Ctps__Territory in = CTPS__TERRITORY__INIT;

    in.code = text(code);
    in.name = text("Quartier");
    in.districts = districts;
    in.n_districts = count;
    REQUEST(f, TERRITORY_SET, territory_set, &in);
    return request_do(f);
}

static void territory_takes_no_district_of_another(void **state)
{
    struct fixture *f = *state;
    char *mine[] = {text("east")};
    char *taken[] = {text("east"), text("north")};

    assert_int_equal(territory_set(f, "T2", mine, 1), REFUSAL_NONE);
    assert_int_equal(territory_set(f, "T2", taken, 2), REFUSAL_DISTRICT_TAKEN);
    assert_int_equal(territory_set(f, "T1", &taken[1], 1), REFUSAL_NONE);
    assert_int_equal(territory_set(f, NULL, mine, 1), REFUSAL_FIELD_MISSING);
    assert_int_equal(territory_set(f, "T2345678901234567890123456789012345", mine, 1),
                     REFUSAL_FIELD_TOO_LONG);
}

static void list_value_needs_list_code_and_label(void **state)
{
    struct fixture *f = *state;
    Ctps__ListValue in = CTPS__LIST_VALUE__INIT;

    in.list = text("motif");
    in.code = text("rixe");
    REQUEST(f, LIST_VALUE_SET, list_value_set, &in);
    assert_int_equal(request_do(f), REFUSAL_FIELD_MISSING);
    in.label_fr = text("Rixe");
    assert_int_equal(request_do(f), REFUSAL_NONE);
    act_begin(f);
    assert_true(check_list(&f->act, "motif", "rixe", "motives"));
}

static Ctps__Agent agent_valid(void)
{
    Ctps__Agent in = CTPS__AGENT__INIT;

    in.last_name = text("Keller");
    in.function = text("educateur");
    in.habilitation_act = text("ARR-1");
    SET(&in, habilitation_from_day, FIXTURE_TODAY);
    SET(&in, habilitation_to_day, FIXTURE_TODAY + 365);
    return in;
}

static void agent_is_named_habilitated_and_of_known_territories(void **state)
{
    struct fixture *f = *state;
    char *nowhere[] = {text("T9")};
    Ctps__Agent in = agent_valid();

    REQUEST(f, AGENT_SET, agent_set, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    SET(&in, id, 99);
    assert_int_equal(request_do(f), REFUSAL_AGENT_UNKNOWN);
    in = agent_valid();
    SET(&in, habilitation_to_day, FIXTURE_TODAY - 1);
    assert_int_equal(request_do(f), REFUSAL_DATE_ORDER);
    in = agent_valid();
    in.habilitation_act = NULL;
    assert_int_equal(request_do(f), REFUSAL_FIELD_MISSING);
    in = agent_valid();
    in.territories = nowhere;
    in.n_territories = 1;
    assert_int_equal(request_do(f), REFUSAL_TERRITORY_UNKNOWN);
    in = agent_valid();
    in.function = text("inconnue");
    assert_int_equal(request_do(f), REFUSAL_LIST_VALUE_UNKNOWN);
    list_put(f, "fonction", "inconnue", false);
    assert_int_equal(request_do(f), REFUSAL_LIST_VALUE_UNKNOWN);
}

static void contact_is_of_a_known_partner(void **state)
{
    struct fixture *f = *state;
    Ctps__Partner partner = CTPS__PARTNER__INIT;
    Ctps__Contact in = CTPS__CONTACT__INIT;

    in.last_name = text("Roux");
    SET(&in, partner, 3);
    REQUEST(f, CONTACT_SET, contact_set, &in);
    assert_int_equal(request_do(f), REFUSAL_PARTNER_UNKNOWN);
    partner.name = text("Bailleur");
    partner.kind = text("bailleur");
    REQUEST(f, PARTNER_SET, partner_set, &partner);
    assert_int_equal(request_do(f), REFUSAL_FIELD_RANGE);
    partner.family = text("terrain");
    assert_int_equal(request_do(f), REFUSAL_NONE);
    SET(&in, partner, f->act.made[0]->id);
    REQUEST(f, CONTACT_SET, contact_set, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    in.notify = text("hourly");
    assert_int_equal(request_do(f), REFUSAL_FIELD_RANGE);
    in.notify = NULL;
    SET(&in, charter_day, FIXTURE_TODAY + 1);
    assert_int_equal(request_do(f), REFUSAL_DATE_FUTURE);
}

static void town_has_one_of_two_holiday_regimes(void **state)
{
    struct fixture *f = *state;
    Ctps__Town in = CTPS__TOWN__INIT;

    REQUEST(f, TOWN_SET, town_set, &in);
    assert_int_equal(request_decide(f), REFUSAL_FIELD_MISSING);
    in.name = text("Mulhouse");
    in.holiday_regime = text("bavaria");
    assert_int_equal(request_decide(f), REFUSAL_FIELD_RANGE);
    in.holiday_regime = text("alsace-moselle");
    assert_int_equal(request_decide(f), REFUSAL_NONE);
    f->allowed = false;
    assert_int_equal(request_decide(f), REFUSAL_NOT_ALLOWED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(territory_takes_no_district_of_another),
        TEST(list_value_needs_list_code_and_label),
        TEST(agent_is_named_habilitated_and_of_known_territories),
        TEST(contact_is_of_a_known_partner),
        TEST(town_has_one_of_two_holiday_regimes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
