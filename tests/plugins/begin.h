/*
 * begin: how each plugin of the tests comes to life: `type` begins with `host` and `api`, and
 * is zero but for them. What is allocated is released by free().
 */
#ifndef CTPS_TEST_PLUGINS_BEGIN_H
#define CTPS_TEST_PLUGINS_BEGIN_H

#include <ctps/plugin.h>
#include <stdio.h>
#include <stdlib.h>

/* Defines begin(), which start() calls; NULL after saying why. */
#define PLUGIN_BEGIN(type)                                                                     \
    static type *begin(struct ctps_host *host, const struct ctps_host_api *api, char *why,     \
                       size_t why_len)                                                         \
    {                                                                                          \
        type *self = calloc(1, sizeof(*self));                                                 \
                                                                                               \
        if (self)                                                                              \
            *self = (type){.host = host, .api = api};                                          \
        else                                                                                   \
            snprintf(why, why_len, "no memory");                                               \
        return self;                                                                           \
    }

/* Defines start() of one that has nothing else to do then. */
#define PLUGIN_START(type)                                                                     \
    PLUGIN_BEGIN(type)                                                                         \
    static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,     \
                                  void **ret_self, char *why, size_t why_len)                  \
    {                                                                                          \
        *ret_self = begin(host, api, why, why_len);                                            \
        return *ret_self ? CTPS_STATUS_OK : CTPS_STATUS_NO_MEMORY;                             \
    }

#endif
