/*
 * merkle: the hashes and proofs of RFC 6962 (section 2.1) over SHA-256, for a tree kept as
 * tiles of 256 hashes. Pure: where tiles come from is the caller's `read`.
 *
 * Level L of the tiles holds the hashes of perfect subtrees of 256^L leaves, level 0 those of
 * leaves (C2SP tlog-tiles, https://c2sp.org/tlog-tiles).
 */
#ifndef AUDIT_MERKLE_H
#define AUDIT_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MERKLE_HASH_LEN = 32,
    MERKLE_TILE_BITS = 8,
    MERKLE_TILE_WIDTH = 256,
    MERKLE_LEVELS = 8, /* of tiles: 2^64 leaves */
    MERKLE_PATH_MAX = 64,
};

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_LEN];
};

/* A proof: hashes from the leaf's side up. */
struct merkle_path {
    unsigned count;
    struct merkle_hash hashes[MERKLE_PATH_MAX];
};

/* Fills `out` with `count` hashes of tile level `level` from `first` on; they never span two
 * tiles. False when they cannot be had. */
struct merkle_source {
    bool (*read)(void *arg, unsigned level, uint64_t first, unsigned count,
                 struct merkle_hash *out);
    void *arg;
};

void merkle_leaf(const void *data, size_t len, struct merkle_hash *out);
void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *out);
bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b);

/* The root over `count` hashes of perfect subtrees of one size, a power of two of them;
 * `hashes` is used up. */
void merkle_fold(struct merkle_hash *hashes, unsigned count, struct merkle_hash *out);

/* The root of the first `size` leaves; of none: SHA-256 of nothing. */
bool merkle_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *out);
/* That leaf `index` is in the tree of `size` leaves; false also when it is not. */
bool merkle_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                      struct merkle_path *out);
/* That the tree of `size` leaves begins with the one of `old`, 1 <= old <= size. */
bool merkle_consistency(const struct merkle_source *source, uint64_t old, uint64_t size,
                        struct merkle_path *out);

/* Checked as RFC 9162, sections 2.1.3.2 and 2.1.4.2, say. */
bool merkle_inclusion_holds(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                            const struct merkle_path *path, const struct merkle_hash *root);
bool merkle_consistency_holds(uint64_t old, uint64_t size, const struct merkle_path *path,
                              const struct merkle_hash *old_root,
                              const struct merkle_hash *root);

#endif
