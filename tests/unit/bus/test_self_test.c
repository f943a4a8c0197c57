/* The self-test's controls: libzmq is made to lose one protection, and the bus must not open.
 */
#include "bench.h"

#include <dlfcn.h>

enum { OPTION_ZAP_ENFORCE_DOMAIN = 93 };

static struct {
    bool no_handler;
    bool no_enforcement;
    bool no_domain;
    bool no_server;
} defect;

static bool is_lost(int option)
{
    return (option == OPTION_ZAP_ENFORCE_DOMAIN && defect.no_enforcement) ||
           (option == ZMQ_ZAP_DOMAIN && defect.no_domain) ||
           (option == ZMQ_CURVE_SERVER && defect.no_server);
}

/* Both stand in front of libzmq's own in this program. */
int zmq_setsockopt(void *socket, int option, const void *value, size_t len)
{
    int (*real)(void *, int, const void *, size_t);

    *(void **)&real = dlsym(RTLD_NEXT, "zmq_setsockopt");
    return is_lost(option) ? 0 : real(socket, option, value, len);
}

int zmq_bind(void *socket, const char *endpoint)
{
    int (*real)(void *, const char *);

    *(void **)&real = dlsym(RTLD_NEXT, "zmq_bind");
    return defect.no_handler && strstr(endpoint, "zap") ? 0 : real(socket, endpoint);
}

static enum bus_verdict allow_all(void *ctx, enum bus_door door, const char *audience,
                                  const uint8_t *public_key)
{
    (void)ctx;
    (void)door;
    (void)audience;
    (void)public_key;
    return BUS_ALLOWED;
}

static enum ctps_code open_with_defect(bool tcp, struct ctps_err *err)
{
    struct bench *bench = bench_new();
    struct bus_options options;
    enum ctps_code code;

    bus_options_init(&options);
    options.self_test_ms = 200;
    code = bench_open_bus(bench, tcp, &options, err);
    bench_free(bench);
    return code;
}

static int sound(void **state)
{
    (void)state;
    memset(&defect, 0, sizeof(defect));
    return 0;
}

static void self_test_sound_bus_opens(void **state)
{
    struct ctps_err err = {0};

    (void)state;
    assert_int_equal(open_with_defect(false, &err), CTPS_OK);
    assert_int_equal(open_with_defect(true, &err), CTPS_OK);
}

static void self_test_without_handler_nor_enforcement_fails(void **state)
{
    struct ctps_err err = {0};

    (void)state;
    defect.no_handler = defect.no_enforcement = true;
    assert_int_equal(open_with_defect(false, &err), CTPS_FORGED);
    assert_non_null(strstr(err.text, "stranger's key was admitted"));
}

static void self_test_without_handler_fails(void **state)
{
    struct ctps_err err = {0};

    (void)state;
    defect.no_handler = true;
    assert_int_equal(open_with_defect(true, &err), CTPS_IO);
    assert_non_null(strstr(err.text, "not answered"));
}

static void self_test_without_domain_fails(void **state)
{
    struct ctps_err err = {0};

    (void)state;
    defect.no_domain = true;
    assert_int_equal(open_with_defect(false, &err), CTPS_FORGED);
    assert_non_null(strstr(err.text, "stranger's key was admitted"));
}

static void self_test_without_curve_fails(void **state)
{
    struct ctps_err err = {0};

    (void)state;
    defect.no_server = true;
    assert_int_equal(open_with_defect(false, &err), CTPS_IO);
    assert_non_null(strstr(err.text, "not answered"));
}

static void self_test_handler_that_admits_all_fails(void **state)
{
    struct bus_handler handler = {.allow_key = allow_all};
    char endpoint[LISTENER_ENDPOINT_LEN] = "tcp://127.0.0.1:0";
    const char *const endpoints[] = {endpoint};
    struct bench *bench = bench_new();
    struct bus_options options;
    struct ctps_err err = {0};

    (void)state;
    bus_options_init(&options);
    options.sys = sys_real();
    options.commands = (struct bus_endpoints){endpoints, 1};
    memcpy(options.secret_key, bench->server.secret_key, BUS_KEY_LEN);
    memcpy(options.public_key, bench->server.public_key, BUS_KEY_LEN);
    assert_int_equal(bus_open(bench->loop, &options, &handler, &bench->bus, &err), CTPS_FORGED);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(self_test_sound_bus_opens, sound),
        cmocka_unit_test_setup(self_test_without_handler_nor_enforcement_fails, sound),
        cmocka_unit_test_setup(self_test_without_handler_fails, sound),
        cmocka_unit_test_setup(self_test_without_domain_fails, sound),
        cmocka_unit_test_setup(self_test_without_curve_fails, sound),
        cmocka_unit_test_setup(self_test_handler_that_admits_all_fails, sound),
    };

    return cmocka_run_group_tests_name("bus_self_test", tests, NULL, NULL);
}
