/*
 * settings: the rules a town may tune, as values flowing down from the configuration.
 */
#ifndef CTPS_DOMAIN_SETTINGS_H
#define CTPS_DOMAIN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/civil.h"
#include "domain/action.h"
#include "domain/principal.h"

enum {
    SETTINGS_GRANTS_MAX = 32,
    SETTINGS_ENGAGED_TERRITORIES_MAX = 32,
    SETTINGS_FEED_ENDPOINTS_MAX = 4,
    SETTINGS_ENDPOINT_LEN = 128,
};

/* What the configuration grants to one plugin or integration. */
struct settings_grant {
    char name[PRINCIPAL_NAME_LEN];
    bool actions[ACTION_COUNT];
    bool audience_plugins;
    bool audience_audit;
};

struct settings {
    char charter_version[24];
    char zone[64]; /* the configuration's, days are counted in it; "": any */
#define X(field, fallback, least, most, unit, help) int field;
#include "domain/settings_table.h"
#undef X
    int64_t erase_interval_us; /* between two destructions of keys */
    int64_t
        audit_reads_refused_us; /* the signed log so long behind: names are not read; 0: off */
    int64_t audit_alarm_us;     /* the same: an alarm */
    uint64_t lag_alarm_entries; /* a consumer of events, or the signed log, so far behind */
    int64_t clock_jump_us;      /* a longer step between entries raises the clock alarm */
    struct civil_holidays holidays; /* kept equal to the town's by the engine */
    unsigned grant_count;
    struct settings_grant grants[SETTINGS_GRANTS_MAX];
    unsigned feed_endpoint_count; /* where feeds of partners are opened; 0: nowhere */
    char feed_endpoints[SETTINGS_FEED_ENDPOINTS_MAX][SETTINGS_ENDPOINT_LEN];
    unsigned engaged_territory_count; /* territories where educator_reads = engaged */
    char engaged_territories[SETTINGS_ENGAGED_TERRITORIES_MAX][TERRITORY_CODE_LEN];
};

/* The defaults (domain.md). */
void settings_init(struct settings *settings);

#endif
