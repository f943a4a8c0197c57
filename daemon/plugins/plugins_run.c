/* One plugin's process: started, listened to, drained, ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/plugins_private.h"

enum { LINK_FD = 3, ARENA_MAX = 4 << 20 };

static void on_timer(void *ctx);

/* --- states --- */

void plugin_state_set(struct plugin *plugin, enum plugin_state state, const char *why)
{
    const struct plugins_options *options = &plugin->plugins->options;

    plugin->state = state;
    plugin->since_us = sys_wall_us(options->sys);
    if (why != plugin->why)
        snprintf(plugin->why, sizeof(plugin->why), "%s", why ? why : "");
    if (state == PLUGIN_FAILED || state == PLUGIN_THROTTLED)
        log_error(options->log, "plugin %s: %s", plugin->name, plugin->why);
}

static void timer_set(struct plugin *plugin, int64_t after_ms)
{
    loop_timer_remove(&plugin->timer);
    if (loop_timer_add(plugin->plugins->loop, after_ms * 1000, on_timer, plugin, &plugin->timer,
                       NULL) != CTPS_OK)
        plugin_state_set(plugin, PLUGIN_FAILED, "no memory for a timer");
}

/* 1, 2, 4… seconds up to the cap. */
static int64_t delay_ms(const struct plugin *plugin)
{
    int64_t delay = PLUGINS_DELAY_FIRST_MS;

    for (unsigned i = 1; i < plugin->failures && delay < PLUGINS_DELAY_MAX_MS; i++)
        delay *= 2;
    return delay < PLUGINS_DELAY_MAX_MS ? delay : PLUGINS_DELAY_MAX_MS;
}

static void failed(struct plugin *plugin, const char *why)
{
    const struct sys *sys = plugin->plugins->options.sys;
    bool steady = plugin->state == PLUGIN_READY &&
                  sys_wall_us(sys) - plugin->since_us > INT64_C(1000) * PLUGINS_STEADY_MS;

    plugin->failures = steady ? 1 : plugin->failures + 1;
    plugin_state_set(
        plugin, plugin->failures < PLUGINS_THROTTLED_AFTER ? PLUGIN_FAILED : PLUGIN_THROTTLED,
        why);
    plugin->next_start_us = sys_wall_us(sys) + 1000 * delay_ms(plugin);
    timer_set(plugin, delay_ms(plugin));
}

/* --- the end of the process --- */

static void key_forget(struct plugin *plugin)
{
    const struct plugins_options *options = &plugin->plugins->options;

    if (!plugin->has_key)
        return;
    plugin->has_key = false;
    explicit_bzero(plugin->secret_key, sizeof(plugin->secret_key));
    options->key_removed(options->ctx, plugin->name, plugin->public_key);
}

static void process_forget(struct plugin *plugin)
{
    loop_timer_remove(&plugin->timer);
    loop_watch_remove(&plugin->end_watch);
    loop_watch_remove(&plugin->words_watch);
    channel_close(&plugin->channel);
    if (plugin->pidfd >= 0)
        close(plugin->pidfd);
    if (plugin->words_fd >= 0)
        close(plugin->words_fd);
    plugin->pidfd = plugin->words_fd = -1;
    plugin->pid = 0;
    plugin->line_len = 0;
    key_forget(plugin);
}

static void end_words(int status, char *out, size_t len)
{
    if (WIFSIGNALED(status))
        snprintf(out, len, "its host was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(out, len, "its host ended with %d", WEXITSTATUS(status));
}

/* What the process said last says more than how it ended. */
static void on_end(void *ctx, unsigned ready)
{
    struct plugin *plugin = ctx;
    char words[WHY_LEN];
    char said[WHY_LEN];
    int status = 0;

    (void)ready;
    if (waitpid(plugin->pid, &status, WNOHANG) != plugin->pid)
        return;
    end_words(status, words, sizeof(words));
    snprintf(said, sizeof(said), "%s", plugin->why);
    process_forget(plugin);
    plugin->next_start_us = 0;
    if (plugin->state == PLUGIN_DRAINING) {
        plugin_state_set(plugin, PLUGIN_STOPPED, NULL);
        log_info(plugin->plugins->options.log, "plugin %s: stopped", plugin->name);
        if (plugin->wanted)
            timer_set(plugin, 0);
    } else {
        failed(plugin, *said ? said : words);
    }
}

/* --- frames of the host --- */

static void figure_set(struct plugin *plugin, const Ctps__LinkMetric *metric)
{
    size_t i = 0;

    if (!metric->name || strlen(metric->name) >= FIGURE_NAME_LEN)
        return;
    while (i < plugin->figure_count && strcmp(plugin->figures[i].name, metric->name) != 0)
        i++;
    if (i == FIGURES_MAX)
        return;
    if (i == plugin->figure_count)
        plugin->figure_count++;
    snprintf(plugin->figures[i].name, FIGURE_NAME_LEN, "%s", metric->name);
    plugin->figures[i].value = metric->value;
}

static void words_log(struct plugin *plugin, unsigned level, const char *line)
{
    static const enum log_level levels[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
                                            LOG_LEVEL_DEBUG};

    log_at(plugin->plugins->options.log, levels[level < 4 ? level : 3], "plugin %s: %.400s",
           plugin->name, line ? line : "");
}

static bool state_take(struct plugin *plugin, const Ctps__LinkState *state)
{
    switch (state->phase) {
    case CTPS__LINK_PHASE__LINK_READY:
        if (plugin->state != PLUGIN_STARTING)
            return plugin->state == PLUGIN_DRAINING;
        loop_timer_remove(&plugin->timer);
        snprintf(plugin->level, sizeof(plugin->level), "%s",
                 state->sandbox ? state->sandbox : "");
        plugin_state_set(plugin, PLUGIN_READY, NULL);
        log_info(plugin->plugins->options.log, "plugin %s: ready (%s)", plugin->name,
                 plugin->level);
        return true;
    case CTPS__LINK_PHASE__LINK_FAILED:
        snprintf(plugin->why, sizeof(plugin->why), "%s", state->why ? state->why : "");
        return true;
    case CTPS__LINK_PHASE__LINK_RESTART:
        plugin_drain(plugin, true);
        return true;
    default:
        return state->phase == CTPS__LINK_PHASE__LINK_DRAINED;
    }
}

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct plugin *plugin = ctx;

    if (fd >= 0)
        close(fd);
    switch (frame->body_case) {
    case CTPS__LINK_FRAME__BODY_STATE:
        return state_take(plugin, frame->state);
    case CTPS__LINK_FRAME__BODY_LOG:
        words_log(plugin, frame->log->level, frame->log->line);
        return true;
    case CTPS__LINK_FRAME__BODY_METRIC:
        figure_set(plugin, frame->metric);
        return true;
    default:
        return false;
    }
}

/* Its end is told by the process itself; a host that stays without a link is of no use. */
static void on_link_ended(void *ctx, const char *why)
{
    struct plugin *plugin = ctx;

    (void)why;
    channel_close(&plugin->channel);
    if (plugin->pid > 0)
        kill(plugin->pid, SIGTERM);
}

static void lines_log(struct plugin *plugin, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];

        if (c == '\n' || plugin->line_len == LINE_LEN - 1) {
            plugin->line[plugin->line_len] = '\0';
            words_log(plugin, 1, plugin->line);
            plugin->line_len = 0;
        }
        if (c >= 0 && c < ' ')
            c = ' ';
        if (bytes[i] != '\n')
            plugin->line[plugin->line_len++] = c;
    }
}

static void on_words(void *ctx, unsigned ready)
{
    struct plugin *plugin = ctx;
    char bytes[4096];
    ssize_t len = read(plugin->words_fd, bytes, sizeof(bytes));

    (void)ready;
    if (len > 0)
        lines_log(plugin, bytes, (size_t)len);
    else if (len == 0 || errno != EAGAIN)
        loop_watch_remove(&plugin->words_watch);
}

/* --- the start of the process --- */

static bool spawn(struct plugin *plugin, int link, int words)
{
    char *const argv[] = {(char[]){"ctps-host"}, (char[]){"--link"}, NULL};
    posix_spawn_file_actions_t actions;
    int status;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, words, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions, link, LINK_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, LINK_FD + 1);
    status = posix_spawn(&plugin->pid, plugin->plugins->options.host_program, &actions, NULL,
                         argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (status) {
        plugin->pid = 0;
        errno = status;
        return false;
    }
    plugin->pidfd = (int)syscall(SYS_pidfd_open, plugin->pid, 0);
    return plugin->pidfd >= 0;
}

static bool process_start(struct plugin *plugin)
{
    struct loop *loop = plugin->plugins->loop;
    struct channel_calls calls = {.ctx = plugin, .frame = on_frame, .ended = on_link_ended};
    int link[2];
    int words[2];
    bool started;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) < 0)
        return false;
    if (pipe2(words, O_CLOEXEC | O_NONBLOCK) < 0) {
        close(link[0]);
        close(link[1]);
        return false;
    }
    started = spawn(plugin, link[1], words[1]);
    close(link[1]);
    close(words[1]);
    plugin->words_fd = words[0];
    return channel_open(loop, link[0], &calls, &plugin->channel, NULL) == CTPS_OK && started &&
           loop_watch_add(loop, plugin->words_fd, LOOP_READABLE, on_words, plugin,
                          &plugin->words_watch, NULL) == CTPS_OK &&
           loop_watch_add(loop, plugin->pidfd, LOOP_READABLE, on_end, plugin,
                          &plugin->end_watch, NULL) == CTPS_OK;
}

static void key_make(struct plugin *plugin)
{
    const struct plugins_options *options = &plugin->plugins->options;

    curve_pair_make(options->sys, plugin->public_key, plugin->secret_key);
    plugin->has_key = true;
    options->key_added(options->ctx, plugin->name, plugin->public_key);
}

static bool events_fill(struct plugin *plugin, struct arena *arena, Ctps__LinkStart *start)
{
    const struct plugins_options *options = &plugin->plugins->options;
    const Ctps__PluginDescription *is = plugin->description;

    start->events = arena_alloc(arena, (is->n_audiences + 1) * sizeof(void *));
    if (!start->events)
        return false;
    for (size_t i = 0; i < is->n_audiences; i++) {
        Ctps__LinkAudience *audience = arena_alloc(arena, sizeof(*audience));
        const char *endpoint = options->audience_endpoint(options->ctx, is->audiences[i]);

        if (!audience || !endpoint)
            return false;
        ctps__link_audience__init(audience);
        audience->audience = is->audiences[i];
        audience->endpoint = (char *)(uintptr_t)endpoint;
        start->events[start->n_events++] = audience;
    }
    return true;
}

static void bytes_set(ProtobufCBinaryData *out, protobuf_c_boolean *has, const uint8_t *key)
{
    *has = 1;
    out->data = (uint8_t *)(uintptr_t)key;
    out->len = CURVE_KEY_LEN;
}

static void limits_fill(const struct plugin_config *config, Ctps__LinkStart *start)
{
    start->has_uid = start->has_gid = start->has_memory_max = start->has_patience_ms = 1;
    start->has_retry_ms = 1;
    start->retry_ms = config->retry_ms;
    start->uid = config->uid;
    start->gid = config->gid;
    start->memory_max = config->memory_max;
    start->patience_ms = config->patience_ms;
}

static bool start_send(struct plugin *plugin)
{
    const struct plugins_options *options = &plugin->plugins->options;
    const struct plugin_config *config = &plugin->config;
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = CTPS__LINK_START__INIT;
    struct arena arena;
    bool filled;

    arena_init(&arena, ARENA_MAX);
    start.name = plugin->name;
    start.path = (char *)(uintptr_t)config->file;
    start.options = plugin->options;
    start.n_options = plugin->option_count;
    start.state_dir = (char *)(uintptr_t)config->state_dir;
    start.connect = (char **)(uintptr_t)config->connect;
    start.n_connect = config->connect_count;
    start.listen = (char **)(uintptr_t)config->listen;
    start.n_listen = config->listen_count;
    start.audiences = plugin->description->audiences;
    start.n_audiences = plugin->description->n_audiences;
    start.readable = plugin->readable;
    start.n_readable = plugin->readable_count;
    start.commands = (char *)(uintptr_t)options->commands;
    start.record = (char *)(uintptr_t)config->record;
    bytes_set(&start.public_key, &start.has_public_key, plugin->public_key);
    bytes_set(&start.secret_key, &start.has_secret_key, plugin->secret_key);
    bytes_set(&start.server_key, &start.has_server_key, options->server_key);
    limits_fill(config, &start);
    filled = events_fill(plugin, &arena, &start);
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    if (filled)
        channel_send(plugin->channel, &frame, -1);
    arena_done(&arena);
    return filled;
}

/* Its own and nobody else's, whoever made it. */
static bool state_dir_make(const struct plugin_config *config)
{
    if (mkdir(config->state_dir, 0700) < 0 && errno != EEXIST)
        return false;
    return chmod(config->state_dir, 0700) == 0 &&
           (!config->uid || chown(config->state_dir, config->uid, config->gid) == 0);
}

void plugin_start(struct plugin *plugin)
{
    char why[WHY_LEN];

    plugin->wanted = true;
    plugin->starts++;
    plugin->next_start_us = 0;
    plugin->figure_count = 0;
    plugin_state_set(plugin, PLUGIN_STARTING, NULL);
    if (!state_dir_make(&plugin->config)) {
        snprintf(why, sizeof(why), "its folder %s: %s", plugin->config.state_dir,
                 strerror(errno));
        failed(plugin, why);
        return;
    }
    key_make(plugin);
    if (!process_start(plugin) || !start_send(plugin)) {
        snprintf(why, sizeof(why), "it cannot be started: %s", strerror(errno));
        plugin_kill(plugin);
        failed(plugin, why);
        return;
    }
    timer_set(plugin, plugin->config.patience_ms);
}

/* --- its end, wanted --- */

void plugin_drain(struct plugin *plugin, bool again)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkDrain drain = CTPS__LINK_DRAIN__INIT;

    plugin->wanted = again;
    if (plugin->pid == 0) {
        loop_timer_remove(&plugin->timer);
        if (again)
            timer_set(plugin, 0);
        else
            plugin_state_set(plugin, PLUGIN_STOPPED, NULL);
        return;
    }
    if (plugin->state == PLUGIN_DRAINING)
        return;
    plugin_state_set(plugin, PLUGIN_DRAINING, NULL);
    frame.body_case = CTPS__LINK_FRAME__BODY_DRAIN;
    frame.drain = &drain;
    if (plugin->channel)
        channel_send(plugin->channel, &frame, -1);
    timer_set(plugin, plugin->config.drain_ms);
}

void plugin_options_send(struct plugin *plugin)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkReload reload = CTPS__LINK_RELOAD__INIT;

    if (!plugin->channel)
        return;
    reload.options = plugin->options;
    reload.n_options = plugin->option_count;
    frame.body_case = CTPS__LINK_FRAME__BODY_RELOAD;
    frame.reload = &reload;
    channel_send(plugin->channel, &frame, -1);
}

void plugin_kill(struct plugin *plugin)
{
    if (plugin->pid > 0) {
        kill(plugin->pid, SIGKILL);
        while (waitpid(plugin->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    process_forget(plugin);
}

/* A start that is due; or one, or a drain, that takes too long. */
static void on_timer(void *ctx)
{
    struct plugin *plugin = ctx;
    struct plugin_config config = plugin->config;

    loop_timer_remove(&plugin->timer);
    if (plugin->pid > 0) {
        if (plugin->state == PLUGIN_STARTING)
            snprintf(plugin->why, sizeof(plugin->why), "it was not ready in %u ms",
                     plugin->config.patience_ms);
        else
            log_warning(plugin->plugins->options.log, "plugin %s: not drained in %u ms",
                        plugin->name, plugin->config.drain_ms);
        kill(plugin->pid, SIGKILL);
        return;
    }
    if (!plugin->wanted || plugin->plugins->draining)
        return;
    /* The file may be another one than last time. */
    if (plugin_describe(plugin, &config))
        plugin_start(plugin);
    else
        plugin_state_set(plugin, PLUGIN_FAILED, plugin->why);
}

void plugin_free(struct plugin **held)
{
    struct plugin *plugin = *held;

    if (!plugin)
        return;
    plugin_kill(plugin);
    arena_done(&plugin->arena);
    arena_done(&plugin->options_arena);
    free(plugin);
    *held = NULL;
}
