#include "verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tiles.h"

static bool __attribute__((format(printf, 2, 3)))
wrong(struct verify *verify, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, one line above */
    vsnprintf(verify->why, sizeof(verify->why), format, args);
    va_end(args);
    return false;
}

static bool note_take(struct verify *verify, const char *note, const char *which,
                      struct note_checkpoint *out)
{
    if (!note_checkpoint_read(note, out))
        return wrong(verify, "%s is not a checkpoint", which);
    if (strcmp(out->origin, verify->key->name) != 0)
        return wrong(verify, "%s is of another log", which);
    if (!note_is_signed(note, verify->key, NULL))
        return wrong(verify, "%s is not signed by the key", which);
    return true;
}

bool verify_checkpoint(struct verify *verify)
{
    long len = tiles_read(verify->folder, "checkpoint", verify->note, sizeof(verify->note) - 1);

    verify->why[0] = '\0';
    if (len < 0)
        return wrong(verify, "the checkpoint cannot be read");
    verify->note[len] = '\0';
    return note_take(verify, verify->note, "the checkpoint", &verify->checkpoint);
}

/* --- the tiles, from the entries up --- */

/* Hashes of tile `number` of a level, `width` of them, made from what stands below. */
static bool tile_make(const struct tiles_reader *reader, const struct merkle_source *source,
                      unsigned level, uint64_t number, unsigned width, struct merkle_hash *out)
{
    struct merkle_hash below[MERKLE_TILE_WIDTH];
    uint8_t entries[MERKLE_TILE_WIDTH][TILES_ENTRY_LEN];

    if (level == 0 && !tiles_entries(reader, number, entries))
        return false;
    for (unsigned i = 0; i < width; i++) {
        uint64_t first = (number * MERKLE_TILE_WIDTH + i) * MERKLE_TILE_WIDTH;

        if (level == 0) {
            merkle_leaf(entries[i], TILES_ENTRY_LEN, &out[i]);
            continue;
        }
        if (!source->read(source->arg, level - 1, first, MERKLE_TILE_WIDTH, below))
            return false;
        merkle_fold(below, MERKLE_TILE_WIDTH, &out[i]);
    }
    return true;
}

static bool tile_holds(struct verify *verify, const struct tiles_reader *reader,
                       const struct merkle_source *source, unsigned level, uint64_t number,
                       unsigned width)
{
    struct merkle_hash made[MERKLE_TILE_WIDTH], found[MERKLE_TILE_WIDTH];

    if (!tile_make(reader, source, level, number, width, made) ||
        !source->read(source->arg, level, number * MERKLE_TILE_WIDTH, width, found))
        return wrong(verify, "tile %" PRIu64 " of level %u cannot be read", number, level);
    for (unsigned i = 0; i < width; i++)
        if (!merkle_equal(&made[i], &found[i]))
            return wrong(verify,
                         "hash %u of tile %" PRIu64 " of level %u is not that of what "
                         "stands below it",
                         i, number, level);
    return true;
}

static bool level_holds(struct verify *verify, const struct tiles_reader *reader,
                        const struct merkle_source *source, unsigned level)
{
    uint64_t hashes = reader->size >> level * MERKLE_TILE_BITS;

    for (uint64_t number = 0; number * MERKLE_TILE_WIDTH < hashes; number++) {
        uint64_t left = hashes - number * MERKLE_TILE_WIDTH;

        if (!tile_holds(verify, reader, source, level, number,
                        left < MERKLE_TILE_WIDTH ? (unsigned)left : MERKLE_TILE_WIDTH))
            return false;
    }
    return true;
}

static bool root_holds(struct verify *verify, const struct merkle_source *source,
                       const struct note_checkpoint *checkpoint, const char *why)
{
    struct merkle_hash root;

    if (!merkle_root(source, checkpoint->size, &root))
        return wrong(verify, "the tiles cannot be read");
    return merkle_equal(&root, &checkpoint->root) || wrong(verify, "%s", why);
}

static bool since_holds(struct verify *verify, const struct merkle_source *source)
{
    struct note_checkpoint since;

    if (!verify->since)
        return true;
    if (!note_take(verify, verify->since, "the earlier checkpoint", &since))
        return false;
    if (since.size > verify->checkpoint.size)
        return wrong(verify, "the log is shorter than it was: %" PRIu64 " entries then",
                     since.size);
    return root_holds(verify, source, &since,
                      "the log does not begin with the one of the earlier checkpoint");
}

bool verify_log(struct verify *verify)
{
    struct tiles_reader reader = {.folder = verify->folder};
    struct merkle_source source = tiles_source(&reader);

    if (!verify_checkpoint(verify))
        return false;
    reader.size = verify->checkpoint.size;
    for (unsigned level = 0; level < MERKLE_LEVELS; level++)
        if (!level_holds(verify, &reader, &source, level))
            return false;
    return root_holds(verify, &source, &verify->checkpoint,
                      "the root signed for is not that of the tiles") &&
           since_holds(verify, &source);
}

/* --- witnesses --- */

/* What a witness cosigned: the checkpoint itself, or the last one it did. */
static bool cosigned_read(struct verify *verify, struct verify_witness *witness,
                          char note[NOTE_LEN_MAX])
{
    char name[NOTE_FILE_MAX];
    long len;

    if (note_is_signed(verify->note, &witness->key, &witness->time_s)) {
        memcpy(note, verify->note, NOTE_LEN_MAX);
        return true;
    }
    note_witness_file(&witness->key, name);
    len = tiles_read(verify->folder, name, note, NOTE_LEN_MAX - 1);
    note[len < 0 ? 0 : len] = '\0';
    return len > 0 && note_is_signed(note, &witness->key, &witness->time_s);
}

static bool witness_holds(struct verify *verify, const struct merkle_source *source,
                          struct verify_witness *witness)
{
    struct note_checkpoint cosigned;
    char note[NOTE_LEN_MAX];

    if (!cosigned_read(verify, witness, note))
        return wrong(verify, "%s has not cosigned it", witness->key.name);
    if (!note_take(verify, note, "what the witness cosigned", &cosigned))
        return false;
    witness->size = cosigned.size;
    if (cosigned.size > verify->checkpoint.size)
        return wrong(verify, "%s cosigned %" PRIu64 " entries: the log is shorter now",
                     witness->key.name, cosigned.size);
    if (witness->time_s < verify->not_before_s)
        return wrong(verify,
                     "%s cosigned it last at %" PRIu64 " (seconds since 1970): too long ago",
                     witness->key.name, witness->time_s);
    return root_holds(verify, source, &cosigned,
                      "the log does not begin with the one that was cosigned");
}

bool verify_witnessed(struct verify *verify)
{
    struct tiles_reader reader = {.folder = verify->folder};
    struct merkle_source source = tiles_source(&reader);

    if (!verify_log(verify))
        return false;
    reader.size = verify->checkpoint.size;
    for (size_t i = 0; i < verify->witness_count; i++)
        if (!witness_holds(verify, &source, &verify->witnesses[i]))
            return false;
    return true;
}

/* --- the journal --- */

bool verify_entry(struct verify *verify, uint64_t seq, const uint8_t hash[TILES_ENTRY_LEN])
{
    struct tiles_reader reader = {.folder = verify->folder, .size = verify->checkpoint.size};
    uint64_t index = seq - 1, bundle = index / MERKLE_TILE_WIDTH;
    struct merkle_hash of_journal, of_log;

    if (seq == 0 || seq > reader.size)
        return seq != 0;
    if (verify->bundle != bundle + 1 && !tiles_entries(&reader, bundle, verify->entries))
        return wrong(verify, "the tiles cannot be read");
    verify->bundle = bundle + 1;
    memcpy(of_journal.bytes, hash, TILES_ENTRY_LEN);
    memcpy(of_log.bytes, verify->entries[index % MERKLE_TILE_WIDTH], TILES_ENTRY_LEN);
    return merkle_equal(&of_journal, &of_log) ||
           wrong(verify, "entry %" PRIu64 " of the journal is not the one in the log", seq);
}

bool verify_head(struct verify *verify, uint64_t head)
{
    return head >= verify->checkpoint.size ||
           wrong(verify,
                 "the journal holds together up to entry %" PRIu64 ", the log has %" PRIu64,
                 head, verify->checkpoint.size);
}

bool verify_prove(struct verify *verify, uint64_t seq, struct note_text *out)
{
    struct tiles_reader reader = {.folder = verify->folder};
    struct merkle_source source = tiles_source(&reader);
    uint8_t entry[TILES_ENTRY_LEN];
    struct merkle_path path;
    struct merkle_hash leaf;

    if (!verify_checkpoint(verify))
        return false;
    reader.size = verify->checkpoint.size;
    if (seq == 0 || seq > reader.size)
        return wrong(verify, "the log has the entries 1 to %" PRIu64, reader.size);
    if (!tiles_entry(&reader, seq - 1, entry) ||
        !merkle_inclusion(&source, seq - 1, reader.size, &path))
        return wrong(verify, "the tiles cannot be read");
    merkle_leaf(entry, sizeof(entry), &leaf);
    if (!merkle_inclusion_holds(&leaf, seq - 1, reader.size, &path, &verify->checkpoint.root))
        return wrong(verify, "entry %" PRIu64 " is not the one signed for", seq);
    note_proof_write(seq - 1, &path, verify->note, out);
    return true;
}
