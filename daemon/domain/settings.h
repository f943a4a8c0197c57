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

enum { SETTINGS_GRANTS_MAX = 32, SETTINGS_ENGAGED_TERRITORIES_MAX = 32 };

/* What the configuration grants to one plugin or integration. */
struct settings_grant {
    char name[PRINCIPAL_NAME_LEN];
    bool actions[ACTION_COUNT];
    bool audience_plugins;
    bool audience_audit;
};

struct settings {
    char charter_version[24];
    int charter_years;       /* a signature is current for so long */
    int answer_working_days; /* a saisine unanswered longer is flagged */
    int silent_days;         /* a situation without an entry for so long is flagged */
    int inform_days;         /* the person is to be told within so many days */
    int retention_months;  /* after closing, until erasure; CNIL: at most 3 unless justified */
    int announce_days;     /* an erasure is announced so many days before */
    int announce_run_days; /* and the daemon ran on so many different days since */
    int erase_per_day_max; /* subjects */
    int64_t erase_interval_us;      /* between two destructions of keys */
    int64_t clock_jump_us;          /* a longer step between entries raises the clock alarm */
    int share_days_max;             /* a share ends at most so many days after */
    int keyring_backup_days;        /* keyring backups expire after so many days */
    struct civil_holidays holidays; /* kept equal to the town's by the engine */
    unsigned grant_count;
    struct settings_grant grants[SETTINGS_GRANTS_MAX];
    unsigned engaged_territory_count; /* territories where educator_reads = engaged */
    char engaged_territories[SETTINGS_ENGAGED_TERRITORIES_MAX][TERRITORY_CODE_LEN];
};

/* The defaults of domain.md. */
void settings_init(struct settings *settings);

#endif
