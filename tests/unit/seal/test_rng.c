#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "seal/rng.h"
#include "seal/seal.h"

/* Gives the bytes 0, 1, 2, ... and counts how often it was asked. */
struct counting_source {
    uint8_t next;
    unsigned calls;
};

static void counting_random(void *ctx, void *out, size_t len)
{
    struct counting_source *source = ctx;
    uint8_t *at = out;

    source->calls++;
    while (len--)
        *at++ = source->next++;
}

static bool contains(const void *hay, size_t hay_len, const void *needle, size_t len)
{
    return memmem(hay, hay_len, needle, len) != NULL;
}

static void rng_of_one_seed_gives_one_sequence_however_it_is_cut(void **state)
{
    struct counting_source a = {0};
    struct counting_source b = {0};
    const struct sys sys_a = {.ctx = &a, .random = counting_random};
    const struct sys sys_b = {.ctx = &b, .random = counting_random};
    struct seal_rng one;
    struct seal_rng two;
    uint8_t whole[5000];
    uint8_t parts[5000];
    size_t at = 0;

    (void)state;
    seal_rng_init(&one, &sys_a);
    seal_rng_init(&two, &sys_b);
    sys_random(seal_rng_sys(&one), whole, sizeof(whole));
    while (at < sizeof(parts)) {
        size_t len = sizeof(parts) - at < 37 ? sizeof(parts) - at : 37;

        sys_random(seal_rng_sys(&two), parts + at, len);
        at += len;
    }
    assert_memory_equal(whole, parts, sizeof(whole));
    assert_int_equal(a.calls, 1);
    seal_rng_done(&one);
    seal_rng_done(&two);
}

static void rng_never_repeats_a_nonce(void **state)
{
    static uint8_t nonces[4000][SEAL_NONCE_LEN];
    struct seal_rng rng;

    (void)state;
    seal_rng_init(&rng, sys_real());
    for (unsigned i = 0; i < 4000; i++)
        sys_random(seal_rng_sys(&rng), nonces[i], sizeof(nonces[i]));
    for (unsigned i = 0; i < 4000; i++)
        for (unsigned j = 0; j < i; j++)
            assert_memory_not_equal(nonces[i], nonces[j], SEAL_NONCE_LEN);
    seal_rng_done(&rng);
}

static void rng_keeps_no_trace_of_what_it_served(void **state)
{
    struct seal_rng rng;
    uint8_t served[SEAL_RNG_POOL_LEN + 24];

    (void)state;
    seal_rng_init(&rng, sys_real());
    sys_random(seal_rng_sys(&rng), served, sizeof(served));
    for (size_t at = 0; at + 8 <= sizeof(served); at += 8)
        assert_false(contains(&rng, sizeof(rng), served + at, 8));
    seal_rng_done(&rng);
}

static void rng_reseed_changes_the_sequence(void **state)
{
    struct counting_source a = {0};
    const struct sys sys_a = {.ctx = &a, .random = counting_random};
    struct seal_rng rng;
    struct seal_rng twin;
    uint8_t one[24];
    uint8_t two[24];

    (void)state;
    seal_rng_init(&rng, &sys_a);
    twin = rng;
    twin.sys.ctx = &twin;
    seal_rng_reseed(&rng);
    sys_random(seal_rng_sys(&rng), one, sizeof(one));
    sys_random(seal_rng_sys(&twin), two, sizeof(two));
    assert_memory_not_equal(one, two, sizeof(one));
    assert_int_equal(a.calls, 2);
    seal_rng_done(&rng);
    seal_rng_done(&twin);
}

static void rng_done_wipes(void **state)
{
    static const struct seal_rng zero;
    struct seal_rng rng;

    (void)state;
    seal_rng_init(&rng, sys_real());
    seal_rng_done(&rng);
    assert_memory_equal(&rng, &zero, sizeof(rng));
    seal_rng_done(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rng_of_one_seed_gives_one_sequence_however_it_is_cut),
        cmocka_unit_test(rng_never_repeats_a_nonce),
        cmocka_unit_test(rng_keeps_no_trace_of_what_it_served),
        cmocka_unit_test(rng_reseed_changes_the_sequence),
        cmocka_unit_test(rng_done_wipes),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
