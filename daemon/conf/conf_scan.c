#include "conf/conf_scan.h"
#include "conf/conf.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 16, PATH_LEN = 160 };

struct name {
    const char *at;
    size_t len;
    unsigned line;
};

/* Names given in the groups that are open, outermost first. */
struct names {
    struct name *all; /* CONF_SETTINGS_MAX of them */
    size_t count;
    size_t groups[GROUPS_MAX]; /* where each open group's names begin */
    size_t depth;
    struct name word; /* the last one seen: before an = it is a name */
};

struct scan {
    const char *at;
    const char *end;
    const char *name;
    unsigned line;
    unsigned settings;
    struct names *names; /* NULL: not kept */
    struct ctps_err *err;
};

static char peek(const struct scan *scan, size_t ahead)
{
    if ((size_t)(scan->end - scan->at) <= ahead)
        return '\0';
    return scan->at[ahead];
}

static void step(struct scan *scan)
{
    if (*scan->at == '\n')
        scan->line++;
    scan->at++;
}

static void line_skip(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n')
        scan->at++;
}

static void block_skip(struct scan *scan)
{
    scan->at += 2;
    while (scan->at < scan->end && !(peek(scan, 0) == '*' && peek(scan, 1) == '/'))
        step(scan);
    for (int i = 0; i < 2 && scan->at < scan->end; i++)
        step(scan);
}

/* An open text is refused here: libconfig would say "syntax error" at the last line, and leak.
 */
static enum ctps_code string_skip(struct scan *scan)
{
    unsigned line = scan->line;

    scan->at++;
    while (scan->at < scan->end && *scan->at != '"') {
        if (*scan->at == '\\' && scan->end - scan->at > 1)
            scan->at++;
        step(scan);
    }
    if (scan->at == scan->end)
        return err_set(scan->err, CTPS_INVALID, "%s:%u: a text opened here is never closed",
                       scan->name, line);
    scan->at++;
    return CTPS_OK;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*' || c == '.' ||
           c == '+';
}

/* Whether an integer literal fits what libconfig makes of it: 64 bits with L, else 32. */
static bool integer_fits(const char *word)
{
    char *end;
    long long value;
    int base = word[0] == '0' && (word[1] == 'x' || word[1] == 'X') ? 16 : 10;

    errno = 0;
    value = strtoll(word, &end, base);
    if (errno)
        return false;
    if (*end == 'L')
        return true;
    return *end != '\0' || (value >= INT_MIN && value <= INT_MAX);
}

/* A run of word characters: a name, a keyword or a number. */
static enum ctps_code word_check(struct scan *scan)
{
    const char *begin = scan->at;
    char word[32];
    size_t len = 0;
    bool number;

    while (is_word(peek(scan, 0))) {
        if (len + 1 < sizeof(word))
            word[len++] = *scan->at;
        scan->at++;
    }
    word[len] = '\0';
    if (scan->names)
        scan->names->word =
            (struct name){.at = begin, .len = (size_t)(scan->at - begin), .line = scan->line};
    number = isdigit((unsigned char)word[strspn(word, "+-")]) && strcspn(word, ".") == len;
    if (number && (len + 1 == sizeof(word) || !integer_fits(word)))
        return err_set(scan->err, CTPS_INVALID,
                       "%s:%u: the integer %s does not fit; beyond 32 bits write an L after it",
                       scan->name, scan->line, word);
    return CTPS_OK;
}

static bool is_same(const struct name *a, const struct name *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* "plugins.example": what the open groups are called, and the name. */
static const char *path_print(const struct names *names, const struct name *name,
                              char out[PATH_LEN])
{
    size_t len = 0;

    for (size_t i = 0; i <= names->depth && len < PATH_LEN; i++) {
        const struct name *part = i < names->depth ? &names->all[names->groups[i] - 1] : name;
        int shown = part->len > CONF_NAME_MAX ? CONF_NAME_MAX : (int)part->len;

        len += (size_t)snprintf(out + len, PATH_LEN - len, "%s%.*s", i ? "." : "", shown,
                                part->at);
    }
    return out;
}

static enum ctps_code name_add(struct scan *scan)
{
    struct names *names = scan->names;
    size_t from = names->depth ? names->groups[names->depth - 1] : 0;
    char path[PATH_LEN];

    if (!names->word.len)
        return CTPS_OK; /* an equals sign behind nothing: libconfig has said so */
    for (size_t i = from; i < names->count; i++)
        if (is_same(&names->all[i], &names->word))
            return err_set(scan->err, CTPS_INVALID,
                           "%s:%u: %s is given twice, first in line %u: keep one", scan->name,
                           names->word.line, path_print(names, &names->word, path),
                           names->all[i].line);
    if (names->count < CONF_SETTINGS_MAX)
        names->all[names->count++] = names->word;
    names->word.len = 0;
    return CTPS_OK;
}

/* Groups deeper than GROUPS_MAX end the search: libconfig has said what is wrong. */
static enum ctps_code names_follow(struct scan *scan, char c)
{
    struct names *names = scan->names;

    if (c == '=' || c == ':')
        return name_add(scan);
    if (c == '{' && names->count) {
        if (names->depth == GROUPS_MAX)
            return CTPS_LIMIT;
        names->groups[names->depth++] = names->count;
    } else if (c == '}' && names->depth) {
        names->count = names->groups[--names->depth];
    }
    return CTPS_OK;
}

static enum ctps_code char_check(struct scan *scan)
{
    char c = *scan->at;

    if (c == '@')
        return err_set(scan->err, CTPS_INVALID,
                       "%s:%u: @include is not allowed: the configuration is one file",
                       scan->name, scan->line);
    if ((c == '=' || c == ':') && ++scan->settings > CONF_SETTINGS_MAX)
        return err_set(scan->err, CTPS_LIMIT, "%s:%u: more than %d settings", scan->name,
                       scan->line, CONF_SETTINGS_MAX);
    step(scan);
    return scan->names ? names_follow(scan, c) : CTPS_OK;
}

static enum ctps_code token_check(struct scan *scan)
{
    char c = *scan->at;

    if (c == '#' || (c == '/' && peek(scan, 1) == '/'))
        line_skip(scan);
    else if (c == '/' && peek(scan, 1) == '*')
        block_skip(scan);
    else if (c == '"')
        return string_skip(scan);
    else if (is_word(c))
        return word_check(scan);
    else
        return char_check(scan);
    return CTPS_OK;
}

static unsigned line_of(struct bytes source, const uint8_t *place)
{
    unsigned line = 1;

    for (const uint8_t *at = source.data; at < place; at++)
        line += *at == '\n';
    return line;
}

static enum ctps_code scan_run(struct scan *scan, struct bytes source)
{
    enum ctps_code code = CTPS_OK;

    scan->at = (const char *)source.data;
    scan->end = source.len ? scan->at + source.len : scan->at;
    scan->line = 1;
    while (!code && scan->at < scan->end)
        code = token_check(scan);
    return code;
}

enum ctps_code conf_scan(struct bytes source, const char *name, struct ctps_err *err)
{
    struct scan scan = {.name = name, .err = err};
    const uint8_t *nul = source.len ? memchr(source.data, '\0', source.len) : NULL;

    if (nul)
        return err_set(err, CTPS_INVALID, "%s:%u: a NUL byte: not a text file", name,
                       line_of(source, nul));
    return scan_run(&scan, source);
}

bool conf_scan_twice(struct bytes source, const char *name, struct ctps_err *err)
{
    struct names names = {.all = calloc(CONF_SETTINGS_MAX, sizeof(struct name))};
    struct scan scan = {.name = name, .names = &names, .err = err};
    bool found = names.all && scan_run(&scan, source) == CTPS_INVALID;

    free(names.all);
    return found;
}
