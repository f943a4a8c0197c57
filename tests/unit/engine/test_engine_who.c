/* Whom a key stands for is kept between requests: what takes a right away is in force on the
 * very next request, also within the batch that took it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "town.h"

static int setup(void **state)
{
    struct town *town = calloc(1, sizeof(*town));

    assert_non_null(town);
    town_init(town, 11);
    town_found(town);
    *state = town;
    return 0;
}

static int teardown(void **state)
{
    town_done(*state);
    free(*state);
    return 0;
}

static int32_t day_of(struct town *town)
{
    return (int32_t)(sys_wall_us(&town->split.sys) / TOWN_US_PER_DAY);
}

static uint64_t situation_make(struct town *town)
{
    Ctps__SaisineReceive body;
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    Ctps__Request receive = CTPS__REQUEST__INIT;
    uint64_t id;
    TOWN_REQUEST(accept, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);

    town_saisine(&body, &person, persons, &identity, day_of(town), "Weber");
    receive.command_case = CTPS__REQUEST__COMMAND_SAISINE_RECEIVE;
    receive.saisine_receive = &body;
    SET(&accept_body, id, town_made(town_do(town, TOWN_COORDINATOR, &receive)));
    id = town_made(town_do(town, TOWN_COORDINATOR, &accept));
    assert_int_not_equal(id, 0);
    return id;
}

/* What a right is needed for, sent without being run. */
static void review_send(struct town *town, uint64_t situation, enum town_who who)
{
    TOWN_REQUEST(review, SITUATION_REVIEW, SituationReview, SITUATION_REVIEW, situation_review);

    SET(&review_body, id, situation);
    SET(&review_body, day, day_of(town));
    review_body.evolution = town_text("stable");
    town_send(town, who, &review);
}

/* The last request waiting is refused by this name; "": it is done or answered. */
static void last_is(struct town *town, const char *refusal)
{
    const Ctps__Reply *reply;

    assert_int_equal(town_turn(town), CTPS_OK);
    reply = town->replies[town->reply_count - 1];
    assert_non_null(reply);
    assert_string_equal(reply->refusal ? reply->refusal->name : "", refusal);
}

static void review_is(struct town *town, uint64_t situation, enum town_who who,
                      const char *refusal)
{
    review_send(town, situation, who);
    last_is(town, refusal);
}

static void habilitation_send(struct town *town, int32_t last_day)
{
    char *territories[] = {town_text("T1")};
    TOWN_REQUEST(set, AGENT_SET, Agent, AGENT, agent_set);

    SET(&set_body, id, town->agents[TOWN_COORDINATOR]);
    set_body.last_name = town_text("coordinateur");
    set_body.function = town_text("coordinateur");
    set_body.n_territories = 1;
    set_body.territories = territories;
    set_body.habilitation_act = town_text("act 1");
    SET(&set_body, habilitation_from_day, 10000);
    SET(&set_body, habilitation_to_day, last_day);
    town_send(town, TOWN_OPERATOR, &set);
}

static uint64_t delegate(struct town *town, int32_t last_day)
{
    TOWN_REQUEST(grant, DELEGATION_GRANT, DelegationGrant, DELEGATION_GRANT, delegation_grant);
    uint64_t id;

    grant_body.territory = town_text("T1");
    SET(&grant_body, to_agent, town->agents[TOWN_NEIGHBOUR]);
    SET(&grant_body, from_day, day_of(town));
    SET(&grant_body, to_day, last_day);
    id = town_made(town_do(town, TOWN_HEAD, &grant));
    assert_int_not_equal(id, 0);
    return id;
}

static void habilitation_ended_holds_within_its_batch(void **state)
{
    struct town *town = *state;
    uint64_t id = situation_make(town);

    review_is(town, id, TOWN_COORDINATOR, "");
    habilitation_send(town, day_of(town) - 1);
    review_send(town, id, TOWN_COORDINATOR);
    last_is(town, "habilitation_missing");
    habilitation_send(town, day_of(town));
    review_send(town, id, TOWN_COORDINATOR);
    last_is(town, "");
}

static void habilitation_ends_with_its_day(void **state)
{
    struct town *town = *state;
    uint64_t id = situation_make(town);

    habilitation_send(town, day_of(town));
    review_is(town, id, TOWN_COORDINATOR, "");
    sim_disk_clock_step(town->disk, TOWN_US_PER_DAY);
    review_is(town, id, TOWN_COORDINATOR, "habilitation_missing");
}

static void delegation_ended_holds_within_its_batch(void **state)
{
    struct town *town = *state;
    uint64_t id = situation_make(town);
    TOWN_REQUEST(end, DELEGATION_END, DelegationEnd, DELEGATION_END, delegation_end);

    review_is(town, id, TOWN_NEIGHBOUR, "other_territory");
    SET(&end_body, id, delegate(town, day_of(town) + 9));
    review_is(town, id, TOWN_NEIGHBOUR, "");
    town_send(town, TOWN_HEAD, &end);
    review_send(town, id, TOWN_NEIGHBOUR);
    last_is(town, "other_territory");
}

static void delegation_ends_with_its_day(void **state)
{
    struct town *town = *state;
    uint64_t id = situation_make(town);

    delegate(town, day_of(town));
    review_is(town, id, TOWN_NEIGHBOUR, "");
    sim_disk_clock_step(town->disk, TOWN_US_PER_DAY);
    review_is(town, id, TOWN_NEIGHBOUR, "other_territory");
}

static void key_revoked_holds_within_its_batch_and_at_the_door(void **state)
{
    struct town *town = *state;
    uint64_t id = situation_make(town);
    uint8_t key[ENGINE_KEY_LEN];
    TOWN_REQUEST(revoke, KEY_REVOKE, KeyRevoke, KEY_REVOKE, key_revoke);

    town_key(key, TOWN_COORDINATOR);
    revoke_body.has_public_key = 1;
    revoke_body.public_key = (ProtobufCBinaryData){sizeof(key), key};
    review_is(town, id, TOWN_COORDINATOR, "");
    assert_int_equal(engine_key_is_live(town->engine, key), ENGINE_YES);
    town_send(town, TOWN_OPERATOR, &revoke);
    review_send(town, id, TOWN_COORDINATOR);
    last_is(town, "key_unknown");
    assert_int_equal(engine_key_is_live(town->engine, key), ENGINE_NO);
}

static void contact_send(struct town *town, uint64_t id, bool inactive)
{
    TOWN_REQUEST(set, CONTACT_SET, Contact, CONTACT, contact_set);

    if (id)
        SET(&set_body, id, id);
    SET(&set_body, partner, town->partner);
    set_body.last_name = town_text("Landlord");
    set_body.charter_version = town_text(town->options.settings.charter_version);
    SET(&set_body, charter_day, day_of(town));
    SET(&set_body, inactive, inactive);
    town_send(town, TOWN_OPERATOR, &set);
}

static void own_saisines_send(struct town *town)
{
    TOWN_REQUEST(list, SAISINE_LIST, SaisineList, SAISINE_LIST, saisine_list);

    town_send(town, TOWN_STRANGER, &list);
}

static void contact_inactive_holds_within_its_batch(void **state)
{
    struct town *town = *state;
    uint64_t contact;

    contact_send(town, 0, false);
    last_is(town, "");
    contact = town_made(town->replies[town->reply_count - 1]);
    town_key_register(town, TOWN_STRANGER, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT, contact,
                      NULL);
    own_saisines_send(town);
    last_is(town, "");
    contact_send(town, contact, true);
    own_saisines_send(town);
    last_is(town, "contact_inactive");
}

static void settings_changed_hold_on_the_next_request(void **state)
{
    struct town *town = *state;
    struct settings settings = town->options.settings;
    uint8_t key[ENGINE_KEY_LEN];
    TOWN_REQUEST(read, READ_EVENTS, ReadEvents, READ_EVENTS, read_events);

    read_body.audience = town_text("plugins");
    town_key(key, TOWN_PLUGIN);
    town_send(town, TOWN_PLUGIN, &read);
    last_is(town, "");
    assert_int_equal(engine_key_may_subscribe(town->engine, "plugins", key), ENGINE_YES);
    settings.grant_count = 0;
    engine_settings_set(town->engine, &settings);
    assert_int_equal(engine_key_may_subscribe(town->engine, "plugins", key), ENGINE_NO);
    town_send(town, TOWN_PLUGIN, &read);
    last_is(town, "capability_missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(habilitation_ended_holds_within_its_batch),
        TEST(habilitation_ends_with_its_day),
        TEST(delegation_ended_holds_within_its_batch),
        TEST(delegation_ends_with_its_day),
        TEST(key_revoked_holds_within_its_batch_and_at_the_door),
        TEST(contact_inactive_holds_within_its_batch),
        TEST(settings_changed_hold_on_the_next_request),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
