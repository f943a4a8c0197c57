/*
 * import_read: the bytes of a CSV file as records of UTF-8 cells. Encoding and separator are
 * found out; quoted cells may hold separators and line breaks; every record knows its own
 * number and the lines it stands on, because that is how people find it again.
 */
#ifndef CTPS_CLI_IMPORT_READ_H
#define CTPS_CLI_IMPORT_READ_H

#include "base/arena.h"
#include "base/err.h"
#include "import.h"

struct import_record {
    size_t number; /* 1: the first behind the header; 0: the header */
    size_t line;   /* of its first character, from 1 */
    size_t cell_count;
    const char **cells; /* borrow from the sheet: terminated, without blanks at both ends */
};

struct import_sheet {
    struct arena arena;  /* own */
    const char *charset; /* static: "windows-1252" */
    char separator;
    struct import_record header;
    struct import_record *records; /* without those that are blank throughout */
    size_t record_count;
};

/* Reads a whole file. On success the sheet is owned: import_sheet_done. CTPS_INVALID with the
 * line in the text (a quote never closed, bytes that are no text, no header), CTPS_LIMIT past a
 * limit of import.h. */
enum ctps_code import_read(struct bytes file, struct import_sheet *ret_sheet,
                           struct ctps_err *err);
/* Wipes and releases. Idempotent. */
void import_sheet_done(struct import_sheet *sheet);

/* The separator among ; , tab | that the header and the records after it agree on; `text` is
 * UTF-8. */
char import_sniff_separator(struct bytes text);

#endif
