#include "cosign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"
#include "witness.h"

enum {
    HOST_LEN = 254,
    PREFIX_LEN = 64,
    ASK_MS = 20000,   /* for one answer */
    PAUSE_MAX = 64,   /* rounds left out after failures, doubled each time */
    SILENT_AFTER = 3, /* failures in a row: said */
    ANSWER_MAX = HTTP_HEAD_MAX + HTTP_BODY_MAX,
    ASKED_MAX = WITNESS_REQUEST_MAX + 512,
};

struct one {
    struct cosign *of;
    struct note_key key;
    char host[HOST_LEN];
    uint16_t port;
    char prefix[PREFIX_LEN];

    uint64_t cosigned; /* size it cosigned last, as it is known here */
    bool again;        /* it said another size: asked once more at once */
    char refused[64];  /* why; empty: it does not refuse */
    unsigned failures, pause;

    bool busy, connecting; /* given up while connecting, it is connecting still */
    unsigned generation;   /* of the log it was asked about */
    uint64_t old, size;    /* as asked */
    int fd;                /* -1: none */
    struct ctps_watch *watch;
    struct ctps_timer *deadline;
    char note[NOTE_LEN_MAX]; /* what it was asked about */
    char out[ASKED_MAX];
    size_t out_len, out_at;
    char in[ANSWER_MAX + 1];
    size_t in_len;
};

enum figure { COUNT, COSIGNED, LAG, REFUSED, SILENT, FIGURES };

static const char *const figure_names[FIGURES] = {
    "witness.count",         "witness.cosigned",     "witness.lag",
    "alarm.witness_refused", "alarm.witness_silent",
};

struct cosign {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    struct audit_log *log;
    unsigned generation;
    int64_t told[FIGURES]; /* plus one; 0: not yet */
    unsigned count;
    struct one *list[COSIGN_WITNESSES_MAX];
};

/* --- figures and words --- */

static void tell(struct cosign *cosign)
{
    int64_t figures[FIGURES] = {[COUNT] = cosign->count};

    for (unsigned i = 0; i < cosign->count; i++) {
        const struct one *one = cosign->list[i];
        int64_t lag = (int64_t)(cosign->log->shown.size - one->cosigned);

        figures[COSIGNED] += note_is_signed(cosign->log->note, &one->key, NULL);
        figures[REFUSED] += *one->refused != '\0';
        figures[SILENT] += one->failures >= SILENT_AFTER;
        figures[LAG] = lag > figures[LAG] ? lag : figures[LAG];
    }
    for (unsigned i = 0; i < FIGURES; i++)
        if (cosign->told[i] != figures[i] + 1) {
            cosign->told[i] = figures[i] + 1;
            cosign->api->metric(cosign->host, figure_names[i], figures[i]);
        }
}

static void say(struct one *one, enum ctps_level level, const char *what, const char *why)
{
    char line[320];

    snprintf(line, sizeof(line), "witness %s %s%s", one->key.name, what, why);
    one->of->api->log(one->of->host, level, line);
}

/* --- one exchange --- */

static void exchange_end(struct one *one)
{
    const struct ctps_host_api *api = one->of->api;

    api->timer_remove(one->of->host, &one->deadline);
    api->watch_remove(one->of->host, &one->watch);
    if (one->fd >= 0)
        close(one->fd);
    one->fd = -1;
    one->busy = false;
}

static void failed(struct one *one)
{
    exchange_end(one);
    one->pause = 1U << (one->failures < 6 ? one->failures : 6);
    if (one->pause > PAUSE_MAX)
        one->pause = PAUSE_MAX;
    if (++one->failures == SILENT_AFTER)
        say(one, CTPS_LEVEL_WARNING, "does not answer", "");
    tell(one->of);
}

static void refused(struct one *one, const char *why)
{
    exchange_end(one);
    one->failures = 0;
    one->pause = PAUSE_MAX / 8;
    if (strcmp(one->refused, why) != 0)
        say(one, CTPS_LEVEL_ERROR, "refuses: ", why);
    snprintf(one->refused, sizeof(one->refused), "%s", why);
    tell(one->of);
}

static void cosigned(struct one *one, const char *lines)
{
    struct cosign *cosign = one->of;

    exchange_end(one);
    if (!log_cosignature_add(cosign->log, one->note, lines, &one->key)) {
        refused(one, "its answer bears no signature of its key");
        return;
    }
    if (*one->refused)
        say(one, CTPS_LEVEL_INFO, "cosigns again", "");
    one->failures = one->pause = 0;
    one->refused[0] = '\0';
    one->cosigned = one->size;
    tell(cosign);
}

static void ask(struct one *one);

/* It cosigned another size last than was thought. */
static void size_told(struct one *one, const char *body)
{
    uint64_t size;

    if (!note_number_read(body, &size) || size == one->old) {
        failed(one);
        return;
    }
    if (size > one->of->log->shown.size) {
        refused(one, "shrinking: it cosigned more entries than there are now");
        return;
    }
    exchange_end(one);
    one->cosigned = size;
    if (one->again)
        return; /* somebody else asks too: with the next round */
    one->again = true;
    ask(one);
}

static void answered(struct one *one, const struct http_head *head, const char *body)
{
    static const struct {
        unsigned status;
        const char *why;
    } refusals[] = {
        {403, "bad_signature: it knows another key of this log"},
        {404, "unknown_origin: it does not know this log"},
        {409, "forked: it cosigned another history of that size"},
        {422, "bad_proof: it cosigned another history"},
    };

    if (head->status == 200) {
        cosigned(one, body);
        return;
    }
    if (head->status == 409 && strcmp(head->type, WITNESS_SIZE_TYPE) == 0) {
        size_told(one, body);
        return;
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        if (refusals[i].status == head->status) {
            refused(one, refusals[i].why);
            return;
        }
    failed(one);
}

/* `ended`: nothing more comes. */
static void look(struct one *one, bool ended)
{
    struct http_head head;
    enum http_result result = http_response_read(one->in, one->in_len, &head);
    size_t body_len;

    if (result == HTTP_MORE && !ended)
        return;
    if (result != HTTP_DONE ||
        (ended && head.has_body_len && one->in_len < head.len + head.body_len)) {
        failed(one);
        return;
    }
    if (!ended && (!head.has_body_len || one->in_len < head.len + head.body_len))
        return;
    body_len = head.has_body_len ? head.body_len : one->in_len - head.len;
    one->in[head.len + body_len] = '\0';
    answered(one, &head, one->in + head.len);
}

static void take(struct one *one)
{
    ssize_t got = read(one->fd, one->in + one->in_len, ANSWER_MAX - one->in_len);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0 || (got > 0 && one->in_len + (size_t)got == ANSWER_MAX)) {
        failed(one);
        return;
    }
    one->in_len += (size_t)got;
    look(one, got == 0);
}

static void on_ready(void *arg, bool readable, bool writable);

static void watch(struct one *one)
{
    const struct ctps_host_api *api = one->of->api;

    api->watch_remove(one->of->host, &one->watch);
    one->watch =
        api->watch_add(one->of->host, one->fd, true, one->out_at < one->out_len, on_ready, one);
    if (!one->watch)
        failed(one);
}

static void on_ready(void *arg, bool readable, bool writable)
{
    struct one *one = arg;
    ssize_t done;

    if (one->generation != one->of->generation) {
        exchange_end(one);
        return;
    }
    if (writable && one->out_at < one->out_len) {
        done = write(one->fd, one->out + one->out_at, one->out_len - one->out_at);
        if (done < 0 && errno != EAGAIN && errno != EINTR) {
            failed(one);
            return;
        }
        one->out_at += done > 0 ? (size_t)done : 0;
        if (one->out_at == one->out_len)
            watch(one);
    }
    if (readable && one->busy)
        take(one);
}

static void on_deadline(void *arg)
{
    struct one *one = arg;

    one->deadline = NULL; /* it ended with this call */
    failed(one);
}

/* What is shown now is what it is asked about. */
static bool request_make(struct one *one)
{
    const struct audit_log *log = one->of->log;
    char body[WITNESS_REQUEST_MAX];
    struct note_text text = {.data = body, .max = sizeof(body)};
    struct merkle_path path;
    int len;

    one->size = log->shown.size;
    /* Of what is not there nothing can be shown: it will say its size, and why. */
    one->old = one->cosigned < one->size ? one->cosigned : one->size;
    if (!log_growth(log, one->old, &path))
        return false;
    memcpy(one->note, log->note, sizeof(one->note));
    witness_request_write(one->old, &path, one->note, &text);
    len = snprintf(one->out, sizeof(one->out),
                   "POST %s" WITNESS_TARGET " HTTP/1.1\r\nHost: %s:%u\r\n"
                   "Content-Type: text/plain\r\nContent-Length: %zu\r\n"
                   "Connection: close\r\n\r\n%s",
                   one->prefix, one->host, (unsigned)one->port, text.len, body);
    one->out_len = len > 0 ? (size_t)len : 0;
    one->out_at = one->in_len = 0;
    return !text.full && len > 0 && (size_t)len < sizeof(one->out);
}

static void on_connected(void *arg, enum ctps_status status, int fd)
{
    struct one *one = arg;

    one->connecting = false;
    one->fd = fd;
    if (status == CTPS_STATUS_REFUSED && !one->failures)
        say(one, CTPS_LEVEL_WARNING, "cannot be asked: connect does not grant its HOST:PORT",
            "");
    if (!one->busy || one->generation != one->of->generation)
        exchange_end(one);
    else if (status != CTPS_STATUS_OK || !request_make(one))
        failed(one);
    else
        watch(one);
}

/* The deadline is for the whole exchange but the connecting, which the host ends by itself. */
static void ask(struct one *one)
{
    struct cosign *cosign = one->of;

    one->busy = true;
    one->generation = cosign->generation;
    if (cosign->api->connect(cosign->host, one->host, one->port, on_connected, one) !=
        CTPS_STATUS_OK) {
        failed(one);
        return;
    }
    one->connecting = true;
    one->deadline = cosign->api->timer_add(cosign->host, ASK_MS, on_deadline, one);
}

void cosign_tend(struct cosign *cosign, struct audit_log *log)
{
    cosign->log = log;
    for (unsigned i = 0; i < cosign->count; i++) {
        struct one *one = cosign->list[i];

        if (one->generation != cosign->generation) {
            one->generation = cosign->generation;
            one->cosigned = log_cosigned(log, &one->key);
            one->failures = one->pause = 0;
            one->refused[0] = '\0';
        }
        if (one->busy || one->connecting || note_is_signed(log->note, &one->key, NULL))
            continue;
        if (one->pause && --one->pause)
            continue;
        one->again = false;
        ask(one);
    }
    tell(cosign);
}

void cosign_forget(struct cosign *cosign)
{
    cosign->generation++;
    for (unsigned i = 0; i < cosign->count; i++)
        if (cosign->list[i]->fd >= 0)
            exchange_end(cosign->list[i]);
}

/* --- the option --- */

static bool port_read(const char *text, size_t len, uint16_t *ret_port)
{
    unsigned long port;
    char *end;

    if (!len || len > 5 || text[0] < '1' || text[0] > '9')
        return false;
    port = strtoul(text, &end, 10);
    *ret_port = (uint16_t)port;
    return end == text + len && port <= UINT16_MAX;
}

/* "http://HOST:PORT[/PREFIX] VKEY" */
static bool one_read(const char *text, struct one *one)
{
    const char *host = text + 7, *space = strchr(text, ' '), *path, *colon;

    if (strncmp(text, "http://", 7) != 0 || !space || !note_vkey_read(space + 1, &one->key) ||
        one->key.algorithm != NOTE_COSIGNATURE)
        return false;
    path = memchr(host, '/', (size_t)(space - host));
    if (!path)
        path = space;
    colon = memchr(host, ':', (size_t)(path - host));
    if (!colon || colon == host || colon - host >= HOST_LEN || space - path >= PREFIX_LEN)
        return false;
    memcpy(one->host, host, (size_t)(colon - host));
    memcpy(one->prefix, path, (size_t)(space - path));
    if (space > path && space[-1] == '/')
        one->prefix[space - path - 1] = '\0';
    return port_read(colon + 1, (size_t)(path - colon - 1), &one->port);
}

struct cosign *cosign_new(struct ctps_host *host, const struct ctps_host_api *api,
                          const char **ret_wrong)
{
    struct cosign *cosign = calloc(1, sizeof(*cosign));
    const char *text;

    *ret_wrong = "no memory";
    if (!cosign)
        return NULL;
    cosign->host = host;
    cosign->api = api;
    cosign->generation = 1;
    for (unsigned i = 0; (text = api->option_item(host, "witnesses", i)); i++) {
        struct one *one = i < COSIGN_WITNESSES_MAX ? calloc(1, sizeof(*one)) : NULL;

        if (!one || !one_read(text, one)) {
            *ret_wrong = "witnesses: \"http://HOST:PORT[/PREFIX] VKEY\" each, at most 16";
            free(one);
            cosign_free(&cosign);
            return NULL;
        }
        one->of = cosign;
        one->fd = -1;
        cosign->list[cosign->count++] = one;
    }
    *ret_wrong = NULL;
    return cosign;
}

void cosign_free(struct cosign **cosign)
{
    if (!*cosign)
        return;
    cosign_forget(*cosign);
    for (unsigned i = 0; i < (*cosign)->count; i++)
        free((*cosign)->list[i]);
    free(*cosign);
    *cosign = NULL;
}
