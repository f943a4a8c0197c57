#include "loop/listener.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char ipc_prefix[] = "ipc://";
static const char tcp_prefix[] = "tcp://";

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int open_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static enum ctps_code fail(int fd, struct ctps_err *err, const char *endpoint)
{
    int errnum = errno;

    if (fd >= 0)
        close(fd);
    if (errnum == EADDRINUSE)
        return err_set(err, CTPS_BUSY, "%s: another process listens there", endpoint);
    return err_set_errno(err, errnum, "cannot listen on %s", endpoint);
}

static enum ctps_code unix_address(const char *path, struct sockaddr_un *out,
                                   struct ctps_err *err)
{
    if (path[0] != '/')
        return err_set(err, CTPS_INVALID, "ipc://%s: an absolute path is needed", path);
    if (strlen(path) > LISTENER_PATH_MAX)
        return err_set(err, CTPS_INVALID,
                       "ipc://%s: a socket's path has at most %d bytes, this one %zu", path,
                       LISTENER_PATH_MAX, strlen(path));
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out->sun_path, path, strlen(path));
    return CTPS_OK;
}

static enum ctps_code make_folder(const char *path, mode_t mode, struct ctps_err *err)
{
    char folder[LISTENER_PATH_MAX + 1];
    const char *slash = strrchr(path, '/');

    snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    if (folder[0] == '\0' || mkdir(folder, mode) == 0 || errno == EEXIST)
        return CTPS_OK;
    return err_set_errno(err, errno, "cannot make folder %s", folder);
}

/* A file left by a killed daemon is removed; one somebody answers on is not. */
static enum ctps_code remove_stale(const struct sockaddr_un *address, struct ctps_err *err)
{
    struct stat st;
    int fd, rc;

    if (lstat(address->sun_path, &st) < 0)
        return CTPS_OK;
    if (!S_ISSOCK(st.st_mode))
        return err_set(err, CTPS_EXISTS, "%s exists and is not a socket", address->sun_path);
    fd = open_socket(AF_UNIX);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot look at %s", address->sun_path);
    rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    close(fd);
    if (rc == 0)
        return err_set(err, CTPS_BUSY, "ipc://%s: another process listens there",
                       address->sun_path);
    unlink(address->sun_path);
    return CTPS_OK;
}

static enum ctps_code open_ipc(struct listener *listener, const char *path,
                               const struct listener_modes *modes, struct ctps_err *err)
{
    mode_t file_mode = modes->file_mode ? modes->file_mode : 0600;
    struct sockaddr_un address;
    enum ctps_code code = unix_address(path, &address, err);
    int fd;

    if (code == CTPS_OK)
        code = make_folder(path, modes->dir_mode ? modes->dir_mode : 0700, err);
    if (code == CTPS_OK)
        code = remove_stale(&address, err);
    if (code != CTPS_OK)
        return code;
    fd = open_socket(AF_UNIX);
    /* Nobody can connect before listen(): the mode is right from the first connection. */
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(path, file_mode) < 0 || listen(fd, LISTENER_BACKLOG) < 0)
        return fail(fd, err, path);
    listener->fd = fd;
    snprintf(listener->endpoint, sizeof(listener->endpoint), "%s%s", ipc_prefix, path);
    return CTPS_OK;
}

/* Splits "host:port"; an IPv6 host stands in brackets, "*" means every IPv4 address. */
static bool split_tcp(const char *rest, char *host, size_t host_cap, const char **ret_port)
{
    const char *colon = strrchr(rest, ':');
    const char *from = rest;
    size_t len;

    if (!colon || colon == rest || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strtoul(colon + 1, NULL, 10) > 65535)
        return false;
    len = (size_t)(colon - rest);
    if (from[0] == '[' && colon[-1] == ']') {
        from++;
        len -= 2;
    }
    if (len == 0 || len >= host_cap)
        return false;
    memcpy(host, from, len);
    host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

static enum ctps_code name_endpoint(struct listener *listener, struct ctps_err *err)
{
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof(bound);
    char host[64], port[8];

    if (getsockname(listener->fd, (struct sockaddr *)&bound, &len) < 0)
        return err_set_errno(err, errno, "cannot read a listening address");
    if (getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return err_set(err, CTPS_INVALID, "cannot write a listening address");
    snprintf(listener->endpoint, sizeof(listener->endpoint),
             bound.ss_family == AF_INET6 ? "%s[%s]:%s" : "%s%s:%s", tcp_prefix, host, port);
    return CTPS_OK;
}

static enum ctps_code open_tcp(struct listener *listener, const char *rest,
                               struct ctps_err *err)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    const char *port;
    const int on = 1;
    char host[64];
    int fd;

    if (!split_tcp(rest, host, sizeof(host), &port) ||
        getaddrinfo(strcmp(host, "*") == 0 ? "0.0.0.0" : host, port, &hints, &found) != 0)
        return err_set(err, CTPS_INVALID,
                       "tcp://%s: expected a numeric address or * and a port", rest);
    fd = open_socket(found->ai_family);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, LISTENER_BACKLOG) < 0) {
        freeaddrinfo(found);
        return fail(fd, err, rest);
    }
    freeaddrinfo(found);
    listener->fd = fd;
    return name_endpoint(listener, err);
}

enum ctps_code listener_open(struct listener *listener, const char *endpoint,
                             const struct listener_modes *modes, struct ctps_err *err)
{
    struct listener opened = {.fd = -1};
    enum ctps_code code;

    if (has_prefix(endpoint, ipc_prefix))
        code = open_ipc(&opened, endpoint + strlen(ipc_prefix), modes, err);
    else if (has_prefix(endpoint, tcp_prefix))
        code = open_tcp(&opened, endpoint + strlen(tcp_prefix), err);
    else
        return err_set(err, CTPS_INVALID, "%s: an endpoint begins with ipc:// or tcp://",
                       endpoint);
    if (code == CTPS_OK)
        *listener = opened;
    else
        listener_close(&opened);
    return code;
}

void listener_close(struct listener *listener)
{
    if (listener->fd < 0)
        return;
    close(listener->fd);
    listener->fd = -1;
    if (has_prefix(listener->endpoint, ipc_prefix))
        unlink(listener->endpoint + strlen(ipc_prefix));
}
