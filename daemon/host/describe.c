#include "host/describe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/load.h"
#include "host/process.h"
#include "host/sandbox.h"
#include "wire/json.h"

enum { ARENA_MAX = 8 << 20, PATIENCE_US = 10000000 };

/* --- the process that loads --- */

struct describer {
    struct loop *loop;
    struct channel *channel;
    struct arena arena;
    int status;
};

static void answer(struct describer *describer, Ctps__PluginDescription *description)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;

    frame.body_case = CTPS__LINK_FRAME__BODY_DESCRIPTION;
    frame.description = description;
    channel_send(describer->channel, &frame, -1);
    loop_stop(describer->loop);
}

static bool take_start(struct describer *describer, const Ctps__LinkStart *start)
{
    Ctps__PluginDescription refused = CTPS__PLUGIN_DESCRIPTION__INIT;
    Ctps__PluginDescription *description = NULL;
    const struct ctps_plugin *plugin;
    struct ctps_err err = {.text = "no memory"};

    if (!start->path)
        return false;
    if (sandbox_prepare(start, &err) == CTPS_OK &&
        load_plugin(start->path, &plugin, &err) == CTPS_OK)
        description = load_describe(&describer->arena, plugin);
    refused.why = err.text;
    answer(describer, description ? description : &refused);
    return true;
}

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    if (fd >= 0)
        close(fd);
    return frame->body_case == CTPS__LINK_FRAME__BODY_START && take_start(ctx, frame->start);
}

static void on_ended(void *ctx, const char *why)
{
    struct describer *describer = ctx;

    (void)why; /* nobody waits for the answer any more */
    describer->status = EX_UNAVAILABLE;
    loop_stop(describer->loop);
}

int describe_run(int fd)
{
    struct describer describer = {0};
    struct channel_calls calls = {.ctx = &describer, .frame = on_frame, .ended = on_ended};
    struct ctps_err err = {0};

    signal(SIGPIPE, SIG_IGN);
    arena_init(&describer.arena, ARENA_MAX);
    if (loop_open(&describer.loop, &err) != CTPS_OK ||
        channel_open(describer.loop, fd, &calls, &describer.channel, &err) != CTPS_OK ||
        loop_run(describer.loop, &err) != CTPS_OK) {
        fprintf(stderr, "ctps-host: %s\n", err.text);
        describer.status = EX_OSERR;
    }
    channel_close(&describer.channel);
    loop_close(&describer.loop);
    arena_done(&describer.arena);
    return describer.status;
}

/* --- for people --- */

struct asker {
    struct loop *loop;
    const char *path;
    int status;
};

static bool on_answer(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct asker *asker = ctx;
    json_t *shown;

    if (fd >= 0)
        close(fd);
    if (frame->body_case != CTPS__LINK_FRAME__BODY_DESCRIPTION)
        return false;
    loop_stop(asker->loop);
    if (frame->description->why) {
        fprintf(stderr, "ctps-host: %s\n", frame->description->why);
        return true;
    }
    shown = wire_to_json(&frame->description->base, 0);
    asker->status = json_dumpf(shown, stdout, JSON_INDENT(2)) == 0 ? EX_OK : EX_IOERR;
    putchar('\n');
    json_decref(shown);
    return true;
}

static void on_gone(void *ctx, const char *why)
{
    struct asker *asker = ctx;

    fprintf(stderr, "ctps-host: %s, while it was loaded: %s\n", asker->path, why);
    loop_stop(asker->loop);
}

static void on_late(void *ctx)
{
    on_gone(ctx, "it does not come back");
}

static void path_send(struct channel *channel, const char *path)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkStart start = CTPS__LINK_START__INIT;

    start.path = (char *)(uintptr_t)path;
    frame.body_case = CTPS__LINK_FRAME__BODY_START;
    frame.start = &start;
    channel_send(channel, &frame, -1);
}

static void end_wait(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static int ask(struct asker *asker)
{
    struct channel_calls calls = {.ctx = asker, .frame = on_answer, .ended = on_gone};
    struct channel *channel = NULL;
    struct loop_timer *timer = NULL;
    struct ctps_err err = {0};
    pid_t pid = 0;

    asker->status = EX_DATAERR;
    if (loop_open(&asker->loop, &err) == CTPS_OK &&
        loop_timer_add(asker->loop, PATIENCE_US, on_late, asker, &timer, &err) == CTPS_OK &&
        process_open(asker->loop, "--describe", &calls, &pid, &channel, &err) == CTPS_OK) {
        path_send(channel, asker->path);
        (void)loop_run(asker->loop, &err);
    } else {
        fprintf(stderr, "ctps-host: %s\n", err.text);
        asker->status = EX_OSERR;
    }
    channel_close(&channel);
    end_wait(pid);
    loop_timer_remove(&timer);
    loop_close(&asker->loop);
    return asker->status;
}

int describe_show(const char *path)
{
    char *whole = realpath(path, NULL);
    struct asker asker = {.path = whole ? whole : path};
    int status = ask(&asker);

    free(whole);
    return status;
}
