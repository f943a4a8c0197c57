/* options: the rows of the plugin's section, and the rules read from them. */
#ifndef REMINDERS_OPTIONS_H
#define REMINDERS_OPTIONS_H

#include <ctps/plugin.h>

#include "rules.h"

enum { REMINDERS_OPTION_COUNT = 15 };

extern const struct ctps_option reminders_options[REMINDERS_OPTION_COUNT];

/* false: `why` says which option is wrong, and how it is written. */
bool options_read(struct ctps_host *host, const struct ctps_host_api *api,
                  struct rules *ret_rules, char *why, size_t why_len);

#endif
