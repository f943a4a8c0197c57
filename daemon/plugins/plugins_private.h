/* What the files of plugins share; nobody else includes it. */
#ifndef CTPS_PLUGINS_PLUGINS_PRIVATE_H
#define CTPS_PLUGINS_PLUGINS_PRIVATE_H

#include "ctps/link.pb-c.h"
#include "plugins/plugins.h"
#include "plugins/process.h"
#include "plugins/restart.h"

enum { WHY_LEN = 400, LEVEL_LEN = 128, FIGURES_MAX = 32, FIGURE_NAME_LEN = 48 };

enum plugin_state {
    PLUGIN_DESCRIBING,
    PLUGIN_DESCRIBED,
    PLUGIN_STARTING,
    PLUGIN_READY,
    PLUGIN_DRAINING,
    PLUGIN_STOPPED,
    PLUGIN_FAILED,
    PLUGIN_THROTTLED,
    PLUGIN_STATE_COUNT
};

struct figure {
    char name[FIGURE_NAME_LEN];
    int64_t value;
};

/* A section of the configuration and what its file says it is. */
struct definition {
    struct arena arena; /* of all of it */
    struct plugin_config config;
    Ctps__PluginDescription *description; /* NULL: not known */
};

/* Options as they are given to a process. */
struct option_set {
    struct arena arena; /* of all of it */
    Ctps__LinkOption **items;
    size_t count;
    char **readable; /* files they name */
    size_t readable_count;
};

struct plugin {
    struct plugins *plugins;
    char name[PLUGIN_NAME_LEN];
    struct definition now;   /* in force; its description NULL until one was good */
    struct definition *next; /* being described; NULL: none */
    struct process describer;
    struct loop_timer *describe_timer; /* of one that takes too long */
    struct option_set options;

    enum plugin_state state;
    char why[WHY_LEN];
    char last_words[WHY_LEN]; /* why its host is about to end */
    char level[LEVEL_LEN];
    int64_t since_us;
    int64_t next_start_us; /* 0: none */
    unsigned starts;
    struct restart restart;
    bool wanted;  /* to be started again once it has ended */
    bool fresh;   /* described since its last start */
    bool removed; /* to be forgotten once it has ended */

    struct process host;
    bool has_key;
    uint8_t public_key[CURVE_KEY_LEN];
    uint8_t secret_key[CURVE_KEY_LEN];
    struct loop_timer
        *timer; /* of the next start, or of a start or drain that takes too long */
    struct figure figures[FIGURES_MAX];
    size_t figure_count;
    uint64_t state_bytes; /* what its folder takes */
};

struct plugins {
    struct loop *loop;
    struct plugins_options options;
    struct plugin *all[PLUGINS_MAX];
    size_t count;
    bool draining;
};

/* --- plugins_describe.c --- */
/* Begins to find out what `config` and its file make; plugin_described() tells the end of it.
 * `config` may be the plugin's own. An earlier description under way is given up. */
void plugin_describe(struct plugin *plugin, const struct plugin_config *config);
/* Gives it up. */
void plugin_describe_cancel(struct plugin *plugin);
/* What a describing process says; false: it makes no sense. */
bool plugin_describe_take(struct plugin *plugin, const Ctps__LinkFrame *frame);

/* --- plugins_grants.c --- */
/* What it wants against what its section grants; false: `why` says what is wrong. */
bool grants_check(const struct definition *is, char why[WHY_LEN]);

/* --- plugins_options.c --- */
/* Reads options from `text` against the rows described; those in `set` stay when `why` says
 * what is wrong. */
bool options_read(struct option_set *set, const struct sys *sys, const struct definition *is,
                  const char *text, char why[WHY_LEN]);
void options_done(struct option_set *set);

/* --- plugins_start.c --- */
/* Its host, started and told. On failure what was begun is the caller's to end. */
enum ctps_code plugin_host_start(struct plugin *plugin, const struct process_calls *calls,
                                 struct ctps_err *err);

/* --- plugins_run.c --- */
void plugin_state_set(struct plugin *plugin, enum plugin_state state, const char *why);
/* A description ended: `why` is NULL, and the plugin is what it says from now on, or what is
 * wrong. `of_file`: with the file, which may be another one soon. */
void plugin_described(struct plugin *plugin, const char *why, bool of_file);
void plugin_start(struct plugin *plugin);
/* Ends it in order; `again`: then starts it. */
void plugin_drain(struct plugin *plugin, bool again);
void plugin_options_send(struct plugin *plugin);
/* What its host says; false: it makes no sense. */
bool plugin_take(struct plugin *plugin, const Ctps__LinkFrame *frame);
void plugin_free(struct plugin **plugin);

#endif
