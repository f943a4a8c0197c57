/*
 * Prints what the log in a folder asks a witness that cosigned its first OLD entries: what
 * tests send, also of logs that were altered.
 *
 * usage: audit_ask FOLDER OLD
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/tiles.h"
#include "audit/witness.h"

int main(int argc, char **argv)
{
    struct tiles_reader reader = {.folder = argc > 1 ? argv[1] : NULL};
    struct merkle_source source = tiles_source(&reader);
    char note[NOTE_LEN_MAX], data[WITNESS_REQUEST_MAX];
    struct note_text text = {.data = data, .max = sizeof(data)};
    struct note_checkpoint checkpoint;
    struct merkle_path path = {0};
    uint64_t old;
    long len;

    if (argc != 3 || sodium_init() < 0)
        return 64;
    old = strtoull(argv[2], NULL, 10);
    len = tiles_read(argv[1], "checkpoint", note, sizeof(note) - 1);
    note[len < 0 ? 0 : len] = '\0';
    if (!note_checkpoint_read(note, &checkpoint))
        return 65;
    reader.size = checkpoint.size;
    if (old && old < checkpoint.size &&
        !merkle_consistency(&source, old, checkpoint.size, &path))
        return 65;
    witness_request_write(old, &path, note, &text);
    fputs(data, stdout);
    return text.full ? 70 : 0;
}
