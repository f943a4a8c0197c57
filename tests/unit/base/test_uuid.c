#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/uuid.h"

/* RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC, rand_a cc3, rand_b 18c4dc0c0c07398f. */
static void uuid_is_that_of_the_rfc(void **state)
{
    static const uint8_t expected[UUID_LEN] = {0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3,
                                               0x98, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    const int64_t ms = 0x017f22e279b0;
    uint8_t uuid[UUID_LEN];

    (void)state;
    /* 0xcc3 of 4096 parts of a millisecond: 797.6 microseconds. */
    uuid_put(uuid, ms * 1000 + 798, 0x18c4dc0c0c07398f);
    assert_int_equal(uuid[6] >> 4, 7);
    assert_in_range((uuid[6] & 15) << 8 | uuid[7], 0xcc3, 0xcc6);
    uuid[6] = expected[6];
    uuid[7] = expected[7];
    assert_memory_equal(uuid, expected, UUID_LEN);
    assert_int_equal(uuid_free(uuid), 0x18c4dc0c0c07398f);
}

static void later_sorts_later(void **state)
{
    uint8_t before[UUID_LEN] = {0};
    uint8_t uuid[UUID_LEN];

    (void)state;
    for (int64_t us = 0; us < 5000000; us += 7) {
        uuid_put(uuid, us, us % 2 ? 0 : UINT64_MAX);
        assert_true(memcmp(before, uuid, 8) < 0);
        memcpy(before, uuid, sizeof(uuid));
    }
}

static void free_bits_are_sixty_two(void **state)
{
    uint8_t uuid[UUID_LEN];

    (void)state;
    uuid_put(uuid, -1, UINT64_MAX);
    assert_int_equal(uuid_free(uuid), UINT64_MAX >> 2);
    assert_int_equal(uuid[8] >> 6, 2);
    uuid_put(uuid, -1, 0);
    assert_int_equal(uuid_free(uuid), 0);
    assert_int_equal(uuid[8], 0x80);
}

static void two_of_now_differ(void **state)
{
    uint8_t one[UUID_LEN];
    uint8_t other[UUID_LEN];

    (void)state;
    uuid_make(sys_real(), one);
    uuid_make(sys_real(), other);
    assert_memory_not_equal(one, other, UUID_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid_is_that_of_the_rfc),
        cmocka_unit_test(later_sorts_later),
        cmocka_unit_test(free_bits_are_sixty_two),
        cmocka_unit_test(two_of_now_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
