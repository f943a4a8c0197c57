#include "domain/duplicate.h"
#include "domain/duplicate_pool.h"
#include "domain/duplicate_rule.h"
#include "text/fold.h"

#include <stdlib.h>

enum {
    SLOTS_PER_CHUNK = 1024,
    FIRST_HEADS = 256,
    LOAD_MAX = 2, /* subjects per head, on average */
    WORD_BITS = 16,
};

/* Where subjects are chained. */
enum chain { CHAIN_ID, CHAIN_NAME, CHAIN_ADDRESS, CHAIN_COUNT };

/* One subject in 48 bytes. Links are slot numbers plus one, 0 at the end. */
struct slot {
    uint64_t id;
    uint64_t motives; /* bit i: motive_codes[i] */
    uint32_t text;    /* place of the name; the address follows it */
    uint32_t next[CHAIN_COUNT];
    int32_t birth_day;
    int32_t received_day;
    uint16_t name_len;
    uint16_t address_len;
    uint16_t word_bits; /* one bit per word of the name: rules most names out of a search */
    uint8_t kind;
    bool live;
};

struct duplicate_index {
    uint8_t key[SIPHASH_KEY_LEN];
    struct slot **chunks;
    uint32_t chunk_count;
    uint32_t slot_count; /* ever used, free ones included */
    uint32_t free_slots; /* chained by next[CHAIN_ID] */
    uint32_t count;
    uint32_t *heads[CHAIN_COUNT];
    uint32_t head_count; /* of each; a power of two */
    struct duplicate_pool pool;
    char *motive_codes[DUPLICATE_MOTIVES_MAX];
    unsigned motive_count;
};

static struct slot *slot_at(const struct duplicate_index *index, uint32_t number)
{
    return &index->chunks[number / SLOTS_PER_CHUNK][number % SLOTS_PER_CHUNK];
}

static size_t text_len(const struct slot *slot)
{
    return (size_t)slot->name_len + slot->address_len;
}

static struct bytes name_of(const struct duplicate_index *index, const struct slot *slot)
{
    return bytes_of(duplicate_pool_at(&index->pool, slot->text), slot->name_len);
}

static struct bytes address_of(const struct duplicate_index *index, const struct slot *slot)
{
    return bytes_of(duplicate_pool_at(&index->pool, slot->text) + slot->name_len,
                    slot->address_len);
}

static uint32_t head_of_id(const struct duplicate_index *index, uint8_t kind, uint64_t id)
{
    uint8_t bytes[9];

    be64_put(bytes, id);
    bytes[8] = kind;
    return (uint32_t)siphash(index->key, bytes_of(bytes, sizeof(bytes))) &
           (index->head_count - 1);
}

static uint32_t head_of_text(const struct duplicate_index *index, struct bytes text)
{
    return (uint32_t)siphash(index->key, text) & (index->head_count - 1);
}

/* The link that begins the chain a slot belongs to; NULL when it has no such text. */
static uint32_t *head_find(const struct duplicate_index *index, enum chain chain,
                           const struct slot *slot)
{
    struct bytes text;

    if (chain == CHAIN_ID)
        return &index->heads[chain][head_of_id(index, slot->kind, slot->id)];
    text = chain == CHAIN_NAME ? name_of(index, slot) : address_of(index, slot);
    return text.len ? &index->heads[chain][head_of_text(index, text)] : NULL;
}

static void chains_add(struct duplicate_index *index, uint32_t number)
{
    struct slot *slot = slot_at(index, number);

    for (int chain = 0; chain < CHAIN_COUNT; chain++) {
        uint32_t *head = head_find(index, chain, slot);

        slot->next[chain] = 0;
        if (!head)
            continue;
        slot->next[chain] = *head;
        *head = number + 1;
    }
}

static void chains_remove(struct duplicate_index *index, uint32_t number)
{
    struct slot *slot = slot_at(index, number);

    for (int chain = 0; chain < CHAIN_COUNT; chain++) {
        uint32_t *link = head_find(index, chain, slot);

        while (link && *link != number + 1)
            link = &slot_at(index, *link - 1)->next[chain];
        if (link)
            *link = slot->next[chain];
    }
}

static bool heads_resize(struct duplicate_index *index, uint32_t head_count)
{
    uint32_t *heads[CHAIN_COUNT];
    bool whole = true;

    for (int chain = 0; chain < CHAIN_COUNT; chain++) {
        heads[chain] = calloc(head_count, sizeof(*heads[chain]));
        whole = whole && heads[chain];
    }
    for (int chain = 0; chain < CHAIN_COUNT; chain++) {
        if (whole) {
            free(index->heads[chain]);
            index->heads[chain] = heads[chain];
        } else {
            free(heads[chain]);
        }
    }
    if (!whole)
        return false;
    index->head_count = head_count;
    for (uint32_t i = 0; i < index->slot_count; i++)
        if (slot_at(index, i)->live)
            chains_add(index, i);
    return true;
}

struct duplicate_index *duplicate_index_new(const uint8_t key[SIPHASH_KEY_LEN])
{
    struct duplicate_index *index = calloc(1, sizeof(*index));

    if (!index)
        return NULL;
    memcpy(index->key, key, SIPHASH_KEY_LEN);
    if (!heads_resize(index, FIRST_HEADS))
        duplicate_index_free(&index);
    return index;
}

static void subjects_free(struct duplicate_index *index)
{
    for (uint32_t i = 0; i < index->chunk_count; i++) {
        explicit_bzero(index->chunks[i], SLOTS_PER_CHUNK * sizeof(struct slot));
        free(index->chunks[i]);
    }
    free(index->chunks);
    for (unsigned i = 0; i < index->motive_count; i++)
        free(index->motive_codes[i]);
    duplicate_pool_done(&index->pool);
}

void duplicate_index_clear(struct duplicate_index *index)
{
    struct duplicate_index empty = {.head_count = index->head_count};

    subjects_free(index);
    memcpy(empty.key, index->key, sizeof(empty.key));
    for (int chain = 0; chain < CHAIN_COUNT; chain++) {
        memset(index->heads[chain], 0, index->head_count * sizeof(*index->heads[chain]));
        empty.heads[chain] = index->heads[chain];
    }
    *index = empty;
}

void duplicate_index_free(struct duplicate_index **index)
{
    struct duplicate_index *own = *index;

    if (!own)
        return;
    subjects_free(own);
    for (int chain = 0; chain < CHAIN_COUNT; chain++)
        free(own->heads[chain]);
    explicit_bzero(own, sizeof(*own));
    free(own);
    *index = NULL;
}

/* The slot number of (kind, id) plus one, or 0. */
static uint32_t id_find(const struct duplicate_index *index, uint8_t kind, uint64_t id)
{
    uint32_t link = index->heads[CHAIN_ID][head_of_id(index, kind, id)];

    while (link) {
        const struct slot *slot = slot_at(index, link - 1);

        if (slot->id == id && slot->kind == kind)
            break;
        link = slot->next[CHAIN_ID];
    }
    return link;
}

/* The bit of a motive code, or -1. */
static int motive_find(const struct duplicate_index *index, const char *code)
{
    for (unsigned i = 0; i < index->motive_count; i++)
        if (strcmp(index->motive_codes[i], code) == 0)
            return (int)i;
    return -1;
}

/* The motives the index knows: unknown ones are shared with nobody in it. */
static uint64_t motives_known(const struct duplicate_index *index,
                              const struct duplicate_subject *subject)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < subject->motive_count; i++) {
        int bit = motive_find(index, subject->motives[i]);

        if (bit >= 0)
            bits |= UINT64_C(1) << bit;
    }
    return bits;
}

static enum ctps_code motives_learn(struct duplicate_index *index,
                                    const struct duplicate_subject *subject,
                                    struct ctps_err *err)
{
    for (size_t i = 0; i < subject->motive_count; i++) {
        if (motive_find(index, subject->motives[i]) >= 0)
            continue;
        if (index->motive_count == DUPLICATE_MOTIVES_MAX)
            return err_set(err, CTPS_LIMIT, "duplicate index: more than %d motive codes",
                           DUPLICATE_MOTIVES_MAX);
        index->motive_codes[index->motive_count] = strdup(subject->motives[i]);
        if (!index->motive_codes[index->motive_count])
            return err_set(err, CTPS_NOMEM, "duplicate index: out of memory");
        index->motive_count++;
    }
    return CTPS_OK;
}

static uint16_t word_bits_of(const struct duplicate_index *index, struct bytes words)
{
    uint16_t bits = 0;

    while (words.len) {
        const uint8_t *space = memchr(words.data, ' ', words.len);
        size_t len = space ? (size_t)(space - words.data) : words.len;
        uint64_t hash = siphash(index->key, bytes_of(words.data, len));

        bits |= (uint16_t)(1U << hash % WORD_BITS);
        len += space != NULL;
        words = bytes_of(words.data + len, words.len - len);
    }
    return bits;
}

static struct bytes text_of(const char *text)
{
    return text ? bytes_of_str(text) : bytes_of("", 0);
}

/* Makes sure that the next add finds a slot. */
static bool slots_reserve(struct duplicate_index *index)
{
    struct slot **grown;

    if (index->free_slots || index->slot_count < index->chunk_count * SLOTS_PER_CHUNK)
        return true;
    if (index->slot_count > UINT32_MAX - 2 * SLOTS_PER_CHUNK)
        return false;
    grown = realloc(index->chunks, (index->chunk_count + 1) * sizeof(void *));
    if (!grown)
        return false;
    index->chunks = grown;
    grown[index->chunk_count] = calloc(SLOTS_PER_CHUNK, sizeof(struct slot));
    if (!grown[index->chunk_count])
        return false;
    index->chunk_count++;
    return true;
}

static uint32_t slot_take(struct duplicate_index *index)
{
    uint32_t number;

    if (!index->free_slots)
        return index->slot_count++;
    number = index->free_slots - 1;
    index->free_slots = slot_at(index, number)->next[CHAIN_ID];
    return number;
}

static void slot_fill(struct duplicate_index *index, uint32_t number, uint32_t place,
                      const struct duplicate_subject *subject)
{
    struct slot *slot = slot_at(index, number);
    struct bytes name = text_of(subject->name);
    struct bytes address = text_of(subject->address);

    *slot = (struct slot){
        .id = subject->id,
        .motives = motives_known(index, subject),
        .text = place,
        .birth_day = subject->birth_day,
        .received_day = subject->received_day,
        .name_len = (uint16_t)name.len,
        .address_len = (uint16_t)address.len,
        .word_bits = word_bits_of(index, name),
        .kind = subject->kind,
        .live = true,
    };
    memcpy(duplicate_pool_at(&index->pool, place), name.data, name.len);
    memcpy(duplicate_pool_at(&index->pool, place) + name.len, address.data, address.len);
}

enum ctps_code duplicate_index_add(struct duplicate_index *index,
                                   const struct duplicate_subject *subject,
                                   struct ctps_err *err)
{
    size_t name_len = text_of(subject->name).len;
    size_t address_len = text_of(subject->address).len;
    enum ctps_code code;
    uint32_t number;
    uint32_t place;

    if (name_len > DUPLICATE_TEXT_MAX || address_len > DUPLICATE_TEXT_MAX)
        return err_set(err, CTPS_LIMIT, "duplicate index: a text over %d bytes",
                       DUPLICATE_TEXT_MAX);
    if (id_find(index, subject->kind, subject->id))
        return err_set(err, CTPS_EXISTS, "duplicate index: subject %llu already there",
                       (unsigned long long)subject->id);
    code = motives_learn(index, subject, err);
    if (code)
        return code;
    /* A table that cannot grow is slower, not wrong. */
    if (index->count / LOAD_MAX >= index->head_count)
        (void)heads_resize(index, index->head_count * 2);
    if (!slots_reserve(index) ||
        !duplicate_pool_add(&index->pool, name_len + address_len, &place))
        return err_set(err, CTPS_NOMEM, "duplicate index: out of memory");
    number = slot_take(index);
    slot_fill(index, number, place, subject);
    chains_add(index, number);
    index->count++;
    return CTPS_OK;
}

/* Copies the living texts into a new pool once most of the old one is dead. Without memory the
 * old one stays. */
static void pool_compact(struct duplicate_index *index)
{
    struct duplicate_pool fresh = {0};
    uint32_t places = index->slot_count;
    uint32_t *moved;

    if (index->pool.dead <= DUPLICATE_POOL_CHUNK || index->pool.dead <= index->pool.live)
        return;
    moved = calloc(places, sizeof(*moved));
    for (uint32_t i = 0; moved && i < places; i++) {
        const struct slot *slot = slot_at(index, i);

        if (!slot->live)
            continue;
        if (!duplicate_pool_add(&fresh, text_len(slot), &moved[i])) {
            duplicate_pool_done(&fresh);
            break;
        }
        memcpy(duplicate_pool_at(&fresh, moved[i]), duplicate_pool_at(&index->pool, slot->text),
               text_len(slot));
    }
    if (moved && (fresh.chunk_count || !index->count)) {
        for (uint32_t i = 0; i < places; i++)
            slot_at(index, i)->text = moved[i];
        duplicate_pool_done(&index->pool);
        index->pool = fresh;
    }
    free(moved);
}

bool duplicate_index_remove(struct duplicate_index *index, uint8_t kind, uint64_t id)
{
    uint32_t link = id_find(index, kind, id);
    struct slot *slot;
    size_t len;

    if (!link)
        return false;
    slot = slot_at(index, link - 1);
    len = text_len(slot);
    chains_remove(index, link - 1);
    explicit_bzero(duplicate_pool_at(&index->pool, slot->text), len);
    index->pool.live -= len;
    index->pool.dead += len;
    explicit_bzero(slot, sizeof(*slot));
    slot->next[CHAIN_ID] = index->free_slots;
    index->free_slots = link;
    index->count--;
    pool_compact(index);
    return true;
}

/* What is compared with each slot, computed once. */
struct probe {
    const struct duplicate_subject *subject;
    struct bytes name;
    struct bytes address;
    uint64_t motives;
};

static unsigned clauses_with(const struct duplicate_index *index, const struct probe *probe,
                             const struct slot *slot)
{
    struct duplicate_facts facts = {
        .same_name = probe->name.len && bytes_equal(probe->name, name_of(index, slot)),
        .same_address =
            probe->address.len && bytes_equal(probe->address, address_of(index, slot)),
        .shared_motive = (probe->motives & slot->motives) != 0,
        .birth_days = {probe->subject->birth_day, slot->birth_day},
        .received_days = {probe->subject->received_day, slot->received_day},
    };

    return duplicate_rule(&facts);
}

/* Adds the matches of one chain whose lowest clause is `first`, so that none comes twice. */
static size_t chain_find(const struct duplicate_index *index, const struct probe *probe,
                         enum chain chain, struct duplicate_match *ret_matches, size_t max)
{
    struct bytes text = chain == CHAIN_NAME ? probe->name : probe->address;
    uint32_t link = text.len ? index->heads[chain][head_of_text(index, text)] : 0;
    size_t count = 0;

    while (link && count < max) {
        const struct slot *slot = slot_at(index, link - 1);
        unsigned clauses = clauses_with(index, probe, slot);
        bool mine =
            chain == CHAIN_NAME ? clauses & DUPLICATE_NAME : clauses == DUPLICATE_ADDRESS;
        bool self = slot->id == probe->subject->id && slot->kind == probe->subject->kind;

        if (mine && !self)
            ret_matches[count++] = (struct duplicate_match){.id = slot->id,
                                                            .kind = slot->kind,
                                                            .clauses = clauses,
                                                            .birth_day = slot->birth_day};
        link = slot->next[chain];
    }
    return count;
}

size_t duplicate_index_find(const struct duplicate_index *index,
                            const struct duplicate_subject *subject,
                            struct duplicate_match *ret_matches, size_t max)
{
    struct probe probe = {
        .subject = subject,
        .name = text_of(subject->name),
        .address = text_of(subject->address),
        .motives = motives_known(index, subject),
    };
    size_t count = chain_find(index, &probe, CHAIN_NAME, ret_matches, max);

    return count + chain_find(index, &probe, CHAIN_ADDRESS, ret_matches + count, max - count);
}

static size_t search_whole(const struct duplicate_index *index, struct bytes name,
                           struct duplicate_match *ret_matches, size_t max)
{
    uint32_t link = index->heads[CHAIN_NAME][head_of_text(index, name)];
    size_t count = 0;

    while (link && count < max) {
        const struct slot *slot = slot_at(index, link - 1);

        if (bytes_equal(name, name_of(index, slot)))
            ret_matches[count++] =
                (struct duplicate_match){slot->id, slot->kind, 0, slot->birth_day};
        link = slot->next[CHAIN_NAME];
    }
    return count;
}

static size_t search_words(const struct duplicate_index *index, struct bytes words,
                           struct duplicate_match *ret_matches, size_t max)
{
    uint16_t bits = word_bits_of(index, words);
    size_t count = 0;

    for (uint32_t i = 0; i < index->slot_count && count < max; i++) {
        const struct slot *slot = slot_at(index, i);

        if (slot->live && (slot->word_bits & bits) == bits &&
            text_words_contain(name_of(index, slot), words))
            ret_matches[count++] =
                (struct duplicate_match){slot->id, slot->kind, 0, slot->birth_day};
    }
    return count;
}

size_t duplicate_index_search(const struct duplicate_index *index, const char *words,
                              enum duplicate_search how, struct duplicate_match *ret_matches,
                              size_t max)
{
    if (words[0] == '\0')
        return 0;
    if (how == DUPLICATE_SEARCH_WHOLE)
        return search_whole(index, bytes_of_str(words), ret_matches, max);
    return search_words(index, bytes_of_str(words), ret_matches, max);
}

struct duplicate_stat duplicate_index_stat(const struct duplicate_index *index)
{
    size_t slots = (size_t)index->chunk_count * SLOTS_PER_CHUNK * sizeof(struct slot);
    size_t texts = (size_t)index->pool.chunk_count * DUPLICATE_POOL_CHUNK;
    size_t heads = (size_t)index->head_count * CHAIN_COUNT * sizeof(uint32_t);
    size_t lists = (index->chunk_count + index->pool.chunk_count) * sizeof(void *);

    return (struct duplicate_stat){
        .count = index->count,
        .bytes = sizeof(*index) + slots + texts + heads + lists,
        .text_used = index->pool.live,
        .text_dead = index->pool.dead,
    };
}
