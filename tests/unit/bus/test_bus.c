/* What the bus promises to clients that behave. Attacks are in test_attacks.c. */
#include "bench.h"
#include "bus/publication.h"

static int setup_with(void **state, bool tcp)
{
    struct bus_options options;
    struct ctps_err err;

    *state = bench_new();
    bus_options_init(&options);
    options.waiting_max_key = 8;
    options.waiting_max = 12;
    if (bench_open_bus(*state, tcp, &options, &err) == CTPS_OK)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return -1;
}

static int setup(void **state)
{
    return setup_with(state, false);
}

static int setup_tcp(void **state)
{
    return setup_with(state, true);
}

static int teardown(void **state)
{
    bench_free(*state);
    return 0;
}

static void bus_request_is_answered_and_counted(void **state)
{
    struct bench *bench = *state;
    struct client client;

    client_open(&client, bench, &bench->keys[0]);
    client_send(&client, "one");
    client_expect(bench, &client, "one");
    client_send(&client, "two");
    client_expect(bench, &client, "two");
    assert_int_equal(bench_figures(bench).requests, 2);
    assert_int_equal(bench_figures(bench).replies, 2);
    assert_int_equal(bench_figures(bench).waiting, 0);
    assert_int_equal(bench_figures(bench).keys, 1);
    assert_int_equal(bench_figures(bench).connections_admitted, 1);
    client_close(&client);
}

static void bus_request_names_the_key_and_address(void **state)
{
    struct bench *bench = *state;
    struct client client;

    bench->hold = true;
    client_open(&client, bench, &bench->keys[2]);
    client_send(&client, "who am I");
    while (bench->held_count == 0)
        bench_turn(bench);
    assert_memory_equal(bench->held[0].peer.public_key, bench->keys[2].public_key, BUS_KEY_LEN);
    assert_true(strlen(bench->held[0].peer_address) > 0);
    client_close(&client);
}

static void bus_key_nobody_can_judge_now_knocks_again(void **state)
{
    struct bench *bench = *state;
    struct bench_key *key = &bench->keys[0];
    struct client client;
    char busy[16];

    key->unknown = true;
    client_open(&client, bench, key);
    client_send(&client, "one");
    assert_int_equal(client_wait(bench, &client,
                                 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED |
                                     ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) &
                         ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
                     0);
    assert_int_equal(bench_figures(bench).connections_admitted, 0);
    key->unknown = false;
    client_expect(bench, &client, "one");
    key->unknown = true;
    snprintf(busy, sizeof(busy), "refused %d", BUS_REFUSAL_OVERLOADED);
    client_send(&client, "two");
    client_expect(bench, &client, busy);
    key->unknown = false;
    client_send(&client, "three");
    client_expect(bench, &client, "three");
    client_close(&client);
}

static void bus_request_of_req_client_is_answered(void **state)
{
    struct bench *bench = *state;
    struct client client;

    client_prepare(&client, bench, ZMQ_REQ, &bench->keys[0]);
    client_connect(&client, bench, NULL);
    client_send(&client, "one");
    client_expect(bench, &client, "one");
    client_close(&client);
}

static void bus_reply_later_reaches_each_asker(void **state)
{
    struct bench *bench = *state;
    struct client clients[2];

    bench->hold = true;
    for (int i = 0; i < 2; i++) {
        client_open(&clients[i], bench, &bench->keys[i]);
        client_send(&clients[i], "?");
        while (bench->held_count == (size_t)i)
            bench_turn(bench);
    }
    bus_reply(bench->bus, &bench->held[1].peer, bytes_of_str("second"));
    bus_reply(bench->bus, &bench->held[0].peer, bytes_of_str("first"));
    client_expect(bench, &clients[0], "first");
    client_expect(bench, &clients[1], "second");
    client_close(&clients[0]);
    client_close(&clients[1]);
}

static void bus_reply_to_one_who_left_is_counted(void **state)
{
    struct bench *bench = *state;
    struct client client;
    int64_t deadline;

    bench->hold = true;
    client_open(&client, bench, &bench->keys[0]);
    client_send(&client, "?");
    while (bench->held_count == 0)
        bench_turn(bench);
    client_close(&client);
    deadline = bench_now_us() + 1000000;
    while (bench_figures(bench).replies_gone == 0 && bench_now_us() < deadline) {
        bus_reply(bench->bus, &bench->held[0].peer, bytes_of_str("late"));
        bench_turn(bench);
    }
    assert_int_equal(bench_figures(bench).replies_gone, 1);
    assert_int_equal(bench_figures(bench).waiting, 0);
}

static void send_many(const struct client *client, int count)
{
    for (int i = 0; i < count; i++)
        client_send(client, "?");
}

static void bus_requests_beyond_those_of_a_key_get_busy(void **state)
{
    struct bench *bench = *state;
    struct client client;

    bench->hold = true;
    client_open(&client, bench, &bench->keys[0]);
    send_many(&client, 9);
    client_expect(bench, &client, "refused 4");
    assert_int_equal(bench->held_count, 8);
    bus_reply(bench->bus, &bench->held[0].peer, bytes_of(NULL, 0)); /* nothing is sent */
    bus_reply(bench->bus, &bench->held[1].peer, bytes_of_str("done"));
    client_expect(bench, &client, "done");
    send_many(&client, 3);
    client_expect(bench, &client, "refused 4");
    assert_int_equal(bench->held_count, 10);
    client_close(&client);
}

static void bus_requests_beyond_those_of_all_get_overloaded(void **state)
{
    struct bench *bench = *state;
    struct client first, second;

    bench->hold = true;
    client_open(&first, bench, &bench->keys[0]);
    send_many(&first, 8);
    while (bench->held_count < 8)
        bench_turn(bench);
    client_open(&second, bench, &bench->keys[1]);
    send_many(&second, 5);
    client_expect(bench, &second, "refused 5");
    assert_int_equal(bench_figures(bench).waiting, 12);
    client_close(&first);
    client_close(&second);
}

/* Publishes `topic` until `client` has heard it: its subscription arrives some time after the
 * handshake. What it hears twice is thrown away. */
static void wait_subscribed(struct bench *bench, const struct client *client, const char *topic)
{
    char text[32];

    do {
        bus_publish(bench->bus, "plugins", bytes_of_str(topic), bytes_of_str("e"), NULL);
        bench_turn(bench);
    } while (zmq_recv(client->socket, text, sizeof(text), ZMQ_DONTWAIT) < 0);
    bus_publish(bench->bus, "plugins", bytes_of_str(topic), bytes_of_str("last"), NULL);
    do
        assert_true(client_receive(bench, client, text, sizeof(text)));
    while (strcmp(text + strlen(topic) + 1, "last") != 0);
}

/* The next message is one frame: topic, NUL, record. */
static void expect_publication(struct bench *bench, const struct client *client,
                               const char *topic, const char *record)
{
    char text[64] = {0};
    int more = 1;
    size_t len = sizeof(more);

    assert_true(client_receive(bench, client, text, sizeof(text)));
    assert_int_equal(zmq_getsockopt(client->socket, ZMQ_RCVMORE, &more, &len), 0);
    assert_int_equal(more, 0);
    assert_string_equal(text, topic);
    assert_string_equal(text + strlen(topic) + 1, record);
}

static void publish(struct bench *bench, const char *topic, const char *record)
{
    assert_int_equal(
        bus_publish(bench->bus, "plugins", bytes_of_str(topic), bytes_of_str(record), NULL),
        CTPS_OK);
}

static void bus_publish_reaches_its_audience_in_order(void **state)
{
    struct bench *bench = *state;
    struct client plugin, auditor;
    char text[16];

    client_subscribe(&plugin, bench, &bench->keys[0], "plugins");
    client_subscribe(&auditor, bench, &bench->keys[1], "audit");
    client_wait(bench, &plugin, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    client_wait(bench, &auditor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    wait_subscribed(bench, &plugin, "beat");
    publish(bench, "situation.closed", "event");
    publish(bench, "situation.opened", "another");
    expect_publication(bench, &plugin, "situation.closed", "event");
    expect_publication(bench, &plugin, "situation.opened", "another");
    assert_true(zmq_recv(auditor.socket, text, sizeof(text), ZMQ_DONTWAIT) < 0);
    client_close(&plugin);
    client_close(&auditor);
}

static void bus_subscription_is_by_the_beginning_of_a_topic(void **state)
{
    struct bench *bench = *state;
    struct client many, one;

    client_prepare(&many, bench, ZMQ_SUB, &bench->keys[0]);
    zmq_setsockopt(many.socket, ZMQ_SUBSCRIBE, "situation.", strlen("situation."));
    client_connect(&many, bench, "plugins");
    client_prepare(&one, bench, ZMQ_SUB, &bench->keys[1]);
    /* Its NUL ends the topic. */
    zmq_setsockopt(one.socket, ZMQ_SUBSCRIBE, "saisine.received", sizeof("saisine.received"));
    client_connect(&one, bench, "plugins");
    wait_subscribed(bench, &many, "situation.here");
    wait_subscribed(bench, &one, "saisine.received");
    publish(bench, "saisine.received_late", "1");
    publish(bench, "saisine.receive", "2");
    publish(bench, "situations", "3");
    publish(bench, "situation", "4");
    publish(bench, "situation.closed", "5");
    publish(bench, "saisine.received", "6");
    publish(bench, "situation.opened", "7");
    expect_publication(bench, &one, "saisine.received", "6");
    expect_publication(bench, &many, "situation.closed", "5");
    expect_publication(bench, &many, "situation.opened", "7");
    client_close(&many);
    client_close(&one);
}

static void publication_without_nul_is_none(void **state)
{
    struct bytes topic = {0}, record = {0};

    (void)state;
    assert_false(publication_split(bytes_of(NULL, 0), &topic, &record));
    assert_false(publication_split(bytes_of_str("situation.closed"), &topic, &record));
    assert_null(topic.data);
    assert_true(publication_split(bytes_of("x", 2), &topic, &record));
    assert_true(bytes_equal(topic, bytes_of_str("x")) && record.len == 0);
    assert_true(publication_split(bytes_of("\0\0r", 3), &topic, &record));
    assert_true(topic.len == 0 && bytes_equal(record, bytes_of("\0r", 2)));
}

static void bus_publish_to_unknown_audience_is_absent(void **state)
{
    struct bench *bench = *state;
    const struct bytes frame = bytes_of_str("x");

    assert_int_equal(bus_publish(bench->bus, "nobody", frame, frame, NULL), CTPS_ABSENT);
    assert_int_equal(bus_audience_reset(bench->bus, "nobody", NULL), CTPS_ABSENT);
    assert_null(bus_endpoint(bench->bus, "nobody", 0));
}

static void bus_forget_key_drops_its_figures_only(void **state)
{
    struct bench *bench = *state;
    struct client client;

    bench->hold = true;
    client_open(&client, bench, &bench->keys[0]);
    client_send(&client, "?");
    while (bench->held_count == 0)
        bench_turn(bench);
    bus_forget_key(bench->bus, bench->keys[0].public_key);
    assert_int_equal(bench_figures(bench).keys, 0);
    bus_reply(bench->bus, &bench->held[0].peer, bytes_of_str("done"));
    client_expect(bench, &client, "done");
    assert_int_equal(bench_figures(bench).waiting, 0);
    client_close(&client);
}

static void bus_open_bad_options_are_named(void **state)
{
    static const char *const good[] = {"tcp://127.0.0.1:0"};
    const struct bus_audience bad_name = {"Plug ins", {good, 1}};
    const struct bus_audience twice[] = {{"a", {good, 1}}, {"a", {good, 1}}};
    const struct bus_handler handler = {.ctx = *state, .allow_key = bench_allow};
    struct bench *bench = bench_new();
    struct bus_options options;
    struct ctps_err err;

    bus_options_init(&options);
    options.sys = sys_real();
    memcpy(options.secret_key, bench->server.secret_key, BUS_KEY_LEN);
    memcpy(options.public_key, bench->server.public_key, BUS_KEY_LEN);
    assert_int_equal(bus_open(bench->loop, &options, &handler, &bench->bus, &err),
                     CTPS_INVALID);
    options.commands = (struct bus_endpoints){good, 1};
    options.audiences = &bad_name;
    options.audience_count = 1;
    assert_int_equal(bus_open(bench->loop, &options, &handler, &bench->bus, &err),
                     CTPS_INVALID);
    assert_non_null(strstr(err.text, "Plug ins"));
    options.audiences = twice;
    options.audience_count = 2;
    assert_int_equal(bus_open(bench->loop, &options, &handler, &bench->bus, &err), CTPS_EXISTS);
    bench_free(bench);
}

int main(void)
{
#define TEST(name)     cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_TCP(name) cmocka_unit_test_setup_teardown(name, setup_tcp, teardown)
    const struct CMUnitTest tests[] = {
        TEST(bus_request_is_answered_and_counted),
        TEST_TCP(bus_request_is_answered_and_counted),
        TEST(bus_request_names_the_key_and_address),
        TEST_TCP(bus_request_names_the_key_and_address),
        TEST(bus_key_nobody_can_judge_now_knocks_again),
        TEST(bus_request_of_req_client_is_answered),
        TEST(bus_reply_later_reaches_each_asker),
        TEST(bus_reply_to_one_who_left_is_counted),
        TEST(bus_requests_beyond_those_of_a_key_get_busy),
        TEST(bus_requests_beyond_those_of_all_get_overloaded),
        TEST(bus_publish_reaches_its_audience_in_order),
        TEST_TCP(bus_publish_reaches_its_audience_in_order),
        TEST(bus_subscription_is_by_the_beginning_of_a_topic),
        cmocka_unit_test(publication_without_nul_is_none),
        TEST(bus_publish_to_unknown_audience_is_absent),
        TEST(bus_forget_key_drops_its_figures_only),
        TEST(bus_open_bad_options_are_named),
    };

    return cmocka_run_group_tests_name("bus_bus", tests, NULL, NULL);
}
