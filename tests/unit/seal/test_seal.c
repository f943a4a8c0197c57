#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sodium.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seal/seal.h"

static const struct bytes none;

static struct seal_key *counting_key(void)
{
    struct seal_key *key = seal_key_new();
    uint8_t bytes[SEAL_KEY_LEN];

    assert_non_null(key);
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    seal_key_set(key, bytes);
    return key;
}

static void assert_hex(const uint8_t *data, size_t len, const char *expected)
{
    char text[2 * SEAL_HASH_LEN + 1];

    hex_encode(text, data, len);
    assert_string_equal(text, expected);
}

/* Vectors of the four tests below were made with Python's hashlib.blake2b. */

static void hash_of_parts_is_blake2b_256_of_their_concatenation(void **state)
{
    const struct bytes parts[] = {bytes_of("a", 1), none, bytes_of("bc", 2)};
    uint8_t out[SEAL_HASH_LEN];

    (void)state;
    seal_hash(out, parts, 3);
    assert_hex(out, sizeof(out),
               "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

static void mac_is_keyed_blake2b_256(void **state)
{
    struct seal_key *key = counting_key();
    const struct bytes parts[] = {bytes_of("abc", 3)};
    uint8_t out[SEAL_HASH_LEN];

    (void)state;
    seal_mac(out, key, parts, 1);
    assert_hex(out, sizeof(out),
               "d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f");
    seal_key_free(&key);
}

static void key_set_computes_the_commitment(void **state)
{
    struct seal_key *key = counting_key();

    (void)state;
    assert_hex(key->commit, sizeof(key->commit), "6dfc7bc88ad7c9463936a51f0a7fa9ea");
    seal_key_free(&key);
}

static void key_derive_binds_label_and_context(void **state)
{
    struct seal_key *key = counting_key();
    struct seal_key *one = seal_key_new();
    struct seal_key *two = seal_key_new();

    (void)state;
    seal_key_derive(one, key, "views", bytes_of("ctx", 3));
    assert_hex(one->bytes, sizeof(one->bytes),
               "846b2a1d6b205857a2211b6001da52c896d598cca071b52fdc0bd6f0490c357f");
    seal_key_derive(two, key, "view", bytes_of("sctx", 4));
    assert_memory_not_equal(one->bytes, two->bytes, SEAL_KEY_LEN);
    seal_key_derive(two, key, "views", none);
    assert_memory_not_equal(one->bytes, two->bytes, SEAL_KEY_LEN);
    seal_key_free(&two);
    seal_key_free(&one);
    seal_key_free(&key);
}

static void key_derive_into_its_own_source_gives_the_same_key(void **state)
{
    struct seal_key *key = counting_key();

    (void)state;
    seal_key_derive(key, key, "views", bytes_of("ctx", 3));
    assert_hex(key->bytes, sizeof(key->bytes),
               "846b2a1d6b205857a2211b6001da52c896d598cca071b52fdc0bd6f0490c357f");
    seal_key_free(&key);
}

static void key_random_gives_two_different_keys(void **state)
{
    struct seal_key *one = seal_key_new();
    struct seal_key *two = seal_key_new();

    (void)state;
    seal_key_random(one, sys_real());
    seal_key_random(two, sys_real());
    assert_memory_not_equal(one->bytes, two->bytes, SEAL_KEY_LEN);
    assert_memory_not_equal(one->commit, two->commit, SEAL_COMMIT_LEN);
    seal_key_free(&one);
    seal_key_free(&two);
}

static void key_free_twice_nulls_and_is_harmless(void **state)
{
    struct seal_key *key = counting_key();

    (void)state;
    seal_key_free(&key);
    assert_null(key);
    seal_key_free(&key);
}

/* Runs in a child without the right to lock memory: not even one page. */
static int child_without_locked_memory(void)
{
    const struct rlimit nothing = {0, 0};
    struct seal_key *key;
    uint8_t box[SEAL_OVERHEAD + 4];
    uint8_t out[4];
    int rc = 1;

    if (setrlimit(RLIMIT_MEMLOCK, &nothing) != 0 || (geteuid() == 0 && setuid(65534) != 0))
        return 2;
    key = seal_key_new();
    if (!key)
        return 3;
    seal_key_random(key, sys_real());
    seal_box_make(box, key, sys_real(), none, bytes_of("text", 4));
    if (seal_box_open(out, key, none, bytes_of(box, sizeof(box))) == CTPS_OK)
        rc = memcmp(out, "text", 4) == 0 ? 0 : 4;
    seal_key_free(&key);
    return rc;
}

static void key_without_lockable_memory_still_works(void **state)
{
    int status = 0;
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child_without_locked_memory());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void box_open_of_own_box_gives_the_content(void **state)
{
    static const size_t lens[] = {0, 1, 63, 300, 70000};
    struct seal_key *key = counting_key();
    const struct bytes ad = bytes_of("where it belongs", 16);

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        size_t len = lens[i];
        uint8_t *content = malloc(len + 1);
        uint8_t *box = malloc(len + SEAL_OVERHEAD);
        uint8_t *out = malloc(len + 1);

        sys_random(sys_real(), content, len + 1);
        seal_box_make(box, key, sys_real(), ad, bytes_of(content, len));
        assert_int_equal(seal_box_open(out, key, ad, bytes_of(box, len + SEAL_OVERHEAD)),
                         CTPS_OK);
        assert_memory_equal(out, content, len);
        free(out);
        free(box);
        free(content);
    }
    seal_key_free(&key);
}

/* The format, opened by libsodium alone: nonce, cipher text, tag; commitment before the ad. */
static void box_make_writes_the_documented_form(void **state)
{
    static const uint8_t where[2] = {'a', 'd'};
    struct seal_key *key = counting_key();
    uint8_t box[SEAL_OVERHEAD + 7];
    uint8_t ad[SEAL_COMMIT_LEN + 2];
    uint8_t out[7];

    (void)state;
    seal_box_make(box, key, sys_real(), bytes_of(where, 2), bytes_of("content", 7));
    memcpy(ad, key->commit, SEAL_COMMIT_LEN);
    memcpy(ad + SEAL_COMMIT_LEN, where, sizeof(where));
    assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, box + 24,
                                                                sizeof(box) - 24, ad,
                                                                sizeof(ad), box, key->bytes),
                     0);
    assert_memory_equal(out, "content", 7);
    seal_key_free(&key);
}

static void box_open_of_any_flipped_bit_is_forged_and_zeroes(void **state)
{
    static const uint8_t zeros[20];
    struct seal_key *key = counting_key();
    const struct bytes ad = bytes_of("ad", 2);
    uint8_t box[SEAL_OVERHEAD + sizeof(zeros)];
    uint8_t out[sizeof(zeros)];

    (void)state;
    seal_box_make(box, key, sys_real(), ad, bytes_of("twenty bytes of text", 20));
    for (size_t bit = 0; bit < sizeof(box) * 8; bit++) {
        box[bit / 8] ^= (uint8_t)(1U << bit % 8);
        memset(out, 0xee, sizeof(out));
        assert_int_equal(seal_box_open(out, key, ad, bytes_of(box, sizeof(box))), CTPS_FORGED);
        assert_memory_equal(out, zeros, sizeof(out));
        box[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(seal_box_open(out, key, ad, bytes_of(box, sizeof(box))), CTPS_OK);
    seal_key_free(&key);
}

static void box_open_with_other_data_key_or_commitment_is_forged(void **state)
{
    struct seal_key *key = counting_key();
    struct seal_key *other = seal_key_new();
    uint8_t box[SEAL_OVERHEAD + 4];
    const struct bytes whole = bytes_of(box, sizeof(box));
    uint8_t out[4];

    (void)state;
    seal_box_make(box, key, sys_real(), bytes_of("ad", 2), bytes_of("text", 4));
    assert_int_equal(seal_box_open(out, key, bytes_of("aD", 2), whole), CTPS_FORGED);
    assert_int_equal(seal_box_open(out, key, none, whole), CTPS_FORGED);
    seal_key_random(other, sys_real());
    assert_int_equal(seal_box_open(out, other, bytes_of("ad", 2), whole), CTPS_FORGED);
    seal_key_set(other, key->bytes);
    assert_int_equal(seal_box_open(out, other, bytes_of("ad", 2), whole), CTPS_OK);
    other->commit[0] ^= 1;
    assert_int_equal(seal_box_open(out, other, bytes_of("ad", 2), whole), CTPS_FORGED);
    seal_key_free(&other);
    seal_key_free(&key);
}

static void box_open_of_a_cut_box_is_forged(void **state)
{
    struct seal_key *key = counting_key();
    uint8_t box[SEAL_OVERHEAD + 4];
    uint8_t out[4];

    (void)state;
    seal_box_make(box, key, sys_real(), none, bytes_of("text", 4));
    for (size_t len = 0; len < sizeof(box); len++)
        assert_int_equal(seal_box_open(out, key, none, bytes_of(box, len)), CTPS_FORGED);
    seal_key_free(&key);
}

static void box_make_twice_takes_two_nonces(void **state)
{
    struct seal_key *key = counting_key();
    uint8_t one[SEAL_OVERHEAD + 4];
    uint8_t two[SEAL_OVERHEAD + 4];

    (void)state;
    seal_box_make(one, key, sys_real(), none, bytes_of("text", 4));
    seal_box_make(two, key, sys_real(), none, bytes_of("text", 4));
    assert_memory_not_equal(one, two, SEAL_NONCE_LEN);
    seal_key_free(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_of_parts_is_blake2b_256_of_their_concatenation),
        cmocka_unit_test(mac_is_keyed_blake2b_256),
        cmocka_unit_test(key_set_computes_the_commitment),
        cmocka_unit_test(key_derive_binds_label_and_context),
        cmocka_unit_test(key_derive_into_its_own_source_gives_the_same_key),
        cmocka_unit_test(key_random_gives_two_different_keys),
        cmocka_unit_test(key_free_twice_nulls_and_is_harmless),
        cmocka_unit_test(key_without_lockable_memory_still_works),
        cmocka_unit_test(box_open_of_own_box_gives_the_content),
        cmocka_unit_test(box_make_writes_the_documented_form),
        cmocka_unit_test(box_open_of_any_flipped_bit_is_forged_and_zeroes),
        cmocka_unit_test(box_open_with_other_data_key_or_commitment_is_forged),
        cmocka_unit_test(box_open_of_a_cut_box_is_forged),
        cmocka_unit_test(box_make_twice_takes_two_nonces),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
