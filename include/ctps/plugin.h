/*
 * ctps/plugin.h: write a plugin for ctpsd. A plugin is one shared object that exports one
 * `const struct ctps_plugin ctps_plugin`; it runs alone in a sandboxed ctps-host process, and
 * what it may ask for is granted by the daemon's configuration, capability by capability.
 *
 *     static enum ctps_verdict on_event(void *self, const struct ctps_event *event) { … }
 *
 *     CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
 *         .magic = CTPS_PLUGIN_MAGIC,
 *         .abi_major = 1, .abi_minor = 0,      the version coded against, as literals
 *         .struct_len = sizeof(struct ctps_plugin),
 *         .name = "example", …
 *     };
 *
 * One thread: every callback is called on the host's loop, never two at a time, and must not
 * block (a callback longer than the host's patience counts as a hang and ends the process).
 * Strings are UTF-8 and end in zero. Pointers given to a callback are borrowed until it returns
 * unless said otherwise. Messages are the bytes of schemas/ctps/ (protobuf).
 *
 * A plugin may be ended at any instant and started again: what it must not forget or do twice
 * it records through the daemon (`effect.record`) or in its state folder. Events come in order,
 * none left out; after a restart the last ones may come again.
 */
#ifndef CTPS_PLUGIN_H
#define CTPS_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ctps/client.h>

#define CTPS_EXPORT        __attribute__((visibility("default")))
#define CTPS_PLUGIN_MAGIC  UINT32_C(0x53505443) /* "CTPS" read as little-endian */
#define CTPS_PLUGIN_SYMBOL "ctps_plugin"

enum {
    CTPS_PLUGIN_NAME_MAX = 32, /* [a-z][a-z0-9-]*, without its end */
    CTPS_REQUEST_ID_LEN = 16,
    CTPS_EFFECT_KEY_MAX = 64, /* [A-Za-z0-9._:/-], without its end */
};

/* --- what the host does for a plugin --- */

struct ctps_host;
struct ctps_timer;
struct ctps_watch;

/* How on_event ended. */
enum ctps_verdict {
    CTPS_VERDICT_DONE,   /* the cursor moves on */
    CTPS_VERDICT_LATER,  /* event_end will say; no further event comes before */
    CTPS_VERDICT_RETRY,  /* the same event again, after a growing delay, a few times */
    CTPS_VERDICT_POISON, /* never again: to the dead letters, for a human */
};

enum ctps_level { CTPS_LEVEL_ERROR, CTPS_LEVEL_WARNING, CTPS_LEVEL_INFO, CTPS_LEVEL_DEBUG };

/* The answer to a request. `reply`: a Reply as bytes when status is CTPS_STATUS_OK or
 * CTPS_STATUS_REFUSED, else NULL. CTPS_STATUS_TIMEOUT: it may have been done; the same bytes
 * may be sent again. */
typedef void ctps_answered(void *arg, enum ctps_status status, const uint8_t *reply,
                           size_t reply_len);
/* The end of a connection asked for. `fd`: connected, non-blocking, own (close it); -1 with
 * CTPS_STATUS_REFUSED (not granted, or 32 are being opened) or CTPS_STATUS_IO (no such host, no
 * answer within 20 s). */
typedef void ctps_connected(void *arg, enum ctps_status status, int fd);
/* A timer is due; it is gone when this returns, and its pointer with it. */
typedef void ctps_due(void *arg);
/* A watched descriptor is ready, for one or both of what is wanted; called again each turn for
 * as long as it is. */
typedef void ctps_ready(void *arg, bool readable, bool writable);

/* Filled by the host; a plugin looks at `len` before it uses a member added by a later minor
 * version. Every function may be called from any callback, on the host's one thread, and
 * nowhere else. What is given to one is copied; none blocks. */
struct ctps_host_api {
    size_t len;

    /* Sends a Request (its id set: see request_id) in the plugin's own name. `done` is called
     * once, later, unless the process ends before. CTPS_STATUS_TOO_LARGE past
     * CTPS_REQUEST_MAX, CTPS_STATUS_INVALID when 1,024 wait already: `done` is then not
     * called. */
    enum ctps_status (*request)(struct ctps_host *host, const uint8_t *request,
                                size_t request_len, ctps_answered *done, void *arg);
    /* Fills `out` with the same id for the same words, for this plugin, for ever: asking again
     * after a crash is then the same request. `words` ends in zero, of any length. */
    void (*request_id)(struct ctps_host *host, const char *words,
                       uint8_t out[CTPS_REQUEST_ID_LEN]);
    /* Ends event `number`, which on_event answered CTPS_VERDICT_LATER to; `verdict` is another
     * one. Does nothing for an event that is not the one under way. */
    void (*event_end)(struct ctps_host *host, uint64_t number, enum ctps_verdict verdict);

    /* One shot, `after_ms` milliseconds from now (0 or less: the next turn), counted by a clock
     * that does not jump. Own: it ends when due, or before with timer_remove. NULL without
     * memory. */
    struct ctps_timer *(*timer_add)(struct ctps_host *host, int64_t after_ms, ctps_due *due,
                                    void *arg);
    /* Idempotent, nulls the pointer; not of one that came due. */
    void (*timer_remove)(struct ctps_host *host, struct ctps_timer **timer);
    /* Watches `fd` (borrow: it stays the plugin's, open until watch_remove). Own. NULL without
     * memory or when `fd` cannot be watched. */
    struct ctps_watch *(*watch_add)(struct ctps_host *host, int fd, bool readable,
                                    bool writable, ctps_ready *ready, void *arg);
    /* Idempotent, nulls the pointer; allowed from its own callback. */
    void (*watch_remove)(struct ctps_host *host, struct ctps_watch **watch);
    /* Microseconds since 1970-01-01 UTC; may jump. Tests move it: ask no other clock. */
    int64_t (*now_us)(struct ctps_host *host);

    /* Opens a TCP connection to a host (name or address) and port the configuration grants
     * (`connect`); names are resolved outside the sandbox. `done` is called once, later, unless
     * the process ends before. CTPS_STATUS_INVALID when 1,024 requests and connections wait
     * already: `done` is then not called. */
    enum ctps_status (*connect)(struct ctps_host *host, const char *name, uint16_t port,
                                ctps_connected *done, void *arg);
    /* The listening socket of the configuration's `listen`, counted from 0: non-blocking, for
     * accept4(); borrow, for the process' life. -1: no such. */
    int (*listener)(struct ctps_host *host, unsigned index);

    /* One line, English, ids only: never a name, a text or an address of anybody. Cut after 400
     * bytes. 200 lines and figures at once and 20 a second are kept, the rest counted. */
    void (*log)(struct ctps_host *host, enum ctps_level level, const char *line);
    /* A figure for `ctps plugin show`, until the next of that name; `name` as "mails.sent", at
     * most 47 bytes. 32 names are kept, the later ones not. One named "alarm.…" is an alarm of
     * `ctps status` while it is not 0. */
    void (*metric)(struct ctps_host *host, const char *name, int64_t value);

    /* Options by their name in `options`; borrow, until reload. NULL and 0 for a name that is
     * no row, NULL for one that is not set and has no fallback. */
    const char *(*option_string)(struct ctps_host *host, const char *name);
    /* Integers, durations (in milliseconds) and booleans (0 or 1). */
    int64_t (*option_int)(struct ctps_host *host, const char *name);
    /* Element `index` of a list, NULL past its end. */
    const char *(*option_item)(struct ctps_host *host, const char *name, unsigned index);
    /* Bytes of the file a CTPS_OPTION_SECRET names (at most 64 KiB, not ended by zero), read
     * before the process began; borrow, for its life. CTPS_STATUS_ABSENT when the option is not
     * set. */
    enum ctps_status (*secret)(struct ctps_host *host, const char *name,
                               const uint8_t **ret_data, size_t *ret_len);
    /* The one folder it may write to (absolute, without '/' at its end; borrow, for the
     * process' life). What is in it survives restarts; it may hold as much as `state_max` of
     * its section, and files of at most 256 MiB. */
    const char *(*state_dir)(struct ctps_host *host);
    /* Says that drain is over; `stop` is called next, and nothing else. */
    void (*drained)(struct ctps_host *host);
};

/* --- what a plugin is --- */

enum ctps_option_type {
    CTPS_OPTION_STRING,
    CTPS_OPTION_INT,
    CTPS_OPTION_BOOL,
    CTPS_OPTION_DURATION, /* "30 s", "2 h", "5 d": milliseconds */
    CTPS_OPTION_LIST,     /* of strings */
    CTPS_OPTION_FILE,     /* readable inside the sandbox */
    CTPS_OPTION_SECRET,   /* a file read before the sandbox closes */
};

/* One option of the plugin's own section in the configuration. */
struct ctps_option {
    const char *name; /* [a-z0-9_.] */
    enum ctps_option_type type;
    const char *fallback; /* as it would be written; NULL: none */
    bool required;
    int64_t min, max; /* of integers and durations; both 0: any */
    const char *unit; /* for help; NULL: none */
    const char *help; /* one sentence */
};

struct ctps_plugin {
    /* Read first; nothing else is looked at until they match. */
    uint32_t magic;
    uint16_t abi_major; /* must be the host's */
    uint16_t abi_minor; /* at most the host's */
    uint32_t struct_len;
    uint32_t flags; /* 0 */

    const char *name;
    const char *version;
    const char *summary; /* one sentence, English */
    /* Actions of `ctps policy show` it needs, ended by NULL: one that is not granted refuses
     * the start. */
    const char *const *actions;
    /* Audiences it follows, ended by NULL. */
    const char *const *audiences;
    const struct ctps_option *options;
    size_t option_count;

    /* Everything lazy (locale, zones, resolver) must be touched here: the sandbox closes when
     * it returns. It is half closed already: no socket, no process, no file but libraries, what
     * they read, the files options name and the state folder. `host` and `api` are borrowed for
     * the process' life. CTPS_STATUS_OK: *ret_self is given to every other callback. Another
     * status: the line put in `why` (its length in `why_len`) is what the operator reads. */
    enum ctps_status (*start)(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len);
    /* One event, borrowed for the call; no other comes before it is judged. NULL when it
     * follows no audience. */
    enum ctps_verdict (*on_event)(void *self, const struct ctps_event *event);
    /* Options changed. Answering other than CTPS_STATUS_OK makes the process start again. NULL:
     * always start again. */
    enum ctps_status (*reload)(void *self);
    /* No further event comes: end what is under way, then call `drained`, in the time the
     * configuration gives. NULL: nothing to end. */
    void (*drain)(void *self);
    /* Last call. Frees `self`. NULL: nothing to free. */
    void (*stop)(void *self);
};

/* The layout is the contract: of what a plugin exports, and of what it is given. A later minor
 * version adds behind; nothing moves. */
_Static_assert(offsetof(struct ctps_plugin, magic) == 0, "ABI");
_Static_assert(offsetof(struct ctps_plugin, abi_major) == 4, "ABI");
_Static_assert(offsetof(struct ctps_plugin, abi_minor) == 6, "ABI");
_Static_assert(offsetof(struct ctps_plugin, struct_len) == 8, "ABI");
_Static_assert(offsetof(struct ctps_plugin, flags) == 12, "ABI");
_Static_assert(offsetof(struct ctps_plugin, name) == 16, "ABI");
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(offsetof(struct ctps_plugin, option_count) == 64, "ABI");
_Static_assert(offsetof(struct ctps_plugin, start) == 72, "ABI");
_Static_assert(offsetof(struct ctps_plugin, stop) == 104, "ABI");
_Static_assert(sizeof(struct ctps_plugin) == 112, "ABI");
_Static_assert(offsetof(struct ctps_option, fallback) == 16, "ABI");
_Static_assert(offsetof(struct ctps_option, required) == 24, "ABI");
_Static_assert(offsetof(struct ctps_option, min) == 32, "ABI");
_Static_assert(offsetof(struct ctps_option, unit) == 48, "ABI");
_Static_assert(sizeof(struct ctps_option) == 64, "ABI");
_Static_assert(offsetof(struct ctps_host_api, request) == 8, "ABI");
_Static_assert(offsetof(struct ctps_host_api, timer_add) == 32, "ABI");
_Static_assert(offsetof(struct ctps_host_api, now_us) == 64, "ABI");
_Static_assert(offsetof(struct ctps_host_api, connect) == 72, "ABI");
_Static_assert(offsetof(struct ctps_host_api, log) == 88, "ABI");
_Static_assert(offsetof(struct ctps_host_api, option_string) == 104, "ABI");
_Static_assert(offsetof(struct ctps_host_api, secret) == 128, "ABI");
_Static_assert(offsetof(struct ctps_host_api, drained) == 144, "ABI");
_Static_assert(offsetof(struct ctps_event, topic) == 24, "ABI");
_Static_assert(offsetof(struct ctps_event, notice) == 32, "ABI");
_Static_assert(offsetof(struct ctps_event, was_pulled) == 48, "ABI");
_Static_assert(offsetof(struct ctps_event, incarnation) == 49, "ABI");
_Static_assert(sizeof(struct ctps_event) == 72, "ABI");
#endif

#endif
