/* Feeds of partners: who is told of what, once; whether it may still be said; for how long it
 * is kept. */
#include "fixture.h"

#include "domain/feed.h"
#include "domain/people.h"

enum { ONE = 901, OTHER = 902, ANNA = 911, LEO = 912, ZOE = 913 };

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* --- what is there --- */

static void act_apply(struct fixture *f)
{
    events_apply(f, f->act.events, f->act.event_count);
}

static void partner_put(struct fixture *f, uint64_t id)
{
    Ctps__Partner *out;

    act_begin(f);
    out = emit_partner_set(&f->act);
    SET(out, id, id);
    act_apply(f);
}

/* In force, unless what is changed afterwards says otherwise. */
static Ctps__Contact *contact_begin(struct fixture *f, uint64_t id, uint64_t partner)
{
    Ctps__Contact *out;

    act_begin(f);
    out = emit_contact_set(&f->act);
    SET(out, id, id);
    SET(out, partner, partner);
    out->charter_version = f->settings.charter_version;
    SET(out, charter_day, FIXTURE_TODAY - 100);
    return out;
}

static void contact_put(struct fixture *f, uint64_t id, uint64_t partner)
{
    contact_begin(f, id, partner);
    act_apply(f);
}

static void feed_switch(struct fixture *f, uint64_t partner, bool on)
{
    Ctps__FeedSwitched *out;

    act_begin(f);
    out = emit_feed_switched(&f->act);
    SET(out, partner, partner);
    SET(out, on, on);
    act_apply(f);
}

static void contact_deactivate(struct fixture *f, uint64_t id, uint64_t partner)
{
    Ctps__Contact *out = contact_begin(f, id, partner);

    SET(out, inactive, true);
    act_apply(f);
}

/* What the policy asks of a contact in force, whatever is done on whatever. */
static bool in_force_only(void *ctx, const struct principal *who, enum action action,
                          const struct resource *resource, struct judgement *ret_judgement)
{
    fake_allows(ctx, who, action, resource, ret_judgement);
    ret_judgement->allowed = ret_judgement->allowed && who->kind == PRINCIPAL_KIND_CONTACT &&
                             who->contact_active && who->charter_current &&
                             who->audience_granted;
    return ret_judgement->allowed;
}

/* Two partners with open feeds; Anna and Léo are of one, Zoé is of the other. */
static int setup(void **state)
{
    struct fixture *f;

    fixture_setup(state);
    f = *state;
    f->judge.allows = in_force_only;
    partner_put(f, ONE);
    partner_put(f, OTHER);
    contact_put(f, ANNA, ONE);
    contact_put(f, LEO, ONE);
    contact_put(f, ZOE, OTHER);
    feed_switch(f, ONE, true);
    feed_switch(f, OTHER, true);
    return 0;
}

static uint64_t referred(struct fixture *f, uint64_t partner)
{
    struct received in;

    received_init(&in);
    list_put(f, "origine", "terrain", false);
    in.body.origin = text("terrain");
    SET(&in.body, referrer_partner, partner);
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.made[0]->id;
}

static uint64_t accepted(struct fixture *f, uint64_t saisine)
{
    Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

    SET(&in, id, saisine);
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.made[0]->id;
}

static void engage(struct fixture *f, uint64_t situation, uint64_t partner)
{
    Ctps__SituationEngaged *out;

    act_begin(f);
    out = emit_situation_engaged(&f->act);
    SET(out, situation, situation);
    SET(out, kind, CTPS__OBJECT_KIND__OBJECT_PARTNER);
    SET(out, id, partner);
    act_apply(f);
}

static void disengage(struct fixture *f, uint64_t situation, uint64_t partner)
{
    Ctps__SituationDisengaged *out;

    act_begin(f);
    out = emit_situation_disengaged(&f->act);
    SET(out, situation, situation);
    SET(out, kind, CTPS__OBJECT_KIND__OBJECT_PARTNER);
    SET(out, id, partner);
    SET(out, until_day, FIXTURE_TODAY - 1);
    act_apply(f);
}

static uint64_t share_with(struct fixture *f, uint64_t situation, uint64_t *contacts,
                           size_t count)
{
    Ctps__InformationShared *out;
    uint64_t id;

    act_begin(f);
    id = act_new_id(&f->act);
    out = emit_information_shared(&f->act);
    SET(out, id, id);
    SET(out, situation, situation);
    out->contacts = contacts;
    out->n_contacts = count;
    out->legal_base = text("L132-5");
    SET(out, expiry_day, FIXTURE_TODAY + 30);
    act_apply(f);
    return id;
}

static void share_revoke(struct fixture *f, uint64_t id)
{
    Ctps__InformationRevoked *out;

    act_begin(f);
    out = emit_information_revoked(&f->act);
    SET(out, id, id);
    SET(out, day, FIXTURE_TODAY);
    act_apply(f);
}

static uint64_t meeting_with(struct fixture *f, const uint64_t *contacts, size_t count)
{
    Ctps__MeetingScheduled *out;
    uint64_t id;

    act_begin(f);
    id = act_new_id(&f->act);
    out = emit_meeting_scheduled(&f->act);
    SET(out, id, id);
    out->reference = text("R-T1-2026-0001");
    out->instance = text("suivi");
    out->territory = text("T1");
    SET(out, day, FIXTURE_TODAY + 7);
    out->invited = act_alloc(&f->act, count * sizeof(*out->invited));
    for (size_t i = 0; i < count; i++) {
        out->invited[i] = act_alloc(&f->act, sizeof(**out->invited));
        ctps__attendee__init(out->invited[i]);
        SET(out->invited[i], contact, contacts[i]);
    }
    out->n_invited = count;
    act_apply(f);
    return id;
}

/* --- what was told --- */

struct told {
    struct fixture *f;
    size_t count;
    uint64_t numbers[512];
    Ctps__FeedItem *items[512];
};

static bool told_take(void *arg, struct bytes key, struct bytes value)
{
    struct told *told = arg;

    told->numbers[told->count] = be64_get(key.data + key.len - 8);
    told->items[told->count++] =
        (Ctps__FeedItem *)record_unpack(&told->f->arena, &ctps__feed_item__descriptor, value);
    return true;
}

/* Everything a partner was told, in the order of numbers. */
static struct told *told_to(struct fixture *f, uint64_t partner)
{
    struct told *told = arena_alloc(&f->arena, sizeof(*told));
    struct table_key prefix = table_key_of_u64(partner);

    told->f = f;
    fake_walk(f, TABLE_FEED_ITEM, table_key_bytes(&prefix), bytes_of(NULL, 0), false, told_take,
              told);
    return told;
}

/* The newest thing a partner was told, as its row has it. */
static Ctps__FeedItem *newest_of(struct fixture *f, uint64_t partner)
{
    struct told *told = told_to(f, partner);

    assert_true(told->count > 0);
    return told->items[told->count - 1];
}

static void expect_topics(struct fixture *f, uint64_t partner, const char *const *topics,
                          size_t count)
{
    struct told *told = told_to(f, partner);
    uint64_t before = 0;

    assert_int_equal(told->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(told->items[i]->topic, topics[i]);
        assert_int_equal(told->items[i]->previous_number, before);
        before = told->numbers[i];
    }
    if (count)
        assert_int_equal(feed_record(&f->tables, &f->arena, partner)->last_number, before);
}

#define TOPICS(f, partner, ...)                                                                \
    expect_topics(f, partner, (const char *const[]){__VA_ARGS__},                              \
                  sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void feed_tells_the_referrer_state_by_state(void **state)
{
    struct fixture *f = *state;
    uint64_t saisine = referred(f, ONE);
    const Ctps__FeedItem *item;

    accepted(f, saisine);
    saisine_make(f); /* referred by nobody */
    TOPICS(f, ONE, FEED_SAISINE_RECEIVED, FEED_SAISINE_ACCEPTED);
    expect_topics(f, OTHER, NULL, 0);
    item = newest_of(f, ONE);
    assert_int_equal(item->n_contacts, 0);
    assert_int_equal(item->notice->id, saisine);
    assert_string_equal(item->notice->code, "accepted");
    assert_non_null(item->notice->reference);
    /* The state and nothing else. */
    assert_false(item->notice->has_agent || item->notice->has_other ||
                 item->notice->has_partner || item->notice->territory);
}

static void feed_that_is_closed_is_told_nothing(void **state)
{
    struct fixture *f = *state;

    feed_switch(f, ONE, false);
    referred(f, ONE);
    expect_topics(f, ONE, NULL, 0);
    feed_switch(f, ONE, true);
    referred(f, ONE);
    TOPICS(f, ONE, FEED_SAISINE_RECEIVED);
    feed_switch(f, ONE, false);
    referred(f, ONE);
    TOPICS(f, ONE, FEED_SAISINE_RECEIVED);
    assert_int_equal(f->state.feed_count, 1);
}

static void webhook_of_a_partner_is_enough_until_revoked(void **state)
{
    struct fixture *f = *state;
    Ctps__WebhookRevoked *revoked;
    Ctps__WebhookMade *made;

    feed_switch(f, ONE, false);
    act_begin(f);
    made = emit_webhook_made(&f->act);
    SET(made, id, 77);
    SET(made, partner, ONE);
    act_apply(f);
    referred(f, ONE);
    TOPICS(f, ONE, FEED_SAISINE_RECEIVED);
    act_begin(f);
    revoked = emit_webhook_revoked(&f->act);
    SET(revoked, id, 77);
    SET(revoked, partner, ONE);
    act_apply(f);
    referred(f, ONE);
    TOPICS(f, ONE, FEED_SAISINE_RECEIVED);
}

static void what_an_import_takes_over_is_told_to_nobody(void **state)
{
    struct fixture *f = *state;
    Ctps__Entry entry = CTPS__ENTRY__INIT;
    struct received in;

    received_init(&in);
    SET(&in.body, referrer_partner, ONE);
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_decide(f), REFUSAL_NONE);
    entry.n_events = f->act.event_count;
    entry.events = f->act.events;
    entry.import_outcome = text("taken");
    entry_apply(f, &entry);
    expect_topics(f, ONE, NULL, 0);
}

static void partner_is_told_once_with_its_own_contacts(void **state)
{
    struct fixture *f = *state;
    const uint64_t invited[] = {ANNA, ZOE, LEO, 999 /* nobody */};
    uint64_t meeting = meeting_with(f, invited, 4);
    const Ctps__FeedItem *item;

    TOPICS(f, ONE, FEED_MEETING_SCHEDULED);
    TOPICS(f, OTHER, FEED_MEETING_SCHEDULED);
    item = newest_of(f, ONE);
    assert_int_equal(item->n_contacts, 2);
    assert_true(item->contacts[0] == ANNA && item->contacts[1] == LEO);
    assert_int_equal(item->notice->id, meeting);
    assert_int_equal(item->notice->day, FIXTURE_TODAY + 7);
    item = newest_of(f, OTHER);
    assert_true(item->n_contacts == 1 && item->contacts[0] == ZOE);
    assert_int_equal(fake_count(f, TABLE_FEED_ITEM), 2);
}

static void end_of_a_situation_is_told_to_who_is_engaged(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);

    engage(f, situation, ONE);
    engage(f, situation, OTHER);
    disengage(f, situation, OTHER);
    assert_int_equal(situation_close(f, situation, FIXTURE_TODAY), REFUSAL_NONE);
    TOPICS(f, ONE, FEED_SITUATION_CLOSED);
    expect_topics(f, OTHER, NULL, 0);
}

/* --- whether it may be said --- */

/* Judges the newest item of a partner; what stays of it. */
static bool may_be_said(struct fixture *f, uint64_t partner)
{
    Ctps__FeedItem *item = newest_of(f, partner);
    const char *topic = item->topic;

    act_begin(f);
    feed_item_judge(&f->act, partner, item);
    assert_ptr_equal(item->topic, topic);
    if (!item->notice->tombstone)
        return true;
    assert_false(item->notice->has_id || item->notice->reference || item->notice->code ||
                 item->notice->has_day || item->notice->territory);
    return false;
}

static void saisine_is_said_as_far_as_the_policy_allows(void **state)
{
    struct fixture *f = *state;
    uint64_t saisine = referred(f, ONE);

    assert_true(may_be_said(f, ONE));
    assert_int_equal(f->asked, ACTION_SAISINE_LIST);
    f->allowed = false;
    assert_false(may_be_said(f, ONE));
    f->allowed = true;
    assert_true(may_be_said(f, ONE));
    record_remove(&f->tables, TABLE_SAISINE, table_key_of_u64(saisine));
    assert_false(may_be_said(f, ONE));
}

static void topic_nobody_knows_is_not_said(void **state)
{
    struct fixture *f = *state;
    Ctps__FeedItem *item;

    referred(f, ONE);
    item = newest_of(f, ONE);
    item->topic = text("saisine.forgotten");
    act_begin(f);
    feed_item_judge(&f->act, ONE, item);
    assert_true(item->notice->tombstone);
}

static void end_of_a_situation_is_said_to_who_is_still_engaged(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    Ctps__SituationRestricted *restricted;

    engage(f, situation, ONE);
    engage(f, situation, OTHER);
    assert_int_equal(situation_close(f, situation, FIXTURE_TODAY), REFUSAL_NONE);
    assert_true(may_be_said(f, ONE) && may_be_said(f, OTHER));
    disengage(f, situation, OTHER);
    assert_true(may_be_said(f, ONE));
    assert_false(may_be_said(f, OTHER));
    act_begin(f);
    restricted = emit_situation_restricted(&f->act);
    SET(restricted, id, situation);
    SET(restricted, day, FIXTURE_TODAY);
    act_apply(f);
    assert_false(may_be_said(f, ONE));
}

static void share_is_said_while_it_holds_and_its_end_afterwards(void **state)
{
    struct fixture *f = *state;
    uint64_t contacts[] = {ANNA};
    uint64_t share = share_with(f, situation_make(f), contacts, 1);

    assert_true(may_be_said(f, ONE));
    assert_int_equal(f->asked, ACTION_SHARE_LIST);
    share_revoke(f, share);
    TOPICS(f, ONE, FEED_SHARED, FEED_SHARE_REVOKED);
    assert_true(may_be_said(f, ONE)); /* that it ended */
    act_begin(f);
    feed_item_judge(&f->act, ONE, told_to(f, ONE)->items[0]);
    assert_true(may_be_said(f, ONE));
}

static void share_that_ended_is_said_no_more(void **state)
{
    struct fixture *f = *state;
    uint64_t contacts[] = {ANNA};
    uint64_t share = share_with(f, situation_make(f), contacts, 1);
    Ctps__FeedItem *item = newest_of(f, ONE);

    act_begin(f);
    f->act.today = FIXTURE_TODAY + 31; /* past its last day */
    feed_item_judge(&f->act, ONE, item);
    assert_true(item->notice->tombstone);
    item = newest_of(f, ONE);
    share_revoke(f, share);
    act_begin(f);
    feed_item_judge(&f->act, ONE, item);
    assert_true(item->notice->tombstone);
}

static void nothing_is_said_for_a_contact_out_of_force(void **state)
{
    struct fixture *f = *state;
    const uint64_t invited[] = {ANNA};
    Ctps__Contact *contact;

    meeting_with(f, invited, 1);
    assert_true(may_be_said(f, ONE));
    assert_int_equal(f->asked, ACTION_MEETING_LIST);
    contact_deactivate(f, ANNA, ONE);
    assert_false(may_be_said(f, ONE));
    contact_begin(f, ANNA, ONE)->charter_version = text("v1");
    act_apply(f);
    assert_false(may_be_said(f, ONE));
    contact = contact_begin(f, ANNA, ONE);
    SET(contact, charter_day, FIXTURE_TODAY - 4 * 366);
    act_apply(f);
    assert_false(may_be_said(f, ONE));
    contact_put(f, ANNA, OTHER); /* works for somebody else now */
    assert_false(may_be_said(f, ONE));
    contact_put(f, ANNA, ONE);
    assert_true(may_be_said(f, ONE));
}

static void one_contact_in_force_is_enough(void **state)
{
    struct fixture *f = *state;
    const uint64_t invited[] = {ANNA, LEO};

    meeting_with(f, invited, 2);
    contact_deactivate(f, ANNA, ONE);
    assert_true(may_be_said(f, ONE));
    contact_deactivate(f, LEO, ONE);
    assert_false(may_be_said(f, ONE));
}

static bool in_force(struct fixture *f, uint64_t partner)
{
    return partner_is_in_force(&f->tables, &f->arena, &f->settings, partner, f->act.today);
}

static void partner_is_in_force_by_its_contacts(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_true(in_force(f, OTHER));
    assert_false(in_force(f, 999));
    f->act.today = FIXTURE_TODAY + 3 * 366; /* her charter is past its last day */
    assert_false(in_force(f, OTHER));
    contact_put(f, ZOE, ONE);
    act_begin(f);
    assert_false(in_force(f, OTHER));
}

/* --- for how long it is kept --- */

/* 90 days: the default; entries of before say none, and mean them. */
enum { KEPT_DAYS = 90 };

static void day_runs(struct fixture *f, int32_t day)
{
    Ctps__DayRun *out;

    f->entries_us = day * DAY_US;
    act_begin(f);
    out = emit_day_run(&f->act);
    SET(out, day, day);
    if (f->settings.feed_kept_days)
        SET(out, feed_kept_days, (uint32_t)f->settings.feed_kept_days);
    act_apply(f);
}

static void told_on(struct fixture *f, int32_t day, uint64_t partner, unsigned times)
{
    f->entries_us = day * DAY_US;
    while (times--)
        referred(f, partner);
}

static void items_are_kept_for_so_many_days(void **state)
{
    struct fixture *f = *state;
    uint64_t last;

    told_on(f, FIXTURE_TODAY - 1, ONE, 300);
    told_on(f, FIXTURE_TODAY, ONE, 3);
    told_on(f, FIXTURE_TODAY, OTHER, 2);
    last = feed_record(&f->tables, &f->arena, ONE)->last_number;
    day_runs(f, FIXTURE_TODAY + KEPT_DAYS - 1);
    assert_int_equal(told_to(f, ONE)->count, 303);
    day_runs(f, FIXTURE_TODAY + KEPT_DAYS);
    assert_int_equal(told_to(f, ONE)->count, 3);
    assert_int_equal(told_to(f, OTHER)->count, 2);
    told_on(f, FIXTURE_TODAY + KEPT_DAYS, ONE, 1);
    assert_int_equal(newest_of(f, ONE)->previous_number, last);
    day_runs(f, FIXTURE_TODAY + KEPT_DAYS + 1);
    assert_int_equal(told_to(f, ONE)->count, 1);
}

static void town_says_for_how_many_days(void **state)
{
    struct fixture *f = *state;

    f->settings.feed_kept_days = 10;
    told_on(f, FIXTURE_TODAY, ONE, 3);
    told_on(f, FIXTURE_TODAY + 1, ONE, 1);
    day_runs(f, FIXTURE_TODAY + 10);
    assert_int_equal(told_to(f, ONE)->count, 4);
    day_runs(f, FIXTURE_TODAY + 11);
    assert_int_equal(told_to(f, ONE)->count, 1);
}

static void entry_of_before_means_ninety_days(void **state)
{
    struct fixture *f = *state;

    f->settings.feed_kept_days = 0; /* not said */
    told_on(f, FIXTURE_TODAY, ONE, 3);
    told_on(f, FIXTURE_TODAY + 1, ONE, 1);
    day_runs(f, FIXTURE_TODAY + KEPT_DAYS);
    assert_int_equal(told_to(f, ONE)->count, 4);
    day_runs(f, FIXTURE_TODAY + KEPT_DAYS + 1);
    assert_int_equal(told_to(f, ONE)->count, 1);
}

/* Else whoever follows would see a newer head than anything it can read, and ask for ever. */
static void newest_item_stays(void **state)
{
    struct fixture *f = *state;

    told_on(f, FIXTURE_TODAY, ONE, 2);
    feed_switch(f, ONE, false); /* closed ones are pruned too */
    day_runs(f, FIXTURE_TODAY + 10 * KEPT_DAYS);
    assert_int_equal(told_to(f, ONE)->count, 1);
    assert_int_equal(told_to(f, ONE)->numbers[0],
                     feed_record(&f->tables, &f->arena, ONE)->last_number);
}

static void nothing_is_pruned_while_the_clock_is_in_doubt(void **state)
{
    struct fixture *f = *state;
    Ctps__ClockAlarmConfirmed *confirmed;

    told_on(f, FIXTURE_TODAY, ONE, 5);
    act_begin(f);
    emit_clock_alarm_raised(&f->act);
    act_apply(f);
    day_runs(f, FIXTURE_TODAY + 10 * KEPT_DAYS);
    assert_int_equal(told_to(f, ONE)->count, 5);
    act_begin(f);
    confirmed = emit_clock_alarm_confirmed(&f->act);
    SET(confirmed, day, FIXTURE_TODAY);
    act_apply(f);
    day_runs(f, FIXTURE_TODAY + 10 * KEPT_DAYS + 1);
    assert_int_equal(told_to(f, ONE)->count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(feed_tells_the_referrer_state_by_state),
        TEST(feed_that_is_closed_is_told_nothing),
        TEST(webhook_of_a_partner_is_enough_until_revoked),
        TEST(what_an_import_takes_over_is_told_to_nobody),
        TEST(partner_is_told_once_with_its_own_contacts),
        TEST(end_of_a_situation_is_told_to_who_is_engaged),
        TEST(saisine_is_said_as_far_as_the_policy_allows),
        TEST(topic_nobody_knows_is_not_said),
        TEST(end_of_a_situation_is_said_to_who_is_still_engaged),
        TEST(share_is_said_while_it_holds_and_its_end_afterwards),
        TEST(share_that_ended_is_said_no_more),
        TEST(nothing_is_said_for_a_contact_out_of_force),
        TEST(one_contact_in_force_is_enough),
        TEST(partner_is_in_force_by_its_contacts),
        TEST(items_are_kept_for_so_many_days),
        TEST(newest_item_stays),
        TEST(town_says_for_how_many_days),
        TEST(entry_of_before_means_ninety_days),
        TEST(nothing_is_pruned_while_the_clock_is_in_doubt),
    };

    return cmocka_run_group_tests_name("domain_feed", tests, NULL, NULL);
}
