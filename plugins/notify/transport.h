/*
 * transport: transfers by libcurl, each over a connection the host opened and on a thread of
 * its own. libcurl resolves no name and opens no socket here (the sandbox would refuse both);
 * it speaks TLS and the protocol over the descriptor it is given.
 *
 * Threads, because libcurl 7.88 waits inside curl_multi_perform for the answer to the last dot
 * of a mail and for that to QUIT: on the host's loop, a slow server would make it a hang.
 * Callbacks set on the handle run on that thread; `done` and `release` run on the loop.
 */
#ifndef NOTIFY_TRANSPORT_H
#define NOTIFY_TRANSPORT_H

#include <ctps/plugin.h>
#include <curl/curl.h>

enum { TRANSPORT_MAX = 16 /* transfers at once */, TRANSPORT_NAME_LEN = 254 };

struct transport;

struct transport_result {
    enum ctps_status connected; /* CTPS_STATUS_OK, else why there was no connection */
    CURLcode code;              /* of the transfer, when there was one */
    long response;              /* last code the server answered; 0: none */
};

typedef void transport_done(void *arg, const struct transport_result *result);
typedef void transport_release(void *arg);

struct transport_job {
    const char *name; /* of the server: connected to, and what its certificate must say */
    uint16_t port;
    int64_t timeout_ms; /* of the whole transfer */
    transport_done *done;
    transport_release *release; /* nothing of `arg` is used any more; may be NULL */
    void *arg;
};

/* Called in `start`: libcurl and its TLS are made ready before the sandbox closes. `trust`:
 * file of certificates in PEM, read now; NULL or "": the system's. CTPS_STATUS_IO when it
 * cannot be read. Own: transport_close(). */
enum ctps_status transport_open(struct ctps_host *host, const struct ctps_host_api *api,
                                const char *trust, struct transport **ret_transport);
/* Ends what is under way without calling anybody but `release`. Idempotent. */
void transport_close(struct transport **transport);

/* A handle with what every transfer wants: trust, no signals, no resolver, no other protocol
 * than `protocols` ("smtp,smtps"). Own: transport_start() takes it. NULL without memory. */
CURL *transport_easy(struct transport *transport, const char *protocols);
/* Starts a transfer; takes `easy`, also on failure. False (nobody is called) when TRANSPORT_MAX
 * are under way. Strings of `job` are copied. `done` is called once, later; then `release`. */
bool transport_start(struct transport *transport, CURL *easy, const struct transport_job *job);
unsigned transport_under_way(const struct transport *transport);

#endif
