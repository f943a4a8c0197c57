#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "audit/merkle.h"

enum { LEAVES = 256 };

static struct merkle_hash leaves[LEAVES], roots[LEAVES + 1];

static bool read_leaves(void *arg, unsigned level, uint64_t first, unsigned count,
                        struct merkle_hash *out)
{
    (void)arg;
    if (level == 1) {
        struct merkle_hash all[LEAVES];

        memcpy(all, leaves, sizeof(all));
        merkle_fold(all, LEAVES, out);
        return first == 0 && count == 1;
    }
    if (level > 1 || first + count > LEAVES)
        return false;
    memcpy(out, &leaves[first], count * sizeof(*out));
    return true;
}

static const struct merkle_source source = {.read = read_leaves};

/* The tree of RFC 6962, section 2.1, by its definition: small sizes only. */
static struct merkle_hash root_by_definition(unsigned first, unsigned count)
{
    struct merkle_hash left, right, out;
    unsigned split = 1;

    if (count == 1)
        return leaves[first];
    while (split * 2 < count)
        split *= 2;
    left = root_by_definition(first, split);
    right = root_by_definition(first + split, count - split);
    merkle_node(&left, &right, &out);
    return out;
}

static int fill(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LEAVES; i++) {
        uint8_t data = (uint8_t)i;

        merkle_leaf(&data, 1, &leaves[i]);
    }
    for (unsigned size = 1; size <= LEAVES; size++)
        roots[size] = root_by_definition(0, size);
    return 0;
}

static void assert_hex(const struct merkle_hash *hash, const char *hex)
{
    char text[2 * MERKLE_HASH_LEN + 1];

    assert_string_equal(sodium_bin2hex(text, sizeof(text), hash->bytes, MERKLE_HASH_LEN), hex);
}

/* The leaves and roots that Certificate Transparency's implementations are tested with. */
static void root_of_known_leaves_is_the_known_one(void **state)
{
    static const struct {
        const char *data;
        size_t len;
        const char *root;
    } known[] = {
        {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {"\x40\x41\x42\x43", 4,
         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
    };
    struct merkle_hash root;

    (void)state;
    assert_true(merkle_root(&source, 0, &root));
    assert_hex(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        merkle_leaf(known[i].data, known[i].len, &leaves[i]);
        assert_true(merkle_root(&source, i + 1, &root));
        assert_hex(&root, known[i].root);
    }
    fill(NULL);
}

static void root_of_every_size_is_by_definition(void **state)
{
    (void)state;
    for (unsigned size = 1; size <= LEAVES; size++) {
        struct merkle_hash root;

        assert_true(merkle_root(&source, size, &root));
        assert_true(merkle_equal(&root, &roots[size]));
    }
}

static void inclusion_of_every_leaf_holds_and_altered_does_not(void **state)
{
    struct merkle_path path;

    (void)state;
    for (unsigned size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = roots[size];

        for (unsigned i = 0; i < size; i++) {
            assert_true(merkle_inclusion(&source, i, size, &path));
            assert_true(merkle_inclusion_holds(&leaves[i], i, size, &path, &root));
            assert_false(
                merkle_inclusion_holds(&leaves[(i + 1) % LEAVES], i, size, &path, &root));
            if (!path.count)
                continue;
            path.hashes[i % path.count].bytes[i % MERKLE_HASH_LEN] ^= 1;
            assert_false(merkle_inclusion_holds(&leaves[i], i, size, &path, &root));
        }
    }
    assert_false(merkle_inclusion(&source, 5, 5, &path));
}

static void consistency_of_every_pair_holds_and_altered_does_not(void **state)
{
    struct merkle_path path;

    (void)state;
    for (unsigned size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = roots[size], other = root;

        other.bytes[0] ^= 1;
        for (unsigned old = 1; old <= size; old++) {
            struct merkle_hash old_root = roots[old];

            assert_true(merkle_consistency(&source, old, size, &path));
            assert_true(merkle_consistency_holds(old, size, &path, &old_root, &root));
            assert_false(merkle_consistency_holds(old, size, &path, &old_root, &other));
            assert_false(merkle_consistency_holds(old, size, &path, &other, &root));
            if (!path.count)
                continue;
            path.hashes[old % path.count].bytes[old % MERKLE_HASH_LEN] ^= 1;
            assert_false(merkle_consistency_holds(old, size, &path, &old_root, &root));
            path.count--;
            assert_false(merkle_consistency_holds(old, size, &path, &old_root, &root));
        }
    }
    assert_false(merkle_consistency(&source, 0, 5, &path));
    assert_false(merkle_consistency(&source, 6, 5, &path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_of_known_leaves_is_the_known_one),
        cmocka_unit_test(root_of_every_size_is_by_definition),
        cmocka_unit_test(inclusion_of_every_leaf_holds_and_altered_does_not),
        cmocka_unit_test(consistency_of_every_pair_holds_and_altered_does_not),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, fill, NULL);
}
