/*
 * iorec: preloaded into a program (LD_PRELOAD), records what it writes and flushes below one
 * folder, and breaks chosen calls. README.md beside this file lists the variables it reads.
 *
 * The log is a run of records in the order of the calls' ends: struct iorec_record, then
 * path_len bytes of path relative to $IOREC_ROOT, then for WRITE `len` bytes of data, for
 * RENAME `len` bytes of the new path. Little-endian. A record is one appending write, so a
 * killed process leaves whole records only. tests/harness/ioreplay.py reads it.
 */
#ifndef IOREC_H
#define IOREC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IOREC_MAGIC 0x43524f49U /* "IORC" */

enum iorec_op {
    IOREC_START = 1, /* a process began */
    IOREC_OPEN,      /* an existing file was opened */
    IOREC_CREATE,    /* a file was made by open */
    IOREC_WRITE,     /* offset, len, data */
    IOREC_SYNC,      /* fsync or fdatasync of a file ended well */
    IOREC_SYNC_DIR,  /* fsync of a folder ended well */
    IOREC_SYNC_ALL,  /* sync or syncfs */
    IOREC_TRUNCATE,  /* len: the new size */
    IOREC_RENAME,
    IOREC_UNLINK,
    IOREC_MKDIR,
    IOREC_RMDIR,
    IOREC_CLOSE,
    IOREC_KILL,  /* the rule IOREC_KILL ended the process here; offset: enum iorec_phase */
    IOREC_FAULT, /* a rule of IOREC_FAIL hit the next call; offset: enum iorec_kind */
    IOREC_SEEN,  /* at a process' exit; path: a rule of IOREC_FAIL, offset: calls it counted */
};

enum {
    IOREC_FLAG_DSYNC = 1,  /* WRITE through a descriptor opened O_DSYNC or O_SYNC */
    IOREC_FLAG_FAILED = 2, /* SYNC, SYNC_DIR that answered an error */
};

struct iorec_record {
    uint32_t magic;
    uint8_t op;
    uint8_t flags;
    uint16_t path_len;
    uint64_t offset;
    uint64_t len;
};

/* What a rule can name. */
enum iorec_kind {
    IOREC_KIND_OPEN,
    IOREC_KIND_CLOSE,
    IOREC_KIND_WRITE,
    IOREC_KIND_FSYNC,
    IOREC_KIND_FDATASYNC,
    IOREC_KIND_MSYNC,
    IOREC_KIND_TRUNCATE,
    IOREC_KIND_RENAME,
    IOREC_KIND_UNLINK,
    IOREC_KIND_MKDIR,
    IOREC_KIND_READ,
    IOREC_KIND_ALLOC, /* memory: on no path; of no name that stands for several kinds */
    IOREC_KIND_COUNT,
};

/* Where the files watched by IOREC_PHASE stand; also the content of its mapped file. */
enum iorec_phase {
    IOREC_PHASE_IDLE,
    IOREC_PHASE_WRITING, /* before or within a write */
    IOREC_PHASE_WRITTEN, /* written, not flushed */
    IOREC_PHASE_FLUSHING,
    IOREC_PHASE_FLUSHED, /* flushed; what follows is the reply */
};

struct iorec_phase_page {
    uint64_t phase;
    uint64_t write_count;
    uint64_t flush_count;
};

/* What the rules say of one call. */
struct iorec_verdict {
    int fail_errno; /* non-zero: do not call, answer -1 with this errno */
    bool drop;      /* do not call, answer success */
    bool shorten;   /* read or write half of it */
};

/* One call under way on a watched path; the path is relative to the root. */
struct iorec_step {
    enum iorec_kind kind;
    char path[PATH_MAX];
    struct iorec_verdict verdict;
};

/* Sets up once, from the environment; cheap afterwards. False when there is no $IOREC_ROOT. */
bool iorec_is_active(void);
/* $IOREC_ROOT resolved, without a slash at its end. */
const char *iorec_root(void);
/* The file that stands for the boot id, or NULL. */
const char *iorec_boot_path(void);

/* Path of an open descriptor relative to the root; false when it is not below the root. */
bool iorec_path_of_fd(int fd, char out[PATH_MAX]);
/* Same for a name, whose last part need not exist. */
bool iorec_path_of_name(int dir_fd, const char *name, char out[PATH_MAX]);

/* One whole record; ends the process with status 99 when the log cannot be written. */
void iorec_log(enum iorec_op op, uint8_t flags, const char *path, uint64_t offset, uint64_t len,
               const void *data);

/* Takes the lock that orders calls, applies IOREC_KILL "before", fills step->verdict. Each is
 * followed by iorec_step_end (kill "after"), which keeps errno. */
void iorec_step_begin(struct iorec_step *step);
void iorec_step_end(struct iorec_step *step);

void iorec_rules_load(void);
struct iorec_verdict iorec_rules_before(enum iorec_kind kind, const char *path);
void iorec_rules_after(enum iorec_kind kind, const char *path);
/* Whether any rule names allocations: false before the set-up is done, which allocates too. */
bool iorec_rules_have_alloc(void);
/* Whether the allocation `module` asks for must fail. Takes no lock. */
bool iorec_rules_alloc(const char *module);
/* Logs how far the rules counted. */
void iorec_rules_tell(void);

#endif
