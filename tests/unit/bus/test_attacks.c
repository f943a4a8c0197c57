/*
 * The short form of S2: what a hostile peer may try on the bus, and what the others notice of
 * it. The control of the first ones is test_self_test.c, where libzmq lets strangers in.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum {
    RATE = 2000,
    BURST = 2000,
    PROBE_COUNT = 300,
    PROBE_PAUSE_US = 2000,
    BOUND_US = 250000, /* generous: sanitizers, two cores, other tests */
    SUBSCRIPTIONS = 20000,
    OVERSIZED = 256 * 1024 + 4096,
    REPLY_SIZE = 32 * 1024,
    CAPTURE_MAX = 65536,
};

static int setup_with(void **state, bool tcp)
{
    struct bus_options options;

    *state = bench_new();
    bus_options_init(&options);
    options.rate_key = RATE;
    options.burst_key = BURST;
    options.growth_max = UINT64_MAX / 2; /* the attackers' memory is this process' too */
    return bench_open_bus(*state, tcp, &options, NULL) == CTPS_OK ? 0 : -1;
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

/* After every attack: somebody honest is served. */
static void expect_service(struct bench *bench)
{
    struct client honest;

    client_open(&honest, bench, &bench->keys[3]);
    client_send(&honest, "still there?");
    client_expect(bench, &honest, "still there?");
    client_close(&honest);
}

static void attack_foreign_key_is_refused_everywhere(void **state)
{
    static const char *const audiences[] = {NULL, "plugins", "audit"};
    struct bench *bench = *state;
    struct bench_key stranger;
    struct client client;

    bench_make_key(&stranger);
    for (int i = 0; i < 3; i++) {
        client_prepare(&client, bench, audiences[i] ? ZMQ_SUB : ZMQ_DEALER, &stranger);
        client_connect(&client, bench, audiences[i]);
        assert_int_equal(
            client_wait(bench, &client,
                        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH),
            ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        client_close(&client);
    }
    assert_true(bench_figures(bench).connections_refused >= 3);
    assert_int_equal(bench_figures(bench).connections_admitted, 0);
    expect_service(bench);
}

static void attack_other_mechanisms_never_get_in(void **state)
{
    struct bench *bench = *state;
    struct client client;

    for (int plain = 0; plain < 2; plain++) {
        client_prepare(&client, bench, ZMQ_DEALER, NULL);
        if (plain) {
            zmq_setsockopt(client.socket, ZMQ_PLAIN_USERNAME, "root", 4);
            zmq_setsockopt(client.socket, ZMQ_PLAIN_PASSWORD, "root", 4);
        }
        client_connect(&client, bench, NULL);
        client_send(&client, "let me in");
        assert_int_not_equal(
            client_wait(bench, &client,
                        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED),
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        client_close(&client);
    }
    assert_int_equal(bench_figures(bench).requests, 0);
    assert_int_equal(bench_figures(bench).connections_admitted, 0);
    expect_service(bench);
}

static void attack_key_of_another_audience_is_refused(void **state)
{
    struct bench *bench = *state;
    struct client client;

    bench->keys[0].audience = "plugins";
    client_subscribe(&client, bench, &bench->keys[0], "audit");
    assert_int_equal(
        client_wait(bench, &client,
                    ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH),
        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    client_close(&client);
    client_subscribe(&client, bench, &bench->keys[0], "plugins");
    assert_int_equal(client_wait(bench, &client, ZMQ_EVENT_HANDSHAKE_SUCCEEDED),
                     ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    client_close(&client);
}

static void attack_stolen_routing_id_gets_nobodys_reply(void **state)
{
    struct bench *bench = *state;
    struct client owner, thief;
    char text[16];

    bench->hold = true;
    client_open(&owner, bench, &bench->keys[0]);
    client_send(&owner, "mine?");
    while (bench->held_count == 0)
        bench_turn(bench);
    client_prepare(&thief, bench, ZMQ_DEALER, &bench->keys[1]);
    zmq_setsockopt(thief.socket, ZMQ_ROUTING_ID, bench->held[0].peer.route, BUS_ROUTE_LEN);
    client_connect(&thief, bench, NULL);
    client_send(&thief, "give");
    assert_int_not_equal(client_wait(bench, &thief, ZMQ_EVENT_HANDSHAKE_SUCCEEDED), 0);
    bus_reply(bench->bus, &bench->held[0].peer, bytes_of_str("yours"));
    client_expect(bench, &owner, "yours");
    assert_true(zmq_recv(thief.socket, text, sizeof(text), ZMQ_DONTWAIT) < 0);
    assert_int_equal(bench->held_count, 1);
    bench->hold = false;
    client_close(&thief);
    client_close(&owner);
    expect_service(bench);
}

static void attack_chosen_routing_id_is_refused(void **state)
{
    struct bench *bench = *state;
    struct client client;

    client_prepare(&client, bench, ZMQ_DEALER, &bench->keys[0]);
    zmq_setsockopt(client.socket, ZMQ_ROUTING_ID, "alice", 5);
    client_connect(&client, bench, NULL);
    client_send(&client, "hello");
    client_expect(bench, &client, "refused 1");
    assert_int_equal(bench_figures(bench).requests, 0);
    client_close(&client);
}

static void send_shape(const struct client *client, const char *const *frames, int count)
{
    for (int i = 0; i < count; i++)
        zmq_send(client->socket, frames[i], strlen(frames[i]),
                 ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0));
}

static void attack_junk_frames_are_refused_by_name(void **state)
{
    const char *filler[64];
    static const char *const shapes[][3] = {
        {"", "", ""}, {"", "x", "y"}, {"x", "", "y"}, {"x", "y", "z"}};
    struct bench *bench = *state;
    struct client client;
    char text[32];

    for (size_t i = 0; i < 64; i++)
        filler[i] = "x";
    client_open(&client, bench, &bench->keys[0]);
    for (size_t i = 0; i < 4; i++)
        for (int count = 1; count <= 3; count++) {
            if (count == 1 && shapes[i][0][0])
                continue;
            if (count == 2 && !shapes[i][0][0] && shapes[i][1][0])
                continue;
            send_shape(&client, shapes[i], count);
            do
                assert_true(client_receive(bench, &client, text, sizeof(text)));
            while (text[0] == '\0');
            assert_string_equal(text, "refused 0");
        }
    send_shape(&client, filler, 64);
    client_expect(bench, &client, "refused 0");
    assert_int_equal(bench_figures(bench).requests, 0);
    assert_true(bench_figures(bench).refused[BUS_REFUSAL_SHAPE] >= 9);
    client_send(&client, "now a good one");
    client_expect(bench, &client, "now a good one");
    client_close(&client);
}

static void attack_oversized_message_ends_its_connection(void **state)
{
    uint8_t *body = calloc(1, OVERSIZED);
    struct bench *bench = *state;
    struct client client;

    assert_non_null(body);
    bench->reply_size = 1;
    client_open(&client, bench, &bench->keys[0]);
    zmq_send(client.socket, body, 256 * 1024, 0);
    client_expect(bench, &client, "");
    assert_int_equal(bench_figures(bench).requests, 1);
    zmq_send(client.socket, body, OVERSIZED, 0);
    assert_int_not_equal(client_wait(bench, &client, ZMQ_EVENT_DISCONNECTED), 0);
    assert_int_equal(bench_figures(bench).requests, 1);
    bench->reply_size = 0;
    client_close(&client);
    free(body);
    expect_service(bench);
}

/* An honest client on a thread of its own: one request at a time, each one timed. */
struct prober {
    struct client client;
    int64_t latencies[PROBE_COUNT];
    int answered;
    atomic_bool done;
};

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void *probe(void *arg)
{
    const struct timespec pause = {.tv_nsec = PROBE_PAUSE_US * 1000L};
    const int patience_ms = BENCH_PATIENCE_MS;
    struct prober *prober = arg;
    char text[16];

    zmq_setsockopt(prober->client.socket, ZMQ_RCVTIMEO, &patience_ms, sizeof(patience_ms));
    for (int i = 0; i < PROBE_COUNT; i++) {
        int64_t began = bench_now_us();

        zmq_send(prober->client.socket, "probe", 5, 0);
        if (zmq_recv(prober->client.socket, text, sizeof(text), 0) != 5)
            break;
        prober->latencies[prober->answered++] = bench_now_us() - began;
        nanosleep(&pause, NULL);
    }
    qsort(prober->latencies, (size_t)prober->answered, sizeof(int64_t), compare);
    atomic_store(&prober->done, true);
    return NULL;
}

/* Turns the loop while the prober works, then judges what it measured. */
static void expect_timely_service(struct bench *bench, const char *during)
{
    struct prober *prober = calloc(1, sizeof(*prober));
    pthread_t thread;

    assert_non_null(prober);
    client_open(&prober->client, bench, &bench->keys[3]);
    assert_int_equal(pthread_create(&thread, NULL, probe, prober), 0);
    while (!atomic_load(&prober->done))
        bench_turn(bench);
    pthread_join(thread, NULL);
    print_message("%s: %d of %d answered, p50 %lld us, p99 %lld us, worst %lld us\n", during,
                  prober->answered, PROBE_COUNT, (long long)prober->latencies[PROBE_COUNT / 2],
                  (long long)prober->latencies[PROBE_COUNT * 99 / 100],
                  (long long)prober->latencies[PROBE_COUNT - 1]);
    assert_int_equal(prober->answered, PROBE_COUNT);
    assert_true(prober->latencies[PROBE_COUNT * 99 / 100] < BOUND_US);
    client_close(&prober->client);
    free(prober);
}

struct flooder {
    struct client client;
    atomic_bool stop;
    long sent;
};

static void *flood(void *arg)
{
    struct flooder *flooder = arg;
    char body[1024] = "flood", text[16];

    while (!atomic_load(&flooder->stop)) {
        flooder->sent +=
            zmq_send(flooder->client.socket, body, sizeof(body), ZMQ_DONTWAIT) >= 0;
        while (zmq_recv(flooder->client.socket, text, sizeof(text), ZMQ_DONTWAIT) >= 0)
            continue;
    }
    return NULL;
}

static void attack_flood_of_requests_leaves_others_timely(void **state)
{
    struct bench *bench = *state;
    struct flooder flooder = {.sent = 0};
    pthread_t thread;

    expect_timely_service(bench, "calm");
    client_open(&flooder.client, bench, &bench->keys[0]);
    assert_int_equal(pthread_create(&thread, NULL, flood, &flooder), 0);
    while (bench_figures(bench).refused[BUS_REFUSAL_THROTTLED] == 0)
        bench_turn(bench);
    expect_timely_service(bench, "flood of requests");
    atomic_store(&flooder.stop, true);
    pthread_join(thread, NULL);
    print_message("flood: %ld sent, %llu throttled, longest turn %lld us\n", flooder.sent,
                  (unsigned long long)bench_figures(bench).refused[BUS_REFUSAL_THROTTLED],
                  (long long)bench->longest_turn_us);
    client_close(&flooder.client);
}

static void attack_peer_that_never_reads_blocks_nobody(void **state)
{
    struct bench *bench = *state;
    const int one = 1;
    struct client mute;
    int64_t deadline = bench_now_us() + BENCH_PATIENCE_MS * INT64_C(1000);

    client_prepare(&mute, bench, ZMQ_DEALER, &bench->keys[0]);
    zmq_setsockopt(mute.socket, ZMQ_RCVHWM, &one, sizeof(one));
    client_connect(&mute, bench, NULL);
    bench->reply_size = REPLY_SIZE;
    while (bench_figures(bench).replies_unread < 100 && bench_now_us() < deadline) {
        zmq_send(mute.socket, "talk", 4, ZMQ_DONTWAIT);
        bench_turn(bench);
    }
    assert_true(bench_figures(bench).replies_unread >= 100);
    bench->reply_size = 0;
    expect_timely_service(bench, "peer that never reads");
    client_close(&mute);
}

static void *subscribe_much(void *arg)
{
    struct flooder *flooder = arg;
    char topic[64];

    for (int i = 0; i < SUBSCRIPTIONS; i++) {
        snprintf(topic, sizeof(topic), "%08x.a-topic-nobody-will-ever-publish", (unsigned)i);
        zmq_setsockopt(flooder->client.socket, ZMQ_SUBSCRIBE, topic, strlen(topic));
    }
    atomic_store(&flooder->stop, true);
    return NULL;
}

static void attack_flood_of_subscriptions_leaves_others_timely(void **state)
{
    struct bench *bench = *state;
    struct flooder flooder = {.sent = 0};
    size_t before = mallinfo2().uordblks;
    struct client honest;
    pthread_t thread;
    char text[32];

    client_subscribe(&honest, bench, &bench->keys[1], "plugins");
    client_prepare(&flooder.client, bench, ZMQ_SUB, &bench->keys[0]);
    client_connect(&flooder.client, bench, "plugins");
    assert_int_equal(pthread_create(&thread, NULL, subscribe_much, &flooder), 0);
    expect_timely_service(bench, "flood of subscriptions");
    while (!atomic_load(&flooder.stop))
        bench_turn(bench);
    pthread_join(thread, NULL);
    do {
        bus_publish(bench->bus, "plugins", bytes_of_str("situation.closed"), bytes_of_str("e"),
                    NULL);
        bench_turn(bench);
    } while (zmq_recv(honest.socket, text, sizeof(text), ZMQ_DONTWAIT) < 0);
    print_message("%d subscriptions: %zu KiB, longest turn %lld us\n", SUBSCRIPTIONS,
                  (mallinfo2().uordblks - before) / 1024, (long long)bench->longest_turn_us);
    client_close(&honest);
    client_close(&flooder.client);
}

/* Publishes until `client` has one event; false when that never happens. */
static bool hears(struct bench *bench, const struct client *client, const char *what)
{
    int64_t deadline = bench_now_us() + BENCH_PATIENCE_MS * INT64_C(1000);
    char text[64];

    while (bench_now_us() < deadline) {
        bus_publish(bench->bus, "plugins", bytes_of_str(what), bytes_of_str("e"), NULL);
        bench_turn(bench);
        while (zmq_recv(client->socket, text, sizeof(text), ZMQ_DONTWAIT) >= 0)
            if (strncmp(text, what, strlen(what)) == 0)
                return true;
    }
    return false;
}

/* What the watch on memory does when it finds too much; when it does is in test_pressure.c. */
static void attack_on_memory_costs_connections_only(void **state)
{
    struct bench *bench = bench_new();
    struct client client, subscriber;
    struct bus_options options;

    (void)state;
    bus_options_init(&options);
    options.growth_max = 16 << 20;
    assert_int_equal(bench_open_bus(bench, false, &options, NULL), CTPS_OK);
    client_open(&client, bench, &bench->keys[0]);
    client_subscribe(&subscriber, bench, &bench->keys[1], "plugins");
    client_send(&client, "before");
    client_expect(bench, &client, "before");
    for (int i = 0; i < 64 * 1024; i++)
        zmq_send(client.socket, (const uint8_t[1024]){1}, 1024, ZMQ_SNDMORE);
    zmq_send(client.socket, "end", 3, 0);
    while (bench_figures(bench).pressure_resets == 0)
        bench_turn(bench);
    client_close(&client);
    expect_service(bench);
    assert_true(hears(bench, &subscriber, "alive"));
    client_close(&subscriber);
    bench_free(bench);
}

static void attack_revoked_key_still_connected_is_refused(void **state)
{
    struct bench *bench = *state;
    struct client client;

    client_open(&client, bench, &bench->keys[0]);
    client_send(&client, "before");
    client_expect(bench, &client, "before");
    bench->keys[0].allowed = false;
    bus_forget_key(bench->bus, bench->keys[0].public_key);
    client_send(&client, "after");
    client_expect(bench, &client, "refused 2");
    assert_int_equal(bench_figures(bench).requests, 1);
    assert_int_equal(bench_figures(bench).keys, 0);
    client_close(&client);
    expect_service(bench);
}

static void attack_revoked_subscriber_hears_nothing_more(void **state)
{
    struct bench *bench = *state;
    struct client honest, revoked;
    char text[64];

    client_subscribe(&honest, bench, &bench->keys[0], "plugins");
    client_subscribe(&revoked, bench, &bench->keys[1], "plugins");
    assert_true(hears(bench, &revoked, "one"));
    bench->keys[1].allowed = false;
    assert_int_equal(bus_audience_reset(bench->bus, "plugins", NULL), CTPS_OK);
    assert_true(hears(bench, &honest, "two"));
    assert_int_not_equal(client_wait(bench, &revoked, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH), 0);
    assert_true(hears(bench, &honest, "three"));
    while (zmq_recv(revoked.socket, text, sizeof(text), ZMQ_DONTWAIT) >= 0)
        assert_true(text[0] != 't');
    client_close(&honest);
    client_close(&revoked);
}

static void attack_same_bytes_sent_again_are_one_request_each(void **state)
{
    struct bench *bench = *state;
    struct client client;

    bench->hold = true;
    client_open(&client, bench, &bench->keys[0]);
    client_send(&client, "pay once");
    client_send(&client, "pay once");
    while (bench->held_count < 2)
        bench_turn(bench);
    assert_memory_equal(&bench->held[0].peer, &bench->held[1].peer, sizeof(struct bus_peer));
    client_close(&client);
}

/* A relay between a client and the bus that keeps what the client said. */
struct relay {
    int listening;
    int client;
    int server;
    struct sockaddr_in bus;
    uint8_t said[CAPTURE_MAX];
    size_t said_len;
};

static int connect_to(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof(*address)), 0);
    return fd;
}

static void relay_open(struct relay *relay, const struct bench *bench, char *ret_endpoint,
                       size_t cap)
{
    const char *port = strrchr(bus_endpoint(bench->bus, NULL, 0), ':') + 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    relay->bus = address;
    relay->bus.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    relay->listening = socket(AF_INET, SOCK_STREAM, 0);
    relay->client = -1;
    assert_int_equal(bind(relay->listening, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(relay->listening, 1), 0);
    getsockname(relay->listening, (struct sockaddr *)&address, &len);
    snprintf(ret_endpoint, cap, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
}

static void relay_step(struct relay *relay)
{
    uint8_t data[4096];
    ssize_t n;

    if (relay->client < 0) {
        relay->client = accept4(relay->listening, NULL, NULL, SOCK_NONBLOCK);
        relay->server = connect_to(&relay->bus);
    }
    n = recv(relay->client, data, sizeof(data), MSG_DONTWAIT);
    if (n > 0 && relay->said_len + (size_t)n <= CAPTURE_MAX) {
        memcpy(relay->said + relay->said_len, data, (size_t)n);
        relay->said_len += (size_t)n;
        assert_int_equal(send(relay->server, data, (size_t)n, MSG_NOSIGNAL), n);
    }
    n = recv(relay->server, data, sizeof(data), MSG_DONTWAIT);
    if (n > 0)
        assert_int_equal(send(relay->client, data, (size_t)n, MSG_NOSIGNAL), n);
}

static void relay_close(struct relay *relay)
{
    close(relay->client);
    close(relay->server);
    close(relay->listening);
}

/* Reads until the bus ends the connection; false when it does not. */
static bool is_hung_up(struct bench *bench, int fd)
{
    int64_t deadline = bench_now_us() + BENCH_PATIENCE_MS * INT64_C(1000);
    uint8_t data[4096];

    while (bench_now_us() < deadline) {
        ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

        if (n == 0 || (n < 0 && errno == ECONNRESET))
            return true;
        bench_turn(bench);
    }
    return false;
}

static void attack_recorded_connection_replayed_is_nothing(void **state)
{
    struct relay *relay = calloc(1, sizeof(*relay));
    struct bench *bench = *state;
    struct client client;
    char endpoint[64];
    int fd;

    assert_non_null(relay);
    relay_open(relay, bench, endpoint, sizeof(endpoint));
    client_prepare(&client, bench, ZMQ_DEALER, &bench->keys[0]);
    assert_int_equal(zmq_connect(client.socket, endpoint), 0);
    client_send(&client, "pay once");
    while (bench_figures(bench).replies == 0) {
        relay_step(relay);
        bench_turn(bench);
    }
    client_close(&client);
    relay_close(relay);
    fd = connect_to(&relay->bus);
    assert_int_equal(send(fd, relay->said, relay->said_len, MSG_NOSIGNAL), relay->said_len);
    assert_true(is_hung_up(bench, fd));
    assert_int_equal(bench_figures(bench).requests, 1);
    close(fd);
    free(relay);
    expect_service(bench);
}

static void attack_silent_connections_are_hung_up(void **state)
{
    struct bench *bench = *state;
    const char *port = strrchr(bus_endpoint(bench->bus, NULL, 0), ':') + 1;
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                        .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    int fds[50];

    for (int i = 0; i < 50; i++)
        fds[i] = connect_to(&address);
    expect_timely_service(bench, "silent connections");
    for (int i = 0; i < 50; i++) {
        assert_true(is_hung_up(bench, fds[i]));
        close(fds[i]);
    }
}

int main(void)
{
#define TEST(name)     cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_TCP(name) cmocka_unit_test_setup_teardown(name, setup_tcp, teardown)
    const struct CMUnitTest tests[] = {
        TEST(attack_foreign_key_is_refused_everywhere),
        TEST_TCP(attack_foreign_key_is_refused_everywhere),
        TEST(attack_other_mechanisms_never_get_in),
        TEST(attack_key_of_another_audience_is_refused),
        TEST(attack_stolen_routing_id_gets_nobodys_reply),
        TEST(attack_chosen_routing_id_is_refused),
        TEST(attack_junk_frames_are_refused_by_name),
        TEST(attack_oversized_message_ends_its_connection),
        TEST(attack_flood_of_requests_leaves_others_timely),
        TEST_TCP(attack_flood_of_requests_leaves_others_timely),
        TEST(attack_peer_that_never_reads_blocks_nobody),
        TEST(attack_flood_of_subscriptions_leaves_others_timely),
        cmocka_unit_test(attack_on_memory_costs_connections_only),
        TEST(attack_revoked_key_still_connected_is_refused),
        TEST(attack_revoked_subscriber_hears_nothing_more),
        TEST_TCP(attack_revoked_subscriber_hears_nothing_more),
        TEST(attack_same_bytes_sent_again_are_one_request_each),
        TEST_TCP(attack_recorded_connection_replayed_is_nothing),
        TEST_TCP(attack_silent_connections_are_hung_up),
    };

    return cmocka_run_group_tests_name("bus_attacks", tests, NULL, NULL);
}
