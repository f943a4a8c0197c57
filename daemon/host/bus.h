/*
 * bus: the host's way to ctpsd, for the plugin that has none of its own. Requests are sent one
 * after the other on a thread of their own; each audience is followed on another, one event at
 * a time: the next comes when the plugin has judged the last.
 *
 * The cursor in ctpsd moves after the plugin is done with an event, at most BUS_CURSOR_EVERY
 * events or a second late: after a crash the last ones come again, none is left out. An event
 * answered with "retry" comes again after 1, 2, 4… times the section's `retry`, and goes to the
 * dead letters when BUS_TRIES were in vain; "poison" sends it there at once. A letter settled
 * by replaying brings its event once more, before the event dead_letter.settled itself.
 */
#ifndef CTPS_HOST_BUS_H
#define CTPS_HOST_BUS_H

#include "base/bytes.h"
#include "ctps/link.pb-c.h"
#include "ctps/plugin.h"
#include "loop/loop.h"

enum { BUS_TRIES = 6, BUS_CURSOR_EVERY = 64, BUS_AUDIENCES_MAX = 4, BUS_REQUESTS_MAX = 1024 };

struct bus;

struct bus_calls {
    void *ctx;
    /* An event of `audience`; strings and bytes borrowed. Answer by bus_verdict. */
    void (*event)(void *ctx, const char *audience, const struct ctps_event *event);
    void (*reply)(void *ctx, uint64_t ticket, enum ctps_status status, struct bytes reply);
    /* The way is shut (key denied) or memory ran out: the process should end. */
    void (*lost)(void *ctx, const char *why);
};

/* Copies what it needs of `start`. Own: bus_close(). */
enum ctps_code bus_open(struct loop *loop, const Ctps__LinkStart *start,
                        const struct bus_calls *calls, struct bus **ret_bus,
                        struct ctps_err *err);
/* Ends the threads (waits for a request under way, at most BUS_WAIT_MS); moves the cursors to
 * where the plugin got. Idempotent, nulls the pointer. */
void bus_close(struct bus **bus);

/* Follows the audiences of `start` from their cursors on. Call once. */
enum ctps_code bus_follow(struct bus *bus, struct ctps_err *err);
/* No event comes any more. */
void bus_unfollow(struct bus *bus);
/* False when BUS_REQUESTS_MAX wait already. Bytes are copied. */
bool bus_request(struct bus *bus, uint64_t ticket, struct bytes request);
/* What the plugin said of event `number`; ignored when it is not the one it has. */
void bus_verdict(struct bus *bus, const char *audience, uint64_t number,
                 enum ctps_verdict verdict);

#endif
