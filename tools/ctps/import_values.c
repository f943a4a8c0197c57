#include "import_values.h"

#include "base/civil.h"
#include "text/fold.h"
#include "value.h"

#include <string.h>

enum { SCRATCH_MAX = 256 << 10 };

static const struct import_cause_row causes[CAUSE_COUNT] = {
    [CAUSE_NONE] = {"", ""},
#define X(id, fr, en) [CAUSE_##id] = {fr, en},
#include "import_causes.h"
#undef X
};

const struct import_cause_row *import_cause_row(enum import_cause cause)
{
    return &causes[cause];
}

const char *import_value_code(struct cli *cli, const char *list, const char *text)
{
    const Ctps__ListValue *value =
        (const Ctps__ListValue *)reference_find(cli, REFERENCE_LIST_VALUES, list, text, NULL);

    return value ? value->code : NULL;
}

bool import_value_day(const char *text, int32_t *ret_day)
{
    return value_parse_day(text, ret_day);
}

static bool folds_alike(const char *a, const char *b)
{
    const char *key_a;
    const char *key_b;
    struct arena scratch;
    bool alike;

    arena_init(&scratch, SCRATCH_MAX);
    key_a = text_fold_name(&scratch, a);
    key_b = text_fold_name(&scratch, b);
    alike = key_a && key_b && *key_a && strcmp(key_a, key_b) == 0;
    arena_done(&scratch);
    return alike;
}

const char *import_value_district(const Ctps__Territory *territory, const char *text)
{
    for (size_t i = 0; i < territory->n_districts; i++)
        if (strcmp(territory->districts[i], text) == 0)
            return territory->districts[i];
    for (size_t i = 0; i < territory->n_districts; i++)
        if (folds_alike(territory->districts[i], text))
            return territory->districts[i];
    return NULL;
}

const char *import_value_sex(const char *text)
{
    static const char *const women[] = {"F", "femme", "féminin", "fille"};
    static const char *const men[] = {"M", "H", "homme", "masculin", "garçon"};

    for (size_t i = 0; i < sizeof women / sizeof *women; i++)
        if (folds_alike(women[i], text))
            return "F";
    for (size_t i = 0; i < sizeof men / sizeof *men; i++)
        if (folds_alike(men[i], text))
            return "M";
    return NULL;
}

/* Thousands stand apart by a blank, a no-break space or a narrow one. */
bool import_value_population(const char *text, uint32_t *ret_count)
{
    static const char *const gaps[] = {" ", "\302\240", "\342\200\257"};
    uint64_t value = 0;

    if (!*text)
        return false;
    while (*text) {
        size_t gap = 0;

        for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
            if (strncmp(text, gaps[i], strlen(gaps[i])) == 0)
                gap = strlen(gaps[i]);
        if (gap == 0 && (*text < '0' || *text > '9'))
            return false;
        if (gap == 0)
            value = value * 10 + (uint64_t)(*text - '0');
        if (value > UINT32_MAX)
            return false;
        text += gap ? gap : 1;
    }
    *ret_count = (uint32_t)value;
    return true;
}

static const char *trimmed(struct arena *arena, const char *text, size_t len)
{
    char *copy;

    while (len > 0 && strchr(" \t\r\n", text[0]))
        text++, len--;
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        len--;
    copy = arena_alloc(arena, len + 1);
    if (copy && len > 0)
        memcpy(copy, text, len);
    return copy;
}

/* Parts between `separator`, blank ones left out; 0 when there are too many. */
static size_t cut(struct arena *arena, const char *text, const char *separator,
                  const char *parts[IMPORT_PARTS_MAX])
{
    size_t count = 0;

    while (text) {
        const char *end = strstr(text, separator);
        const char *part = trimmed(arena, text, end ? (size_t)(end - text) : strlen(text));

        if (!part || (*part && count == IMPORT_PARTS_MAX))
            return 0;
        if (*part)
            parts[count++] = part;
        text = end ? end + strlen(separator) : NULL;
    }
    return count;
}

size_t import_value_split(struct arena *arena, const char *text, const char *const *separators,
                          bool (*known)(void *ctx, const char *part), void *ctx,
                          const char *ret_parts[IMPORT_PARTS_MAX], const char **ret_bad)
{
    const char *parts[IMPORT_PARTS_MAX];

    *ret_bad = NULL;
    ret_parts[0] = text;
    if (known(ctx, text))
        return 1;
    for (; *separators; separators++) {
        size_t count = cut(arena, text, *separators, parts);
        size_t good = 0;

        while (good < count && known(ctx, parts[good]))
            good++;
        if (count > 0 && good == count) {
            memcpy(ret_parts, parts, count * sizeof *parts);
            return count;
        }
        if (!*ret_bad && good < count && count > 1)
            *ret_bad = parts[good];
    }
    if (!*ret_bad)
        *ret_bad = text;
    return 0;
}
