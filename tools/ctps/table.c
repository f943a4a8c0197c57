#include "table.h"

#include "text/width.h"

#include <string.h>

enum { GAP = 2, COLUMN_MIN = 12 };

void table_init(struct table *table, struct arena *arena, size_t column_count)
{
    *table = (struct table){.arena = arena, .column_count = column_count};
}

const char **table_add_row(struct table *table)
{
    size_t cap = table->row_cap ? table->row_cap * 2 : 32;
    const char **grown;

    if (table->row_count == table->row_cap) {
        grown = arena_alloc(table->arena, cap * table->column_count * sizeof *grown);
        if (!grown)
            return NULL;
        if (table->row_count)
            memcpy(grown, table->cells, table->row_count * table->column_count * sizeof *grown);
        table->cells = grown;
        table->row_cap = cap;
    }
    return table->cells + table->column_count * table->row_count++;
}

size_t table_text_width(const char *text)
{
    size_t width = 0;

    while (*text) {
        struct text_glyph glyph = text_glyph_next(text);

        width += (size_t)glyph.columns;
        text += glyph.len;
    }
    return width;
}

size_t table_write_text(FILE *out, const char *text, size_t width)
{
    size_t full = width ? table_text_width(text) : 0;
    size_t room = full > width ? width - 1 : full;
    size_t written = 0;

    while (*text) {
        struct text_glyph glyph = text_glyph_next(text);

        if (width && written + (size_t)glyph.columns > room)
            break;
        if (glyph.control)
            fputc(' ', out);
        else
            fwrite(text, 1, glyph.len, out);
        written += (size_t)glyph.columns;
        text += glyph.len;
    }
    if (full > width && width) {
        fputs("…", out);
        written++;
    }
    return written;
}

/* A column without a single value takes no room. */
static void measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
    for (size_t c = 0; c < table->column_count; c++) {
        widths[c] = 0;
        for (size_t r = 0; r < table->row_count; r++) {
            const char *cell = table->cells[r * table->column_count + c];
            size_t width = cell ? table_text_width(cell) : 0;

            if (width > widths[c])
                widths[c] = width;
        }
        if (widths[c] > 0 && table->titles[c] && table_text_width(table->titles[c]) > widths[c])
            widths[c] = table_text_width(table->titles[c]);
    }
}

/* How many columns are shown: what does not fit even when shortened is left out, last first.
 * --json has everything. */
static size_t count_fitting(const size_t *widths, size_t count, size_t limit)
{
    size_t total = 0;

    for (size_t c = 0; c < count; c++) {
        total +=
            (widths[c] < COLUMN_MIN ? widths[c] : COLUMN_MIN) + (total && widths[c] ? GAP : 0);
        if (total > limit)
            return c ? c : 1;
    }
    return count;
}

/* Takes from the widest column, one after the other, until the line fits. */
static void shrink(size_t *widths, size_t count, size_t limit)
{
    size_t total = 0;

    for (size_t c = 0; c < count; c++)
        total += widths[c] + (total && widths[c] ? GAP : 0);
    while (total > limit) {
        size_t widest = 0;

        for (size_t c = 1; c < count; c++)
            if (widths[c] > widths[widest])
                widest = c;
        if (widths[widest] <= COLUMN_MIN)
            return;
        widths[widest]--;
        total--;
    }
}

static void pad(FILE *out, size_t count)
{
    while (count-- > 0)
        fputc(' ', out);
}

static void write_line(const struct table *table, FILE *out, const char *const *cells,
                       const size_t *widths, size_t count)
{
    size_t owed = 0; /* blanks before the next cell; none at the end of a line */

    for (size_t c = 0; c < count; c++) {
        const char *cell = cells[c] ? cells[c] : "";
        size_t width = table_text_width(cell);
        size_t room = widths[c] > width ? widths[c] - width : 0;

        if (widths[c] == 0)
            continue;
        if (*cell) {
            pad(out, owed + (table->right[c] ? room : 0));
            owed = (table->right[c] ? 0 : room) + GAP;
            table_write_text(out, cell, widths[c]);
        } else {
            owed += widths[c] + GAP;
        }
    }
    fputc('\n', out);
}

void table_write(const struct table *table, FILE *out, unsigned width, bool color)
{
    size_t widths[TABLE_COLUMNS_MAX];
    size_t count = table->column_count;

    measure(table, widths);
    if (width) {
        count = count_fitting(widths, count, width);
        shrink(widths, count, width);
    }
    if (color)
        fputs("\033[1m", out);
    write_line(table, out, table->titles, widths, count);
    if (color)
        fputs("\033[0m", out);
    for (size_t r = 0; r < table->row_count; r++)
        write_line(table, out, table->cells + r * table->column_count, widths, count);
}
