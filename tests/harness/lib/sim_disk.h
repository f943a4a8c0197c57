/*
 * sim_disk: a disk, a clock and a source of randomness in memory, behind struct sys, for tests
 * that cut the power, break writes and move time. Nothing here touches the real machine but
 * sim_disk_dump and sim_disk_load.
 *
 * Model. Every file has two contents: the one programs see (the page cache) and the one on the
 * platter. pwrite, ftruncate and the making, renaming and removing of names change what is
 * seen at once and are noted in a log; fsync and fdatasync of a file bring its logged writes to
 * the platter, sync_dir the logged names of that folder. (fsync of a file does not make its
 * name durable, as POSIX allows.) What is still in the log is what a power cut may lose:
 * sim_disk_cut makes the disk a machine would find afterwards.
 *
 * A cut looks at the log in *units*: each group of sectors of each write (512 or 4096 bytes,
 * aligned in the file), each truncation, each change of a name. Units may survive in any
 * combination: a later write without an earlier one, a rename without the flush before it.
 *
 * A failed fsync or fdatasync is modelled as Linux does it: some of the file's units reached
 * the platter, the others never will, not even by a later fsync that answers 0; yet what is
 * seen stays as it was. Only writing those bytes again repairs that. A failed sync_dir leaves
 * the names in the log: a later one may still bring them to the platter.
 *
 * Three ways to stop a program under test:
 *  - power cut: sim_disk_cut (as often as wanted, from the same disk: it is not changed);
 *  - kill: sim_disk_kill (open files are closed, the page cache and the log stay);
 *  - a hook called before each operation, where the test may take cuts in mid-run.
 *
 * A typical campaign:
 *
 *     struct sim_disk *disk = sim_disk_new(seed);
 *     run the program on sim_disk_sys(disk), noting what it acknowledges;
 *     struct sim_cut cut = {.policy = SIM_CUT_RANDOM, .pick = seed};
 *     struct sim_disk *after = sim_disk_cut(disk, &cut);
 *     start the program on sim_disk_sys(after), compare with what was acknowledged;
 *
 * Everything is a function of the seed and of the calls made: same seed, same bytes.
 * Paths: '/' separates, a leading one changes nothing, "." is the root; no ".." and no links.
 * One thread per disk. The harness aborts without memory.
 */
#ifndef CTPS_HARNESS_SIM_DISK_H
#define CTPS_HARNESS_SIM_DISK_H

#include "base/bytes.h"
#include "base/sys.h"

struct sim_disk;

/* Own: sim_disk_free. Wall clock 2026-01-05 08:00 UTC, monotonic clock 1 s, boot 1. */
struct sim_disk *sim_disk_new(uint64_t seed);
/* Nulls the caller's pointer. Idempotent. */
void sim_disk_free(struct sim_disk **disk);
/* Borrow: lives as long as the disk. */
const struct sys *sim_disk_sys(struct sim_disk *disk);
/* The same disk again: contents, log, clocks, randomness; no open files, no fault, no hook.
 * Own: sim_disk_free. */
struct sim_disk *sim_disk_clone(const struct sim_disk *disk);

/* --- time and boot --- */

/* The wall clock alone: it may jump. */
void sim_disk_wall_set(struct sim_disk *disk, int64_t wall_us);
/* Both clocks go on. */
void sim_disk_clock_step(struct sim_disk *disk, int64_t us);
/* What boot_mount_id answers: "boot-<n>/sim". */
void sim_disk_boot_set(struct sim_disk *disk, unsigned boot);

/* --- stopping --- */

/* Closes every file; nothing else changes (the machine goes on, the process is gone). */
void sim_disk_kill(struct sim_disk *disk);

enum sim_cut_policy {
    SIM_CUT_ALL,     /* every write kept */
    SIM_CUT_FLUSHED, /* nothing kept that was not flushed */
    SIM_CUT_ONE,     /* flushed, and unit number `pick` */
    SIM_CUT_RANDOM,  /* any subset of the units, drawn from seed `pick` */
    SIM_CUT_TORN,    /* all, but of the last write only the first `pick` groups */
};

struct sim_cut {
    enum sim_cut_policy policy;
    size_t group_len; /* 0: 512 */
    uint64_t pick;
};

/* The disk found after a power cut now: all of it flushed, no open files, next boot number.
 * Own: sim_disk_free. */
struct sim_disk *sim_disk_cut(const struct sim_disk *disk, const struct sim_cut *cut);
/* Units in the log: SIM_CUT_ONE takes picks below this. */
size_t sim_disk_unit_count(const struct sim_disk *disk, size_t group_len);
/* Groups of the last write in the log (0: none): SIM_CUT_TORN takes picks below this. */
size_t sim_disk_torn_count(const struct sim_disk *disk, size_t group_len);

/* --- faults --- */

enum sim_op {
    SIM_OP_OPEN = 1 << 0,
    SIM_OP_READ = 1 << 1,
    SIM_OP_WRITE = 1 << 2,
    SIM_OP_SYNC = 1 << 3, /* fsync and fdatasync */
    SIM_OP_TRUNCATE = 1 << 4,
    SIM_OP_SIZE = 1 << 5,
    SIM_OP_NAME = 1 << 6, /* rename, unlink, mkdir */
    SIM_OP_SYNC_DIR = 1 << 7,
    SIM_OP_LIST = 1 << 8,
    SIM_OP_CHANGES = SIM_OP_OPEN | SIM_OP_WRITE | SIM_OP_SYNC | SIM_OP_TRUNCATE | SIM_OP_NAME |
                     SIM_OP_SYNC_DIR,
    SIM_OP_ANY = (1 << 9) - 1,
};

struct sim_fault {
    unsigned kinds; /* of enum sim_op; others are not counted */
    uint64_t at;    /* 1: the next operation of these kinds */
    int errnum;     /* answered, negated; 0: a short read or write of half the length */
    bool sticky;    /* all later ones of these kinds too (a dead disk, a full one) */
    bool lost;      /* failed fsync: nothing reached the platter (else: a drawn subset) */
};

/* Replaces the fault in force; NULL: none. A failed pwrite has changed a drawn prefix of its
 * bytes in what is seen; other failed calls have done nothing. */
void sim_disk_fault_set(struct sim_disk *disk, const struct sim_fault *fault);
/* Whether the fault in force has struck. */
bool sim_disk_fault_hit(const struct sim_disk *disk);

/* Control: syncs answer 0 and do nothing. */
void sim_disk_sync_ignored(struct sim_disk *disk, bool ignored);
/* Control: writes are seen and never reach the platter, flushed or not. */
void sim_disk_writes_lost(struct sim_disk *disk, bool lost);

/* --- watching --- */

/* Called before each operation with its kind and its number (1 is the first). It may take cuts
 * and clones, not call the disk's sys. NULL: none. */
void sim_disk_hook_set(struct sim_disk *disk,
                       void (*before)(void *arg, enum sim_op kind, uint64_t number), void *arg);

struct sim_counts {
    uint64_t op_count;
    uint64_t write_count;
    uint64_t write_len; /* bytes */
    uint64_t sync_count;
    uint64_t open_count; /* files open now: 0 after a clean close */
};

void sim_disk_counts_get(const struct sim_disk *disk, struct sim_counts *ret_counts);

/* --- contents, past the interface: neither counted nor logged, seen and durable at once --- */

/* What is seen; a borrow until the file changes. {NULL, 0} also when there is none. */
struct bytes sim_disk_peek(const struct sim_disk *disk, const char *path);
/* Makes or replaces a file, and the folders above it. */
void sim_disk_put(struct sim_disk *disk, const char *path, struct bytes content);
/* Flips the bits of `mask` in one byte of a file that is there. */
void sim_disk_flip(struct sim_disk *disk, const char *path, size_t offset, uint8_t mask);
void sim_disk_remove(struct sim_disk *disk, const char *path);

/* Writes what is seen below a real folder (made when absent), to look at a failed seed with
 * ordinary tools; 0 or a negated errno. */
int sim_disk_dump(const struct sim_disk *disk, const char *real_dir);
/* sim_disk_put of every regular file of one real folder into folder `path`. */
int sim_disk_load(struct sim_disk *disk, const char *path, const char *real_dir);

/* The disk's own generator (splitmix64), for tests that want their choices in the same seed. */
uint64_t sim_disk_draw(struct sim_disk *disk);

#endif
