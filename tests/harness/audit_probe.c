/*
 * Writes a log of so many entries, signs a checkpoint at every size, cosigns it, and prints all
 * of it and every proof, for a verifier that shares no code with us.
 *
 * usage: audit_probe SIZE FOLDER (empty, exists)
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/note.h"
#include "audit/tiles.h"

enum {
    CUT_EVERY = 64
}; /* entries between two flushes: each leaves partial tiles to go on from */

struct probe {
    const char *folder;
    uint64_t size;
    struct tiles *tiles;
    struct note_key log, witness;
    char note[NOTE_LEN_MAX]; /* the last checkpoint */
};

static void fail(const char *what)
{
    fprintf(stderr, "audit_probe: %s\n", what);
    exit(70);
}

static void print_hex(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
}

static void print_base64(const char *text, size_t len)
{
    char out[sodium_base64_ENCODED_LEN(NOTE_PROOF_MAX, sodium_base64_VARIANT_ORIGINAL)];

    puts(sodium_bin2base64(out, sizeof(out), (const uint8_t *)text, len,
                           sodium_base64_VARIANT_ORIGINAL));
}

static void print_keys(struct probe *probe)
{
    static const uint8_t seed[NOTE_KEY_LEN] = {3};
    char vkey[NOTE_VKEY_MAX];

    if (!note_key_make("town.example/audit", NOTE_ED25519, seed, &probe->log) ||
        !note_key_make("witness.example", NOTE_COSIGNATURE, seed, &probe->witness))
        fail("keys");
    note_vkey_write(&probe->log, vkey);
    printf("key %s\n", vkey);
    note_vkey_write(&probe->witness, vkey);
    printf("witness %s\n", vkey);
}

static void append(struct probe *probe, uint64_t index)
{
    uint8_t entry[TILES_ENTRY_LEN];

    crypto_generichash(entry, sizeof(entry), (const uint8_t *)&index, sizeof(index), NULL, 0);
    if (!tiles_append(probe->tiles, entry))
        fail("append");
    printf("leaf ");
    print_hex(entry, sizeof(entry));
    puts("");
}

static void print_checkpoint(struct probe *probe)
{
    struct note_checkpoint checkpoint = {.origin = "town.example/audit",
                                         .size = tiles_size(probe->tiles)};
    struct note_text text = {.data = probe->note, .max = sizeof(probe->note)};

    tiles_root(probe->tiles, &checkpoint.root);
    note_checkpoint_write(&checkpoint, &text);
    note_sign(&probe->log, 0, &text);
    note_sign(&probe->witness, 1700000000 + checkpoint.size, &text);
    if (text.full)
        fail("note");
    printf("checkpoint ");
    print_base64(text.data, text.len);
}

static void reopen(struct probe *probe)
{
    uint64_t size = tiles_size(probe->tiles);

    if (!tiles_flush(probe->tiles))
        fail("flush");
    tiles_close(&probe->tiles);
    probe->tiles = tiles_open(probe->folder, size);
    if (!probe->tiles)
        fail("open");
}

static void print_path(const char *what, uint64_t first, uint64_t size,
                       const struct merkle_path *path)
{
    printf("%s %" PRIu64 " %" PRIu64, what, first, size);
    for (unsigned i = 0; i < path->count; i++) {
        putchar(' ');
        print_hex(path->hashes[i].bytes, MERKLE_HASH_LEN);
    }
    puts("");
}

static void print_proofs(const struct merkle_source *source, uint64_t size)
{
    struct merkle_path path;

    for (uint64_t i = 0; i < size; i++) {
        if (!merkle_inclusion(source, i, size, &path))
            fail("inclusion");
        print_path("inclusion", i, size, &path);
        if (!merkle_consistency(source, i + 1, size, &path))
            fail("consistency");
        print_path("consistency", i + 1, size, &path);
    }
}

static void print_files(struct probe *probe, const struct merkle_source *source)
{
    char data[NOTE_PROOF_MAX];
    struct merkle_path path;

    for (uint64_t i = 0; i < probe->size; i++) {
        struct note_text text = {.data = data, .max = sizeof(data)};

        if (!merkle_inclusion(source, i, probe->size, &path))
            fail("inclusion");
        note_proof_write(i, &path, probe->note, &text);
        printf("proof ");
        print_base64(text.data, text.len);
    }
}

int main(int argc, char **argv)
{
    struct probe probe = {0};
    struct tiles_reader reader = {0};
    struct merkle_source source = tiles_source(&reader);

    if (argc != 3 || sodium_init() < 0)
        return 64;
    probe.size = strtoull(argv[1], NULL, 10);
    probe.folder = argv[2];
    probe.tiles = tiles_open(probe.folder, 0);
    if (!probe.tiles)
        fail("open");
    print_keys(&probe);
    for (uint64_t i = 0; i < probe.size; i++) {
        append(&probe, i);
        print_checkpoint(&probe);
        if (i % CUT_EVERY == CUT_EVERY - 1 || i + 1 == probe.size)
            reopen(&probe);
    }
    reader = (struct tiles_reader){.folder = probe.folder, .size = probe.size};
    printf("tiles %s\n", probe.folder);
    for (uint64_t size = 1; size <= probe.size; size++)
        print_proofs(&source, size);
    print_files(&probe, &source);
    tiles_close(&probe.tiles);
    return 0;
}
