/*
 * ask: requests of notify to ctpsd. An answer that does not come, or comes to say "busy", is
 * asked for again, the same bytes, until it does: nothing here is done twice by that.
 */
#ifndef NOTIFY_ASK_H
#define NOTIFY_ASK_H

#include <ctps/answer.pb-c.h>
#include <ctps/command.pb-c.h>
#include <ctps/plugin.h>

struct asker {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    unsigned reads; /* so that no two reads are the same request */
};

/* `reply`: NULL without memory or when the daemon denies the plugin; its status is done,
 * answered or refused. A borrow until the call returns. */
typedef void ask_answered(void *arg, const Ctps__Reply *reply);

/* Sends `request`, whose id is set here: of `words` for a command (the same words are the same
 * command, for ever), a new one for a read (`words` NULL). False: too many wait, or no memory;
 * `done` is then not called. */
bool ask(struct asker *asker, Ctps__Request *request, const char *words, ask_answered *done,
         void *arg);

static inline bool ask_is_done(const Ctps__Reply *reply)
{
    return reply && (reply->status == CTPS__REPLY_STATUS__REPLY_DONE ||
                     reply->status == CTPS__REPLY_STATUS__REPLY_ANSWERED);
}

#endif
