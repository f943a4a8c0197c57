/* The registry of webhooks: addresses, secrets, who hears what, and their end. */
#include "fixture.h"

#include "domain/feed.h"
#include "domain/webhook.h"

enum { PARTNER = 901 };

static const int64_t HOUR_US = INT64_C(3600) * 1000000;

static uint8_t first_secret[] = "the first secret, 32 bytes long.";
static uint8_t second_secret[] = "the other secret, 32 bytes long.";

static ProtobufCBinaryData bytes_of_secret(uint8_t *secret)
{
    return (ProtobufCBinaryData){32, secret};
}

/* --- what is asked --- */

static void new_init(Ctps__WebhookNew *in)
{
    ctps__webhook_new__init(in);
    in->url = text("https://si.mairie.example/ctps");
    in->has_secret = 1;
    in->secret = bytes_of_secret(first_secret);
}

static enum refusal new_do(struct fixture *f, Ctps__WebhookNew *in)
{
    REQUEST(f, WEBHOOK_NEW, webhook_new, in);
    return request_do(f);
}

/* Made; its id. */
static uint64_t webhook_make(struct fixture *f)
{
    Ctps__WebhookNew in;

    new_init(&in);
    assert_int_equal(new_do(f, &in), REFUSAL_NONE);
    return f->act.made[0]->id;
}

static enum refusal webhook_turn(struct fixture *f, uint64_t id, bool on)
{
    Ctps__WebhookSwitch in = CTPS__WEBHOOK_SWITCH__INIT;

    SET(&in, id, id);
    SET(&in, on, on);
    REQUEST(f, WEBHOOK_SWITCH, webhook_switch, &in);
    return request_do(f);
}

static enum refusal webhook_gone(struct fixture *f, uint64_t id)
{
    Ctps__WebhookGone in = CTPS__WEBHOOK_GONE__INIT;

    SET(&in, id, id);
    REQUEST(f, WEBHOOK_GONE, webhook_gone, &in);
    return request_do(f);
}

static enum refusal webhook_rotate(struct fixture *f, uint64_t id, bool has_hours,
                                   uint32_t hours)
{
    Ctps__WebhookRotate in = CTPS__WEBHOOK_ROTATE__INIT;

    SET(&in, id, id);
    in.has_secret = 1;
    in.secret = bytes_of_secret(second_secret);
    in.has_overlap_hours = has_hours;
    in.overlap_hours = hours;
    REQUEST(f, WEBHOOK_ROTATE, webhook_rotate, &in);
    return request_do(f);
}

static enum refusal webhook_revoke(struct fixture *f, uint64_t id)
{
    Ctps__WebhookRevoke in = CTPS__WEBHOOK_REVOKE__INIT;

    SET(&in, id, id);
    REQUEST(f, WEBHOOK_REVOKE, webhook_revoke, &in);
    return request_do(f);
}

/* How many webhooks event `number` of `topic` is to go to. */
static size_t due_count(struct fixture *f, uint64_t number, const char *topic)
{
    Ctps__WebhookDue in = CTPS__WEBHOOK_DUE__INIT;
    Ctps__Reply reply = CTPS__REPLY__INIT;

    SET(&in, number, number);
    in.topic = text(topic);
    REQUEST(f, WEBHOOK_DUE, webhook_due, &in);
    act_begin(f);
    f->act.reply = &reply;
    answer_webhook_due(&f->act);
    return reply.webhook_due_answer->n_webhooks;
}

static const char *state_of(struct fixture *f, uint64_t id)
{
    return webhook_state(webhook_record(&f->tables, &f->arena, id));
}

/* The secrets that count `after_us` from the rotation on, each by its first byte. */
static void expect_secrets(struct fixture *f, uint64_t id, int64_t after_us,
                           const uint8_t *const *secrets, size_t count)
{
    Ctps__WebhookTaken taken = CTPS__WEBHOOK_TAKEN__INIT;

    act_begin(f);
    f->act.now_us += after_us;
    webhook_secrets_open(&f->act, webhook_record(&f->tables, &f->arena, id), &taken);
    assert_int_equal(taken.n_secrets, count);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(taken.secrets[i].data, secrets[i], 32);
}

/* --- tests --- */

static void address_is_https_or_this_machine(void **state)
{
    static const char *const good[] = {
        "https://si.mairie.example/ctps",
        "https://a.example",
        "https://a.example:8443/x?y=z",
        "https://[2001:db8::1]:443/",
        "http://127.0.0.1/",
        "http://localhost:8080/x",
        "http://[::1]:80/x",
    };
    static const char *const bad[] = {
        "",
        "ftp://a.example/",
        "http://a.example/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "https://",
        "https:///x",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example:/",
        "https://user@a.example/",
        "https://127.0.0.1@a.example/",
        "https://a.example/#x",
        "https://a example/",
        "https://a.example/\n",
        "https://\xc3\xa9.example/",
        "https://[::1/",
        "HTTPS://a.example/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!webhook_url_is_good(good[i]))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (webhook_url_is_good(bad[i]))
            fail_msg("%s is taken", bad[i]);
}

static void topics_are_whole_or_by_their_beginning(void **state)
{
    char *topics[] = {text("meeting.*"), text("situation.closed")};
    Ctps__WebhookMade made = CTPS__WEBHOOK_MADE__INIT;
    Ctps__WebhookRecord row = CTPS__WEBHOOK_RECORD__INIT;

    (void)state;
    row.made = &made;
    assert_true(webhook_hears(&row, "whatever.happens"));
    made.topics = topics;
    made.n_topics = 2;
    assert_true(webhook_hears(&row, "meeting.cancelled"));
    assert_true(webhook_hears(&row, "situation.closed"));
    assert_false(webhook_hears(&row, "situation.closed_again"));
    assert_false(webhook_hears(&row, "situation.opened"));
    assert_false(webhook_hears(&row, "meetings"));
}

static void new_is_refused_by_name(void **state)
{
    struct fixture *f = *state;
    Ctps__WebhookNew in;

    new_init(&in);
    in.url = text("http://si.mairie.example/");
    assert_int_equal(new_do(f, &in), REFUSAL_WEBHOOK_URL);
    new_init(&in);
    in.url = NULL;
    assert_int_equal(new_do(f, &in), REFUSAL_FIELD_MISSING);
    new_init(&in);
    in.has_secret = 0;
    assert_int_equal(new_do(f, &in), REFUSAL_FIELD_MISSING);
    new_init(&in);
    in.secret.len = 23;
    assert_int_equal(new_do(f, &in), REFUSAL_FIELD_RANGE);
    new_init(&in);
    SET(&in, partner, PARTNER); /* nobody knows it */
    assert_int_not_equal(new_do(f, &in), REFUSAL_NONE);
    assert_int_equal(fake_count(f, TABLE_WEBHOOK), 0);
}

static void so_many_live_ones_and_no_more(void **state)
{
    struct fixture *f = *state;
    Ctps__WebhookNew in;
    uint64_t last = 0;

    for (unsigned i = 0; i < WEBHOOKS_MAX; i++)
        last = webhook_make(f);
    new_init(&in);
    assert_int_equal(new_do(f, &in), REFUSAL_LIMIT);
    assert_int_equal(webhook_revoke(f, last), REFUSAL_NONE);
    assert_int_equal(new_do(f, &in), REFUSAL_NONE);
}

static void secret_is_sealed_under_a_key_of_its_own(void **state)
{
    struct fixture *f = *state;
    uint64_t one = webhook_make(f), other = webhook_make(f);
    const Ctps__WebhookRecord *row = webhook_record(&f->tables, &f->arena, one);

    assert_int_not_equal(row->made->slot,
                         webhook_record(&f->tables, &f->arena, other)->made->slot);
    assert_int_equal(row->made->secret->slot, row->made->slot);
    for (size_t i = 0; i < f->row_count; i++) {
        struct bytes value = buf_bytes(&f->rows[i].value);

        assert_null(value.len ? memmem(value.data, value.len, first_secret, 32) : NULL);
    }
}

static void owner_decides_what_the_policy_is_asked(void **state)
{
    struct fixture *f = *state;
    Ctps__Partner partner = CTPS__PARTNER__INIT;
    Ctps__WebhookNew in;
    uint64_t own = webhook_make(f), of_partner;

    assert_int_equal(f->asked, ACTION_WEBHOOK_SET);
    SET(&partner, id, PARTNER);
    record_put(&f->tables, TABLE_PARTNER, table_key_of_u64(PARTNER), &f->arena, &partner.base);
    new_init(&in);
    SET(&in, partner, PARTNER);
    assert_int_equal(new_do(f, &in), REFUSAL_NONE);
    assert_int_equal(f->asked, ACTION_FEED_SET);
    of_partner = f->act.made[0]->id;
    assert_int_equal(webhook_turn(f, of_partner, false), REFUSAL_NONE);
    assert_int_equal(f->asked, ACTION_FEED_SET);
    assert_int_equal(webhook_turn(f, own, false), REFUSAL_NONE);
    assert_int_equal(f->asked, ACTION_WEBHOOK_SET);
    assert_int_equal(webhook_turn(f, 12345, false), REFUSAL_ABSENT);
    f->allowed = false;
    assert_int_equal(webhook_turn(f, own, true), REFUSAL_NOT_ALLOWED);
    assert_int_equal(webhook_turn(f, 12345, true), REFUSAL_NOT_ALLOWED);
}

static void gone_is_off_until_somebody_turns_it_on(void **state)
{
    struct fixture *f = *state;
    uint64_t id = webhook_make(f);

    assert_string_equal(state_of(f, id), WEBHOOK_ON);
    assert_int_equal(webhook_gone(f, id), REFUSAL_NONE);
    assert_string_equal(state_of(f, id), WEBHOOK_GONE);
    assert_int_equal(webhook_gone(f, id), REFUSAL_NONE); /* told twice */
    assert_int_equal(f->act.event_count, 0);
    assert_int_equal(webhook_turn(f, id, false), REFUSAL_STATE_WRONG);
    assert_int_equal(webhook_turn(f, id, true), REFUSAL_NONE);
    assert_string_equal(state_of(f, id), WEBHOOK_ON);
    assert_int_equal(webhook_turn(f, id, true), REFUSAL_STATE_WRONG);
    assert_int_equal(webhook_turn(f, id, false), REFUSAL_NONE);
    assert_string_equal(state_of(f, id), WEBHOOK_OFF);
    assert_int_equal(webhook_gone(f, id), REFUSAL_NONE);
    assert_string_equal(state_of(f, id), WEBHOOK_OFF);
    assert_int_equal(webhook_gone(f, 12345), REFUSAL_ABSENT);
}

static void both_secrets_sign_while_they_overlap(void **state)
{
    const uint8_t *const secrets[] = {second_secret, first_secret};
    struct fixture *f = *state;
    uint64_t id = webhook_make(f);

    expect_secrets(f, id, 0, &secrets[1], 1);
    assert_int_equal(webhook_rotate(f, id, true, 48), REFUSAL_NONE);
    expect_secrets(f, id, 48 * HOUR_US - 1, secrets, 2);
    expect_secrets(f, id, 48 * HOUR_US, secrets, 1);
}

static void overlap_is_a_day_unless_said_otherwise(void **state)
{
    const uint8_t *const secrets[] = {second_secret, first_secret};
    struct fixture *f = *state;
    uint64_t id = webhook_make(f), other = webhook_make(f);

    assert_int_equal(webhook_rotate(f, id, false, 0), REFUSAL_NONE);
    expect_secrets(f, id, WEBHOOK_OVERLAP_HOURS * HOUR_US - 1, secrets, 2);
    expect_secrets(f, id, WEBHOOK_OVERLAP_HOURS * HOUR_US, secrets, 1);
    assert_int_equal(webhook_rotate(f, other, true, 0), REFUSAL_NONE);
    expect_secrets(f, other, 0, secrets, 1);
}

static void revoked_is_over_and_its_key_is_to_be_destroyed(void **state)
{
    struct fixture *f = *state;
    uint64_t id = webhook_make(f);
    uint64_t slot = webhook_record(&f->tables, &f->arena, id)->made->slot;
    uint64_t ordered = 0;

    assert_int_equal(webhook_revoke(f, id), REFUSAL_NONE);
    for (size_t i = 0; i < f->act.event_count; i++)
        if (f->act.events[i]->body_case == CTPS__EVENT__BODY_ERASURE_ORDERED)
            ordered = f->act.events[i]->erasure_ordered->subjects[0]->slots[0];
    assert_int_equal(ordered, slot);
    assert_string_equal(state_of(f, id), WEBHOOK_REVOKED);
    expect_secrets(f, id, 0, NULL, 0);
    assert_int_equal(webhook_turn(f, id, true), REFUSAL_WEBHOOK_REVOKED);
    assert_int_equal(webhook_rotate(f, id, false, 0), REFUSAL_WEBHOOK_REVOKED);
    assert_int_equal(webhook_revoke(f, id), REFUSAL_WEBHOOK_REVOKED);
    assert_int_equal(webhook_gone(f, id), REFUSAL_NONE);
    assert_int_equal(f->act.event_count, 0);
}

static void event_goes_to_what_stood_before_it_and_is_on(void **state)
{
    struct fixture *f = *state;
    char *topics[] = {text("meeting.*")};
    Ctps__WebhookNew in;
    uint64_t all = webhook_make(f), meetings, after;

    new_init(&in);
    in.topics = topics;
    in.n_topics = 1;
    assert_int_equal(new_do(f, &in), REFUSAL_NONE);
    meetings = f->act.made[0]->id;
    after = ((f->seq + 1) << 8) | 1;
    assert_int_equal(due_count(f, after, "meeting.held"), 2);
    assert_int_equal(due_count(f, after, "situation.closed"), 1);
    assert_int_equal(due_count(f, meetings, "meeting.held"), 1); /* its own entry */
    assert_int_equal(due_count(f, all, "meeting.held"), 0);
    assert_int_equal(webhook_turn(f, all, false), REFUSAL_NONE);
    assert_int_equal(due_count(f, after, "meeting.held"), 1);
    assert_int_equal(webhook_revoke(f, meetings), REFUSAL_NONE);
    assert_int_equal(due_count(f, after, "meeting.held"), 0);
}

static void partner_s_webhook_hears_what_the_partner_was_told(void **state)
{
    struct fixture *f = *state;
    Ctps__Partner partner = CTPS__PARTNER__INIT;
    Ctps__FeedItem item = CTPS__FEED_ITEM__INIT;
    uint64_t number = UINT64_C(1) << 20 | 1;
    Ctps__WebhookNew in;

    SET(&partner, id, PARTNER);
    record_put(&f->tables, TABLE_PARTNER, table_key_of_u64(PARTNER), &f->arena, &partner.base);
    new_init(&in);
    SET(&in, partner, PARTNER);
    assert_int_equal(new_do(f, &in), REFUSAL_NONE);
    assert_int_equal(due_count(f, number, "situation.closed"), 0);
    record_put(&f->tables, TABLE_FEED_ITEM, table_key_of_two(PARTNER, number), &f->arena,
               &item.base);
    assert_int_equal(due_count(f, number, "situation.closed"), 1);
    assert_int_equal(due_count(f, number + 256, "situation.closed"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(address_is_https_or_this_machine),
        TEST(topics_are_whole_or_by_their_beginning),
        TEST(new_is_refused_by_name),
        TEST(so_many_live_ones_and_no_more),
        TEST(secret_is_sealed_under_a_key_of_its_own),
        TEST(owner_decides_what_the_policy_is_asked),
        TEST(gone_is_off_until_somebody_turns_it_on),
        TEST(both_secrets_sign_while_they_overlap),
        TEST(overlap_is_a_day_unless_said_otherwise),
        TEST(revoked_is_over_and_its_key_is_to_be_destroyed),
        TEST(event_goes_to_what_stood_before_it_and_is_on),
        TEST(partner_s_webhook_hears_what_the_partner_was_told),
    };

    return cmocka_run_group_tests_name("domain_webhook_decide", tests, NULL, NULL);
}
