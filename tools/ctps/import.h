/*
 * import: a town's files taken over through the same commands as any client. Reading
 * (import_read), what its columns mean (import_map), what its cells mean (import_values),
 * requests (import_rows, import_reference), what could not be taken (import_report), and one
 * run of it all (import_run).
 *
 * Cells are nominative: they live in memory that is wiped and go nowhere but into requests. A
 * report names a row by its number, never by a name.
 */
#ifndef CTPS_CLI_IMPORT_H
#define CTPS_CLI_IMPORT_H

#include "cli.h"

enum import_kind {
    IMPORT_LISTS,
    IMPORT_TERRITORIES,
    IMPORT_AGENTS,
    IMPORT_PARTNERS,
    IMPORT_CONTACTS,
    IMPORT_TABLE, /* tableau de suivi */
    IMPORT_MEETINGS,
    IMPORT_KINDS
};

enum {
    IMPORT_FILE_MAX = 64 << 20, /* bytes */
    IMPORT_CELL_MAX = 16 << 10, /* bytes of one cell */
    IMPORT_COLUMNS_MAX = 128,
    IMPORT_RECORDS_MAX = 100000, /* as ImportBegin.row_count */
};

/* "listes"… as in --kind; the file names of a directory are the same words. */
const char *import_kind_name(enum import_kind kind);
bool import_kind_find(const char *name, enum import_kind *ret_kind);

#endif
