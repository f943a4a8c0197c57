#include "bus/bus_internal.h"

#include "base/sys.h"
#include "loop/loop_zmq.h"

#include <stdio.h>

enum { REPLY_FRAMES_MAX = 3, NOT_REFUSED = BUS_REFUSAL_COUNT };

/* What a message is made of, before it is known to be a request. */
struct envelope {
    struct bytes route;
    bool is_delimited;
    struct bytes body; /* empty unless the shape is right */
};

/* Who sent it, as the connection proved it. */
struct knocker {
    const uint8_t *key;
    const char *address;
};

static struct envelope open_envelope(const struct loop_zmq_message *message)
{
    const struct bytes *frame = message->frame;
    struct envelope envelope = {.route = frame[0]};

    envelope.is_delimited = message->frame_count > 1 && frame[1].len == 0;
    if (message->frame_count == 2U + envelope.is_delimited)
        envelope.body = frame[message->frame_count - 1];
    return envelope;
}

static enum ctps_code send_reply(struct bus *bus, struct bytes route, bool is_delimited,
                                 struct bytes body)
{
    struct bytes frames[REPLY_FRAMES_MAX] = {route};
    size_t count = 1;
    enum ctps_code code = CTPS_CLOSED;

    if (is_delimited)
        frames[count++] = bytes_of(NULL, 0);
    frames[count++] = body;
    if (bus->commands.socket)
        code = loop_zmq_send(bus->commands.socket, frames, count, NULL);
    if (code == CTPS_BUSY)
        bus->figures.replies_unread++;
    else if (code != CTPS_OK)
        bus->figures.replies_gone++;
    return code;
}

/* `account` NULL: a key that has none. */
static void refuse(struct bus *bus, const struct envelope *envelope, struct account *account,
                   const struct knocker *who, int refusal)
{
    bus->figures.refused[refusal]++;
    if (bus->handler.on_refused)
        bus->handler.on_refused(bus->handler.ctx, (enum bus_refusal)refusal, who->key,
                                who->address);
    if (account && !bucket_take(&bus->told, &account->told, sys_mono_us(bus->sys))) {
        bus->figures.refused_silently++;
        return;
    }
    buf_reset(&bus->refusal);
    bus->handler.make_refusal(bus->handler.ctx, (enum bus_refusal)refusal, envelope->body,
                              &bus->refusal);
    if (bus->refusal.len && !bus->refusal.failed)
        send_reply(bus, envelope->route, envelope->is_delimited, buf_bytes(&bus->refusal));
}

/* Auto-generated ids begin with a zero byte. A chosen one could be taken over by another
 * peer between a request and its reply, which would then go to the wrong one. */
static bool is_own_route(struct bytes route)
{
    return route.len == BUS_ROUTE_LEN && route.data[0] == 0;
}

static int check(struct bus *bus, const struct envelope *envelope, const uint8_t *key,
                 struct account **ret_account)
{
    int64_t now_us = sys_mono_us(bus->sys);

    enum bus_verdict verdict =
        bus->handler.allow_key(bus->handler.ctx, BUS_COMMANDS, NULL, key);

    if (verdict != BUS_ALLOWED)
        return verdict == BUS_DENIED ? BUS_REFUSAL_KEY : BUS_REFUSAL_OVERLOADED;
    *ret_account = accounts_get(&bus->accounts, key);
    if (!*ret_account)
        return BUS_REFUSAL_OVERLOADED;
    if (!bucket_take(&bus->asked, &(*ret_account)->asked, now_us))
        return BUS_REFUSAL_THROTTLED;
    if (!is_own_route(envelope->route))
        return BUS_REFUSAL_ROUTING_ID;
    if (envelope->body.len == 0)
        return BUS_REFUSAL_SHAPE;
    if ((*ret_account)->waiting >= bus->limits.waiting_max_key)
        return BUS_REFUSAL_BUSY;
    if (bus->figures.waiting >= bus->limits.waiting_max)
        return BUS_REFUSAL_OVERLOADED;
    return NOT_REFUSED;
}

static void hand_over(struct bus *bus, const struct envelope *envelope, struct account *account,
                      const char *peer_address)
{
    struct bus_request request = {.body = envelope->body,
                                  .peer.is_delimited = envelope->is_delimited};

    memcpy(request.peer.public_key, account->key, BUS_KEY_LEN);
    memcpy(request.peer.route, envelope->route.data, BUS_ROUTE_LEN);
    snprintf(request.peer_address, sizeof(request.peer_address), "%s",
             peer_address ? peer_address : "");
    account->waiting++;
    bus->figures.waiting++;
    bus->figures.requests++;
    bus->handler.on_request(bus->handler.ctx, &request);
}

bool request_receive(void *ctx, struct loop_zmq *socket, const struct loop_zmq_message *message)
{
    struct envelope envelope = open_envelope(message);
    struct account *account = NULL;
    struct bus *bus = ctx;
    uint8_t key[BUS_KEY_LEN];
    struct knocker who = {key, message->peer_address ? message->peer_address : ""};
    int refusal;

    (void)socket;
    if (!message->user_id || !hex_decode(key, sizeof(key), message->user_id)) {
        bus->figures.refused[BUS_REFUSAL_KEY]++;
        return false;
    }
    refusal = check(bus, &envelope, key, &account);
    if (refusal == NOT_REFUSED)
        hand_over(bus, &envelope, account, message->peer_address);
    else
        refuse(bus, &envelope, account, &who, refusal);
    return refusal == NOT_REFUSED;
}

static void settle(struct bus *bus, const struct bus_peer *peer)
{
    struct account *account = accounts_find(&bus->accounts, peer->public_key);

    /* Forgotten meanwhile, or made anew since: then it never counted this request. */
    if (account && account->waiting > 0)
        account->waiting--;
    if (bus->figures.waiting > 0)
        bus->figures.waiting--;
}

void bus_reply(struct bus *bus, const struct bus_peer *peer, struct bytes reply)
{
    settle(bus, peer);
    if (!reply.len)
        return; /* an empty frame would be read as an answer */
    if (send_reply(bus, bytes_of(peer->route, BUS_ROUTE_LEN), peer->is_delimited, reply) ==
        CTPS_OK)
        bus->figures.replies++;
}

void bus_forget_key(struct bus *bus, const uint8_t *public_key)
{
    accounts_remove(&bus->accounts, public_key);
}
