/*
 * plugins: supervises one ctps-host process for each plugin of the configuration. It starts
 * them, gives each a key of its own that lives as long as the process and stands in no file,
 * takes their log lines, starts them again after a doubling delay when they end by themselves,
 * drains them on stop and replaces them on reload. A plugin's crash, hang or flood costs its
 * process and nothing else.
 *
 *     describing ─► described ─► starting ─► ready ─► draining ─► stopped
 *         │                          └────┬────┘              (replaced: ─► starting)
 *         └─► failed                   failed ─► describing …   throttled once often in a row
 */
#ifndef CTPS_PLUGINS_PLUGINS_H
#define CTPS_PLUGINS_PLUGINS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sys.h"
#include "ctps/answer.pb-c.h"
#include "loop/loop.h"
#include "seal/curve.h"

enum { PLUGINS_MAX = 32, PLUGIN_NAME_LEN = 33 };

/* One plugin as the configuration gives it. Everything is copied. */
struct plugin_config {
    const char *name;      /* [a-z0-9-], at most 32 */
    const char *file;      /* the shared object, absolute */
    const char *conf_file; /* where the options stand, for messages */
    const char *options;   /* text of its own rows (conf_open_load) */
    const char *const *actions;
    size_t action_count;
    const char *const *audiences;
    size_t audience_count;
    const char *const *connect; /* "HOST:PORT" */
    size_t connect_count;
    const char *const *listen; /* "ADDRESS:PORT" */
    size_t listen_count;
    const char *record;    /* NULL: not recorded */
    const char *state_dir; /* made when absent, mode 0700 */
    uint32_t uid;          /* 0: as the daemon */
    uint32_t gid;
    uint64_t memory_max; /* bytes */
    uint64_t state_max;  /* bytes its folder may take */
    uint32_t patience_ms;
    uint32_t drain_ms;
    uint32_t retry_ms; /* before an event it asks for again comes; then doubled */
};

struct plugins_options {
    const struct sys *sys;
    const struct log *log;
    const char *host_program; /* ctps-host */
    uint8_t server_key[CURVE_KEY_LEN];
    const char *commands; /* endpoint */
    /* Endpoint of an audience; NULL when there is none of that name. */
    const char *(*audience_endpoint)(void *ctx, const char *audience);
    /* A key begins and ends to stand for a plugin. */
    void (*key_added)(void *ctx, const char *name, const uint8_t *public_key);
    void (*key_removed)(void *ctx, const char *name, const uint8_t *public_key);
    void *ctx;
};

struct plugins;

/* Texts and functions are borrowed and outlive it. Own: plugins_close(). */
enum ctps_code plugins_open(struct loop *loop, const struct plugins_options *options,
                            struct plugins **ret_plugins, struct ctps_err *err);
/* Ends what still runs at once. Idempotent, nulls the pointer. */
void plugins_close(struct plugins **plugins);

/* What the configuration says now: new ones are described and started, those that went are
 * drained, changed ones replaced, those whose options alone changed told so. Nothing waits: a
 * file is asked in a process of its own, and the rest follows from its answer. A plugin that
 * cannot be described or whose options are wrong is `failed` with a sentence, and hurts nobody;
 * one that runs already runs on as it was. CTPS_NOMEM: one that is new could not be taken. */
enum ctps_code plugins_configure(struct plugins *plugins, const struct plugin_config *configs,
                                 size_t count);
/* Asks its file anew, then drains it and starts it again; a file that is no good leaves it
 * running. CTPS_ABSENT when there is no such plugin. */
enum ctps_code plugins_reload(struct plugins *plugins, const char *name);
/* Whether nothing asked of it is under way: it is ready, has failed or has stopped; or there is
 * none of that name (any more). */
bool plugins_is_settled(const struct plugins *plugins, const char *name);
/* Drains all; plugins_is_quiet() then says when all have ended. */
void plugins_drain(struct plugins *plugins);
bool plugins_is_quiet(const struct plugins *plugins);

/* Calls `told` for each figure a plugin told that is an alarm while it is not 0: those named
 * "alarm.…", without that beginning. */
void plugins_alarms(const struct plugins *plugins,
                    void (*told)(void *arg, const char *plugin, const char *name,
                                 int64_t value),
                    void *arg);

/* Views in `arena`, of `name` alone or all when empty. NULL without memory. */
Ctps__PluginAnswer *plugins_list(const struct plugins *plugins, struct arena *arena,
                                 const char *name);

#endif
