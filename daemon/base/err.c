#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum ctps_code err_set(struct ctps_err *err, enum ctps_code code, const char *fmt, ...)
{
    if (err) {
        char text[sizeof(err->text)];
        va_list args;

        /* Through a copy: the arguments may hold err->text itself, to say more around it. */
        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        memcpy(err->text, text, strlen(text) + 1);
        err->code = code;
    }
    return code;
}

static enum ctps_code code_from_errno(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return CTPS_NOSPACE;
    case ENOMEM:
        return CTPS_NOMEM;
    case ENOENT:
        return CTPS_ABSENT;
    case EEXIST:
        return CTPS_EXISTS;
    default:
        return CTPS_IO;
    }
}

enum ctps_code err_set_errno(struct ctps_err *err, int errnum, const char *fmt, ...)
{
    enum ctps_code code = code_from_errno(errnum);

    if (err) {
        char text[sizeof(err->text)];
        va_list args;

        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        err_set(err, code, "%s: %s", text, strerror(errnum));
    }
    return code;
}

const char *err_code_name(enum ctps_code code)
{
    static const char *const names[] = {
        [CTPS_OK] = "ok",
        [CTPS_ABSENT] = "absent",
        [CTPS_EXISTS] = "exists",
        [CTPS_INVALID] = "invalid",
        [CTPS_LIMIT] = "limit",
        [CTPS_UNSUPPORTED] = "unsupported",
        [CTPS_REFUSED] = "refused",
        [CTPS_BUSY] = "busy",
        [CTPS_CONFLICT] = "conflict",
        [CTPS_CLOSED] = "closed",
        [CTPS_DAMAGED] = "damaged",
        [CTPS_FORGED] = "forged",
        [CTPS_IO] = "io",
        [CTPS_NOSPACE] = "no_space",
        [CTPS_NOMEM] = "no_memory",
    };

    if ((unsigned)code >= sizeof(names) / sizeof(names[0]))
        return "unknown";
    return names[code];
}
