/*
 * begin: how each plugin of the tests comes to life: `struct tag` begins with `host` and `api`,
 * and is zero but for them. What is allocated is released by free().
 */
#ifndef CTPS_TEST_PLUGINS_BEGIN_H
#define CTPS_TEST_PLUGINS_BEGIN_H

#include <ctps/plugin.h>
#include <stdio.h>
#include <stdlib.h>

/* Defines begin(), which start() calls; NULL after saying why. */
#define PLUGIN_BEGIN(tag)                                                                      \
    static struct tag *begin(struct ctps_host *host, const struct ctps_host_api *api,          \
                             char *why, size_t why_len)                                        \
    {                                                                                          \
        struct tag *self = calloc(1, sizeof(*self));                                           \
                                                                                               \
        if (self)                                                                              \
            *self = (struct tag){.host = host, .api = api};                                    \
        else                                                                                   \
            snprintf(why, why_len, "no memory");                                               \
        return self;                                                                           \
    }

/* Defines start() of one that has nothing else to do then. */
#define PLUGIN_START(tag)                                                                      \
    PLUGIN_BEGIN(tag)                                                                          \
    static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,     \
                                  void **ret_self, char *why, size_t why_len)                  \
    {                                                                                          \
        *ret_self = begin(host, api, why, why_len);                                            \
        return *ret_self ? CTPS_STATUS_OK : CTPS_STATUS_NO_MEMORY;                             \
    }

#endif
