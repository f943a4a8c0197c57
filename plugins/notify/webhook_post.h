/*
 * webhook_post: one POST over the transport. No redirect is followed, nothing the receiver says
 * is kept but its status; of a body without end a little is read.
 */
#ifndef NOTIFY_WEBHOOK_POST_H
#define NOTIFY_WEBHOOK_POST_H

#include "transport.h"
#include "webhook_sign.h"

enum { WEBHOOK_BODY_MAX = 64 << 10 }; /* of an answer; more is not read */

/* `cause` is a code as queue_end() wants one: "http_503", "timeout", "certificate"…; "" when it
 * answered 2xx. `status` is what it answered, 0: nothing. */
typedef void webhook_posted(void *arg, long status, const char *cause);

struct webhook_message {
    const char *url;
    const char *id;
    int64_t seconds;       /* now, since 1970 */
    const char *signature; /* webhook_sign() */
    const char *payload;   /* JSON */
    int64_t timeout_ms;
};

/* False when it cannot even be begun (the address is malformed, too many are under way, no
 * memory); `done` is then not called. Everything is copied. */
bool webhook_post(struct transport *transport, const struct webhook_message *message,
                  webhook_posted *done, void *arg);

#endif
