#include "conf/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const modes[] = {"strict", "lax", NULL};
static const char *const audiences[] = {"plugins", "audit", NULL};

static const struct conf_row plugin_rows[] = {
    {.name = "audiences",
     .type = CONF_STRINGS,
     .choices = audiences,
     .reload = true,
     .help = "Audiences the plugin may follow."},
    {.name = "rate",
     .type = CONF_INT,
     .fallback = "10",
     .min = 1,
     .max = 1000,
     .unit = "requests per second",
     .reload = true,
     .help = "Most requests."},
    {.name = "limits.memory",
     .type = CONF_SIZE,
     .fallback = "64 MiB",
     .help = "Most memory of the host process."},
};

static const struct conf_row rows[] = {
    {.name = "town", .type = CONF_STRING, .fallback = "Mulhouse", .max = 40, .help = "A town."},
    {.name = "journal.folder", .type = CONF_PATH, .help = "Where segments are."},
    {.name = "journal.segment_size",
     .type = CONF_SIZE,
     .fallback = "16 MiB",
     .min = 1 << 20,
     .max = 1 << 30,
     .help = "Length of one segment."},
    {.name = "journal.flush",
     .type = CONF_BOOL,
     .fallback = "true",
     .help = "Whether to flush.",
     .reload = true},
    {.name = "bus.endpoints",
     .type = CONF_ENDPOINTS,
     .fallback = "ipc:///run/ctpsd/bus",
     .min = 1,
     .max = 4,
     .help = "Where clients connect."},
    {.name = "bus.timeout",
     .type = CONF_DURATION,
     .fallback = "30 s",
     .min = 100,
     .max = 3600000,
     .reload = true,
     .help = "Longest silence."},
    {.name = "bus.batch",
     .type = CONF_INT,
     .fallback = "64",
     .min = 1,
     .max = 5000000000,
     .unit = "requests",
     .help = "Requests in one turn."},
    {.name = "bus.mode",
     .type = CONF_STRING,
     .fallback = "strict",
     .choices = modes,
     .help = "x."},
    {.name = "plugins",
     .type = CONF_MAP,
     .max = 3,
     .rows = plugin_rows,
     .row_count = COUNT(plugin_rows),
     .help = "Plugins to start."},
};

static enum ctps_code load(const char *text, struct conf **ret_conf, struct ctps_err *err)
{
    return conf_load_string(bytes_of_str(text), "t.conf", rows, COUNT(rows), ret_conf, err);
}

static struct conf *loaded(const char *text)
{
    struct ctps_err err = {0};
    struct conf *conf = NULL;

    if (load(text, &conf, &err) != CTPS_OK)
        fail_msg("refused: %s", err.text);
    return conf;
}

static void conf_load_empty_gives_defaults(void **state)
{
    struct conf *conf = loaded("");
    const char *const *items;

    (void)state;
    assert_string_equal(conf_string(conf, "town"), "Mulhouse");
    assert_null(conf_string(conf, "journal.folder"));
    assert_int_equal(conf_size(conf, "journal.segment_size"), 16 << 20);
    assert_true(conf_bool(conf, "journal.flush"));
    assert_int_equal(conf_list(conf, "bus.endpoints", &items), 1);
    assert_string_equal(items[0], "ipc:///run/ctpsd/bus");
    assert_int_equal(conf_duration_ms(conf, "bus.timeout"), 30000);
    assert_int_equal(conf_int(conf, "bus.batch"), 64);
    assert_int_equal(conf_map_count(conf, "plugins"), 0);
    assert_false(conf_is_set(conf, "town"));
    conf_free(&conf);
    assert_null(conf);
    conf_free(&conf);
}

static void conf_load_full_file_gives_its_values(void **state)
{
    struct conf *conf =
        loaded("\xef\xbb\xbf/* first\n */ town = \"Sausheim\";\n"
               "journal = { folder = \"/var/lib/ctps\"; segment_size = 2097152;\n"
               "  flush = false }\n"
               "bus: { endpoints = [\"tcp://*:7600\", \"tcp://[::1]:7601\"];\n"
               "timeout = \"500 ms\"; batch = 4294967296L; mode = \"lax\" };");
    const char *const *items;

    (void)state;
    assert_string_equal(conf_string(conf, "town"), "Sausheim");
    assert_string_equal(conf_string(conf, "journal.folder"), "/var/lib/ctps");
    assert_int_equal(conf_size(conf, "journal.segment_size"), 2 << 20);
    assert_false(conf_bool(conf, "journal.flush"));
    assert_int_equal(conf_list(conf, "bus.endpoints", &items), 2);
    assert_string_equal(items[1], "tcp://[::1]:7601");
    assert_int_equal(conf_duration_ms(conf, "bus.timeout"), 500);
    assert_true(conf_int(conf, "bus.batch") == INT64_C(4294967296));
    assert_string_equal(conf_string(conf, "bus.mode"), "lax");
    assert_true(conf_is_set(conf, "bus.mode"));
    conf_free(&conf);
}

static void conf_load_map_gives_entries_with_their_own_defaults(void **state)
{
    struct conf *conf = loaded("plugins = { notify = { audiences = [ \"plugins\" ]; };\n"
                               "audit = { rate = 5; limits = { memory = \"1 GiB\" } } };");
    const struct conf *notify = conf_map_find(conf, "plugins", "notify");
    const struct conf *audit = conf_map_entry(conf, "plugins", 1);
    const char *const *items;

    (void)state;
    assert_int_equal(conf_map_count(conf, "plugins"), 2);
    assert_string_equal(conf_map_key(conf, "plugins", 0), "notify");
    assert_non_null(notify);
    assert_int_equal(conf_list(notify, "audiences", &items), 1);
    assert_int_equal(conf_int(notify, "rate"), 10);
    assert_int_equal(conf_int(audit, "rate"), 5);
    assert_int_equal(conf_size(audit, "limits.memory"), 1 << 30);
    assert_int_equal(conf_size(notify, "limits.memory"), 64 << 20);
    assert_null(conf_map_find(conf, "plugins", "web"));
    conf_free(&conf);
}

/* --- groups whose rows are known later --- */

static const struct conf_row outer_rows[] = {
    {.name = "own", .type = CONF_OPEN, .help = "What somebody else reads."},
};
static const struct conf_row own_rows[] = {
    {.name = "rate", .type = CONF_INT, .fallback = "3", .help = "How often."},
    {.name = "words", .type = CONF_STRINGS, .help = "Which."},
    {.name = "wait", .type = CONF_DURATION, .fallback = "2 s", .help = "How long."},
};

static void conf_open_group_is_read_by_its_own_rows(void **state)
{
    static const char text[] = "own = {\n  rate = 5000000000L;\n"
                               "  words = [ \"a \\\"b\\\"\", \"c\" ]; };\n";
    struct conf *outer = NULL;
    struct conf *own = NULL;
    const char *const *items;

    (void)state;
    assert_int_equal(conf_load_string(bytes_of_str(text), "f", outer_rows, 1, &outer, NULL),
                     CTPS_OK);
    assert_int_equal(conf_open_load(conf_open_text(outer, "own"), "f", own_rows, 3, &own, NULL),
                     CTPS_OK);
    assert_int_equal(conf_int(own, "rate"), INT64_C(5000000000));
    assert_int_equal(conf_list(own, "words", &items), 2);
    assert_string_equal(items[0], "a \"b\"");
    assert_int_equal(conf_duration_ms(own, "wait"), 2000);
    conf_free(&own);
    conf_free(&outer);
}

static void conf_open_group_names_the_line_of_the_file(void **state)
{
    static const char text[] = "own = {\n\n  rate = 1;\n  wiat = \"3 s\";\n};\n";
    struct ctps_err err = {0};
    struct conf *outer = NULL;
    struct conf *own = NULL;

    (void)state;
    assert_int_equal(conf_load_string(bytes_of_str(text), "f", outer_rows, 1, &outer, NULL),
                     CTPS_OK);
    assert_int_equal(conf_open_load(conf_open_text(outer, "own"), "f", own_rows, 3, &own, &err),
                     CTPS_INVALID);
    assert_string_equal(err.text, "f:4: unknown option \"wiat\" (did you mean \"wait\"?)");
    conf_free(&outer);
}

static void conf_open_group_absent_is_empty_and_else_is_refused(void **state)
{
    struct ctps_err err = {0};
    struct conf *outer = NULL;

    (void)state;
    assert_int_equal(conf_load_string(bytes_of_str(""), "f", outer_rows, 1, &outer, NULL),
                     CTPS_OK);
    assert_string_equal(conf_open_text(outer, "own"), "");
    conf_free(&outer);
    assert_int_equal(
        conf_load_string(bytes_of_str("own = 3;"), "f", outer_rows, 1, &outer, &err),
        CTPS_INVALID);
    assert_string_equal(err.text, "f:1: own: expected a group { ... }");
}

struct bad {
    const char *text;
    const char *said; /* must stand in the message */
};

static const struct bad bad_inputs[] = {
    {"twon = \"x\";", "t.conf:1: unknown option \"twon\" (did you mean \"town\"?)"},
    {"\n\nbus = {\n  batches = 3;\n};",
     "t.conf:4: unknown option \"bus.batches\" (did you mean "
     "\"bus.batch\"?)"},
    {"buss = { batch = 3 };", "t.conf:1: unknown option \"buss\" (did you mean \"bus\"?)"},
    {"# c\nsegment_size = 4;", "t.conf:2: unknown option \"segment_size\" (did you mean "
                               "\"journal.segment_size\"?)"},
    {"bus = { segment_size = 4 };", "did you mean \"journal.segment_size\"?"},
    {"zebra = 1;", "t.conf:1: unknown option \"zebra\""},
    {"town = 5;", "t.conf:1: town: found 5, expected a text"},
    {"town = \"a\\nb\";", "found \"a?b\""},
    {"town = \"01234567890123456789012345678901234567890\";", "from 0 to 40 bytes"},
    {"town = {};", "found a group"},
    {"bus = 3;", "t.conf:1: bus: expected a section bus = { ... };"},
    {"bus = {\n timeout = 30 };", "t.conf:2: bus.timeout: found 30, expected a duration"},
    {"bus = { timeout = \"30\" };", "found \"30\", expected a duration"},
    {"bus = { timeout = \"30 sec\" };", "found \"30 sec\""},
    {"bus = { timeout = \"-1 s\" };", "found \"-1 s\""},
    {"bus = { timeout = \"2 h\" };", "from 100 ms to 1 h"},
    {"bus = { timeout = \"99999999999999999999 s\" };", "found \"999999"},
    {"bus = { timeout = \"9223372036854775807 d\" };", "found \"9223372036854775807 d\""},
    {"bus = { batch = 0 };",
     "t.conf:1: bus.batch: found 0, expected a whole number, from 1 to"},
    {"bus = { batch = -3 };", "found -3"},
    {"bus = { batch = 1.5 };", "found the decimal number 1.5"},
    {"bus = { batch = \"12\" };", "found \"12\", expected a whole number"},
    {"bus = { batch = true };", "found true"},
    {"bus = {\n batch = 4294967297 };", "t.conf:2: the integer 4294967297 does not fit"},
    {"bus = { batch = 0xFFFFFFFFFF };", "does not fit"},
    {"bus = { batch = 99999999999999999999999L };", "does not fit"},
    {"bus = { batch = 6000000000L };", "found 6000000000"},
    {"bus = { mode = \"loose\" };", "found \"loose\", expected one of strict, lax"},
    {"bus = { endpoints = [] };", "found a list of 0 elements"},
    {"bus = { endpoints = [1] };", "found 1, expected endpoints such as"},
    {"bus = { endpoints = \"ipc:///x\" };", "found \"ipc:///x\", expected endpoints"},
    {"bus = { endpoints = [\"ipc://x\"] };", "found \"ipc://x\""},
    {"bus = { endpoints = [\"tcp\"] };", "found \"tcp\""},
    {"bus = { endpoints = [\"tcp://h:70000\"] };", "found \"tcp://h:70000\""},
    {"bus = { endpoints = [\"tcp://:80\"] };", "found \"tcp://:80\""},
    {"bus = { endpoints = [\"udp://h:80\"] };", "found \"udp://h:80\""},
    {"bus = { endpoints = [\"tcp://h h:80\"] };", "found \"tcp://h h:80\""},
    {"journal = { flush = 1 };", "found 1, expected true or false"},
    {"journal = { folder = \"var/lib\" };", "found \"var/lib\", expected an absolute path"},
    {"journal = { segment_size = \"1 KiB\" };", "from 1 MiB to 1 GiB"},
    {"journal = { segment_size = \"16 MB\" };", "found \"16 MB\""},
    {"journal = { segment_size = -5 };", "found -5"},
    {"plugins = 4;", "t.conf:1: plugins: expected a group"},
    {"plugins = { a = 4 };", "t.conf:1: plugins.a: expected a group NAME"},
    {"plugins = { a* = {} };", "plugins.a*"},
    {"plugins = { a = {\n\n rates = 4; } };",
     "t.conf:3: unknown option \"rates\" (did you mean "
     "\"rate\"?)"},
    {"plugins = { a = { audiences = [\"plugin\"] } };",
     "found \"plugin\", expected a list with "
     "each one of plugins, audit"},
    {"plugins = {a={};b={};c={};d={};};", "from 0 to 3 elements"},
    {"town = \"a\";\ntown = \"b\";", "t.conf:2: town is given twice, first in line 1"},
    {"plugins = {\n a = {};\n b = { x = { a = 1; }; };\n a\n= {}; };",
     "t.conf:4: plugins.a is given twice, first in line 2"},
    {"plugins = { a = {}; }; # plugins = {\nlist = ( { plugins = 1; } );\nplugins : {};",
     "t.conf:3: plugins is given twice, first in line 1"},
    {"\ntown = \"a;\n\n", "t.conf:2: a text opened here is never closed"},
    {"town = ;", "t.conf:1: syntax error"},
    {"\n  @include \"/etc/passwd\"\n", "t.conf:2: @include is not allowed"},
    {"town = \"x\"; @include \"y\"", "@include is not allowed"},
};

static void conf_load_bad_input_says_line_and_cause(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_inputs); i++) {
        struct conf *conf = NULL;
        struct ctps_err err = {0};

        if (load(bad_inputs[i].text, &conf, &err) != CTPS_INVALID)
            fail_msg("accepted: %s", bad_inputs[i].text);
        assert_null(conf);
        if (!strstr(err.text, bad_inputs[i].said))
            fail_msg("\"%s\"\n   said \"%s\"\n   not  \"%s\"", bad_inputs[i].text, err.text,
                     bad_inputs[i].said);
    }
}

static void conf_load_marks_inside_strings_and_comments_are_text(void **state)
{
    struct conf *conf =
        loaded("# @include 99999999999\n// 99999999999 \"\n/* @ \" 99999999999 */"
               "town = \"a@b 99999999999 # // /*\";");

    (void)state;
    assert_string_equal(conf_string(conf, "town"), "a@b 99999999999 # // /*");
    conf_free(&conf);
}

static void conf_load_string_with_nul_is_refused(void **state)
{
    static const char text[] = "town = \"a\";\n\0twon = 4;";
    struct conf *conf = NULL;
    struct ctps_err err;

    (void)state;
    assert_int_equal(conf_load_string(bytes_of(text, sizeof(text) - 1), "t.conf", rows,
                                      COUNT(rows), &conf, &err),
                     CTPS_INVALID);
    assert_string_equal(err.text, "t.conf:2: a NUL byte: not a text file");
}

static void conf_load_string_too_large_is_refused(void **state)
{
    size_t len = CONF_FILE_MAX + 1;
    char *text = malloc(len);
    struct conf *conf = NULL;

    (void)state;
    assert_non_null(text);
    memset(text, '\n', len);
    assert_int_equal(conf_load_string(bytes_of(text, len), "t", rows, COUNT(rows), &conf, NULL),
                     CTPS_LIMIT);
    assert_int_equal(
        conf_load_string(bytes_of(text, len - 1), "t", rows, COUNT(rows), &conf, NULL),
        CTPS_OK);
    conf_free(&conf);
    free(text);
}

static void conf_load_string_too_many_settings_is_refused(void **state)
{
    struct conf *conf = NULL;
    struct ctps_err err;
    struct buf text;

    (void)state;
    buf_init(&text);
    for (int i = 0; i <= CONF_SETTINGS_MAX; i++)
        buf_append(&text, "a=1;", 4);
    assert_int_equal(conf_load_string(buf_bytes(&text), "t", rows, COUNT(rows), &conf, &err),
                     CTPS_LIMIT);
    buf_done(&text);
}

static void conf_load_required_option_missing_is_refused(void **state)
{
    static const struct conf_row needed[] = {
        {.name = "store.folder", .type = CONF_PATH, .required = true, .help = "The folder."}};
    struct conf *conf = NULL;
    struct ctps_err err;

    (void)state;
    assert_int_equal(conf_load_string(bytes_of_str(""), "t", needed, 1, &conf, &err),
                     CTPS_INVALID);
    assert_string_equal(err.text, "t: missing option store.folder: The folder.");
    assert_int_equal(
        conf_load_string(bytes_of_str("store={folder=\"/x\"}"), "t", needed, 1, &conf, &err),
        CTPS_OK);
    conf_free(&conf);
}

static void conf_load_bad_rows_are_refused(void **state)
{
    static const struct conf_row bad[] = {
        {.name = "a.b.c", .type = CONF_BOOL, .help = "x."},
        {.name = "n", .type = CONF_INT, .fallback = "many", .help = "x."},
        {.name = "n", .type = CONF_INT, .fallback = "7", .min = 8, .max = 9, .help = "x."},
        {.name = "d", .type = CONF_DURATION, .fallback = "7", .help = "x."},
        {.name = "b", .type = CONF_BOOL, .fallback = "yes", .help = "x."},
        {.name = "e", .type = CONF_ENDPOINTS, .fallback = "ipc:///a udp://b", .help = "x."},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct conf *conf = NULL;

        assert_int_equal(conf_load_string(bytes_of_str(""), "t", &bad[i], 1, &conf, NULL),
                         CTPS_INVALID);
    }
}

static void conf_load_missing_file_is_absent(void **state)
{
    struct conf *conf = NULL;
    struct ctps_err err;

    (void)state;
    assert_int_equal(
        conf_load(sys_real(), "/nonexistent/ctpsd.conf", rows, COUNT(rows), &conf, &err),
        CTPS_ABSENT);
    assert_non_null(strstr(err.text, "/nonexistent/ctpsd.conf"));
}

static void conf_load_file_names_it_in_errors(void **state)
{
    char path[] = "/tmp/ctps-conf-XXXXXX";
    int fd = mkstemp(path);
    struct conf *conf = NULL;
    struct ctps_err err;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "\ntwon = 1;", 10), 10);
    close(fd);
    assert_int_equal(conf_load(sys_real(), path, rows, COUNT(rows), &conf, &err), CTPS_INVALID);
    assert_memory_equal(err.text, path, strlen(path));
    assert_non_null(strstr(err.text, ":2: unknown option"));
    unlink(path);
}

static void changed_append(void *ctx, const char *name, bool reload)
{
    struct buf *out = ctx;

    buf_append(out, name, strlen(name));
    buf_append(out, reload ? "+ " : "- ", 2);
}

static void conf_diff_lists_changed_options_and_their_reload(void **state)
{
    struct conf *before = loaded("plugins={a={rate=5;};b={};c={}};bus={batch=9}");
    struct conf *after =
        loaded("town=\"x\";journal={flush=false};bus={timeout=\"1 min\";batch=9};"
               "plugins={c={};a={rate=6;};d={}}");
    struct buf out;

    (void)state;
    buf_init(&out);
    assert_int_equal(conf_diff(before, after, changed_append, &out), 6);
    buf_append(&out, "", 1);
    assert_string_equal((char *)out.data, "town- journal.flush+ bus.timeout+ plugins.b- "
                                          "plugins.a.rate+ plugins.d- ");
    assert_int_equal(conf_diff(after, after, NULL, NULL), 0);
    buf_done(&out);
    conf_free(&before);
    conf_free(&after);
}

static void conf_diff_same_values_written_otherwise_is_empty(void **state)
{
    struct conf *before = loaded("");
    struct conf *after = loaded("bus={timeout=\"30000 ms\"};journal={segment_size=16777216}");

    (void)state;
    assert_int_equal(conf_diff(before, after, NULL, NULL), 0);
    conf_free(&before);
    conf_free(&after);
}

/* Takes away the "#" of the first column. */
static void uncomment(struct buf *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n") + 1;

        buf_append(out, *text == '#' ? text + 1 : text, *text == '#' ? len - 1 : len);
        text += len;
    }
    buf_append(out, "", 1);
}

static void conf_explain_sample_loads_and_means_the_defaults(void **state)
{
    struct conf *defaults = loaded("");
    struct conf *sample;
    struct conf *live;
    struct buf out;
    struct buf bare;

    (void)state;
    buf_init(&out);
    buf_init(&bare);
    conf_explain(rows, COUNT(rows), CONF_EXPLAIN_SAMPLE, &out);
    buf_append(&out, "", 1);
    sample = loaded((char *)out.data);
    assert_int_equal(conf_diff(defaults, sample, NULL, NULL), 0);
    assert_non_null(strstr((char *)out.data, "#    segment_size = \"16 MiB\";\n"));
    assert_non_null(strstr((char *)out.data, "from 1 MiB to 1 GiB; needs a restart."));
    uncomment(&bare, (char *)out.data);
    live = loaded((char *)bare.data);
    assert_true(conf_is_set(live, "bus.batch"));
    /* the folder, which has no default, and the plugin called NAME */
    assert_int_equal(conf_diff(defaults, live, NULL, NULL), 2);
    assert_int_equal(conf_map_count(live, "plugins"), 1);
    buf_done(&out);
    buf_done(&bare);
    conf_free(&defaults);
    conf_free(&sample);
    conf_free(&live);
}

static void conf_explain_man_names_every_option(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out);
    conf_explain(rows, COUNT(rows), CONF_EXPLAIN_MAN, &out);
    buf_append(&out, "", 1);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_non_null(strstr((char *)out.data, rows[i].name));
    assert_non_null(
        strstr((char *)out.data, ".TP\n.B plugins.NAME.limits.memory\nMost memory"));
    assert_non_null(strstr((char *)out.data, "Default: \"30 s\""));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conf_load_empty_gives_defaults),
        cmocka_unit_test(conf_load_full_file_gives_its_values),
        cmocka_unit_test(conf_load_map_gives_entries_with_their_own_defaults),
        cmocka_unit_test(conf_open_group_is_read_by_its_own_rows),
        cmocka_unit_test(conf_open_group_names_the_line_of_the_file),
        cmocka_unit_test(conf_open_group_absent_is_empty_and_else_is_refused),
        cmocka_unit_test(conf_load_bad_input_says_line_and_cause),
        cmocka_unit_test(conf_load_marks_inside_strings_and_comments_are_text),
        cmocka_unit_test(conf_load_string_with_nul_is_refused),
        cmocka_unit_test(conf_load_string_too_large_is_refused),
        cmocka_unit_test(conf_load_string_too_many_settings_is_refused),
        cmocka_unit_test(conf_load_required_option_missing_is_refused),
        cmocka_unit_test(conf_load_bad_rows_are_refused),
        cmocka_unit_test(conf_load_missing_file_is_absent),
        cmocka_unit_test(conf_load_file_names_it_in_errors),
        cmocka_unit_test(conf_diff_lists_changed_options_and_their_reload),
        cmocka_unit_test(conf_diff_same_values_written_otherwise_is_empty),
        cmocka_unit_test(conf_explain_sample_loads_and_means_the_defaults),
        cmocka_unit_test(conf_explain_man_names_every_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
