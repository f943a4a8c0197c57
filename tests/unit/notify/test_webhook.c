/* Webhooks: which addresses an event goes to, what is sent, and what an answer means. The
 * transfer itself is the test's. */
#include "bench.h"

#include <sodium.h>

#include "notify/notify.h"
#include "notify/webhook.h"
#include "notify/webhook_post.h"

enum { POSTS_MAX = 64, ADDRESSES_MAX = 300, SECRET_LEN = 24 };

struct post {
    char url[64], id[64], payload[64], signature[WEBHOOK_SIGNATURE_LEN];
    int64_t seconds, timeout_ms;
    webhook_posted *done;
    void *arg;
};

struct bench {
    struct notify notify;
    const struct channel *channels[1];
    /* what ctpsd says */
    uint64_t due[ADDRESSES_MAX];
    size_t due_count;
    const char *state; /* of a webhook that is taken; NULL: refused */
    bool due_refused, gone_refused;
    unsigned due_asked, taken_asked;
    uint64_t gone; /* the webhook that was told to be, 0: none */
    struct post posts[POSTS_MAX];
    size_t post_count, post_ended;
};

static struct bench *bench_of_test;
static uint8_t secret[SECRET_LEN] = {1, 2, 3};

/* --- what webhook.c asks of the rest of notify --- */

bool webhook_post(struct transport *transport, const struct webhook_message *message,
                  webhook_posted *done, void *arg)
{
    struct post *post = &bench_of_test->posts[bench_of_test->post_count++];

    (void)transport;
    assert_true(bench_of_test->post_count <= POSTS_MAX);
    snprintf(post->url, sizeof(post->url), "%s", message->url);
    snprintf(post->id, sizeof(post->id), "%s", message->id);
    snprintf(post->payload, sizeof(post->payload), "%s", message->payload);
    snprintf(post->signature, sizeof(post->signature), "%s", message->signature);
    post->seconds = message->seconds;
    post->timeout_ms = message->timeout_ms;
    post->done = done;
    post->arg = arg;
    return true;
}

void notify_say(struct notify *notify, enum ctps_level level, const char *format, ...)
{
    notify->api->log(notify->host, level, format);
}

/* --- what ctpsd answers --- */

static void due_answer(struct bench *bench, Ctps__Reply *reply)
{
    static Ctps__WebhookDueAnswer answer;

    ctps__webhook_due_answer__init(&answer);
    answer.webhooks = bench->due;
    answer.n_webhooks = bench->due_count;
    reply->answer_case = CTPS__REPLY__ANSWER_WEBHOOK_DUE_ANSWER;
    reply->webhook_due_answer = &answer;
}

static void taken_answer(const struct bench *bench, const Ctps__WebhookTake *in,
                         Ctps__Reply *reply)
{
    static Ctps__WebhookTaken answer;
    static ProtobufCBinaryData secrets[] = {{SECRET_LEN, secret}};
    static char url[64], id[64], payload[] = "{\"type\":\"x\"}", state[16];

    ctps__webhook_taken__init(&answer);
    snprintf(url, sizeof(url), "https://w%llu.example/", (unsigned long long)in->id);
    snprintf(id, sizeof(id), "msg_%llu_%llu", (unsigned long long)in->number,
             (unsigned long long)in->id);
    snprintf(state, sizeof(state), "%s", bench->state);
    answer.state = state;
    answer.url = url;
    answer.message_id = id;
    answer.payload = payload;
    answer.secrets = secrets;
    answer.n_secrets = 1;
    reply->answer_case = CTPS__REPLY__ANSWER_WEBHOOK_TAKEN;
    reply->webhook_taken = &answer;
}

static bool ctpsd_answer(void *ctx, const Ctps__Request *request, Ctps__Reply *reply)
{
    struct bench *bench = ctx;

    switch (request->command_case) {
    case CTPS__REQUEST__COMMAND_WEBHOOK_DUE:
        bench->due_asked++;
        due_answer(bench, reply);
        return !bench->due_refused;
    case CTPS__REQUEST__COMMAND_WEBHOOK_TAKE:
        bench->taken_asked++;
        if (bench->state)
            taken_answer(bench, request->webhook_take, reply);
        return bench->state != NULL;
    case CTPS__REQUEST__COMMAND_WEBHOOK_GONE:
        bench->gone = request->webhook_gone->id;
        return !bench->gone_refused;
    default:
        return false;
    }
}

/* --- the bench --- */

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    struct notify *notify = &bench->notify;
    char why[NOTIFY_WHY_LEN];
    size_t count = 0;

    assert_non_null(bench);
    notify->host = host_new();
    notify->host->answer = ctpsd_answer;
    notify->host->ctx = bench;
    notify->api = &host_api;
    notify->asker = (struct asker){.host = notify->host, .api = &host_api};
    bench->state = "send";
    bench_of_test = bench;
    assert_int_equal(webhook_open(notify, &notify->webhooks, why, sizeof(why)), CTPS_STATUS_OK);
    webhook_channels(notify->webhooks, bench->channels, &count);
    assert_int_equal(count, 1);
    notify->queue = bench_queue_open(&notify->asker, bench->channels, count);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    while (bench->post_ended < bench->post_count) { /* frees its trial */
        struct post *post = &bench->posts[bench->post_ended++];

        post->done(post->arg, 200, "");
    }
    host_run(bench->notify.host);
    queue_close(&bench->notify.queue);
    webhook_close(&bench->notify.webhooks);
    free(bench->notify.host);
    free(bench);
    return 0;
}

/* An event happens, of which ctpsd says that it is to go to `count` webhooks. */
static bool happen(struct bench *bench, const char *topic, uint64_t number,
                   const uint64_t *webhooks, size_t count)
{
    struct plan plan = {.notify = &bench->notify,
                        .happening = {.number = number, .id = 5},
                        .in_event = true}; /* what it comes to is returned */

    snprintf(plan.happening.topic, sizeof(plan.happening.topic), "%s", topic);
    if (count)
        memcpy(bench->due, webhooks, count * sizeof(bench->due[0]));
    bench->due_count = count;
    webhook_plan(bench->notify.webhooks, &plan);
    host_run(bench->notify.host);
    assert_int_equal(plan.holders, 0);
    return !plan.failed;
}

static void happen_to(struct bench *bench, uint64_t number, uint64_t webhook)
{
    assert_true(happen(bench, "situation.closed", number, &webhook, 1));
}

/* The oldest post under way is answered. */
static void answered(struct bench *bench, long status, const char *cause)
{
    struct post *post = &bench->posts[bench->post_ended++];

    assert_true(bench->post_ended <= bench->post_count);
    post->done(post->arg, status, cause);
    host_run(bench->notify.host);
}

static void pass(struct bench *bench, int64_t ms)
{
    host_pass(bench->notify.host, ms);
}

static void expect_recorded(struct bench *bench, const char *key, const char *outcome,
                            const char *cause, unsigned tries)
{
    bench_expect_recorded(bench->notify.host, key, outcome, cause, tries);
}

/* --- planning --- */

static void event_is_queued_once_for_each_webhook(void **state)
{
    static const uint64_t webhooks[] = {8193, 8449};
    struct bench *bench = *state;

    assert_true(happen(bench, "situation.closed", 33792, webhooks, 2));
    assert_true(happen(bench, "situation.closed", 33792, webhooks, 2));
    assert_int_equal(bench->notify.host->effect_count, 2);
    expect_recorded(bench, "hook:situation.closed:33792:w8193", "waiting", "", 0);
    expect_recorded(bench, "hook:situation.closed:33792:w8449", "waiting", "", 0);
    assert_int_equal(bench->post_count, 2);
}

static void key_of_a_long_topic_leaves_it_out(void **state)
{
    static const uint64_t webhook = UINT64_MAX;
    struct bench *bench = *state;

    assert_true(
        happen(bench, "duplicate.whatever_can_be_said_of_it_all", UINT64_MAX, &webhook, 1));
    expect_recorded(bench, "hook::18446744073709551615:w18446744073709551615", "waiting", "",
                    0);
    assert_string_equal(bench->posts[0].url, "https://w18446744073709551615.example/");
}

static void what_became_of_a_message_makes_no_message(void **state)
{
    static const uint64_t webhook = 8193;
    struct bench *bench = *state;

    assert_true(happen(bench, "notification.failed", 256, &webhook, 1));
    assert_int_equal(bench->due_asked, 0);
    assert_int_equal(bench->notify.host->effect_count, 0);
}

static void action_not_granted_is_said_once(void **state)
{
    struct bench *bench = *state;

    bench->due_refused = true;
    assert_true(happen(bench, "situation.closed", 256, NULL, 0));
    assert_true(happen(bench, "situation.closed", 512, NULL, 0));
    assert_int_equal(bench->due_asked, 1);
    assert_int_equal(bench->notify.host->lines, 1);
}

/* --- one message --- */

static void message_is_signed_and_keeps_its_id(void **state)
{
    const struct webhook_secret own = {secret, SECRET_LEN};
    struct bench *bench = *state;
    char expected[WEBHOOK_SIGNATURE_LEN];

    happen_to(bench, 256, 8193);
    answered(bench, 500, "http_500");
    pass(bench, MINUTE_MS);
    assert_int_equal(bench->post_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct post *post = &bench->posts[i];

        assert_string_equal(post->url, "https://w8193.example/");
        assert_string_equal(post->id, "msg_256_8193");
        assert_int_equal(post->timeout_ms, 15000);
        assert_int_equal(post->seconds, HOST_START_US / 1000000 + (int64_t)i * 60);
        assert_true(webhook_sign(&own, 1, post->id, post->seconds, post->payload, expected));
        assert_string_equal(post->signature, expected);
    }
}

static void any_2xx_is_an_answer(void **state)
{
    static const long statuses[] = {200, 202, 204, 299};
    struct bench *bench = *state;
    char key[64];

    for (unsigned i = 0; i < 4; i++) {
        happen_to(bench, 256 + i, 8193);
        answered(bench, statuses[i], "");
        snprintf(key, sizeof(key), "hook:situation.closed:%u:w8193", 256 + i);
        expect_recorded(bench, key, "sent", "", 1);
    }
}

static void answer_410_disables_the_webhook(void **state)
{
    struct bench *bench = *state;

    happen_to(bench, 256, 8193);
    answered(bench, 410, "http_410");
    assert_int_equal(bench->gone, 8193);
    expect_recorded(bench, "hook:situation.closed:256:w8193", "failed", "gone", 1);
    bench->state = "off"; /* as ctpsd says from then on */
    happen_to(bench, 512, 8193);
    assert_int_equal(bench->post_count, 1);
    expect_recorded(bench, "hook:situation.closed:512:w8193", "skipped", "off", 0);
}

static void answer_410_that_cannot_be_told_is_tried_again(void **state)
{
    struct bench *bench = *state;

    bench->gone_refused = true;
    happen_to(bench, 256, 8193);
    answered(bench, 410, "http_410");
    expect_recorded(bench, "hook:situation.closed:256:w8193", "waiting", "gone", 1);
    pass(bench, MINUTE_MS);
    assert_int_equal(bench->post_count, 2);
}

static void receiver_that_is_away_is_left_alone(void **state)
{
    static const struct {
        long status;
        const char *cause;
    } answers[] = {{500, "http_500"}, {503, "http_503"}, {429, "http_429"}, {0, "timeout"}};
    struct bench *bench = *state;

    for (unsigned i = 0; i < 4; i++) {
        uint64_t webhook = 8193 + 256 * i;
        size_t before;

        happen_to(bench, 256 + i, webhook);
        answered(bench, answers[i].status, answers[i].cause);
        before = bench->post_count;
        happen_to(bench, 512 + i, webhook);
        assert_int_equal(bench->post_count, before); /* waits with it */
    }
    happen_to(bench, 1024, 7); /* another address does not */
    answered(bench, 200, "");
    expect_recorded(bench, "hook:situation.closed:1024:w7", "sent", "", 1);
}

static void message_not_liked_lets_the_next_one_through(void **state)
{
    struct bench *bench = *state;

    happen_to(bench, 256, 8193);
    answered(bench, 404, "http_404");
    expect_recorded(bench, "hook:situation.closed:256:w8193", "waiting", "http_404", 1);
    happen_to(bench, 512, 8193);
    answered(bench, 200, "");
    expect_recorded(bench, "hook:situation.closed:512:w8193", "sent", "", 1);
}

static void right_that_was_lost_is_found_at_each_try(void **state)
{
    struct bench *bench = *state;

    happen_to(bench, 256, 8193);
    answered(bench, 503, "http_503");
    bench->state = "lost";
    pass(bench, MINUTE_MS);
    assert_int_equal(bench->taken_asked, 2);
    assert_int_equal(bench->post_count, 1);
    expect_recorded(bench, "hook:situation.closed:256:w8193", "skipped", "lost", 1);
}

static void webhook_that_cannot_be_taken_is_tried_again(void **state)
{
    struct bench *bench = *state;

    bench->state = NULL;
    happen_to(bench, 256, 8193);
    expect_recorded(bench, "hook:situation.closed:256:w8193", "waiting", "unavailable", 1);
    bench->state = "send";
    pass(bench, MINUTE_MS);
    assert_int_equal(bench->post_count, 1);
}

/* --- lanes --- */

static void one_address_gets_one_message_at_a_time(void **state)
{
    struct bench *bench = *state;

    happen_to(bench, 256, 8193);
    happen_to(bench, 512, 8193);
    assert_int_equal(bench->post_count, 1);
    answered(bench, 200, "");
    assert_int_equal(bench->post_count, 2);
    assert_string_equal(bench->posts[1].id, "msg_512_8193");
}

static void so_many_addresses_and_no_more_are_posted_to_at_once(void **state)
{
    struct bench *bench = *state;

    for (uint64_t webhook = 1; webhook <= 9; webhook++)
        happen_to(bench, 256, webhook);
    assert_int_equal(bench->post_count, 8);
    answered(bench, 200, "");
    pass(bench, 1500); /* held, and looked at again */
    assert_int_equal(bench->post_count, 9);
    expect_recorded(bench, "hook:situation.closed:256:w9", "waiting", "", 0);
}

static void each_address_has_its_lane_until_there_are_no_more(void **state)
{
    struct bench *bench = *state;
    const struct channel *channel = bench->channels[0];
    struct delivery delivery = {.channel = channel};
    bool used[QUEUE_LANES_MAX] = {false};

    for (unsigned i = 0; i < QUEUE_LANES_MAX; i++) {
        unsigned lane;

        snprintf(delivery.key, sizeof(delivery.key), "hook:x:1:w%u", 1000 + 256 * i);
        lane = channel->lane(channel->arg, &delivery);
        assert_true(lane < QUEUE_LANES_MAX && !used[lane]);
        used[lane] = true;
        assert_int_equal(channel->lane(channel->arg, &delivery), lane);
    }
    snprintf(delivery.key, sizeof(delivery.key), "hook:x:1:w999999");
    assert_int_equal(channel->lane(channel->arg, &delivery), 999999 % QUEUE_LANES_MAX);
}

static void of_reminders_of_one_thing_the_newest_goes_out(void **state)
{
    static const uint64_t webhook = 8193;
    struct bench *bench = *state;

    happen_to(bench, 128, webhook);
    answered(bench, 503, "http_503"); /* the address is down */
    assert_true(happen(bench, "reminder.due", 256, &webhook, 1));
    assert_true(happen(bench, "meeting.cancelled", 300, &webhook, 1));
    assert_true(happen(bench, "reminder.due", 512, &webhook, 1));
    expect_recorded(bench, "hook:reminder.due:256:w8193", "skipped", "superseded", 0);
    expect_recorded(bench, "hook:meeting.cancelled:300:w8193", "waiting", "", 0);
    expect_recorded(bench, "hook:reminder.due:512:w8193", "waiting", "", 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(event_is_queued_once_for_each_webhook),
        TEST(key_of_a_long_topic_leaves_it_out),
        TEST(what_became_of_a_message_makes_no_message),
        TEST(action_not_granted_is_said_once),
        TEST(message_is_signed_and_keeps_its_id),
        TEST(any_2xx_is_an_answer),
        TEST(answer_410_disables_the_webhook),
        TEST(answer_410_that_cannot_be_told_is_tried_again),
        TEST(receiver_that_is_away_is_left_alone),
        TEST(message_not_liked_lets_the_next_one_through),
        TEST(right_that_was_lost_is_found_at_each_try),
        TEST(webhook_that_cannot_be_taken_is_tried_again),
        TEST(one_address_gets_one_message_at_a_time),
        TEST(so_many_addresses_and_no_more_are_posted_to_at_once),
        TEST(each_address_has_its_lane_until_there_are_no_more),
        TEST(of_reminders_of_one_thing_the_newest_goes_out),
    };

    return cmocka_run_group_tests_name("notify_webhook", tests, NULL, NULL);
}
