/* The defect of R9's control: plugins run inside the daemon, on a thread of its own, and are
 * told of an event at once. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ctps/plugin.h"
#include "plugins/plugins_private.h"

void __real_plugin_described(struct plugin *plugin, const char *why, bool of_file);
void __wrap_plugin_described(struct plugin *plugin, const char *why, bool of_file);

/* Options in place of a host; the rest is there and does nothing. */
static const char *api_option_string(struct ctps_host *host, const char *name)
{
    const struct plugin *plugin = (const struct plugin *)(void *)host;

    for (size_t i = 0; i < plugin->options.count; i++)
        if (strcmp(plugin->options.items[i]->name, name) == 0 &&
            plugin->options.items[i]->n_items)
            return plugin->options.items[i]->items[0];
    return "";
}

static const char *api_state_dir(struct ctps_host *host)
{
    return ((const struct plugin *)(void *)host)->now.config.state_dir;
}

static enum ctps_status api_request(struct ctps_host *host, const uint8_t *request,
                                    size_t request_len, ctps_answered *done, void *arg)
{
    (void)host;
    (void)request;
    (void)request_len;
    (void)done;
    (void)arg;
    return CTPS_STATUS_INVALID;
}

static void api_log(struct ctps_host *host, enum ctps_level level, const char *line)
{
    (void)host;
    (void)level;
    (void)line;
}

static void api_metric(struct ctps_host *host, const char *name, int64_t value)
{
    (void)host;
    (void)name;
    (void)value;
}

static void api_event_end(struct ctps_host *host, uint64_t number, enum ctps_verdict verdict)
{
    (void)host;
    (void)number;
    (void)verdict;
}

static const struct ctps_host_api api = {
    .len = sizeof(api),
    .request = api_request,
    .event_end = api_event_end,
    .log = api_log,
    .metric = api_metric,
    .option_string = api_option_string,
    .state_dir = api_state_dir,
};

static void *run(void *arg)
{
    struct plugin *plugin = arg;
    struct ctps_host *host = (struct ctps_host *)(void *)plugin;
    const struct ctps_event event = {.number = 1, .topic = "saisine.received"};
    void *object = dlopen(plugin->now.config.file, RTLD_NOW | RTLD_LOCAL);
    const struct ctps_plugin *is = object ? dlsym(object, CTPS_PLUGIN_SYMBOL) : NULL;
    void *self = NULL;
    char why[64];

    if (is && strcmp(is->name, "rogue") == 0 &&
        is->start(host, &api, &self, why, sizeof(why)) == CTPS_STATUS_OK)
        (void)is->on_event(self, &event);
    return NULL;
}

void __wrap_plugin_described(struct plugin *plugin, const char *why, bool of_file)
{
    pthread_t thread;

    if (why) {
        __real_plugin_described(plugin, why, of_file);
        return;
    }
    plugin_state_set(plugin, PLUGIN_READY, NULL);
    if (pthread_create(&thread, NULL, run, plugin) == 0)
        pthread_detach(thread);
}
