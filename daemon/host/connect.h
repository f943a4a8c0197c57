/*
 * connect: TCP connections for a plugin that may make none: names are resolved and connections
 * opened by the host, to the hosts and ports the configuration grants and no other.
 */
#ifndef CTPS_HOST_CONNECT_H
#define CTPS_HOST_CONNECT_H

#include "base/err.h"
#include "ctps/plugin.h"
#include "loop/loop.h"

enum { CONNECT_MAX = 32 /* under way at once */, CONNECT_S = 20 /* until one is given up */ };

struct connector;

/* `fd` is own, -1 unless status is CTPS_STATUS_OK. */
typedef void connect_done(void *ctx, uint64_t ticket, enum ctps_status status, int fd);

/* `granted` is borrowed and outlives the connector: "HOST:PORT", "*" for any host of
 * the internet. Own:
 * connector_close(). */
enum ctps_code connector_open(struct loop *loop, char **granted, size_t granted_count,
                              connect_done *done, void *ctx, struct connector **ret_connector,
                              struct ctps_err *err);
/* Connections under way end by themselves; nobody is called any more. Idempotent. */
void connector_close(struct connector **connector);

/* `done` is called once, later. */
void connector_ask(struct connector *connector, uint64_t ticket, const char *host,
                   uint32_t port);
enum connect_grant {
    CONNECT_NOT,
    CONNECT_PUBLIC, /* as any host: addresses of the internet only (address.h) */
    CONNECT_NAMED,  /* by its name: whatever address that has */
};
/* What the rows allow, the most of them. */
enum connect_grant connect_grant_find(char **granted, size_t granted_count, const char *host,
                                      uint32_t port);

#endif
