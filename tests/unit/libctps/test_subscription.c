#include "server.h"

enum { PATIENCE_MS = 8000 };

static struct ctps_subscription *subscribe(const struct server *server,
                                           const struct ctps_position *position)
{
    struct ctps_subscription *sub;
    struct ctps_keyfile key;

    server_key(server, &key);
    assert_int_equal(ctps_subscription_open(&key, "plugins", position, &sub, NULL),
                     CTPS_STATUS_OK);
    return sub;
}

/* Event n next, whole; whether it was pulled. */
static bool expect_event(struct ctps_subscription *sub, int n)
{
    struct ctps_event event;
    struct ctps_error error;
    Ctps__Notice *notice;

    if (ctps_subscription_next(sub, PATIENCE_MS, &event, &error) != CTPS_STATUS_OK)
        fail_msg("event %d: %s", n, error.text);
    assert_int_equal(event.number, 10 * n);
    assert_int_equal(event.previous_number, 10 * (n - 1));
    assert_string_equal(event.topic, "situation.closed");
    notice = ctps__notice__unpack(NULL, event.notice_len, event.notice);
    assert_non_null(notice);
    assert_int_equal(notice->id, n);
    ctps__notice__free_unpacked(notice, NULL);
    return event.was_pulled;
}

static void expect_silence(struct ctps_subscription *sub)
{
    struct ctps_event event;

    assert_int_equal(ctps_subscription_next(sub, 50, &event, NULL), CTPS_STATUS_TIMEOUT);
}

/* Publishes one event after the other until one is heard rather than pulled: the connection
 * stands. The number of the last one. */
static int hear_first(struct server *server, struct ctps_subscription *sub)
{
    for (int n = atomic_load(&server->events) + 1; n < 10000; n++) {
        atomic_store(&server->events, n);
        if (!expect_event(sub, n))
            return n;
    }
    fail_msg("never heard");
    return 0;
}

static void subscription_begins_with_the_past(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub;

    atomic_store(&server->unheard, 8);
    atomic_store(&server->events, 8);
    sub = subscribe(server, &(struct ctps_position){0});
    for (int n = 1; n <= 8; n++)
        assert_true(expect_event(sub, n));
    expect_silence(sub);
    ctps_subscription_close(&sub);
    sub = subscribe(server, &(struct ctps_position){.after = 60});
    assert_true(expect_event(sub, 7));
    ctps_subscription_close(&sub);
    ctps_subscription_close(&sub);
}

static void subscription_from_now_leaves_the_past_out(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub;

    atomic_store(&server->unheard, 8);
    atomic_store(&server->events, 8);
    sub = subscribe(server, &(struct ctps_position){.from_now = true});
    expect_silence(sub);
    atomic_store(&server->events, 9);
    expect_event(sub, 9);
    ctps_subscription_close(&sub);
}

static void subscription_hears_live_events(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub = subscribe(server, &(struct ctps_position){0});
    int last = hear_first(server, sub);

    atomic_store(&server->mute, 1);
    atomic_store(&server->events, last + 20);
    for (int n = last + 1; n <= last + 20; n++)
        assert_false(expect_event(sub, n));
    ctps_subscription_close(&sub);
}

static void subscription_repairs_a_gap_seen_by_the_next_event(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub = subscribe(server, &(struct ctps_position){0});
    int last = hear_first(server, sub);

    atomic_store(&server->mute, 1);
    atomic_store(&server->unheard, last + 10);
    atomic_store(&server->events, last + 11);
    for (int n = last + 1; n <= last + 10; n++)
        assert_true(expect_event(sub, n));
    expect_event(sub, last + 11);
    expect_silence(sub);
    ctps_subscription_close(&sub);
}

static void subscription_repairs_a_gap_seen_by_heartbeat(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub = subscribe(server, &(struct ctps_position){0});
    int last = hear_first(server, sub);

    atomic_store(&server->unheard, last + 4);
    atomic_store(&server->events, last + 4);
    for (int n = last + 1; n <= last + 4; n++)
        assert_true(expect_event(sub, n));
    ctps_subscription_close(&sub);
}

static void subscription_survives_a_reset_of_its_audience(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub = subscribe(server, &(struct ctps_position){0});
    int last = hear_first(server, sub);

    atomic_store(&server->unheard, last + 3);
    atomic_store(&server->reset, 1);
    atomic_store(&server->events, last + 3);
    for (int n = last + 1; n <= last + 3; n++)
        expect_event(sub, n);
    hear_first(server, sub);
    ctps_subscription_close(&sub);
}

/* --- a publisher that may send anything, under the server's key --- */

struct publisher {
    void *context;
    void *socket;
    char endpoint[CTPS_ENDPOINT_LEN];
};

static void publisher_open(struct publisher *publisher, const struct server *server)
{
    const int is_server = 1, linger = 0;

    publisher->context = zmq_ctx_new();
    publisher->socket = zmq_socket(publisher->context, ZMQ_PUB);
    zmq_setsockopt(publisher->socket, ZMQ_LINGER, &linger, sizeof(linger));
    zmq_setsockopt(publisher->socket, ZMQ_CURVE_SERVER, &is_server, sizeof(is_server));
    zmq_setsockopt(publisher->socket, ZMQ_CURVE_SECRETKEY, server->bench->server.secret_text,
                   BENCH_KEY_TEXT);
    snprintf(publisher->endpoint, sizeof(publisher->endpoint), "ipc://%s/anything",
             server->bench->folder);
    assert_int_equal(zmq_bind(publisher->socket, publisher->endpoint), 0);
}

static void publisher_close(struct publisher *publisher)
{
    zmq_close(publisher->socket);
    zmq_ctx_term(publisher->context);
    unlink(publisher->endpoint + strlen("ipc://")); /* libzmq leaves it */
}

static void publisher_send(const struct publisher *publisher, const void *frame, size_t len,
                           int flags)
{
    assert_int_equal(zmq_send(publisher->socket, frame, len, flags), len);
}

/* Event n, which the server knows; only the first `share` percent of its record. */
static void publisher_event(const struct publisher *publisher, struct server *server, int n,
                            bool with_notice, unsigned share)
{
    static const char topic[] = "situation.closed";
    uint8_t frame[sizeof(topic) + SERVER_RECORD_MAX];
    size_t len = server_record(n, with_notice, frame + sizeof(topic));

    atomic_store(&server->unheard, n);
    atomic_store(&server->events, n);
    memcpy(frame, topic, sizeof(topic));
    publisher_send(publisher, frame, sizeof(topic) + len * share / 100, 0);
}

static void subscription_lets_junk_go(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub;
    struct publisher publisher;
    struct ctps_keyfile key;
    struct ctps_event event;

    publisher_open(&publisher, server);
    server_key(server, &key);
    snprintf(key.events, sizeof(key.events), "%s", publisher.endpoint);
    assert_int_equal(
        ctps_subscription_open(&key, "plugins", &(struct ctps_position){0}, &sub, NULL),
        CTPS_STATUS_OK);
    publisher_event(&publisher, server, 1, true, 100);
    expect_event(sub, 1);
    do
        publisher_event(&publisher, server, 2, true, 100);
    while (ctps_subscription_next(sub, 20, &event, NULL) == CTPS_STATUS_TIMEOUT);
    assert_true(event.number == 20 && !event.was_pulled);
    publisher_send(&publisher, "", 0, 0);
    publisher_send(&publisher, "situation.closed", strlen("situation.closed"), 0);
    publisher_send(&publisher, "situation.closed", sizeof("situation.closed"), 0);
    publisher_send(&publisher, "situation.closed\0\x0a\xff", sizeof("situation.closed") + 2, 0);
    publisher_event(&publisher, server, 3, true, 90);
    publisher_event(&publisher, server, 3, true, 50);
    publisher_event(&publisher, server, 3, false, 100);
    publisher_send(&publisher, "situation.closed", sizeof("situation.closed"), ZMQ_SNDMORE);
    publisher_event(&publisher, server, 3, true, 100);
    expect_silence(sub);
    publisher_event(&publisher, server, 3, true, 100);
    assert_false(expect_event(sub, 3));
    ctps_subscription_close(&sub);
    publisher_close(&publisher);
}

static void subscription_tells_of_a_restored_backup(void **state)
{
    struct server *server = *state;
    struct ctps_subscription *sub = subscribe(server, &(struct ctps_position){0});
    struct ctps_event event;
    int last = hear_first(server, sub);

    atomic_store(&server->incarnation, 1);
    atomic_store(&server->events, last + 1);
    assert_int_equal(ctps_subscription_next(sub, PATIENCE_MS, &event, NULL),
                     CTPS_STATUS_RESTORED);
    ctps_subscription_close(&sub);
    sub = subscribe(server, &(struct ctps_position){.has_incarnation = true});
    assert_int_equal(ctps_subscription_next(sub, PATIENCE_MS, &event, NULL),
                     CTPS_STATUS_RESTORED);
    ctps_subscription_close(&sub);
}

static void subscription_without_endpoint_or_right_is_told(void **state)
{
    struct server *server = *state;
    const struct ctps_position start = {0};
    struct ctps_subscription *sub;
    struct ctps_keyfile key;
    struct ctps_event event;

    server_key(server, &key);
    key.events[0] = '\0';
    assert_int_equal(ctps_subscription_open(&key, "plugins", &start, &sub, NULL),
                     CTPS_STATUS_INVALID);
    server_key(server, &key);
    ctps_keyfile_generate(&key, NULL);
    assert_int_equal(ctps_subscription_open(&key, "plugins", &start, &sub, NULL),
                     CTPS_STATUS_OK);
    assert_int_equal(ctps_subscription_next(sub, PATIENCE_MS, &event, NULL),
                     CTPS_STATUS_DENIED);
    ctps_subscription_close(&sub);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, server_start, server_stop)
    const struct CMUnitTest tests[] = {
        TEST(subscription_begins_with_the_past),
        TEST(subscription_from_now_leaves_the_past_out),
        TEST(subscription_hears_live_events),
        TEST(subscription_repairs_a_gap_seen_by_the_next_event),
        TEST(subscription_repairs_a_gap_seen_by_heartbeat),
        TEST(subscription_survives_a_reset_of_its_audience),
        TEST(subscription_lets_junk_go),
        TEST(subscription_tells_of_a_restored_backup),
        TEST(subscription_without_endpoint_or_right_is_told),
    };

    return cmocka_run_group_tests_name("libctps_subscription", tests, NULL, NULL);
}
