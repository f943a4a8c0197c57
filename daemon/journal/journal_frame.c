#include "journal/journal_private.h"

/* Byte offsets in the header; docs/formats.md has the table. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_HEADER_LEN = 10,
    AT_FLAGS = 12,
    AT_INCARNATION = 16,
    AT_SEQ = 32,
    AT_BATCH = 40,
    AT_PREV = 48,
    AT_SEALED_LEN = 80,
    AT_INDEX = 84,
    AT_CHECK = 88,
    CHECK_LEN = 8,
};

static const uint8_t magic[8] = {0x89, 'C', 'T', 'P', 'S', 'J', '\r', '\n'};

_Static_assert(AT_CHECK + CHECK_LEN == JOURNAL_HEADER_LEN, "the header is 96 bytes");
_Static_assert((int)FRAME_MAX_LEN >=
                   (int)JOURNAL_HEADER_LEN + (int)JOURNAL_BODY_MAX + (int)SEAL_OVERHEAD,
               "the longest frame");

bool journal_is_zero(const uint8_t *data, size_t len)
{
    return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

size_t journal_frame_len(size_t sealed_len)
{
    size_t mask = JOURNAL_FRAME_ALIGN - 1;

    return (JOURNAL_HEADER_LEN + sealed_len + mask) & ~mask;
}

static void header_check(uint8_t out[SEAL_HASH_LEN], const uint8_t *header)
{
    struct bytes part = bytes_of(header, AT_CHECK);

    seal_hash(out, &part, 1);
}

void journal_header_write(uint8_t out[JOURNAL_HEADER_LEN], const struct journal_header *header)
{
    uint8_t check[SEAL_HASH_LEN];

    memcpy(out + AT_MAGIC, magic, sizeof(magic));
    out[AT_VERSION] = FRAME_VERSION;
    out[AT_VERSION + 1] = 0;
    out[AT_HEADER_LEN] = JOURNAL_HEADER_LEN;
    out[AT_HEADER_LEN + 1] = 0;
    le32_put(out + AT_FLAGS, 0);
    memcpy(out + AT_INCARNATION, header->incarnation, JOURNAL_INCARNATION_LEN);
    le64_put(out + AT_SEQ, header->seq);
    le64_put(out + AT_BATCH, header->batch);
    memcpy(out + AT_PREV, header->prev, SEAL_HASH_LEN);
    le32_put(out + AT_SEALED_LEN, header->sealed_len);
    le32_put(out + AT_INDEX, header->index);
    header_check(check, out);
    memcpy(out + AT_CHECK, check, CHECK_LEN);
}

static bool is_this_version(const uint8_t *in)
{
    return in[AT_VERSION] == FRAME_VERSION && in[AT_VERSION + 1] == 0 &&
           in[AT_HEADER_LEN] == JOURNAL_HEADER_LEN && in[AT_HEADER_LEN + 1] == 0 &&
           le32_get(in + AT_FLAGS) == 0;
}

bool journal_header_parse(struct journal_header *ret_header,
                          const uint8_t in[JOURNAL_HEADER_LEN])
{
    uint32_t sealed_len = le32_get(in + AT_SEALED_LEN);

    if (memcmp(in + AT_MAGIC, magic, sizeof(magic)) != 0 || !is_this_version(in) ||
        sealed_len < SEAL_OVERHEAD || sealed_len > JOURNAL_BODY_MAX + SEAL_OVERHEAD)
        return false;
    memcpy(ret_header->incarnation, in + AT_INCARNATION, JOURNAL_INCARNATION_LEN);
    ret_header->seq = le64_get(in + AT_SEQ);
    ret_header->batch = le64_get(in + AT_BATCH);
    memcpy(ret_header->prev, in + AT_PREV, SEAL_HASH_LEN);
    ret_header->sealed_len = sealed_len;
    ret_header->index = le32_get(in + AT_INDEX);
    return true;
}

enum ctps_code journal_header_read(struct journal_header *ret_header,
                                   const uint8_t in[JOURNAL_HEADER_LEN])
{
    uint8_t check[SEAL_HASH_LEN];

    if (memcmp(in + AT_MAGIC, magic, sizeof(magic)) != 0)
        return CTPS_INVALID;
    header_check(check, in);
    if (memcmp(in + AT_CHECK, check, CHECK_LEN) != 0)
        return CTPS_INVALID;
    /* Intact and unknown was written by a later program: never to be taken for a torn write. */
    if (!is_this_version(in))
        return CTPS_UNSUPPORTED;
    return journal_header_parse(ret_header, in) ? CTPS_OK : CTPS_INVALID;
}

void journal_frame_write(uint8_t *out, const struct seal_key *key, const struct sys *random,
                         struct journal_header *header, struct bytes body,
                         struct journal_chain *chain)
{
    size_t len = JOURNAL_HEADER_LEN + body.len + SEAL_OVERHEAD;

    header->sealed_len = (uint32_t)(body.len + SEAL_OVERHEAD);
    memcpy(header->prev, chain->hash, SEAL_HASH_LEN);
    journal_header_write(out, header);
    seal_box_make(out + JOURNAL_HEADER_LEN, key, random, bytes_of(out, JOURNAL_HEADER_LEN),
                  body);
    memset(out + len, 0, journal_frame_len(header->sealed_len) - len);
    journal_chain_move(chain, header, out);
}

enum ctps_code journal_frame_open(const uint8_t *frame, const struct journal_header *header,
                                  const struct seal_key *key, uint8_t *body)
{
    size_t len = JOURNAL_HEADER_LEN + header->sealed_len;

    if (!journal_is_zero(frame + len, journal_frame_len(header->sealed_len) - len))
        return CTPS_FORGED;
    return seal_box_open(body, key, bytes_of(frame, JOURNAL_HEADER_LEN),
                         bytes_of(frame + JOURNAL_HEADER_LEN, header->sealed_len));
}

bool journal_chain_continues(const struct journal_chain *chain,
                             const struct journal_header *header)
{
    if (header->seq != chain->next_seq)
        return false;
    if (!chain->anchored)
        return chain->inside || header->index == 0;
    if (memcmp(header->prev, chain->hash, SEAL_HASH_LEN) != 0)
        return false;
    if (header->batch == chain->batch)
        return header->index == chain->next_index;
    return header->batch == chain->batch + 1 && header->index == 0;
}

void journal_chain_move(struct journal_chain *chain, const struct journal_header *header,
                        const uint8_t *frame)
{
    struct bytes part = bytes_of(frame, JOURNAL_HEADER_LEN + (size_t)header->sealed_len);

    chain->next_seq = header->seq + 1;
    chain->batch = header->batch;
    chain->next_index = header->index + 1;
    memcpy(chain->incarnation, header->incarnation, JOURNAL_INCARNATION_LEN);
    seal_hash(chain->hash, &part, 1);
    chain->anchored = true;
}

void journal_chain_start(struct journal_chain *chain, uint64_t segment)
{
    /* The first segment begins with the genesis frame, which has seq 0. */
    *chain = (struct journal_chain){.next_seq = segment == SEGMENT_FIRST ? 0 : segment};
}
