#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "audit/http.h"

static enum http_result request(const char *text, struct http_head *out)
{
    return http_request_read(text, strlen(text), out);
}

static void request_with_length_is_read(void **state)
{
    static const char text[] = "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\n"
                               "Content-Length: 12\r\nContent-Type: text/plain\r\n\r\nold 1";
    struct http_head head;

    (void)state;
    assert_int_equal(request(text, &head), HTTP_DONE);
    assert_string_equal(head.method, "POST");
    assert_string_equal(head.target, "/add-checkpoint");
    assert_true(head.has_body_len);
    assert_int_equal(head.body_len, 12);
    assert_string_equal(text + head.len, "old 1");
    assert_false(head.closes);
}

static void head_cut_anywhere_wants_more(void **state)
{
    static const char text[] = "POST /a HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n";
    struct http_head head;

    (void)state;
    for (size_t len = 0; len < strlen(text); len++)
        assert_int_equal(http_request_read(text, len, &head), HTTP_MORE);
    assert_int_equal(request(text, &head), HTTP_DONE);
    assert_true(head.closes);
}

/* Each is read one way by some servers and another way by others. */
static void request_two_readers_differ_about_is_refused(void **state)
{
    static const char *const texts[] = {
        "POST /a HTTP/1.1\nHost: w\n\n",
        "POST /a HTTP/1.1\r\nHost: w\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nHost: x\r\n\r\n",
        "POST /a HTTP/1.1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nContent-Length : 1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: +1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 1, 1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 0x5\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nContent-Length:\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 1\r\n 1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\n: x\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: w\r\nX\x01: x\r\n\r\n",
        "POST  /a HTTP/1.1\r\nHost: w\r\n\r\n",
        "POST a HTTP/1.1\r\nHost: w\r\n\r\n",
        "POST /a HTTP/1.0\r\nHost: w\r\n\r\n",
        "POST /a http/1.1\r\nHost: w\r\n\r\n",
        "POST /a HTTP/1.1 \r\nHost: w\r\n\r\n",
        "\r\nPOST /a HTTP/1.1\r\nHost: w\r\n\r\n",
    };
    struct http_head head;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (request(texts[i], &head) != HTTP_BAD)
            fail_msg("accepted: %s", texts[i]);
    assert_int_equal(http_request_read("POST /\0a HTTP/1.1\r\nHost: w\r\n\r\n", 31, &head),
                     HTTP_BAD);
}

static void request_larger_than_its_limits_is_refused(void **state)
{
    static const char start[] = {'P', 'O', 'S', 'T', ' ', '/'};
    char text[HTTP_HEAD_MAX + 64];
    struct http_head head;

    (void)state;
    assert_int_equal(
        request("POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 32769\r\n\r\n", &head),
        HTTP_BAD);
    assert_true(head.too_large);
    assert_int_equal(
        request("POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 18446744073709551617\r\n\r\n",
                &head),
        HTTP_BAD);
    memset(text, 'a', sizeof(text));
    memcpy(text, start, sizeof(start));
    assert_int_equal(http_request_read(text, sizeof(text), &head), HTTP_BAD);
    assert_int_equal(http_request_read(text, 100, &head), HTTP_MORE);
}

static void response_is_read(void **state)
{
    static const char text[] = "HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\n"
                               "Content-Length: 3\r\n\r\n17\n";
    struct http_head head;

    (void)state;
    assert_int_equal(http_response_read(text, strlen(text), &head), HTTP_DONE);
    assert_int_equal(head.status, 409);
    assert_string_equal(head.type, "text/x.tlog.size");
    assert_int_equal(head.body_len, 3);
    assert_int_equal(http_response_read("HTTP/1.0 200\r\n\r\n", 16, &head), HTTP_DONE);
    assert_true(head.closes);
    assert_int_equal(http_response_read("HTTP/1.1 20x OK\r\n\r\n", 19, &head), HTTP_BAD);
    assert_int_equal(http_response_read("HTTP/1.1 100 Continue\r\n\r\n", 25, &head), HTTP_BAD);
    assert_int_equal(http_response_read("HTTP/2 200 OK!!!\r\n\r\n", 20, &head), HTTP_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_with_length_is_read),
        cmocka_unit_test(head_cut_anywhere_wants_more),
        cmocka_unit_test(request_two_readers_differ_about_is_refused),
        cmocka_unit_test(request_larger_than_its_limits_is_refused),
        cmocka_unit_test(response_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
