#include "host/bus.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "wire/wire.h"

enum {
    WAIT_MS = 30000,  /* for one request, sent again meanwhile */
    LISTEN_MS = 250,  /* between two looks at whether to stop */
    RETRY_MS = 1000,  /* when the start says nothing */
    CURSOR_MS = 1000, /* an idle follower's cursor is at most so late */
    AUDIENCE_LEN = 65,
    ARENA_MAX = 4 << 20,
};

/* What a thread has to tell the loop. */
struct outcome {
    struct outcome *next;
    enum { OUTCOME_EVENT, OUTCOME_REPLY, OUTCOME_LOST } kind;
    const char *audience;
    struct ctps_event event; /* its topic and notice own, in `data` */
    uint64_t ticket;
    enum ctps_status status;
    size_t len;
    uint8_t data[];
};

struct waiting {
    struct waiting *next;
    uint64_t ticket;
    size_t len;
    uint8_t data[];
};

struct follower {
    struct bus *bus;
    pthread_t thread;
    struct ctps_keyfile key;
    char audience[AUDIENCE_LEN];
    const char *plugin; /* a borrow from the bus */
    uint32_t retry_ms;
    struct ctps_client *client;
    struct ctps_subscription *subscription;
    /* under bus->lock */
    uint64_t asked;   /* event the plugin has; 0: none */
    bool has_verdict; /* it has judged it */
    enum ctps_verdict verdict;
    /* the thread's own */
    uint64_t done;  /* last event dealt with */
    uint64_t saved; /* what ctpsd knows of it */
    int64_t saved_ms;
};

struct bus {
    struct loop *loop;
    struct loop_watch *watch;
    struct bus_calls calls;
    struct ctps_keyfile key;
    char plugin[CTPS_PLUGIN_NAME_MAX + 1];
    uint32_t retry_ms;
    int wake; /* eventfd: an outcome waits */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;      /* under lock */
    bool not_following; /* under lock */
    struct outcome *first, **last;
    struct waiting *requests, **requests_end;
    unsigned request_count;
    bool has_requester;
    pthread_t requester;
    struct follower followers[BUS_AUDIENCES_MAX];
    unsigned follower_count;
    unsigned followers_running;
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- telling the loop --- */

static void outcome_push(struct bus *bus, struct outcome *outcome)
{
    uint64_t one = 1;

    pthread_mutex_lock(&bus->lock);
    *bus->last = outcome;
    bus->last = &outcome->next;
    pthread_mutex_unlock(&bus->lock);
    while (write(bus->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* Without memory there is nobody to tell: the process ends and is started again. */
static struct outcome *outcome_new(size_t len)
{
    struct outcome *outcome = calloc(1, sizeof(*outcome) + len);

    if (!outcome)
        abort();
    outcome->len = len;
    return outcome;
}

static void lost_push(struct bus *bus, const char *why)
{
    struct outcome *outcome = outcome_new(strlen(why) + 1);

    outcome->kind = OUTCOME_LOST;
    memcpy(outcome->data, why, outcome->len);
    outcome_push(bus, outcome);
}

static void refused_push(struct bus *bus, const Ctps__Refusal *refusal)
{
    char why[96];

    snprintf(why, sizeof(why), "ctpsd refuses it: %s",
             refusal && refusal->name ? refusal->name : "no reason given");
    lost_push(bus, why);
}

static void event_push(struct follower *follower, const struct ctps_event *event)
{
    size_t topic_len = strlen(event->topic) + 1;
    struct outcome *outcome = outcome_new(topic_len + event->notice_len);

    outcome->kind = OUTCOME_EVENT;
    outcome->audience = follower->audience;
    outcome->event = *event;
    memcpy(outcome->data, event->topic, topic_len);
    if (event->notice_len)
        memcpy(outcome->data + topic_len, event->notice, event->notice_len);
    outcome->event.topic = (const char *)outcome->data;
    outcome->event.notice = outcome->data + topic_len;
    outcome_push(follower->bus, outcome);
}

static struct outcome *outcomes_take(struct bus *bus)
{
    struct outcome *first;
    uint64_t count;

    if (read(bus->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
        return NULL;
    pthread_mutex_lock(&bus->lock);
    first = bus->first;
    bus->first = NULL;
    bus->last = &bus->first;
    pthread_mutex_unlock(&bus->lock);
    return first;
}

static void on_wake(void *ctx, unsigned ready)
{
    struct bus *bus = ctx;
    struct bus_calls calls = bus->calls;
    struct outcome *next = outcomes_take(bus);

    (void)ready;
    while (next) {
        struct outcome *outcome = next;

        next = outcome->next;
        if (outcome->kind == OUTCOME_EVENT)
            calls.event(calls.ctx, outcome->audience, &outcome->event);
        else if (outcome->kind == OUTCOME_REPLY)
            calls.reply(calls.ctx, outcome->ticket, outcome->status,
                        bytes_of(outcome->data, outcome->len));
        else
            calls.lost(calls.ctx, (const char *)outcome->data);
        free(outcome);
    }
}

/* --- requests --- */

static struct waiting *request_take(struct bus *bus)
{
    struct waiting *waiting;

    pthread_mutex_lock(&bus->lock);
    while (!bus->requests && !bus->stopping)
        pthread_cond_wait(&bus->changed, &bus->lock);
    waiting = bus->requests;
    if (waiting) {
        bus->requests = waiting->next;
        bus->request_count--;
        if (!bus->requests)
            bus->requests_end = &bus->requests;
    }
    pthread_mutex_unlock(&bus->lock);
    return waiting;
}

static void reply_push(struct bus *bus, uint64_t ticket, enum ctps_status status,
                       const struct ctps_bytes *reply)
{
    struct outcome *outcome = outcome_new(reply->len);

    outcome->kind = OUTCOME_REPLY;
    outcome->ticket = ticket;
    outcome->status = status;
    if (reply->len)
        memcpy(outcome->data, reply->data, reply->len);
    outcome_push(bus, outcome);
}

static void *requester_run(void *arg)
{
    struct bus *bus = arg;
    struct ctps_client *client = NULL;
    struct ctps_error error;
    struct waiting *waiting;

    if (ctps_client_open(&bus->key, &client, &error) != CTPS_STATUS_OK) {
        lost_push(bus, error.text);
        return NULL;
    }
    while ((waiting = request_take(bus))) {
        struct ctps_bytes reply = {0};
        enum ctps_status status =
            ctps_client_request(client, waiting->data, waiting->len, WAIT_MS, &reply, &error);

        if (status == CTPS_STATUS_DENIED)
            lost_push(bus, error.text);
        reply_push(bus, waiting->ticket, status, &reply);
        ctps_bytes_free(&reply);
        free(waiting);
    }
    ctps_client_close(&client);
    return NULL;
}

bool bus_request(struct bus *bus, uint64_t ticket, struct bytes request)
{
    struct waiting *waiting;

    if (bus->request_count >= BUS_REQUESTS_MAX)
        return false;
    waiting = calloc(1, sizeof(*waiting) + request.len);
    if (!waiting)
        return false;
    waiting->ticket = ticket;
    waiting->len = request.len;
    memcpy(waiting->data, request.data, request.len);
    pthread_mutex_lock(&bus->lock);
    *bus->requests_end = waiting;
    bus->requests_end = &waiting->next;
    bus->request_count++;
    pthread_cond_broadcast(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
    return true;
}

/* --- a follower's own requests --- */

static bool own_ask(struct follower *follower, struct arena *arena, Ctps__Request *request,
                    Ctps__Reply **ret_reply)
{
    uint8_t *id = arena_alloc(arena, CTPS_REQUEST_ID_LEN);
    struct bytes packed;
    struct ctps_bytes reply = {0};
    struct ctps_error error;
    ProtobufCMessage *message = NULL;
    enum ctps_status status;

    if (!id || getentropy(id, CTPS_REQUEST_ID_LEN) < 0)
        return false;
    request->has_id = 1;
    request->id.data = id;
    request->id.len = CTPS_REQUEST_ID_LEN;
    if (wire_pack(arena, &request->base, &packed) != CTPS_OK)
        return false;
    status =
        ctps_client_request(follower->client, packed.data, packed.len, WAIT_MS, &reply, &error);
    if (status == CTPS_STATUS_OK)
        (void)wire_unpack(arena, &ctps__reply__descriptor, bytes_of(reply.data, reply.len),
                          WIRE_STORED, &message, NULL);
    ctps_bytes_free(&reply);
    *ret_reply = (Ctps__Reply *)message;
    if (message && (*ret_reply)->status == CTPS__REPLY_STATUS__REPLY_REFUSED)
        refused_push(follower->bus, (*ret_reply)->refusal);
    return message && !(*ret_reply)->refusal; /* one comes with "busy" too: later, then */
}

static bool cursor_get(struct follower *follower)
{
    Ctps__CursorGet get = CTPS__CURSOR_GET__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__Reply *reply;
    struct arena arena;
    bool known;

    arena_init(&arena, ARENA_MAX);
    get.audience = follower->audience;
    request.command_case = CTPS__REQUEST__COMMAND_CURSOR_GET;
    request.cursor_get = &get;
    known = own_ask(follower, &arena, &request, &reply) && reply->cursor_answer;
    if (known)
        follower->done = follower->saved = reply->cursor_answer->position;
    arena_done(&arena);
    return known;
}

static void cursor_save(struct follower *follower)
{
    Ctps__CursorSet set = CTPS__CURSOR_SET__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__Reply *reply;
    struct arena arena;

    if (follower->saved == follower->done)
        return;
    arena_init(&arena, ARENA_MAX);
    set.audience = follower->audience;
    set.has_position = 1;
    set.position = follower->done;
    request.command_case = CTPS__REQUEST__COMMAND_CURSOR_SET;
    request.cursor_set = &set;
    if (own_ask(follower, &arena, &request, &reply))
        follower->saved = follower->done;
    follower->saved_ms = now_ms();
    arena_done(&arena);
}

static bool letter_add(struct follower *follower, uint64_t number, bool poison)
{
    Ctps__DeadLetterAdd add = CTPS__DEAD_LETTER_ADD__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__Reply *reply;
    struct arena arena;
    bool taken;

    arena_init(&arena, ARENA_MAX);
    add.audience = follower->audience;
    add.has_number = 1;
    add.number = number;
    add.reason = poison ? (char[]){"poison"} : (char[]){"tries"};
    request.command_case = CTPS__REQUEST__COMMAND_DEAD_LETTER_ADD;
    request.dead_letter_add = &add;
    taken = own_ask(follower, &arena, &request, &reply);
    arena_done(&arena);
    return taken;
}

/* --- following --- */

static bool is_stopping(struct follower *follower)
{
    struct bus *bus = follower->bus;
    bool stopping;

    pthread_mutex_lock(&bus->lock);
    stopping = bus->stopping || bus->not_following;
    pthread_mutex_unlock(&bus->lock);
    return stopping;
}

/* Until the plugin has judged `number`; false when there is no time left for it. */
static bool verdict_wait(struct follower *follower, const struct ctps_event *event,
                         enum ctps_verdict *ret_verdict)
{
    struct bus *bus = follower->bus;
    bool judged;

    pthread_mutex_lock(&bus->lock);
    follower->asked = event->number;
    follower->has_verdict = false;
    pthread_mutex_unlock(&bus->lock);
    event_push(follower, event);
    pthread_mutex_lock(&bus->lock);
    while (!follower->has_verdict && !bus->stopping)
        pthread_cond_wait(&bus->changed, &bus->lock);
    judged = follower->has_verdict;
    *ret_verdict = follower->verdict;
    follower->asked = 0;
    pthread_mutex_unlock(&bus->lock);
    return judged;
}

static void pause_ms(struct follower *follower, int64_t ms)
{
    struct bus *bus = follower->bus;
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&bus->lock);
    while (!bus->stopping && !bus->not_following &&
           pthread_cond_timedwait(&bus->changed, &bus->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&bus->lock);
}

/* False when it stops before the event is dealt with. */
static bool event_deliver(struct follower *follower, const struct ctps_event *event)
{
    enum ctps_verdict verdict = CTPS_VERDICT_RETRY;

    for (unsigned tries = 0; tries < BUS_TRIES && verdict == CTPS_VERDICT_RETRY; tries++) {
        if (tries)
            pause_ms(follower, (int64_t)follower->retry_ms << (tries - 1));
        if (is_stopping(follower) || !verdict_wait(follower, event, &verdict))
            return false;
    }
    /* A letter that was not taken is no reason to lose the event: it comes again. */
    return verdict == CTPS_VERDICT_DONE ||
           letter_add(follower, event->number, verdict == CTPS_VERDICT_POISON);
}

/* --- events asked for again --- */

static bool event_read(struct follower *follower, struct arena *arena, uint64_t number,
                       const Ctps__EventRecord **ret_record)
{
    Ctps__ReadEvents read = CTPS__READ_EVENTS__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__Reply *reply;

    read.audience = follower->audience;
    read.has_after = read.has_limit = 1;
    read.after = number - 1;
    read.limit = 1;
    request.command_case = CTPS__REQUEST__COMMAND_READ_EVENTS;
    request.read_events = &read;
    if (!own_ask(follower, arena, &request, &reply) || !reply->events_answer)
        return false;
    *ret_record = reply->events_answer->n_events ? reply->events_answer->events[0] : NULL;
    return true;
}

static bool record_deliver(struct follower *follower, struct arena *arena,
                           const struct ctps_event *settled, const Ctps__EventRecord *record)
{
    struct ctps_event event = *settled; /* its incarnation */
    struct bytes packed = bytes_of(NULL, 0);

    if (record->notice && wire_pack(arena, &record->notice->base, &packed) != CTPS_OK)
        return false;
    event.number = record->header->number;
    event.previous_number = record->header->previous_number;
    event.time_us = record->header->time_us;
    event.topic = record->header->topic;
    event.notice = packed.data;
    event.notice_len = packed.len;
    event.was_pulled = true;
    return event_deliver(follower, &event);
}

/* An operator settled a letter of this plugin: its event comes once more, before those behind
 * it. One that nobody can read any more is let go. */
static bool replay(struct follower *follower, const struct ctps_event *settled, uint64_t number)
{
    const Ctps__EventRecord *record = NULL;
    struct arena arena;
    bool dealt_with;

    arena_init(&arena, ARENA_MAX);
    dealt_with = event_read(follower, &arena, number, &record);
    if (dealt_with && record && record->header && record->header->number == number &&
        record->header->topic)
        dealt_with = record_deliver(follower, &arena, settled, record);
    arena_done(&arena);
    return dealt_with;
}

/* Number of the event that is asked for again by this one, 0 when none is. */
static uint64_t replay_number(const struct follower *follower, const struct ctps_event *event)
{
    ProtobufCMessage *message;
    const Ctps__Notice *notice;
    struct arena arena;
    uint64_t number = 0;

    if (strcmp(event->topic, "dead_letter.settled") != 0)
        return 0;
    arena_init(&arena, ARENA_MAX);
    if (wire_unpack(&arena, &ctps__notice__descriptor,
                    bytes_of(event->notice, event->notice_len), WIRE_STORED, &message,
                    NULL) == CTPS_OK) {
        notice = (const Ctps__Notice *)message;
        if (notice->code && strcmp(notice->code, follower->plugin) == 0)
            number = notice->other;
    }
    arena_done(&arena);
    return number;
}

static bool event_take(struct follower *follower, const struct ctps_event *event)
{
    uint64_t number = replay_number(follower, event);

    return (!number || replay(follower, event, number)) && event_deliver(follower, event);
}

static bool subscription_start(struct follower *follower)
{
    struct ctps_position position = {0};
    struct ctps_error error;

    if (!cursor_get(follower))
        return false;
    position.after = follower->done;
    return ctps_subscription_open(&follower->key, follower->audience, &position,
                                  &follower->subscription, &error) == CTPS_STATUS_OK;
}

/* Follows until it stops or the way breaks; then begins again from the cursor. */
static void follow_once(struct follower *follower)
{
    struct ctps_event event;
    struct ctps_error error;
    enum ctps_status status = CTPS_STATUS_OK;

    if (!subscription_start(follower)) {
        pause_ms(follower, CURSOR_MS);
        return;
    }
    while (!is_stopping(follower) &&
           (status == CTPS_STATUS_OK || status == CTPS_STATUS_TIMEOUT)) {
        status = ctps_subscription_next(follower->subscription, LISTEN_MS, &event, &error);
        if (status == CTPS_STATUS_OK) {
            if (!event_take(follower, &event))
                break;
            follower->done = event.number;
        }
        if (now_ms() - follower->saved_ms >= CURSOR_MS ||
            follower->done - follower->saved >= (uint64_t)BUS_CURSOR_EVERY << 8)
            cursor_save(follower);
    }
    if (status == CTPS_STATUS_DENIED)
        lost_push(follower->bus, error.text);
    cursor_save(follower);
    ctps_subscription_close(&follower->subscription);
}

static void *follower_run(void *arg)
{
    struct follower *follower = arg;
    struct ctps_error error;

    if (ctps_client_open(&follower->key, &follower->client, &error) != CTPS_STATUS_OK) {
        lost_push(follower->bus, error.text);
        return NULL;
    }
    while (!is_stopping(follower))
        follow_once(follower);
    ctps_client_close(&follower->client);
    return NULL;
}

void bus_verdict(struct bus *bus, const char *audience, uint64_t number,
                 enum ctps_verdict verdict)
{
    pthread_mutex_lock(&bus->lock);
    for (unsigned i = 0; i < bus->follower_count; i++) {
        struct follower *follower = &bus->followers[i];

        if (strcmp(follower->audience, audience) != 0 || follower->asked != number)
            continue;
        follower->verdict = verdict;
        follower->has_verdict = true;
    }
    pthread_cond_broadcast(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
}

/* --- life --- */

static bool key_fill(struct ctps_keyfile *key, const Ctps__LinkStart *start)
{
    if (start->public_key.len != CTPS_KEY_LEN || start->secret_key.len != CTPS_KEY_LEN ||
        start->server_key.len != CTPS_KEY_LEN || !start->commands ||
        strlen(start->commands) >= sizeof(key->commands))
        return false;
    *key = (struct ctps_keyfile){0};
    memcpy(key->public_key, start->public_key.data, CTPS_KEY_LEN);
    memcpy(key->secret_key, start->secret_key.data, CTPS_KEY_LEN);
    memcpy(key->server_key, start->server_key.data, CTPS_KEY_LEN);
    memcpy(key->commands, start->commands, strlen(start->commands) + 1);
    return true;
}

static bool followers_fill(struct bus *bus, const Ctps__LinkStart *start)
{
    for (size_t i = 0; i < start->n_events; i++) {
        struct follower *follower = &bus->followers[i];
        const Ctps__LinkAudience *from = start->events[i];

        if (i == BUS_AUDIENCES_MAX || !from->audience || !from->endpoint ||
            strlen(from->audience) >= sizeof(follower->audience) ||
            strlen(from->endpoint) >= sizeof(follower->key.events))
            return false;
        follower->bus = bus;
        follower->key = bus->key;
        follower->plugin = bus->plugin;
        follower->retry_ms = bus->retry_ms;
        memcpy(follower->audience, from->audience, strlen(from->audience) + 1);
        memcpy(follower->key.events, from->endpoint, strlen(from->endpoint) + 1);
        bus->follower_count++;
    }
    return true;
}

static void lock_init(struct bus *bus)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&bus->lock, NULL);
    pthread_cond_init(&bus->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static enum ctps_code bus_begin(struct bus *bus, const Ctps__LinkStart *start,
                                struct ctps_err *err)
{
    bus->retry_ms = start->has_retry_ms ? start->retry_ms : RETRY_MS;
    snprintf(bus->plugin, sizeof(bus->plugin), "%s", start->name ? start->name : "");
    if (!key_fill(&bus->key, start) || !followers_fill(bus, start))
        return err_set(err, CTPS_INVALID, "link: a start that names no way to the bus");
    bus->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bus->wake < 0)
        return err_set_errno(err, errno, "eventfd");
    enum ctps_code code =
        loop_watch_add(bus->loop, bus->wake, LOOP_READABLE, on_wake, bus, &bus->watch, err);
    if (code != CTPS_OK)
        return code;
    if (pthread_create(&bus->requester, NULL, requester_run, bus) != 0)
        return err_set(err, CTPS_NOMEM, "no thread for requests");
    bus->has_requester = true;
    return CTPS_OK;
}

enum ctps_code bus_open(struct loop *loop, const Ctps__LinkStart *start,
                        const struct bus_calls *calls, struct bus **ret_bus,
                        struct ctps_err *err)
{
    struct bus *bus = calloc(1, sizeof(*bus));
    enum ctps_code code;

    if (!bus)
        return err_set(err, CTPS_NOMEM, "bus: no memory");
    bus->loop = loop;
    bus->calls = *calls;
    bus->wake = -1;
    bus->last = &bus->first;
    bus->requests_end = &bus->requests;
    lock_init(bus);
    code = bus_begin(bus, start, err);
    if (code != CTPS_OK)
        bus_close(&bus);
    else
        *ret_bus = bus;
    return code;
}

enum ctps_code bus_follow(struct bus *bus, struct ctps_err *err)
{
    for (unsigned i = 0; i < bus->follower_count; i++) {
        struct follower *follower = &bus->followers[i];

        if (pthread_create(&follower->thread, NULL, follower_run, follower) != 0)
            return err_set(err, CTPS_NOMEM, "no thread for audience %s", follower->audience);
        bus->followers_running++;
    }
    return CTPS_OK;
}

void bus_unfollow(struct bus *bus)
{
    pthread_mutex_lock(&bus->lock);
    bus->not_following = true;
    pthread_cond_broadcast(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
}

static void lists_free(struct bus *bus)
{
    for (struct outcome *next, *outcome = bus->first; outcome; outcome = next) {
        next = outcome->next;
        free(outcome);
    }
    for (struct waiting *next, *waiting = bus->requests; waiting; waiting = next) {
        next = waiting->next;
        free(waiting);
    }
}

void bus_close(struct bus **held)
{
    struct bus *bus = *held;

    if (!bus)
        return;
    pthread_mutex_lock(&bus->lock);
    bus->stopping = true;
    pthread_cond_broadcast(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
    if (bus->has_requester)
        pthread_join(bus->requester, NULL);
    for (unsigned i = 0; i < bus->followers_running; i++)
        pthread_join(bus->followers[i].thread, NULL);
    lists_free(bus);
    loop_watch_remove(&bus->watch);
    if (bus->wake >= 0)
        close(bus->wake);
    for (unsigned i = 0; i < bus->follower_count; i++)
        ctps_keyfile_wipe(&bus->followers[i].key);
    ctps_keyfile_wipe(&bus->key);
    pthread_cond_destroy(&bus->changed);
    pthread_mutex_destroy(&bus->lock);
    free(bus);
    *held = NULL;
}
