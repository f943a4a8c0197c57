#include "bus/zap.h"

#include "base/log.h"
#include "loop/loop_zmq.h"

#include <stdio.h>
#include <zmq.h>

static const char endpoint[] = "inproc://zeromq.zap.01";
static const char version[] = "1.0";
static const char commands_domain[] = "ctps.commands";
static const char audience_prefix[] = "ctps.events.";

/* Frames of a request once the envelope is off (RFC 27, "Request"). */
enum zap_frame { VERSION, REQUEST_ID, DOMAIN, ADDRESS, ROUTING_ID, MECHANISM, PUBLIC_KEY };

enum {
    REQUEST_FRAMES = PUBLIC_KEY + 1,
    REPLY_FRAMES = 6,
    USER_ID_LEN = 2 * BUS_KEY_LEN + 1,
    ZAP_QUEUE = 1024
};

void zap_domain_write(char *out, const char *audience)
{
    if (audience)
        snprintf(out, ZAP_DOMAIN_LEN, "%s%s", audience_prefix, audience);
    else
        snprintf(out, ZAP_DOMAIN_LEN, "%s", commands_domain);
}

/* False for a domain no socket of ours has. */
static bool read_domain(struct bytes domain, char *out, const char **ret_audience)
{
    size_t prefix_len = strlen(audience_prefix);

    if (domain.len == 0 || domain.len >= ZAP_DOMAIN_LEN)
        return false;
    memcpy(out, domain.data, domain.len);
    out[domain.len] = '\0';
    *ret_audience = NULL;
    if (strcmp(out, commands_domain) == 0)
        return true;
    *ret_audience = out + prefix_len;
    return strncmp(out, audience_prefix, prefix_len) == 0;
}

static const char *address_of(struct bytes frame, char out[BUS_PEER_ADDRESS_LEN])
{
    size_t len = frame.len < BUS_PEER_ADDRESS_LEN ? frame.len : BUS_PEER_ADDRESS_LEN - 1;

    if (len)
        memcpy(out, frame.data, len);
    out[len] = '\0';
    return out;
}

static enum bus_verdict judge(const struct zap *zap, const struct loop_zmq_message *message)
{
    const struct bytes *frame = message->frame;
    char domain[ZAP_DOMAIN_LEN];
    char address[BUS_PEER_ADDRESS_LEN];
    const char *audience;
    enum bus_verdict verdict;

    if (message->frame_count != REQUEST_FRAMES ||
        !bytes_equal(frame[VERSION], bytes_of_str(version)) ||
        !bytes_equal(frame[MECHANISM], bytes_of_str("CURVE")) ||
        frame[PUBLIC_KEY].len != BUS_KEY_LEN || !read_domain(frame[DOMAIN], domain, &audience))
        return BUS_DENIED;
    if (zap->guest && memcmp(zap->guest, frame[PUBLIC_KEY].data, BUS_KEY_LEN) == 0)
        return BUS_ALLOWED;
    verdict = zap->handler->allow_key(zap->handler->ctx, audience ? BUS_AUDIENCE : BUS_COMMANDS,
                                      audience, frame[PUBLIC_KEY].data);
    if (verdict == BUS_ALLOWED && audience && zap->on_admitted)
        zap->on_admitted(zap->ctx, audience, frame[PUBLIC_KEY].data);
    if (verdict != BUS_DENIED)
        return verdict;
    if (zap->stranger && memcmp(zap->stranger, frame[PUBLIC_KEY].data, BUS_KEY_LEN) == 0)
        return BUS_DENIED;
    if (zap->handler->on_refused)
        zap->handler->on_refused(zap->handler->ctx, BUS_REFUSAL_KEY, frame[PUBLIC_KEY].data,
                                 address_of(frame[ADDRESS], address));
    return BUS_DENIED;
}

/* RFC 27: after a 300 the client is cut off without a word, and knocks again. */
static const struct {
    const char *code, *text;
} answers[] = {
    [BUS_DENIED] = {"400", "key not admitted"},
    [BUS_ALLOWED] = {"200", "OK"},
    [BUS_NOT_NOW] = {"300", "try again"},
};

static bool on_question(void *ctx, struct loop_zmq *socket,
                        const struct loop_zmq_message *message)
{
    struct zap *zap = ctx;
    enum bus_verdict verdict = judge(zap, message);
    char user_id[USER_ID_LEN] = "";
    struct bytes reply[REPLY_FRAMES] = {
        bytes_of_str(version),
        message->frame_count > REQUEST_ID ? message->frame[REQUEST_ID] : bytes_of(NULL, 0),
        bytes_of_str(answers[verdict].code),
        bytes_of_str(answers[verdict].text),
    };
    struct ctps_err err;

    if (verdict == BUS_ALLOWED) {
        hex_encode(user_id, message->frame[PUBLIC_KEY].data, BUS_KEY_LEN);
        zap->admitted++;
    } else {
        zap->refused++;
    }
    reply[4] = bytes_of_str(user_id);
    reply[5] = bytes_of_str("");
    if (loop_zmq_send(socket, reply, REPLY_FRAMES, &err) != CTPS_OK)
        log_error(zap->log, "bus: cannot answer a handshake: %s", err.text);
    return true;
}

enum ctps_code zap_open(struct zap *zap, struct loop *loop, const struct bus_handler *handler,
                        const struct log *log, struct ctps_err *err)
{
    const struct loop_zmq_options options = {.type = ZMQ_REP,
                                             .message_max = LOOP_ZMQ_HANDSHAKE_SIZE,
                                             .queue_out = ZAP_QUEUE,
                                             .on_message = on_question,
                                             .ctx = zap};
    enum ctps_code code;

    *zap = (struct zap){.handler = handler, .log = log};
    code = loop_zmq_open(loop, &options, &zap->socket, err);
    if (code != CTPS_OK)
        return code;
    code = loop_zmq_bind_inproc(zap->socket, endpoint, err);
    if (code != CTPS_OK)
        zap_close(zap);
    return code;
}

void zap_close(struct zap *zap)
{
    loop_zmq_close(&zap->socket);
}
