#include "smtp.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    ADDRESS_MAX = 254,
    LINE_LEN = 1200,
    WORD_LEN = 45, /* bytes of text in one encoded word: 60 of base64, under 75 in all */
    CAUSE_LEN = 41,
    REPLY_PERMANENT = 500,
    REPLY_TRANSIENT = 400,
    REPLY_CLOSING = 421,
};

/* Where the conversation is: the last command sent. */
static const struct {
    const char *command, *stage;
} stages[] = {
    {"EHLO", "hello"}, {"HELO", "hello"}, {"STARTTLS", "starttls"}, {"AUTH", "auth"},
    {"MAIL", "from"},  {"RCPT", "rcpt"},  {"DATA", "data"},
};

/* One mail on its way. `stage` and `reply` belong to the transfer's thread until it is done. */
struct sending {
    smtp_done *done;
    void *arg;
    struct curl_slist *to, *headers;
    curl_mime *mime;
    const char *stage;
    long reply;   /* to the last command; 0: none yet */
    bool leaving; /* libcurl takes its leave before it says what went wrong */
};

/* --- the message --- */

bool smtp_address_is_fit(const char *address)
{
    const char *at = strchr(address, '@');

    if (!at || at == address || !at[1] || strchr(at + 1, '@') || strlen(address) > ADDRESS_MAX)
        return false;
    for (const char *c = address; *c; c++)
        if (!isgraph((unsigned char)*c) || strchr("<>()[],;:\\\"", *c))
            return false;
    return true;
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

static void base64_put(FILE *out, const uint8_t *data, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        uint32_t three = (uint32_t)data[i] << 16;

        three |= i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0;
        three |= i + 2 < len ? data[i + 2] : 0;
        fputc(digits[three >> 18], out);
        fputc(digits[three >> 12 & 63], out);
        fputc(i + 1 < len ? digits[three >> 6 & 63] : '=', out);
        fputc(i + 2 < len ? digits[three & 63] : '=', out);
    }
}

/* RFC 2047: words of whole characters, each on a line. */
static void words_put(FILE *out, const char *text)
{
    const char *glue = "";

    if (is_plain(text)) {
        fputs(text, out);
        return;
    }
    while (*text) {
        size_t len = strnlen(text, WORD_LEN);

        while (len > 1 && ((uint8_t)text[len] & 0xc0) == 0x80)
            len--;
        fprintf(out, "%s=?UTF-8?B?", glue);
        base64_put(out, (const uint8_t *)text, len);
        fputs("?=", out);
        glue = "\r\n ";
        text += len;
    }
}

static bool header_add(struct sending *sending, const char *line)
{
    struct curl_slist *grown = curl_slist_append(sending->headers, line);

    if (grown)
        sending->headers = grown;
    return grown != NULL;
}

/* "Name: words <address>": either may be missing. */
static bool header_put(struct sending *sending, const char *name, const char *words,
                       const char *address)
{
    char *line = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&line, &len);
    bool ok;

    if (!out)
        return false;
    fprintf(out, "%s: ", name);
    if (words)
        words_put(out, words);
    if (address)
        fprintf(out, "%s<%s>", words ? " " : "", address);
    ok = fclose(out) == 0 && header_add(sending, line);
    free(line);
    return ok;
}

static bool date_put(struct sending *sending, int64_t now_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)(now_us / 1000000);
    struct tm utc;
    char line[64];

    gmtime_r(&now, &utc);
    snprintf(line, sizeof(line), "Date: %s, %02d %s %d %02d:%02d:%02d +0000", days[utc.tm_wday],
             utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
             utc.tm_sec);
    return header_add(sending, line);
}

static bool headers_make(struct sending *sending, const struct smtp_server *server,
                         const struct smtp_message *message)
{
    return date_put(sending, message->now_us) &&
           header_put(sending, "From", message->from_name, server->from) &&
           header_put(sending, "To", NULL, message->to) &&
           header_put(sending, "Subject", message->subject, NULL) &&
           header_put(sending, "Message-ID", NULL, message->id) &&
           (!server->reply_to || header_put(sending, "Reply-To", NULL, server->reply_to)) &&
           header_put(sending, "Content-Language", message->language, NULL) &&
           header_add(sending, "Auto-Submitted: auto-generated");
}

static bool part_set(curl_mimepart *part, const char *data, const char *type)
{
    return part && curl_mime_data(part, data, CURL_ZERO_TERMINATED) == CURLE_OK &&
           curl_mime_type(part, type) == CURLE_OK &&
           curl_mime_encoder(part, "base64") == CURLE_OK;
}

/* Outlook takes the text for the mail and the calendar for the invitation only as alternatives;
 * others want a file. */
static bool calendar_add(CURL *easy, struct sending *sending,
                         const struct smtp_message *message)
{
    curl_mime *both = curl_mime_init(easy);
    curl_mimepart *part = curl_mime_addpart(sending->mime);
    char type[64];

    snprintf(type, sizeof(type), "text/calendar; charset=utf-8; method=%s", message->method);
    if (!both || !part || curl_mime_subparts(part, both) != CURLE_OK) {
        curl_mime_free(both);
        return false;
    }
    if (curl_mime_type(part, "multipart/alternative") != CURLE_OK ||
        !part_set(curl_mime_addpart(both), message->text, "text/plain; charset=utf-8") ||
        !part_set(curl_mime_addpart(both), message->calendar, type))
        return false;
    part = curl_mime_addpart(sending->mime);
    return part_set(part, message->calendar, "application/ics") &&
           curl_mime_filename(part, "invite.ics") == CURLE_OK;
}

static bool mime_make(CURL *easy, struct sending *sending, const struct smtp_message *message)
{
    sending->mime = curl_mime_init(easy);
    if (!sending->mime)
        return false;
    if (message->calendar)
        return calendar_add(easy, sending, message);
    return part_set(curl_mime_addpart(sending->mime), message->text,
                    "text/plain; charset=utf-8");
}

/* --- on the transfer's thread --- */

static void stage_note(struct sending *sending, const char *line, size_t len)
{
    sending->leaving = len >= 4 && strncasecmp(line, "QUIT", 4) == 0;
    if (sending->leaving)
        return;
    sending->reply = 0;
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        size_t name_len = strlen(stages[i].command);

        if (len >= name_len && strncasecmp(line, stages[i].command, name_len) == 0)
            sending->stage = stages[i].stage;
    }
}

static int on_said(CURL *easy, curl_infotype type, char *data, size_t len, void *arg)
{
    struct sending *sending = arg;

    (void)easy;
    if (sending->leaving)
        return 0;
    if (type == CURLINFO_HEADER_OUT) {
        stage_note(sending, data, len);
    } else if (type == CURLINFO_DATA_OUT) {
        sending->stage = "dot";
        sending->reply = 0;
    } else if (type == CURLINFO_HEADER_IN && len >= 3 && isdigit((unsigned char)*data)) {
        sending->reply = strtol(data, NULL, 10);
    }
    return 0;
}

/* --- the transfer --- */

static bool is_stage(const struct sending *sending, const char *stage)
{
    return strcmp(sending->stage, stage) == 0;
}

/* A refusal of the recipient or of the mail itself is its end; of anything else, the server's
 * (or our configuration's) trouble, which may be mended. */
static enum outcome reply_outcome(const struct sending *sending)
{
    bool of_mail =
        is_stage(sending, "rcpt") || is_stage(sending, "data") || is_stage(sending, "dot");

    if (!of_mail || sending->reply == REPLY_CLOSING)
        return OUTCOME_DOWN;
    return sending->reply >= REPLY_PERMANENT ? OUTCOME_FAILED : OUTCOME_RETRY;
}

static const char *curl_cause(CURLcode code)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
        return "tls";
    case CURLE_LOGIN_DENIED:
        return "login";
    default:
        return "cut";
    }
}

static enum outcome outcome_of(const struct sending *sending,
                               const struct transport_result *result, char cause[CAUSE_LEN])
{
    *cause = '\0';
    if (result->connected != CTPS_STATUS_OK) {
        snprintf(cause, CAUSE_LEN, "%s",
                 result->connected == CTPS_STATUS_REFUSED ? "connect.not_granted" : "connect");
        return OUTCOME_DOWN;
    }
    if (result->code == CURLE_OK)
        return OUTCOME_SENT;
    if (sending->reply >= REPLY_TRANSIENT) {
        snprintf(cause, CAUSE_LEN, "smtp.%ld.%s", sending->reply, sending->stage);
        return reply_outcome(sending);
    }
    snprintf(cause, CAUSE_LEN, "%s.%s", curl_cause(result->code), sending->stage);
    return OUTCOME_DOWN;
}

static void on_done(void *arg, const struct transport_result *result)
{
    struct sending *sending = arg;
    char cause[CAUSE_LEN];
    enum outcome outcome = outcome_of(sending, result, cause);

    sending->done(sending->arg, outcome, cause);
}

static void on_release(void *arg)
{
    struct sending *sending = arg;

    curl_mime_free(sending->mime);
    curl_slist_free_all(sending->headers);
    curl_slist_free_all(sending->to);
    free(sending);
}

static bool easy_set(CURL *easy, struct sending *sending, const struct smtp_server *server,
                     const struct smtp_message *message)
{
    char line[LINE_LEN];

    snprintf(line, sizeof(line), "%s://%s:%u/%s",
             server->security == SMTP_TLS ? "smtps" : "smtp", server->name,
             (unsigned)server->port, server->domain);
    if (curl_easy_setopt(easy, CURLOPT_URL, line) != CURLE_OK)
        return false;
    snprintf(line, sizeof(line), "<%s>", server->from);
    if (curl_easy_setopt(easy, CURLOPT_MAIL_FROM, line) != CURLE_OK)
        return false;
    snprintf(line, sizeof(line), "<%s>", message->to);
    sending->to = curl_slist_append(NULL, line);
    if (server->user &&
        (curl_easy_setopt(easy, CURLOPT_USERNAME, server->user) != CURLE_OK ||
         curl_easy_setopt(easy, CURLOPT_PASSWORD, server->password) != CURLE_OK))
        return false;
    return sending->to && headers_make(sending, server, message) &&
           mime_make(easy, sending, message) &&
           curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, sending->to) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, sending->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MIMEPOST, sending->mime) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USE_SSL,
                            server->security == SMTP_STARTTLS
                                ? (long)CURLUSESSL_ALL
                                : (long)CURLUSESSL_NONE) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_said) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DEBUGDATA, sending) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L) == CURLE_OK;
}

bool smtp_send(struct transport *transport, const struct smtp_server *server,
               const struct smtp_message *message, smtp_done *done, void *arg)
{
    CURL *easy = transport_easy(transport, "smtp,smtps");
    struct sending *sending = easy ? calloc(1, sizeof(*sending)) : NULL;
    struct transport_job job = {.name = server->name,
                                .port = server->port,
                                .timeout_ms = server->timeout_ms,
                                .done = on_done,
                                .release = on_release,
                                .arg = sending};

    if (!sending) {
        curl_easy_cleanup(easy);
        return false;
    }
    sending->done = done;
    sending->arg = arg;
    sending->stage = "greeting";
    if (!easy_set(easy, sending, server, message)) {
        curl_easy_cleanup(easy);
        on_release(sending);
        return false;
    }
    if (transport_start(transport, easy, &job))
        return true;
    on_release(sending);
    return false;
}
