/* fuzz-links: ctps_journal ctps_harness */
/*
 * Any bytes as the only segment of a journal: refused, or opened with no entry shown, since
 * none can have been sealed under the key.
 *
 * First byte of the input: bit 0, read only; bit 1, header checksums are put right first (the
 * seals stay what they are, so nothing forged can open); bit 2, the bytes stand behind a sound
 * genesis frame. The rest is the file.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "journal/journal.h"
#include "sim_disk.h"

enum { CONTENT_MAX = 1 << 20, GENESIS_LEN = 192, CHECK_AT = 88, SEGMENT_LEN = 65536 };

static const char path[] = "j/0000000000000001.seg";

struct ground {
    struct seal_key *key;
    struct sim_disk *disk; /* with a journal of no entries */
};

static struct journal_options options_on(struct sim_disk *disk, const struct seal_key *key)
{
    return (struct journal_options){
        .dir = "j", .sys = sim_disk_sys(disk), .key = key, .segment_len = SEGMENT_LEN};
}

static struct ground ground_make(void)
{
    static const uint8_t incarnation[JOURNAL_INCARNATION_LEN] = "fuzzed";
    static const uint8_t bytes[SEAL_KEY_LEN] = "fuzzed key";
    struct ground ground = {0};
    struct journal_options options;

    if (seal_start(NULL) != CTPS_OK)
        abort();
    ground.key = seal_key_new();
    if (!ground.key)
        abort();
    seal_key_set(ground.key, bytes);
    ground.disk = sim_disk_new(1);
    options = options_on(ground.disk, ground.key);
    if (journal_create(&options, incarnation, NULL) != CTPS_OK)
        abort();
    return ground;
}

static void checks_put_right(uint8_t *content, size_t len)
{
    for (size_t at = 0; at + JOURNAL_HEADER_LEN <= len; at += JOURNAL_FRAME_ALIGN) {
        struct bytes part = bytes_of(content + at, CHECK_AT);
        uint8_t hash[SEAL_HASH_LEN];

        if (content[at] != 0x89)
            continue;
        seal_hash(hash, &part, 1);
        memcpy(content + at + CHECK_AT, hash, JOURNAL_HEADER_LEN - CHECK_AT);
    }
}

/* Nothing in the input can have been sealed under the key: an entry shown is a forgery. */
static enum ctps_code forged(void *arg, const struct journal_frame *frame)
{
    (void)arg;
    if (frame->seq > 0)
        abort();
    return CTPS_OK;
}

static void journal_try(struct sim_disk *disk, const struct seal_key *key, bool read_only)
{
    struct journal_options options = options_on(disk, key);
    struct journal *journal = NULL;
    struct journal_place place;
    uint64_t seq;

    options.read_only = read_only;
    if (journal_open(&journal, &options, NULL) != CTPS_OK)
        return;
    if (journal_scan(journal, 1, forged, NULL, NULL) != CTPS_OK)
        abort();
    if (!read_only &&
        (journal_batch_add(journal, bytes_of("x", 1), &seq, &place, NULL) != CTPS_OK ||
         journal_batch_flush(journal, NULL) != CTPS_OK))
        abort();
    journal_close(&journal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ground ground;
    struct sim_disk *disk;
    uint8_t *content;
    size_t start;

    if (size < 1 || size > CONTENT_MAX)
        return 0;
    if (!ground.disk)
        ground = ground_make();
    start = data[0] & 4 ? GENESIS_LEN : 0;
    content = malloc(start + size);
    if (!content)
        return 0;
    memcpy(content, sim_disk_peek(ground.disk, path).data, start);
    memcpy(content + start, data + 1, size - 1);
    if (data[0] & 2)
        checks_put_right(content + start, size - 1);
    disk = sim_disk_clone(ground.disk);
    sim_disk_put(disk, path, bytes_of(content, start + size - 1));
    journal_try(disk, ground.key, data[0] & 1);
    sim_disk_free(&disk);
    free(content);
    return 0;
}
