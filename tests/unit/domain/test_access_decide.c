/* Keys and delegations: one key for one principal for ever; a territory lent between two days.
 */
#include "fixture.h"

struct registering {
    uint8_t public_key[32];
    Ctps__Principal principal;
    Ctps__KeyRegister body;
};

static void registering_init(struct registering *in, Ctps__PrincipalKind kind, uint64_t id)
{
    memset(in->public_key, 5, sizeof(in->public_key));
    ctps__principal__init(&in->principal);
    ctps__key_register__init(&in->body);
    SET(&in->principal, kind, kind);
    SET(&in->principal, id, id);
    in->body.has_public_key = 1;
    in->body.public_key = (ProtobufCBinaryData){sizeof(in->public_key), in->public_key};
    in->body.principal = &in->principal;
}

static enum refusal registered(struct fixture *f, struct registering *in)
{
    REQUEST(f, KEY_REGISTER, key_register, &in->body);
    return request_do(f);
}

static void key_is_of_a_known_principal(void **state)
{
    struct fixture *f = *state;
    struct registering in;

    registering_init(&in, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, 8);
    assert_int_equal(registered(f, &in), REFUSAL_AGENT_UNKNOWN);
    registering_init(&in, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT, 8);
    assert_int_equal(registered(f, &in), REFUSAL_ABSENT);
    registering_init(&in, CTPS__PRINCIPAL_KIND__PRINCIPAL_PARTNER, 8);
    assert_int_equal(registered(f, &in), REFUSAL_PARTNER_UNKNOWN);
    registering_init(&in, CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN, 0);
    assert_int_equal(registered(f, &in), REFUSAL_FIELD_MISSING);
    registering_init(&in, CTPS__PRINCIPAL_KIND__PRINCIPAL_NONE, 7);
    assert_int_equal(registered(f, &in), REFUSAL_FIELD_RANGE);
    registering_init(&in, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, 7);
    in.body.principal = NULL;
    assert_int_equal(registered(f, &in), REFUSAL_FIELD_MISSING);
    in.body.principal = &in.principal;
    in.body.public_key.len = 31;
    assert_int_equal(registered(f, &in), REFUSAL_FIELD_RANGE);
    in.body.public_key.len = 32;
    assert_int_equal(registered(f, &in), REFUSAL_NONE);
}

static void revoked_key_comes_back_as_nobody(void **state)
{
    struct fixture *f = *state;
    struct registering in;
    Ctps__KeyRevoke revoke = CTPS__KEY_REVOKE__INIT;

    registering_init(&in, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, 7);
    revoke.has_public_key = 1;
    revoke.public_key = in.body.public_key;
    REQUEST(f, KEY_REVOKE, key_revoke, &revoke);
    assert_int_equal(request_do(f), REFUSAL_ABSENT);
    assert_int_equal(registered(f, &in), REFUSAL_NONE);
    assert_int_equal(registered(f, &in), REFUSAL_EXISTS);
    REQUEST(f, KEY_REVOKE, key_revoke, &revoke);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(request_do(f), REFUSAL_STATE_WRONG);
    assert_int_equal(registered(f, &in), REFUSAL_EXISTS);
}

static Ctps__DelegationGrant lending(int32_t from, int32_t to)
{
    Ctps__DelegationGrant in = CTPS__DELEGATION_GRANT__INIT;

    in.territory = text("T1");
    SET(&in, to_agent, 7);
    SET(&in, from_day, from);
    SET(&in, to_day, to);
    return in;
}

static void delegation_is_between_two_days_and_not_over(void **state)
{
    struct fixture *f = *state;
    Ctps__DelegationGrant in = lending(FIXTURE_TODAY + 2, FIXTURE_TODAY + 1);

    REQUEST(f, DELEGATION_GRANT, delegation_grant, &in);
    assert_int_equal(request_do(f), REFUSAL_DATE_ORDER);
    in = lending(FIXTURE_TODAY - 9, FIXTURE_TODAY - 1);
    assert_int_equal(request_do(f), REFUSAL_DATE_ORDER);
    in = lending(FIXTURE_TODAY, FIXTURE_TODAY);
    in.to_agent = 8;
    assert_int_equal(request_do(f), REFUSAL_AGENT_UNKNOWN);
    in.to_agent = 7;
    in.territory = text("T9");
    assert_int_equal(request_do(f), REFUSAL_TERRITORY_UNKNOWN);
    in.territory = text("T1");
    assert_int_equal(request_do(f), REFUSAL_NONE);
}

static void delegation_ends_once(void **state)
{
    struct fixture *f = *state;
    Ctps__DelegationGrant in = lending(FIXTURE_TODAY, FIXTURE_TODAY + 9);
    Ctps__DelegationEnd end = CTPS__DELEGATION_END__INIT;

    SET(&end, id, 99);
    REQUEST(f, DELEGATION_END, delegation_end, &end);
    assert_int_equal(request_do(f), REFUSAL_ABSENT);
    REQUEST(f, DELEGATION_GRANT, delegation_grant, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    SET(&end, id, f->act.made[0]->id);
    REQUEST(f, DELEGATION_END, delegation_end, &end);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(request_do(f), REFUSAL_STATE_WRONG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(key_is_of_a_known_principal),
        TEST(revoked_key_comes_back_as_nobody),
        TEST(delegation_is_between_two_days_and_not_over),
        TEST(delegation_ends_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
