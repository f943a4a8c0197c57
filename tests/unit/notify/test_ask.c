/* Requests to ctpsd: asked again until they are answered, and always the same one. */
#include "host.h"

enum { IDS_MAX = 16 };

struct bench {
    struct ctps_host *host;
    struct asker asker;
    uint8_t ids[IDS_MAX][CTPS_REQUEST_ID_LEN]; /* of what came to be decided */
    size_t id_count;
    bool refuses;
    unsigned ended;
    bool is_done, has_reply;
};

static bool on_request(void *ctx, const Ctps__Request *request, Ctps__Reply *reply)
{
    struct bench *bench = ctx;

    (void)reply;
    assert_true(bench->id_count < IDS_MAX && request->id.len == CTPS_REQUEST_ID_LEN);
    memcpy(bench->ids[bench->id_count++], request->id.data, CTPS_REQUEST_ID_LEN);
    return !bench->refuses;
}

static void on_end(void *arg, const Ctps__Reply *reply)
{
    struct bench *bench = arg;

    bench->ended++;
    bench->has_reply = reply != NULL;
    bench->is_done = ask_is_done(reply);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->host = host_new();
    bench->host->answer = on_request;
    bench->host->ctx = bench;
    bench->asker = (struct asker){.host = bench->host, .api = &host_api};
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    free(bench->host);
    free(bench);
    return 0;
}

static void question(struct bench *bench, const char *words)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__WebhookGone gone = CTPS__WEBHOOK_GONE__INIT;

    request.command_case = CTPS__REQUEST__COMMAND_WEBHOOK_GONE;
    request.webhook_gone = &gone;
    assert_true(ask(&bench->asker, &request, words, on_end, bench));
    host_run(bench->host);
}

static void answer_ends_a_question(void **state)
{
    struct bench *bench = *state;

    question(bench, "words");
    assert_true(bench->ended == 1 && bench->is_done);
    bench->refuses = true;
    question(bench, "other words");
    assert_true(bench->ended == 2 && bench->has_reply && !bench->is_done);
    host_pass(bench->host, 10000);
    assert_int_equal(bench->ended, 2);
}

static void busy_or_silence_is_asked_again(void **state)
{
    struct bench *bench = *state;

    bench->host->silent = 1;
    bench->host->busy = 2;
    question(bench, "words");
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(bench->ended, 0);
        host_pass(bench->host, 499);
        assert_true(bench->host->silent + bench->host->busy == 2 - i);
        host_pass(bench->host, 1);
    }
    assert_true(bench->ended == 1 && bench->is_done);
    assert_int_equal(bench->id_count, 1);
}

static void same_words_are_the_same_request(void **state)
{
    struct bench *bench = *state;

    question(bench, "words");
    question(bench, "words");
    question(bench, "other words");
    assert_memory_equal(bench->ids[0], bench->ids[1], CTPS_REQUEST_ID_LEN);
    assert_memory_not_equal(bench->ids[0], bench->ids[2], CTPS_REQUEST_ID_LEN);
}

static void each_read_is_a_request_of_its_own(void **state)
{
    struct bench *bench = *state;

    question(bench, NULL);
    question(bench, NULL);
    assert_memory_not_equal(bench->ids[0], bench->ids[1], CTPS_REQUEST_ID_LEN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(answer_ends_a_question),
        TEST(busy_or_silence_is_asked_again),
        TEST(same_words_are_the_same_request),
        TEST(each_read_is_a_request_of_its_own),
    };

    return cmocka_run_group_tests_name("notify_ask", tests, NULL, NULL);
}
