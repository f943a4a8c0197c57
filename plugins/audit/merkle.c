#include "merkle.h"

#include <sodium.h>
#include <string.h>

void merkle_leaf(const void *data, size_t len, struct merkle_hash *out)
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t[]){0}, 1);
    crypto_hash_sha256_update(&state, data, len);
    crypto_hash_sha256_final(&state, out->bytes);
}

void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *out)
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t[]){1}, 1);
    crypto_hash_sha256_update(&state, left->bytes, MERKLE_HASH_LEN);
    crypto_hash_sha256_update(&state, right->bytes, MERKLE_HASH_LEN);
    crypto_hash_sha256_final(&state, out->bytes);
}

bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, MERKLE_HASH_LEN) == 0;
}

void merkle_fold(struct merkle_hash *hashes, unsigned count, struct merkle_hash *out)
{
    for (; count > 1; count /= 2)
        for (unsigned i = 0; i < count / 2; i++)
            merkle_node(&hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
    *out = hashes[0];
}

/* The largest power of two that is at most `n`, as an exponent; n > 0. */
static unsigned log2_of(uint64_t n)
{
    unsigned bits = 0;

    while (n >>= 1)
        bits++;
    return bits;
}

/* Where RFC 6962 splits n > 1 leaves: the largest power of two below n. */
static uint64_t split_of(uint64_t n)
{
    return UINT64_C(1) << log2_of(n - 1);
}

/* The perfect subtree of 2^bits leaves that begins at leaf `first`. */
static bool subtree(const struct merkle_source *source, uint64_t first, unsigned bits,
                    struct merkle_hash *out)
{
    struct merkle_hash hashes[MERKLE_TILE_WIDTH / 2];
    unsigned level = bits / MERKLE_TILE_BITS;
    unsigned count = 1U << bits % MERKLE_TILE_BITS;

    if (!source->read(source->arg, level, first >> level * MERKLE_TILE_BITS, count, hashes))
        return false;
    merkle_fold(hashes, count, out);
    return true;
}

/* Leaves lo to hi, where lo is a multiple of every power of two at most hi - lo. */
static bool range(const struct merkle_source *source, uint64_t lo, uint64_t hi,
                  struct merkle_hash *out)
{
    struct merkle_hash parts[MERKLE_PATH_MAX];
    unsigned count = 0;

    for (; lo < hi; count++) {
        unsigned bits = log2_of(hi - lo);

        if (!subtree(source, lo, bits, &parts[count]))
            return false;
        lo += UINT64_C(1) << bits;
    }
    for (; count > 1; count--)
        merkle_node(&parts[count - 2], &parts[count - 1], &parts[count - 2]);
    *out = parts[0];
    return true;
}

bool merkle_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *out)
{
    if (size)
        return range(source, 0, size, out);
    crypto_hash_sha256(out->bytes, NULL, 0);
    return true;
}

static bool path_add(const struct merkle_source *source, struct merkle_path *path, uint64_t lo,
                     uint64_t hi)
{
    return path->count < MERKLE_PATH_MAX && range(source, lo, hi, &path->hashes[path->count++]);
}

static void path_turn(struct merkle_path *path)
{
    for (unsigned i = 0, j = path->count; i + 1 < j; i++) {
        struct merkle_hash hash = path->hashes[i];

        path->hashes[i] = path->hashes[--j];
        path->hashes[j] = hash;
    }
}

bool merkle_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                      struct merkle_path *out)
{
    uint64_t lo = 0, hi = size;

    out->count = 0;
    if (index >= size)
        return false;
    while (hi - lo > 1) {
        uint64_t middle = lo + split_of(hi - lo);
        bool left = index < middle;

        if (!path_add(source, out, left ? middle : lo, left ? hi : middle))
            return false;
        *(left ? &hi : &lo) = middle;
    }
    path_turn(out);
    return true;
}

bool merkle_consistency(const struct merkle_source *source, uint64_t old, uint64_t size,
                        struct merkle_path *out)
{
    uint64_t lo = 0, hi = size;

    out->count = 0;
    if (!old || old > size)
        return false;
    while (old != hi) {
        uint64_t middle = lo + split_of(hi - lo);
        bool left = old <= middle;

        if (!path_add(source, out, left ? middle : lo, left ? hi : middle))
            return false;
        *(left ? &hi : &lo) = middle;
    }
    /* The old tree's root itself is not sent: who checks has it. */
    if (lo && !path_add(source, out, lo, hi))
        return false;
    path_turn(out);
    return true;
}

/* Both checks climb the same way: `node` and `last` are the indexes of the path's node and of
 * the rightmost one, on the same level. */
static void climb(uint64_t *node, uint64_t *last)
{
    *node >>= 1;
    *last >>= 1;
}

bool merkle_inclusion_holds(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                            const struct merkle_path *path, const struct merkle_hash *root)
{
    uint64_t node = index, last = size - 1;
    struct merkle_hash hash = *leaf;

    if (index >= size)
        return false;
    for (unsigned i = 0; i < path->count; i++) {
        if (last == 0)
            return false;
        if (node & 1 || node == last) {
            merkle_node(&path->hashes[i], &hash, &hash);
            while (!(node & 1) && node)
                climb(&node, &last);
        } else {
            merkle_node(&hash, &path->hashes[i], &hash);
        }
        climb(&node, &last);
    }
    return last == 0 && merkle_equal(&hash, root);
}

bool merkle_consistency_holds(uint64_t old, uint64_t size, const struct merkle_path *path,
                              const struct merkle_hash *old_root,
                              const struct merkle_hash *root)
{
    uint64_t node = old - 1, last = size - 1;
    bool whole = old && !(old & (old - 1)); /* a perfect tree: its root begins the path */
    struct merkle_hash from, to;
    unsigned i = 0;

    if (!old || old > size)
        return false;
    if (old == size)
        return path->count == 0 && merkle_equal(old_root, root);
    if (!whole && !path->count)
        return false;
    while (node & 1)
        climb(&node, &last);
    from = to = whole ? *old_root : path->hashes[i++];
    for (; i < path->count; i++) {
        if (last == 0)
            return false;
        if (node & 1 || node == last) {
            merkle_node(&path->hashes[i], &from, &from);
            merkle_node(&path->hashes[i], &to, &to);
            while (!(node & 1) && node)
                climb(&node, &last);
        } else {
            merkle_node(&to, &path->hashes[i], &to);
        }
        climb(&node, &last);
    }
    return last == 0 && merkle_equal(&from, old_root) && merkle_equal(&to, root);
}
