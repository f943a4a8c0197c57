#include "measure.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int64_t measure_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void measure_done(struct measure *measure)
{
    free(measure->times);
    free(measure->acks_ns);
    *measure = (struct measure){0};
}

struct times *measure_times(struct measure *measure, uint64_t seq)
{
    uint64_t place;

    if (!measure->times)
        measure->first_seq = seq > 1024 ? seq - 1024 : 0; /* a later one may be seen first */
    if (seq < measure->first_seq)
        return NULL;
    place = seq - measure->first_seq;
    if (place >= measure->count) {
        size_t count = place + (place >> 1) + 4096;
        struct times *times = reallocarray(measure->times, count, sizeof(*times));

        if (!times)
            return NULL;
        memset(times + measure->count, 0, (count - measure->count) * sizeof(*times));
        measure->times = times;
        measure->count = count;
    }
    return &measure->times[place];
}

bool measure_add_ack(struct measure *measure, int64_t latency_ns)
{
    if (measure->ack_count == measure->ack_cap) {
        size_t cap = measure->ack_cap * 2 + 4096;
        int64_t *acks = reallocarray(measure->acks_ns, cap, sizeof(*acks));

        if (!acks)
            return false;
        measure->acks_ns = acks;
        measure->ack_cap = cap;
    }
    measure->acks_ns[measure->ack_count++] = latency_ns;
    return true;
}

static int compare_int64(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;

    return (*x > *y) - (*x < *y);
}

static struct quantiles quantiles_of(int64_t *values, size_t count)
{
    size_t middle = count / 2;
    size_t high = count - count / 100;

    if (count == 0)
        return (struct quantiles){0, 0};
    qsort(values, count, sizeof(*values), compare_int64);
    return (struct quantiles){.p50_us = (double)values[middle] / 1e3,
                              .p99_us = (double)values[high - 1] / 1e3};
}

struct quantiles measure_acks(struct measure *measure)
{
    return quantiles_of(measure->acks_ns, measure->ack_count);
}

struct quantiles measure_deliveries(const struct measure *measure, size_t *ret_count)
{
    int64_t *values =
        reallocarray(NULL, measure->count * SUBSCRIBER_COUNT + 1, sizeof(*values));
    struct quantiles quantiles;
    size_t count = 0;

    for (size_t i = 0; values && i < measure->count; i++)
        for (int s = 0; s < SUBSCRIBER_COUNT; s++) {
            const struct times *times = &measure->times[i];

            if (times->sent_ns && times->delivered_ns[s])
                values[count++] = times->delivered_ns[s] - times->sent_ns;
        }
    quantiles = quantiles_of(values, count);
    free(values);
    *ret_count = count;
    return quantiles;
}

/* The number after `label` in a file of /proc; 0 when absent. */
static uint64_t read_proc_number(pid_t pid, const char *name, const char *label)
{
    char path[64];
    char line[256];
    uint64_t value = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, label, strlen(label)) == 0)
            value = strtoull(line + strlen(label), NULL, 10);
    if (file)
        fclose(file);
    return value;
}

/* utime + stime: fields 14 and 15 of /proc/PID/stat (proc(5)), counted after the name, which
 * stands in brackets and is field 2. */
static uint64_t read_cpu_ms(pid_t pid)
{
    char path[64];
    char line[1024] = "";
    char *rest = NULL;
    uint64_t ticks = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    file = fopen(path, "r");
    if (!file)
        return 0;
    if (fgets(line, sizeof(line), file))
        rest = strrchr(line, ')');
    fclose(file);
    for (int number = 2; rest && number < 15; number++) {
        rest = strchr(rest + 1, ' ');
        if (rest && number + 1 >= 14)
            ticks += strtoull(rest, NULL, 10);
    }
    return ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

static uint64_t disk_bytes_of(const char *folder)
{
    char *copy = strdup(folder);
    char *roots[2] = {copy, NULL};
    FTS *walk = copy ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    uint64_t blocks = 0;
    FTSENT *entry;

    while (walk && (entry = fts_read(walk)))
        if (entry->fts_info == FTS_F)
            blocks += (uint64_t)entry->fts_statp->st_blocks;
    if (walk)
        fts_close(walk);
    free(copy);
    return blocks * 512;
}

struct usage measure_usage(pid_t pid, const char *folder)
{
    return (struct usage){
        .peak_rss_kib = read_proc_number(pid, "status", "VmHWM:"),
        .cpu_ms = read_cpu_ms(pid),
        .written_bytes = read_proc_number(pid, "io", "wchar:"),
        .disk_bytes = folder ? disk_bytes_of(folder) : 0,
    };
}
