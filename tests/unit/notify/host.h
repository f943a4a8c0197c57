/*
 * host: a ctps-host and a ctpsd in a few tables: requests are kept until the test lets them be
 * answered, effects are remembered under their keys, timers are due when the test moves the
 * clock.
 */
#ifndef CTPS_TESTS_UNIT_NOTIFY_HOST_H
#define CTPS_TESTS_UNIT_NOTIFY_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/queue.h"

enum { HOST_ASKED_MAX = 512, HOST_EFFECTS_MAX = 512, HOST_TIMERS_MAX = 16 };

/* 2026-11-24 09:00 UTC, in the middle of nothing special. */
#define HOST_START_US (INT64_C(1795510800) * 1000000)

struct ctps_timer {
    int64_t due_us; /* 0: free */
    ctps_due *due;
    void *arg;
};

struct asked {
    Ctps__Request *request;
    ctps_answered *done;
    void *arg;
};

/* What ctpsd knows of one effect: the last that was recorded under its key. */
struct recorded {
    char key[CTPS_EFFECT_KEY_MAX + 1];
    char kind[32], outcome[16], cause[48];
    unsigned tries;
    uint64_t id;
    int64_t queued_us;
};

struct ctps_host {
    int64_t now_us;
    int64_t mono_us; /* timers count by it: it does not jump */
    struct asked asked[HOST_ASKED_MAX];
    size_t asked_count;
    struct ctps_timer timers[HOST_TIMERS_MAX];
    struct recorded effects[HOST_EFFECTS_MAX];
    size_t effect_count;
    /* Answers what is no effect; false: refused. NULL: everything else is refused. */
    bool (*answer)(void *ctx, const Ctps__Request *request, Ctps__Reply *reply);
    /* Answers for effects in place of what was recorded. NULL: that is looked up. */
    void (*find)(void *ctx, const Ctps__EffectFind *find, Ctps__Reply *reply);
    void *ctx;
    unsigned lines;  /* of the log */
    unsigned silent; /* so many of the next requests are never answered */
    unsigned busy;   /* so many, after those, are answered "busy" */
};

static inline enum ctps_status host_request(struct ctps_host *host, const uint8_t *request,
                                            size_t request_len, ctps_answered *done, void *arg)
{
    struct asked *asked = &host->asked[host->asked_count];

    assert_true(host->asked_count < HOST_ASKED_MAX);
    *asked = (struct asked){ctps__request__unpack(NULL, request_len, request), done, arg};
    assert_non_null(asked->request);
    host->asked_count++;
    return CTPS_STATUS_OK;
}

static inline void host_request_id(struct ctps_host *host, const char *words,
                                   uint8_t out[CTPS_REQUEST_ID_LEN])
{
    (void)host;
    memset(out, 0, CTPS_REQUEST_ID_LEN);
    strncpy((char *)out, words, CTPS_REQUEST_ID_LEN - 1);
}

static inline struct ctps_timer *host_timer_add(struct ctps_host *host, int64_t after_ms,
                                                ctps_due *due, void *arg)
{
    struct ctps_timer *timer = host->timers;

    while (timer->due_us)
        timer++;
    assert_true(timer < host->timers + HOST_TIMERS_MAX);
    *timer = (struct ctps_timer){host->mono_us + after_ms * 1000, due, arg};
    return timer;
}

static inline void host_timer_remove(struct ctps_host *host, struct ctps_timer **timer)
{
    (void)host;
    if (*timer)
        (*timer)->due_us = 0;
    *timer = NULL;
}

static inline int64_t host_now_us(struct ctps_host *host)
{
    return host->now_us;
}

static inline void host_log(struct ctps_host *host, enum ctps_level level, const char *line)
{
    (void)level;
    (void)line;
    host->lines++;
}

static inline void host_metric(struct ctps_host *host, const char *name, int64_t value)
{
    (void)host;
    (void)name;
    (void)value;
}

static inline int64_t host_option_int(struct ctps_host *host, const char *name)
{
    (void)host;
    return strcmp(name, "webhooks") == 0 ? 1 : 15000;
}

static const struct ctps_host_api host_api = {
    .len = sizeof(host_api),
    .request = host_request,
    .request_id = host_request_id,
    .timer_add = host_timer_add,
    .timer_remove = host_timer_remove,
    .now_us = host_now_us,
    .log = host_log,
    .metric = host_metric,
    .option_int = host_option_int,
};

/* --- ctpsd --- */

/* NULL when nothing was ever recorded under that key. */
static inline struct recorded *host_recorded(struct ctps_host *host, const char *key)
{
    for (size_t i = 0; i < host->effect_count; i++)
        if (strcmp(host->effects[i].key, key) == 0)
            return &host->effects[i];
    return NULL;
}

static inline struct recorded *host_effect_new(struct ctps_host *host, const char *key)
{
    struct recorded *row = &host->effects[host->effect_count++];

    assert_true(host->effect_count <= HOST_EFFECTS_MAX);
    *row = (struct recorded){.id = host->effect_count << 8, .queued_us = host->now_us};
    snprintf(row->key, sizeof(row->key), "%s", key);
    snprintf(row->kind, sizeof(row->kind), "notification.queued");
    return row;
}

/* The first queueing stands; an end stands for good. */
static inline void host_effect_record(struct ctps_host *host, const Ctps__EffectRecord *in)
{
    struct recorded *row = host_recorded(host, in->key);

    if (!row)
        row = host_effect_new(host, in->key);
    if (strcmp(row->kind, "notification.queued") != 0)
        return;
    snprintf(row->kind, sizeof(row->kind), "%s", in->kind);
    snprintf(row->outcome, sizeof(row->outcome), "%s", in->outcome);
    snprintf(row->cause, sizeof(row->cause), "%s", in->cause ? in->cause : "");
    if (in->has_tries)
        row->tries = in->tries;
}

static inline void host_effect_find(struct ctps_host *host, const Ctps__EffectFind *in,
                                    Ctps__Reply *reply)
{
    static Ctps__Effect effects[HOST_EFFECTS_MAX];
    static Ctps__Effect *list[HOST_EFFECTS_MAX];
    static Ctps__EffectAnswer answer;
    static char code[] = "webhook";

    ctps__effect_answer__init(&answer);
    answer.effects = list;
    for (size_t i = 0; i < host->effect_count; i++) {
        struct recorded *row = &host->effects[i];
        Ctps__Effect *effect = &effects[i];

        if (in->n_keys ? strcmp(in->keys[0], row->key) != 0
                       : strcmp(row->kind, "notification.queued") != 0)
            continue;
        ctps__effect__init(effect);
        effect->has_id = effect->has_queued_us = effect->has_tries = 1;
        effect->id = row->id;
        effect->key = row->key;
        effect->kind = row->kind;
        effect->code = code;
        effect->queued_us = row->queued_us;
        effect->tries = row->tries;
        list[answer.n_effects++] = effect;
    }
    reply->answer_case = CTPS__REPLY__ANSWER_EFFECT_ANSWER;
    reply->effect_answer = &answer;
}

static inline bool host_decide(struct ctps_host *host, const Ctps__Request *request,
                               Ctps__Reply *reply)
{
    if (request->command_case == CTPS__REQUEST__COMMAND_EFFECT_RECORD)
        host_effect_record(host, request->effect_record);
    else if (request->command_case == CTPS__REQUEST__COMMAND_EFFECT_FIND && host->find)
        host->find(host->ctx, request->effect_find, reply);
    else if (request->command_case == CTPS__REQUEST__COMMAND_EFFECT_FIND)
        host_effect_find(host, request->effect_find, reply);
    else
        return host->answer && host->answer(host->ctx, request, reply);
    return true;
}

static inline void host_answer(struct ctps_host *host, const struct asked *asked)
{
    Ctps__Reply reply = CTPS__REPLY__INIT;
    uint8_t bytes[65536];
    enum ctps_status status = CTPS_STATUS_OK;

    reply.has_status = 1;
    if (host->busy) {
        host->busy--;
        reply.status = CTPS__REPLY_STATUS__REPLY_BUSY;
    } else if (host_decide(host, asked->request, &reply)) {
        reply.status = CTPS__REPLY_STATUS__REPLY_DONE;
    } else {
        reply.status = CTPS__REPLY_STATUS__REPLY_REFUSED;
        status = CTPS_STATUS_REFUSED;
    }
    assert_true(ctps__reply__get_packed_size(&reply) <= sizeof(bytes));
    asked->done(asked->arg, status, bytes, ctps__reply__pack(&reply, bytes));
}

/* Answers what was asked, in order, and what is asked meanwhile. */
static inline void host_run(struct ctps_host *host)
{
    for (size_t i = 0; i < host->asked_count; i++) {
        struct asked asked = host->asked[i];

        if (host->silent) {
            host->silent--;
            asked.done(asked.arg, CTPS_STATUS_TIMEOUT, NULL, 0);
        } else {
            host_answer(host, &asked);
        }
        ctps__request__free_unpacked(asked.request, NULL);
    }
    host->asked_count = 0;
}

/* Moves the clocks on by so many milliseconds in one step, then lets be due what is. */
static inline void host_pass(struct ctps_host *host, int64_t ms)
{
    host->now_us += ms * 1000;
    host->mono_us += ms * 1000;
    for (struct ctps_timer *timer = host->timers; timer < host->timers + HOST_TIMERS_MAX;
         timer++) {
        struct ctps_timer due = *timer;

        if (!due.due_us || due.due_us > host->mono_us)
            continue;
        timer->due_us = 0;
        due.due(due.arg);
    }
    host_run(host);
}

static inline struct ctps_host *host_new(void)
{
    struct ctps_host *host = calloc(1, sizeof(*host));

    assert_non_null(host);
    host->now_us = HOST_START_US;
    host->mono_us = 1;
    return host;
}

#endif
