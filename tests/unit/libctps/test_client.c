#include "server.h"

static void request_is_answered_over_one_connection(void **state)
{
    struct server *server = *state;
    struct ctps_client *client;
    struct ctps_keyfile key;
    struct ctps_bytes reply;

    server_key(server, &key);
    assert_int_equal(ctps_client_open(&key, &client, NULL), CTPS_STATUS_OK);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(ctps_client_request(client, "ping", 4, 5000, &reply, NULL),
                         CTPS_STATUS_OK);
        assert_int_equal(reply.len, 4);
        assert_memory_equal(reply.data, "ping", 4);
        ctps_bytes_free(&reply);
        ctps_bytes_free(&reply);
    }
    assert_int_equal(atomic_load(&server->asked), 50);
    ctps_client_close(&client);
    ctps_client_close(&client);
}

static void request_unanswered_is_sent_again(void **state)
{
    struct server *server = *state;
    struct ctps_client *client;
    struct ctps_keyfile key;
    struct ctps_bytes reply;

    server_key(server, &key);
    atomic_store(&server->ignore, 1);
    assert_int_equal(ctps_client_open(&key, &client, NULL), CTPS_STATUS_OK);
    assert_int_equal(ctps_client_request(client, "again", 5, 8000, &reply, NULL),
                     CTPS_STATUS_OK);
    assert_memory_equal(reply.data, "again", 5);
    assert_int_equal(atomic_load(&server->asked), 2);
    ctps_bytes_free(&reply);
    ctps_client_close(&client);
}

static void request_never_answered_times_out_and_says_why(void **state)
{
    struct server *server = *state;
    struct ctps_client *client;
    struct ctps_keyfile key;
    struct ctps_bytes reply;
    struct ctps_error error;

    server_key(server, &key);
    atomic_store(&server->ignore, 1000);
    ctps_client_open(&key, &client, NULL);
    assert_int_equal(ctps_client_request(client, "x", 1, 500, &reply, &error),
                     CTPS_STATUS_TIMEOUT);
    assert_non_null(strstr(error.text, "did not answer"));
    ctps_client_close(&client);
    snprintf(key.commands, sizeof(key.commands), "ipc:///nowhere/at/all");
    ctps_client_open(&key, &client, NULL);
    assert_int_equal(ctps_client_request(client, "x", 1, 200, &reply, &error),
                     CTPS_STATUS_TIMEOUT);
    assert_non_null(strstr(error.text, "nobody listens"));
    ctps_client_close(&client);
    server_key(server, &key);
    key.server_key[3] ^= 1;
    ctps_client_open(&key, &client, NULL);
    assert_int_equal(ctps_client_request(client, "x", 1, 500, &reply, &error),
                     CTPS_STATUS_TIMEOUT);
    assert_non_null(strstr(error.text, "handshake failed"));
    ctps_client_close(&client);
}

static void request_with_unknown_key_is_denied_at_once(void **state)
{
    struct server *server = *state;
    struct ctps_client *client;
    struct ctps_keyfile key;
    struct ctps_bytes reply;
    struct ctps_error error;

    server_key(server, &key);
    ctps_keyfile_generate(&key, NULL);
    ctps_client_open(&key, &client, NULL);
    assert_int_equal(ctps_client_request(client, "x", 1, 60000, &reply, &error),
                     CTPS_STATUS_DENIED);
    assert_non_null(strstr(error.text, "test"));
    ctps_client_close(&client);
}

static void request_too_large_is_not_sent(void **state)
{
    static const uint8_t large[CTPS_REQUEST_MAX + 1];
    struct server *server = *state;
    struct ctps_client *client;
    struct ctps_keyfile key;
    struct ctps_bytes reply;

    server_key(server, &key);
    ctps_client_open(&key, &client, NULL);
    assert_int_equal(ctps_client_request(client, large, sizeof(large), 5000, &reply, NULL),
                     CTPS_STATUS_TOO_LARGE);
    assert_int_equal(ctps_client_request(client, large, 0, 5000, &reply, NULL),
                     CTPS_STATUS_INVALID);
    assert_int_equal(ctps_client_request(client, large, CTPS_REQUEST_MAX, 5000, &reply, NULL),
                     CTPS_STATUS_OK);
    ctps_bytes_free(&reply);
    ctps_client_close(&client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, server_start, server_stop)
    const struct CMUnitTest tests[] = {
        TEST(request_is_answered_over_one_connection),
        TEST(request_unanswered_is_sent_again),
        TEST(request_never_answered_times_out_and_says_why),
        TEST(request_with_unknown_key_is_denied_at_once),
        TEST(request_too_large_is_not_sent),
    };

    return cmocka_run_group_tests_name("libctps_client", tests, NULL, NULL);
}
