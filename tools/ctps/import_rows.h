/*
 * import_rows: one record of a tracking table as the ImportRow of the schemas. A record that
 * cannot be taken says why, and loses nothing of the others.
 */
#ifndef CTPS_CLI_IMPORT_ROWS_H
#define CTPS_CLI_IMPORT_ROWS_H

#include "import_values.h"

#include <ctps/command.pb-c.h>

enum import_warning {
    WARNING_AGENT_UNKNOWN = 1, /* bits */
    WARNING_PARTNER_UNKNOWN = 2,
    WARNING_SEX_UNKNOWN = 4,
};

/* Builds the row in `arena`, from which it borrows; texts are borrows from the record. True and
 * *ret_row, with the warnings of this side of the wire; false and *ret_fault. The reference
 * data must be loaded. Without a column of numbers the record's own number stands. */
bool import_row_build(struct cli *cli, struct arena *arena, const struct import_map *map,
                      const struct import_record *record, Ctps__ImportRow **ret_row,
                      unsigned *ret_warnings, struct import_fault *ret_fault);

/* The number a record is known by; a borrow from `arena` or the record. */
const char *import_row_number(struct arena *arena, const struct import_map *map,
                              const struct import_record *record);

#endif
