/*
 * import_report: what could not be taken, collected over all the files of an import, and
 * written as a CSV to send back to who made the files. It holds the sheet's own number, the
 * field and the cause; of the cells only codes and dates that identify nobody.
 */
#ifndef CTPS_CLI_IMPORT_REPORT_H
#define CTPS_CLI_IMPORT_REPORT_H

#include "import_values.h"

struct import_refusal {
    const char *file; /* name without folder */
    size_t record;
    size_t line;
    const char *number; /* of the sheet, may be "" */
    const char *field;  /* French header, or the daemon's field */
    const char *cause_fr;
    const char *cause_en;
    const char *value; /* "" when none may be shown */
};

struct import_report {
    struct import_refusal *items;
    size_t count;
    size_t cap;
};

/* Copies all texts into the run. False without memory. */
bool import_report_add(struct cli *cli, struct import_report *report,
                       const struct import_refusal *refusal);
/* In the order of the files and their records. */
void import_report_sort(struct import_report *report);
/* Appends the CSV: UTF-8 with mark, ";", CRLF, formulas neutralised. */
void import_report_format(const struct import_report *report, struct buf *out);
/* 0 or the exit status, after saying why. */
int import_report_write(struct cli *cli, const struct import_report *report, const char *path);
/* As a table on the output. */
int import_report_show(struct cli *cli, const struct import_report *report);

#endif
