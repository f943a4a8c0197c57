#include "loop/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct listener_modes defaults;
static char folder[] = "/tmp/ctps-listener-XXXXXX";
static char endpoint[LISTENER_ENDPOINT_LEN];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(endpoint, sizeof(endpoint), "ipc://%s/run/commands", folder);
    return 0;
}

static int remove_folder(void **state)
{
    char inner[64];

    (void)state;
    snprintf(inner, sizeof(inner), "%s/run", folder);
    rmdir(inner);
    return rmdir(folder);
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void listener_open_ipc_makes_private_folder_and_file(void **state)
{
    struct listener listener;
    char inner[64];

    (void)state;
    snprintf(inner, sizeof(inner), "%s/run", folder);
    assert_int_equal(listener_open(&listener, endpoint, &defaults, NULL), CTPS_OK);
    assert_int_equal(mode_of(inner), 0700);
    assert_int_equal(mode_of(endpoint + 6), 0600);
    assert_string_equal(listener.endpoint, endpoint);
    listener_close(&listener);
    listener_close(&listener);
    assert_int_equal(access(endpoint + 6, F_OK), -1);
}

static void listener_open_ipc_with_modes_obeys_them(void **state)
{
    const struct listener_modes modes = {.file_mode = 0660};
    struct listener listener;

    (void)state;
    assert_int_equal(listener_open(&listener, endpoint, &modes, NULL), CTPS_OK);
    assert_int_equal(mode_of(endpoint + 6), 0660);
    listener_close(&listener);
}

static void listener_open_ipc_in_use_reports_busy(void **state)
{
    struct listener first, second;

    (void)state;
    assert_int_equal(listener_open(&first, endpoint, &defaults, NULL), CTPS_OK);
    assert_int_equal(listener_open(&second, endpoint, &defaults, NULL), CTPS_BUSY);
    listener_close(&first);
}

static void listener_open_ipc_left_over_is_replaced(void **state)
{
    struct listener first, second;

    (void)state;
    assert_int_equal(listener_open(&first, endpoint, &defaults, NULL), CTPS_OK);
    close(first.fd);
    assert_int_equal(listener_open(&second, endpoint, &defaults, NULL), CTPS_OK);
    listener_close(&second);
}

static void listener_open_ipc_over_plain_file_refuses(void **state)
{
    struct listener listener;
    char inner[64], path[96];
    FILE *file;

    (void)state;
    snprintf(inner, sizeof(inner), "%s/run", folder);
    snprintf(path, sizeof(path), "%s/commands", inner);
    mkdir(inner, 0700);
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(listener_open(&listener, endpoint, &defaults, NULL), CTPS_EXISTS);
    assert_int_equal(unlink(path), 0);
}

static void listener_open_ipc_too_long_names_the_limit(void **state)
{
    char name[160] = "ipc:///tmp/";
    struct listener listener;
    struct ctps_err err;

    (void)state;
    memset(name + strlen(name), 'x', 110);
    assert_int_equal(listener_open(&listener, name, &defaults, &err), CTPS_INVALID);
    assert_non_null(strstr(err.text, "107"));
}

static void listener_open_malformed_is_invalid(void **state)
{
    static const char *const bad[] = {
        "",           "commands",          "udp://127.0.0.1:1",   "ipc://relative",
        "ipc://@x",   "tcp://127.0.0.1",   "tcp://127.0.0.1:",    "tcp://127.0.0.1:70000",
        "tcp://:5",   "tcp://localhost:0", "tcp://127.0.0.1:0x1", "tcp://[::1:0",
        "tcp://[]:0",
    };
    struct listener listener;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(listener_open(&listener, bad[i], &defaults, NULL), CTPS_INVALID);
}

static void listener_open_tcp_any_port_names_the_real_one(void **state)
{
    struct listener first, second;

    (void)state;
    assert_int_equal(listener_open(&first, "tcp://127.0.0.1:0", &defaults, NULL), CTPS_OK);
    assert_null(strstr(first.endpoint, ":0"));
    assert_int_equal(listener_open(&second, first.endpoint, &defaults, NULL), CTPS_BUSY);
    listener_close(&first);
    assert_int_equal(listener_open(&second, "tcp://*:0", &defaults, NULL), CTPS_OK);
    listener_close(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listener_open_ipc_makes_private_folder_and_file),
        cmocka_unit_test(listener_open_ipc_with_modes_obeys_them),
        cmocka_unit_test(listener_open_ipc_in_use_reports_busy),
        cmocka_unit_test(listener_open_ipc_left_over_is_replaced),
        cmocka_unit_test(listener_open_ipc_over_plain_file_refuses),
        cmocka_unit_test(listener_open_ipc_too_long_names_the_limit),
        cmocka_unit_test(listener_open_malformed_is_invalid),
        cmocka_unit_test(listener_open_tcp_any_port_names_the_real_one),
    };

    return cmocka_run_group_tests_name("loop_listener", tests, make_folder, remove_folder);
}
