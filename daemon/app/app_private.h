/* What the files of app share; nobody else includes it. */
#ifndef CTPS_APP_APP_PRIVATE_H
#define CTPS_APP_APP_PRIVATE_H

#include "app/app.h"
#include "bus/bus.h"
#include "conf/conf.h"
#include "loop/loop.h"
#include "plugins/plugins.h"
#include "seal/curve.h"

enum { APP_GRACE_US = 1000000 };

struct app {
    const struct sys *sys;
    struct log log;
    char config_path[4096];
    struct conf *conf;
    int lock_fd;
    struct seal_key *root;
    struct loop *loop;
    struct engine *engine;
    struct bus *bus;
    struct plugins *plugins;
    char host_program[4096];
    struct loop_timer *second;
    struct loop_timer *idle;
    struct loop_signal *on_term;
    struct loop_signal *on_int;
    struct loop_signal *on_hup;
    struct loop_deferred again; /* another batch waits */
    int exit_code;
    unsigned feeds_failed; /* feeds whose socket could not be opened */
    bool idle_set;
    int64_t watchdog_us; /* 0: none */
};

/* --- configuration --- */
extern const struct conf_row app_rows[];
size_t app_row_count(void);
enum ctps_code app_settings_read(const struct conf *conf, struct settings *ret_settings,
                                 struct ctps_err *err);
void app_engine_options(const struct app *app, struct engine_options *ret_options);
void app_zone_set(const struct conf *conf);

/* --- keys and lock --- */
enum ctps_code app_root_read(const struct conf *conf, struct seal_key *out,
                             struct ctps_err *err);
enum ctps_code app_server_key_read(const struct app *app, uint8_t secret[CURVE_KEY_LEN],
                                   uint8_t public_key[CURVE_KEY_LEN], struct ctps_err *err);
/* The lock file's descriptor, held until closed; CTPS_BUSY when another process holds it. */
enum ctps_code app_lock_take(const char *data_dir, int *ret_fd, struct ctps_err *err);

/* --- bus --- */
enum ctps_code app_bus_open(struct app *app, struct ctps_err *err);
/* Disconnects the subscribers of audiences that one of them lost; those still legal come back.
 */
enum ctps_code app_audiences_review(struct app *app, struct ctps_err *err);
/* The sockets of partners' feeds, as the engine says which are open. */
void app_feeds_sync(struct app *app);
void app_heartbeats(struct app *app);
void app_engine_out(struct app *app, struct engine_out *ret_out);
void app_reload(void *ctx);

/* --- plugins --- */
enum ctps_code app_plugins_open(struct app *app, struct ctps_err *err);
/* What `conf` says of plugins, from now on. Without memory for it those that run are kept. */
enum ctps_code app_plugins_configure(struct app *app, const struct conf *conf,
                                     struct ctps_err *err);
/* Ends them in order while the daemon still answers. */
void app_plugins_drain(struct app *app);

/* --- the outside world --- */
void app_harden(const struct log *log);
void app_notify_ready(struct app *app);
void app_notify_stopping(struct app *app);
void app_notify_alive(struct app *app);

#endif
