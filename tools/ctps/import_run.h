/*
 * import_run: one import of several files: reading, mapping, requests, counts, report.
 */
#ifndef CTPS_CLI_IMPORT_RUN_H
#define CTPS_CLI_IMPORT_RUN_H

#include "import_report.h"
#include "request.h"

enum {
    IMPORT_FILES_MAX = 64,
    IMPORT_WARNINGS_MAX = 64, /* different ones */
    IMPORT_SOURCE_LEN = 65,
};

struct import_warning_count {
    const char *code;
    size_t count;
};

struct import_file {
    const char *path; /* borrow */
    const char *name; /* its last part */
    enum import_kind kind;
    struct import_sheet sheet; /* own */
    struct import_map map;
    char source[IMPORT_SOURCE_LEN]; /* what its numbers are numbers of */
    uint8_t digest[32]; /* of the bytes, under a random key: equal files cannot be told apart */

    size_t taken;
    size_t unchanged;
    size_t changed;
    size_t refused;
    uint64_t import_id;
};

struct import_run {
    struct cli *cli;
    bool dry_run;
    bool update;         /* changed reference data are sent */
    bool pending;        /* a dry run: reference data that are not there yet */
    const char *source;  /* of the rows' numbers, NULL: by the file's name */
    const char *mapping; /* text of the mapping file, NULL: none */
    const char *forced;  /* --kind, NULL: recognised */
    struct import_file *files;
    size_t file_count;
    struct import_report report;
    struct import_warning_count warnings[IMPORT_WARNINGS_MAX];
    size_t warning_count;
    int64_t last_progress_us;
};

/* Adds a file, or the files of a folder that have a kind. 0 or the exit status. */
int import_run_add(struct import_run *run, const char *path);
/* Reads and maps every file, then takes them over in the right order. 0 when nothing broke,
 * whatever was refused. */
int import_run_all(struct import_run *run);
/* Counts, warnings, refusals; on the output. */
int import_run_show(struct import_run *run);
void import_run_done(struct import_run *run);

/* For the parts. */
void import_run_warn(struct import_run *run, const char *code);
void import_run_refuse(struct import_run *run, struct import_file *file,
                       const struct import_record *record, const struct import_fault *fault);
/* A refusal by the daemon: false when it stands for the whole import (a missing right). */
bool import_run_refuse_reply(struct import_run *run, struct import_file *file,
                             const struct import_record *record, const Ctps__Refusal *refusal);
void import_run_progress(struct import_run *run, const struct import_file *file, size_t done);

/* import_reference.c: lists, territories, agents, partners, contacts. */
int import_reference_take(struct import_run *run, struct import_file *file);
/* import_table.c: the tracking table, and the calendar of meetings. */
int import_table_take(struct import_run *run, struct import_file *file);

#endif
