#include "bus/accounts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void key_write(uint8_t *key, uint8_t n)
{
    memset(key, 0, ACCOUNTS_KEY_LEN);
    key[0] = (uint8_t)(n & 1); /* collisions: two slots for all */
    key[31] = n;
}

static void accounts_get_many_keys_keeps_them_apart(void **state)
{
    struct accounts accounts = {0};
    uint8_t key[ACCOUNTS_KEY_LEN];

    (void)state;
    for (int i = 0; i < 200; i++) {
        key_write(key, (uint8_t)i);
        assert_null(accounts_find(&accounts, key));
        accounts_get(&accounts, key)->waiting = (uint32_t)i;
    }
    assert_int_equal(accounts.count, 200);
    for (int i = 0; i < 200; i++) {
        key_write(key, (uint8_t)i);
        assert_int_equal(accounts_find(&accounts, key)->waiting, i);
    }
    accounts_done(&accounts);
}

static void accounts_remove_forgets_only_that_key(void **state)
{
    struct accounts accounts = {0};
    uint8_t first[ACCOUNTS_KEY_LEN], second[ACCOUNTS_KEY_LEN];

    (void)state;
    key_write(first, 2);
    key_write(second, 4);
    accounts_remove(&accounts, first);
    accounts_get(&accounts, first);
    accounts_get(&accounts, second);
    accounts_remove(&accounts, first);
    accounts_remove(&accounts, first);
    assert_null(accounts_find(&accounts, first));
    assert_non_null(accounts_find(&accounts, second));
    assert_int_equal(accounts.count, 1);
    accounts_done(&accounts);
}

static int take_all(struct bucket *bucket, int64_t now_us)
{
    const struct bucket_rate rate = {.rate = 10, .burst = 25};
    int taken = 0;

    while (taken < 1000 && bucket_take(&rate, bucket, now_us))
        taken++;
    return taken;
}

static void bucket_take_gives_burst_then_rate(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    assert_int_equal(take_all(&bucket, 5000000), 25);
    assert_int_equal(take_all(&bucket, 5099999), 0);
    assert_int_equal(take_all(&bucket, 5100000), 1);
    assert_int_equal(take_all(&bucket, 6100000), 10);
    assert_int_equal(take_all(&bucket, INT64_C(3600000000)), 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_get_many_keys_keeps_them_apart),
        cmocka_unit_test(accounts_remove_forgets_only_that_key),
        cmocka_unit_test(bucket_take_gives_burst_then_rate),
    };

    return cmocka_run_group_tests_name("bus_accounts", tests, NULL, NULL);
}
