#include "host/quota.h"

#include <stdlib.h>
#include <sys/statvfs.h>
#include <time.h>

enum {
    BYTES_PER_MS = 1 << 20, /* no disk here takes more */
    SHARE = 50,             /* looking takes at most a fiftieth of the time */
};

struct quota {
    struct loop_timer *timer;
    const char *dir;
    uint64_t max;
    struct quota_calls calls;
    uint64_t told;
};

/* --- judging --- */

static unsigned long long mib(uint64_t bytes)
{
    return (unsigned long long)(bytes >> 20);
}

enum ctps_code quota_judge(const char *dir, const struct usage *usage, uint64_t max,
                           uint64_t free, struct ctps_err *err)
{
    if (usage->hides)
        return err_set(err, CTPS_LIMIT,
                       "its folder %.150s hides something from being measured: take that away",
                       dir);
    if (usage->bytes > max)
        return err_set(err, CTPS_LIMIT,
                       "its folder %.150s takes more than the %llu MiB of `state_max`: make "
                       "room in it, or allow it more",
                       dir, mib(max));
    if (free < QUOTA_FREE_MIN)
        return err_set(err, CTPS_LIMIT,
                       "the disk of %.150s has less than %llu MiB left, which are the "
                       "journal's: make room on it",
                       dir, mib(QUOTA_FREE_MIN));
    return CTPS_OK;
}

static int64_t room_ms(uint64_t used, uint64_t most)
{
    return used < most ? (int64_t)((most - used) / BYTES_PER_MS) : 0;
}

int64_t quota_pause_ms(const struct usage *usage, uint64_t max, uint64_t free, int64_t took_us)
{
    int64_t folder_ms = room_ms(usage->bytes, max);
    int64_t disk_ms = room_ms(QUOTA_FREE_MIN, free);
    int64_t pause_ms = folder_ms < disk_ms ? folder_ms : disk_ms;

    if (pause_ms < QUOTA_PAUSE_MIN_MS)
        pause_ms = QUOTA_PAUSE_MIN_MS;
    if (pause_ms > QUOTA_PAUSE_MAX_MS)
        pause_ms = QUOTA_PAUSE_MAX_MS;
    return pause_ms > took_us * SHARE / 1000 ? pause_ms : took_us * SHARE / 1000;
}

/* --- looking --- */

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint64_t disk_free(const char *dir)
{
    struct statvfs disk;

    return statvfs(dir, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

static enum ctps_code look(struct quota *quota, int64_t *ret_pause_ms, struct ctps_err *err)
{
    int64_t begun_us = now_us();
    struct usage usage = usage_of(quota->dir, quota->max);
    uint64_t free = disk_free(quota->dir);

    *ret_pause_ms = quota_pause_ms(&usage, quota->max, free, now_us() - begun_us);
    if (usage.partial)
        return CTPS_OK;
    if (usage.bytes != quota->told)
        quota->calls.changed(quota->calls.ctx, usage.bytes);
    quota->told = usage.bytes;
    return quota_judge(quota->dir, &usage, quota->max, free, err);
}

static void on_timer(void *ctx)
{
    struct quota *quota = ctx;
    struct ctps_err err = {0};
    int64_t pause_ms;

    if (look(quota, &pause_ms, &err) == CTPS_OK)
        loop_timer_set(quota->timer, 1000 * pause_ms);
    else
        quota->calls.passed(quota->calls.ctx, err.text);
}

/* --- life --- */

enum ctps_code quota_open(struct loop *loop, const char *dir, uint64_t max,
                          const struct quota_calls *calls, struct quota **ret_quota,
                          struct ctps_err *err)
{
    struct quota *quota = calloc(1, sizeof(*quota));
    int64_t pause_ms = 0;
    enum ctps_code code;

    if (!quota)
        return err_set(err, CTPS_NOMEM, "quota: no memory");
    *quota = (struct quota){.dir = dir, .max = max, .calls = *calls};
    code = look(quota, &pause_ms, err);
    if (code == CTPS_OK)
        code = loop_timer_add(loop, 1000 * pause_ms, on_timer, quota, &quota->timer, err);
    if (code != CTPS_OK)
        quota_close(&quota);
    else
        *ret_quota = quota;
    return code;
}

void quota_close(struct quota **held)
{
    struct quota *quota = *held;

    if (!quota)
        return;
    loop_timer_remove(&quota->timer);
    free(quota);
    *held = NULL;
}
