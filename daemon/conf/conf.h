/*
 * conf: one configuration file in libconfig's syntax, read against option rows. The rows are
 * the whole schema: a key they do not name, a value of another type or out of range is refused
 * with file and line. Documentation is printed from the same rows, so it cannot go stale.
 *
 * Written form of the types:
 *   CONF_BOOL       true | false
 *   CONF_INT        64 | 5000000000L (libconfig wants the L beyond 32 bits)
 *   CONF_DURATION   "500 ms" | "30 s" | "10 min" | "2 h" | "3 d"; a bare number is refused
 *   CONF_SIZE       "64 KiB" | "16 MiB" | "1 GiB" | "512 B", or a bare number of bytes
 *   CONF_STRING     "text" without control characters
 *   CONF_PATH       "/absolute/path"
 *   CONF_STRINGS    [ "one", "two" ]
 *   CONF_ENDPOINTS  [ "ipc:///run/ctpsd/bus", "tcp://127.0.0.1:7600" ]
 *   CONF_MAP        { NAME = { ...rows of the entry... }; }
 *   CONF_OPEN       { ...rows known later, see conf_open_load()... }
 *
 * Refused on purpose: @include (one file, so that line numbers, SIGHUP and the sandbox speak of
 * one path), files over CONF_FILE_MAX, NUL bytes, integers that do not fit (libconfig 1.5 would
 * silently wrap them).
 */
#ifndef CTPS_CONF_CONF_H
#define CTPS_CONF_CONF_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/sys.h"

enum {
    CONF_FILE_MAX = 1 << 20,   /* bytes */
    CONF_SETTINGS_MAX = 10000, /* settings in one file: libconfig's time grows as its square */
    CONF_NAME_MAX = 63,        /* bytes of an option's name or of a map's key */
};

enum conf_type {
    CONF_BOOL,
    CONF_INT,
    CONF_DURATION,
    CONF_SIZE,
    CONF_STRING,
    CONF_PATH,
    CONF_STRINGS,
    CONF_ENDPOINTS,
    CONF_MAP,
    CONF_OPEN,
};

/*
 * An option. Rows are constants of the caller, borrowed for as long as any struct conf read
 * with them lives. A bad row (unreadable default, two dots in a name) fails the load.
 */
struct conf_row {
    const char *name; /* "name" or "section.name", as in `section = { name = ...; };` */
    const char *help; /* one English sentence */
    /* As in the file but without quotes; words of a list stand between spaces. NULL: no
     * default (false, 0, NULL, empty list). A map has none. */
    const char *fallback;
    /* Bounds, both included; both 0: none. Of the value for CONF_INT, milliseconds for
     * CONF_DURATION, bytes for CONF_SIZE, length in bytes for CONF_STRING and CONF_PATH, number
     * of elements for lists and maps. Unbounded durations and sizes are still >= 0. */
    int64_t min;
    int64_t max;
    const char *unit;            /* CONF_INT: what is counted ("requests"); may be NULL */
    const char *const *choices;  /* CONF_STRING, CONF_STRINGS: closed list ending with NULL */
    const struct conf_row *rows; /* CONF_MAP: the rows of each entry */
    size_t row_count;
    enum conf_type type;
    bool reload;   /* may change on SIGHUP */
    bool required; /* must be written in the file */
};

struct conf;

/*
 * Reads `path` whole. On success *ret_conf is owned by the caller. Errors: CTPS_ABSENT when
 * there is no such file, CTPS_LIMIT when too large, CTPS_INVALID for anything wrong inside (the
 * text begins with "file:line: " and says what was found and what is allowed).
 */
enum ctps_code conf_load(const struct sys *sys, const char *path, const struct conf_row *rows,
                         size_t row_count, struct conf **ret_conf, struct ctps_err *err);
/* The same over `text` in memory; `name` stands for the file in messages and is copied. */
enum ctps_code conf_load_string(struct bytes text, const char *name,
                                const struct conf_row *rows, size_t row_count,
                                struct conf **ret_conf, struct ctps_err *err);
/* Releases and nulls the caller's pointer. Idempotent. */
void conf_free(struct conf **conf);

/*
 * Values. `name` must be a row of `conf` of the type asked for: anything else is an own bug and
 * asserts. What is returned is a borrow until conf_free.
 */
bool conf_bool(const struct conf *conf, const char *name);
int64_t conf_int(const struct conf *conf, const char *name);
int64_t conf_duration_ms(const struct conf *conf, const char *name);
int64_t conf_size(const struct conf *conf, const char *name); /* bytes */
/* CONF_STRING and CONF_PATH. NULL when absent without a default. */
const char *conf_string(const struct conf *conf, const char *name);
/* CONF_STRINGS and CONF_ENDPOINTS: the number of elements; *ret_items may be NULL when 0. */
size_t conf_list(const struct conf *conf, const char *name, const char *const **ret_items);
/* Whether the file itself sets the option (false: the default answers). */
bool conf_is_set(const struct conf *conf, const char *name);

/* Entries of a CONF_MAP, in the order of the file. An entry is read with the same getters. */
size_t conf_map_count(const struct conf *conf, const char *name);
const char *conf_map_key(const struct conf *conf, const char *name, size_t index);
const struct conf *conf_map_entry(const struct conf *conf, const char *name, size_t index);
/* The entry called `key`, NULL when there is none. */
const struct conf *conf_map_find(const struct conf *conf, const char *name, const char *key);

/* Text of a CONF_OPEN, "" when the file does not set it: two are the same when their texts are.
 */
const char *conf_open_text(const struct conf *conf, const char *name);
/* Reads such a text against its rows, which the result borrows; `file` names the file it comes
 * from, whose lines it keeps. As conf_load_string() otherwise. */
enum ctps_code conf_open_load(const char *text, const char *file, const struct conf_row *rows,
                              size_t row_count, struct conf **ret_conf, struct ctps_err *err);

/*
 * Calls `changed` for each option whose value differs: "journal.flush", "plugins.notify.rate"
 * for an option inside a map's entry, "plugins.notify" for an entry that came or went (with the
 * `reload` of the map's row). `name` is a borrow during the call. Returns how many differ. Both
 * must have been read with the same rows.
 */
size_t conf_diff(const struct conf *before, const struct conf *after,
                 void (*changed)(void *ctx, const char *name, bool reload), void *ctx);

enum conf_explain_form {
    CONF_EXPLAIN_SAMPLE, /* a sample file: loads as it is; every option commented by "#name" */
    CONF_EXPLAIN_MAN,    /* the OPTIONS section of a man(5) page, in man(7) macros */
};

/* Appends the explanation of all rows to `out`. */
void conf_explain(const struct conf_row *rows, size_t row_count, enum conf_explain_form form,
                  struct buf *out);

#endif
