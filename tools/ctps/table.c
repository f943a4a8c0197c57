#include "table.h"

#include <string.h>
#include <wchar.h>

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

struct glyph {
    size_t len;  /* bytes */
    int columns; /* on a terminal; a control character counts as a space */
    bool plain;  /* may be written as it is */
};

/* C0, DEL, C1 and the marks that turn the direction of a line. */
static bool is_control(wchar_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static struct glyph next_glyph(const char *text)
{
    mbstate_t state = {0};
    wchar_t c = 0;
    size_t len = mbrtowc(&c, text, strlen(text), &state);
    int columns;

    if (len == 0 || len == (size_t)-1 || len == (size_t)-2)
        return (struct glyph){.len = 1, .columns = 1};
    if (is_control(c))
        return (struct glyph){.len = len, .columns = 1};
    columns = wcwidth(c);
    return (struct glyph){.len = len, .columns = columns < 0 ? 1 : columns, .plain = true};
}

size_t table_text_width(const char *text)
{
    size_t width = 0;

    while (*text) {
        struct glyph glyph = next_glyph(text);

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
        struct glyph glyph = next_glyph(text);

        if (width && written + (size_t)glyph.columns > room)
            break;
        if (glyph.plain)
            fwrite(text, 1, glyph.len, out);
        else
            fputc(' ', out);
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
