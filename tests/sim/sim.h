/*
 * sim: a whole engine under a virtual clock and a seeded scheduler. Random clients send random
 * commands of the domain; disks fail, processes die, power goes, clocks jump; a model of what
 * was acknowledged is held against the answers and against the journal itself.
 *
 * Everything is a function of the seed: the same one gives the same trace, byte for byte.
 */
#ifndef CTPS_SIM_H
#define CTPS_SIM_H

#include "town.h"

enum { SIM_SENT_MAX = 600, SIM_MADE_MAX = 4, SIM_THINGS_MAX = 400, SIM_FILES_MAX = 8 };

/* The defects a control puts in. */
enum sim_control {
    SIM_CONTROL_NONE,
    SIM_CONTROL_FLUSH_NOTHING, /* flushes answer 0 and do nothing */
    SIM_CONTROL_REPLY_EARLY,   /* replies leave before the flush that stands behind them */
    SIM_CONTROL_BOOT_SAME,     /* views look trusted after a power cut */
    SIM_CONTROL_CLOCK_TRUSTED, /* the engine knows no clock alarm */
    SIM_CONTROL_COUNT
};

struct sim_made {
    Ctps__ObjectKind kind;
    uint64_t id;
    char reference[32];
};

/* One request sent, and what was heard of it. */
struct sim_sent {
    uint8_t id[16];
    enum town_who who;
    Ctps__Request__CommandCase command;
    struct bytes body; /* own */
    bool dry;
    bool garbled;    /* never a request at all */
    bool id_reused;  /* another body under the id of an acknowledged command */
    uint64_t target; /* what it is about; 0: nothing that exists */
    unsigned canary; /* number in its texts; 0: none */
    bool acked;
    uint64_t seq;
    int64_t entry_us; /* time of its entry; 0: not known (acknowledged late) */
    unsigned made_count;
    struct sim_made made[SIM_MADE_MAX];
};

/* A saisine or a situation somebody was told of. */
struct sim_thing {
    uint64_t id;
    uint64_t situation; /* of a saisine accepted */
    unsigned canary;    /* of a saisine: in its texts */
    bool second;        /* of territory T2 */
    bool gone;          /* its erasure was ordered */
};

struct sim_things {
    unsigned count;
    struct sim_thing at[SIM_THINGS_MAX];
};

/* Time as it truly passed, whatever the wall clock says. */
struct sim_moment {
    uint64_t seq;
    int64_t true_us;
};

struct sim_counts_of_run {
    uint64_t steps, requests, acks, repeats, refusals, reads, published;
    uint64_t faults, kills, cuts, stops, starts, jumps, alarms, erasures, audits, entries;
    uint64_t subjects_by_rule; /* erased because their term came */
};

struct sim_file {
    char name[300]; /* below the town's folder */
    struct buf content;
};

/* What every seed starts from: a town with its people, stopped clean. */
struct sim_genesis {
    struct sim_disk *disk;
    unsigned file_count;
    struct sim_file files[SIM_FILES_MAX];
    uint64_t agents[TOWN_WHO_COUNT];
    uint64_t partner;
    uint64_t next_id;
};

struct sim {
    struct town town;
    struct sim_genesis genesis;
    enum sim_control control;
    bool verbose;

    /* of one seed */
    uint64_t seed;
    uint64_t random;
    uint64_t hash; /* of everything that was heard */
    unsigned sent_count;
    struct sim_sent sent[SIM_SENT_MAX];
    struct sim_things saisines;
    struct sim_things situations;
    unsigned canary_count;
    uint64_t last_published;
    unsigned moment_count;
    struct sim_moment moments[SIM_SENT_MAX]; /* when events of erasures were heard of */
    uint64_t checked_op;                     /* of the disk, when flushes were last checked */
    int64_t clock_off_us;
    bool alarm_due; /* the clock jumped ahead under a running engine, nobody confirmed since */
    bool clock_was_wrong; /* by more than a day, at some time of the seed */
    int64_t true_us;      /* passed since the seed began */
    bool failed;
    char failure[400];
    struct sim_counts_of_run counts; /* of all seeds */
};

/* A number below `below` (> 0). */
uint64_t sim_draw(struct sim *sim, uint64_t below);
/* True about once in `n`. */
bool sim_chance(struct sim *sim, uint64_t n);
/* The first failure of the seed stays. */
void sim_fail(struct sim *sim, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Folds into the trace's hash. */
void sim_hear(struct sim *sim, const void *data, size_t len);
void sim_hear_number(struct sim *sim, uint64_t number);

struct sim_thing *sim_thing_find(struct sim_things *things, uint64_t id);
void sim_thing_add(struct sim_things *things, const struct sim_thing *thing);

/* --- sim_life.c: the town's machine --- */

void sim_genesis_make(struct sim *sim);
void sim_genesis_done(struct sim *sim);
/* Everything as at the beginning, under another seed; the engine is open. */
void sim_begin(struct sim *sim, uint64_t seed);
/* Stops and forgets what belongs to the seed. */
void sim_end(struct sim *sim);
/* One random thing happens. */
void sim_step(struct sim *sim);
/* A clean stop, the last audit, the store's own check. */
void sim_settle(struct sim *sim);
/* Opens the engine on a sound disk; a failure is one of the seed. */
void sim_open(struct sim *sim);

/* --- sim_client.c: what is sent --- */

/* Queues one random request. */
void sim_client_send(struct sim *sim);
/* Queues again what was acknowledged; the answer must be the same. */
void sim_client_repeat(struct sim *sim, unsigned index);

/* --- sim_hear.c: what comes back --- */

void sim_out_set(struct sim *sim);

/* --- sim_audit.c: what the journal says --- */

/* Reads the whole journal of a stopped or running town and holds it against the model. */
void sim_audit(struct sim *sim);
/* Keys destroyed are gone, all others stand (the engine is closed). */
void sim_audit_keys(struct sim *sim);
/* No canary in any file. */
void sim_audit_files(struct sim *sim);

/* Number behind the first canary of a text, 0 when there is none; *ret_after then stands behind
 * it. */
unsigned sim_canary_find(struct bytes in, size_t *ret_after);
enum { SIM_CANARY_LEN = 13 }; /* "CANARI-000012" */

#endif
