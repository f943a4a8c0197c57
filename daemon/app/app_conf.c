/* The configuration's rows, and the values that flow down from them. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/app_private.h"
#include "base/zone.h"
#include "domain/feed.h"

static const struct conf_row plugin_rows[] = {
    {.name = "audiences",
     .type = CONF_STRINGS,
     .help = "Audiences whose events it may follow.",
     .choices = (const char *const[]){"plugins", "audit", NULL},
     .reload = true},
    {.name = "actions",
     .type = CONF_STRINGS,
     .help = "Actions it may ask for, by the names of `ctps policy show`.",
     .reload = true},
    {.name = "file",
     .type = CONF_PATH,
     .help = "Its shared object, run by ctpsd in a process of its own; without one, an "
             "integration that connects by itself.",
     .reload = true},
    {.name = "connect",
     .type = CONF_STRINGS,
     .help = "Where it may open connections: \"HOST:PORT\"; \"*:PORT\" for any host of the "
             "internet, never this machine nor its network.",
     .reload = true},
    {.name = "listen",
     .type = CONF_STRINGS,
     .help = "Where connections are taken for it: \"ADDRESS:PORT\", the address in figures.",
     .reload = true},
    {.name = "user",
     .type = CONF_STRING,
     .max = 32,
     .help = "User its process runs as; only when ctpsd itself runs as root.",
     .reload = true},
    {.name = "memory_max",
     .type = CONF_SIZE,
     .fallback = "1 GiB",
     .min = 64 << 20,
     .max = INT64_C(1) << 40,
     .help = "Address space it may take.",
     .reload = true},
    {.name = "state_max",
     .type = CONF_SIZE,
     .fallback = "4 GiB",
     .min = 1 << 20,
     .max = INT64_C(1) << 44,
     .help = "What its folder may take on disk; one that takes more is ended.",
     .reload = true},
    {.name = "patience",
     .type = CONF_DURATION,
     .fallback = "30 s",
     .min = 1000,
     .max = 3600000,
     .help = "How long it may take to start, or to come back from a call, before it is ended.",
     .reload = true},
    {.name = "drain",
     .type = CONF_DURATION,
     .fallback = "10 s",
     .max = 600000,
     .help = "How long it may take to end what is under way.",
     .reload = true},
    {.name = "retry",
     .type = CONF_DURATION,
     .fallback = "1 s",
     .min = 1,
     .max = 60000,
     .help = "Pause before an event it asks for again comes; doubled each time.",
     .reload = true},
    {.name = "record",
     .type = CONF_PATH,
     .help = "File what it is told and says is recorded to, for ctps-host --replay; only of a "
             "plugin that may see no names.",
     .reload = true},
    {.name = "options",
     .type = CONF_OPEN,
     .help = "Its own options: `ctps plugin show NAME` lists them.",
     .reload = true},
};

#define PATH_ROW(row_name, row_help, needed)                                                   \
    {                                                                                          \
        .name = (row_name), .type = CONF_PATH, .help = (row_help), .required = (needed)        \
    }
#define INT_ROW(row_name, value, low, high, row_unit, row_help)                                \
    {                                                                                          \
        .name = (row_name), .type = CONF_INT, .fallback = (value), .min = (low),               \
        .max = (high), .unit = (row_unit), .help = (row_help), .reload = true                  \
    }

const struct conf_row app_rows[] = {
    PATH_ROW("data.dir", "Folder of the store: journal, views, keyring.", true),
    PATH_ROW("data.ledger_dir",
             "Folder of the erasure ledger and of revoked keys, apart from the backups; "
             "by default inside data.dir.",
             false),
    PATH_ROW("data.backup_dir", "Folder online backups of the journal are made under.", false),
    PATH_ROW("data.keyring_backup_dir",
             "Folder keyring backups are made under: short-lived, on another medium.", false),
    PATH_ROW("keys.root", "File of the root key (0400), unless a systemd credential is given.",
             false),
    PATH_ROW(
        "data.plugins_dir",
        "Folder under which each plugin has one to write to; by default plugins in data.dir.",
        false),
    PATH_ROW(
        "programs.host",
        "The program ctps-host; by default the one beside ctpsd, or the one installed with it.",
        false),
    {.name = "keys.root_credential",
     .type = CONF_STRING,
     .fallback = "root.key",
     .help = "Name of the systemd credential holding the root key."},
    PATH_ROW("keys.server", "File of the bus' secret key (0400).", true),
    {.name = "town.zone",
     .type = CONF_STRING,
     .fallback = "Europe/Paris",
     .help = "IANA time zone civil days are counted in."},
    {.name = "bus.commands",
     .type = CONF_ENDPOINTS,
     .fallback = "ipc:///run/ctpsd/commands",
     .min = 1,
     .max = BUS_ENDPOINTS_MAX,
     .help = "Where requests are taken."},
    {.name = "bus.plugins",
     .type = CONF_ENDPOINTS,
     .fallback = "ipc:///run/ctpsd/plugins",
     .min = 1,
     .max = BUS_ENDPOINTS_MAX,
     .help = "Where events of audience plugins are published."},
    {.name = "bus.audit",
     .type = CONF_ENDPOINTS,
     .max = BUS_ENDPOINTS_MAX,
     .help = "Where events of audience audit are published (reads, refusals, break-glass); by "
             "default nowhere."},
    {.name = "bus.feeds",
     .type = CONF_ENDPOINTS,
     .max = SETTINGS_FEED_ENDPOINTS_MAX,
     .help =
         "Where feeds of partners are published, one socket each: \"tcp://ADDRESS:PORT\" is "
         "the first one's, the others have the ports after it; \"ipc:///FILE\" gets the "
         "partner's id behind it. By default nowhere."},
    {.name = "bus.request_max",
     .type = CONF_SIZE,
     .fallback = "256 KiB",
     .min = 4096,
     .max = 1 << 20,
     .help = "Largest request taken."},
    INT_ROW("bus.waiting_per_key", "64", 1, 4096, "requests",
            "Requests of one key that may wait for their answer."),
    INT_ROW("bus.rate_per_key", "2000", 1, 1000000, "requests per second",
            "Requests one key may send, over time."),
    INT_ROW("bus.burst_per_key", "4000", 1, 1000000, "requests",
            "Requests one key may send at once after a pause."),
    INT_ROW("engine.batch_max", "64", 1, 64, "requests", "Requests made durable together."),
    {.name = "rules.charter_version",
     .type = CONF_STRING,
     .fallback = "v3",
     .max = 23,
     .help = "Version of the confidentiality charter in force (CSI L132-5).",
     .reload = true},
#define X(field, fallback, least, most, unit, help)                                            \
    INT_ROW("rules." #field, #fallback, least, most, unit, help),
#include "domain/settings_table.h"
#undef X
    {.name = "rules.erase_interval",
     .type = CONF_DURATION,
     .fallback = "1 d",
     .min = 0,
     .max = INT64_C(7) * 86400000,
     .help = "Time between two destructions of keys; those ordered meanwhile go together.",
     .reload = true},
    {.name = "audit.refuse_reads_after",
     .type = CONF_DURATION,
     .fallback = "0 s",
     .min = 0,
     .max = INT64_C(7) * 86400000,
     .help = "Names and texts are opened for nobody once the plugin audit has been down or "
             "behind for so long (also since a start), until it has caught up; 0 s: they are "
             "opened all the same.",
     .reload = true},
    {.name = "audit.alarm_after",
     .type = CONF_DURATION,
     .fallback = "15 min",
     .min = 1000,
     .max = INT64_C(7) * 86400000,
     .help = "An alarm is raised once the plugin audit has been down or behind for so long.",
     .reload = true},
    INT_ROW("audit.alarm_entries", "10000", 1, 1000000000, "entries",
            "An alarm is raised when the plugin audit, or whoever follows events, is so far "
            "behind."),
    {.name = "policy.educator_engaged_territories",
     .type = CONF_STRINGS,
     .max = SETTINGS_ENGAGED_TERRITORIES_MAX,
     .help = "Territories whose educator reads only the situations he is engaged on.",
     .reload = true},
    {.name = "plugins",
     .type = CONF_MAP,
     .max = SETTINGS_GRANTS_MAX,
     .rows = plugin_rows,
     .row_count = sizeof(plugin_rows) / sizeof(plugin_rows[0]),
     .help = "What each plugin or integration is granted.",
     .reload = true},
};

size_t app_row_count(void)
{
    return sizeof(app_rows) / sizeof(app_rows[0]);
}

static enum ctps_code grant_read(const struct conf *conf, size_t index,
                                 struct settings_grant *grant, struct ctps_err *err)
{
    const char *name = conf_map_key(conf, "plugins", index);
    const struct conf *entry = conf_map_entry(conf, "plugins", index);
    const char *const *items;
    size_t count = conf_list(entry, "actions", &items);

    *grant = (struct settings_grant){0};
    if (strlen(name) >= sizeof(grant->name))
        return err_set(err, CTPS_INVALID, "plugins.%s: name longer than %zu characters", name,
                       sizeof(grant->name) - 1);
    memcpy(grant->name, name, strlen(name) + 1);
    for (size_t i = 0; i < count; i++) {
        enum action action = action_find(items[i]);

        if (action == ACTION_COUNT)
            return err_set(err, CTPS_INVALID, "plugins.%s.actions: no action named \"%s\"",
                           name, items[i]);
        grant->actions[action] = true;
    }
    count = conf_list(entry, "audiences", &items);
    for (size_t i = 0; i < count; i++) {
        grant->audience_plugins |= strcmp(items[i], "plugins") == 0;
        grant->audience_audit |= strcmp(items[i], "audit") == 0;
    }
    /* Who follows an audience must be able to catch up with it, and to lay aside for a human
     * what it cannot deal with. */
    if (grant->audience_plugins || grant->audience_audit)
        grant->actions[ACTION_EVENTS_READ] = grant->actions[ACTION_DEAD_LETTER_ADD] = true;
    return CTPS_OK;
}

static enum ctps_code feeds_read(const struct conf *conf, struct settings *settings,
                                 struct ctps_err *err)
{
    const char *const *items;
    size_t count = conf_list(conf, "bus.feeds", &items);
    char last[FEED_ENDPOINT_LEN];

    for (size_t i = 0; i < count; i++) {
        if (!feed_endpoint_write(items[i], UINT64_MAX, FEEDS_MAX - 1, last))
            return err_set(err, CTPS_INVALID,
                           "bus.feeds: %s has no room for %d feeds (a port up to %d)", items[i],
                           FEEDS_MAX, FEED_PORT_MAX - FEEDS_MAX + 1);
        snprintf(settings->feed_endpoints[settings->feed_endpoint_count++],
                 SETTINGS_ENDPOINT_LEN, "%s", items[i]);
    }
    return CTPS_OK;
}

static void engaged_read(const struct conf *conf, struct settings *settings)
{
    const char *const *items;
    size_t count = conf_list(conf, "policy.educator_engaged_territories", &items);

    for (size_t i = 0; i < count; i++)
        snprintf(settings->engaged_territories[settings->engaged_territory_count++],
                 TERRITORY_CODE_LEN, "%s", items[i]);
}

enum ctps_code app_settings_read(const struct conf *conf, struct settings *ret_settings,
                                 struct ctps_err *err)
{
    struct settings *settings = ret_settings;
    enum ctps_code code = CTPS_OK;

    settings_init(settings);
    snprintf(settings->charter_version, sizeof(settings->charter_version), "%s",
             conf_string(conf, "rules.charter_version"));
    snprintf(settings->zone, sizeof(settings->zone), "%s", conf_string(conf, "town.zone"));
    if (!zone_is_known(settings->zone))
        return err_set(err, CTPS_INVALID, "town.zone: no time zone is called \"%s\" here",
                       settings->zone);
#define X(field, fallback, least, most, unit, help)                                            \
    settings->field = (int)conf_int(conf, "rules." #field);
#include "domain/settings_table.h"
#undef X
    settings->audit_reads_refused_us =
        conf_duration_ms(conf, "audit.refuse_reads_after") * 1000;
    settings->audit_alarm_us = conf_duration_ms(conf, "audit.alarm_after") * 1000;
    settings->lag_alarm_entries = (uint64_t)conf_int(conf, "audit.alarm_entries");
    settings->erase_interval_us = conf_duration_ms(conf, "rules.erase_interval") * 1000;
    engaged_read(conf, settings);
    code = feeds_read(conf, settings, err);
    settings->grant_count = (unsigned)conf_map_count(conf, "plugins");
    for (unsigned i = 0; i < settings->grant_count && code == CTPS_OK; i++)
        code = grant_read(conf, i, &settings->grants[i], err);
    return code;
}

void app_engine_options(const struct app *app, struct engine_options *ret_options)
{
    const struct conf *conf = app->conf;

    *ret_options = (struct engine_options){
        .data_dir = conf_string(conf, "data.dir"),
        .ledger_dir = conf_string(conf, "data.ledger_dir"),
        .backup_dir = conf_string(conf, "data.backup_dir"),
        .keyring_backup_dir = conf_string(conf, "data.keyring_backup_dir"),
        .sys = app->sys,
        .log = &app->log,
        .root = app->root,
        .batch_max = (unsigned)conf_int(conf, "engine.batch_max"),
    };
}

void app_zone_set(const struct conf *conf)
{
    setenv("TZ", conf_string(conf, "town.zone"), 1);
    tzset();
}
