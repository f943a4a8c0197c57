#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/tiles.h"

enum { MANY = 70000 }; /* more than one tile of level 1 */

struct fixture {
    char folder[64];
    struct tiles *tiles;
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void fixture_init(struct fixture *fix)
{
    strcpy(fix->folder, "/tmp/ctps-tiles-XXXXXX");
    assert_non_null(mkdtemp(fix->folder));
    fix->tiles = tiles_open(fix->folder, 0);
    assert_non_null(fix->tiles);
}

static void fixture_done(struct fixture *fix)
{
    tiles_close(&fix->tiles);
    nftw(fix->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void entry_of(uint64_t index, uint8_t out[TILES_ENTRY_LEN])
{
    memset(out, 0x5c, TILES_ENTRY_LEN);
    memcpy(out, &index, sizeof(index));
}

static void append_to(struct fixture *fix, uint64_t size)
{
    uint8_t entry[TILES_ENTRY_LEN];

    for (uint64_t i = tiles_size(fix->tiles); i < size; i++) {
        entry_of(i, entry);
        assert_true(tiles_append(fix->tiles, entry));
    }
}

static bool is_there(const struct fixture *fix, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", fix->folder, name);
    return access(path, F_OK) == 0;
}

static void assert_root_from_disk(struct fixture *fix, uint64_t size)
{
    struct tiles_reader reader = {.folder = fix->folder, .size = size};
    struct merkle_source source = tiles_source(&reader);
    struct merkle_hash kept, read;

    tiles_root(fix->tiles, &kept);
    assert_true(merkle_root(&source, size, &read));
    assert_true(merkle_equal(&kept, &read));
}

static void flush_at_every_size_gives_the_same_root_from_disk(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    for (uint64_t size = 1; size <= 300; size += size < 250 ? 7 : 1) {
        append_to(&fix, size);
        assert_true(tiles_flush(fix.tiles));
        assert_root_from_disk(&fix, size);
    }
    assert_true(is_there(&fix, "tile/0/000"));
    assert_true(is_there(&fix, "tile/0/001.p/44"));
    assert_true(is_there(&fix, "tile/1/000.p/1"));
    assert_true(is_there(&fix, "tile/entries/001.p/44"));
    assert_false(is_there(&fix, "tile/0/000.p"));
    assert_false(is_there(&fix, "tile/entries/000.p"));
    fixture_done(&fix);
}

static void open_again_goes_on_with_the_same_log(void **state)
{
    uint8_t entry[TILES_ENTRY_LEN], expected[TILES_ENTRY_LEN];
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    for (uint64_t size = 100; size <= 900; size += 100) {
        struct tiles_reader reader = {.folder = fix.folder, .size = size};

        append_to(&fix, size);
        assert_true(tiles_flush(fix.tiles));
        append_to(&fix, size + 70); /* lost */
        tiles_close(&fix.tiles);
        fix.tiles = tiles_open(fix.folder, size);
        assert_non_null(fix.tiles);
        assert_root_from_disk(&fix, size);
        assert_true(tiles_entry(&reader, size - 1, entry));
        entry_of(size - 1, expected);
        assert_memory_equal(entry, expected, TILES_ENTRY_LEN);
        assert_false(tiles_entry(&reader, size, entry));
    }
    fixture_done(&fix);
}

static void open_without_the_tiles_of_its_size_is_refused(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    append_to(&fix, 20);
    assert_true(tiles_flush(fix.tiles));
    assert_null(tiles_open(fix.folder, 21));
    assert_null(tiles_open(fix.folder, 276));
    fixture_done(&fix);
}

static void large_log_proves_from_disk(void **state)
{
    struct tiles_reader reader = {.size = MANY};
    struct merkle_source source = tiles_source(&reader);
    struct merkle_hash root, leaf;
    struct merkle_path path;
    uint8_t entry[TILES_ENTRY_LEN];
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    reader.folder = fix.folder;
    append_to(&fix, MANY);
    assert_true(tiles_flush(fix.tiles));
    assert_root_from_disk(&fix, MANY);
    assert_true(is_there(&fix, "tile/1/000"));
    assert_true(is_there(&fix, "tile/2/000.p/1"));
    tiles_root(fix.tiles, &root);
    for (uint64_t index = 3; index < MANY; index += 6997) {
        assert_true(tiles_entry(&reader, index, entry));
        merkle_leaf(entry, sizeof(entry), &leaf);
        assert_true(merkle_inclusion(&source, index, MANY, &path));
        assert_true(merkle_inclusion_holds(&leaf, index, MANY, &path, &root));
    }
    fixture_done(&fix);
}

static void write_replaces_whole_and_with_its_mode(void **state)
{
    char data[8], path[128];
    struct fixture fix;
    struct stat st;

    (void)state;
    fixture_init(&fix);
    assert_true(tiles_write(fix.folder, "key", "first", 5, 0600));
    assert_true(tiles_write(fix.folder, "key", "second", 6, 0600));
    assert_int_equal(tiles_read(fix.folder, "key", data, sizeof(data)), 6);
    assert_memory_equal(data, "second", 6);
    assert_int_equal(tiles_read(fix.folder, "key", data, 5), -1);
    assert_int_equal(tiles_read(fix.folder, "none", data, 5), -1);
    snprintf(path, sizeof(path), "%s/key", fix.folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(is_there(&fix, "key.new"));
    fixture_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flush_at_every_size_gives_the_same_root_from_disk),
        cmocka_unit_test(open_again_goes_on_with_the_same_log),
        cmocka_unit_test(open_without_the_tiles_of_its_size_is_refused),
        cmocka_unit_test(large_log_proves_from_disk),
        cmocka_unit_test(write_replaces_whole_and_with_its_mode),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
