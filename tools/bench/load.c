/*
 * load: closed-loop clients and three subscribers in one process and thread, measuring a
 * server by its acks and its events. Each client sends its next request when the ack of the
 * one before has come. Prints one line of JSON.
 *
 * usage: bench_load --commands ENDPOINT --events ENDPOINT [--workload raw] [--data ARG]
 *                   [--clients 16] [--seconds 5] [--pid PID] [--folder FOLDER]
 *                   [--server-key Z85] [--keys FILE] [--subscriber-keys FILE]
 * Key files: one "PUBLIC SECRET" pair (Z85) a line, taken in turn.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <zmq.h>

#include "measure.h"
#include "workload.h"

enum {
    CLIENTS_MAX = 1024,
    FRAMES_MAX = 8,
    Z85_KEY_LEN = 40,
    WARM_UP_MS = 500,
    WAIT_MS = 10000, /* for subscribers to join, and for the last events */
};

struct options {
    const char *commands;
    const char *events;
    const struct workload *workload;
    struct workload_options work;
    double seconds;
    pid_t pid;
    const char *folder;
    const char *server_key;
    const char *keys;
    const char *subscriber_keys;
};

struct client {
    void *socket;
    uint64_t number; /* of the request that waits for its ack; 0: none */
    int64_t sent_ns;
};

struct subscriber {
    void *socket;
    uint64_t last_number; /* 0: nothing yet */
    uint64_t last_seq;
    uint64_t event_count;
    uint64_t gap_count;
};

struct load {
    struct options options;
    void *work;
    void *context;
    int epoll;
    struct client clients[CLIENTS_MAX];
    struct subscriber subscribers[SUBSCRIBER_COUNT];
    uint64_t next_number;
    uint64_t waiting;  /* requests without an ack */
    uint64_t last_seq; /* greatest acknowledged */
    bool sending;
    bool measuring;
    uint64_t refused;
    struct measure measure;
};

static const struct workload *const workloads[] = {
    &workload_raw,         &workload_ctpsd,      &workload_ctpsd_get,
    &workload_ctpsd_names, &workload_ctpsd_list,
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_load: %s: %s\n", what, why);
    exit(70);
}

static void send_next(struct load *load, uint32_t index)
{
    struct client *client = &load->clients[index];
    uint8_t request[WORKLOAD_REQUEST_MAX];
    size_t len;

    client->number = ++load->next_number;
    len = load->options.workload->build(load->work, index, client->number, request);
    client->sent_ns = measure_now_ns();
    if (zmq_send(client->socket, request, len, 0) < 0)
        fail("send", zmq_strerror(errno));
    load->waiting++;
}

static void take_ack(struct load *load, uint32_t index, const uint8_t *reply, size_t len)
{
    struct client *client = &load->clients[index];
    uint64_t number = 0;
    uint64_t seq = 0;
    struct times *times;

    load->waiting--;
    if (!load->options.workload->read_ack(load->work, reply, len, &number, &seq) ||
        number != client->number) {
        load->refused++;
        return;
    }
    if (seq > load->last_seq)
        load->last_seq = seq;
    if (!load->measuring)
        return;
    if (load->options.workload->is_read) {
        if (!measure_add_ack(&load->measure, measure_now_ns() - client->sent_ns))
            fail("measure", "no memory");
        return;
    }
    times = measure_times(&load->measure, seq);
    if (!times || !measure_add_ack(&load->measure, measure_now_ns() - client->sent_ns))
        fail("measure", "no memory");
    times->sent_ns = client->sent_ns;
}

static void pump_client(struct load *load, uint32_t index)
{
    struct client *client = &load->clients[index];
    zmq_msg_t reply;

    zmq_msg_init(&reply);
    while (zmq_msg_recv(&reply, client->socket, ZMQ_DONTWAIT) >= 0) {
        if (zmq_msg_more(&reply))
            continue;
        take_ack(load, index, zmq_msg_data(&reply), zmq_msg_size(&reply));
        if (load->sending)
            send_next(load, index);
    }
    zmq_msg_close(&reply);
}

static void take_event(struct load *load, int index, const struct workload_event *event)
{
    struct subscriber *subscriber = &load->subscribers[index];
    struct times *times;

    if (event->is_heartbeat)
        return;
    if (subscriber->last_number && event->previous != subscriber->last_number)
        subscriber->gap_count++;
    subscriber->last_number = event->number;
    subscriber->last_seq = event->seq;
    subscriber->event_count++;
    if (!load->measuring)
        return;
    times = measure_times(&load->measure, event->seq);
    if (times)
        times->delivered_ns[index] = measure_now_ns();
}

/* Receives one publication; false when none waits. */
static bool receive_event(struct load *load, int index)
{
    struct subscriber *subscriber = &load->subscribers[index];
    struct workload_frame frames[FRAMES_MAX];
    struct workload_event event;
    zmq_msg_t parts[FRAMES_MAX];
    size_t count = 0;
    bool more = true;

    while (more && count < FRAMES_MAX) {
        zmq_msg_init(&parts[count]);
        if (zmq_msg_recv(&parts[count], subscriber->socket, ZMQ_DONTWAIT) < 0)
            return false;
        frames[count].data = zmq_msg_data(&parts[count]);
        frames[count].len = zmq_msg_size(&parts[count]);
        more = zmq_msg_more(&parts[count]);
        count++;
    }
    if (load->options.workload->read_event(load->work, frames, count, &event))
        take_event(load, index, &event);
    else
        load->refused++;
    while (count)
        zmq_msg_close(&parts[--count]);
    return true;
}

static void pump_subscriber(struct load *load, int index)
{
    while (receive_event(load, index))
        ;
}

static void pump(struct load *load, uint32_t place)
{
    if (place < SUBSCRIBER_COUNT)
        pump_subscriber(load, (int)place);
    else
        pump_client(load, place - SUBSCRIBER_COUNT);
}

/* The descriptor of a ZeroMQ socket is edge-triggered: whatever it says is pumped dry. */
static void turn(struct load *load, int wait_ms)
{
    struct epoll_event ready[64];
    int count = epoll_wait(load->epoll, ready, 64, wait_ms);

    for (int i = 0; i < count; i++)
        pump(load, ready[i].data.u32);
}

static void pump_all(struct load *load)
{
    for (uint32_t i = 0; i < SUBSCRIBER_COUNT + load->options.work.client_count; i++)
        pump(load, i);
}

static void *open_socket(struct load *load, int kind, const char *endpoint, uint32_t place)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = place};
    void *socket = zmq_socket(load->context, kind);
    int none = 0;
    int fd;
    size_t len = sizeof(fd);

    if (!socket)
        fail("socket", zmq_strerror(errno));
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof(none));
    zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof(none));
    if (zmq_getsockopt(socket, ZMQ_FD, &fd, &len) < 0 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        fail(endpoint, strerror(errno));
    return socket;
}

static void connect_socket(struct load *load, void *socket, const char *endpoint, FILE *keys)
{
    char public_key[Z85_KEY_LEN + 1];
    char secret_key[Z85_KEY_LEN + 1];

    if (keys) {
        if (fscanf(keys, "%40s %40s", public_key, secret_key) != 2) {
            rewind(keys);
            if (fscanf(keys, "%40s %40s", public_key, secret_key) != 2)
                fail("keys", "no pair of keys");
        }
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, load->options.server_key, Z85_KEY_LEN + 1);
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, Z85_KEY_LEN + 1);
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, Z85_KEY_LEN + 1);
    }
    if (zmq_connect(socket, endpoint) < 0)
        fail(endpoint, zmq_strerror(errno));
}

static FILE *open_keys(const char *path)
{
    FILE *file = path ? fopen(path, "r") : NULL;

    if (path && !file)
        fail(path, strerror(errno));
    return file;
}

static void close_keys(FILE *file)
{
    if (file)
        fclose(file);
}

static void open_subscribers(struct load *load)
{
    FILE *keys = open_keys(load->options.subscriber_keys);

    for (uint32_t i = 0; i < SUBSCRIBER_COUNT; i++) {
        void *socket = open_socket(load, ZMQ_SUB, load->options.events, i);

        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
        connect_socket(load, socket, load->options.events, keys);
        load->subscribers[i].socket = socket;
    }
    close_keys(keys);
}

static void open_clients(struct load *load)
{
    FILE *keys = open_keys(load->options.keys);

    for (uint32_t i = 0; i < load->options.work.client_count; i++) {
        void *socket =
            open_socket(load, ZMQ_DEALER, load->options.commands, SUBSCRIBER_COUNT + i);

        connect_socket(load, socket, load->options.commands, keys);
        load->clients[i].socket = socket;
    }
    close_keys(keys);
}

static bool all_joined(const struct load *load)
{
    if (load->options.workload->is_read)
        return true;
    for (int i = 0; i < SUBSCRIBER_COUNT; i++)
        if (!load->subscribers[i].event_count)
            return false;
    return true;
}

static bool all_delivered(const struct load *load)
{
    if (load->options.workload->is_read)
        return true;
    for (int i = 0; i < SUBSCRIBER_COUNT; i++)
        if (load->subscribers[i].last_seq < load->last_seq)
            return false;
    return true;
}

static void run_until(struct load *load, int64_t end_ns)
{
    while (measure_now_ns() < end_ns)
        turn(load, 10);
}

/* Runs until every subscriber gets events, then a little longer. */
static void warm_up(struct load *load)
{
    int64_t limit = measure_now_ns() + (int64_t)WAIT_MS * 1000000;

    load->sending = true;
    for (uint32_t i = 0; i < load->options.work.client_count; i++)
        send_next(load, i);
    pump_all(load);
    while (!all_joined(load)) {
        if (measure_now_ns() > limit)
            fail("warm-up", load->refused ? "requests are refused" : "no event arrives");
        turn(load, 10);
    }
    run_until(load, measure_now_ns() + (int64_t)WARM_UP_MS * 1000000);
}

/* Lets the last acks and events come in. */
static void drain(struct load *load)
{
    int64_t limit = measure_now_ns() + (int64_t)WAIT_MS * 1000000;

    load->sending = false;
    while ((load->waiting || !all_delivered(load)) && measure_now_ns() < limit)
        turn(load, 10);
}

static void print_result(struct load *load, double seconds, size_t acks,
                         const struct usage *before, const struct usage *after)
{
    struct quantiles ack = measure_acks(&load->measure);
    size_t deliveries = 0;
    struct quantiles delivery = measure_deliveries(&load->measure, &deliveries);
    uint64_t gaps = 0;
    double per = acks ? 1.0 / (double)acks : 0;

    for (int i = 0; i < SUBSCRIBER_COUNT; i++)
        gaps += load->subscribers[i].gap_count;
    printf("{\"workload\": \"%s\", \"clients\": %u, \"seconds\": %.2f, \"acks\": %zu, "
           "\"acks_per_s\": %.0f, \"ack_p50_us\": %.0f, \"ack_p99_us\": %.0f, ",
           load->options.workload->name, load->options.work.client_count, seconds, acks,
           (double)acks / seconds, ack.p50_us, ack.p99_us);
    printf("\"deliveries\": %zu, \"delivery_p50_us\": %.0f, \"delivery_p99_us\": %.0f, "
           "\"gaps\": %llu, \"refused\": %llu, \"unanswered\": %llu, \"undelivered\": %s, ",
           deliveries, delivery.p50_us, delivery.p99_us, (unsigned long long)gaps,
           (unsigned long long)load->refused, (unsigned long long)load->waiting,
           all_delivered(load) ? "false" : "true");
    printf("\"peak_rss_kib\": %llu, \"cpu_us_per_ack\": %.1f, \"disk_bytes_per_event\": %.0f, "
           "\"written_bytes_per_event\": %.0f}\n",
           (unsigned long long)after->peak_rss_kib,
           (double)(after->cpu_ms - before->cpu_ms) * 1000 * per,
           ((double)after->disk_bytes - (double)before->disk_bytes) * per,
           (double)(after->written_bytes - before->written_bytes) * per);
}

static void run(struct load *load)
{
    struct usage before;
    struct usage after;
    int64_t begin;
    double seconds;
    size_t acks;

    warm_up(load);
    before = measure_usage(load->options.pid, load->options.folder);
    begin = measure_now_ns();
    load->measuring = true;
    run_until(load, begin + (int64_t)(load->options.seconds * 1e9));
    seconds = (double)(measure_now_ns() - begin) / 1e9;
    acks = load->measure.ack_count;
    after = measure_usage(load->options.pid, load->options.folder);
    drain(load);
    print_result(load, seconds, acks, &before, &after);
}

static const struct workload *find_workload(const char *name)
{
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        if (strcmp(workloads[i]->name, name) == 0)
            return workloads[i];
    fail(name, "no such workload");
    return NULL;
}

static void usage(void)
{
    fprintf(stderr, "usage: bench_load --commands ENDPOINT --events ENDPOINT [--workload raw] "
                    "[--data ARG]\n"
                    "       [--clients 16] [--seconds 5] [--pid PID] [--folder FOLDER]\n"
                    "       [--server-key Z85] [--keys FILE] [--subscriber-keys FILE]\n");
    exit(64);
}

static void set_option(struct options *options, int letter, const char *value)
{
    switch (letter) {
    case 'c':
        options->commands = value;
        break;
    case 'e':
        options->events = value;
        break;
    case 'w':
        options->workload = find_workload(value);
        break;
    case 'd':
        options->work.data = value;
        break;
    case 'n':
        options->work.client_count = (uint32_t)strtoul(value, NULL, 10);
        break;
    case 's':
        options->seconds = strtod(value, NULL);
        break;
    case 'p':
        options->pid = (pid_t)strtol(value, NULL, 10);
        break;
    case 'f':
        options->folder = value;
        break;
    case 'k':
        options->server_key = value;
        break;
    case 'K':
        options->keys = value;
        break;
    case 'S':
        options->subscriber_keys = value;
        break;
    default:
        usage();
    }
}

static void read_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"commands", required_argument, NULL, 'c'},
        {"events", required_argument, NULL, 'e'},
        {"workload", required_argument, NULL, 'w'},
        {"data", required_argument, NULL, 'd'},
        {"clients", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 's'},
        {"pid", required_argument, NULL, 'p'},
        {"folder", required_argument, NULL, 'f'},
        {"server-key", required_argument, NULL, 'k'},
        {"keys", required_argument, NULL, 'K'},
        {"subscriber-keys", required_argument, NULL, 'S'},
        {NULL, 0, NULL, 0},
    };
    int letter;

    *options = (struct options){
        .workload = &workload_raw, .work.client_count = 16, .seconds = 5, .pid = getpid()};
    while ((letter = getopt_long(argc, argv, "", names, NULL)) >= 0)
        set_option(options, letter, optarg);
    if (optind != argc || !options->commands || !options->events || options->seconds <= 0 ||
        options->work.client_count < 1 || options->work.client_count > CLIENTS_MAX ||
        (options->keys && !options->server_key))
        usage();
}

int main(int argc, char **argv)
{
    static struct load load;

    read_options(&load.options, argc, argv);
    load.work = load.options.workload->open(&load.options.work);
    if (!load.work)
        return 70;
    load.context = zmq_ctx_new();
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    open_subscribers(&load);
    open_clients(&load);
    run(&load);
    for (uint32_t i = 0; i < load.options.work.client_count; i++)
        zmq_close(load.clients[i].socket);
    for (int i = 0; i < SUBSCRIBER_COUNT; i++)
        zmq_close(load.subscribers[i].socket);
    zmq_ctx_term(load.context);
    close(load.epoll);
    measure_done(&load.measure);
    load.options.workload->close(load.work);
    return load.refused || load.waiting ? 1 : 0;
}
