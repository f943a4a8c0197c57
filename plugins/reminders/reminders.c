/*
 * reminders: tells people in time what runs out (docs/reminders.md). It keeps in memory what
 * the daemon says may have to be reminded of, asks anew for what events name, looks at the
 * clock at least once a minute, and records each reminder that is due through the daemon, which
 * keeps it single and publishes it.
 *
 * One thing at a time: a read, or a batch of records, is under way, or nothing is and the timer
 * stands. `go` decides what comes next. Nothing is kept on disk: what was recorded is found
 * again by its key.
 */
#include <ctps/notice.pb-c.h>
#include <ctps/plugin.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "done.h"
#include "options.h"
#include "rules.h"
#include "subject.h"

enum {
    AGAIN_MS = 10000, /* after a failure */
    AHEAD_DAYS = 75,  /* the longest lead, and what working days move it by */
    DIRTY_MAX = 1024, /* objects events named; past them all is read again */
    QUEUE_MAX = ASK_KEYS_MAX,
};

static const int64_t DAY_MS = INT64_C(86400) * 1000;

struct reminders {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    struct ctps_timer *timer;
    struct ask ask;
    struct rules rules;

    /* what was told */
    struct words words;
    struct calendar calendar;
    struct teams teams;
    struct subjects subjects;
    int32_t read_day;         /* when all was read */
    bool stale;               /* it must be read again */
    int64_t begun_us;         /* since when there are reminders; 0: not known yet */
    struct subjects incoming; /* of a reading under way */
    bool reading;
    bool begin_sent;
    size_t position_len;
    uint8_t position[ASK_POSITION_MAX];

    /* what events named since */
    unsigned dirty_count, asked_count; /* the first so many are being asked for */
    struct ask_object dirty[DIRTY_MAX];

    /* reminders due and not known to be recorded */
    unsigned queue_count, sent_count;
    struct due queue[QUEUE_MAX];
    struct sent {
        struct reminders *self;
        unsigned at;
    } sent[QUEUE_MAX]; /* whose answer it is */
    bool found;        /* which of the queue are recorded was asked */
    struct done done;

    unsigned waiting; /* answers */
    bool failed;      /* one of them was none */
    bool draining;
    int64_t counts[3]; /* by outcome, of this life */
};

static void go(struct reminders *self);

/* --- reading all of it --- */

static int32_t today_of(const struct reminders *self)
{
    return calendar_day(&self->calendar, self->api->now_us(self->host), NULL);
}

static int32_t from_day(const struct reminders *self)
{
    return today_of(self) - (int32_t)(self->api->option_int(self->host, "look_back") / DAY_MS);
}

static bool subjects_take(struct reminders *self, struct subjects *into,
                          const Ctps__ReminderSubjectsAnswer *answer)
{
    for (size_t i = 0; i < answer->n_subjects; i++) {
        uint8_t kind = rules_kind(answer->subjects[i]->kind);

        if (kind < RULES_KINDS && !subjects_add(into, &self->words, kind, answer->subjects[i]))
            return false;
    }
    return true;
}

/* Others may be reminded now. */
static bool world_take(struct reminders *self, const Ctps__ReminderSubjectsAnswer *answer)
{
    if (!answer->calendar)
        return true;
    if (!calendar_set(&self->calendar, answer->calendar))
        return false;
    if (teams_set(&self->teams, &self->words, answer->teams, answer->n_teams))
        subjects_wake(&self->subjects);
    return true;
}

static void reading_abandon(struct reminders *self)
{
    subjects_done(&self->incoming);
    self->reading = false;
    self->stale = true;
    self->position_len = 0;
}

static void reading_end(struct reminders *self)
{
    subjects_done(&self->subjects);
    self->subjects = self->incoming;
    self->incoming = (struct subjects){0};
    self->reading = false;
    self->position_len = 0;
    self->read_day = today_of(self);
    done_forget(&self->done);
    self->api->metric(self->host, "subjects", (int64_t)self->subjects.count);
}

static bool page_take(struct reminders *self, const Ctps__ReminderSubjectsAnswer *answer)
{
    if (!world_take(self, answer) || !subjects_take(self, &self->incoming, answer) ||
        answer->next.len > sizeof(self->position))
        return false;
    if (!answer->has_next) {
        reading_end(self);
        return true;
    }
    self->position_len = answer->next.len;
    memcpy(self->position, answer->next.data, answer->next.len);
    return true;
}

/* Ends what an answer began: `good`, or it is all tried again in a while. */
static void answered(struct reminders *self, Ctps__Reply *reply, bool good)
{
    if (reply)
        ctps__reply__free_unpacked(reply, NULL);
    self->failed = self->failed || !good;
    self->waiting--;
    if (self->waiting == 0)
        go(self);
}

static const Ctps__ReminderSubjectsAnswer *subjects_of(const Ctps__Reply *reply)
{
    return reply && reply->answer_case == CTPS__REPLY__ANSWER_REMINDER_SUBJECTS_ANSWER
               ? reply->reminder_subjects_answer
               : NULL;
}

static void page_answered(void *arg, enum ctps_status status, const uint8_t *data, size_t len)
{
    struct reminders *self = arg;
    Ctps__Reply *reply = ask_read(&self->ask, status, data, len, "what runs out");
    const Ctps__ReminderSubjectsAnswer *answer = subjects_of(reply);
    bool good = answer && page_take(self, answer);

    if (!good)
        reading_abandon(self);
    answered(self, reply, good);
}

static enum ctps_status page_ask(struct reminders *self)
{
    if (!self->reading)
        self->stale = false;
    self->reading = true;
    return ask_page(&self->ask, self->position, self->position_len, from_day(self),
                    today_of(self) + AHEAD_DAYS, page_answered, self);
}

/* --- reading what events named --- */

static void objects_answered(void *arg, enum ctps_status status, const uint8_t *data,
                             size_t len)
{
    struct reminders *self = arg;
    Ctps__Reply *reply = ask_read(&self->ask, status, data, len, "what an event named");
    const Ctps__ReminderSubjectsAnswer *answer = subjects_of(reply);
    bool good = answer && world_take(self, answer);

    for (unsigned i = 0; good && i < self->asked_count; i++)
        subjects_remove(&self->subjects, self->dirty[i].kind, self->dirty[i].id);
    good = good && subjects_take(self, &self->subjects, answer);
    if (good) {
        self->dirty_count -= self->asked_count;
        memmove(self->dirty, self->dirty + self->asked_count,
                self->dirty_count * sizeof(self->dirty[0]));
    } else {
        self->stale = true; /* part of it may have been taken */
    }
    self->asked_count = 0;
    answered(self, reply, good);
}

static enum ctps_status objects_ask(struct reminders *self)
{
    self->asked_count =
        self->dirty_count < ASK_OBJECTS_MAX ? self->dirty_count : ASK_OBJECTS_MAX;
    return ask_objects(&self->ask, self->dirty, self->asked_count, from_day(self),
                       today_of(self) + AHEAD_DAYS, objects_answered, self);
}

/* --- since when --- */

static void begin_found(void *arg, enum ctps_status status, const uint8_t *data, size_t len)
{
    struct reminders *self = arg;
    Ctps__Reply *reply = ask_read(&self->ask, status, data, len, "since when");
    bool good = reply && reply->answer_case == CTPS__REPLY__ANSWER_EFFECT_ANSWER;

    if (good && reply->effect_answer->n_effects)
        self->begun_us = reply->effect_answer->effects[0]->done_us;
    self->begin_sent = !good || self->begun_us; /* else it is to be recorded */
    answered(self, reply, good);
}

static void begin_recorded(void *arg, enum ctps_status status, const uint8_t *data, size_t len)
{
    struct reminders *self = arg;
    Ctps__Reply *reply = ask_read(&self->ask, status, data, len, "the beginning");

    self->begin_sent = true;
    answered(self, reply, reply != NULL);
}

static enum ctps_status begin_ask(struct reminders *self)
{
    const char *key = ASK_BEGIN_KEY;

    if (self->begin_sent)
        return ask_find(&self->ask, &key, 1, begin_found, self);
    return ask_begin(&self->ask, today_of(self), begin_recorded, self);
}

/* --- what is due --- */

static bool due_queue(void *arg, const struct due *due)
{
    struct reminders *self = arg;

    if (done_has(&self->done, due->key))
        return true;
    if (self->queue_count == QUEUE_MAX)
        return false;
    self->queue[self->queue_count++] = *due;
    return true;
}

/* Fills the queue. A subject that has more than room for is looked at again. */
static void due_gather(struct reminders *self)
{
    struct rules_world world = {&self->rules, &self->calendar, &self->teams,
                                self->api->now_us(self->host), self->begun_us};

    self->found = false;
    self->sent_count = 0;
    for (size_t i = 0; i < self->subjects.count && self->queue_count < QUEUE_MAX; i++) {
        struct subject *subject = &self->subjects.list[i];
        unsigned before = self->queue_count;
        int64_t next_us;

        if (subject->next_us > world.now_us)
            continue;
        next_us = rules_look(&world, subject, due_queue, self);
        /* Something is left to do: it is looked at again once that is done. */
        if (self->queue_count == before)
            subject->next_us = next_us;
    }
}

static void keys_found(void *arg, enum ctps_status status, const uint8_t *data, size_t len)
{
    struct reminders *self = arg;
    Ctps__Reply *reply = ask_read(&self->ask, status, data, len, "what is recorded");
    bool good = reply && reply->answer_case == CTPS__REPLY__ANSWER_EFFECT_ANSWER;
    unsigned kept = 0;

    for (size_t i = 0; good && i < reply->effect_answer->n_effects; i++)
        if (reply->effect_answer->effects[i]->key)
            good = done_add(&self->done, reply->effect_answer->effects[i]->key);
    for (unsigned i = 0; good && i < self->queue_count; i++)
        if (!done_has(&self->done, self->queue[i].key))
            self->queue[kept++] = self->queue[i];
    self->queue_count = kept;
    self->found = true;
    answered(self, reply, good);
}

static enum ctps_status keys_ask(struct reminders *self)
{
    const char *keys[QUEUE_MAX];

    for (unsigned i = 0; i < self->queue_count; i++)
        keys[i] = self->queue[i].key;
    return ask_find(&self->ask, keys, self->queue_count, keys_found, self);
}

static void count(struct reminders *self, enum outcome outcome)
{
    char name[32];

    snprintf(name, sizeof(name), "reminders.%s", ask_outcome(outcome));
    self->api->metric(self->host, name, ++self->counts[outcome]);
}

static void recorded(void *arg, enum ctps_status status, const uint8_t *data, size_t len)
{
    const struct sent *sent = arg;
    struct reminders *self = sent->self;
    Ctps__Reply *reply = ask_read(&self->ask, status, data, len, "a reminder");
    const struct due *due = &self->queue[sent->at];
    bool good = reply && done_add(&self->done, due->key);

    if (good)
        count(self, due->outcome);
    if (self->waiting == 1)
        self->queue_count = 0;
    answered(self, reply, good);
}

static enum ctps_status queue_record(struct reminders *self)
{
    enum ctps_status status = CTPS_STATUS_OK;

    while (status == CTPS_STATUS_OK && self->sent_count < self->queue_count) {
        struct sent *sent = &self->sent[self->sent_count];

        *sent = (struct sent){self, self->sent_count};
        status = ask_record(&self->ask, &self->queue[self->sent_count], recorded, sent);
        if (status != CTPS_STATUS_OK)
            break;
        self->sent_count++;
        self->waiting++;
    }
    return self->sent_count ? CTPS_STATUS_OK : status;
}

/* --- what comes next --- */

static void on_timer(void *arg)
{
    struct reminders *self = arg;

    self->timer = NULL;
    self->failed = false;
    go(self);
}

static void rest(struct reminders *self, int64_t after_ms)
{
    self->api->timer_remove(self->host, &self->timer);
    self->timer = self->api->timer_add(self->host, after_ms, on_timer, self);
}

/* Until the next one is due, or the clock must be looked at. */
static int64_t pause_ms(const struct reminders *self)
{
    int64_t now_us = self->api->now_us(self->host);
    int64_t tick_ms = self->api->option_int(self->host, "tick");
    int64_t next_us = INT64_MAX;

    for (size_t i = 0; i < self->subjects.count; i++)
        if (self->subjects.list[i].next_us < next_us)
            next_us = self->subjects.list[i].next_us;
    if (next_us <= now_us)
        return 1;
    next_us = (next_us - now_us) / 1000 + 1;
    return next_us < tick_ms ? next_us : tick_ms;
}

/* One request (or a batch of records) on the way; false when there is nothing to ask. */
static bool ask_next(struct reminders *self, enum ctps_status *ret_status)
{
    bool batch = false;

    if (self->reading || self->stale || self->read_day != today_of(self)) {
        *ret_status = page_ask(self);
    } else if (!self->begun_us) {
        *ret_status = begin_ask(self);
    } else if (self->dirty_count) {
        *ret_status = objects_ask(self);
    } else {
        if (!self->queue_count)
            due_gather(self);
        if (!self->queue_count)
            return false;
        batch = self->found;
        *ret_status = batch ? queue_record(self) : keys_ask(self);
    }
    if (*ret_status == CTPS_STATUS_OK && !batch)
        self->waiting++;
    return true;
}

static void go(struct reminders *self)
{
    enum ctps_status status = CTPS_STATUS_OK;

    if (self->waiting)
        return;
    if (self->draining) {
        self->api->drained(self->host);
        return;
    }
    if (self->failed) {
        self->queue_count = 0;
        rest(self, AGAIN_MS);
        return;
    }
    if (!ask_next(self, &status)) {
        self->api->metric(self->host, "settled_us", self->api->now_us(self->host));
        rest(self, pause_ms(self));
    } else if (status != CTPS_STATUS_OK) {
        rest(self, AGAIN_MS);
    }
}

/* --- events --- */

static void dirty_add(struct reminders *self, Ctps__ObjectKind kind, uint64_t id)
{
    for (unsigned i = self->asked_count; i < self->dirty_count; i++)
        if (self->dirty[i].id == id && self->dirty[i].kind == kind)
            return;
    if (self->dirty_count == DIRTY_MAX) {
        self->dirty_count = self->asked_count;
        self->stale = true;
    }
    self->dirty[self->dirty_count++] = (struct ask_object){(uint8_t)kind, id};
}

static void object_note(struct reminders *self, Ctps__ObjectKind kind, uint64_t id)
{
    switch (kind) {
    case CTPS__OBJECT_KIND__OBJECT_SAISINE:
    case CTPS__OBJECT_KIND__OBJECT_SITUATION:
    case CTPS__OBJECT_KIND__OBJECT_MEETING:
    case CTPS__OBJECT_KIND__OBJECT_DECISION:
    case CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST:
    case CTPS__OBJECT_KIND__OBJECT_AGENT:
    case CTPS__OBJECT_KIND__OBJECT_CONTACT:
        if (id)
            dirty_add(self, kind, id);
        break;
    default:
        break;
    }
}

/* Events that name no object of theirs and may change any. */
static bool is_general(const char *topic)
{
    static const char *const beginnings[] = {
        "clock.",  "settings.", "delegation.", "territory.",
        "import.", "erasure.",  "instance.",   "situation.restrict" /* with its decisions */};

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        if (strncmp(topic, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/* What plugins did, this one too. */
static bool is_of_plugins(const char *topic)
{
    return strncmp(topic, "reminder.", 9) == 0 || strncmp(topic, "notification.", 13) == 0 ||
           strncmp(topic, "dead_letter.", 12) == 0;
}

static enum ctps_verdict on_event(void *arg, const struct ctps_event *event)
{
    struct reminders *self = arg;
    Ctps__Notice *notice;

    if (is_of_plugins(event->topic))
        return CTPS_VERDICT_DONE;
    notice = ctps__notice__unpack(NULL, event->notice_len, event->notice);
    if (!notice)
        return CTPS_VERDICT_POISON;
    object_note(self, notice->kind, notice->id);
    object_note(self, notice->other_kind, notice->other);
    if (notice->kind == CTPS__OBJECT_KIND__OBJECT_HABILITATION && notice->agent)
        object_note(self, CTPS__OBJECT_KIND__OBJECT_AGENT, notice->agent);
    if (is_general(event->topic))
        self->stale = true;
    ctps__notice__free_unpacked(notice, NULL);
    if (!self->failed && (self->dirty_count || self->stale))
        go(self);
    return CTPS_VERDICT_DONE;
}

/* --- life --- */

static void stop(void *arg)
{
    struct reminders *self = arg;

    subjects_done(&self->subjects);
    subjects_done(&self->incoming);
    words_done(&self->words);
    done_free(&self->done);
    free(self);
}

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    struct reminders *self = calloc(1, sizeof(*self));

    if (!self) {
        snprintf(why, why_len, "no memory");
        return CTPS_STATUS_NO_MEMORY;
    }
    self->host = host;
    self->api = api;
    self->ask = (struct ask){.host = host, .api = api, .life = api->now_us(host)};
    self->stale = true;
    self->begin_sent = true; /* looked for first */
    if (!options_read(host, api, &self->rules, why, why_len)) {
        stop(self);
        return CTPS_STATUS_INVALID;
    }
    rest(self, 1);
    *ret_self = self;
    return CTPS_STATUS_OK;
}

static enum ctps_status reload(void *arg)
{
    struct reminders *self = arg;
    char why[160];

    if (!options_read(self->host, self->api, &self->rules, why, sizeof(why))) {
        self->api->log(self->host, CTPS_LEVEL_ERROR, why);
        return CTPS_STATUS_INVALID;
    }
    self->stale = true;
    if (!self->failed)
        go(self);
    return CTPS_STATUS_OK;
}

static void drain(void *arg)
{
    struct reminders *self = arg;

    self->draining = true;
    self->api->timer_remove(self->host, &self->timer);
    go(self);
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "reminders",
    .version = "1",
    .summary = "Reminds people in time of meetings, decisions and all that runs out.",
    .actions = (const char *const[]){"reminder.read", "effect.record", NULL},
    .audiences = (const char *const[]){"plugins", NULL},
    .options = reminders_options,
    .option_count = REMINDERS_OPTION_COUNT,
    .start = start,
    .on_event = on_event,
    .reload = reload,
    .drain = drain,
    .stop = stop,
};
