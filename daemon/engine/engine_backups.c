/* Keyring backups are short-lived: what was erased must not wait in one. */
#include <stdio.h>

#include "engine/engine_private.h"

struct expiry {
    struct engine *engine;
    int32_t before_day;
    const char *dir;
};

/* Only folders named by a day are ours. */
static int folder_expire(void *arg, const char *name)
{
    struct expiry *expiry = arg;
    struct ctps_err err = {0};
    char dir[PATH_MAX];
    int32_t day;

    if (!civil_parse_iso(name, &day) || day >= expiry->before_day)
        return 0;
    if (snprintf(dir, sizeof(dir), "%s/%s", expiry->dir, name) >= (int)sizeof(dir))
        return 0;
    if (keyring_backup_remove(expiry->engine->sys, expiry->engine->log, dir, &err) != CTPS_OK)
        log_error(expiry->engine->log, "keyring backup: %s", err.text);
    return 0;
}

void engine_backups_expire(struct engine *engine)
{
    const struct sys *sys = engine->sys;
    struct expiry expiry = {
        .engine = engine,
        .before_day = zone_day_of(sys_wall_us(sys)) - engine->settings.keyring_backup_days,
        .dir = engine->options.keyring_backup_dir,
    };

    if (expiry.dir)
        sys->list_dir(sys->ctx, expiry.dir, folder_expire, &expiry);
}
