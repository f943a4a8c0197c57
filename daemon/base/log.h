/*
 * log: one line per message to the sink given at start (stderr, journald through stderr's
 * "<N>" prefixes). Ids, codes and paths only: never a name, never a free text of a situation.
 */
#ifndef CTPS_BASE_LOG_H
#define CTPS_BASE_LOG_H

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

struct log {
    void (*write)(void *ctx, enum log_level level, const char *line); /* line without newline */
    void *ctx;
    enum log_level max;
};

/* `log` may be NULL: nothing is written. */
void log_at(const struct log *log, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The ordinary sink: stderr, with sd-daemon(3) level prefixes when `ctx` is non-NULL. */
void log_write_stderr(void *ctx, enum log_level level, const char *line);

#define log_error(log, ...)   log_at((log), LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(log, ...) log_at((log), LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(log, ...)    log_at((log), LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(log, ...)   log_at((log), LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
