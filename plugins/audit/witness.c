#include "witness.h"

#include <sodium.h>
#include <string.h>

/* Statuses are the specification's. */
static const struct witness_word words[WITNESS_VERDICTS] = {
    [WITNESS_COSIGN] = {"cosigned", 200, false},
    [WITNESS_MALFORMED] = {"malformed", 400, false},
    [WITNESS_UNKNOWN_ORIGIN] = {"unknown_origin", 404, false},
    [WITNESS_BAD_SIGNATURE] = {"bad_signature", 403, false},
    [WITNESS_SHRINKING] = {"shrinking", 409, true},
    [WITNESS_NOT_LAST] = {"not_last", 409, true},
    [WITNESS_FORKED] = {"forked", 409, false},
    [WITNESS_BAD_PROOF] = {"bad_proof", 422, false},
};

const struct witness_word *witness_word(enum witness_verdict verdict)
{
    return &words[verdict];
}

static struct merkle_hash root_of_none(void)
{
    struct merkle_hash root;

    crypto_hash_sha256(root.bytes, NULL, 0);
    return root;
}

static enum witness_verdict growth_judge(const struct witness_request *request,
                                         const struct witness_seen *seen)
{
    const struct note_checkpoint *now = &request->checkpoint;
    struct merkle_hash before = seen->size ? seen->root : root_of_none();

    if (now->size == seen->size) {
        if (!merkle_equal(&now->root, &before))
            return WITNESS_FORKED;
        return request->path.count == 0 ? WITNESS_COSIGN : WITNESS_BAD_PROOF;
    }
    if (seen->size == 0)
        return request->path.count == 0 ? WITNESS_COSIGN : WITNESS_BAD_PROOF;
    return merkle_consistency_holds(seen->size, now->size, &request->path, &before, &now->root)
               ? WITNESS_COSIGN
               : WITNESS_BAD_PROOF;
}

enum witness_verdict witness_judge(const struct witness_request *request,
                                   const struct note_key *key, const struct witness_seen *seen)
{
    uint64_t size = request->checkpoint.size;

    if (!key)
        return WITNESS_UNKNOWN_ORIGIN;
    if (!note_is_signed(request->note, key, NULL))
        return WITNESS_BAD_SIGNATURE;
    if (request->old > size)
        return WITNESS_MALFORMED;
    if (size < seen->size)
        return WITNESS_SHRINKING;
    if (request->old != seen->size)
        return WITNESS_NOT_LAST;
    return growth_judge(request, seen);
}

void witness_request_write(uint64_t old, const struct merkle_path *path, const char *note,
                           struct note_text *out)
{
    note_number_write("old ", old, out);
    note_path_write(path, out);
    note_words_write("\n", out);
    note_words_write(note, out);
}

bool witness_request_read(const char *text, struct witness_request *out)
{
    const char *line;

    *out = (struct witness_request){0};
    if (strncmp(text, "old ", 4) != 0 || !note_number_read(text + 4, &out->old))
        return false;
    line = note_path_read(strchr(text, '\n') + 1, &out->path);
    if (!line || out->path.count > WITNESS_PATH_MAX)
        return false;
    out->note = line;
    return note_checkpoint_read(line, &out->checkpoint);
}
