#include "request.h"

#include "base/uuid.h"
#include "lang.h"
#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

enum {
    BUSY_PAUSE_MS = 20,
};

struct in_flight {
    bool used;
    uint64_t tag;
    uint8_t id[UUID_LEN];
    struct buf bytes; /* own: sent again as they are when the daemon was busy */
    int64_t deadline_us;
};

struct request_pipe {
    struct cli *cli;
    request_answered_fn *answered;
    void *ctx;
    unsigned window;
    unsigned used;
    struct in_flight flights[SESSION_WINDOW_MAX];
    struct buf reply;
};

int request_code_status(enum ctps_code code)
{
    switch (code) {
    case CTPS_OK:
        return 0;
    case CTPS_NOMEM:
        return EX_OSERR;
    case CTPS_BUSY:
        return EX_TEMPFAIL;
    case CTPS_FORGED:
    case CTPS_REFUSED:
        return EX_NOPERM;
    case CTPS_INVALID:
    case CTPS_ABSENT:
        return EX_CONFIG;
    default:
        return EX_UNAVAILABLE;
    }
}

void request_pause_ms(unsigned ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

int request_pipe_new(struct cli *cli, request_answered_fn *answered, void *ctx,
                     struct request_pipe **ret_pipe)
{
    struct request_pipe *pipe;
    int status = cli_connect(cli);

    if (status)
        return status;
    pipe = calloc(1, sizeof *pipe);
    if (!pipe)
        return EX_OSERR;
    pipe->cli = cli;
    pipe->answered = answered;
    pipe->ctx = ctx;
    pipe->window = cli->session.window;
    if (pipe->window < 1)
        pipe->window = 1;
    if (pipe->window > SESSION_WINDOW_MAX)
        pipe->window = SESSION_WINDOW_MAX;
    for (size_t i = 0; i < SESSION_WINDOW_MAX; i++)
        buf_init(&pipe->flights[i].bytes);
    buf_init(&pipe->reply);
    *ret_pipe = pipe;
    return 0;
}

void request_pipe_free(struct request_pipe **pipe)
{
    if (!*pipe)
        return;
    for (size_t i = 0; i < SESSION_WINDOW_MAX; i++)
        buf_done(&(*pipe)->flights[i].bytes);
    buf_done(&(*pipe)->reply);
    free(*pipe);
    *pipe = NULL;
}

static int session_failed(const struct cli *cli, enum ctps_code code,
                          const struct ctps_err *err)
{
    if (code == CTPS_BUSY)
        cli_complain(cli,
                     _("no answer from the daemon within %d s; the command may have been "
                       "done: ask again, nothing is done twice in an import"),
                     cli->timeout_ms / 1000);
    else
        cli_complain(cli, "%s", err->text);
    return code == CTPS_BUSY ? EX_UNAVAILABLE : request_code_status(code);
}

static int flight_send(struct request_pipe *pipe, struct in_flight *flight)
{
    struct cli *cli = pipe->cli;
    struct ctps_err err = {0};
    enum ctps_code code = cli->session.send(cli->session.ctx, buf_bytes(&flight->bytes), &err);

    return code ? session_failed(cli, code, &err) : 0;
}

static struct in_flight *flight_find(struct request_pipe *pipe, const ProtobufCBinaryData *id)
{
    if (id->len != UUID_LEN)
        return NULL;
    for (size_t i = 0; i < pipe->window; i++)
        if (pipe->flights[i].used && memcmp(pipe->flights[i].id, id->data, UUID_LEN) == 0)
            return &pipe->flights[i];
    return NULL;
}

/* Deals with one reply that has arrived in pipe->reply. */
static int reply_take(struct request_pipe *pipe)
{
    Ctps__Reply *reply = ctps__reply__unpack(NULL, pipe->reply.len, pipe->reply.data);
    struct in_flight *flight = reply ? flight_find(pipe, &reply->id) : NULL;
    int status = 0;

    if (!reply) {
        cli_complain(pipe->cli,
                     _("the daemon's answer cannot be read: is it another version?"));
        return EX_PROTOCOL;
    }
    if (flight && reply->status == CTPS__REPLY_STATUS__REPLY_BUSY &&
        sys_mono_us(pipe->cli->sys) < flight->deadline_us) {
        request_pause_ms(BUSY_PAUSE_MS);
        status = flight_send(pipe, flight);
    } else if (flight) {
        flight->used = false;
        pipe->used--;
        status = pipe->answered(pipe->ctx, flight->tag, reply);
    }
    ctps__reply__free_unpacked(reply, NULL);
    return status;
}

static int wait_one(struct request_pipe *pipe)
{
    struct cli *cli = pipe->cli;
    struct ctps_err err = {0};
    enum ctps_code code;

    buf_reset(&pipe->reply);
    code = cli->session.receive(cli->session.ctx, cli->timeout_ms, &pipe->reply, &err);
    if (code)
        return session_failed(cli, code, &err);
    return reply_take(pipe);
}

static bool request_pack(struct request_pipe *pipe, Ctps__Request *request,
                         struct in_flight *flight)
{
    size_t len;
    uint8_t *place;

    uuid_make(pipe->cli->sys, flight->id);
    request->has_id = 1;
    request->id = (ProtobufCBinaryData){.data = flight->id, .len = sizeof flight->id};
    len = ctps__request__get_packed_size(request);
    buf_reset(&flight->bytes);
    place = buf_extend(&flight->bytes, len);
    if (place)
        ctps__request__pack(request, place);
    return place != NULL;
}

int request_pipe_send(struct request_pipe *pipe, Ctps__Request *request, uint64_t tag)
{
    struct in_flight *flight = pipe->flights;
    int status;

    while (pipe->used == pipe->window) {
        status = wait_one(pipe);
        if (status)
            return status;
    }
    while (flight->used)
        flight++;
    if (!request_pack(pipe, request, flight))
        return EX_OSERR;
    flight->used = true;
    flight->tag = tag;
    flight->deadline_us = sys_mono_us(pipe->cli->sys) + (int64_t)pipe->cli->timeout_ms * 1000;
    pipe->used++;
    return flight_send(pipe, flight);
}

int request_pipe_drain(struct request_pipe *pipe)
{
    int status = 0;

    while (!status && pipe->used > 0)
        status = wait_one(pipe);
    return status;
}

struct kept_reply {
    struct cli *cli;
    Ctps__Reply *reply;
};

/* Copies the reply into the run's arena, where it lives as long as what is shown of it. */
static int keep_reply(void *ctx, uint64_t tag, const Ctps__Reply *reply)
{
    struct kept_reply *kept = ctx;

    (void)tag;
    kept->reply = (Ctps__Reply *)message_copy(&kept->cli->arena, &reply->base);
    return kept->reply ? 0 : EX_OSERR;
}

int request_try(struct cli *cli, Ctps__Request *request, Ctps__Reply **ret_reply)
{
    struct kept_reply kept = {.cli = cli};
    struct request_pipe *pipe = NULL;
    int status = request_pipe_new(cli, keep_reply, &kept, &pipe);

    if (!status)
        status = request_pipe_send(pipe, request, 0);
    if (!status)
        status = request_pipe_drain(pipe);
    request_pipe_free(&pipe);
    if (!status)
        *ret_reply = kept.reply;
    return status;
}

int request_run(struct cli *cli, Ctps__Request *request, Ctps__Reply **ret_reply)
{
    Ctps__Reply *reply;
    int status = request_try(cli, request, &reply);

    if (status)
        return status;
    switch (reply->status) {
    case CTPS__REPLY_STATUS__REPLY_REFUSED:
        return request_refused(cli, reply->refusal);
    case CTPS__REPLY_STATUS__REPLY_BUSY:
        cli_complain(cli, _("the daemon is busy; nothing was done, try again"));
        return EX_TEMPFAIL;
    default:
        *ret_reply = reply;
        return 0;
    }
}
