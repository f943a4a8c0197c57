/*
 * csv_write: CSV as the spreadsheets of French offices read it: UTF-8 with a byte order mark,
 * cells separated by semicolons, lines ended by CR LF. A cell that a spreadsheet would
 * calculate begins with a quote mark (OWASP, CSV injection).
 */
#ifndef CTPS_CLI_CSV_WRITE_H
#define CTPS_CLI_CSV_WRITE_H

#include "base/bytes.h"

#define CSV_BOM "\357\273\277"

/* One cell and what ends it: CSV_NEXT or CSV_LINE. */
#define CSV_NEXT ";"
#define CSV_LINE "\r\n"
void csv_write_cell(struct buf *out, const char *text, const char *end);

#endif
