/* principal_load: who a key stands for today, from the views. */
#ifndef CTPS_DOMAIN_PRINCIPAL_LOAD_H
#define CTPS_DOMAIN_PRINCIPAL_LOAD_H

#include "base/arena.h"
#include "ctps/common.pb-c.h"
#include "domain/principal.h"
#include "domain/settings.h"
#include "domain/tables.h"

/* The answer hangs on these arguments and the tables read alone (no clock, no I/O): it is kept
 * for as long as they stay as they are. CTPS_ABSENT when the agent or contact does not exist
 * (any more), CTPS_INVALID for a kind that cannot come in. */
enum ctps_code principal_load(const struct tables *tables, struct arena *arena,
                              const struct settings *settings, int32_t today,
                              const Ctps__Principal *named, struct principal *ret_principal);

/* Whom to call about a territory: its coordinator; 0 when there is none. */
uint64_t principal_coordinator_of(const struct tables *tables, struct arena *arena,
                                  const char *territory);

#endif
