/* What is no plugin, or one of another interface, is refused in one sentence. */
#include "host/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    (void)host;
    (void)api;
    (void)ret_self;
    (void)why;
    (void)why_len;
    return CTPS_STATUS_OK;
}

static const struct ctps_option two[] = {
    {.name = "rate", .type = CTPS_OPTION_INT, .help = "How often."},
    {.name = "rate", .type = CTPS_OPTION_INT, .help = "How often again."},
};
static const struct ctps_option helpless[] = {{.name = "rate", .type = CTPS_OPTION_INT}};
static const struct ctps_option odd[] = {
    {.name = "rate", .type = (enum ctps_option_type)99, .help = "How often."}};
static const char *const audiences[] = {"plugins", NULL};

static struct ctps_plugin good(void)
{
    return (struct ctps_plugin){
        .magic = CTPS_PLUGIN_MAGIC,
        .abi_major = 1,
        .abi_minor = 0,
        .struct_len = sizeof(struct ctps_plugin),
        .name = "good-1",
        .version = "1",
        .summary = "Does nothing.",
        .options = two,
        .option_count = 1,
        .start = start,
    };
}

static void refused(struct ctps_plugin plugin, enum ctps_code expected, const char *said)
{
    struct ctps_err err = {0};

    assert_int_equal(load_check(&plugin, &err), expected);
    if (!strstr(err.text, said))
        fail_msg("\"%s\" does not say \"%s\"", err.text, said);
    assert_null(strchr(err.text, '\n'));
}

static void load_check_good_plugin_is_taken(void **state)
{
    struct ctps_plugin plugin = good();

    (void)state;
    assert_int_equal(load_check(&plugin, NULL), CTPS_OK);
    plugin.struct_len += 64; /* of a later minor version: more members, same beginning */
    assert_int_equal(load_check(&plugin, NULL), CTPS_OK);
}

static void load_check_other_interface_is_refused_before_anything_else(void **state)
{
    struct ctps_plugin other;

    (void)state;
    /* Nothing behind the first members may be read: it is no pointer. */
    memset(&other, 0x5a, sizeof(other));
    refused(other, CTPS_INVALID, "magic number 0x5a5a5a5a");
    other.magic = CTPS_PLUGIN_MAGIC;
    other.abi_major = 2;
    other.abi_minor = 0;
    refused(other, CTPS_UNSUPPORTED,
            "version 2.0 of the plugin interface, this ctps-host has 1.0");
    other.abi_major = 1;
    other.abi_minor = 7;
    refused(other, CTPS_UNSUPPORTED, "version 1.7");
    other.abi_minor = 0;
    other.struct_len = 100;
    refused(other, CTPS_INVALID, "100 bytes");
}

/* The good one but for what `alter` does to it. */
static void altered_is_refused(void (*alter)(struct ctps_plugin *plugin),
                               enum ctps_code expected, const char *said)
{
    struct ctps_plugin plugin = good();

    alter(&plugin);
    refused(plugin, expected, said);
}

static void name_upper(struct ctps_plugin *plugin)
{
    plugin->name = "Good";
}

static void name_none(struct ctps_plugin *plugin)
{
    plugin->name = NULL;
}

static void name_long(struct ctps_plugin *plugin)
{
    plugin->name = "a-name-that-is-longer-than-anybody-would-write";
}

static void flags_some(struct ctps_plugin *plugin)
{
    plugin->flags = 1;
}

static void start_none(struct ctps_plugin *plugin)
{
    plugin->start = NULL;
}

static void audience_unheard(struct ctps_plugin *plugin)
{
    plugin->audiences = audiences;
}

static void option_helpless(struct ctps_plugin *plugin)
{
    plugin->options = helpless;
}

static void option_odd(struct ctps_plugin *plugin)
{
    plugin->options = odd;
}

static void options_doubled(struct ctps_plugin *plugin)
{
    plugin->option_count = 2;
}

static void options_many(struct ctps_plugin *plugin)
{
    plugin->option_count = 5000;
}

static void load_check_bad_description_is_refused(void **state)
{
    (void)state;
    altered_is_refused(name_upper, CTPS_INVALID, "its name");
    altered_is_refused(name_none, CTPS_INVALID, "its name");
    altered_is_refused(name_long, CTPS_INVALID, "its name");
    altered_is_refused(flags_some, CTPS_UNSUPPORTED, "flags");
    altered_is_refused(start_none, CTPS_INVALID, "no start");
    altered_is_refused(audience_unheard, CTPS_INVALID, "no on_event");
    altered_is_refused(option_helpless, CTPS_INVALID, "no help");
    altered_is_refused(option_odd, CTPS_INVALID, "unknown type");
    altered_is_refused(options_doubled, CTPS_INVALID, "two options named rate");
    altered_is_refused(options_many, CTPS_INVALID, "more than");
}

static void load_describe_says_what_the_plugin_says(void **state)
{
    struct ctps_plugin plugin = good();
    Ctps__PluginDescription *is;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 16);
    plugin.audiences = audiences;
    is = load_describe(&arena, &plugin);
    assert_non_null(is);
    assert_string_equal(is->name, "good-1");
    assert_int_equal(is->n_audiences, 1);
    assert_string_equal(is->audiences[0], "plugins");
    assert_int_equal(is->n_actions, 0);
    assert_int_equal(is->n_options, 1);
    assert_string_equal(is->options[0]->name, "rate");
    assert_int_equal(is->options[0]->type, CTPS_OPTION_INT);
    arena_done(&arena);
}

static void load_plugin_missing_file_is_refused(void **state)
{
    const struct ctps_plugin *plugin;
    struct ctps_err err = {0};

    (void)state;
    assert_int_equal(load_plugin("/nowhere/at/all.so", &plugin, &err), CTPS_ABSENT);
    assert_non_null(strstr(err.text, "/nowhere/at/all.so"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load_check_good_plugin_is_taken),
        cmocka_unit_test(load_check_other_interface_is_refused_before_anything_else),
        cmocka_unit_test(load_check_bad_description_is_refused),
        cmocka_unit_test(load_describe_says_what_the_plugin_says),
        cmocka_unit_test(load_plugin_missing_file_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
