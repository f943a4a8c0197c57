#include "webhook_post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_LEN = WEBHOOK_SIGNATURE_LEN + 64,
    CAUSE_LEN = 16,
    HTTP_PORT = 80,
    HTTPS_PORT = 443
};

struct posting {
    webhook_posted *done;
    void *arg;
    struct curl_slist *headers;
    size_t received; /* by the transfer's thread; read by the loop once that told its result */
};

/* --- the address --- */

/* Host (without brackets) and port of an address ctpsd has found good. */
static bool url_split(const char *url, char host[TRANSPORT_NAME_LEN], uint16_t *ret_port)
{
    CURLU *parts = curl_url();
    char *name = NULL;
    char *port = NULL;
    bool good = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_HOST, &name, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;

    if (good) {
        size_t len = strlen(name);
        bool bracketed = name[0] == '[' && name[len - 1] == ']';

        good = len < TRANSPORT_NAME_LEN;
        snprintf(host, TRANSPORT_NAME_LEN, "%.*s", (int)(len - 2 * bracketed),
                 name + bracketed);
        *ret_port = (uint16_t)strtoul(port, NULL, 10);
    }
    curl_free(name);
    curl_free(port);
    curl_url_cleanup(parts);
    return good;
}

/* --- what comes back --- */

/* Ending the transfer here leaves the status that was read. */
static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct posting *posting = arg;

    (void)data;
    posting->received += size * count;
    return posting->received > WEBHOOK_BODY_MAX ? 0 : size * count;
}

static const char *cause_of(const struct transport_result *result, bool cut)
{
    if (result->connected == CTPS_STATUS_REFUSED)
        return "not_granted";
    if (result->connected != CTPS_STATUS_OK)
        return "no_connection";
    if (result->code == CURLE_OK || (cut && result->response))
        return "";
    switch (result->code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return "certificate";
    default:
        return "broken_off";
    }
}

static void on_done(void *arg, const struct transport_result *result)
{
    struct posting *posting = arg;
    bool cut = posting->received > WEBHOOK_BODY_MAX;
    const char *cause = cause_of(result, cut);
    long status = *cause ? 0 : result->response;
    char text[CAUSE_LEN];

    if (!*cause && (status < 200 || status > 299)) {
        snprintf(text, sizeof(text), "http_%ld", status);
        cause = text;
    }
    posting->done(posting->arg, status, cause);
}

static void on_release(void *arg)
{
    struct posting *posting = arg;

    curl_slist_free_all(posting->headers);
    free(posting);
}

/* --- sending --- */

static bool header_add(struct posting *posting, const char *name, const char *value)
{
    char line[HEADER_LEN];
    struct curl_slist *grown;

    snprintf(line, sizeof(line), "%s: %s", name, value);
    grown = curl_slist_append(posting->headers, line);
    if (grown)
        posting->headers = grown;
    return grown != NULL;
}

static bool headers_make(struct posting *posting, const struct webhook_message *message)
{
    char seconds[24];

    snprintf(seconds, sizeof(seconds), "%" PRId64, message->seconds);
    return header_add(posting, "content-type", "application/json") &&
           header_add(posting, "webhook-id", message->id) &&
           header_add(posting, "webhook-timestamp", seconds) &&
           header_add(posting, "webhook-signature", message->signature) &&
           header_add(posting, "expect", "");
}

static bool easy_set(CURL *easy, struct posting *posting, const struct webhook_message *message)
{
    return headers_make(posting, message) &&
           curl_easy_setopt(easy, CURLOPT_URL, message->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "ctps") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, posting->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, message->payload) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, posting) == CURLE_OK;
}

bool webhook_post(struct transport *transport, const struct webhook_message *message,
                  webhook_posted *done, void *arg)
{
    CURL *easy = transport_easy(transport, "https,http");
    struct posting *posting = calloc(1, sizeof(*posting));
    char host[TRANSPORT_NAME_LEN];
    struct transport_job job = {.name = host,
                                .timeout_ms = message->timeout_ms,
                                .done = on_done,
                                .release = on_release,
                                .arg = posting};

    if (posting) {
        posting->done = done;
        posting->arg = arg;
    }
    if (!easy || !posting || !url_split(message->url, host, &job.port) ||
        !easy_set(easy, posting, message)) {
        curl_easy_cleanup(easy);
        if (posting)
            on_release(posting);
        return false;
    }
    if (transport_start(transport, easy, &job))
        return true;
    on_release(posting);
    return false;
}
