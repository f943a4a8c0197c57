/*
 * app: wires configuration, loop, bus and engine into the daemon, and the offline commands on a
 * stopped store. The only layer that knows them all.
 */
#ifndef CTPS_APP_APP_H
#define CTPS_APP_APP_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "engine/engine.h"

/* sysexits(3), as the service unit expects them. */
enum app_exit {
    APP_EXIT_OK = 0,
    APP_EXIT_USAGE = 64,
    APP_EXIT_DAMAGED = 65,  /* data damaged: never restarted by itself */
    APP_EXIT_SOFTWARE = 70, /* could not start */
    APP_EXIT_RETRY = 75,    /* an I/O error, outcome unknown: start again */
    APP_EXIT_CONFIG = 78,   /* configuration: never restarted by itself */
};

/* Runs the daemon until SIGTERM or an error; an app_exit. */
int app_run(const char *config_path);
/* Reads the configuration only, saying what is wrong on stderr. */
int app_check_config(const char *config_path);
/* Prints every option, commented, as a sample file. */
int app_print_config(void);

/* Appends the OPTIONS section of ctpsd.conf(5), from the same rows. */
void app_explain_man(struct buf *out);

/* --- a new store --- */

struct app_init {
    const char *dir;    /* configuration, keys and data go under it; made when absent */
    const char *town;   /* name */
    const char *insee;  /* may be "" */
    const char *zone;   /* IANA */
    const char *regime; /* metropole | alsace-moselle */
    bool good_friday;
};

/* Makes <dir>/ctpsd.conf, keys/root.key, keys/server.key, keys/operator.key and the store.
 * Writes the escrow sheet of the root key into `sheet` (ROOTKEY_SHEET_LEN bytes: it holds the
 * key, wipe it). */
enum ctps_code app_init(const struct app_init *init, char *sheet, struct ctps_err *err);

/* --- the escrow sheet --- */

/* Whether this sheet (as rootkey_sheet_read takes it) holds the root key the configuration
 * leads to. CTPS_INVALID: a line that does not agree with its check, or another key. */
enum ctps_code app_escrow_check(const char *config_path, const char *sheet,
                                struct ctps_err *err);
/* Writes the sheet of that key into `sheet` (ROOTKEY_SHEET_LEN bytes: wipe it). */
enum ctps_code app_escrow_print(const char *config_path, char *sheet, struct ctps_err *err);
/* Makes a new key file of a sheet, as rootkey_write. */
enum ctps_code app_escrow_restore(const char *path, const char *sheet, struct ctps_err *err);

/* --- a stopped store --- */

enum app_store_work { APP_STORE_CHECK, APP_STORE_REBUILD, APP_STORE_RESTORE, APP_STORE_STAT };

/* Takes the store's lock (CTPS_BUSY while a daemon runs), reads the root key named by the
 * configuration, does the work. `backup_dir` for APP_STORE_RESTORE only. */
enum ctps_code app_store(const char *config_path, enum app_store_work work,
                         const char *backup_dir, struct engine_report *ret_report,
                         struct ctps_err *err);

#endif
