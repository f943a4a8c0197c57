/* server: the bus of the bus tests on a thread of its own, with a memory of events. */
#ifndef CTPS_TESTS_UNIT_LIBCTPS_SERVER_H
#define CTPS_TESTS_UNIT_LIBCTPS_SERVER_H

#include "../bus/bench.h"
#include "ctps/answer.pb-c.h"
#include "ctps/client.h"
#include "ctps/command.pb-c.h"
#include "ctps/notice.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>

enum { SERVER_BEAT_TURNS = 20, SERVER_PAGE = 3, SERVER_RECORD_MAX = 512 };

struct server {
    struct bench *bench;
    pthread_t thread;
    atomic_bool stop;
    atomic_int ignore;  /* so many requests get no answer */
    atomic_int asked;   /* requests that came */
    atomic_int events;  /* events 1..n exist; the thread publishes up to that */
    atomic_int unheard; /* events up to this number are not published, only remembered */
    atomic_int mute;    /* no heartbeats */
    atomic_int incarnation;
    atomic_int reset; /* the audience is closed and bound again once */
    int published;
};

static struct server *server_of_test;

/* Event n of this audience has the number 10 n, its predecessor 10 (n - 1). */
static inline void server_header(Ctps__EventHeader *header, uint8_t *incarnation, int n)
{
    static char topic[] = "situation.closed", audience[] = "plugins";

    ctps__event_header__init(header);
    memset(incarnation, atomic_load(&server_of_test->incarnation), 16);
    header->has_incarnation = header->has_number = header->has_previous_number = 1;
    header->incarnation = (ProtobufCBinaryData){16, incarnation};
    header->number = 10 * (uint64_t)n;
    header->previous_number = n > 0 ? 10 * (uint64_t)(n - 1) : 0;
    header->topic = topic;
    header->audience = audience;
}

/* Event n as it is published; its length. */
static inline size_t server_record(int n, bool with_notice, uint8_t out[SERVER_RECORD_MAX])
{
    uint8_t incarnation[16];
    Ctps__EventRecord record = CTPS__EVENT_RECORD__INIT;
    Ctps__Notice notice = CTPS__NOTICE__INIT;
    Ctps__EventHeader header;

    server_header(&header, incarnation, n);
    notice.has_id = 1;
    notice.id = (uint64_t)n;
    record.header = &header;
    record.notice = with_notice ? &notice : NULL;
    return ctps__event_record__pack(&record, out);
}

static inline void server_publish(struct server *server, const char *topic, int n,
                                  bool with_notice)
{
    uint8_t bytes[SERVER_RECORD_MAX];

    bus_publish(server->bench->bus, "plugins", bytes_of_str(topic),
                bytes_of(bytes, server_record(n, with_notice, bytes)), NULL);
}

static inline void server_answer_events(struct server *server, const struct bus_peer *peer,
                                        const Ctps__ReadEvents *read)
{
    Ctps__Reply reply = CTPS__REPLY__INIT;
    Ctps__EventsAnswer answer = CTPS__EVENTS_ANSWER__INIT;
    Ctps__EventRecord records[SERVER_PAGE], *list[SERVER_PAGE];
    Ctps__EventHeader headers[SERVER_PAGE], head;
    Ctps__Notice notices[SERVER_PAGE];
    uint8_t incarnation[SERVER_PAGE + 1][16], bytes[2048];
    int count = atomic_load(&server->events);

    for (int n = 1; n <= count && answer.n_events < SERVER_PAGE; n++) {
        size_t i = answer.n_events;

        if (10 * (uint64_t)n <= read->after)
            continue;
        server_header(&headers[i], incarnation[i], n);
        ctps__notice__init(&notices[i]);
        notices[i].has_id = 1;
        notices[i].id = (uint64_t)n;
        ctps__event_record__init(&records[i]);
        records[i].header = &headers[i];
        records[i].notice = &notices[i];
        list[answer.n_events++] = &records[i];
    }
    server_header(&head, incarnation[SERVER_PAGE], count);
    answer.events = list;
    answer.head = &head;
    reply.has_status = 1;
    reply.status = CTPS__REPLY_STATUS__REPLY_ANSWERED;
    reply.answer_case = CTPS__REPLY__ANSWER_EVENTS_ANSWER;
    reply.events_answer = &answer;
    bus_reply(server->bench->bus, peer, bytes_of(bytes, ctps__reply__pack(&reply, bytes)));
}

static inline void server_request(struct bench *bench, const struct bus_request *request)
{
    struct server *server = server_of_test;
    Ctps__Request *asked;

    atomic_fetch_add(&server->asked, 1);
    if (atomic_load(&server->ignore) > 0) {
        atomic_fetch_sub(&server->ignore, 1);
        bus_reply(bench->bus, &request->peer, bytes_of(NULL, 0));
        return;
    }
    asked = ctps__request__unpack(NULL, request->body.len, request->body.data);
    if (asked && asked->command_case == CTPS__REQUEST__COMMAND_READ_EVENTS)
        server_answer_events(server, &request->peer, asked->read_events);
    else
        bus_reply(bench->bus, &request->peer, request->body);
    if (asked)
        ctps__request__free_unpacked(asked, NULL);
}

static inline void *server_run(void *arg)
{
    struct server *server = arg;

    while (!atomic_load(&server->stop)) {
        bench_turn(server->bench);
        if (atomic_exchange(&server->reset, 0))
            bus_audience_reset(server->bench->bus, "plugins", NULL);
        while (server->published < atomic_load(&server->events)) {
            server->published++;
            if (server->published > atomic_load(&server->unheard))
                server_publish(server, "situation.closed", server->published, true);
        }
        if (server->bench->turns % SERVER_BEAT_TURNS == 0 && !atomic_load(&server->mute))
            server_publish(server, "heartbeat", server->published, false);
    }
    return NULL;
}

static inline int server_start(void **state)
{
    struct server *server = calloc(1, sizeof(*server));
    struct bus_options options;

    if (!server)
        return -1;
    server->bench = bench_new();
    server->bench->on_request = server_request;
    bus_options_init(&options);
    if (bench_open_bus(server->bench, false, &options, NULL) != CTPS_OK)
        return -1;
    server_of_test = server;
    *state = server;
    return pthread_create(&server->thread, NULL, server_run, server);
}

static inline int server_stop(void **state)
{
    struct server *server = *state;

    atomic_store(&server->stop, true);
    pthread_join(server->thread, NULL);
    bench_free(server->bench);
    free(server);
    return 0;
}

static inline void server_key(const struct server *server, struct ctps_keyfile *ret_key)
{
    *ret_key = (struct ctps_keyfile){.principal = "test"};
    memcpy(ret_key->public_key, server->bench->keys[0].public_key, CTPS_KEY_LEN);
    memcpy(ret_key->secret_key, server->bench->keys[0].secret_key, CTPS_KEY_LEN);
    memcpy(ret_key->server_key, server->bench->server.public_key, CTPS_KEY_LEN);
    snprintf(ret_key->commands, sizeof(ret_key->commands), "ipc://%s/run/commands",
             server->bench->folder);
    snprintf(ret_key->events, sizeof(ret_key->events), "ipc://%s/run/plugins",
             server->bench->folder);
}

#endif
