/*
 * load: takes in one shared object and looks at what it says of itself, the magic, version and
 * size first. Every refusal is one sentence for an operator.
 */
#ifndef CTPS_HOST_LOAD_H
#define CTPS_HOST_LOAD_H

#include "base/arena.h"
#include "base/err.h"
#include "ctps/link.pb-c.h"
#include "ctps/plugin.h"

enum { LOAD_ABI_MAJOR = 1, LOAD_ABI_MINOR = 0, LOAD_OPTIONS_MAX = 128 };

/* Never unloaded: it ends with the process. CTPS_UNSUPPORTED (another ABI), CTPS_INVALID. */
enum ctps_code load_plugin(const char *path, const struct ctps_plugin **ret_plugin,
                           struct ctps_err *err);
/* What load_plugin checks once the object is in memory. */
enum ctps_code load_check(const struct ctps_plugin *plugin, struct ctps_err *err);
/* Everything in `arena`; strings borrowed from the plugin. NULL without memory. */
Ctps__PluginDescription *load_describe(struct arena *arena, const struct ctps_plugin *plugin);

#endif
