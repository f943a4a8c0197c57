/* fuzz-links: ctps_audit */
#include "fuzz.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "audit/note.h"

/* Any bytes as a checkpoint, a signed note, a verifier key, a proof, a witness's answer: read
 * or refused. What was read and is written again is what was read; nothing bears a signature of
 * a key that never signed. */
static void checkpoint_look(const char *text)
{
    struct note_checkpoint checkpoint;
    char data[NOTE_LEN_MAX];
    struct note_text out = {.data = data, .max = sizeof(data)};

    if (!note_checkpoint_read(text, &checkpoint))
        return;
    note_checkpoint_write(&checkpoint, &out);
    if (out.full || strncmp(text, data, out.len) != 0)
        abort();
}

static void vkey_look(const char *text)
{
    char again[NOTE_VKEY_MAX];
    struct note_key key;

    if (!note_vkey_read(text, &key))
        return;
    note_vkey_write(&key, again);
    if (strncmp(text, key.name, strlen(key.name)) != 0 || strlen(again) < strlen(key.name) + 10)
        abort();
    if (note_is_signed(text, &key, NULL))
        abort();
}

static void proof_look(const char *text)
{
    struct merkle_path path;
    const char *note;
    uint64_t index;

    if (!note_proof_read(text, &index, &path, &note))
        return;
    if (path.count > MERKLE_PATH_MAX || note < text || note > text + strlen(text))
        abort();
}

static void signatures_look(const char *text)
{
    static const uint8_t seed[NOTE_KEY_LEN] = {0x5a};
    char data[NOTE_LEN_MAX] = "audit.town.example\n1\n"
                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n";
    struct note_text note = {.data = data, .len = strlen(data), .max = sizeof(data)};
    struct note_key log, witness;

    if (!note_key_make("audit.town.example", NOTE_ED25519, seed, &log) ||
        !note_key_make("witness.example", NOTE_COSIGNATURE, seed, &witness))
        abort();
    if (note_is_signed(text, &log, NULL) || note_is_signed(text, &witness, NULL) ||
        note_signature_take(&note, text, &witness, NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);

    if (!text || sodium_init() < 0)
        abort();
    memcpy(text, data, len);
    text[len] = '\0';
    checkpoint_look(text);
    vkey_look(text);
    proof_look(text);
    signatures_look(text);
    free(text);
    return 0;
}
