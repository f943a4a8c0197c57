/* Which addresses are hosts of the internet. */
#include "host/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool is_public(const char *text)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *in = (struct sockaddr_in *)&storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&storage;

    if (strchr(text, ':')) {
        in6->sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
    } else {
        in->sin_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
    }
    return address_is_public((const struct sockaddr *)&storage);
}

static void address_is_public_of_the_internet(void **state)
{
    static const char *const rows[] = {
        "9.9.9.9",     "11.0.0.1",      "100.63.255.255",       "100.128.0.1",
        "126.0.0.1",   "128.0.0.1",     "172.15.0.1",           "172.32.0.1",
        "192.167.0.1", "223.255.255.1", "2001:4860:4860::8888", "2a00::1"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!is_public(rows[i]))
            fail_msg("%s", rows[i]);
}

static void address_is_public_never_of_the_machine_or_its_network(void **state)
{
    static const char *const rows[] = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.168.1.1",
        "198.19.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2001::1",
    };
    struct sockaddr other = {.sa_family = AF_UNIX};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (is_public(rows[i]))
            fail_msg("%s", rows[i]);
    assert_false(address_is_public(&other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_is_public_of_the_internet),
        cmocka_unit_test(address_is_public_never_of_the_machine_or_its_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
