/*
 * smtp: one mail to one recipient over the town's server, by libcurl. The message is made here
 * (RFC 5322, MIME), so that a try and its repetition are the same mail under the same
 * Message-ID. What came of it is told as an outcome of the queue and a code for people.
 */
#ifndef NOTIFY_SMTP_H
#define NOTIFY_SMTP_H

#include "queue.h"
#include "transport.h"

enum smtp_security { SMTP_STARTTLS, SMTP_TLS, SMTP_PLAIN };

struct smtp_server {
    char name[TRANSPORT_NAME_LEN];
    uint16_t port;
    enum smtp_security security;
    const char *user;     /* NULL: no AUTH */
    const char *password; /* own copy elsewhere; never logged */
    const char *from;     /* address */
    const char *domain;   /* of `from` */
    const char *reply_to; /* NULL: none */
    int64_t timeout_ms;
};

/* Strings are borrowed until smtp_send returns. */
struct smtp_message {
    const char *id; /* without angle brackets */
    int64_t now_us;
    const char *to;        /* address */
    const char *from_name; /* of the service */
    const char *language;  /* "fr" */
    const char *subject;
    const char *text;
    const char *calendar; /* NULL: none */
    const char *method;   /* of the calendar */
};

typedef void smtp_done(void *arg, enum outcome outcome, const char *cause);

/* Whether an address may stand in a command and a header as it is. */
bool smtp_address_is_fit(const char *address);
/* `done` is called once, later. False: not now (too many under way, or no memory). */
bool smtp_send(struct transport *transport, const struct smtp_server *server,
               const struct smtp_message *message, smtp_done *done, void *arg);

#endif
