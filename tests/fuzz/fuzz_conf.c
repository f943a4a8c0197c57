/* Any bytes given as a configuration: refused with a place, or read; never a crash. */
/* fuzz-links: ctps_conf */
#include "conf/conf.h"
#include "fuzz.h"

#include <stdlib.h>

const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the texts its scanner holds when a syntax error follows. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig";
}

static const struct conf_row entry_rows[] = {
    {.name = "commands", .type = CONF_STRINGS, .max = 8, .help = "Commands."},
    {.name = "limits.memory", .type = CONF_SIZE, .fallback = "64 MiB", .help = "Memory."},
};

static const struct conf_row rows[] = {
    {.name = "town", .type = CONF_STRING, .fallback = "x", .max = 40, .help = "Town."},
    {.name = "folder", .type = CONF_PATH, .help = "Folder."},
    {.name = "bus.endpoints", .type = CONF_ENDPOINTS, .max = 4, .help = "Endpoints."},
    {.name = "bus.timeout", .type = CONF_DURATION, .fallback = "30 s", .help = "Silence."},
    {.name = "bus.batch", .type = CONF_INT, .min = 1, .max = 4096, .help = "Batch."},
    {.name = "bus.flush", .type = CONF_BOOL, .fallback = "true", .help = "Flush."},
    {.name = "plugins",
     .type = CONF_MAP,
     .rows = entry_rows,
     .row_count = 2,
     .help = "Plugins."},
};

static const size_t row_count = sizeof(rows) / sizeof(rows[0]);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf *conf = NULL;
    struct ctps_err err;
    int64_t batch;

    if (conf_load_string(bytes_of(data, size), "fuzz", rows, row_count, &conf, &err)) {
        if (conf || err.text[0] == '\0' || strchr(err.text, '\n'))
            abort();
        return 0;
    }
    batch = conf_int(conf, "bus.batch");
    if (conf_is_set(conf, "bus.batch") && (batch < 1 || batch > 4096))
        abort();
    if (conf_diff(conf, conf, NULL, NULL) != 0)
        abort();
    conf_free(&conf);
    return 0;
}
