/* Habilitations, charters and posts: what counts on a day. */
#include "fixture.h"

#include "domain/people.h"

enum { AGENT = 7, CONTACT = 9 };

static enum refusal agent_set(struct fixture *f, const char *reference, int32_t from,
                              int32_t to)
{
    Ctps__Agent in = CTPS__AGENT__INIT;

    SET(&in, id, AGENT);
    in.last_name = text("Keller");
    in.function = text("educateur");
    in.habilitation_act = text(reference);
    SET(&in, habilitation_from_day, from);
    SET(&in, habilitation_to_day, to);
    REQUEST(f, AGENT_SET, agent_set, &in);
    return request_do(f);
}

static enum refusal grant(struct fixture *f, int32_t from, int32_t to)
{
    Ctps__HabilitationGrant in = CTPS__HABILITATION_GRANT__INIT;

    SET(&in, agent, AGENT);
    in.act = text("ARR-2");
    SET(&in, from_day, from);
    SET(&in, to_day, to);
    REQUEST(f, HABILITATION_GRANT, habilitation_grant, &in);
    return request_do(f);
}

static enum refusal withdraw(struct fixture *f, int32_t day)
{
    Ctps__HabilitationWithdraw in = CTPS__HABILITATION_WITHDRAW__INIT;

    SET(&in, agent, AGENT);
    in.act = text("ARR-3");
    SET(&in, day, day);
    REQUEST(f, HABILITATION_WITHDRAW, habilitation_withdraw, &in);
    return request_do(f);
}

static bool is_habilitated(struct fixture *f, int32_t day)
{
    struct principal principal = {0};

    habilitation_load(&f->tables, &f->arena, record_agent(&f->tables, &f->arena, AGENT), day,
                      &principal);
    return principal.habilitation_from_day <= day && day <= principal.habilitation_to_day;
}

static void expect_days(struct fixture *f, const char *pattern, int32_t first)
{
    for (size_t i = 0; pattern[i]; i++)
        if (is_habilitated(f, first + (int32_t)i) != (pattern[i] == '#'))
            fail_msg("day %zu of %s", i, pattern);
}

static void agent_set_replaces_what_was_granted(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(agent_set(f, "ARR-1", 100, 105), REFUSAL_NONE);
    expect_days(f, ".######..", 99);
    assert_int_equal(agent_set(f, "ARR-1", 100, 102), REFUSAL_NONE);
    expect_days(f, ".###.....", 99);
    assert_int_equal(f->act.event_count, 2);
    assert_int_equal(agent_set(f, "ARR-1", 100, 102), REFUSAL_NONE);
    assert_int_equal(f->act.event_count, 1); /* nothing new for the register */
    assert_int_equal(fake_count(f, TABLE_HABILITATION), 2);
}

static void grant_ahead_locks_nobody_out(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(agent_set(f, "ARR-1", 100, 102), REFUSAL_NONE);
    assert_int_equal(grant(f, 105, 106), REFUSAL_NONE);
    expect_days(f, ".###..##.", 99);
    assert_int_equal(grant(f, 106, 105), REFUSAL_DATE_ORDER);
}

static void withdraw_ends_every_period_from_its_day_on(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(agent_set(f, "ARR-1", 100, 102), REFUSAL_NONE);
    assert_int_equal(grant(f, 105, 106), REFUSAL_NONE);
    assert_int_equal(withdraw(f, 107), REFUSAL_HABILITATION_NOT_HELD);
    assert_int_equal(withdraw(f, 102), REFUSAL_NONE);
    expect_days(f, ".##......", 99);
    assert_int_equal(withdraw(f, 102), REFUSAL_HABILITATION_NOT_HELD);
    assert_int_equal(grant(f, 104, 104), REFUSAL_NONE);
    expect_days(f, ".##..#...", 99);
}

static const Ctps__HabilitationAnswer *register_read(struct fixture *f, int32_t today)
{
    static Ctps__Reply reply;
    Ctps__HabilitationRegister in = CTPS__HABILITATION_REGISTER__INIT;

    ctps__reply__init(&reply);
    REQUEST(f, HABILITATION_REGISTER, habilitation_register, &in);
    act_begin(f);
    f->act.reply = &reply;
    f->act.today = today;
    authorise_register(&f->act);
    answer_habilitation_register(&f->act);
    assert_int_equal(f->asked, ACTION_REGISTER_READ);
    return reply.habilitation_answer;
}

static void register_says_what_is_in_force_and_expiring(void **state)
{
    struct fixture *f = *state;
    const Ctps__HabilitationAnswer *answer;

    assert_int_equal(agent_set(f, "ARR-1", 100, 200), REFUSAL_NONE);
    assert_false(register_read(f, 169)->habilitations[0]->expiring);
    assert_true(register_read(f, 170)->habilitations[0]->expiring);
    assert_int_equal(grant(f, 201, 300), REFUSAL_NONE);
    answer = register_read(f, 170);
    assert_int_equal(answer->n_habilitations, 2);
    assert_true(answer->habilitations[0]->current);
    assert_false(answer->habilitations[0]->expiring); /* the next one follows */
    assert_false(answer->habilitations[1]->current);
    assert_int_equal(withdraw(f, 150), REFUSAL_NONE);
    answer = register_read(f, 170);
    assert_int_equal(answer->habilitations[0]->to_day, 149);
    assert_int_equal(answer->habilitations[0]->withdrawn_day, 150);
    assert_string_equal(answer->habilitations[0]->withdrawn_act, "ARR-3");
    assert_false(answer->habilitations[0]->current);
}

static enum refusal sign(struct fixture *f, const char *version, int32_t day)
{
    Ctps__CharterSign in = CTPS__CHARTER_SIGN__INIT;

    SET(&in, contact, CONTACT);
    in.version = text(version);
    SET(&in, day, day);
    REQUEST(f, CHARTER_SIGN, charter_sign, &in);
    return request_do(f);
}

static void contact_put(struct fixture *f)
{
    Ctps__Contact row = CTPS__CONTACT__INIT;

    SET(&row, id, CONTACT);
    record_put(&f->tables, TABLE_CONTACT, table_key_of_u64(CONTACT), &f->arena, &row.base);
}

static const Ctps__Contact *contact_get(struct fixture *f)
{
    return (const Ctps__Contact *)record_get(&f->tables, TABLE_CONTACT,
                                             table_key_of_u64(CONTACT), &f->arena,
                                             &ctps__contact__descriptor);
}

static void charter_signed_earlier_takes_nothing_from_a_newer_one(void **state)
{
    struct fixture *f = *state;

    strcpy(f->settings.charter_version, "v3");
    assert_int_equal(sign(f, "v3", FIXTURE_TODAY), REFUSAL_ABSENT);
    contact_put(f);
    assert_int_equal(sign(f, "v3", FIXTURE_TODAY + 1), REFUSAL_DATE_FUTURE);
    assert_int_equal(sign(f, NULL, FIXTURE_TODAY), REFUSAL_NONE);
    assert_string_equal(contact_get(f)->charter_version, "v3"); /* of the configuration */
    assert_true(charter_is_current(contact_get(f), &f->settings, FIXTURE_TODAY));
    assert_int_equal(sign(f, "v2", FIXTURE_TODAY - 400), REFUSAL_NONE);
    assert_string_equal(contact_get(f)->charter_version, "v3");
    assert_int_equal(fake_count(f, TABLE_CHARTER), 2);
}

static void charter_counts_to_its_last_day(void **state)
{
    struct fixture *f = *state;
    int32_t last;

    strcpy(f->settings.charter_version, "v3");
    f->settings.charter_years = 3;
    contact_put(f);
    assert_int_equal(sign(f, "v3", FIXTURE_TODAY - 10), REFUSAL_NONE);
    last = charter_last_day(FIXTURE_TODAY - 10, &f->settings);
    assert_true(charter_is_current(contact_get(f), &f->settings, last));
    assert_false(charter_is_current(contact_get(f), &f->settings, last + 1));
}

static enum refusal posts_set(struct fixture *f, const int32_t posts[][3], size_t count)
{
    Ctps__Agent in = CTPS__AGENT__INIT;
    Ctps__AgentPost rows[4];
    Ctps__AgentPost *list[4];

    SET(&in, id, AGENT);
    in.last_name = text("Keller");
    in.function = text("educateur");
    in.habilitation_act = text("ARR-1");
    SET(&in, habilitation_from_day, 100);
    SET(&in, habilitation_to_day, 500);
    in.n_posts = count;
    in.posts = list;
    for (size_t i = 0; i < count; i++) {
        list[i] = &rows[i];
        ctps__agent_post__init(list[i]);
        SET(list[i], fte_centi, (uint32_t)posts[i][0]);
        list[i]->funder = text(i % 2 ? "fipd" : "ville");
        SET(list[i], from_day, posts[i][1]);
        if (posts[i][2])
            SET(list[i], to_day, posts[i][2]);
    }
    REQUEST(f, AGENT_SET, agent_set, &in);
    return request_do(f);
}

static void posts_are_never_more_than_full_time(void **state)
{
    struct fixture *f = *state;

    list_put(f, "financeur", "ville", false);
    list_put(f, "financeur", "fipd", false);
    assert_int_equal(posts_set(f, (const int32_t[][3]){{60, 100, 200}, {50, 150, 0}}, 2),
                     REFUSAL_FIELD_RANGE);
    assert_int_equal(posts_set(f, (const int32_t[][3]){{60, 100, 99}}, 1), REFUSAL_DATE_ORDER);
    assert_int_equal(posts_set(f, (const int32_t[][3]){{0, 100, 0}}, 1), REFUSAL_FIELD_MISSING);
    assert_int_equal(posts_set(f, (const int32_t[][3]){{60, 100, 149}, {50, 150, 0}}, 2),
                     REFUSAL_NONE);
}

static const Ctps__PostsAnswer *posts_read(struct fixture *f, int32_t day)
{
    static Ctps__Reply reply;
    static Ctps__AgentPosts in;

    ctps__agent_posts__init(&in);
    ctps__reply__init(&reply);
    SET(&in, day, day);
    REQUEST(f, AGENT_POSTS, agent_posts, &in);
    act_begin(f);
    f->act.reply = &reply;
    authorise_agent_posts(&f->act);
    answer_agent_posts(&f->act);
    return reply.posts_answer;
}

static void posts_are_summed_by_funder(void **state)
{
    struct fixture *f = *state;
    const Ctps__PostsAnswer *answer;

    list_put(f, "financeur", "ville", false);
    list_put(f, "financeur", "fipd", false);
    assert_int_equal(posts_set(f, (const int32_t[][3]){{50, 100, 199}, {50, 150, 0}}, 2),
                     REFUSAL_NONE);
    assert_int_equal(posts_read(f, 99)->fte_centi, 0);
    answer = posts_read(f, 160);
    assert_int_equal(answer->fte_centi, 100);
    assert_int_equal(answer->agent_count, 1);
    assert_int_equal(answer->n_funders, 2);
    assert_int_equal(answer->n_functions, 1);
    assert_int_equal(answer->functions[0]->agent_count, 1);
    answer = posts_read(f, 5000);
    assert_int_equal(answer->fte_centi, 50);
    assert_string_equal(answer->funders[0]->funder, "fipd");
}

static void team_is_derived_from_who_is_habilitated(void **state)
{
    struct fixture *f = *state;
    Ctps__Agent other = CTPS__AGENT__INIT;
    char *territories[] = {text("T1")};
    Ctps__Territory *territory = record_territory(&f->tables, &f->arena, "T1");

    assert_int_equal(agent_set(f, "ARR", FIXTURE_TODAY - 9, FIXTURE_TODAY - 1), REFUSAL_NONE);
    act_begin(f);
    territories_describe(&f->act, &territory, 1);
    assert_string_equal(territory->team, "none");
    SET(&other, id, 8);
    other.function = text("coordinateur");
    SET(&other, habilitation_from_day, FIXTURE_TODAY);
    SET(&other, habilitation_to_day, FIXTURE_TODAY);
    other.n_territories = 1;
    other.territories = territories;
    record_put(&f->tables, TABLE_AGENT, table_key_of_u64(8), &f->arena, &other.base);
    territories_describe(&f->act, &territory, 1);
    assert_string_equal(territory->team, "monome"); /* the educator is not habilitated */
    other.function = text("educateur");
    SET(&other, id, AGENT);
    record_put(&f->tables, TABLE_AGENT, table_key_of_u64(AGENT), &f->arena, &other.base);
    territories_describe(&f->act, &territory, 1);
    assert_string_equal(territory->team, "binome");
    assert_false(territory->districts_unusual);
    territory->n_districts = 5;
    territories_describe(&f->act, &territory, 1);
    assert_true(territory->districts_unusual);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(agent_set_replaces_what_was_granted),
        TEST(grant_ahead_locks_nobody_out),
        TEST(withdraw_ends_every_period_from_its_day_on),
        TEST(register_says_what_is_in_force_and_expiring),
        TEST(charter_signed_earlier_takes_nothing_from_a_newer_one),
        TEST(charter_counts_to_its_last_day),
        TEST(posts_are_never_more_than_full_time),
        TEST(posts_are_summed_by_funder),
        TEST(team_is_derived_from_who_is_habilitated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
