/*
 * usage: sim [--seeds N] [--first S] [--steps K] [--control NAME] [--minutes M] [--verbose]
 *
 * Runs N seeds of K steps each. Prints the seeds that failed with how, then one line of
 * figures, then "N runs, N failures"; answers 1 when a seed failed. Some seeds run twice:
 * another trace the second time is a failure. --control puts a defect in; see sim.h.
 */
#include <stdarg.h>
#include <sys/wait.h>

#include "sim.h"

enum { TWICE_EVERY = 25 };

static const char *const control_names[SIM_CONTROL_COUNT] = {
    [SIM_CONTROL_NONE] = "none",
    [SIM_CONTROL_FLUSH_NOTHING] = "flush-nothing",
    [SIM_CONTROL_REPLY_EARLY] = "reply-early",
    [SIM_CONTROL_BOOT_SAME] = "boot-same",
    [SIM_CONTROL_CLOCK_TRUSTED] = "clock-trusted",
};

uint64_t sim_draw(struct sim *sim, uint64_t below)
{
    uint64_t z = (sim->random += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

bool sim_chance(struct sim *sim, uint64_t n)
{
    return sim_draw(sim, n) == 0;
}

void sim_fail(struct sim *sim, const char *fmt, ...)
{
    va_list args;

    if (sim->failed)
        return;
    sim->failed = true;
    va_start(args, fmt);
    vsnprintf(sim->failure, sizeof(sim->failure), fmt, args);
    va_end(args);
}

void sim_hear(struct sim *sim, const void *data, size_t len)
{
    const uint8_t *at = data;

    for (size_t i = 0; i < len; i++)
        sim->hash = (sim->hash ^ at[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
}

void sim_hear_number(struct sim *sim, uint64_t number)
{
    uint8_t bytes[8];

    be64_put(bytes, number);
    sim_hear(sim, bytes, sizeof(bytes));
}

struct sim_thing *sim_thing_find(struct sim_things *things, uint64_t id)
{
    for (unsigned i = 0; i < things->count; i++)
        if (things->at[i].id == id)
            return &things->at[i];
    return NULL;
}

void sim_thing_add(struct sim_things *things, const struct sim_thing *thing)
{
    if (things->count < SIM_THINGS_MAX)
        things->at[things->count++] = *thing;
}

/* --- running --- */

static uint64_t seed_run(struct sim *sim, uint64_t seed, uint64_t steps)
{
    sim_begin(sim, seed);
    for (uint64_t i = 0; i < steps && !sim->failed; i++) {
        if (sim->verbose)
            fprintf(stderr, "seed %llu step %llu hash %016llx\n", (unsigned long long)seed,
                    (unsigned long long)i, (unsigned long long)sim->hash);
        sim_step(sim);
    }
    if (!sim->failed)
        sim_settle(sim);
    sim_end(sim);
    return sim->hash;
}

static bool seed_check(struct sim *sim, uint64_t seed, uint64_t steps)
{
    uint64_t hash = seed_run(sim, seed, steps);

    if (!sim->failed && seed % TWICE_EVERY == 0 && seed_run(sim, seed, steps) != hash)
        sim_fail(sim, "another trace the second time");
    if (sim->failed)
        printf("seed %llu: %s\n", (unsigned long long)seed, sim->failure);
    fflush(stdout);
    return !sim->failed;
}

/* A defect put in may bring the process down: that is a failure of the seed like another. */
static bool seed_check_apart(struct sim *sim, uint64_t seed, uint64_t steps)
{
    enum { SEEN = 3 };
    pid_t child;
    int status = 1;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        _exit(seed_check(sim, seed, steps) ? 0 : SEEN);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (status != 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == SEEN))
        printf("seed %llu: the process falls\n", (unsigned long long)seed);
    return status == 0;
}

static void figures_print(const struct sim_counts_of_run *c)
{
    printf("steps %llu, requests %llu, acks %llu, repeats %llu, refusals %llu, "
           "nominative answers %llu, events %llu\n",
           (unsigned long long)c->steps, (unsigned long long)c->requests,
           (unsigned long long)c->acks, (unsigned long long)c->repeats,
           (unsigned long long)c->refusals, (unsigned long long)c->reads,
           (unsigned long long)c->published);
    printf(
        "faults %llu, kills %llu, power cuts %llu, clean stops %llu, starts %llu, "
        "clock jumps %llu, alarms %llu, erasures %llu (subjects by rule %llu), audits %llu of "
        "%llu entries\n",
        (unsigned long long)c->faults, (unsigned long long)c->kills,
        (unsigned long long)c->cuts, (unsigned long long)c->stops,
        (unsigned long long)c->starts, (unsigned long long)c->jumps,
        (unsigned long long)c->alarms, (unsigned long long)c->erasures,
        (unsigned long long)c->subjects_by_rule, (unsigned long long)c->audits,
        (unsigned long long)c->entries);
}

struct arguments {
    uint64_t seeds, first, steps, minutes;
    enum sim_control control;
    bool verbose;
};

static bool control_read(const char *name, enum sim_control *ret_control)
{
    for (int i = 0; i < SIM_CONTROL_COUNT; i++)
        if (strcmp(control_names[i], name) == 0) {
            *ret_control = (enum sim_control)i;
            return true;
        }
    return false;
}

static bool arguments_read(int argc, char **argv, struct arguments *out)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(argv[i], "--verbose") == 0) {
            out->verbose = true;
            continue;
        }
        i++;
        if (strcmp(argv[i - 1], "--seeds") == 0)
            out->seeds = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--first") == 0)
            out->first = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--steps") == 0)
            out->steps = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--minutes") == 0)
            out->minutes = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--control") != 0 || !control_read(value, &out->control))
            return false;
    }
    return out->seeds > 0 && out->steps > 0;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.seeds = 100, .first = 1, .steps = 40, .minutes = 240};
    struct sim *sim = calloc(1, sizeof(*sim));
    uint64_t runs = 0;
    uint64_t failures = 0;
    time_t end;

    if (!sim || !arguments_read(argc, argv, &arguments)) {
        fprintf(stderr, "usage: sim [--seeds N] [--first S] [--steps K] [--control NAME] "
                        "[--minutes M] [--verbose]\n");
        free(sim);
        return 64;
    }
    end = time(NULL) + (time_t)arguments.minutes * 60;
    sim_genesis_make(sim);
    sim->control = arguments.control;
    sim->verbose = arguments.verbose;
    for (; runs < arguments.seeds && time(NULL) < end; runs++)
        failures += !(sim->control == SIM_CONTROL_NONE ? seed_check : seed_check_apart)(
            sim, arguments.first + runs, arguments.steps);
    figures_print(&sim->counts);
    printf("%llu runs, %llu failures\n", (unsigned long long)runs,
           (unsigned long long)failures);
    sim_genesis_done(sim);
    free(sim);
    return failures ? 1 : 0;
}
