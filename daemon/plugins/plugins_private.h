/* What the files of plugins share; nobody else includes it. */
#ifndef CTPS_PLUGINS_PLUGINS_PRIVATE_H
#define CTPS_PLUGINS_PLUGINS_PRIVATE_H

#include <sys/types.h>

#include "conf/conf.h"
#include "ctps/link.pb-c.h"
#include "link/channel.h"
#include "plugins/plugins.h"

enum { WHY_LEN = 280, LEVEL_LEN = 128, FIGURES_MAX = 32, FIGURE_NAME_LEN = 48, LINE_LEN = 512 };

enum plugin_state {
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

struct plugin {
    struct plugins *plugins;
    char name[PLUGIN_NAME_LEN];
    struct arena arena; /* of config and description */
    struct arena options_arena;
    struct plugin_config config;
    Ctps__PluginDescription *description; /* NULL: it could not be described */
    Ctps__LinkOption **options;
    size_t option_count;
    char **readable; /* files its options name */
    size_t readable_count;

    enum plugin_state state;
    char why[WHY_LEN];
    char level[LEVEL_LEN];
    int64_t since_us;
    int64_t next_start_us; /* 0: none */
    unsigned starts;
    unsigned failures; /* in a row */
    bool wanted;       /* to be started again once it has ended */
    bool removed;      /* to be forgotten once it has ended */

    pid_t pid; /* 0: none */
    int pidfd;
    struct loop_watch *end_watch;
    struct channel *channel;
    int words_fd; /* what the processes write to their standard error */
    struct loop_watch *words_watch;
    char line[LINE_LEN];
    size_t line_len;
    bool has_key;
    uint8_t public_key[CURVE_KEY_LEN];
    uint8_t secret_key[CURVE_KEY_LEN];
    struct loop_timer *timer; /* of the next start, or of a drain that takes too long */
    struct figure figures[FIGURES_MAX];
    size_t figure_count;
};

struct plugins {
    struct loop *loop;
    struct plugins_options options;
    struct plugin *all[PLUGINS_MAX];
    size_t count;
    bool draining;
};

/* --- plugins_describe.c --- */
/* Copies the configuration, asks the object what it is, reads its options. False: `why` says
 * what is wrong. */
bool plugin_describe(struct plugin *plugin, const struct plugin_config *config);
/* The same for new options alone: the description stays. */
bool plugin_options_read(struct plugin *plugin, const char *text);

/* --- plugins_run.c --- */
void plugin_state_set(struct plugin *plugin, enum plugin_state state, const char *why);
void plugin_start(struct plugin *plugin);
/* Ends it in order; `again`: then starts it. */
void plugin_drain(struct plugin *plugin, bool again);
void plugin_options_send(struct plugin *plugin);
/* Kills and forgets whatever runs, without waiting for its end to be told. */
void plugin_kill(struct plugin *plugin);
void plugin_free(struct plugin **plugin);

#endif
