/* The daemon: start in order, turn, stop in mirror order. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/app_private.h"

enum { SECOND_US = 1000000, IDLE_US = 20000 };

static void fail(struct app *app, enum ctps_code code, const struct ctps_err *err)
{
    log_error(&app->log, "%s", err->text);
    app->exit_code =
        code == CTPS_DAMAGED || code == CTPS_FORGED ? APP_EXIT_DAMAGED : APP_EXIT_RETRY;
    loop_stop(app->loop);
}

static void turn(void *ctx)
{
    struct app *app = ctx;
    struct ctps_err err = {0};
    enum ctps_code code = engine_turn(app->engine, &err);

    if (code != CTPS_OK) {
        fail(app, code, &err);
        return;
    }
    engine_plugins_tell(app->engine);
    if (engine_has_work(app->engine))
        loop_defer(app->loop, &app->again);
    else if (!app->idle_set) {
        app->idle_set = true;
        loop_timer_set(app->idle, IDLE_US);
    }
}

static void nothing(void *ctx)
{
    (void)ctx; /* being deferred keeps the next turn from waiting */
}

static void on_idle(void *ctx)
{
    struct app *app = ctx;
    struct ctps_err err = {0};
    bool more = false;
    enum ctps_code code;

    app->idle_set = false;
    if (engine_has_work(app->engine))
        return;
    code = engine_idle(app->engine, &more, &err);
    if (code != CTPS_OK)
        fail(app, code, &err);
    else if (more) {
        app->idle_set = true;
        loop_timer_set(app->idle, 0);
    }
}

static void on_second(void *ctx)
{
    struct app *app = ctx;
    struct ctps_err err = {0};
    enum ctps_code code = engine_tick(app->engine, &err);

    if (code != CTPS_OK) {
        fail(app, code, &err);
        return;
    }
    if (app->feeds_failed)
        app_feeds_sync(app);
    app_heartbeats(app);
    app_notify_alive(app);
    loop_timer_set(app->second, SECOND_US);
}

static void on_stop(void *ctx)
{
    struct app *app = ctx;

    log_info(&app->log, "stopping");
    loop_stop(app->loop);
}

static void changed(void *ctx, const char *name, bool reload)
{
    struct app *app = ctx;

    if (reload)
        log_info(&app->log, "option %s changed", name);
    else
        log_warning(&app->log, "option %s changed: in force after a restart", name);
}

void app_reload(void *ctx)
{
    struct app *app = ctx;
    struct conf *fresh = NULL;
    struct settings settings;
    struct ctps_err err = {0};

    if (conf_load(app->sys, app->config_path, app_rows, app_row_count(), &fresh, &err) !=
            CTPS_OK ||
        app_settings_read(fresh, &settings, &err) != CTPS_OK) {
        log_error(&app->log, "configuration kept as it was: %s", err.text);
        conf_free(&fresh);
        return;
    }
    conf_diff(app->conf, fresh, changed, app);
    engine_settings_set(app->engine, &settings);
    /* Subscribers whose grant is gone must not stay. */
    if (app_audiences_review(app, &err) != CTPS_OK)
        fail(app, CTPS_IO, &err);
    if (app_plugins_configure(app, fresh, &err) != CTPS_OK)
        log_error(&app->log, "%s: some are as they were", err.text);
    conf_free(&fresh);
}

static enum ctps_code events_add(struct app *app, struct ctps_err *err)
{
    struct loop *loop = app->loop;
    enum ctps_code code = loop_timer_add(loop, SECOND_US, on_second, app, &app->second, err);

    if (code == CTPS_OK)
        code = loop_timer_add(loop, IDLE_US, on_idle, app, &app->idle, err);
    if (code == CTPS_OK)
        code = loop_signal_add(loop, SIGTERM, on_stop, app, &app->on_term, err);
    if (code == CTPS_OK)
        code = loop_signal_add(loop, SIGINT, on_stop, app, &app->on_int, err);
    if (code == CTPS_OK)
        code = loop_signal_add(loop, SIGHUP, app_reload, app, &app->on_hup, err);
    app->idle_set = true;
    app->again = (struct loop_deferred){.call = nothing};
    loop_set_turn(loop, turn, app);
    return code;
}

static enum ctps_code store_open_all(struct app *app, struct ctps_err *err)
{
    struct engine_options options;
    struct engine_out out;
    enum ctps_code code;

    app_engine_options(app, &options);
    app_engine_out(app, &out);
    code = app_settings_read(app->conf, &options.settings, err);
    if (code == CTPS_OK)
        code = app_lock_take(options.data_dir, &app->lock_fd, err);
    if (code == CTPS_OK)
        code = app_root_read(app->conf, app->root, err);
    if (code == CTPS_OK)
        code = engine_open(&app->engine, &options, &out, err);
    return code;
}

static enum ctps_code start(struct app *app, struct ctps_err *err)
{
    enum ctps_code code = seal_start(err);

    if (code == CTPS_OK) {
        app->root = seal_key_new();
        code = app->root ? store_open_all(app, err) : err_set(err, CTPS_NOMEM, "root key");
    }
    if (code == CTPS_OK)
        code = loop_open(&app->loop, err);
    if (code == CTPS_OK)
        code = app_bus_open(app, err);
    if (code == CTPS_OK)
        code = events_add(app, err);
    if (code == CTPS_OK)
        code = app_plugins_open(app, err);
    return code;
}

static void stop(struct app *app)
{
    struct ctps_err err = {0};

    loop_signal_remove(&app->on_hup);
    loop_signal_remove(&app->on_int);
    loop_signal_remove(&app->on_term);
    loop_timer_remove(&app->idle);
    loop_timer_remove(&app->second);
    plugins_close(&app->plugins);
    bus_close(&app->bus);
    loop_close(&app->loop);
    if (engine_close(&app->engine, app->exit_code == APP_EXIT_OK, &err) != CTPS_OK)
        log_error(&app->log, "%s", err.text);
    seal_key_free(&app->root);
    if (app->lock_fd >= 0)
        close(app->lock_fd);
    conf_free(&app->conf);
}

/* What was taken before the stop is answered before it. */
static void drain(struct app *app)
{
    while (app->exit_code == APP_EXIT_OK && engine_has_work(app->engine))
        turn(app);
}

static int exit_of(enum ctps_code code)
{
    switch (code) {
    case CTPS_DAMAGED:
    case CTPS_FORGED:
        return APP_EXIT_DAMAGED;
    case CTPS_INVALID:
    case CTPS_ABSENT:
    case CTPS_REFUSED:
    case CTPS_UNSUPPORTED:
        return APP_EXIT_CONFIG;
    case CTPS_BUSY:
    case CTPS_IO:
    case CTPS_NOSPACE:
    case CTPS_NOMEM:
        return APP_EXIT_RETRY;
    default:
        return APP_EXIT_SOFTWARE;
    }
}

static void serve(struct app *app)
{
    struct ctps_err err = {0};
    enum ctps_code code;

    log_info(&app->log, "ready");
    app_notify_ready(app);
    code = app_plugins_configure(app, app->conf, &err);
    if (code == CTPS_OK)
        code = loop_run(app->loop, &err);
    if (code != CTPS_OK)
        fail(app, code, &err);
    app_notify_stopping(app);
    app_plugins_drain(app);
    drain(app);
}

static void app_start_values(struct app *app, const char *config_path)
{
    *app = (struct app){.sys = sys_real(), .lock_fd = -1};
    app->log = (struct log){.write = log_write_stderr, .max = LOG_LEVEL_INFO};
    /* Under systemd, stderr goes to the journal and levels are read from a prefix. */
    if (getenv("JOURNAL_STREAM"))
        app->log.ctx = app;
    snprintf(app->config_path, sizeof(app->config_path), "%s", config_path);
}

int app_run(const char *config_path)
{
    struct app app;
    struct ctps_err err = {0};
    enum ctps_code code;

    app_start_values(&app, config_path);
    app_harden(&app.log);
    code = conf_load(app.sys, config_path, app_rows, app_row_count(), &app.conf, &err);
    if (code == CTPS_OK) {
        app_zone_set(app.conf);
        code = start(&app, &err);
    }
    if (code == CTPS_OK) {
        serve(&app);
    } else {
        log_error(&app.log, "%s", err.text);
        app.exit_code = exit_of(code);
    }
    stop(&app);
    return app.exit_code;
}

int app_check_config(const char *config_path)
{
    struct conf *conf = NULL;
    struct settings settings;
    struct ctps_err err = {0};
    enum ctps_code code =
        conf_load(sys_real(), config_path, app_rows, app_row_count(), &conf, &err);

    if (code == CTPS_OK)
        code = app_settings_read(conf, &settings, &err);
    if (code != CTPS_OK)
        fprintf(stderr, "%s\n", err.text);
    conf_free(&conf);
    return code == CTPS_OK ? APP_EXIT_OK : APP_EXIT_CONFIG;
}

int app_print_config(void)
{
    struct buf out;

    buf_init(&out);
    conf_explain(app_rows, app_row_count(), CONF_EXPLAIN_SAMPLE, &out);
    fwrite(out.data, 1, out.len, stdout);
    buf_done(&out);
    return APP_EXIT_OK;
}

void app_explain_man(struct buf *out)
{
    conf_explain(app_rows, app_row_count(), CONF_EXPLAIN_MAN, out);
}
