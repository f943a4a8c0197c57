/* What the host reads of the plugin process, which may have been taken over. Built with
 * PLANT_BUG it writes past four bytes when the name of a host to connect to begins with four
 * letters (control.sh). */
/* fuzz-links: ctps_host */
/* fuzz-links: -Wl,--wrap=bus_request */
/* fuzz-links: -Wl,--wrap=bus_verdict */
/* fuzz-links: -Wl,--wrap=bus_follow */
/* fuzz-links: -Wl,--wrap=bus_close */
/* fuzz-links: -Wl,--wrap=connector_ask */
#include "fuzz_link.h"
#include "host/host_private.h"

bool __wrap_bus_request(struct bus *bus, uint64_t ticket, struct bytes request);
void __wrap_bus_verdict(struct bus *bus, const char *audience, uint64_t number,
                        enum ctps_verdict verdict);
enum ctps_code __wrap_bus_follow(struct bus *bus, struct ctps_err *err);
void __wrap_bus_close(struct bus **bus);
void __wrap_connector_ask(struct connector *connector, uint64_t ticket, const char *host,
                          uint32_t port);

/* The bus, which looks at each byte it is given and answers every other request. */
static unsigned looked_at;
static struct host *asking;

static void look_at(const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        looked_at += ((const uint8_t *)data)[i];
}

bool __wrap_bus_request(struct bus *bus, uint64_t ticket, struct bytes request)
{
    struct bus_calls calls = host_bus_calls(asking);

    (void)bus;
    look_at(request.data, request.len);
    if (ticket % 2)
        calls.reply(calls.ctx, ticket, CTPS_STATUS_OK, request);
    return ticket % 2;
}

void __wrap_bus_verdict(struct bus *bus, const char *audience, uint64_t number,
                        enum ctps_verdict verdict)
{
    (void)bus;
    (void)number;
    (void)verdict;
    look_at(audience, strlen(audience));
}

enum ctps_code __wrap_bus_follow(struct bus *bus, struct ctps_err *err)
{
    (void)bus;
    (void)err;
    return CTPS_OK;
}

void __wrap_bus_close(struct bus **bus)
{
    *bus = NULL;
}

#ifdef PLANT_BUG
/* Letter by letter, so that every one found shows in the coverage. */
__attribute__((noinline)) static bool begins_with_oops(const char *text)
{
    static const char *volatile const letters[] = {"o", "oo", "oop", "oops"};

    for (size_t i = 0; i < 4; i++)
        if (strncmp(text, letters[i], i + 1) != 0)
            return false;
    return true;
}

__attribute__((noinline)) static void plant(const char *host)
{
    volatile char *four = malloc(4); /* volatile: else the optimiser sees no use in it */

    fuzz_require(four != NULL);
    for (size_t len = 0; host && begins_with_oops(host) && host[len]; len++)
        four[len] = host[len];
    free((void *)four);
}
#endif

void __wrap_connector_ask(struct connector *connector, uint64_t ticket, const char *host,
                          uint32_t port)
{
    (void)connector;
#ifdef PLANT_BUG
    plant(host);
#endif
    if (host && connect_grant_find(NULL, 0, host, port))
        abort();
    host_connected(asking, ticket, CTPS_STATUS_REFUSED, -1);
}

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    return host_take_down(ctx, frame, fd);
}

static void on_ended(void *ctx, const char *why)
{
    (void)ctx;
    (void)why;
}

static bool on_up_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    (void)ctx;
    (void)frame;
    (void)fd;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct loop *loop = fuzz_loop(); /* its descriptors stay */
    int lowest = fuzz_lowest_fd();
    struct channel_calls calls = {.frame = on_frame, .ended = on_ended};
    struct channel_calls up_calls = {.frame = on_up_frame, .ended = on_ended};
    struct host host = {.log_tokens = HOST_LOGS_BURST};
    struct fuzz_link link;
    struct fuzz_link up;

    fuzz_link_open(&link);
    fuzz_link_open(&up);
    asking = &host;
    host.loop = loop;
    host.ready = fuzz_state(data, size) & 1;
    host.draining = fuzz_state(data, size) & 2;
    host.pings = 1; /* asked, and not answered yet */
    calls.ctx = up_calls.ctx = &host;
    fuzz_require(channel_open(link.loop, up.read, &up_calls, &host.up, NULL) == CTPS_OK);
    fuzz_require(channel_open(link.loop, link.read, &calls, &host.down, NULL) == CTPS_OK);
    fuzz_link_feed(&link, data, size);
    fuzz_require(host.pongs <= host.pings && host.log_tokens <= HOST_LOGS_BURST);
    channel_close(&host.down);
    channel_close(&host.up);
    fuzz_link_close(&up);
    fuzz_link_close(&link);
    fuzz_require(fuzz_lowest_fd() == lowest);
    return 0;
}
