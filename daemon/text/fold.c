#include "text/fold.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

/* What the folding of one text works on. */
struct folding {
    char *out;
    size_t len;
    bool split_digits;
    bool pending; /* a separator was seen since the last word character */
    bool in_digits;
};

struct replacement {
    utf8proc_int32_t point;
    const char *text;
};

static const struct replacement letters[] = {{0x00df, "ss"}, {0x00e6, "ae"}, {0x00f0, "d"},
                                             {0x00f8, "o"},  {0x00fe, "th"}, {0x0111, "d"},
                                             {0x0127, "h"},  {0x0131, "i"},  {0x0142, "l"},
                                             {0x0153, "oe"}, {0x0167, "t"}};

static const char *letter_replaced(utf8proc_int32_t point)
{
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (letters[i].point == point)
            return letters[i].text;
    return NULL;
}

static bool is_digit(utf8proc_category_t category)
{
    return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL ||
           category == UTF8PROC_CATEGORY_NO;
}

/* U+02B9 to U+02CF are marks of pronunciation that Unicode calls letters; some are typed for an
 * apostrophe. */
static bool is_word_point(utf8proc_int32_t point, utf8proc_category_t category)
{
    if (point >= 0x02b9 && point <= 0x02cf)
        return false;
    return is_digit(category) ||
           (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO);
}

static void point_fold(struct folding *folding, utf8proc_int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);
    const char *text = letter_replaced(point);
    bool digit = is_digit(category);

    if (!is_word_point(point, category)) {
        folding->pending = true;
        return;
    }
    if (folding->split_digits && digit != folding->in_digits)
        folding->pending = true;
    if (folding->pending && folding->len)
        folding->out[folding->len++] = ' ';
    folding->pending = false;
    folding->in_digits = digit;
    if (!text) {
        folding->len += (size_t)utf8proc_encode_char(point, (utf8proc_uint8_t *)folding->out +
                                                                folding->len);
        return;
    }
    memcpy(folding->out + folding->len, text, strlen(text));
    folding->len += strlen(text);
}

/* Decomposed, case-folded code points without marks. */
static utf8proc_int32_t *points_of(struct arena *arena, const char *in, size_t *ret_count)
{
    static const utf8proc_option_t options = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                             UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
                                             UTF8PROC_IGNORE;
    const utf8proc_uint8_t *text = (const utf8proc_uint8_t *)in;
    utf8proc_ssize_t len = (utf8proc_ssize_t)strnlen(in, TEXT_FOLD_MAX + 1);
    utf8proc_ssize_t count;
    utf8proc_int32_t *points;

    if (len > TEXT_FOLD_MAX)
        return NULL;
    count = utf8proc_decompose(text, len, NULL, 0, options);
    if (count < 0)
        return NULL;
    points = arena_alloc(arena, ((size_t)count + 1) * sizeof(*points));
    if (!points || utf8proc_decompose(text, len, points, count, options) != count)
        return NULL;
    *ret_count = (size_t)count;
    return points;
}

static char *text_fold(struct arena *arena, const char *in, bool split_digits)
{
    struct folding folding = {.split_digits = split_digits};
    size_t count;
    utf8proc_int32_t *points = points_of(arena, in, &count);

    if (!points)
        return NULL;
    /* At worst a space before each code point, and four bytes for it. */
    folding.out = arena_alloc(arena, count * 5 + 1);
    if (!folding.out)
        return NULL;
    for (size_t i = 0; i < count; i++)
        point_fold(&folding, points[i]);
    return folding.out;
}

const char *text_fold_name(struct arena *arena, const char *in)
{
    return text_fold(arena, in, false);
}

/* The word at *at, and *at behind it and the space that follows; empty at the end. */
static struct bytes word_next(struct bytes *rest)
{
    const uint8_t *space = rest->len ? memchr(rest->data, ' ', rest->len) : NULL;
    size_t len = space ? (size_t)(space - rest->data) : rest->len;
    struct bytes word = bytes_of(rest->data, len);

    if (rest->len)
        *rest = bytes_of(rest->data + len + (space != NULL), rest->len - len - (space != NULL));
    return word;
}

static int bytes_compare(struct bytes a, struct bytes b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int words_compare(const void *a, const void *b)
{
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

static size_t words_count(const char *folded)
{
    size_t count = *folded != '\0';

    for (; *folded; folded++)
        count += *folded == ' ';
    return count;
}

const char *text_fold_words(struct arena *arena, const char *in)
{
    const char *folded = text_fold(arena, in, false);
    size_t count = folded ? words_count(folded) : 0;
    struct bytes rest;
    struct bytes *words;
    char *out;
    size_t used = 0;

    if (count < 2)
        return folded;
    words = arena_alloc(arena, count * sizeof(*words));
    out = arena_alloc(arena, strlen(folded) + 1);
    if (!words || !out)
        return NULL;
    rest = bytes_of_str(folded);
    for (size_t i = 0; i < count; i++)
        words[i] = word_next(&rest);
    qsort(words, count, sizeof(*words), words_compare);
    for (size_t i = 0; i < count; i++) {
        if (i)
            out[used++] = ' ';
        memcpy(out + used, words[i].data, words[i].len);
        used += words[i].len;
    }
    return out;
}

static const char *const abbreviations[][2] = {
    {"bd", "boulevard"}, {"bld", "boulevard"}, {"bvd", "boulevard"}, {"blvd", "boulevard"},
    {"av", "avenue"},    {"ave", "avenue"},    {"r", "rue"},         {"pl", "place"},
    {"all", "allee"},    {"ch", "chemin"},     {"che", "chemin"},    {"imp", "impasse"},
    {"rte", "route"},    {"sq", "square"},     {"crs", "cours"},     {"fg", "faubourg"},
    {"fbg", "faubourg"}, {"st", "saint"},      {"ste", "sainte"},
};

enum { GROWTH_MAX = 9 /* most letters writing out adds to a word: "bd" to "boulevard" is 7 */ };

static struct bytes word_expand(struct bytes word)
{
    for (size_t i = 0; i < sizeof(abbreviations) / sizeof(abbreviations[0]); i++)
        if (bytes_equal(word, bytes_of_str(abbreviations[i][0])))
            return bytes_of_str(abbreviations[i][1]);
    return word;
}

const char *text_fold_address(struct arena *arena, const char *in)
{
    const char *folded = text_fold(arena, in, true);
    size_t count = folded ? words_count(folded) : 0;
    struct bytes rest;
    char *out;
    size_t used = 0;

    if (!count)
        return folded;
    out = arena_alloc(arena, strlen(folded) + count * GROWTH_MAX + 1);
    if (!out)
        return NULL;
    rest = bytes_of_str(folded);
    for (size_t i = 0; i < count; i++) {
        struct bytes word = word_expand(word_next(&rest));

        if (i)
            out[used++] = ' ';
        memcpy(out + used, word.data, word.len);
        used += word.len;
    }
    return out;
}

bool text_words_contain(struct bytes name, struct bytes words)
{
    struct bytes wanted = word_next(&words);

    if (wanted.len == 0)
        return false;
    while (wanted.len && name.len) {
        int order = bytes_compare(word_next(&name), wanted);

        if (order > 0)
            return false;
        if (order == 0)
            wanted = word_next(&words);
    }
    return wanted.len == 0;
}

bool text_is_utf8(struct bytes in, size_t max_points)
{
    size_t count;

    if (in.len && memchr(in.data, '\0', in.len))
        return false;
    return utf8_is_valid(in, &count) && count <= max_points;
}
