/*
 * tiles: a log of 32-byte entries in a folder, laid out as C2SP tlog-tiles says
 * (https://c2sp.org/tlog-tiles): tile/<level>/<number>[.p/<width>] of hashes,
 * tile/entries/<number>[.p/<width>] of entries, and `checkpoint`.
 *
 * Every file appears whole: written beside, flushed, renamed, its folder flushed. What
 * tiles_open finds is what the last checkpoint stands on; tiles written after it are written
 * again, the same.
 *
 * One thread. Errors leave errno.
 */
#ifndef AUDIT_TILES_H
#define AUDIT_TILES_H

#include "merkle.h"

enum { TILES_ENTRY_LEN = 32, TILES_PATH_MAX = 128 };

struct tiles;

/* The log of `size` entries in `folder` (exists). NULL: no memory, or a tile it stands on is
 * absent or not of its length (errno EBADMSG). */
struct tiles *tiles_open(const char *folder, uint64_t size);
void tiles_close(struct tiles **tiles);

uint64_t tiles_size(const struct tiles *tiles);
/* Full tiles are written at once, the others by tiles_flush: only then may a checkpoint of this
 * size be shown. After false the log must be opened again. */
bool tiles_append(struct tiles *tiles, const uint8_t entry[TILES_ENTRY_LEN]);
bool tiles_flush(struct tiles *tiles);
void tiles_root(struct tiles *tiles, struct merkle_hash *out);

/* Reads a log of `size` from disk; borrow of `folder`. */
struct tiles_reader {
    const char *folder;
    uint64_t size;
};

struct merkle_source tiles_source(struct tiles_reader *reader);
/* All entries of bundle `number` that a log of this size has. */
bool tiles_entries(const struct tiles_reader *reader, uint64_t number,
                   uint8_t out[MERKLE_TILE_WIDTH][TILES_ENTRY_LEN]);
bool tiles_entry(const struct tiles_reader *reader, uint64_t index,
                 uint8_t out[TILES_ENTRY_LEN]);

/* A file of the folder, made durable before it is seen under its name. */
bool tiles_write(const char *folder, const char *name, const void *data, size_t len,
                 unsigned mode);
/* Its bytes, at most `max`; -1: absent, or longer. */
long tiles_read(const char *folder, const char *name, void *out, size_t max);

#endif
