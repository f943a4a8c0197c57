/*
 * Writes a log as its plugin would, of the entries given as lines of hexadecimal on standard
 * input, and signs for it: what A2 alters, and what somebody holding the key could put in its
 * place.
 *
 * usage: audit_write FOLDER (empty, exists) [SEED [ORIGIN]]
 *   SEED    a number up to 255: which key (3)
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/note.h"
#include "audit/tiles.h"

static bool vkey_write(const char *folder, const struct note_key *key)
{
    char text[NOTE_VKEY_MAX];

    note_vkey_write(key, text);
    return tiles_write(folder, "vkey", text, strlen(text), 0644);
}

static bool checkpoint_write(const char *folder, struct tiles *tiles,
                             const struct note_key *key)
{
    struct note_checkpoint checkpoint = {.size = tiles_size(tiles)};
    char data[NOTE_LEN_MAX];
    struct note_text text = {.data = data, .max = sizeof(data)};

    memcpy(checkpoint.origin, key->name, sizeof(checkpoint.origin));
    tiles_root(tiles, &checkpoint.root);
    note_checkpoint_write(&checkpoint, &text);
    note_sign(key, 0, &text);
    return !text.full && tiles_flush(tiles) &&
           tiles_write(folder, "checkpoint", data, text.len, 0644);
}

static bool entries_take(struct tiles *tiles)
{
    char line[2 * TILES_ENTRY_LEN + 2];
    uint8_t entry[TILES_ENTRY_LEN];
    size_t len;

    while (fgets(line, sizeof(line), stdin))
        if (sodium_hex2bin(entry, sizeof(entry), line, strcspn(line, "\n"), NULL, &len, NULL) ||
            len != sizeof(entry) || !tiles_append(tiles, entry))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    const char *origin = argc > 3 ? argv[3] : "audit.town.example";
    uint8_t seed[NOTE_KEY_LEN] = {argc > 2 ? (uint8_t)strtol(argv[2], NULL, 10) : 3};
    struct note_key key;
    struct tiles *tiles;
    bool done;

    if (argc < 2 || argc > 4 || sodium_init() < 0 ||
        !note_key_make(origin, NOTE_ED25519, seed, &key))
        return 64;
    tiles = tiles_open(argv[1], 0);
    done = tiles && entries_take(tiles) && checkpoint_write(argv[1], tiles, &key) &&
           vkey_write(argv[1], &key);
    tiles_close(&tiles);
    return done ? 0 : 70;
}
