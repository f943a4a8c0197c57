/* Offline work on a stopped store, under its lock. */
#include <unistd.h>

#include "app/app_private.h"

static enum ctps_code work_do(struct app *app, enum app_store_work work, const char *backup_dir,
                              struct engine_report *ret_report, struct ctps_err *err)
{
    struct engine_options options;
    enum ctps_code code;

    app_engine_options(app, &options);
    code = app_settings_read(app->conf, &options.settings, err);
    if (code != CTPS_OK)
        return code;
    switch (work) {
    case APP_STORE_CHECK:
        return engine_store_check(&options, ret_report, err);
    case APP_STORE_REBUILD:
        return engine_store_rebuild(&options, ret_report, err);
    case APP_STORE_RESTORE:
        return engine_store_restore(&options, backup_dir, ret_report, err);
    case APP_STORE_STAT:
        return engine_store_stat(&options, ret_report, err);
    }
    return err_set(err, CTPS_INVALID, "no such work");
}

enum ctps_code app_store(const char *config_path, enum app_store_work work,
                         const char *backup_dir, struct engine_report *ret_report,
                         struct ctps_err *err)
{
    struct app app = {.sys = sys_real(), .lock_fd = -1};
    enum ctps_code code = seal_start(err);

    app.log = (struct log){.write = log_write_stderr, .max = LOG_LEVEL_WARNING};
    if (code == CTPS_OK)
        code = conf_load(app.sys, config_path, app_rows, app_row_count(), &app.conf, err);
    if (code != CTPS_OK)
        return code;
    app_zone_set(app.conf);
    app.root = seal_key_new();
    code = app.root ? app_lock_take(conf_string(app.conf, "data.dir"), &app.lock_fd, err)
                    : err_set(err, CTPS_NOMEM, "root key");
    if (code == CTPS_OK)
        code = app_root_read(app.conf, app.root, err);
    if (code == CTPS_OK)
        code = work_do(&app, work, backup_dir, ret_report, err);
    seal_key_free(&app.root);
    if (app.lock_fd >= 0)
        close(app.lock_fd);
    conf_free(&app.conf);
    return code;
}
