#include "../store/flips.h"
#include "fixture.h"

enum { FLIPS = 2000, GONE_SLOT = 5 };

struct expected {
    struct fixture fix;
    uint8_t keys[KEYRING_BLOCK_COUNT + 1][SEAL_KEY_LEN];
};

/* A live slot that answers ABSENT would pass for an erasure: that is wrong data, not a gap. */
static enum flip_answer judge_slot(struct expected *expected, uint64_t slot,
                                   struct seal_key *key)
{
    enum ctps_code code = keyring_key_get(expected->fix.keyring, slot, key);

    if (slot == GONE_SLOT)
        return code == CTPS_ABSENT ? FLIP_RIGHT : code == CTPS_OK ? FLIP_WRONG : FLIP_REFUSED;
    if (code == CTPS_OK)
        return memcmp(key->bytes, expected->keys[slot], SEAL_KEY_LEN) == 0 ? FLIP_RIGHT
                                                                           : FLIP_WRONG;
    if (code == CTPS_ABSENT && slot > keyring_slot_count(expected->fix.keyring))
        return FLIP_STALE;
    return code == CTPS_ABSENT ? FLIP_WRONG : FLIP_REFUSED;
}

static enum flip_answer judge_all(struct expected *expected)
{
    struct seal_key *key = seal_key_new();
    enum flip_answer worst = FLIP_RIGHT;

    for (uint64_t slot = 1; slot <= KEYRING_BLOCK_COUNT; slot++) {
        enum flip_answer answer = judge_slot(expected, slot, key);

        if (answer > worst)
            worst = answer;
    }
    if (worst == FLIP_RIGHT && keyring_check(expected->fix.keyring, NULL, NULL) != CTPS_OK)
        worst = FLIP_REFUSED;
    seal_key_free(&key);
    return worst;
}

static enum flip_answer look(void *arg)
{
    struct expected *expected = arg;
    enum flip_answer answer;

    if (keyring_open(&expected->fix.keyring, &expected->fix.options, NULL) != CTPS_OK)
        return FLIP_REFUSED;
    answer = judge_all(expected);
    keyring_close(&expected->fix.keyring);
    return answer;
}

static void expect_all(struct expected *expected)
{
    struct fixture *fix = &expected->fix;
    struct seal_key *key = seal_key_new();
    uint64_t gone = GONE_SLOT;

    fixture_init(fix);
    fixture_create(fix);
    assert_int_equal(keyring_destroy(fix->keyring, &gone, 1, NULL, &fix->err), CTPS_OK);
    for (uint64_t slot = 1; slot <= KEYRING_BLOCK_COUNT; slot++)
        if (keyring_key_get(fix->keyring, slot, key) == CTPS_OK)
            memcpy(expected->keys[slot], key->bytes, SEAL_KEY_LEN);
    keyring_close(&fix->keyring);
    seal_key_free(&key);
}

static void flipped_bits_of_a_keyring_never_give_another_key_or_an_erasure(void **state)
{
    static struct expected expected;
    struct flip_counts counts = {0};
    char path[128];

    (void)state;
    expect_all(&expected);
    assert_int_equal(look(&expected), FLIP_RIGHT);
    snprintf(path, sizeof(path), "%s/epoch-000002.keys", expected.fix.dir);
    flips_run(&counts, path, FLIPS, look, &expected);
    flips_print("keyring", &counts);
    assert_int_equal(counts.wrong, 0);
    assert_int_equal(counts.absent, 0);
    assert_true(counts.refused > FLIPS / 10);
    assert_int_equal(look(&expected), FLIP_RIGHT);
    fixture_done(&expected.fix);
}

/* The control of the judge: a key of one bit less, and a destroyed slot. */
static void judge_of_another_key_or_an_unwanted_erasure_says_wrong(void **state)
{
    static struct expected expected;
    uint64_t slot = 9;

    (void)state;
    expect_all(&expected);
    expected.keys[700][3] ^= 1;
    assert_int_equal(look(&expected), FLIP_WRONG);
    expected.keys[700][3] ^= 1;
    assert_int_equal(look(&expected), FLIP_RIGHT);
    fixture_open(&expected.fix);
    assert_int_equal(keyring_destroy(expected.fix.keyring, &slot, 1, NULL, NULL), CTPS_OK);
    keyring_close(&expected.fix.keyring);
    assert_int_equal(look(&expected), FLIP_WRONG);
    fixture_done(&expected.fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flipped_bits_of_a_keyring_never_give_another_key_or_an_erasure),
        cmocka_unit_test(judge_of_another_key_or_an_unwanted_erasure_says_wrong),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
