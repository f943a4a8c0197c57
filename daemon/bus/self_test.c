#include "bus/bus_internal.h"

#include "base/sys.h"
#include "loop/loop_zmq.h"

#include <stdio.h>
#include <zmq.h>

enum { KEY_TEXT_LEN = 41, WAIT_MS = 10, MONITOR_NAME_LEN = 64 };

enum verdict { UNDECIDED, ADMITTED, REFUSED };

struct key_pair {
    char public_text[KEY_TEXT_LEN];
    char secret_text[KEY_TEXT_LEN];
    uint8_t public_key[BUS_KEY_LEN];
};

/* A client of our own, within the process but through the door's real transport. */
struct probe {
    void *socket;
    void *monitor;
};

static bool make_key(const struct sys *sys, struct key_pair *pair)
{
    uint8_t secret[BUS_KEY_LEN];

    sys_random(sys, secret, sizeof(secret));
    z85_encode(pair->secret_text, secret, sizeof(secret));
    return zmq_curve_public(pair->public_text, pair->secret_text) == 0 &&
           z85_decode(pair->public_key, BUS_KEY_LEN, pair->public_text);
}

static bool set_int(void *socket, int name, int value)
{
    return zmq_setsockopt(socket, name, &value, sizeof(value)) == 0;
}

static bool set_keys(const struct probe *probe, const struct key_pair *pair,
                     const uint8_t *server_key)
{
    return zmq_setsockopt(probe->socket, ZMQ_CURVE_SERVERKEY, server_key, BUS_KEY_LEN) == 0 &&
           zmq_setsockopt(probe->socket, ZMQ_CURVE_PUBLICKEY, pair->public_text,
                          KEY_TEXT_LEN) == 0 &&
           zmq_setsockopt(probe->socket, ZMQ_CURVE_SECRETKEY, pair->secret_text,
                          KEY_TEXT_LEN) == 0;
}

static bool watch(struct probe *probe, void *context)
{
    char name[MONITOR_NAME_LEN];

    snprintf(name, sizeof(name), "inproc://ctps.self-test.%p", probe->socket);
    probe->monitor = zmq_socket(context, ZMQ_PAIR);
    return probe->monitor && set_int(probe->monitor, ZMQ_LINGER, 0) &&
           zmq_socket_monitor(probe->socket, name,
                              ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                                  ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) == 0 &&
           zmq_connect(probe->monitor, name) == 0;
}

static bool probe_open(struct probe *probe, const struct bus *bus, const struct door *door,
                       const struct key_pair *pair)
{
    void *context = loop_zmq_context(bus->loop);

    probe->monitor = NULL;
    probe->socket = zmq_socket(context, door->audience[0] ? ZMQ_SUB : ZMQ_DEALER);
    return probe->socket && set_int(probe->socket, ZMQ_LINGER, 0) &&
           set_int(probe->socket, ZMQ_IPV6, 1) &&
           set_int(probe->socket, ZMQ_RECONNECT_IVL, -1) &&
           set_keys(probe, pair, bus->limits.public_key) && watch(probe, context) &&
           zmq_connect(probe->socket, door->listeners[0].endpoint) == 0;
}

static void probe_close(struct probe *probe)
{
    if (probe->socket) {
        zmq_socket_monitor(probe->socket, NULL, 0);
        zmq_close(probe->socket);
    }
    if (probe->monitor)
        zmq_close(probe->monitor);
}

/* A monitor's message: event and value (6 bytes, host order), then the endpoint. */
static enum verdict read_verdict(void *monitor)
{
    uint8_t head[6];
    char tail[LISTENER_ENDPOINT_LEN];
    uint16_t event;

    if (zmq_recv(monitor, head, sizeof(head), ZMQ_DONTWAIT) != (int)sizeof(head))
        return UNDECIDED;
    zmq_recv(monitor, tail, sizeof(tail), ZMQ_DONTWAIT);
    memcpy(&event, head, sizeof(event));
    return event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? ADMITTED : REFUSED;
}

/* The loop does not turn yet: the ZAP handler is pumped by hand. Only waits that end without
 * an event count, so that a machine under load has the same number of chances. */
static enum verdict wait_verdict(struct bus *bus, const struct probe *probe)
{
    enum verdict verdict = UNDECIDED;
    uint32_t left = bus->limits.self_test_ms / WAIT_MS + 1;

    while (verdict == UNDECIDED && left > 0) {
        zmq_pollitem_t items[] = {
            {.socket = probe->monitor, .events = ZMQ_POLLIN},
            {.socket = loop_zmq_handle(bus->zap.socket), .events = ZMQ_POLLIN},
        };

        if (zmq_poll(items, 2, WAIT_MS) <= 0)
            left--;
        loop_zmq_pump(bus->zap.socket);
        verdict = read_verdict(probe->monitor);
    }
    return verdict;
}

static enum ctps_code try_key(struct bus *bus, const struct door *door,
                              const struct key_pair *pair, enum verdict *ret_verdict,
                              struct ctps_err *err)
{
    struct probe probe;
    enum ctps_code code = CTPS_OK;

    if (probe_open(&probe, bus, door, pair))
        *ret_verdict = wait_verdict(bus, &probe);
    else
        code = err_set(err, CTPS_IO, "bus self-test: cannot connect to %s: %s",
                       door->listeners[0].endpoint, zmq_strerror(zmq_errno()));
    probe_close(&probe);
    return code;
}

/* Silence may be want of memory or of descriptors: the next start tells. */
static enum ctps_code code_of(enum verdict verdict)
{
    return verdict == UNDECIDED ? CTPS_IO : CTPS_FORGED;
}

enum ctps_code self_test_door(struct bus *bus, const struct door *door, struct ctps_err *err)
{
    const char *endpoint = door->listeners[0].endpoint;
    struct key_pair stranger, guest;
    enum verdict verdict = UNDECIDED;
    enum ctps_code code;

    if (!make_key(bus->sys, &stranger) || !make_key(bus->sys, &guest))
        return err_set(err, CTPS_UNSUPPORTED, "bus self-test: libzmq was built without CURVE");
    bus->zap.stranger = stranger.public_key;
    code = try_key(bus, door, &stranger, &verdict, err);
    bus->zap.stranger = NULL;
    if (code == CTPS_OK && verdict != REFUSED)
        return err_set(err, code_of(verdict), "bus self-test: a stranger's key was %s on %s",
                       verdict == ADMITTED ? "admitted" : "not answered", endpoint);
    if (code != CTPS_OK)
        return code;
    bus->zap.guest = guest.public_key;
    code = try_key(bus, door, &guest, &verdict, err);
    bus->zap.guest = NULL;
    if (code == CTPS_OK && verdict != ADMITTED)
        return err_set(err, code_of(verdict), "bus self-test: a legal key was %s on %s",
                       verdict == REFUSED ? "refused" : "not answered", endpoint);
    return code;
}
