#include "template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_LEN = 1024, FILE_LEN_MAX = 64 * 1024, WORDS_MAX = 64 };

struct word {
    char *code, *words;
};

struct tongue {
    bool is_there;
    char *text[TEMPLATE_COUNT][PART_COUNT];
    struct word words[WORDS_MAX];
    size_t word_count;
};

struct templates {
    enum language fallback;
    struct tongue tongues[LANGUAGE_COUNT];
};

/* What is being read, for messages. */
struct reading {
    char path[PATH_LEN];
    unsigned line;
    char *why;
    size_t why_len;
};

static const char *const kind_names[TEMPLATE_COUNT] = {
#define X(id, name) [TEMPLATE_##id] = (name),
    TEMPLATE_LIST(X)
#undef X
};
static const char *const placeholder_names[PLACEHOLDER_COUNT] = {
#define X(id, name) [PLACEHOLDER_##id] = (name),
    PLACEHOLDER_LIST(X)
#undef X
};
static const char *const language_codes[LANGUAGE_COUNT] = {"fr", "en"};
static const char *const part_names[] = {"Subject:", "Line:"};

enum language language_find(const char *code)
{
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        if (code && strcmp(code, language_codes[i]) == 0)
            return (enum language)i;
    return LANGUAGE_COUNT;
}

const char *language_code(enum language language)
{
    return language_codes[language];
}

static bool complain(struct reading *reading, const char *what, const char *about, size_t len)
{
    snprintf(reading->why, reading->why_len, "%s:%u: %s%.*s", reading->path, reading->line,
             what, (int)len, about);
    return false;
}

/* --- placeholders --- */

static enum placeholder placeholder_find(const char *name, size_t len)
{
    for (int i = 0; i < PLACEHOLDER_COUNT; i++)
        if (strlen(placeholder_names[i]) == len && memcmp(name, placeholder_names[i], len) == 0)
            return (enum placeholder)i;
    return PLACEHOLDER_COUNT;
}

static bool line_check(struct reading *reading, const char *line, size_t len)
{
    const char *end = line + len;

    for (const char *open = line; (open = memchr(open, '{', (size_t)(end - open))); open++) {
        const char *close = memchr(open, '}', (size_t)(end - open));

        if (!close)
            return complain(reading, "a brace that is not closed", "", 0);
        if (placeholder_find(open + 1, (size_t)(close - open) - 1) == PLACEHOLDER_COUNT)
            return complain(reading, "unknown placeholder ", open, (size_t)(close - open) + 1);
    }
    return true;
}

static void value_put(FILE *out, const struct template_values *values, const char *name,
                      size_t len)
{
    enum placeholder placeholder = placeholder_find(name, len);

    if (placeholder != PLACEHOLDER_COUNT && values->of[placeholder])
        fputs(values->of[placeholder], out);
}

/* What was left out leaves no gap: no two spaces, none at the end of a line (but that of "-- ",
 * which marks a signature), no two empty lines. */
static void text_tidy(char *text)
{
    static const char signature[] = "-- \n";
    char *to = text, *line = text;

    for (const char *from = text; *from; from++) {
        bool space = *from == ' ' && to > line && to[-1] == ' ';
        bool gap = *from == '\n' && to == line && to - text >= 2 && to[-2] == '\n';

        if (to == line && strncmp(from, signature, strlen(signature)) == 0) {
            memcpy(to, signature, strlen(signature));
            to = line = to + strlen(signature);
            from += strlen(signature) - 1;
            continue;
        }
        if (*from == '\n' && to > line && to[-1] == ' ')
            to--;
        if (space || gap)
            continue;
        *to++ = *from;
        if (*from == '\n')
            line = to;
    }
    if (to > line && to[-1] == ' ')
        to--;
    *to = '\0';
}

static char *text_fill(const char *text, const struct template_values *values)
{
    char *filled = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&filled, &len);

    if (!out)
        return NULL;
    while (*text) {
        const char *open = strchr(text, '{');
        const char *close = open ? strchr(open, '}') : NULL;

        if (!close) {
            fputs(text, out);
            break;
        }
        fwrite(text, 1, (size_t)(open - text), out);
        value_put(out, values, open + 1, (size_t)(close - open) - 1);
        text = close + 1;
    }
    if (fclose(out) == 0) {
        text_tidy(filled);
        return filled;
    }
    free(filled);
    return NULL;
}

char *template_render(const struct templates *templates, enum language language,
                      enum template_kind kind, enum template_part part,
                      const struct template_values *values)
{
    const struct tongue *tongue = &templates->tongues[language];

    if (!tongue->is_there)
        tongue = &templates->tongues[templates->fallback];
    return text_fill(tongue->text[kind][part], values);
}

const char *template_word(const struct templates *templates, enum language language,
                          const char *code)
{
    const struct tongue *tongue = &templates->tongues[language];

    if (!tongue->is_there)
        tongue = &templates->tongues[templates->fallback];
    for (size_t i = 0; i < tongue->word_count; i++)
        if (strcmp(tongue->words[i].code, code) == 0)
            return tongue->words[i].words;
    return code;
}

/* --- reading --- */

/* Own: free(). NULL when it cannot be read; *ret_absent: because there is none. */
static char *file_read(struct reading *reading, bool *ret_absent)
{
    FILE *file = fopen(reading->path, "rbe");
    char *text = file ? calloc(1, FILE_LEN_MAX + 1) : NULL;
    size_t len = text ? fread(text, 1, FILE_LEN_MAX + 1, file) : 0;
    bool failed = !text || ferror(file) || len > FILE_LEN_MAX || strlen(text) != len;

    *ret_absent = !file && errno == ENOENT;
    if (failed)
        snprintf(reading->why, reading->why_len, "%s: %s", reading->path,
                 file ? "cannot be read as text" : strerror(errno));
    if (file)
        fclose(file);
    if (!failed)
        return text;
    free(text);
    return NULL;
}

static const char *after_spaces(const char *text)
{
    return text + strspn(text, " \t");
}

/* A line of the head; false when it is none. */
static bool head_take(struct reading *reading, char *texts[PART_COUNT], const char *line,
                      size_t len)
{
    for (int i = PART_SUBJECT; i <= PART_LINE; i++) {
        size_t name_len = strlen(part_names[i]);
        const char *from = line + name_len;

        if (len < name_len || memcmp(line, part_names[i], name_len) != 0)
            continue;
        from = after_spaces(from);
        if (from >= line + len || texts[i])
            return complain(reading, part_names[i], " once, with words", 17);
        texts[i] = strndup(from, (size_t)(line + len - from));
        return texts[i] != NULL;
    }
    return complain(reading, "Subject: or Line: is expected, then an empty line", "", 0);
}

/* Each line's placeholders; `text` up to the empty line is the head. */
static bool text_take(struct reading *reading, char *texts[PART_COUNT], const char *text)
{
    bool in_head = true;

    for (reading->line = 1; *text; reading->line++) {
        size_t len = strcspn(text, "\n");

        if (!line_check(reading, text, len))
            return false;
        if (in_head && len == 0) {
            in_head = false;
            texts[PART_BODY] = strdup(text + 1);
        } else if (in_head && *text != '#' && !head_take(reading, texts, text, len)) {
            return false;
        }
        text += len + (text[len] == '\n');
    }
    if (texts[PART_SUBJECT] && texts[PART_LINE] && texts[PART_BODY])
        return true;
    return complain(reading, "Subject:, Line:, an empty line and a text are expected", "", 0);
}

static void path_make(struct reading *reading, const char *folder, enum language language,
                      const char *name)
{
    snprintf(reading->path, sizeof(reading->path), "%s/%s/%s.txt", folder,
             language_codes[language], name);
}

static bool word_take(struct reading *reading, struct tongue *tongue, const char *line,
                      size_t len)
{
    const char *equals = memchr(line, '=', len);
    const char *words = equals ? after_spaces(equals + 1) : NULL;
    size_t code_len = equals ? (size_t)(equals - line) : 0;
    struct word *word = &tongue->words[tongue->word_count];

    while (code_len && line[code_len - 1] == ' ')
        code_len--;
    if (!code_len || words >= line + len || tongue->word_count == WORDS_MAX)
        return complain(reading, "code = words is expected, at most 64 of them", "", 0);
    word->code = strndup(line, code_len);
    word->words = strndup(words, (size_t)(line + len - words));
    tongue->word_count++;
    return word->code && word->words;
}

static bool words_read(struct reading *reading, struct tongue *tongue)
{
    bool absent, ok = true;
    char *text = file_read(reading, &absent);
    const char *at = text;

    for (reading->line = 1; ok && at && *at; reading->line++) {
        size_t len = strcspn(at, "\n");

        ok = len == 0 || *at == '#' || word_take(reading, tongue, at, len);
        at += len + (at[len] == '\n');
    }
    ok = ok && text;
    free(text);
    return ok;
}

static bool tongue_read(struct reading *reading, struct tongue *tongue, const char *folder,
                        enum language language, bool required)
{
    for (int kind = 0; kind < TEMPLATE_COUNT; kind++) {
        bool absent, ok;
        char *text;

        path_make(reading, folder, language, kind_names[kind]);
        text = file_read(reading, &absent);
        if (!text)
            return kind == 0 && absent && !required;
        ok = text_take(reading, tongue->text[kind], text);
        free(text);
        if (!ok)
            return false;
    }
    path_make(reading, folder, language, "words");
    tongue->is_there = words_read(reading, tongue);
    return tongue->is_there;
}

struct templates *templates_open(const char *folder, enum language fallback, char *why,
                                 size_t why_len)
{
    struct templates *templates = calloc(1, sizeof(*templates));
    struct reading reading = {.why = why, .why_len = why_len};

    snprintf(why, why_len, "no memory");
    if (!templates)
        return NULL;
    templates->fallback = fallback;
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        if (!tongue_read(&reading, &templates->tongues[i], folder, (enum language)i,
                         i == (int)fallback)) {
            templates_close(&templates);
            return NULL;
        }
    return templates;
}

void templates_close(struct templates **held)
{
    struct templates *templates = *held;

    if (!templates)
        return;
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        struct tongue *tongue = &templates->tongues[i];

        for (int kind = 0; kind < TEMPLATE_COUNT; kind++)
            for (int part = 0; part < PART_COUNT; part++)
                free(tongue->text[kind][part]);
        for (size_t k = 0; k < tongue->word_count; k++) {
            free(tongue->words[k].code);
            free(tongue->words[k].words);
        }
    }
    free(templates);
    *held = NULL;
}

/* --- dates --- */

/* Howard Hinnant, chrono-compatible low-level date algorithms: civil_from_days. */
void template_civil(int32_t day, int *ret_year, int *ret_month, int *ret_day)
{
    int32_t shifted = day + 719468;
    int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int32_t of_era = shifted - era * 146097;
    int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int32_t month = (5 * of_year + 2) / 153;

    *ret_day = of_year - (153 * month + 2) / 5 + 1;
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

void template_date(enum language language, int32_t day, char out[TEMPLATE_DATE_LEN])
{
    static const char *const days[LANGUAGE_COUNT][7] = {
        {"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"},
        {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}};
    static const char *const months[LANGUAGE_COUNT][12] = {
        {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
         "octobre", "novembre", "décembre"},
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"}};
    int year, month, of_month;

    template_civil(day, &year, &month, &of_month);
    /* 1970-01-01 was a Thursday. */
    snprintf(out, TEMPLATE_DATE_LEN, "%s %d%s %s %d", days[language][((day + 3) % 7 + 7) % 7],
             of_month, language == LANGUAGE_FR && of_month == 1 ? "er" : "",
             months[language][month - 1], year);
}

void template_time(enum language language, uint32_t minute, char out[TEMPLATE_TIME_LEN])
{
    snprintf(out, TEMPLATE_TIME_LEN, language == LANGUAGE_FR ? "%u h %02u" : "%u:%02u",
             minute / 60 % 24, minute % 60);
}
