#include "conf/conf_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_LEN = 1024, INDENT = 4 };

static void emit(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void emit(struct buf *out, const char *fmt, ...)
{
    char line[LINE_LEN];
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    if (len > 0)
        buf_append(out, line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
}

static size_t section_len(const struct conf_row *row)
{
    const char *dot = strchr(row->name, '.');

    return dot ? (size_t)(dot - row->name) : 0;
}

static bool is_same_section(const struct conf_row *a, const struct conf_row *b)
{
    size_t len = section_len(a);

    return len == section_len(b) && strncmp(a->name, b->name, len) == 0;
}

static bool is_first_of_section(const struct conf_row *rows, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_same_section(&rows[i], &rows[index]))
            return false;
    return true;
}

static void words_literal(const char *words, char *out, size_t len)
{
    size_t used = (size_t)snprintf(out, len, "[");
    const char *sep = " ";

    while (*words && used + 1 < len) {
        size_t word = strcspn(words, " ");

        if (word)
            used +=
                (size_t)snprintf(out + used, len - used, "%s\"%.*s\"", sep, (int)word, words);
        if (word)
            sep = ", ";
        words += word + strspn(words + word, " ");
    }
    if (used + 1 < len)
        snprintf(out + used, len - used, " ]");
}

/* What stands for a value that has no default: something the same row accepts. */
static void placeholder_literal(const struct conf_row *row, char *out, size_t len)
{
    char number[32];

    conf_value_format(row->type, row->min, number, sizeof(number));
    if (row->type == CONF_BOOL)
        snprintf(out, len, "false");
    else if (row->type == CONF_INT)
        snprintf(out, len, "%s", number);
    else if (row->type == CONF_PATH)
        snprintf(out, len, "\"/path\"");
    else if (row->type == CONF_STRING)
        snprintf(out, len, "\"%s\"", row->choices ? row->choices[0] : "text");
    else
        snprintf(out, len, "\"%s\"", number);
}

/* The default as one would write it in the file. */
static void fallback_literal(const struct conf_row *row, char *out, size_t len)
{
    if (row->type == CONF_STRINGS || row->type == CONF_ENDPOINTS)
        words_literal(row->fallback ? row->fallback : "", out, len);
    else if (row->type == CONF_OPEN)
        snprintf(out, len, "{ }");
    else if (!row->fallback)
        placeholder_literal(row, out, len);
    else if (row->type == CONF_BOOL || row->type == CONF_INT)
        snprintf(out, len, "%s", row->fallback);
    else
        snprintf(out, len, "\"%s\"", row->fallback);
}

static void traits_describe(const struct conf_row *row, char *out, size_t len)
{
    char allowed[160];

    conf_value_describe(row, allowed, sizeof(allowed));
    snprintf(out, len, "%s%s%s%s; %s%s", allowed, row->unit ? " (" : "",
             row->unit ? row->unit : "", row->unit ? ")" : "",
             row->required ? "required; " : "",
             row->reload ? "may change while running" : "needs a restart");
}

static void sample_rows(const struct conf_row *rows, size_t row_count, unsigned indent,
                        bool commented, struct buf *out);

static void sample_map(const struct conf_row *row, const char *name, unsigned indent,
                       struct buf *out)
{
    emit(out, "#%*s%s = {\n#%*sNAME = {\n", (int)indent, "", name, (int)indent + INDENT, "");
    sample_rows(row->rows, row->row_count, indent + 2 * INDENT, true, out);
    emit(out, "#%*s};\n#%*s};\n", (int)indent + INDENT, "", (int)indent, "");
}

/* A "#" in the first column comments an option; prose has one more: taking the first column's
 * "#" away everywhere gives a file that sets every option to its default. */
static void sample_row(const struct conf_row *row, const char *name, unsigned indent,
                       bool commented, struct buf *out)
{
    char text[LINE_LEN / 2];

    emit(out, "%s%*s## %s\n", commented ? "#" : "", (int)indent, "", row->help);
    traits_describe(row, text, sizeof(text));
    emit(out, "%s%*s## %s.\n", commented ? "#" : "", (int)indent, "", text);
    if (row->type == CONF_MAP) {
        sample_map(row, name, indent, out);
        return;
    }
    fallback_literal(row, text, sizeof(text));
    emit(out, "#%*s%s = %s;\n", (int)indent, "", name, text);
}

static void sample_section(const struct conf_row *rows, size_t row_count, size_t first,
                           unsigned indent, bool commented, struct buf *out)
{
    size_t len = section_len(&rows[first]);
    const char *mark = commented ? "#" : "";
    unsigned inner = len ? indent + INDENT : indent;

    if (len)
        emit(out, "%s%*s%.*s = {\n", mark, (int)indent, "", (int)len, rows[first].name);
    for (size_t i = first; i < row_count; i++)
        if (is_same_section(&rows[first], &rows[i]))
            sample_row(&rows[i], rows[i].name + (len ? len + 1 : 0), inner, commented, out);
    if (len)
        emit(out, "%s%*s};\n", mark, (int)indent, "");
}

static void sample_rows(const struct conf_row *rows, size_t row_count, unsigned indent,
                        bool commented, struct buf *out)
{
    for (size_t i = 0; i < row_count; i++)
        if (is_first_of_section(rows, i))
            sample_section(rows, row_count, i, indent, commented, out);
}

/* roff takes a leading dot or quote for a request and a backslash for an escape. */
static void man_text(const char *text, struct buf *out)
{
    if (*text == '.' || *text == '\'')
        emit(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            emit(out, "\\e");
        else if (*text == '-')
            emit(out, "\\-");
        else
            buf_append(out, text, 1);
    }
}

static void man_rows(const struct conf_row *rows, size_t row_count, const char *prefix,
                     struct buf *out)
{
    for (size_t i = 0; i < row_count; i++) {
        char text[LINE_LEN / 2];
        char full[256];

        snprintf(full, sizeof(full), "%s%s", prefix, rows[i].name);
        emit(out, ".TP\n.B ");
        man_text(full, out);
        emit(out, "\n");
        man_text(rows[i].help, out);
        traits_describe(&rows[i], text, sizeof(text));
        emit(out, "\n.br\nValue: ");
        man_text(text, out);
        emit(out, ".\n");
        if (rows[i].type == CONF_MAP) {
            snprintf(full, sizeof(full), "%s%s.NAME.", prefix, rows[i].name);
            man_rows(rows[i].rows, rows[i].row_count, full, out);
        } else if (rows[i].fallback) {
            fallback_literal(&rows[i], text, sizeof(text));
            emit(out, ".br\nDefault: ");
            man_text(text, out);
            emit(out, "\n");
        }
    }
}

void conf_explain(const struct conf_row *rows, size_t row_count, enum conf_explain_form form,
                  struct buf *out)
{
    if (form == CONF_EXPLAIN_SAMPLE) {
        sample_rows(rows, row_count, 0, false, out);
        return;
    }
    emit(out, ".SH OPTIONS\n");
    man_rows(rows, row_count, "", out);
}
