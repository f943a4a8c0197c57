/* Signatures as receivers verify them, with the libraries of Standard Webhooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "notify/webhook_sign.h"

/* The vector the libraries of Standard Webhooks are tested with. */
#define SECRET    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID        "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define PAYLOAD   "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

enum { SECONDS = 1614265330 };

static uint8_t key[32];
static struct webhook_secret secret = {key, 0};

static int setup(void **state)
{
    (void)state;
    return sodium_init() < 0 ||
           sodium_base642bin(key, sizeof(key), SECRET, strlen(SECRET), NULL, &secret.len, NULL,
                             sodium_base64_VARIANT_ORIGINAL) != 0;
}

static void sign_gives_the_published_signature(void **state)
{
    char out[WEBHOOK_SIGNATURE_LEN];

    (void)state;
    assert_true(webhook_sign(&secret, 1, ID, SECONDS, PAYLOAD, out));
    assert_string_equal(out, SIGNATURE);
}

static void sign_covers_id_time_and_body(void **state)
{
    char out[WEBHOOK_SIGNATURE_LEN];
    struct webhook_secret shorter = {key, secret.len - 1};

    (void)state;
    assert_true(webhook_sign(&secret, 1, "msg_other", SECONDS, PAYLOAD, out));
    assert_string_not_equal(out, SIGNATURE);
    assert_true(webhook_sign(&secret, 1, ID, SECONDS + 1, PAYLOAD, out));
    assert_string_not_equal(out, SIGNATURE);
    assert_true(webhook_sign(&secret, 1, ID, SECONDS, PAYLOAD " ", out));
    assert_string_not_equal(out, SIGNATURE);
    assert_true(webhook_sign(&shorter, 1, ID, SECONDS, PAYLOAD, out));
    assert_string_not_equal(out, SIGNATURE);
}

static void each_secret_signs_the_newest_first(void **state)
{
    static const uint8_t other[24] = {1};
    const struct webhook_secret both[] = {{other, sizeof(other)}, secret};
    char out[WEBHOOK_SIGNATURE_LEN], alone[WEBHOOK_SIGNATURE_LEN];
    size_t len;

    (void)state;
    assert_true(webhook_sign(both, 1, ID, SECONDS, PAYLOAD, alone));
    assert_true(webhook_sign(both, 2, ID, SECONDS, PAYLOAD, out));
    len = strlen(alone);
    assert_memory_equal(out, alone, len);
    assert_true(out[len] == ' ');
    assert_string_equal(out + len + 1, SIGNATURE);
}

static void none_or_too_many_secrets_sign_nothing(void **state)
{
    struct webhook_secret many[WEBHOOK_SECRETS_MAX + 1];
    char out[WEBHOOK_SIGNATURE_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = secret;
    assert_false(webhook_sign(many, 0, ID, SECONDS, PAYLOAD, out));
    assert_false(webhook_sign(many, WEBHOOK_SECRETS_MAX + 1, ID, SECONDS, PAYLOAD, out));
    assert_true(webhook_sign(many, WEBHOOK_SECRETS_MAX, ID, SECONDS, PAYLOAD, out));
    assert_int_equal(strlen(out),
                     WEBHOOK_SECRETS_MAX * (sizeof(SIGNATURE) - 1) + WEBHOOK_SECRETS_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_gives_the_published_signature),
        cmocka_unit_test(sign_covers_id_time_and_body),
        cmocka_unit_test(each_secret_signs_the_newest_first),
        cmocka_unit_test(none_or_too_many_secrets_sign_nothing),
    };

    return cmocka_run_group_tests_name("notify_webhook_sign", tests, setup, NULL);
}
