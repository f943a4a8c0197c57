/*
 * rights: requests of persons about what is held on them (GDPR art. 12 and 15 to 21).
 */
#ifndef CTPS_DOMAIN_RIGHTS_H
#define CTPS_DOMAIN_RIGHTS_H

#include "domain/act.h"

enum {
    RIGHTS_MONTHS = 1,           /* to answer in, from reception (GDPR art. 12.3) */
    RIGHTS_EXTENSION_MONTHS = 2, /* more, once, with a reason (the same) */
    RIGHTS_KEPT_MONTHS = 3,      /* who asked, after the answer (docs/sealing.md) */
};

#define RIGHTS_REFUSED "refused"

/* NULL when absent. */
Ctps__RightsRecord *rights_record(const struct tables *tables, struct arena *arena,
                                  uint64_t id);
/* What the policy must know of a request. */
struct resource rights_resource(const struct act *act, const Ctps__RightsRecord *record);
/* By id or, when that is 0, by number; judged. NULL when refused. */
Ctps__RightsRecord *rights_load(struct act *act, uint64_t id, const char *number,
                                enum action action);

#endif
