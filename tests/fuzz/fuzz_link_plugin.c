/* What the plugin process reads of the host. */
/* fuzz-links: ctps_host */
/* fuzz-links: -Wl,--wrap=sandbox_prepare */
/* fuzz-links: -Wl,--wrap=sandbox_close */
/* fuzz-links: -Wl,--wrap=load_plugin */
#include "fuzz_link.h"
#include "host/load.h"
#include "host/plugin_private.h"
#include "host/sandbox.h"

enum ctps_code __wrap_sandbox_prepare(const Ctps__LinkStart *start, struct ctps_err *err);
enum ctps_code __wrap_sandbox_close(const Ctps__LinkStart *start, char level[SANDBOX_LEVEL_LEN],
                                    struct ctps_err *err);
enum ctps_code __wrap_load_plugin(const char *path, const struct ctps_plugin **ret_plugin,
                                  struct ctps_err *err);

/* --- a plugin that uses all it is given --- */

static unsigned looked_at;
static struct ctps_host *asking;

static void look_at(const void *data, size_t len)
{
    for (size_t i = 0; data && i < len; i++)
        looked_at += ((const uint8_t *)data)[i];
}

static void look_at_text(const char *text)
{
    look_at(text, text ? strlen(text) : 0);
}

static void on_reply(void *arg, enum ctps_status status, const uint8_t *reply, size_t reply_len)
{
    (void)arg;
    (void)status;
    look_at(reply, reply_len);
}

static void on_connected(void *arg, enum ctps_status status, int fd)
{
    (void)arg;
    (void)status;
    if (fd >= 0)
        close(fd);
}

static void options_look_at(void)
{
    const uint8_t *secret = NULL;
    size_t len = 0;

    look_at_text(plugin_api.option_string(asking, "t1"));
    for (unsigned i = 0; i < 3; i++)
        look_at_text(plugin_api.option_item(asking, "t1", i));
    looked_at += (unsigned)plugin_api.option_int(asking, "t1");
    if (plugin_api.secret(asking, "t1", &secret, &len) == CTPS_STATUS_OK)
        look_at(secret, len);
    look_at_text(plugin_api.state_dir(asking));
    looked_at += (unsigned)plugin_api.listener(asking, 1);
}

static enum ctps_verdict on_event(void *self, const struct ctps_event *event)
{
    (void)self;
    look_at_text(event->topic);
    look_at(event->notice, event->notice_len);
    look_at(event->incarnation, sizeof(event->incarnation));
    (void)plugin_api.request(asking, (const uint8_t *)"x", 1, on_reply, NULL);
    (void)plugin_api.connect(asking, "nowhere", 1, on_connected, NULL);
    return (enum ctps_verdict)(event->number % 4);
}

static enum ctps_status on_reload(void *self)
{
    (void)self;
    options_look_at();
    return looked_at % 2 ? CTPS_STATUS_OK : CTPS_STATUS_INVALID;
}

static enum ctps_status on_start(struct ctps_host *host, const struct ctps_host_api *api,
                                 void **ret_self, char *why, size_t why_len)
{
    uint8_t id[CTPS_REQUEST_ID_LEN];

    (void)why;
    (void)why_len;
    *ret_self = host;
    api->request_id(host, "words", id);
    look_at(id, sizeof(id));
    options_look_at();
    return CTPS_STATUS_OK;
}

static const struct ctps_plugin good = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .struct_len = sizeof(good),
    .name = "t1",
    .version = "1",
    .summary = "Uses all.",
    .audiences = (const char *const[]){"t1", NULL},
    .start = on_start,
    .on_event = on_event,
    .reload = on_reload,
};

/* --- no sandbox, no file --- */

enum ctps_code __wrap_sandbox_prepare(const Ctps__LinkStart *start, struct ctps_err *err)
{
    (void)start;
    (void)err;
    return CTPS_OK;
}

enum ctps_code __wrap_sandbox_close(const Ctps__LinkStart *start, char level[SANDBOX_LEVEL_LEN],
                                    struct ctps_err *err)
{
    (void)start;
    (void)err;
    level[0] = '\0';
    return CTPS_OK;
}

enum ctps_code __wrap_load_plugin(const char *path, const struct ctps_plugin **ret_plugin,
                                  struct ctps_err *err)
{
    (void)err;
    look_at_text(path);
    *ret_plugin = &good;
    return CTPS_OK;
}

/* --- reading --- */

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    return plugin_take_frame(ctx, frame, fd);
}

static void on_ended(void *ctx, const char *why)
{
    (void)ctx;
    (void)why;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct loop *loop = fuzz_loop(); /* its descriptors stay */
    int lowest = fuzz_lowest_fd();
    struct ctps_host *host = plugin_host_new();
    struct channel_calls calls = {.ctx = host, .frame = on_frame, .ended = on_ended};
    struct fuzz_link link;

    fuzz_require(host != NULL);
    fuzz_link_open(&link);
    asking = host;
    host->loop = loop;
    fuzz_require(channel_open(link.loop, link.read, &calls, &host->channel, NULL) == CTPS_OK);
    fuzz_link_feed(&link, data, size);
    host->loop = NULL; /* stays for the next input */
    plugin_host_free(&host);
    fuzz_link_close(&link);
    fuzz_require(fuzz_lowest_fd() == lowest);
    return 0;
}
