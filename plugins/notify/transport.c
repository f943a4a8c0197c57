#include "transport.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    STACK_LEN = 1 << 20,
    TRUST_LEN_MAX = 8 << 20,
    LEAVE_MS = 3000, /* for a server to answer our leaving */
    CONNECTING_MS = 30000,
};

static const char system_trust[] = "/etc/ssl/certs/ca-certificates.crt";

/* What a thread says over the pipe. */
struct word {
    struct transfer *transfer;
    bool ended; /* else: its result is there */
};

struct transfer {
    struct transport *transport;
    struct transfer *next;
    CURL *easy;
    struct curl_slist *resolved;
    char name[TRANSPORT_NAME_LEN];
    struct transport_job job;
    struct transport_result result;
    struct ctps_timer *leave;
    pthread_t thread;
    bool has_thread;
    bool told; /* `done` was called */
    pthread_mutex_t lock;
    int fd; /* under `lock`; -1 once libcurl closed it */
};

struct transport {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    struct ctps_watch *watch;
    int pipe[2];
    char *trust;
    size_t trust_len;
    struct transfer *transfers;
    unsigned count;
    bool closing;
};

/* --- on the transfer's thread --- */

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = arg;

    (void)purpose;
    (void)address;
    return transfer->fd < 0 ? CURL_SOCKET_BAD : transfer->fd;
}

static int on_option(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    (void)arg;
    (void)fd;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static int on_close(void *arg, curl_socket_t fd)
{
    struct transfer *transfer = arg;

    pthread_mutex_lock(&transfer->lock);
    transfer->fd = -1;
    close(fd);
    pthread_mutex_unlock(&transfer->lock);
    return 0;
}

static void say(const struct transfer *transfer, bool ended)
{
    struct word word = {.transfer = (struct transfer *)(uintptr_t)transfer, .ended = ended};

    /* Smaller than PIPE_BUF and fewer than fill a pipe: whole, and at once. */
    while (write(transfer->transport->pipe[1], &word, sizeof(word)) != sizeof(word))
        ;
}

/* The result is told before leaving the server politely, which may take its time. */
static void *transfer_run(void *arg)
{
    struct transfer *transfer = arg;

    transfer->result.code = curl_easy_perform(transfer->easy);
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &transfer->result.response);
    /* What a debug callback keeps is the loop's from here on. */
    curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 0L);
    say(transfer, false);
    curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
    say(transfer, true);
    return NULL;
}

/* --- on the loop --- */

static void transfer_cut(struct transfer *transfer)
{
    pthread_mutex_lock(&transfer->lock);
    if (transfer->fd >= 0)
        shutdown(transfer->fd, SHUT_RDWR);
    pthread_mutex_unlock(&transfer->lock);
}

static void transfer_free(struct transfer *transfer)
{
    struct transport *transport = transfer->transport;

    for (struct transfer **at = &transport->transfers; *at; at = &(*at)->next)
        if (*at == transfer) {
            *at = transfer->next;
            break;
        }
    transport->count--;
    transport->api->timer_remove(transport->host, &transfer->leave);
    if (transfer->has_thread)
        pthread_join(transfer->thread, NULL);
    if (transfer->easy)
        curl_easy_cleanup(transfer->easy);
    if (transfer->fd >= 0)
        close(transfer->fd);
    curl_slist_free_all(transfer->resolved);
    if (transfer->job.release)
        transfer->job.release(transfer->job.arg);
    pthread_mutex_destroy(&transfer->lock);
    free(transfer);
}

static void on_leave(void *arg)
{
    struct transfer *transfer = arg;

    transfer->leave = NULL;
    transfer_cut(transfer);
}

static void transfer_tell(struct transfer *transfer)
{
    if (!transfer->told && !transfer->transport->closing)
        transfer->job.done(transfer->job.arg, &transfer->result);
    transfer->told = true;
}

static void on_word(void *arg, bool readable, bool writable)
{
    struct transport *transport = arg;
    struct word word;

    (void)readable;
    (void)writable;
    if (read(transport->pipe[0], &word, sizeof(word)) != sizeof(word))
        return;
    if (word.ended) {
        transfer_free(word.transfer);
        return;
    }
    word.transfer->leave =
        transport->api->timer_add(transport->host, LEAVE_MS, on_leave, word.transfer);
    transfer_tell(word.transfer);
}

static bool thread_start(struct transfer *transfer)
{
    pthread_attr_t attr;
    bool started;

    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, STACK_LEN);
    started = pthread_create(&transfer->thread, &attr, transfer_run, transfer) == 0;
    pthread_attr_destroy(&attr);
    return started;
}

/* The name goes to a fixed address that nobody connects to: the socket is there already. */
static bool easy_bind(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    char words[TRANSPORT_NAME_LEN + 32];

    snprintf(words, sizeof(words), "%s:%u:127.0.0.1", transfer->name,
             (unsigned)transfer->job.port);
    transfer->resolved = curl_slist_append(NULL, words);
    return transfer->resolved &&
           curl_easy_setopt(easy, CURLOPT_RESOLVE, transfer->resolved) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_option) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)transfer->job.timeout_ms) ==
               CURLE_OK;
}

/* No connection, no thread: told and over. */
static void transfer_fail(struct transfer *transfer, enum ctps_status status)
{
    transfer->result.connected = status;
    transfer_tell(transfer);
    transfer_free(transfer);
}

static void on_connected(void *arg, enum ctps_status status, int fd)
{
    struct transfer *transfer = arg;

    transfer->fd = fd;
    if (status == CTPS_STATUS_OK && !easy_bind(transfer))
        status = CTPS_STATUS_NO_MEMORY;
    if (status == CTPS_STATUS_OK) {
        transfer->has_thread = thread_start(transfer);
        if (transfer->has_thread)
            return;
        status = CTPS_STATUS_NO_MEMORY;
    }
    transfer_fail(transfer, status);
}

bool transport_start(struct transport *transport, CURL *easy, const struct transport_job *job)
{
    struct transfer *transfer;

    if (!easy)
        return false;
    transfer = transport->count < TRANSPORT_MAX ? calloc(1, sizeof(*transfer)) : NULL;
    if (!transfer) {
        curl_easy_cleanup(easy);
        return false;
    }
    transfer->transport = transport;
    transfer->easy = easy;
    transfer->job = *job;
    transfer->fd = -1;
    pthread_mutex_init(&transfer->lock, NULL);
    snprintf(transfer->name, sizeof(transfer->name), "%s", job->name);
    transfer->job.name = transfer->name;
    transfer->next = transport->transfers;
    transport->transfers = transfer;
    transport->count++;
    if (transport->api->connect(transport->host, transfer->name, job->port, on_connected,
                                transfer) == CTPS_STATUS_OK)
        return true;
    transfer->job.release = NULL;
    transfer_free(transfer);
    return false;
}

unsigned transport_under_way(const struct transport *transport)
{
    return transport->count;
}

CURL *transport_easy(struct transport *transport, const char *protocols)
{
    struct curl_blob trust = {transport->trust, transport->trust_len, CURL_BLOB_NOCOPY};
    CURL *easy = curl_easy_init();

    if (!easy)
        return NULL;
    if (curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &trust) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECTING_MS) == CURLE_OK)
        return easy;
    curl_easy_cleanup(easy);
    return NULL;
}

static bool trust_read(struct transport *transport, const char *path)
{
    FILE *file = fopen(path, "rbe");
    size_t len;

    if (!file)
        return false;
    transport->trust = malloc(TRUST_LEN_MAX);
    len = transport->trust ? fread(transport->trust, 1, TRUST_LEN_MAX, file) : 0;
    fclose(file);
    if (len == 0 || len == TRUST_LEN_MAX)
        return false;
    transport->trust_len = len;
    transport->trust = realloc(transport->trust, len);
    return transport->trust != NULL;
}

enum ctps_status transport_open(struct ctps_host *host, const struct ctps_host_api *api,
                                const char *trust, struct transport **ret_transport)
{
    struct transport *transport = calloc(1, sizeof(*transport));

    if (!transport)
        return CTPS_STATUS_NO_MEMORY;
    *transport = (struct transport){.host = host, .api = api, .pipe = {-1, -1}};
    signal(SIGPIPE, SIG_IGN); /* a connection that goes is an error like another */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || pipe(transport->pipe) < 0) {
        transport_close(&transport);
        return CTPS_STATUS_NO_MEMORY;
    }
    transport->watch =
        api->watch_add(host, transport->pipe[0], true, false, on_word, transport);
    if (!transport->watch || !trust_read(transport, trust && *trust ? trust : system_trust)) {
        transport_close(&transport);
        return CTPS_STATUS_IO;
    }
    *ret_transport = transport;
    return CTPS_STATUS_OK;
}

void transport_close(struct transport **held)
{
    struct transport *transport = *held;

    if (!transport)
        return;
    transport->closing = true;
    for (struct transfer *at = transport->transfers; at; at = at->next)
        transfer_cut(at);
    for (struct transfer *next, *at = transport->transfers; at; at = next) {
        next = at->next;
        transfer_free(at);
    }
    transport->api->watch_remove(transport->host, &transport->watch);
    for (int i = 0; i < 2; i++)
        if (transport->pipe[i] >= 0)
            close(transport->pipe[i]);
    free(transport->trust);
    free(transport);
    *held = NULL;
}
