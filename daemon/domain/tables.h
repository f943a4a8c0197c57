/*
 * tables: the port through which the domain sees the views. The view layer implements it over
 * LMDB; a test may implement it over anything.
 *
 * Errors other than CTPS_ABSENT are sticky in the implementation: the transaction can then only
 * be aborted, so that domain code may go on in a straight line without looking at each answer.
 */
#ifndef CTPS_DOMAIN_TABLES_H
#define CTPS_DOMAIN_TABLES_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

/* Numbers are part of what is authenticated: never reorder, append before TABLE_COUNT. */
enum table {
    TABLE_META,         /* "head" -> MetaRecord, kept by the view layer itself */
    TABLE_TOWN,         /* "town" -> Town */
    TABLE_LIST_VALUE,   /* list 0 code -> ListValue */
    TABLE_TERRITORY,    /* code -> Territory */
    TABLE_DISTRICT,     /* district -> code of its territory */
    TABLE_AGENT,        /* id -> Agent */
    TABLE_PARTNER,      /* id -> Partner */
    TABLE_CONTACT,      /* id -> Contact */
    TABLE_KEY,          /* public key -> Key */
    TABLE_DELEGATION,   /* id -> Delegation */
    TABLE_SAISINE,      /* id -> SaisineRecord */
    TABLE_SITUATION,    /* id -> SituationRecord */
    TABLE_ENTRY,        /* situation id, entry id -> SituationEntryAdded */
    TABLE_DUPLICATE,    /* saisine, other saisine -> DuplicateRecord, both ways */
    TABLE_COUNTER,      /* name -> CounterRecord */
    TABLE_REFERENCE,    /* reference or acknowledgement number -> IdRecord */
    TABLE_BY_TERRITORY, /* territory, kind, id -> empty */
    TABLE_REQUEST,      /* window, principal, request id -> RequestRecord */
    TABLE_PLACE,        /* seq (every 64th) -> PlaceRecord */
    TABLE_CURSOR,       /* audience 0 consumer -> CounterRecord */
    TABLE_IMPORT,       /* id -> ImportRecord */
    TABLE_IMPORT_ROW,   /* source 0 number -> ImportRowTaken */
    TABLE_IMPORT_ROWS,  /* import id, saisine id -> key of TABLE_IMPORT_ROW */
    TABLE_ERASURE,      /* seq of its order -> ErasureRecord */
    TABLE_DUE,          /* due day, id -> object kind (1 byte) */
    TABLE_RUN_DAYS,     /* "days" -> DaysRecord */
    TABLE_DEAD_LETTER,  /* plugin 0 audience 0 number -> DeadLetter */
    TABLE_EFFECT,       /* id -> Effect */
    TABLE_EFFECT_KEY,   /* plugin 0 key 0 -> IdRecord */

    /* saisine */
    TABLE_SAISINE_COUNT, /* territory 0, day received, origin 0 status -> CounterRecord */

    /* situation */
    TABLE_ENTRY_PAST, /* situation, entry, version -> EntryPastRecord */
    TABLE_ENGAGEMENT, /* situation, kind, id -> EngagementRecord */
    TABLE_LINK,       /* situation, other situation -> LinkRecord, both ways */

    /* erasure and rights */
    TABLE_RIGHTS, /* id -> RightsRecord */

    /* meeting */
    TABLE_INSTANCE,          /* code -> Instance */
    TABLE_MEETING,           /* id -> MeetingRecord */
    TABLE_MEETING_DAY,       /* day, id -> territory 0 instance */
    TABLE_MEETING_SERIES,    /* series, id -> empty */
    TABLE_MEETING_SITUATION, /* situation, meeting -> empty: about it, or on its agenda */

    /* decision */
    TABLE_DECISION,        /* id -> DecisionRecord */
    TABLE_DECISION_OF,     /* situation, meeting, agent or contact; decision -> empty */
    TABLE_DECISION_UNDONE, /* instance 0 territory 0 due day, id -> empty */
    TABLE_MINUTES,         /* meeting, version -> MinutesRecord */

    /* share */
    TABLE_SHARE,           /* id -> ShareRecord */
    TABLE_SHARE_SITUATION, /* situation, share -> empty */
    TABLE_SHARE_BY,        /* kind, id of a recipient or its partner, share -> empty */
    TABLE_GLASS,           /* id -> BreakGlassRecord */
    TABLE_GLASS_SITUATION, /* situation, use -> empty */
    TABLE_SHARE_TELL,      /* share -> why its recipients are still to be told (1 byte) */

    /* people */
    TABLE_HABILITATION, /* agent, id -> HabilitationRecord (granted or withdrawn) */
    TABLE_CHARTER,      /* contact, id -> CharterSigned */
    TABLE_OPEN,         /* territory, kind, id -> empty: saisines to answer, situations open */

    /* mail */
    TABLE_NOTIFICATION, /* "waiting" or "failed" 0, effect id -> empty */
    /* reminder */
    TABLE_DECISION_OPEN, /* due day, id -> empty: neither done nor given up */

    /* feed */
    TABLE_FEED,      /* partner -> FeedRecord */
    TABLE_FEED_ITEM, /* partner, event number -> FeedItem */

    /* merge */
    TABLE_MERGE, /* situation that ended in another -> MergeRecord: what it had before */

    /* audit */
    TABLE_AUDIT_KEY, /* slot of a month's audit key -> CounterRecord: year * 12 + month - 1 */

    TABLE_ERASED_TELL, /* situation -> empty: its erasure is still to be told */

    /* webhook */
    TABLE_WEBHOOK, /* id -> WebhookRecord */
    TABLE_COUNT
};

/* false stops the walk. `key` and `value` are borrowed until it returns. */
typedef bool tables_each(void *arg, struct bytes key, struct bytes value);

struct tables {
    void *ctx;
    /* *ret_value is a borrow until the transaction ends. */
    enum ctps_code (*get)(void *ctx, enum table table, struct bytes key,
                          struct bytes *ret_value);
    enum ctps_code (*put)(void *ctx, enum table table, struct bytes key, struct bytes value);
    enum ctps_code (*remove)(void *ctx, enum table table, struct bytes key);
    /* In key order (or backwards) over keys beginning with `prefix`, from the first key >
     * `after`
     * (< `after` when backwards; an empty `after` is the end that fits). The table must not be
     * written during the walk. */
    enum ctps_code (*walk)(void *ctx, enum table table, struct bytes prefix, struct bytes after,
                           bool backwards, tables_each *each, void *arg);
};

/* --- keys --- */

enum { TABLE_KEY_MAX = 256 };

struct table_key {
    size_t len;
    uint8_t data[TABLE_KEY_MAX];
};

void table_key_init(struct table_key *key);
void table_key_add_u64(struct table_key *key, uint64_t value);
void table_key_add_u32(struct table_key *key, uint32_t value);
/* Days sort before and after 1970. */
void table_key_add_day(struct table_key *key, int32_t day);
/* The text and a zero byte, so that no text is a prefix of another. NULL counts as "". */
void table_key_add_text(struct table_key *key, const char *text);
void table_key_add_bytes(struct table_key *key, struct bytes bytes);

static inline struct bytes table_key_bytes(const struct table_key *key)
{
    return bytes_of(key->data, key->len);
}

struct table_key table_key_of_u64(uint64_t value);
struct table_key table_key_of_text(const char *text);
struct table_key table_key_of_two(uint64_t first, uint64_t second);
struct table_key table_key_of_texts(const char *first, const char *second);

#endif
