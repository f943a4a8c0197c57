/* One plugin's host: started, listened to, drained, ended, and started again. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/plugins_private.h"

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

static void failed(struct plugin *plugin, const char *why)
{
    int64_t now_us = sys_wall_us(plugin->plugins->options.sys);
    int64_t ready_us = plugin->state == PLUGIN_READY ? now_us - plugin->since_us : 0;
    int64_t pause_ms = restart_failed(&plugin->restart, ready_us);

    plugin_state_set(
        plugin, restart_is_throttled(&plugin->restart) ? PLUGIN_THROTTLED : PLUGIN_FAILED, why);
    plugin->next_start_us = now_us + 1000 * pause_ms;
    timer_set(plugin, pause_ms);
}

/* What runs goes on; what does not waits for the file, or for another section. */
static void described_badly(struct plugin *plugin, const char *why, bool of_file)
{
    if (process_is_running(&plugin->host)) {
        log_error(plugin->plugins->options.log, "plugin %s: not replaced: %s", plugin->name,
                  why);
        snprintf(plugin->why, sizeof(plugin->why), "it runs on as it was: %.370s", why);
    } else if (of_file) {
        failed(plugin, why);
    } else {
        plugin_state_set(plugin, PLUGIN_FAILED, why);
    }
}

void plugin_described(struct plugin *plugin, const char *why, bool of_file)
{
    plugin->fresh = !why;
    if (why) {
        described_badly(plugin, why, of_file);
    } else if (process_is_running(&plugin->host)) {
        plugin_drain(plugin, true);
    } else {
        plugin_state_set(plugin, PLUGIN_DESCRIBED, NULL);
        plugin_start(plugin);
    }
}

/* Its file may be another one than last time. */
static void begin(struct plugin *plugin)
{
    plugin->next_start_us = 0;
    if (plugin->fresh) {
        plugin_start(plugin);
        return;
    }
    plugin_state_set(plugin, PLUGIN_DESCRIBING, NULL);
    if (!plugin->next)
        plugin_describe(plugin, &plugin->now.config);
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

/* What it said last says more than how it ended. */
static void on_over(void *ctx, const char *how)
{
    struct plugin *plugin = ctx;
    char why[WHY_LEN];

    loop_timer_remove(&plugin->timer);
    key_forget(plugin);
    plugin->next_start_us = 0;
    if (plugin->state != PLUGIN_DRAINING) {
        snprintf(why, sizeof(why), "its host %s", how);
        failed(plugin, *plugin->last_words ? plugin->last_words : why);
        return;
    }
    plugin_state_set(plugin, PLUGIN_STOPPED, NULL);
    log_info(plugin->plugins->options.log, "plugin %s: stopped", plugin->name);
    if (plugin->wanted && !plugin->plugins->draining)
        begin(plugin);
}

/* --- frames of the host --- */

static bool figure_set(struct plugin *plugin, const Ctps__LinkMetric *metric)
{
    size_t i = 0;

    if (!metric->name || strlen(metric->name) >= FIGURE_NAME_LEN)
        return true;
    while (i < plugin->figure_count && strcmp(plugin->figures[i].name, metric->name) != 0)
        i++;
    if (i == FIGURES_MAX)
        return true;
    if (i == plugin->figure_count)
        plugin->figure_count++;
    snprintf(plugin->figures[i].name, FIGURE_NAME_LEN, "%s", metric->name);
    plugin->figures[i].value = metric->value;
    return true;
}

static bool words_log(const struct plugin *plugin, unsigned level, const char *line)
{
    static const enum log_level levels[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
                                            LOG_LEVEL_DEBUG};

    log_at(plugin->plugins->options.log, levels[level < 4 ? level : 3], "plugin %s: %.400s",
           plugin->name, line ? line : "");
    return true;
}

static bool ready_take(struct plugin *plugin, const char *sandbox)
{
    if (plugin->state != PLUGIN_STARTING)
        return plugin->state == PLUGIN_DRAINING;
    loop_timer_remove(&plugin->timer);
    snprintf(plugin->level, sizeof(plugin->level), "%s", sandbox ? sandbox : "");
    plugin_state_set(plugin, PLUGIN_READY, NULL);
    log_info(plugin->plugins->options.log, "plugin %s: ready (%s)", plugin->name,
             plugin->level);
    return true;
}

static bool state_take(struct plugin *plugin, const Ctps__LinkState *state)
{
    switch (state->phase) {
    case CTPS__LINK_PHASE__LINK_READY:
        return ready_take(plugin, state->sandbox);
    case CTPS__LINK_PHASE__LINK_FAILED:
        snprintf(plugin->last_words, sizeof(plugin->last_words), "%s",
                 state->why ? state->why : "");
        return true;
    case CTPS__LINK_PHASE__LINK_RESTART:
        plugin_drain(plugin, true);
        return true;
    default:
        return state->phase == CTPS__LINK_PHASE__LINK_DRAINED;
    }
}

bool plugin_take(struct plugin *plugin, const Ctps__LinkFrame *frame)
{
    switch (frame->body_case) {
    case CTPS__LINK_FRAME__BODY_STATE:
        return state_take(plugin, frame->state);
    case CTPS__LINK_FRAME__BODY_LOG:
        return words_log(plugin, frame->log->level, frame->log->line);
    case CTPS__LINK_FRAME__BODY_METRIC:
        return figure_set(plugin, frame->metric);
    case CTPS__LINK_FRAME__BODY_USAGE:
        plugin->state_bytes = frame->usage->bytes;
        return true;
    default:
        return false;
    }
}

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame)
{
    return plugin_take(ctx, frame);
}

static void on_line(void *ctx, const char *line)
{
    (void)words_log(ctx, 1, line);
}

/* --- the start of the process --- */

void plugin_start(struct plugin *plugin)
{
    struct process_calls calls = {
        .ctx = plugin, .frame = on_frame, .line = on_line, .over = on_over};
    struct ctps_err err = {0};

    plugin->wanted = true;
    plugin->fresh = false;
    plugin->starts++;
    plugin->next_start_us = 0;
    plugin->figure_count = 0;
    plugin->last_words[0] = '\0';
    plugin_state_set(plugin, PLUGIN_STARTING, NULL);
    if (plugin_host_start(plugin, &calls, &err) != CTPS_OK) {
        process_kill(&plugin->host);
        key_forget(plugin);
        failed(plugin, err.text);
        return;
    }
    timer_set(plugin, plugin->now.config.patience_ms);
}

/* --- its end, wanted --- */

static void stop_now(struct plugin *plugin)
{
    plugin_describe_cancel(plugin);
    plugin->fresh = false;
    if (process_is_running(&plugin->host))
        return;
    loop_timer_remove(&plugin->timer);
    plugin_state_set(plugin, PLUGIN_STOPPED, NULL);
}

void plugin_drain(struct plugin *plugin, bool again)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkDrain drain = CTPS__LINK_DRAIN__INIT;

    plugin->wanted = again;
    if (!again)
        stop_now(plugin);
    if (!process_is_running(&plugin->host) || plugin->state == PLUGIN_DRAINING)
        return;
    plugin_state_set(plugin, PLUGIN_DRAINING, NULL);
    frame.body_case = CTPS__LINK_FRAME__BODY_DRAIN;
    frame.drain = &drain;
    process_send(&plugin->host, &frame);
    timer_set(plugin, plugin->now.config.drain_ms);
}

void plugin_options_send(struct plugin *plugin)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkReload reload = CTPS__LINK_RELOAD__INIT;

    reload.options = plugin->options.items;
    reload.n_options = plugin->options.count;
    frame.body_case = CTPS__LINK_FRAME__BODY_RELOAD;
    frame.reload = &reload;
    process_send(&plugin->host, &frame);
}

static void late(struct plugin *plugin)
{
    if (plugin->state == PLUGIN_STARTING)
        snprintf(plugin->last_words, sizeof(plugin->last_words), "it was not ready in %u ms",
                 plugin->now.config.patience_ms);
    else
        log_warning(plugin->plugins->options.log, "plugin %s: not drained in %u ms",
                    plugin->name, plugin->now.config.drain_ms);
    process_signal(&plugin->host, SIGKILL);
}

/* A start that is due; or one, or a drain, that takes too long. */
static void on_timer(void *ctx)
{
    struct plugin *plugin = ctx;

    loop_timer_remove(&plugin->timer);
    if (process_is_running(&plugin->host))
        late(plugin);
    else if (plugin->wanted && !plugin->plugins->draining)
        begin(plugin);
}

void plugin_free(struct plugin **held)
{
    struct plugin *plugin = *held;

    if (!plugin)
        return;
    loop_timer_remove(&plugin->timer);
    plugin_describe_cancel(plugin);
    process_kill(&plugin->host);
    key_forget(plugin);
    arena_done(&plugin->now.arena);
    options_done(&plugin->options);
    free(plugin);
    *held = NULL;
}
