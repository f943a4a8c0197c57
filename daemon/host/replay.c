#include "host/replay.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/process.h"
#include "host/record.h"
#include "link/channel.h"
#include "loop/loop.h"
#include "wire/wire.h"

enum { ARENA_MAX = 32 << 20, PATIENCE_US = 10000000, TICKETS_MAX = 1024, DIR_LEN = 40 };

struct replay {
    struct loop *loop;
    struct channel *channel;
    struct loop_timer *timer;
    struct arena arena;
    const char *recording;
    char *plugin;  /* absolute */
    char name[64]; /* of the file, without its end */
    char state_dir[DIR_LEN];
    pid_t pid;
    unsigned line;                 /* being read, from 1 */
    json_t *said;                  /* lines not yet expected, the oldest first */
    uint64_t tickets[TICKETS_MAX]; /* of requests not yet answered */
    size_t ticket_count;
    uint64_t events;
    uint64_t pings;
    uint64_t pongs;
    bool ready;
    bool started;
    bool drained; /* it ends by itself then */
    bool late;
    bool gone;
    char why[280];
};

static bool fail(const struct replay *replay, const char *what, json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    fprintf(stderr, "%s:%u: %s%s%s\n", replay->recording, replay->line, what, text ? " " : "",
            text ? text : "");
    free(text);
    return false;
}

/* --- what the plugin says --- */

static void ticket_keep(struct replay *replay, const Ctps__LinkFrame *frame)
{
    if (replay->ticket_count == TICKETS_MAX)
        return;
    replay->tickets[replay->ticket_count++] = frame->body_case == CTPS__LINK_FRAME__BODY_REQUEST
                                                  ? frame->request->ticket
                                                  : frame->connect->ticket;
}

static bool state_take(struct replay *replay, const Ctps__LinkState *state)
{
    replay->ready |= state->phase == CTPS__LINK_PHASE__LINK_READY;
    replay->drained |= state->phase == CTPS__LINK_PHASE__LINK_DRAINED;
    if (state->phase == CTPS__LINK_PHASE__LINK_FAILED) {
        replay->gone = true;
        snprintf(replay->why, sizeof(replay->why), "%s", state->why ? state->why : "");
    }
    return true;
}

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct replay *replay = ctx;

    if (fd >= 0)
        close(fd);
    switch (frame->body_case) {
    case CTPS__LINK_FRAME__BODY_STATE:
        return state_take(replay, frame->state);
    case CTPS__LINK_FRAME__BODY_PING:
        replay->pongs = frame->ping->number;
        return true;
    case CTPS__LINK_FRAME__BODY_REQUEST:
    case CTPS__LINK_FRAME__BODY_CONNECT:
        ticket_keep(replay, frame);
        break;
    default:
        break;
    }
    json_array_append_new(replay->said, record_line(frame));
    return true;
}

static void on_ended(void *ctx, const char *why)
{
    struct replay *replay = ctx;

    if (!*replay->why)
        snprintf(replay->why, sizeof(replay->why), "%s", why);
    replay->gone = true;
}

static void on_late(void *ctx)
{
    ((struct replay *)ctx)->late = true;
}

static void ping_send(struct replay *replay)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkPing ping = CTPS__LINK_PING__INIT;

    ping.has_number = 1;
    ping.number = ++replay->pings;
    frame.body_case = CTPS__LINK_FRAME__BODY_PING;
    frame.ping = &ping;
    channel_send(replay->channel, &frame, -1);
}

/* Until it has done all it does about what it was told. One that drains is not asked: it would
 * leave the question unread, and its last words with it. */
static bool settle(struct replay *replay, bool drains)
{
    struct ctps_err err = {0};

    if (!drains)
        ping_send(replay);
    loop_timer_set(replay->timer, PATIENCE_US);
    while ((drains || replay->pongs != replay->pings) && !replay->gone && !replay->late &&
           !replay->drained)
        if (loop_turn(replay->loop, &err) != CTPS_OK)
            return fail(replay, err.text, NULL);
    if (replay->drained)
        return true;
    if (replay->gone)
        return fail(replay, replay->why, NULL);
    return replay->late ? fail(replay, "the plugin does not come back", NULL) : true;
}

/* --- what it is told --- */

static bool start_send(struct replay *replay, Ctps__LinkFrame *frame)
{
    Ctps__LinkFrame none = CTPS__LINK_FRAME__INIT;
    Ctps__LinkConnected listeners = CTPS__LINK_CONNECTED__INIT;
    Ctps__LinkClock clock = CTPS__LINK_CLOCK__INIT;
    char *audiences[] = {(char[]){"plugins"}};
    Ctps__LinkStart *start = frame->start;

    start->name = replay->name;
    start->path = replay->plugin;
    start->state_dir = replay->state_dir;
    start->audiences = audiences;
    start->n_audiences = 1;
    clock.has_now_us = 1;
    none.body_case = CTPS__LINK_FRAME__BODY_CLOCK;
    none.clock = &clock;
    if (!replay->started)
        channel_send(replay->channel, &none, -1);
    replay->started = true;
    channel_send(replay->channel, frame, -1);
    none.body_case = CTPS__LINK_FRAME__BODY_CONNECTED;
    none.connected = &listeners;
    channel_send(replay->channel, &none, -1);
    return true;
}

static void event_complete(struct replay *replay, Ctps__LinkEvent *event)
{
    Ctps__EventHeader *header = event->header;

    if (!header)
        return;
    if (!header->audience)
        header->audience = (char *)(uintptr_t) "plugins";
    if (!header->has_number) {
        header->has_number = 1;
        header->number = ++replay->events << 8;
    }
}

static bool ticket_set(struct replay *replay, uint64_t *out, protobuf_c_boolean *has)
{
    if (replay->ticket_count == 0)
        return false;
    *has = 1;
    *out = replay->tickets[0];
    replay->ticket_count--;
    memmove(replay->tickets, replay->tickets + 1,
            replay->ticket_count * sizeof(replay->tickets[0]));
    return true;
}

static bool tell(struct replay *replay, json_t *line)
{
    Ctps__LinkFrame *frame;
    struct ctps_err err = {0};
    bool asked = true;

    arena_reset(&replay->arena);
    if (record_frame(&replay->arena, line, &frame, &err) != CTPS_OK)
        return fail(replay, err.text, NULL);
    /* What it said last crossed the drain on its way, and was recorded with the time it came.
     */
    if (replay->drained && frame->body_case == CTPS__LINK_FRAME__BODY_CLOCK)
        return true;
    if (replay->drained)
        return fail(replay, "it has ended: it is told nothing behind drain but the time", NULL);
    if (frame->body_case == CTPS__LINK_FRAME__BODY_START)
        return start_send(replay, frame) && settle(replay, false);
    if (frame->body_case == CTPS__LINK_FRAME__BODY_CLOCK)
        replay->started = true;
    else if (!replay->ready)
        return fail(replay, "a recording begins with start", NULL);
    if (frame->body_case == CTPS__LINK_FRAME__BODY_EVENT)
        event_complete(replay, frame->event);
    if (frame->body_case == CTPS__LINK_FRAME__BODY_REPLY)
        asked = ticket_set(replay, &frame->reply->ticket, &frame->reply->has_ticket);
    if (frame->body_case == CTPS__LINK_FRAME__BODY_CONNECTED)
        asked = ticket_set(replay, &frame->connected->ticket, &frame->connected->has_ticket);
    if (!asked)
        return fail(replay, "an answer to nothing it asked", NULL);
    channel_send(replay->channel, frame, -1);
    return settle(replay, frame->body_case == CTPS__LINK_FRAME__BODY_DRAIN);
}

/* --- line by line --- */

static bool is_expectation(json_t *line)
{
    static const char *const said[] = {"verdict", "log", "metric", "request", "connect"};

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        if (json_object_get(line, said[i]))
            return true;
    return false;
}

static bool expect(struct replay *replay, json_t *line)
{
    json_t *next = json_array_get(replay->said, 0);

    if (!next)
        return fail(replay, "it says nothing where this is expected:", line);
    if (!json_equal(next, line)) {
        fail(replay, "expected", line);
        return fail(replay, "but it says", next);
    }
    json_array_remove(replay->said, 0);
    return true;
}

static bool line_take(struct replay *replay, const char *text)
{
    json_error_t where;
    json_t *line = json_loads(text, 0, &where);
    bool good;

    if (!json_is_object(line) || json_object_size(line) != 1)
        good = fail(replay, line ? "one object with one member, please" : where.text, NULL);
    else
        good = is_expectation(line) ? expect(replay, line) : tell(replay, line);
    json_decref(line);
    return good;
}

static bool lines_take(struct replay *replay, FILE *file)
{
    char *text = NULL;
    size_t cap = 0;
    bool good = true;

    while (good && getline(&text, &cap, file) > 0) {
        replay->line++;
        if (text[strspn(text, " \t\r\n")] && text[0] != '#')
            good = line_take(replay, text);
    }
    free(text);
    if (good && json_array_size(replay->said))
        return fail(replay,
                    "it says more than the recording:", json_array_get(replay->said, 0));
    return good && (replay->ready || fail(replay, "no start in it", NULL));
}

/* --- life --- */

static bool process_begin(struct replay *replay)
{
    struct channel_calls calls = {.ctx = replay, .frame = on_frame, .ended = on_ended};
    struct ctps_err err = {0};

    if (loop_open(&replay->loop, &err) == CTPS_OK &&
        loop_timer_add(replay->loop, PATIENCE_US, on_late, replay, &replay->timer, &err) ==
            CTPS_OK &&
        process_open(replay->loop, "--plugin", &calls, &replay->pid, &replay->channel, &err) ==
            CTPS_OK)
        return true;
    return fail(replay, err.text, NULL);
}

static int forget(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static void process_done(struct replay *replay)
{
    channel_close(&replay->channel);
    if (replay->pid > 0) {
        kill(replay->pid, SIGKILL);
        while (waitpid(replay->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    loop_timer_remove(&replay->timer);
    loop_close(&replay->loop);
    nftw(replay->state_dir, forget, 8, FTW_DEPTH | FTW_PHYS);
}

static bool names_fill(struct replay *replay, const char *recording, const char *plugin)
{
    const char *slash;

    replay->recording = recording;
    replay->plugin = realpath(plugin, NULL);
    if (!replay->plugin)
        return false;
    slash = strrchr(replay->plugin, '/');
    snprintf(replay->name, sizeof(replay->name), "%.*s", (int)strcspn(slash + 1, "."),
             slash + 1);
    strcpy(replay->state_dir, "/tmp/ctps-replay.XXXXXX");
    return mkdtemp(replay->state_dir) != NULL;
}

int replay_run(const char *recording, const char *plugin)
{
    struct replay replay = {0};
    FILE *file = fopen(recording, "re");
    bool good;

    if (!file || !names_fill(&replay, recording, plugin)) {
        fprintf(stderr, "ctps-host: %s: %s\n", file ? plugin : recording, strerror(errno));
        if (file)
            fclose(file);
        free(replay.plugin);
        return EX_NOINPUT;
    }
    signal(SIGPIPE, SIG_IGN);
    arena_init(&replay.arena, ARENA_MAX);
    replay.said = json_array();
    good = process_begin(&replay) && lines_take(&replay, file);
    if (good)
        printf("%s: %u lines, and it said just that\n", recording, replay.line);
    process_done(&replay);
    json_decref(replay.said);
    arena_done(&replay.arena);
    free(replay.plugin);
    fclose(file);
    return good ? EX_OK : EX_DATAERR;
}
