#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "audit/note.h"

static const uint8_t seed[NOTE_KEY_LEN] = {7};

struct page {
    char data[NOTE_PROOF_MAX];
    struct note_text text;
};

static void page_begin(struct page *page)
{
    page->text = (struct note_text){.data = page->data, .max = sizeof(page->data)};
}

static struct note_key key_of(const char *name, enum note_algorithm algorithm)
{
    struct note_key key;

    assert_true(note_key_make(name, algorithm, seed, &key));
    return key;
}

static void signed_checkpoint(struct page *page, struct note_checkpoint *out)
{
    struct note_key log = key_of("town.example/audit", NOTE_ED25519);
    struct note_key witness = key_of("witness.example", NOTE_COSIGNATURE);

    *out = (struct note_checkpoint){.origin = "town.example/audit", .size = 42};
    memset(out->root.bytes, 0xab, MERKLE_HASH_LEN);
    page_begin(page);
    note_checkpoint_write(out, &page->text);
    note_sign(&log, 0, &page->text);
    note_sign(&witness, 1700000000, &page->text);
    assert_false(page->text.full);
}

/* The verifier key that golang.org/x/mod/sumdb/note documents. */
static void vkey_of_go_is_read_and_written_the_same(void **state)
{
    static const char vkey[] =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    static const char note[] =
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "\xe2\x80\x94 PeterNeumann "
        "x08go/ZJkuBS9UG/"
        "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnA"
        "M=\n";
    char text[NOTE_VKEY_MAX];
    struct note_key key;

    (void)state;
    assert_true(note_vkey_read(vkey, &key));
    note_vkey_write(&key, text);
    assert_string_equal(text, vkey);
    assert_true(note_is_signed(note, &key, NULL));
    key.public_key[0] ^= 1;
    assert_false(note_is_signed(note, &key, NULL));
}

static void vkey_malformed_is_refused(void **state)
{
    static const char *const vkeys[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    };
    struct note_key key;

    (void)state;
    for (unsigned i = 0; i < sizeof(vkeys) / sizeof(vkeys[0]); i++)
        assert_false(note_vkey_read(vkeys[i], &key));
    assert_false(note_key_make("two words", NOTE_ED25519, seed, &key));
    assert_false(note_key_make("a+b", NOTE_ED25519, seed, &key));
    assert_false(note_key_make("", NOTE_ED25519, seed, &key));
}

static void checkpoint_is_read_as_written_and_malformed_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "origin\n",
        "origin\n5\n",
        "origin\n05\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n",
        "origin\n-5\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n",
        "origin\n99999999999999999999\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n",
        "origin\n5\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6ur\n",
        "\n5\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n",
        "origin\n5\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
    };
    struct note_checkpoint written, read;
    struct page page;

    (void)state;
    signed_checkpoint(&page, &written);
    assert_true(note_checkpoint_read(page.data, &read));
    assert_string_equal(read.origin, written.origin);
    assert_int_equal(read.size, 42);
    assert_true(merkle_equal(&read.root, &written.root));
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(note_checkpoint_read(bad[i], &read));
}

static void signature_holds_for_its_key_and_time_only(void **state)
{
    struct note_key log = key_of("town.example/audit", NOTE_ED25519);
    struct note_key witness = key_of("witness.example", NOTE_COSIGNATURE);
    struct note_key other = key_of("other.example", NOTE_ED25519);
    struct note_key as_log = key_of("witness.example", NOTE_ED25519);
    struct note_checkpoint checkpoint;
    struct page page;
    uint64_t time_s = 1;

    (void)state;
    signed_checkpoint(&page, &checkpoint);
    assert_true(note_is_signed(page.data, &log, &time_s));
    assert_int_equal(time_s, 0);
    assert_true(note_is_signed(page.data, &witness, &time_s));
    assert_int_equal(time_s, 1700000000);
    assert_false(note_is_signed(page.data, &other, NULL));
    assert_false(note_is_signed(page.data, &as_log, NULL));
}

/* Whatever byte of the note is changed, one of the two signatures no longer stands. */
static void note_altered_anywhere_is_not_signed_by_both(void **state)
{
    struct note_key log = key_of("town.example/audit", NOTE_ED25519);
    struct note_key witness = key_of("witness.example", NOTE_COSIGNATURE);
    struct note_checkpoint checkpoint;
    struct page page;

    (void)state;
    signed_checkpoint(&page, &checkpoint);
    for (size_t i = 0; i < page.text.len; i++) {
        page.data[i] ^= 1;
        assert_false(note_is_signed(page.data, &log, NULL) &&
                     note_is_signed(page.data, &witness, NULL));
        page.data[i] ^= 1;
    }
}

static void text_without_room_is_full_and_never_written_past(void **state)
{
    struct note_key log = key_of("town.example/audit", NOTE_ED25519);
    struct note_checkpoint checkpoint = {.origin = "town.example/audit", .size = 42};
    enum { WHOLE_LEN = 184 };

    (void)state;
    for (size_t max = 1; max < WHOLE_LEN + 5; max++) {
        char data[WHOLE_LEN + 6];
        struct note_text text = {.data = data, .max = max};

        memset(data, '#', sizeof(data));
        data[0] = '\0';
        note_checkpoint_write(&checkpoint, &text);
        note_sign(&log, 0, &text);
        assert_int_equal(data[max], '#');
        assert_int_equal(text.full, max <= WHOLE_LEN);
    }
}

static void proof_is_read_as_written(void **state)
{
    struct merkle_path path = {.count = 3}, read;
    struct note_checkpoint checkpoint;
    struct page note, page;
    uint64_t index;
    const char *found;

    (void)state;
    for (unsigned i = 0; i < path.count; i++)
        memset(path.hashes[i].bytes, (int)i + 1, MERKLE_HASH_LEN);
    signed_checkpoint(&note, &checkpoint);
    page_begin(&page);
    note_proof_write(41, &path, note.data, &page.text);
    assert_memory_equal(page.data, "c2sp.org/tlog-proof@v1\nindex 41\n", 32);
    assert_true(note_proof_read(page.data, &index, &read, &found));
    assert_int_equal(index, 41);
    assert_int_equal(read.count, 3);
    assert_memory_equal(read.hashes, path.hashes, 3 * sizeof(path.hashes[0]));
    assert_string_equal(found, note.data);
    page.data[0] = 'C';
    assert_false(note_proof_read(page.data, &index, &read, &found));
}

static void base64_with_a_byte_that_is_no_letter_is_refused(void **state)
{
    static const char good[] = "log\n5\nxIwN99mzdZLGm6XKKvyK2lEVUOYH5t/n/e9rhdifUmk=\n";
    struct note_checkpoint checkpoint;
    char text[sizeof(good)];

    (void)state;
    assert_true(note_checkpoint_read(good, &checkpoint));
    for (unsigned byte = 0x80; byte <= 0xff; byte++) {
        memcpy(text, good, sizeof(good));
        text[9] = (char)byte;
        assert_false(note_checkpoint_read(text, &checkpoint));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_with_a_byte_that_is_no_letter_is_refused),
        cmocka_unit_test(vkey_of_go_is_read_and_written_the_same),
        cmocka_unit_test(vkey_malformed_is_refused),
        cmocka_unit_test(checkpoint_is_read_as_written_and_malformed_is_refused),
        cmocka_unit_test(signature_holds_for_its_key_and_time_only),
        cmocka_unit_test(note_altered_anywhere_is_not_signed_by_both),
        cmocka_unit_test(text_without_room_is_full_and_never_written_past),
        cmocka_unit_test(proof_is_read_as_written),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
