/*
 * duplicate: when two entries probably speak of the same person or trouble, and the in-memory
 * index that finds such pairs and searches names. Nothing is merged here: a human decides.
 *
 * The rule (two clauses, either suffices):
 *   NAME     same folded name, and birth days equal or at least one of them unknown. Both
 *            unknown counts as compatible: nothing contradicts, and a proposal costs one look.
 *   ADDRESS  same folded address, a motive in common, and received at most 60 days apart.
 * A missing name, address or day of receipt never matches another missing one.
 *
 * Names are results of text_fold_words, addresses of text_fold_address: they are nominative.
 * The index keeps them in its own memory only and wipes them on removal; it costs about 60
 * bytes a subject besides its two texts, and is not to be written anywhere.
 */
#ifndef CTPS_DOMAIN_DUPLICATE_H
#define CTPS_DOMAIN_DUPLICATE_H

#include "base/bytes.h"
#include "base/err.h"
#include "domain/siphash.h"

enum {
    DUPLICATE_DAY_UNKNOWN = INT32_MIN,
    DUPLICATE_WINDOW_DAYS = 60,
    DUPLICATE_TEXT_MAX = 4096,  /* bytes of a folded name or address */
    DUPLICATE_MOTIVES_MAX = 64, /* different motive codes in one index */
};

enum duplicate_clause {
    DUPLICATE_NAME = 1,
    DUPLICATE_ADDRESS = 2,
};

/* What the rule looks at. Everything is borrowed. */
struct duplicate_subject {
    uint64_t id;
    uint8_t kind;               /* the caller's; (kind, id) names a subject */
    const char *name;           /* text_fold_words; "" or NULL when there is none */
    const char *address;        /* text_fold_address; "" or NULL when there is none */
    int32_t birth_day;          /* civil day or DUPLICATE_DAY_UNKNOWN */
    int32_t received_day;       /* civil day or DUPLICATE_DAY_UNKNOWN */
    const char *const *motives; /* codes of the closed list */
    size_t motive_count;
};

/* The clauses that hold between two subjects, or-ed; 0: no duplicate. Symmetric. */
unsigned duplicate_clauses(const struct duplicate_subject *a,
                           const struct duplicate_subject *b);

struct duplicate_index;

struct duplicate_match {
    uint64_t id;
    uint8_t kind;
    unsigned clauses;  /* as duplicate_clauses; 0 in answers to a search */
    int32_t birth_day; /* of the subject matched */
};

struct duplicate_stat {
    size_t count;     /* subjects */
    size_t bytes;     /* held in all, texts included */
    size_t text_used; /* bytes of living texts */
    size_t text_dead; /* wiped bytes not yet given back */
};

/* `key` is copied: random, new at each start. Owned by the caller; NULL without memory. */
struct duplicate_index *duplicate_index_new(const uint8_t key[SIPHASH_KEY_LEN]);
/* Wipes and forgets everybody; needs no memory. */
void duplicate_index_clear(struct duplicate_index *index);
/* Wipes, releases and nulls the caller's pointer. Idempotent. */
void duplicate_index_free(struct duplicate_index **index);

/* Copies what it needs. CTPS_EXISTS when (kind, id) is already there, CTPS_LIMIT past
 * DUPLICATE_TEXT_MAX or DUPLICATE_MOTIVES_MAX, CTPS_NOMEM: the index is then unchanged. */
enum ctps_code duplicate_index_add(struct duplicate_index *index,
                                   const struct duplicate_subject *subject,
                                   struct ctps_err *err);
/* Wipes the subject's texts and days; false when it was not there. */
bool duplicate_index_remove(struct duplicate_index *index, uint8_t kind, uint64_t id);

/* Subjects of the index that duplicate `subject`, itself left out; each once. Writes at most
 * `max` into `ret_matches` and returns how many; when that is `max` there may be more. */
size_t duplicate_index_find(const struct duplicate_index *index,
                            const struct duplicate_subject *subject,
                            struct duplicate_match *ret_matches, size_t max);

enum duplicate_search {
    DUPLICATE_SEARCH_WHOLE, /* names equal to `words`: constant time */
    DUPLICATE_SEARCH_WORDS, /* names that contain each word: time linear in the subjects */
};

/* Subjects by name; `words` is a result of text_fold_words, "" finds nobody. As find for the
 * answer. */
size_t duplicate_index_search(const struct duplicate_index *index, const char *words,
                              enum duplicate_search how, struct duplicate_match *ret_matches,
                              size_t max);

struct duplicate_stat duplicate_index_stat(const struct duplicate_index *index);

#endif
