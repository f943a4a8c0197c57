/* What the files of engine share; nobody else includes it. */
#ifndef CTPS_ENGINE_ENGINE_PRIVATE_H
#define CTPS_ENGINE_ENGINE_PRIVATE_H

#include <limits.h>

#include "base/arena.h"
#include "base/civil.h"
#include "base/zone.h"
#include "domain/act.h"
#include "domain/apply.h"
#include "domain/decide.h"
#include "domain/duplicate.h"
#include "domain/feed.h"
#include "domain/notice.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/retention.h"
#include "engine/engine.h"
#include "journal/journal.h"
#include "policy/policy.h"
#include "seal/rng.h"
#include "vault/keyring.h"
#include "vault/ledger.h"
#include "vault/rootkey.h"
#include "view/view.h"

enum {
    ENGINE_ARENA_CAP = 64 << 20, /* of one batch */
    ENGINE_REPLAY_ARENA = 16 << 20,
    ENGINE_REPLAY_ROWS = 32768, /* of the views, held while replaying */
    ENGINE_PLACE_EVERY = 64,    /* entries between two rows of TABLE_PLACE */
    /* Free slots: what the requests of one batch may take, a saisine having 17, and more of
     * them when idle, so that a busy hour seldom waits for a block. */
    ENGINE_SLOTS_BATCH = ENGINE_BATCH_MAX * 17 + 8,
    ENGINE_SLOTS_IDLE = 2 * ENGINE_SLOTS_BATCH,
    ENGINE_KEEP_VIEWS_US = 1000000, /* busy, the views reach their file after so long */
    ENGINE_KEYRING_COPY_S = 60,     /* a busy engine copies a grown keyring after so long */
    ENGINE_REFUSALS_BURST = 30,     /* refusals journalled for one key at once… */
    ENGINE_REFUSALS_PER_S = 1,      /* …and per second afterwards; the rest are counted */
    ENGINE_RELOADS_MAX = 16,        /* plugins reloaded, and waited for */
    ENGINE_REFUSAL_KEYS = 64,       /* keys whose refusals are counted apart */
    ENGINE_BATCH_EVENTS_MAX = 8192,
    ENGINE_INDEX_CHUNK = 40, /* saisines indexed at a time when idle: a request waits for it */
};

/* One request waiting. */
struct queued {
    struct queued *next;
    struct engine_peer peer;
    size_t len;
    uint8_t body[];
};

/* Answer of one request, kept until the batch is flushed. */
struct pending {
    const struct queued *from;
    struct bytes reply; /* packed, in the batch arena */
    bool late;          /* dealt with after the commit (status, events, backup) */
    bool held;          /* answered later, by who keeps its peer */
    const struct request_row *command;
    const Ctps__Request *request;
    struct principal *who;
};

/* One event to publish once flushed. */
struct outgoing {
    const char *audience;
    const char *topic;
    struct bytes event; /* an EventRecord */
};

/* A plugin's reload that was asked for; once answered it is known until its place is wanted. */
struct engine_reload {
    bool waits;
    struct engine_peer peer;
    uint8_t id[16]; /* of the request */
    char name[PRINCIPAL_NAME_LEN];
};

/* A partner's open feed. */
struct engine_feed {
    struct engine_feed_place at;
    uint64_t last_number; /* of its newest notice that is durable */
    uint64_t next_number; /* the same with the batch at hand */
};

struct refusal_budget {
    uint8_t public_key[ENGINE_KEY_LEN];
    int64_t at_us; /* monotonic */
    int32_t tokens;
};

/* The key of a running plugin. */
struct hosted_key {
    uint8_t public_key[ENGINE_KEY_LEN];
    char name[PRINCIPAL_NAME_LEN];
};

struct subject_change {
    uint64_t saisine;
};

/* How far the signed log of the plugin audit got; times are monotonic. */
/* Imports that are being taken back. */
struct engine_undo {
    bool wanted;      /* there may be one: looked for at the start, and once one was begun */
    int64_t asked_us; /* monotonic: when somebody last asked for a part, or the process began */
};

struct signed_log {
    bool known;         /* the plugin has said */
    uint64_t count;     /* entries it has signed for */
    int64_t covered_us; /* what was journalled before is signed for; at first: the start */
    uint64_t mark_seq;  /* when it reaches this, all before mark_us is */
    int64_t mark_us;    /* 0: none */
    bool alarmed, refusing;
};

struct engine_signed_state {
    bool is_configured;
    uint64_t count, lag;
    int64_t behind_us;
    bool alarm, reads_refused;
};

struct engine {
    struct engine_options options;
    struct engine_out out;
    const struct sys *sys;
    const struct log *log;
    char dir[PATH_MAX - 64];

    struct seal_key *store_key;
    struct seal_key *views_key;
    struct seal_key *digest_key; /* of the current window */
    uint64_t digest_slot;
    struct seal_key *spare_key;
    struct journal *journal;
    struct keyring *keyring;
    struct ledger *ledger;
    struct view *view;
    struct known *known; /* own: who asked lately */
    struct settings settings;

    struct sealer sealer;
    uint64_t tentative_slot; /* next one take_slot gives in the decision at hand */
    struct names names;
    struct duplicate_index *index;
    enum table index_table; /* being looked at while building: saisines, then situations */
    uint64_t index_from;    /* last id looked at */
    struct judge judge;
    struct policy_now now; /* of the batch: what the clock says */
    int64_t entry_us; /* time of the next entry: never goes back, whatever the clock says */

    struct queued *queue_head;
    struct queued **queue_tail;
    unsigned queue_count;

    /* the batch */
    struct arena arena;
    struct act_reserve reserve;
    struct pending pending[ENGINE_BATCH_MAX];
    unsigned pending_count;
    struct outgoing outgoing[ENGINE_BATCH_EVENTS_MAX];
    unsigned outgoing_count;
    /* refusals and sessions met while only reading: at most one of each a request */
    Ctps__Entry *stashed[2 * ENGINE_BATCH_MAX];
    unsigned stashed_count;
    uint64_t indexed[ENGINE_BATCH_MAX * 2]; /* saisines added to the index in this batch */
    unsigned indexed_count;
    bool reindexed;           /* somebody known already was added or corrected in this batch */
    uint64_t forgotten[1024]; /* saisines to leave the index once flushed */
    unsigned forgotten_count;
    uint64_t
        renewed[64]; /* saisines to be indexed anew once flushed: a part went, or came back */
    unsigned renewed_count;
    uint8_t revoked[ENGINE_BATCH_MAX][ENGINE_KEY_LEN];
    unsigned revoked_count;
    bool reload_wanted;
    bool rights_changed; /* somebody may have lost an audience */
    bool feeds_changed;  /* one was opened or closed */
    bool feeds_unread;   /* since then they could not be read: tried again each second */
    bool is_finishing;   /* the arena still holds what is to be told */
    uint64_t *lent; /* own: saisines past their term, known by name while their import runs */
    size_t lent_count;
    size_t lent_cap;
    int64_t lent_at_us; /* monotonic, of the last one */
    bool lent_over;     /* their import ended in this batch */
    bool names_starved; /* what could not be read may lack in the index of names */
    bool failed; /* an append failed, or a key could not be read: the batch is dropped and its
                    requests tried one by one */

    /* time */
    int64_t wall_seen_us; /* at the last entry of this process */
    int64_t mono_seen_us;
    bool clock_back;
    int64_t tick_us;
    int64_t destroyed_at_us; /* monotonic, of the last destruction; 0: none */
    int64_t extended_at_us;  /* monotonic, of the first block not copied yet; 0: none */
    int32_t daily_done_day;
    int64_t views_flushed_us; /* monotonic, when idle */
    uint64_t idle_batches;    /* `batches` when last idle */

    struct engine_backup *backup; /* own: the one being made, or NULL */
    uint8_t backup_id[16];        /* request of the last one made */
    struct buf backup_reply;
    struct hosted_key hosted[ENGINE_HOSTED_MAX];
    unsigned hosted_count;
    struct engine_reload reloads[ENGINE_RELOADS_MAX];
    unsigned reload_next;
    unsigned reloads_waiting;
    struct refusal_budget budgets[ENGINE_REFUSAL_KEYS];
    struct engine_sessions *sessions; /* own */
    struct engine_feed *feeds;        /* own: those that are open */
    size_t feed_count;

    struct signed_log signed_log;
    struct engine_undo undo;

    /* figures */
    uint64_t batches;
    uint64_t requests;
    uint64_t largest_batch;
    uint64_t refusals_counted_only;
    uint64_t flush_us_sum;
    uint64_t rebuilt_entries;
    int64_t recovery_us;
    bool views_were_fresh;
    struct {
        int64_t decide_us, apply_us, flush_us, commit_us, out_us;
    } shares;
};

/* --- imports taken back: engine_undo.c --- */
/* At the start, and when somebody has an import taken back. */
void engine_undo_note(struct engine *engine);
/* Takes a part back when nobody asked for one for a while. */
enum ctps_code engine_undo_tick(struct engine *engine, struct ctps_err *err);

/* --- acts --- */
/* A blank act in the batch arena for `who`; NULL without memory. */
struct act *engine_act_new(struct engine *engine, const struct principal *who,
                           const Ctps__Request *request);
/* Turns what an act decided into an entry of the batch: framed, applied, its events queued for
 * publication. */
enum ctps_code engine_act_append(struct engine *engine, struct act *act, Ctps__EntryKind kind,
                                 const struct queued *from, struct ctps_err *err);
/* Frames and applies one entry. */
enum ctps_code engine_entry_append(struct engine *engine, Ctps__Entry *entry,
                                   struct ctps_err *err);
/* A system act: `fill` emits its events; nothing is appended when it emits none. Opens, flushes
 * and commits a batch of its own. */
enum ctps_code engine_system(struct engine *engine,
                             void (*fill)(struct engine *engine, struct act *act, void *arg),
                             void *arg, struct ctps_err *err);

/* --- batch --- */
enum ctps_code engine_batch_begin(struct engine *engine, bool write, struct ctps_err *err);
/* Flush, commit; on failure the process must end. */
enum ctps_code engine_batch_commit(struct engine *engine, struct ctps_err *err);
void engine_batch_drop(struct engine *engine);
/* Publishes and tells what the committed batch left to tell; empties the arena. */
void engine_batch_finish(struct engine *engine);
/* Whether something could not be read, or there was no memory for it, since the batch or the
 * transaction began: what looked absent may be there. */
bool engine_is_blind(const struct engine *engine);
/* For what is asked between batches, and while one is finished: empties the arena, unless it
 * still holds what that one has to tell. */
void engine_scratch_release(struct engine *engine);
/* The time of the next entry: never before the last one. */
int64_t engine_entry_time(struct engine *engine);

/* --- requests --- */
void engine_request_run(struct engine *engine, struct pending *pending);
/* Whether any waiting request of the next batch writes. */
bool engine_request_writes(struct engine *engine, const struct pending *pending);
/* Whether the whole name index must be there first. */
bool engine_request_needs_names(const struct pending *pending);
void engine_request_parse(struct engine *engine, struct pending *pending);
void engine_request_late(struct engine *engine, struct pending *pending);
Ctps__Reply *engine_reply_new(struct engine *engine, const Ctps__Request *request,
                              Ctps__ReplyStatus status);
void engine_reply_set(struct engine *engine, struct pending *pending, const Ctps__Reply *reply);
void engine_reply_refuse(struct engine *engine, struct pending *pending, enum refusal refusal,
                         const char *detail);

/* How many entries whoever follows an audience up to `position` is behind. */
uint64_t engine_lag(const struct engine *engine, bool audit, uint64_t position);

/* --- plugins: engine_plugins.c --- */
void engine_plugins_answer(struct engine *engine, struct pending *pending);
/* Begins a reload and holds the request, whose answer comes once it is over. */
void engine_plugin_reload_answer(struct engine *engine, struct pending *pending);

/* --- who asks --- */
/* Whom a key stands for now: in a transaction, with the day of engine->now. CTPS_ABSENT when
 * the key is not known or revoked, CTPS_INVALID when it stands for nobody; anything else when
 * that cannot be found out now. */
enum ctps_code engine_who_find(struct engine *engine, const uint8_t *public_key,
                               struct principal *ret_who);
/* What is kept is asked for again: the configuration changed. */
void engine_who_forget(struct engine *engine);

/* --- audit --- */
/* A read entry for an act that opened something, or a refusal entry. */
enum ctps_code engine_audit_append(struct engine *engine, const struct pending *pending,
                                   const struct act *act, Ctps__EntryKind kind,
                                   const char *result, struct ctps_err *err);
/* An entry whose audit part is `record`, with the events of `act` (may be NULL) when it is a
 * read's; while only reading it waits for a transaction that writes. */
enum ctps_code engine_audit_put(struct engine *engine, const Ctps__AuditRecord *record,
                                const struct act *act, Ctps__EntryKind kind,
                                struct ctps_err *err);
/* Opens the audit part of an entry into packed bytes of `arena`; CTPS_ABSENT once its month's
 * key was destroyed. */
enum ctps_code engine_audit_open(struct engine *engine, struct arena *arena,
                                 const Ctps__Entry *entry, struct bytes *ret_packed);
/* Whether one more refusal of this key may be journalled now. */
bool engine_refusal_is_affordable(struct engine *engine, const uint8_t *public_key);

/* --- the signed log of the plugin audit --- */
void engine_signed_start(struct engine *engine);
/* What the plugin says when it asks for hashes; anybody else's word counts for nothing. */
void engine_signed_note(struct engine *engine, const struct principal *who,
                        uint64_t signed_count);
int64_t engine_signed_behind_us(const struct engine *engine);
void engine_signed_state(const struct engine *engine, struct engine_signed_state *ret_state);
/* Says on the log when an alarm begins and ends. */
/* What is wrong with the log now, as codes: "behind", and what the plugin's own alarms are
 * called. */
void engine_signed_alarms(struct engine *engine, struct act *act);
void engine_signed_tick(struct engine *engine);

/* --- sessions --- */
struct engine_sessions *engine_sessions_new(void); /* own; NULL without memory */
void engine_sessions_free(struct engine_sessions **sessions);
/* The request was accepted: the first of its key today is journalled. */
void engine_session_note(struct engine *engine, const struct pending *pending);
/* The batch that noted sessions was finished, or dropped. */
void engine_sessions_settle(struct engine *engine, bool were_kept);
/* Journals what was refused at the door. No batch may be open. */
enum ctps_code engine_door_tick(struct engine *engine, struct ctps_err *err);

/* --- ports --- */
void engine_sealer_init(struct engine *engine);
/* What tells a request sent again from another one under the same id, by the key of a window.
 */
enum ctps_code engine_request_digest(struct engine *engine, uint64_t slot, struct bytes body,
                                     uint8_t out[SEAL_SHORT_LEN]);
/* Whether a key may be there though it could not be read: neither destroyed nor damaged. */
bool engine_key_is_unknown(enum ctps_code code);
void engine_judge_init(struct engine *engine);
enum ctps_code engine_names_init(struct engine *engine, struct ctps_err *err);
/* Indexes some more saisines and situations; sets names.complete at the end. A read transaction
 * must be open.
 */
void engine_names_build(struct engine *engine, unsigned count);
void engine_names_add_request(struct engine *engine, const Ctps__SaisineReceived *received,
                              const Ctps__SaisineReceive *in);
void engine_names_forget(struct engine *engine, uint64_t saisine);
void engine_names_forget_all(struct engine *engine);
/* Takes the persons of a saisine, or those added to a situation, out of the index and reads
 * them again from the views. */
void engine_names_renew(struct engine *engine, uint64_t id);
/* Lends a subject to the index until its import ends (or an hour passes): its names are kept
 * nowhere else. */
void engine_names_lend(struct engine *engine, uint64_t saisine);
void engine_names_give_back(struct engine *engine);

/* --- events --- */
void engine_publish_queue(struct engine *engine, const Ctps__Entry *entry, uint64_t seq);
/* One event to publish, once flushed, to the audience its header names. */
void engine_outgoing_add(struct engine *engine, Ctps__EventHeader *header,
                         Ctps__Notice *notice);
/* Events of a known audience after number `after`, rights judged now; NULL without memory or
 * when the journal cannot be read. */
Ctps__EventsAnswer *engine_events_page(struct engine *engine, const char *audience,
                                       uint64_t after, uint32_t limit);
void engine_webhook_answer(struct engine *engine, struct pending *pending);
void engine_events_answer(struct engine *engine, struct pending *pending);
Ctps__Principal *engine_principal_stored(struct engine *engine, const struct principal *who);
Ctps__EventHeader *engine_header_new(struct arena *arena, const uint8_t *incarnation,
                                     const char *audience, uint64_t number, uint64_t previous,
                                     int64_t time_us, const char *topic);

/* --- feeds --- */
/* Queues what a partner's feed got, as struct apply.on_told; `ctx` is the engine. */
void engine_feed_told(void *ctx, uint64_t partner, uint64_t number, Ctps__FeedItem *item);
/* Reads from the views which feeds are open. No transaction may be open. */
enum ctps_code engine_feeds_load(struct engine *engine, struct ctps_err *err);
/* Reads them again and tells of it; when that fails, the next tick does. */
void engine_feeds_renew(struct engine *engine);
/* The open feed that audience is; NULL when there is none. */
struct engine_feed *engine_feed_find(const struct engine *engine, const char *audience);
/* The batch was flushed, or dropped. */
void engine_feeds_settle(struct engine *engine, bool were_kept);
/* Fills a page of events of a partner's audience, those after number `after`. */
void engine_feed_collect(struct engine *engine, const char *audience, uint64_t after,
                         uint32_t limit, Ctps__EventsAnswer *answer);

/* --- daily work --- */
enum ctps_code engine_daily(struct engine *engine, struct ctps_err *err);
enum ctps_code engine_erasures_finish(struct engine *engine, struct ctps_err *err);
/* Removes keyring backups past their term. */
void engine_backups_expire(struct engine *engine);
/* Keys of the month and of the window exist; the day is noted. */
enum ctps_code engine_keys_ensure(struct engine *engine, struct ctps_err *err);
/* Adds blocks until so many slots are free. No batch may be open. */
enum ctps_code engine_keyring_top_up(struct engine *engine, uint64_t free_count,
                                     struct ctps_err *err);

void engine_queue_free(struct engine *engine);

/* --- recovery --- */
enum ctps_code engine_replay(struct engine *engine, struct ctps_err *err);
enum ctps_code engine_parts_open(struct engine *engine, bool read_only, struct ctps_err *err);
/* The same without holding the journal's head against the keyring's mark. */
enum ctps_code engine_parts_open_restored(struct engine *engine, struct ctps_err *err);
void engine_store_head_report(const struct engine *engine, struct engine_report *report);
/* Views under <data>/<name>, made anew from the journal and left open. */
enum ctps_code engine_store_views_make(struct engine *engine, const char *name,
                                       struct engine_report *report, struct ctps_err *err);
void engine_parts_close(struct engine *engine);
struct engine *engine_new(const struct engine_options *options, struct ctps_err *err);
void engine_free(struct engine **engine);
enum ctps_code engine_path(const struct engine *engine, const char *name, char out[PATH_MAX],
                           struct ctps_err *err);
void engine_mark(const struct engine *engine, struct keyring_mark *ret_mark);

/* --- keys revoked, kept beside the ledger --- */
enum ctps_code engine_revoked_append(struct engine *engine, const uint8_t *public_key,
                                     struct ctps_err *err);
/* Adds lines that could not be written when their keys were revoked. */
enum ctps_code engine_revoked_settle(struct engine *engine, struct ctps_err *err);
struct engine_revoked {
    uint8_t (*keys)[ENGINE_KEY_LEN]; /* borrow of the arena */
    size_t count;
};
enum ctps_code engine_revoked_read(struct engine *engine, struct arena *arena,
                                   struct engine_revoked *ret_revoked, struct ctps_err *err);

/* --- figures --- */
void engine_status_answer(struct engine *engine, struct pending *pending);
void engine_trail_answer(struct engine *engine, struct pending *pending);
void engine_hashes_answer(struct engine *engine, struct pending *pending);
/* Where entry `seq` stands; known of every ENGINE_PLACE_EVERY-th one. */
bool engine_place_find(struct engine *engine, uint64_t seq, struct journal_place *ret_place);
void engine_backup_answer(struct engine *engine, struct pending *pending);
/* Does a part of the backup under way, if one is; false: none is any more. */
bool engine_backup_step(struct engine *engine);
/* Some parts of it, for when the daemon is never idle. */
void engine_backup_tick(struct engine *engine);
/* Gives up the one under way; who waits for it is not answered. */
void engine_backup_free(struct engine *engine);

#endif
