/*
 * err: the one enum of result codes, and an optional text naming the object at fault.
 *
 * Lower layers return a code and fill a struct ctps_err; the caller decides whether to log.
 * ABSENT is an answer, not an error to log. Refusals made to users are not these codes: they
 * have names, rules and two languages of their own (domain/refusal.h).
 */
#ifndef CTPS_BASE_ERR_H
#define CTPS_BASE_ERR_H

#include <stdarg.h>

enum ctps_code {
    CTPS_OK = 0,
    /* the question */
    CTPS_ABSENT,      /* nothing under that name or key */
    CTPS_EXISTS,      /* already there */
    CTPS_INVALID,     /* malformed input from disk, wire, configuration or a file */
    CTPS_LIMIT,       /* a named limit would be passed */
    CTPS_UNSUPPORTED, /* well formed, not known to this version */
    CTPS_REFUSED,     /* the rules say no (see domain/refusal.h for which) */
    /* the state */
    CTPS_BUSY,     /* somebody else holds it; trying later may work */
    CTPS_CONFLICT, /* another content stands under the same name */
    CTPS_CLOSED,   /* the object was closed or a sticky error already happened */
    CTPS_DAMAGED,  /* stored bytes are not what was written: never repaired silently */
    CTPS_FORGED,   /* authentication of bytes failed */
    /* the machine */
    CTPS_IO,
    CTPS_NOSPACE,
    CTPS_NOMEM,
};

struct ctps_err {
    enum ctps_code code;
    char text[280]; /* one line, English, ids and paths only: never nominative */
};

/* Fills `err` (may be NULL) with a formatted text and returns `code`. The text of `err` may
 * stand among the arguments: err_set(err, code, "table %s: %s", name, err->text). */
enum ctps_code err_set(struct ctps_err *err, enum ctps_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Same, appending ": " and strerror(errnum). ENOSPC and EDQUOT give CTPS_NOSPACE, ENOMEM
 * CTPS_NOMEM, ENOENT CTPS_ABSENT, EEXIST CTPS_EXISTS, the rest CTPS_IO. */
enum ctps_code err_set_errno(struct ctps_err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A stable lower-case name ("damaged"), for logs and tests. */
const char *err_code_name(enum ctps_code code);

#endif
