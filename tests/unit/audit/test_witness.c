#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "audit/witness.h"

enum { LEAVES = 40 };

/* A log in memory, and another one that leaves it at `fork_at`. */
struct branch {
    struct merkle_hash leaves[LEAVES];
};

static struct branch truth, fork;
static struct note_key key, stranger;

static bool read_leaves(void *arg, unsigned level, uint64_t first, unsigned count,
                        struct merkle_hash *out)
{
    const struct branch *branch = arg;

    if (level || first + count > LEAVES)
        return false;
    memcpy(out, &branch->leaves[first], count * sizeof(*out));
    return true;
}

static struct merkle_hash root_of(struct branch *branch, uint64_t size)
{
    struct merkle_source source = {.read = read_leaves, .arg = branch};
    struct merkle_hash root;

    assert_true(merkle_root(&source, size, &root));
    return root;
}

static int setup(void **state)
{
    static const uint8_t seed[NOTE_KEY_LEN] = {1}, other[NOTE_KEY_LEN] = {2};

    (void)state;
    for (unsigned i = 0; i < LEAVES; i++) {
        uint8_t leaf = (uint8_t)i;
        uint8_t forked[2] = {leaf, i >= 7};

        merkle_leaf(&leaf, 1, &truth.leaves[i]);
        merkle_leaf(forked, i >= 7 ? 2 : 1, &fork.leaves[i]);
    }
    return sodium_init() < 0 || !note_key_make("log.example", NOTE_ED25519, seed, &key) ||
           !note_key_make("log.example", NOTE_ED25519, other, &stranger);
}

struct asked {
    char note[NOTE_LEN_MAX], body[WITNESS_REQUEST_MAX];
    struct witness_request request;
};

/* What `branch` of `size` asks when it believes `old` was cosigned, read again from its bytes.
 */
static struct witness_request *ask(struct asked *asked, struct branch *branch, uint64_t old,
                                   uint64_t size, const struct note_key *with)
{
    struct merkle_source source = {.read = read_leaves, .arg = branch};
    struct note_text note = {.data = asked->note, .max = sizeof(asked->note)};
    struct note_text body = {.data = asked->body, .max = sizeof(asked->body)};
    struct note_checkpoint checkpoint = {.origin = "log.example", .size = size};
    struct merkle_path path = {0};

    checkpoint.root = root_of(branch, size);
    note_checkpoint_write(&checkpoint, &note);
    note_sign(with, 0, &note);
    if (old && old < size)
        assert_true(merkle_consistency(&source, old, size, &path));
    witness_request_write(old, &path, asked->note, &body);
    assert_false(body.full);
    assert_true(witness_request_read(asked->body, &asked->request));
    assert_int_equal(asked->request.old, old);
    assert_int_equal(asked->request.checkpoint.size, size);
    assert_string_equal(asked->request.note, asked->note);
    return &asked->request;
}

static struct witness_seen seen_of(struct branch *branch, uint64_t size)
{
    return (struct witness_seen){.size = size, .root = root_of(branch, size)};
}

static void growth_from_every_size_is_cosigned(void **state)
{
    struct asked asked;

    (void)state;
    for (uint64_t size = 0; size <= LEAVES; size++)
        for (uint64_t old = 0; old <= size; old++) {
            struct witness_seen seen = seen_of(&truth, old);

            assert_int_equal(witness_judge(ask(&asked, &truth, old, size, &key), &key, &seen),
                             WITNESS_COSIGN);
        }
}

static void fork_is_refused_from_every_size_past_it(void **state)
{
    struct asked asked;

    (void)state;
    for (uint64_t size = 8; size <= LEAVES; size++)
        for (uint64_t old = 8; old <= size; old++) {
            struct witness_seen seen = seen_of(&truth, old);
            enum witness_verdict verdict =
                witness_judge(ask(&asked, &fork, old, size, &key), &key, &seen);

            assert_int_equal(verdict, old == size ? WITNESS_FORKED : WITNESS_BAD_PROOF);
        }
}

static void log_taken_back_is_refused(void **state)
{
    struct witness_seen seen = seen_of(&truth, 20);
    struct asked asked;

    (void)state;
    for (uint64_t size = 0; size < 20; size++)
        assert_int_equal(witness_judge(ask(&asked, &truth, size, size, &key), &key, &seen),
                         WITNESS_SHRINKING);
    assert_int_equal(witness_judge(ask(&asked, &truth, 19, 25, &key), &key, &seen),
                     WITNESS_NOT_LAST);
    assert_int_equal(witness_judge(ask(&asked, &truth, 0, 25, &key), &key, &seen),
                     WITNESS_NOT_LAST);
    assert_int_equal(witness_judge(ask(&asked, &truth, 26, 25, &key), &key, &seen),
                     WITNESS_MALFORMED);
}

static void signature_comes_before_everything_but_the_origin(void **state)
{
    struct witness_seen seen = seen_of(&truth, 20);
    struct asked asked;

    (void)state;
    assert_int_equal(witness_judge(ask(&asked, &truth, 20, 25, &stranger), &key, &seen),
                     WITNESS_BAD_SIGNATURE);
    assert_int_equal(witness_judge(ask(&asked, &truth, 20, 25, &stranger), NULL, &seen),
                     WITNESS_UNKNOWN_ORIGIN);
    /* Re-signed by the holder of the log's key: the proof shows it. */
    assert_int_equal(witness_judge(ask(&asked, &fork, 20, 25, &key), &key, &seen),
                     WITNESS_BAD_PROOF);
}

static void proof_altered_anywhere_is_refused(void **state)
{
    struct witness_seen seen = seen_of(&truth, 13);
    struct asked asked;

    (void)state;
    for (unsigned i = 0; i < ask(&asked, &truth, 13, 37, &key)->path.count; i++) {
        ask(&asked, &truth, 13, 37, &key)->path.hashes[i].bytes[i % MERKLE_HASH_LEN] ^= 1;
        assert_int_equal(witness_judge(&asked.request, &key, &seen), WITNESS_BAD_PROOF);
    }
    ask(&asked, &truth, 13, 37, &key)->path.count--;
    assert_int_equal(witness_judge(&asked.request, &key, &seen), WITNESS_BAD_PROOF);
}

static void malformed_request_is_not_read(void **state)
{
#define NOTE "log.example\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
    static const char *const texts[] = {
        "",
        "old",
        "old \n\n" NOTE,
        "old 01\n\n" NOTE,
        "old 1 \n\n" NOTE,
        "old 1\n" NOTE,
        "old -1\n\n" NOTE,
        "old 1\nAAAA\n\n" NOTE,
        "old 18446744073709551616\n\n" NOTE,
        "old 1\n\nlog.example\n1\n",
        "Old 1\n\n" NOTE,
        "old 1\n",
    };
    struct witness_request request;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (witness_request_read(texts[i], &request))
            fail_msg("read: %s", texts[i]);
    assert_true(witness_request_read("old 1\n\n" NOTE, &request));
#undef NOTE
}

static void signature_of_a_witness_is_taken_and_a_wrong_one_is_not(void **state)
{
    static const uint8_t seed[NOTE_KEY_LEN] = {9};
    char lines[NOTE_LEN_MAX] = "", other[NOTE_LEN_MAX] = "";
    struct note_text text = {.data = lines, .max = sizeof(lines)}, note;
    struct note_key witness;
    struct asked asked;
    uint64_t time_s;

    (void)state;
    assert_true(note_key_make("w.example", NOTE_COSIGNATURE, seed, &witness));
    ask(&asked, &truth, 0, 5, &key);
    note_words_write(asked.note, &text);
    note_sign(&witness, 1700000000, &text);
    memcpy(other, lines, sizeof(other));
    memmove(lines, strstr(lines, "\xe2\x80\x94 w.example"), 200);

    note = (struct note_text){asked.note, strlen(asked.note), sizeof(asked.note), false};
    assert_true(note_signature_take(&note, lines, &witness, &time_s));
    assert_int_equal(time_s, 1700000000);
    assert_string_equal(note.data, other);
    assert_true(note_is_signed(note.data, &witness, NULL));
    assert_true(note_is_signed(note.data, &key, NULL));

    ask(&asked, &truth, 0, 6, &key);
    note = (struct note_text){asked.note, strlen(asked.note), sizeof(asked.note), false};
    assert_false(note_signature_take(&note, lines, &witness, NULL));
    assert_false(note_signature_take(&note, "no signature\n", &witness, NULL));
    assert_false(note_signature_take(&note, "", &witness, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_from_every_size_is_cosigned),
        cmocka_unit_test(fork_is_refused_from_every_size_past_it),
        cmocka_unit_test(log_taken_back_is_refused),
        cmocka_unit_test(signature_comes_before_everything_but_the_origin),
        cmocka_unit_test(proof_altered_anywhere_is_refused),
        cmocka_unit_test(malformed_request_is_not_read),
        cmocka_unit_test(signature_of_a_witness_is_taken_and_a_wrong_one_is_not),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
