/*
 * engine: requests in, answers and events out. The one place where policy, domain, views, keys
 * and journal meet, and where the promises are kept: nothing is acknowledged before its entry
 * is flushed, and a nominative answer leaves only after its audit entry is.
 *
 * Requests queue until engine_turn(), which takes a batch: one view transaction, one journal
 * write, one flush, one view commit, then replies, then publication. Any I/O error of the
 * journal or the views is final: engine_turn answers it and the process exits (75), to be
 * started again.
 *
 * One thread. Calls nothing back but what is in struct engine_out.
 */
#ifndef CTPS_ENGINE_ENGINE_H
#define CTPS_ENGINE_ENGINE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sys.h"
#include "ctps/answer.pb-c.h"
#include "domain/settings.h"
#include "seal/seal.h"

enum {
    ENGINE_PEER_HANDLE_LEN = 64,
    ENGINE_PEER_ADDRESS_LEN = 64,
    ENGINE_KEY_LEN = 32,
    ENGINE_BATCH_MAX = 64,   /* requests of one turn, by default */
    ENGINE_QUEUE_MAX = 4096, /* requests waiting */
    ENGINE_HOSTED_MAX = 64   /* keys of running plugins */
};

/* Who sent a request and where its answer goes; `handle` is the caller's, never looked into. */
struct engine_peer {
    uint8_t handle[ENGINE_PEER_HANDLE_LEN];
    uint8_t public_key[ENGINE_KEY_LEN]; /* proved by the connection */
    char address[ENGINE_PEER_ADDRESS_LEN];
};

/* What the engine asks of its surroundings. Bytes are borrowed for the time of the call. */
struct engine_out {
    void *ctx;
    void (*reply)(void *ctx, const struct engine_peer *peer, struct bytes reply);
    /* One event of an audience, an EventRecord. */
    void (*publish)(void *ctx, const char *audience, const char *topic, struct bytes event);
    /* False: nobody listens to audience "audit", whoever comes later pulls. */
    bool audit_is_heard;
    /* A key was revoked, durably: connections it has must end. */
    void (*key_revoked)(void *ctx, const uint8_t public_key[ENGINE_KEY_LEN]);
    /* Somebody may have lost the right to an audience: called before anything more is
     * published. NULL where nobody subscribes. */
    void (*rights_changed)(void *ctx);
    /* Feeds of partners were opened or closed: engine_feeds() says which are. May be NULL. */
    void (*feeds_changed)(void *ctx);
    /* An authorised request to read the configuration again. */
    void (*reload)(void *ctx);
    /* Plugins as PluginViews in `arena`, of one or (NULL or empty) all; one started again:
     * false when there is none of that name; whether what was asked of it has happened, or
     * failed. NULL where there are no plugins. */
    Ctps__PluginAnswer *(*plugins)(void *ctx, struct arena *arena, const char *name);
    bool (*plugin_reload)(void *ctx, const char *name);
    bool (*plugin_is_settled)(void *ctx, const char *name);
    /* Adds the surroundings' own figures to a status answer by calling `add`. */
    void (*figures)(void *ctx,
                    void (*add)(void *arg, const char *name, const char *value,
                                const char *unit, bool alarm),
                    void *arg);
};

struct engine_options {
    const char *data_dir;
    const char *ledger_dir;         /* NULL: <data_dir>/ledger */
    const char *backup_dir;         /* NULL: no online backup */
    const char *keyring_backup_dir; /* NULL: no automatic keyring backup */
    const struct sys *sys;
    const struct log *log;
    const struct seal_key *root; /* borrow, outlives the engine */
    struct settings settings;
    size_t segment_len; /* 0: the journal's */
    size_t map_len;     /* 0: the views' */
    unsigned batch_max; /* 0: ENGINE_BATCH_MAX */
};

struct engine;

/* --- a new store --- */

struct engine_init {
    const struct engine_options *options;
    const char *town_name;
    const char *insee;
    const char *zone;
    const char *holiday_regime;
    bool good_friday;
    uint8_t operator_key[ENGINE_KEY_LEN]; /* public key of the local operator */
};
/* Makes keyring, ledger, journal with its first entry (town, closed lists the daemon needs and
 * no sheet carries, the operator's key). CTPS_EXISTS when there is a store already. */
enum ctps_code engine_create(const struct engine_init *init, struct ctps_err *err);

/* --- running --- */

/* Recovers: cuts a torn tail, compares heads, replays or rebuilds the views, finishes what was
 * ordered and not done. Answers when ready to serve. Own: engine_close. */
enum ctps_code engine_open(struct engine **ret_engine, const struct engine_options *options,
                           const struct engine_out *out, struct ctps_err *err);
/* clean: everything flushed and the views marked so. NULL allowed; nulls the pointer. */
enum ctps_code engine_close(struct engine **engine, bool clean, struct ctps_err *err);

/* Queues a copy of a request. CTPS_BUSY when the queue is full: nothing was taken. */
enum ctps_code engine_request(struct engine *engine, const struct engine_peer *peer,
                              struct bytes body);
bool engine_has_work(const struct engine *engine);
/* Deals with one batch. CTPS_OK, or what ends the process. */
enum ctps_code engine_turn(struct engine *engine, struct ctps_err *err);
/* Work that can wait: the name index, the next segment, key slots. Call when nothing waits;
 * *ret_more says that calling again soon is useful. */
enum ctps_code engine_idle(struct engine *engine, bool *ret_more, struct ctps_err *err);
/* Answers those whose plugin was reloaded meanwhile. Between two batches; free while nobody
 * waits. */
void engine_plugins_tell(struct engine *engine);
/* Once a second: day changes, keys of the month, announcements, orders, destruction. */
enum ctps_code engine_tick(struct engine *engine, struct ctps_err *err);

/* Unknown: it could not be read, or there was no memory for it; asking again may tell. */
enum engine_answer { ENGINE_NO, ENGINE_YES, ENGINE_UNKNOWN };

/* Whether this key may connect at all, and for which principal kind of door. */
enum engine_answer engine_key_is_live(struct engine *engine,
                                      const uint8_t public_key[ENGINE_KEY_LEN]);
/* Whether it may subscribe to that audience. */
enum engine_answer engine_key_may_subscribe(struct engine *engine, const char *audience,
                                            const uint8_t public_key[ENGINE_KEY_LEN]);
/* A key was refused before its request was looked at, or its connection was: journalled with
 * the next tick, at most once a minute for each key and refusal. */
void engine_door_refused(struct engine *engine, const uint8_t public_key[ENGINE_KEY_LEN],
                         const char *address, const char *refusal_name);
/* A key stands for plugin `name` from now on, until it is removed: for as long as its process
 * lives, in no entry and no file. CTPS_LIMIT past ENGINE_HOSTED_MAX. */
enum ctps_code engine_hosted_key_add(struct engine *engine,
                                     const uint8_t public_key[ENGINE_KEY_LEN],
                                     const char *name);
void engine_hosted_key_remove(struct engine *engine, const uint8_t public_key[ENGINE_KEY_LEN]);
/* What the heartbeat says, appended to `out`: an EventRecord with the newest event's header. */
void engine_heartbeat(struct engine *engine, const char *audience, struct buf *out);

/* Where a partner's open feed is published. */
struct engine_feed_place {
    uint64_t partner;
    uint32_t place; /* domain/feed.h: feed_endpoint_write */
};
/* The open feeds, in the order of partners: writes at most `max` places, answers how many there
 * are. */
size_t engine_feeds(const struct engine *engine, struct engine_feed_place *out, size_t max);

/* New rules from the configuration, from the next batch on. */
void engine_settings_set(struct engine *engine, const struct settings *settings);

/* Appends a packed Reply refusing request bytes that never became a request. */
void engine_refusal_make(struct bytes body, const char *refusal_name, struct buf *out);

/* --- a stopped store: check, rebuild, restore, stat --- */

struct engine_report {
    uint64_t entries;
    uint64_t events;
    uint64_t segments;
    uint64_t journal_len;
    uint64_t torn_len;
    uint64_t slots;
    uint64_t live_keys;
    uint64_t view_rows;
    bool views_trusted;
    uint8_t incarnation[16];
    uint8_t head_hash[32];
    uint8_t digest_found[32]; /* of a check, of views that are trusted */
    uint8_t digest_rebuilt[32];
    int64_t rebuild_us;
};

/* Verifies chain, seals, keyring and heads, and that the views equal a rebuild (made beside and
 * removed). CTPS_DAMAGED names the place. */
enum ctps_code engine_store_check(const struct engine_options *options,
                                  struct engine_report *ret_report, struct ctps_err *err);
/* Throws the views away and makes them again. */
enum ctps_code engine_store_rebuild(const struct engine_options *options,
                                    struct engine_report *ret_report, struct ctps_err *err);
/* Figures only, nothing verified but what opening verifies. */
enum ctps_code engine_store_stat(const struct engine_options *options,
                                 struct engine_report *ret_report, struct ctps_err *err);
/* Takes a backup's journal as this store's: the present one, if any, is set aside (its folder
 * renamed). New incarnation, slots burnt up to the keyring's mark, erasure ledger and revoked
 * keys applied. */
enum ctps_code engine_store_restore(const struct engine_options *options,
                                    const char *backup_dir, struct engine_report *ret_report,
                                    struct ctps_err *err);

#endif
