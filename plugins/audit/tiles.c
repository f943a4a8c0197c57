#include "tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUNDLE_ENTRY_LEN = 2 + TILES_ENTRY_LEN, /* length, big-endian, and the entry */
    TILE_LEN_MAX = MERKLE_TILE_WIDTH * BUNDLE_ENTRY_LEN,
    ENTRIES = MERKLE_LEVELS, /* where a level is asked for */
};

struct level {
    unsigned count; /* hashes not yet in a full tile */
    struct merkle_hash hashes[MERKLE_TILE_WIDTH];
};

struct tiles {
    char *folder;
    uint64_t size;
    struct level levels[MERKLE_LEVELS];
    uint8_t entries[MERKLE_TILE_WIDTH][TILES_ENTRY_LEN];
};

/* --- files --- */

static bool flush_folder(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return done;
}

/* Makes the folders above `name`; a folder made is flushed into the one that holds it. */
static bool make_folders(int at, const char *name)
{
    char path[TILES_PATH_MAX], above[TILES_PATH_MAX] = ".";

    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - name);

        if (len >= sizeof(path))
            return false;
        memcpy(path, name, len);
        path[len] = '\0';
        if (mkdirat(at, path, 0755) == 0) {
            if (!flush_folder(at, above))
                return false;
        } else if (errno != EEXIST) {
            return false;
        }
        memcpy(above, path, len + 1);
    }
    return true;
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
    while (len) {
        ssize_t done = write(fd, data, len);

        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            data += done;
            len -= (size_t)done;
        }
    }
    return true;
}

static bool write_beside(int at, const char *name, const void *data, size_t len, unsigned mode)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    bool done = fd >= 0 && write_all(fd, data, len) && fsync(fd) == 0;

    if (fd >= 0 && close(fd) != 0)
        done = false;
    return done;
}

static bool write_at(int at, const char *name, const void *data, size_t len, unsigned mode)
{
    char beside[TILES_PATH_MAX + 4], above[TILES_PATH_MAX] = ".";
    const char *slash = strrchr(name, '/');

    if (strlen(name) >= TILES_PATH_MAX || !make_folders(at, name))
        return false;
    if (slash) {
        memcpy(above, name, (size_t)(slash - name));
        above[slash - name] = '\0';
    }
    snprintf(beside, sizeof(beside), "%s.new", name);
    return write_beside(at, beside, data, len, mode) && renameat(at, beside, at, name) == 0 &&
           flush_folder(at, above);
}

bool tiles_write(const char *folder, const char *name, const void *data, size_t len,
                 unsigned mode)
{
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = at >= 0 && write_at(at, name, data, len, mode);

    if (at >= 0)
        close(at);
    return done;
}

static long read_all(int fd, uint8_t *out, size_t max)
{
    size_t len = 0;
    uint8_t more;

    for (;;) {
        ssize_t got = len < max ? read(fd, out + len, max - len) : read(fd, &more, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (got > 0 && len == max))
            return -1;
        if (got == 0)
            return (long)len;
        len += (size_t)got;
    }
}

long tiles_read(const char *folder, const char *name, void *out, size_t max)
{
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = at < 0 ? -1 : openat(at, name, O_RDONLY | O_CLOEXEC);
    long len = fd < 0 ? -1 : read_all(fd, out, max);

    if (fd >= 0)
        close(fd);
    if (at >= 0)
        close(at);
    return len;
}

/* --- names: 1234067 is x001/x234/067 --- */

static void tile_name(char out[TILES_PATH_MAX], unsigned level, uint64_t number, unsigned width)
{
    uint64_t unit = 1;
    int len = level == ENTRIES ? snprintf(out, TILES_PATH_MAX, "tile/entries")
                               : snprintf(out, TILES_PATH_MAX, "tile/%u", level);

    while (number / unit >= 1000)
        unit *= 1000;
    for (; unit; unit /= 1000)
        len += snprintf(out + len, TILES_PATH_MAX - (size_t)len, "/%s%03" PRIu64,
                        unit > 1 ? "x" : "", number / unit % 1000);
    if (width < MERKLE_TILE_WIDTH)
        snprintf(out + len, TILES_PATH_MAX - (size_t)len, ".p/%u", width);
}

/* --- writing --- */

static bool write_tile(struct tiles *tiles, unsigned level, unsigned width)
{
    char name[TILES_PATH_MAX];

    tile_name(name, level, (tiles->size >> level * MERKLE_TILE_BITS) >> MERKLE_TILE_BITS,
              width);
    return tiles_write(tiles->folder, name, tiles->levels[level].hashes,
                       (size_t)width * MERKLE_HASH_LEN, 0644);
}

static bool write_bundle(struct tiles *tiles, unsigned width)
{
    uint8_t bundle[TILE_LEN_MAX];
    char name[TILES_PATH_MAX];

    for (unsigned i = 0; i < width; i++) {
        uint8_t *out = bundle + (size_t)i * BUNDLE_ENTRY_LEN;

        out[0] = 0;
        out[1] = TILES_ENTRY_LEN;
        memcpy(out + 2, tiles->entries[i], TILES_ENTRY_LEN);
    }
    tile_name(name, ENTRIES, tiles->size >> MERKLE_TILE_BITS, width);
    return tiles_write(tiles->folder, name, bundle, (size_t)width * BUNDLE_ENTRY_LEN, 0644);
}

/* The narrower forms of a tile go once it is full: who reads takes the full one. What is left
 * over by a failure is harmless. */
static void remove_partials(const struct tiles *tiles, unsigned level)
{
    unsigned shift = level == ENTRIES ? 0 : level * MERKLE_TILE_BITS;
    uint64_t number = (tiles->size >> shift) >> MERKLE_TILE_BITS;
    int at = open(tiles->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char name[TILES_PATH_MAX];

    if (at < 0)
        return;
    for (unsigned width = 1; width < MERKLE_TILE_WIDTH; width++) {
        tile_name(name, level, number, width);
        unlinkat(at, name, 0);
    }
    *strrchr(name, '/') = '\0';
    unlinkat(at, name, AT_REMOVEDIR);
    close(at);
}

/* A level that is full goes to disk, and its root is one hash of the level above. `size` is
 * still the one before the entry that filled it. */
static bool close_level(struct tiles *tiles, unsigned number)
{
    struct level *level = &tiles->levels[number];
    struct merkle_hash root;

    if (!write_tile(tiles, number, MERKLE_TILE_WIDTH))
        return false;
    remove_partials(tiles, number);
    merkle_fold(level->hashes, MERKLE_TILE_WIDTH, &root);
    level->count = 0;
    if (number + 1 < MERKLE_LEVELS)
        tiles->levels[number + 1].hashes[tiles->levels[number + 1].count++] = root;
    return true;
}

bool tiles_append(struct tiles *tiles, const uint8_t entry[TILES_ENTRY_LEN])
{
    struct level *leaves = &tiles->levels[0];

    memcpy(tiles->entries[leaves->count], entry, TILES_ENTRY_LEN);
    merkle_leaf(entry, TILES_ENTRY_LEN, &leaves->hashes[leaves->count++]);
    if (leaves->count == MERKLE_TILE_WIDTH) {
        if (!write_bundle(tiles, MERKLE_TILE_WIDTH))
            return false;
        remove_partials(tiles, ENTRIES);
    }
    for (unsigned i = 0; i < MERKLE_LEVELS && tiles->levels[i].count == MERKLE_TILE_WIDTH; i++)
        if (!close_level(tiles, i))
            return false;
    tiles->size++;
    return true;
}

bool tiles_flush(struct tiles *tiles)
{
    for (unsigned i = 0; i < MERKLE_LEVELS; i++)
        if (tiles->levels[i].count && !write_tile(tiles, i, tiles->levels[i].count))
            return false;
    return !tiles->levels[0].count || write_bundle(tiles, tiles->levels[0].count);
}

static bool read_memory(void *arg, unsigned level, uint64_t first, unsigned count,
                        struct merkle_hash *out)
{
    const struct tiles *tiles = arg;

    memcpy(out, &tiles->levels[level].hashes[first % MERKLE_TILE_WIDTH], count * sizeof(*out));
    return true;
}

/* The root needs only what is not in full tiles: the right edge, which is in memory. */
void tiles_root(struct tiles *tiles, struct merkle_hash *out)
{
    struct merkle_source source = {.read = read_memory, .arg = tiles};

    merkle_root(&source, tiles->size, out);
}

/* --- reading --- */

/* How many hashes of tile `number` of a level a log of `size` has. */
static unsigned width_of(uint64_t size, unsigned level, uint64_t number)
{
    uint64_t hashes = level == ENTRIES ? size : size >> level * MERKLE_TILE_BITS;

    if (number > hashes >> MERKLE_TILE_BITS)
        return 0;
    return number < hashes >> MERKLE_TILE_BITS ? MERKLE_TILE_WIDTH
                                               : (unsigned)(hashes % MERKLE_TILE_WIDTH);
}

static bool read_tile(const struct tiles_reader *reader, unsigned level, uint64_t number,
                      uint8_t *out)
{
    size_t each = level == ENTRIES ? BUNDLE_ENTRY_LEN : MERKLE_HASH_LEN;
    size_t width = width_of(reader->size, level, number);
    uint8_t full[TILE_LEN_MAX];
    char name[TILES_PATH_MAX];

    if (!width)
        return false;
    tile_name(name, level, number, (unsigned)width);
    if (tiles_read(reader->folder, name, out, width * each) == (long)(width * each))
        return true;
    /* The tile has filled since. */
    tile_name(name, level, number, MERKLE_TILE_WIDTH);
    if (tiles_read(reader->folder, name, full, sizeof(full)) !=
        (long)(MERKLE_TILE_WIDTH * each))
        return false;
    memcpy(out, full, width * each);
    return true;
}

static bool read_disk(void *arg, unsigned level, uint64_t first, unsigned count,
                      struct merkle_hash *out)
{
    struct merkle_hash tile[MERKLE_TILE_WIDTH];
    uint64_t number = first >> MERKLE_TILE_BITS;
    unsigned at = (unsigned)(first % MERKLE_TILE_WIDTH);
    const struct tiles_reader *reader = arg;

    if (at + count > width_of(reader->size, level, number) ||
        !read_tile(reader, level, number, (uint8_t *)tile))
        return false;
    memcpy(out, &tile[at], count * sizeof(*out));
    return true;
}

struct merkle_source tiles_source(struct tiles_reader *reader)
{
    return (struct merkle_source){.read = read_disk, .arg = reader};
}

bool tiles_entries(const struct tiles_reader *reader, uint64_t number,
                   uint8_t out[MERKLE_TILE_WIDTH][TILES_ENTRY_LEN])
{
    unsigned width = width_of(reader->size, ENTRIES, number);
    uint8_t bundle[TILE_LEN_MAX] = {0};

    if (!read_tile(reader, ENTRIES, number, bundle))
        return false;
    for (unsigned i = 0; i < width; i++) {
        const uint8_t *entry = bundle + (size_t)i * BUNDLE_ENTRY_LEN;

        if (entry[0] != 0 || entry[1] != TILES_ENTRY_LEN)
            return false;
        memcpy(out[i], entry + 2, TILES_ENTRY_LEN);
    }
    return true;
}

bool tiles_entry(const struct tiles_reader *reader, uint64_t index,
                 uint8_t out[TILES_ENTRY_LEN])
{
    uint8_t entries[MERKLE_TILE_WIDTH][TILES_ENTRY_LEN];

    if (index >= reader->size || !tiles_entries(reader, index >> MERKLE_TILE_BITS, entries))
        return false;
    memcpy(out, entries[index % MERKLE_TILE_WIDTH], TILES_ENTRY_LEN);
    return true;
}

static bool load(struct tiles *tiles)
{
    struct tiles_reader reader = {.folder = tiles->folder, .size = tiles->size};

    for (unsigned i = 0; i < MERKLE_LEVELS; i++) {
        uint64_t hashes = tiles->size >> i * MERKLE_TILE_BITS;

        tiles->levels[i].count = (unsigned)(hashes % MERKLE_TILE_WIDTH);
        if (tiles->levels[i].count && !read_tile(&reader, i, hashes >> MERKLE_TILE_BITS,
                                                 (uint8_t *)tiles->levels[i].hashes))
            return false;
    }
    return !tiles->levels[0].count ||
           tiles_entries(&reader, tiles->size >> MERKLE_TILE_BITS, tiles->entries);
}

struct tiles *tiles_open(const char *folder, uint64_t size)
{
    struct tiles *tiles = calloc(1, sizeof(*tiles));

    if (!tiles)
        return NULL;
    tiles->folder = strdup(folder);
    tiles->size = size;
    if (!tiles->folder || !load(tiles)) {
        tiles_close(&tiles);
        errno = EBADMSG;
    }
    return tiles;
}

void tiles_close(struct tiles **tiles)
{
    if (!*tiles)
        return;
    free((*tiles)->folder);
    free(*tiles);
    *tiles = NULL;
}

uint64_t tiles_size(const struct tiles *tiles)
{
    return tiles->size;
}
