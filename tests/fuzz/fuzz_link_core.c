/* What ctpsd reads of a host, and of a process that describes a plugin. */
/* fuzz-links: ctps_plugins */
/* fuzz-links: -Wl,--wrap=process_start */
#include "fuzz_link.h"
#include "plugins/plugins_private.h"

enum ctps_code __wrap_process_start(struct process *process, struct loop *loop,
                                    const char *program, const char *mode,
                                    const struct process_calls *calls, struct ctps_err *err);

/* None is started here: the one whose frames are read stands already. */
enum ctps_code __wrap_process_start(struct process *process, struct loop *loop,
                                    const char *program, const char *mode,
                                    const struct process_calls *calls, struct ctps_err *err)
{
    (void)process;
    (void)loop;
    (void)program;
    (void)mode;
    (void)calls;
    return err_set(err, CTPS_IO, "no processes here");
}

static bool describes;

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    if (fd >= 0)
        close(fd);
    return describes ? plugin_describe_take(ctx, frame) : plugin_take(ctx, frame);
}

static void on_ended(void *ctx, const char *why)
{
    (void)ctx;
    (void)why;
}

static void key_nothing(void *ctx, const char *name, const uint8_t *public_key)
{
    (void)ctx;
    (void)name;
    (void)public_key;
}

static const char *endpoint_of(void *ctx, const char *audience)
{
    (void)ctx;
    return strcmp(audience, "plugins") == 0 ? "ipc:///nowhere" : NULL;
}

static struct plugin_config config_make(void)
{
    static const char *const actions[] = {"effect.record", "t1"};
    static const char *const audiences[] = {"plugins", "t1"};

    return (struct plugin_config){.name = "t1",
                                  .file = "/nowhere.so",
                                  .conf_file = "fuzz",
                                  .options = "t1 = 1; quiet = \"1 s\";",
                                  .actions = actions,
                                  .action_count = 2,
                                  .audiences = audiences,
                                  .audience_count = 2,
                                  .state_dir = "/nowhere/state",
                                  .patience_ms = 60000,
                                  .drain_ms = 60000};
}

/* As it is while its host runs, or while it is being described. */
static struct plugin *plugin_make(struct plugins *plugins, uint8_t state)
{
    struct plugin *plugin = calloc(1, sizeof(*plugin));
    struct plugin_config config = config_make();

    fuzz_require(plugin != NULL);
    plugin->plugins = plugins;
    strcpy(plugin->name, "t1");
    plugin->wanted = true;
    plugin_describe(plugin, &config); /* fails, and leaves its section */
    loop_timer_remove(&plugin->timer);
    describes = state & 1;
    if (describes) {
        plugin->next = calloc(1, sizeof(*plugin->next));
        fuzz_require(plugin->next != NULL);
        arena_init(&plugin->next->arena, 8 << 20);
        plugin->next->config = plugin->now.config;
    }
    plugin->state = (enum plugin_state)(PLUGIN_STARTING + (state >> 1) % 3);
    return plugin;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct loop *loop = fuzz_loop(); /* its descriptors stay */
    int lowest = fuzz_lowest_fd();
    struct plugins plugins = {
        .options = {.sys = sys_real(),
                    .host_program = "/nowhere",
                    .audience_endpoint = endpoint_of,
                    .key_added = key_nothing,
                    .key_removed = key_nothing},
    };
    struct channel_calls calls = {.frame = on_frame, .ended = on_ended};
    struct fuzz_link link;
    struct channel *channel = NULL;
    struct plugin *plugin;

    fuzz_link_open(&link);
    plugins.loop = loop;
    plugin = plugin_make(&plugins, fuzz_state(data, size));
    calls.ctx = plugin;
    fuzz_require(channel_open(link.loop, link.read, &calls, &channel, NULL) == CTPS_OK);
    fuzz_link_feed(&link, data, size);
    channel_close(&channel);
    plugin_free(&plugin);
    fuzz_link_close(&link);
    fuzz_require(fuzz_lowest_fd() == lowest);
    return 0;
}
