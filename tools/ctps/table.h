/*
 * table: rows of cells on a terminal or in a pipe. Fits the width it is given by shortening the
 * widest columns, then by leaving out the last ones; a column without a value is not shown.
 * Control characters in cells never reach the terminal.
 */
#ifndef CTPS_CLI_TABLE_H
#define CTPS_CLI_TABLE_H

#include "base/arena.h"

#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 16 };

struct table {
    struct arena *arena; /* borrow: holds the cells */
    size_t column_count;
    const char *titles[TABLE_COLUMNS_MAX];
    bool right[TABLE_COLUMNS_MAX]; /* numbers */
    const char **cells;            /* row after row */
    size_t row_count;
    size_t row_cap;
};

/* `column_count` at most TABLE_COLUMNS_MAX. Titles are set by the caller, borrowed. */
void table_init(struct table *table, struct arena *arena, size_t column_count);
/* Room for one more row, its cells NULL (written as empty); cells are borrowed until
 * table_write. NULL without memory. */
const char **table_add_row(struct table *table);
/* Writes titles and rows; `width` 0: no limit. `color`: titles in bold. */
void table_write(const struct table *table, FILE *out, unsigned width, bool color);

/* Columns a text takes on a terminal. */
size_t table_text_width(const char *text);
/* Writes a text with its control characters replaced by spaces, shortened to `width` columns
 * (0: whole). Returns the columns written. */
size_t table_write_text(FILE *out, const char *text, size_t width);

#endif
