#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t min2(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table: `before` and `above` are the two rows over it. */
static void row_fill(const char *a, const char *b, size_t i, const size_t *before,
                     const size_t *above, size_t *row)
{
    size_t len = strlen(b);

    row[0] = i;
    for (size_t j = 1; j <= len; j++) {
        size_t cost = above[j - 1] + (a[i - 1] != b[j - 1]);

        cost = min2(cost, min2(above[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            cost = min2(cost, before[j - 2] + 1);
        row[j] = cost;
    }
}

size_t nearest_distance(const char *a, const char *b)
{
    size_t rows[3][NEAREST_LEN_MAX + 1];
    size_t a_len = strnlen(a, NEAREST_LEN_MAX + 1);
    size_t b_len = strnlen(b, NEAREST_LEN_MAX + 1);

    if (a_len > NEAREST_LEN_MAX || b_len > NEAREST_LEN_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    memset(rows[2], 0, sizeof(rows[2]));
    for (size_t i = 1; i <= a_len; i++)
        row_fill(a, b, i, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]);
    return rows[a_len % 3][b_len];
}

void nearest_init(struct nearest *nearest, const char *name)
{
    *nearest = (struct nearest){.name = name};
}

void nearest_offer(struct nearest *nearest, const char *candidate, size_t len)
{
    char text[NEAREST_LEN_MAX + 1];
    size_t distance;

    if (len == 0 || len > NEAREST_LEN_MAX)
        return;
    memcpy(text, candidate, len);
    text[len] = '\0';
    distance = nearest_distance(nearest->name, text);
    if (nearest->best[0] == '\0' || distance < nearest->distance) {
        memcpy(nearest->best, text, len + 1);
        nearest->distance = distance;
    }
}

static size_t distance_allowed(const char *name)
{
    size_t third = strlen(name) / 3;

    return third ? third : 1;
}

const char *nearest_best(const struct nearest *nearest)
{
    if (nearest->best[0] == '\0' || nearest->distance > distance_allowed(nearest->name))
        return NULL;
    return nearest->best;
}

const char *nearest_find(const char *name, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t best_distance = distance_allowed(name) + 1;

    for (size_t i = 0; i < count; i++) {
        size_t distance = nearest_distance(name, candidates[i]);

        if (distance < best_distance) {
            best = candidates[i];
            best_distance = distance;
        }
    }
    return best;
}
