/*
 * ceiling: what the libraries alone can do, to judge ctpsd against. ROUTER in, one LMDB
 * transaction (default, synchronous commit) per batch of waiting requests, replies, PUB out.
 * Each request overwrites one keyed record of 100,000 and appends one event. No validation, no
 * rights, no sealing, no idempotency.
 *
 * usage: bench_ceiling FOLDER COMMANDS-ENDPOINT EVENTS-ENDPOINT
 */
#include <errno.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#include "base/bytes.h"
#include "raw.h"

enum { BATCH_MAX = 256, RECORD_TABLE = 0, EVENT_TABLE = 1, STOP_WAIT_MS = 100 };

#define MAP_LEN ((size_t)16 << 30)

struct request {
    zmq_msg_t peer;
    zmq_msg_t body;
};

struct ceiling {
    MDB_env *env;
    MDB_dbi tables[2];
    void *context;
    void *commands;
    void *events;
    uint64_t seq;
    struct request batch[BATCH_MAX];
};

static volatile sig_atomic_t stopping;

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
}

static void must(int good, const char *what, const char *why)
{
    if (good)
        return;
    fprintf(stderr, "bench_ceiling: %s: %s\n", what, why);
    exit(70);
}

static void must_mdb(int rc, const char *what)
{
    must(rc == 0, what, mdb_strerror(rc));
}

static void must_zmq(int rc, const char *what)
{
    must(rc >= 0, what, zmq_strerror(errno));
}

static void put(struct ceiling *ceiling, MDB_txn *txn, int table, uint64_t key, void *data,
                size_t len, unsigned flags)
{
    uint8_t name[8];
    MDB_val k = {sizeof(name), name};
    MDB_val v = {len, data};

    be64_put(name, key);
    must_mdb(mdb_put(txn, ceiling->tables[table], &k, &v, flags), "mdb_put");
}

static void fill_records(struct ceiling *ceiling)
{
    uint8_t record[RAW_RECORD_LEN] = {0};
    MDB_txn *txn;

    must_mdb(mdb_txn_begin(ceiling->env, NULL, 0, &txn), "mdb_txn_begin");
    must_mdb(mdb_dbi_open(txn, "records", MDB_CREATE, &ceiling->tables[RECORD_TABLE]), "dbi");
    must_mdb(mdb_dbi_open(txn, "events", MDB_CREATE, &ceiling->tables[EVENT_TABLE]), "dbi");
    for (uint64_t key = 0; key < RAW_KEY_COUNT; key++)
        put(ceiling, txn, RECORD_TABLE, key, record, sizeof(record), MDB_APPEND);
    must_mdb(mdb_txn_commit(txn), "mdb_txn_commit");
}

static void open_store(struct ceiling *ceiling, const char *folder)
{
    must(mkdir(folder, 0700) == 0, folder, strerror(errno));
    must_mdb(mdb_env_create(&ceiling->env), "mdb_env_create");
    must_mdb(mdb_env_set_maxdbs(ceiling->env, 2), "maxdbs");
    must_mdb(mdb_env_set_mapsize(ceiling->env, MAP_LEN), "mapsize");
    must_mdb(mdb_env_open(ceiling->env, folder, 0, 0600), folder);
    fill_records(ceiling);
}

static void open_bus(struct ceiling *ceiling, const char *commands, const char *events)
{
    int none = 0;

    ceiling->context = zmq_ctx_new();
    ceiling->commands = zmq_socket(ceiling->context, ZMQ_ROUTER);
    ceiling->events = zmq_socket(ceiling->context, ZMQ_PUB);
    zmq_setsockopt(ceiling->events, ZMQ_SNDHWM, &none, sizeof(none));
    must_zmq(zmq_bind(ceiling->commands, commands), commands);
    must_zmq(zmq_bind(ceiling->events, events), events);
}

/* Number of requests taken without waiting. */
static size_t take_waiting(struct ceiling *ceiling)
{
    size_t count = 0;

    while (count < BATCH_MAX) {
        struct request *request = &ceiling->batch[count];

        zmq_msg_init(&request->peer);
        zmq_msg_init(&request->body);
        if (zmq_msg_recv(&request->peer, ceiling->commands, ZMQ_DONTWAIT) < 0)
            break;
        must_zmq(zmq_msg_recv(&request->body, ceiling->commands, 0), "recv");
        count++;
    }
    return count;
}

static void commit_batch(struct ceiling *ceiling, size_t count)
{
    MDB_txn *txn;

    must_mdb(mdb_txn_begin(ceiling->env, NULL, 0, &txn), "mdb_txn_begin");
    for (size_t i = 0; i < count; i++) {
        uint8_t *body = zmq_msg_data(&ceiling->batch[i].body);

        put(ceiling, txn, RECORD_TABLE, le64_get(body + 8), body, RAW_RECORD_LEN, 0);
        put(ceiling, txn, EVENT_TABLE, ceiling->seq + 1 + i, body, RAW_REQUEST_LEN, MDB_APPEND);
    }
    must_mdb(mdb_txn_commit(txn), "mdb_txn_commit");
}

static void answer(struct ceiling *ceiling, struct request *request, uint64_t seq)
{
    uint8_t ack[RAW_ACK_LEN];
    uint8_t event[sizeof(RAW_TOPIC) + 8 + RAW_NOTICE_LEN] = RAW_TOPIC;

    memcpy(ack, zmq_msg_data(&request->body), 8);
    le64_put(ack + 8, seq);
    le64_put(event + sizeof(RAW_TOPIC), seq);
    memcpy(event + sizeof(RAW_TOPIC) + 8, zmq_msg_data(&request->body), RAW_NOTICE_LEN);
    must_zmq(zmq_msg_send(&request->peer, ceiling->commands, ZMQ_SNDMORE), "send");
    must_zmq(zmq_send(ceiling->commands, ack, sizeof(ack), 0), "send");
    zmq_send(ceiling->events, event, sizeof(event), 0);
    zmq_msg_close(&request->body);
}

static void serve(struct ceiling *ceiling)
{
    zmq_pollitem_t item = {ceiling->commands, 0, ZMQ_POLLIN, 0};

    while (!stopping) {
        size_t count;

        if (zmq_poll(&item, 1, STOP_WAIT_MS) <= 0)
            continue;
        count = take_waiting(ceiling);
        if (!count)
            continue;
        commit_batch(ceiling, count);
        for (size_t i = 0; i < count; i++)
            answer(ceiling, &ceiling->batch[i], ++ceiling->seq);
    }
}

int main(int argc, char **argv)
{
    static struct ceiling ceiling;
    struct sigaction action = {.sa_handler = on_signal};

    if (argc != 4) {
        fprintf(stderr, "usage: bench_ceiling FOLDER COMMANDS-ENDPOINT EVENTS-ENDPOINT\n");
        return 64;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    open_store(&ceiling, argv[1]);
    open_bus(&ceiling, argv[2], argv[3]);
    printf("ready\n");
    fflush(stdout);
    serve(&ceiling);
    mdb_env_close(ceiling.env);
    return 0;
}
