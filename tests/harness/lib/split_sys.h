/*
 * split_sys: one struct sys over two worlds, so that a whole engine runs on a simulated disk
 * although LMDB does its own file work. Journal, ledger and markers live on a sim_disk; what
 * stands under the real folders given lives on the real machine (keep it in memory). Clocks and
 * boot are the sim_disk's, randomness is a seeded generator of its own.
 *
 * A process can be made to die at its n-th operation: from then on every call answers -EIO and
 * does nothing in either world, which is as far as a killed process gets. What it finds at its
 * next start is the caller's choice (sim_disk_kill, sim_disk_cut).
 */
#ifndef CTPS_HARNESS_SPLIT_SYS_H
#define CTPS_HARNESS_SPLIT_SYS_H

#include "sim_disk.h"

enum { SPLIT_PATH_LEN = 256, SPLIT_REAL_MAX = 4 };

struct split_sys {
    struct sys sys;
    struct sim_disk *disk; /* borrow; may be replaced between two lives of a process */
    uint64_t random;       /* state of the generator: set it to a seed */
    char dir[SPLIT_PATH_LEN];
    unsigned real_count;
    char real[SPLIT_REAL_MAX][SPLIT_PATH_LEN]; /* prefixes of real paths */

    uint64_t op_count;
    uint64_t die_at; /* operation number; 0: never */
    bool dead;
    uint64_t real_fault_at; /* real operation to fail with -EIO, counted from 1; 0: none */
    bool real_hit;          /* it has struck in this life */

    bool flush_late; /* control: a flush answers 0 at once and is made at the next one */
    int late_fd;     /* -1: none */
};

/* Makes `dir` in both worlds; keyring*, views* below it are real but for marker files. Both are
 * borrowed. The struct must not move afterwards. */
void split_sys_init(struct split_sys *split, struct sim_disk *disk, const char *dir,
                    uint64_t seed);
/* A new life on `disk`: nothing dead, no fault, counting from 0. */
void split_sys_revive(struct split_sys *split, struct sim_disk *disk);
/* Empties the real folders (one level deep) and removes them and `dir`. */
void split_sys_clear(const struct split_sys *split);

/* The generator (splitmix64), for whoever wants its choices in the same seed. */
uint64_t split_sys_draw(struct split_sys *split);

#endif
