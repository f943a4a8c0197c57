#include "import_read.h"

#include "lang.h"
#include "text/charset.h"

#include <csv.h>
#include <string.h>

enum {
    SHEET_ARENA_MAX = 768 << 20,
    SNIFF_RECORDS = 50,
    CSV_INSIDE_FIELD =
        2, /* libcsv's parser state FIELD_BEGUN, which its header does not name */
};

static const char separators[] = {';', ',', '\t', '|'};

struct counts {
    size_t header[sizeof separators];
    size_t now[sizeof separators];
    size_t alike[sizeof separators]; /* records with as many as the header */
    size_t records;
};

static void end_of_record(struct counts *counts)
{
    for (size_t i = 0; i < sizeof separators; i++) {
        if (counts->records == 0)
            counts->header[i] = counts->now[i];
        else if (counts->now[i] == counts->header[i])
            counts->alike[i]++;
        counts->now[i] = 0;
    }
    counts->records++;
}

static void count_separators(struct bytes text, struct counts *counts)
{
    bool quoted = false;
    bool blank = true;

    for (size_t i = 0; i < text.len && counts->records <= SNIFF_RECORDS; i++) {
        char c = (char)text.data[i];

        if (c == '"')
            quoted = !quoted;
        if (!quoted && (c == '\n' || c == '\r')) {
            if (!blank)
                end_of_record(counts);
            blank = true;
            continue;
        }
        blank = false;
        for (size_t s = 0; !quoted && s < sizeof separators; s++)
            counts->now[s] += c == separators[s];
    }
    if (!blank)
        end_of_record(counts);
}

char import_sniff_separator(struct bytes text)
{
    struct counts counts = {.records = 0};
    size_t best = 0;

    count_separators(text, &counts);
    for (size_t i = 1; i < sizeof separators; i++) {
        if (counts.header[i] == 0)
            continue;
        if (counts.header[best] == 0 || counts.alike[i] > counts.alike[best] ||
            (counts.alike[i] == counts.alike[best] && counts.header[i] > counts.header[best]))
            best = i;
    }
    return separators[best];
}

/* Excel's first line "sep=;" names the separator; *text then begins behind it. */
static bool take_sep_line(struct bytes *text, size_t *line, char *ret_separator)
{
    size_t at = 5;

    if (text->len < 6 || strncasecmp((const char *)text->data, "sep=", 4) != 0)
        return false;
    *ret_separator = (char)text->data[4];
    if (text->data[at] == '\r')
        at++;
    if (at >= text->len || text->data[at] != '\n')
        return false;
    *text = bytes_of(text->data + at + 1, text->len - at - 1);
    (*line)++;
    return true;
}

struct reader {
    struct import_sheet *sheet;
    size_t record_cap;
    const char *cells[IMPORT_COLUMNS_MAX];
    size_t cell_count;
    size_t line;       /* being read */
    size_t first_line; /* of the record being read */
    bool in_record;
    bool blank; /* no cell of the record has text so far */
    bool has_header;
    size_t numbered; /* records seen behind the header, blank ones too */
    struct ctps_err *err;
    enum ctps_code code;
};

/* Without blanks at both ends, the no-break space of spreadsheets among them. */
static struct bytes trim(const char *text, size_t len)
{
    static const char nbsp[] = "\302\240";

    for (;;) {
        if (len > 0 && strchr(" \t\r\n", text[0]))
            text++, len--;
        else if (len > 1 && memcmp(text, nbsp, 2) == 0)
            text += 2, len -= 2;
        else if (len > 0 && strchr(" \t\r\n", text[len - 1]))
            len--;
        else if (len > 1 && memcmp(text + len - 2, nbsp, 2) == 0)
            len -= 2;
        else
            return bytes_of(text, len);
    }
}

/* Bytes from `text` that are no text: control characters of every kind but line feed and tab,
 * and Unicode's own line breaks. 0 when it is text. */
static size_t control_length(const uint8_t *text, size_t len)
{
    if (text[0] == '\n' || text[0] == '\t')
        return 0;
    if (text[0] < 0x20 || text[0] == 0x7f)
        return text[0] == '\r' && len > 1 && text[1] == '\n' ? 2 : 1;
    if (len > 1 && text[0] == 0xc2 && text[1] < 0xa0)
        return 2;
    if (len > 2 && text[0] == 0xe2 && text[1] == 0x80 && (text[2] == 0xa8 || text[2] == 0xa9))
        return 3;
    return 0;
}

/* Copies with line breaks as "\n" and other control characters as blanks. */
static void copy_clean(char *out, struct bytes in)
{
    while (in.len > 0) {
        size_t skip = control_length(in.data, in.len);

        if (skip == 0)
            *out++ = (char)in.data[0];
        else
            *out++ = in.data[0] == '\r' ? '\n' : ' ';
        skip = skip ? skip : 1;
        in = bytes_of(in.data + skip, in.len - skip);
    }
    *out = '\0';
}

static void take_cell(void *data, size_t len, void *ctx)
{
    struct reader *reader = ctx;
    struct bytes cell = trim(data, len);
    char *copy;

    if (reader->code)
        return;
    reader->in_record = true;
    if (cell.len > IMPORT_CELL_MAX || reader->cell_count == IMPORT_COLUMNS_MAX) {
        reader->code =
            err_set(reader->err, CTPS_LIMIT, _("line %zu: %s"), reader->first_line,
                    cell.len > IMPORT_CELL_MAX ? _("a cell is too long: is a quote missing?")
                                               : _("too many columns"));
        return;
    }
    copy = arena_alloc(&reader->sheet->arena, cell.len + 1);
    if (!copy) {
        reader->code = err_set(reader->err, CTPS_NOMEM, _("out of memory"));
        return;
    }
    copy_clean(copy, cell);
    reader->blank = reader->blank && cell.len == 0;
    reader->cells[reader->cell_count++] = copy;
}

static bool make_record(struct reader *reader, struct import_record *ret_record)
{
    size_t size = reader->cell_count * sizeof *reader->cells;
    const char **cells = arena_copy(&reader->sheet->arena, reader->cells, size);

    if (!cells)
        return false;
    *ret_record = (struct import_record){.number = reader->numbered,
                                         .line = reader->first_line,
                                         .cell_count = reader->cell_count,
                                         .cells = cells};
    return true;
}

static bool grow(struct reader *reader)
{
    struct import_sheet *sheet = reader->sheet;
    size_t cap = reader->record_cap ? reader->record_cap * 2 : 512;
    struct import_record *grown;

    if (sheet->record_count < reader->record_cap)
        return true;
    grown = arena_alloc(&sheet->arena, cap * sizeof *grown);
    if (!grown)
        return false;
    if (sheet->record_count)
        memcpy(grown, sheet->records, sheet->record_count * sizeof *grown);
    sheet->records = grown;
    reader->record_cap = cap;
    return true;
}

static void keep_record(struct reader *reader)
{
    struct import_sheet *sheet = reader->sheet;

    if (!reader->has_header) {
        reader->has_header = make_record(reader, &sheet->header);
        return;
    }
    reader->numbered++;
    if (reader->blank)
        return;
    if (sheet->record_count == IMPORT_RECORDS_MAX)
        reader->code =
            err_set(reader->err, CTPS_LIMIT, _("more than %d records"), IMPORT_RECORDS_MAX);
    else if (!grow(reader) || !make_record(reader, &sheet->records[sheet->record_count]))
        reader->code = err_set(reader->err, CTPS_NOMEM, _("out of memory"));
    else
        sheet->record_count++;
}

static void take_record(int end, void *ctx)
{
    struct reader *reader = ctx;

    (void)end;
    if (!reader->code && reader->cell_count > 0 && (reader->has_header || !reader->blank))
        keep_record(reader);
    reader->cell_count = 0;
    reader->blank = true;
    reader->in_record = false;
}

static size_t line_length(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n')
            return i + 1;
        if (text.data[i] == '\r' && i + 1 < text.len && text.data[i + 1] != '\n')
            return i + 1;
    }
    return text.len;
}

static bool is_blank_line(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!strchr(" \t\r\n", (char)line.data[i]) || !line.data[i])
            return false;
    return true;
}

/* Line by line, so that a record knows where it begins. */
static void parse_lines(struct csv_parser *parser, struct bytes text, struct reader *reader)
{
    bool open = false; /* the last line ended inside a quoted cell */

    while (text.len > 0 && !reader->code) {
        size_t len = line_length(text);

        if (!open) {
            reader->first_line = reader->line;
            reader->in_record = !is_blank_line(bytes_of(text.data, len));
        }
        if (csv_parse(parser, text.data, len, take_cell, take_record, reader) != len)
            reader->code = err_set(reader->err, CTPS_INVALID,
                                   _("line %zu: not readable as CSV"), reader->line);
        open = reader->in_record;
        reader->line++;
        text = bytes_of(text.data + len, text.len - len);
    }
    if (!reader->code && parser->quoted && parser->pstate == CSV_INSIDE_FIELD)
        reader->code = err_set(reader->err, CTPS_INVALID,
                               _("line %zu: a quoted cell begins here and never ends"),
                               reader->first_line);
    if (!reader->code)
        csv_fini(parser, take_cell, take_record, reader);
}

static int is_space_but_no_tab(unsigned char c)
{
    return c == ' ';
}

static enum ctps_code parse(struct bytes text, struct import_sheet *sheet, struct ctps_err *err)
{
    struct reader reader = {
        .sheet = sheet, .line = 1, .first_line = 1, .blank = true, .err = err};
    struct csv_parser parser;

    if (!take_sep_line(&text, &reader.line, &sheet->separator))
        sheet->separator = import_sniff_separator(text);
    if (csv_init(&parser, 0) != 0)
        return err_set(err, CTPS_NOMEM, _("out of memory"));
    csv_set_delim(&parser, (unsigned char)sheet->separator);
    csv_set_space_func(&parser, is_space_but_no_tab);
    parse_lines(&parser, text, &reader);
    csv_free(&parser);
    if (!reader.code && !reader.has_header)
        return err_set(err, CTPS_INVALID, _("the file is empty: a line of headers is needed"));
    return reader.code;
}

enum ctps_code import_read(struct bytes file, struct import_sheet *ret_sheet,
                           struct ctps_err *err)
{
    enum text_charset charset = text_charset_detect(file);
    struct import_sheet sheet = {.charset = text_charset_name(charset)};
    struct buf text;
    enum ctps_code code;

    if (file.len > IMPORT_FILE_MAX)
        return err_set(err, CTPS_LIMIT, _("larger than %d MiB"), IMPORT_FILE_MAX >> 20);
    buf_init(&text);
    arena_init(&sheet.arena, SHEET_ARENA_MAX);
    code = text_charset_convert(file, charset, &text, err);
    if (code == CTPS_INVALID)
        err_set(err, code, _("neither UTF-8 nor Windows-1252 text: save it as CSV (UTF-8)"));
    if (!code)
        code = parse(buf_bytes(&text), &sheet, err);
    buf_done(&text);
    if (code) {
        arena_done(&sheet.arena);
        return code;
    }
    *ret_sheet = sheet;
    return CTPS_OK;
}

void import_sheet_done(struct import_sheet *sheet)
{
    arena_done(&sheet->arena);
    *sheet = (struct import_sheet){0};
}
