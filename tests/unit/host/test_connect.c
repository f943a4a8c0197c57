/* Connections for a plugin: those granted, and no other. */
#include "host/connect.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct probe {
    struct loop *loop;
    unsigned answers;
    uint64_t ticket;
    enum ctps_status status;
    int fd;
};

static void on_done(void *ctx, uint64_t ticket, enum ctps_status status, int fd)
{
    struct probe *probe = ctx;

    probe->answers++;
    probe->ticket = ticket;
    probe->status = status;
    probe->fd = fd;
}

/* A listening socket of the loopback; its port. */
static unsigned listener_open(int *ret_fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    *ret_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(*ret_fd >= 0);
    assert_int_equal(bind(*ret_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(*ret_fd, 4), 0);
    assert_int_equal(getsockname(*ret_fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

static void ask(struct probe *probe, char **granted, size_t count, const char *host,
                unsigned port)
{
    struct connector *connector = NULL;

    *probe = (struct probe){.fd = -1};
    assert_int_equal(loop_open(&probe->loop, NULL), CTPS_OK);
    assert_int_equal(
        connector_open(probe->loop, granted, count, on_done, probe, &connector, NULL), CTPS_OK);
    connector_ask(connector, 7, host, port);
    assert_int_equal(probe->answers, 0); /* never from within the asking */
    while (!probe->answers)
        assert_int_equal(loop_turn(probe->loop, NULL), CTPS_OK);
    connector_close(&connector);
    loop_close(&probe->loop);
    assert_int_equal(probe->answers, 1);
    assert_int_equal(probe->ticket, 7);
}

static void connect_is_granted_by_host_and_port(void **state)
{
    char *granted[] = {(char[]){"smtp.example:587"}, (char[]){"*:443"}, (char[]){"::1:25"}};

    (void)state;
    assert_int_equal(connect_grant_find(granted, 3, "smtp.example", 587), CONNECT_NAMED);
    assert_int_equal(connect_grant_find(granted, 3, "SMTP.example", 587), CONNECT_NAMED);
    assert_int_equal(connect_grant_find(granted, 3, "anywhere.example", 443), CONNECT_PUBLIC);
    assert_int_equal(connect_grant_find(granted, 3, "::1", 25), CONNECT_NAMED);
    assert_int_equal(connect_grant_find(granted, 3, "smtp.example", 25), CONNECT_NOT);
    assert_int_equal(connect_grant_find(granted, 3, "smtp.example.evil", 587), CONNECT_NOT);
    assert_int_equal(connect_grant_find(granted, 3, "mtp.example", 587), CONNECT_NOT);
    assert_int_equal(connect_grant_find(granted, 0, "smtp.example", 587), CONNECT_NOT);
}

static void connector_granted_connection_is_open(void **state)
{
    char row[32];
    char *granted[] = {row};
    struct probe probe;
    int listener;
    unsigned port = listener_open(&listener);
    int taken;

    (void)state;
    snprintf(row, sizeof(row), "127.0.0.1:%u", port);
    ask(&probe, granted, 1, "127.0.0.1", port);
    assert_int_equal(probe.status, CTPS_STATUS_OK);
    taken = accept(listener, NULL, NULL);
    assert_true(taken >= 0 && probe.fd >= 0);
    close(taken);
    close(probe.fd);
    close(listener);
}

static void connector_other_port_is_refused_without_a_try(void **state)
{
    char *granted[] = {(char[]){"127.0.0.1:1"}};
    struct probe probe;
    int listener;
    unsigned port = listener_open(&listener);

    (void)state;
    ask(&probe, granted, 1, "127.0.0.1", port);
    assert_int_equal(probe.status, CTPS_STATUS_REFUSED);
    assert_int_equal(probe.fd, -1);
    close(listener);
}

static void connector_nobody_there_is_an_error(void **state)
{
    char row[32];
    char *granted[] = {row};
    struct probe probe;
    int listener;
    unsigned port = listener_open(&listener);

    (void)state;
    close(listener);
    snprintf(row, sizeof(row), "127.0.0.1:%u", port);
    ask(&probe, granted, 1, "127.0.0.1", port);
    assert_int_equal(probe.status, CTPS_STATUS_IO);
    assert_int_equal(probe.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_is_granted_by_host_and_port),
        cmocka_unit_test(connector_granted_connection_is_open),
        cmocka_unit_test(connector_other_port_is_refused_without_a_try),
        cmocka_unit_test(connector_nobody_there_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
